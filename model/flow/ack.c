/* SPDX-License-Identifier: MIT */
/* flow/ack.c - what an acceptable ACK changes (RFC 9293 3.10.7.4 fifth step; RFC 5681, RFC 6298
 * 5.2-5.3). Called by input.c; it asks sack.c, rtt.c, recovery.c and the congestion control,
 * then tells the owner. */
#include "flow/private.h"

/* The segment has arrived, known by SACK or by the cumulative ACK: out of the pipe or off the
 * lost list, and into the samples for RTT and RACK. */
void mpt_ack_delivered(struct mpt_flow *f, uint32_t i, struct mpt_ack *a, uint64_t now)
{
    struct mpt_seg *seg = mpt_ring_at(&f->ring, i);

    if (seg->flags & MPT_SEG_LOST) {
        seg->flags &= (uint16_t)~MPT_SEG_LOST;
        f->lost_count--;
    } else {
        mpt_ring_land(&f->ring, i);
        f->in_flight -= seg->len;
    }
    a->delivered += seg->len;
    if (seg->len > f->mss_acked) /* no segment is longer than 65,535 octets */
        f->mss_acked = (uint16_t)seg->len;
    if (seg->flags & MPT_SEG_RETX) {
        a->retx = 1;
    } else {
        if (!a->samples)
            a->first_sent = seg->sent_at;
        a->last_sent = seg->sent_at;
        a->samples = 1;
    }
    mpt_rack_delivered(f, seg, a, now);
}

/* Everything up to `ack` leaves the ring. It is taken out before the hook sees it: a hook may
 * end the flow. An ACK inside a segment (a proxy's) moves snd_una, the segment stays whole. */
void mpt_ack_release(struct mpt_flow *f, uint64_t ack, struct mpt_ack *a, uint64_t now)
{
    struct mpt_seg_ring *r = &f->ring;

    while (r->count) {
        const struct mpt_seg *seg = mpt_ring_at(r, r->head);

        /* only whole segments leave: what is acknowledged in part may still have to be sent again */
        if (mpt_seg_end(seg) > ack)
            break;
        if (seg->flags & MPT_SEG_SACKED)
            f->sacked_count--;
        else
            mpt_ack_delivered(f, r->head, a, now);
        if (seg->flags & MPT_SEG_FIN)
            a->fin = 1;
        r->head++;
        r->count--;
        /* SYN and FIN are the flow's own, the owner never saw them */
        if (seg->len) {
            f->ops->acked(f, seg, 0, now);
            if (!mpt_flow_is_open(f))
                return;
        }
    }
    if (ack > f->snd_una) {
        f->snd_una = ack;
        a->advanced = 1;
    }
}

/* RFC 9293 3.10.7.4: only a newer segment speaks of the window. */
static void update_window(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq,
                          uint64_t ack, struct mpt_ack *a)
{
    uint64_t wnd = (uint64_t)s->window << f->snd_wscale;

    if (f->snd_wl1 > seq || (f->snd_wl1 == seq && f->snd_wl2 > ack))
        return;
    a->window = wnd + ack > f->snd_wnd + f->snd_una;
    f->snd_wnd = wnd;
    f->snd_wl1 = seq;
    f->snd_wl2 = ack;
    if (wnd > f->snd_wnd_max)
        f->snd_wnd_max = wnd;
}

/* RFC 7661 as Linux: in slow start the window may be twice what was used, later no larger than
 * it. */
static void grow_cwnd(struct mpt_flow *f, const struct mpt_ack *a, uint64_t now)
{
    uint64_t used = f->flight_max + f->mss;

    f->cc.limited = f->cc.cwnd < f->cc.ssthresh ? f->cc.cwnd < 2 * used : f->cc.cwnd <= used;
    f->cc.ops->ack(&f->cc, a->delivered, now);
}

/* RFC 6298 5.2, 5.3: progress restarts the RTO. SACKs are progress to the probe only (RFC 8985
 * 7.2). */
static void move_timers(struct mpt_flow *f, const struct mpt_ack *a, uint64_t now)
{
    if (a->advanced) {
        f->rto_count = 0;
        f->pmtu_claim = 0;
        f->rto_at = f->ring.count ? now + f->rto : MPT_NEVER;
    }
    if (f->ring.count == 0 || a->window)
        mpt_window_persist(f, now);
    if (a->advanced || a->sacked)
        mpt_tlp_schedule(f, now);
    mpt_timer_arm(f);
}

/* Nothing lost, nothing SACKed, nothing in doubt: most ACKs, and the detectors need not look at
 * them. */
static int is_plain(const struct mpt_flow *f, const struct mpt_ack *a)
{
    return !(f->sacked_count | f->lost_count | f->dupacks | (uint32_t)a->dsack |
             (uint32_t)a->retx) &&
           f->sack_ok && !(f->recovery_end | f->rto_end | f->tlp_end_seq);
}

/* The order matters: first what arrived, then what that says about the rest, then the window
 * (not during recovery, RFC 5681 3.2), then timers, then the owner, who may send or close. */
void mpt_ack_process(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq, uint64_t ack,
                     uint64_t now)
{
    struct mpt_ack a = {.ts_ecr = s->tcp.ts_ecr, .has_ts = s->tcp.has_ts};

    if (ack < f->snd_una)
        return; /* old: nothing in it is news */
    update_window(f, s, seq, ack, &a);
    /* any acceptable ACK answers a probe (RFC 9293 3.8.6.1) */
    f->probes_out = 0;
    if (ack > f->snd_una)
        mpt_ack_release(f, ack, &a, now);
    if (!mpt_flow_is_open(f))
        return;
    if (s->tcp.sacks && f->sack_ok)
        mpt_sack_process(f, s, ack, &a, now);
    if (a.delivered || a.advanced)
        mpt_rtt_update(f, &a, now);
    if (!is_plain(f, &a))
        mpt_recovery_ack(f, s, ack, &a, now);
    if (s->flags & MPT_TCP_ECE && f->ecn & MPT_FLOW_ECN_OK)
        mpt_ecn_echo(f, now);
    if (a.delivered && !f->recovery_end && !mpt_ecn_in_cwr(f))
        grow_cwnd(f, &a, now);
    move_timers(f, &a, now);
    if (a.fin)
        mpt_close_fin_acked(f, now);
    if ((a.delivered || a.window) && mpt_flow_is_open(f))
        f->ops->event(f, MPT_FLOW_EV_SENDABLE, now);
}
