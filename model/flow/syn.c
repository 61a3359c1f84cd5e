/* SPDX-License-Identifier: MIT */
/* flow/syn.c - the handshake: options of SYNs (RFC 9293 3.7.1, RFC 7323 2.2, RFC 2018 2),
 * segments in SYN-SENT (RFC 9293 3.10.7.3), repetition of SYN and SYN/ACK (RFC 6298 5, RFC 9293
 * 3.8.3). SYN data: jwd/README.md. Called by input.c, emit.c, flow.c and recovery.c. */
#include "flow/private.h"

/* What the interface can carry in one segment, options included (RFC 6691). */
static uint32_t total_mss(const struct mpt_flow *f)
{
    return f->mtu - (f->local.family == 6 ? 40 : 20) - MPT_TCP_HEADER;
}

/* RFC 7323 1.3: a SYN/ACK may only agree to what the SYN offered; our own SYN offers what is
 * configured. */
void mpt_syn_options(const struct mpt_flow *f, struct mpt_tcp_options *o, uint64_t now)
{
    int answer = f->state != MPT_FLOW_SYN_SENT; /* a SYN/ACK has only what the SYN offered */

    memset(o, 0, sizeof *o);
    o->has_mss = 1;
    o->mss = (uint16_t)(total_mss(f) > 65535 ? 65535 : total_mss(f));
    o->has_sack_ok = answer ? f->sack_ok : f->env->config->tcp_sack != 0;
    o->has_ts = answer ? f->ts_ok : f->env->config->tcp_timestamps != 0;
    o->has_wscale = answer ? f->wscale_ok : 1;
    o->wscale = answer ? f->rcv_wscale : mpt_window_scale(f);
    o->ts_val = mpt_emit_clock(f, now);
    o->ts_ecr = f->ts_recent;
    if (f->syn_count <= 1) { /* a repetition goes without: a box may not like it (RFC 7413 4.2.1) */
        o->cookie = f->cookie;
        o->cookie_pad = f->env->config->wire == MPT_WIRE_LINUX;
    }
}

/* All that a SYN can tell is taken here, on both sides; nothing of it changes later. */
void mpt_syn_adopt(struct mpt_flow *f, const struct mpt_segment *s)
{
    const struct mpt_tcp_options *o = &s->tcp;

    f->irs = s->seq;
    mpt_ecn_adopt(f, s);
    f->peer_mss = o->has_mss && o->mss >= 64 ? o->mss : 536; /* default: RFC 9293 3.7.1 */
    f->ts_ok = o->has_ts && f->env->config->tcp_timestamps;
    f->sack_ok = o->has_sack_ok && f->env->config->tcp_sack;
    f->wscale_ok = o->has_wscale;
    f->snd_wscale = o->has_wscale ? (uint8_t)(o->wscale > 14 ? 14 : o->wscale) : 0;
    f->rcv_wscale = o->has_wscale ? mpt_window_scale(f) : 0;
    if (f->ts_ok)
        f->ts_recent = o->ts_val;
    f->mss = mpt_icmp_mss(f);
    f->snd_wnd = f->snd_wnd_max = s->window; /* never scaled in a SYN: RFC 7323 2.2 */
    f->snd_wl1 = 0;
    f->snd_wl2 = f->snd_una;
    f->rcv_nxt = f->ts_last_ack = 1;
    f->rcv_edge++; /* our SYN has offered a window beyond the peer's SYN */
    f->rcv_told = f->rcv_edge;
    mpt_rob_init(&f->rob, 1);
}

/* RFC 9293 3.5.1, 3.10.7.3: both ends sent a SYN. */
static void open_simultaneously(struct mpt_flow *f, const struct mpt_segment *s, uint64_t now)
{
    if (f->no_simultaneous)
        return;
    mpt_syn_adopt(f, s);
    mpt_flow_start_cc(f, now);
    f->pending |= MPT_PEND_SYN;
    mpt_flow_set_state(f, MPT_FLOW_SYN_RCVD, now);
}

/* SYN data that the peer did not take leaves again behind the third ACK; that says nothing of
 * congestion. */
static void lose_syn_data(struct mpt_flow *f)
{
    if (f->ring.count && mpt_ring_at(&f->ring, f->ring.head)->flags & MPT_SEG_SYN_DATA)
        mpt_recovery_lose(f, f->ring.head);
}

/* RFC 7413 4.2.1: a part of the SYN's octets may be acknowledged; the rest is a segment of its own from now on. */
static void split_syn_data(struct mpt_flow *f, uint64_t ack, uint64_t now)
{
    struct mpt_seg *seg = f->ring.count ? mpt_ring_at(&f->ring, f->ring.head) : NULL, taken;

    if (!seg || !(seg->flags & MPT_SEG_SYN_DATA) || ack <= seg->seq)
        return;
    taken = *seg;
    taken.len = (uint32_t)(ack - seg->seq);
    seg->seq += taken.len;
    seg->dsn += taken.len;
    seg->len -= taken.len;
    f->in_flight -= taken.len;
    f->ops->acked(f, &taken, 0, now);
}

/* The order is due to the hooks: the ACK first releases SYN data, so that the owner knows at
 * ESTABLISHED what is left of it. The third ACK is a pure one with the owner's options (RFC 8684
 * 3.1, 3.2), even if data follows. */
static void take_synack(struct mpt_flow *f, const struct mpt_segment *s, uint64_t ack, uint64_t now)
{
    struct mpt_ack a = {.ts_ecr = s->tcp.ts_ecr, .has_ts = s->tcp.has_ts};

    mpt_syn_adopt(f, s);
    mpt_flow_start_cc(f, now);
    f->snd_wl2 = ack;
    mpt_ack_release(f, ack, &a, now);
    split_syn_data(f, ack, now);
    if (!mpt_flow_is_open(f))
        return;
    /* RFC 6298 3: a SYN that was repeated gives a sample only by its timestamp */
    mpt_rtt_update(f, &a, now);
    lose_syn_data(f);
    f->rto_count = 0;
    f->rto_at = f->ring.count ? now + f->rto : MPT_NEVER;
    f->pending |= MPT_PEND_ACK;
    mpt_flow_establish(f, now);
    mpt_timer_arm(f);
}

/* A SYN/ACK may acknowledge some of a SYN's octets (RFC 7413 4.2.1), of a join record all or none. */
static int answers(const struct mpt_flow *f, uint32_t ack)
{
    int whole = f->syn_data && mpt_ring_at(&f->ring, f->ring.head + 1)->flags & MPT_SEG_RECORD;

    return ack == 1 || ack == 1 + f->syn_data || (!whole && ack > 1 && ack < 1 + f->syn_data);
}

/* RFC 9293 3.10.7.3, in its order: ACK, RST, SYN. */
void mpt_syn_sent_input(struct mpt_flow *f, const struct mpt_segment *s, uint64_t now)
{
    uint32_t ack = s->ack - f->iss;

    if (s->flags & MPT_TCP_ACK && !answers(f, ack)) {
        if (!(s->flags & MPT_TCP_RST))
            mpt_close_bare_rst(f, s);
        return;
    }
    if (s->flags & MPT_TCP_RST) {
        if (s->flags & MPT_TCP_ACK)
            mpt_close_done(f, MPT_ECONNREFUSED, now);
        return;
    }
    if (!(s->flags & MPT_TCP_SYN))
        return;
    f->last_recv_at = now;
    if (!(s->flags & MPT_TCP_ACK)) {
        open_simultaneously(f, s, now);
        return;
    }
    f->rst_seq = ack; /* what a RST by the hook needs */
    f->irs = s->seq;
    f->rcv_nxt = 1;
    if (f->ops->synack && !mpt_flow_obey(f, f->ops->synack(f, s, ack - 1, now), now))
        return;
    take_synack(f, s, ack, now);
}

int mpt_syn_data(struct mpt_flow *f, uint32_t len, uint16_t flags, uint64_t dsn, uint64_t now)
{
    struct mpt_seg data = {.seq = 1, .sent_at = now, .dsn = dsn, .len = len,
                           .flags = (uint16_t)(flags | MPT_SEG_SYN_DATA)};

    if (!mpt_ring_push(&f->ring, f->env->mem, &data))
        return MPT_ENOMEM;
    f->snd_nxt += len;
    f->in_flight = f->syn_data = len;
    return 0;
}

/* RFC 6298 5.4-5.6 for the handshake. cwnd and the loss marks do not care: there is nothing else
 * in flight that the peer could have taken. */
int mpt_syn_timeout(struct mpt_flow *f, uint64_t now)
{
    if (f->ring.count == 0 || !(mpt_ring_at(&f->ring, f->ring.head)->flags & MPT_SEG_SYN))
        return 0;
    if (f->syn_count > f->env->config->tcp_syn_retries) {
        mpt_close_done(f, MPT_ETIMEDOUT, now);
        return 1;
    }
    FLOW_COUNT(f, TIMEOUTS);
    f->rto_count++;
    mpt_rtt_back_off(f);
    f->rto_at = now + f->rto;
    f->pending |= MPT_PEND_SYN;
    FLOW_TRACE(f, rto, now, f->rto_count, f->rto, f->in_flight, f->cc.cwnd);
    f->ops->event(f, MPT_FLOW_EV_RTO, now);
    return 1;
}
