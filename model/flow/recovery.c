/* SPDX-License-Identifier: MIT */
/* flow/recovery.c - what follows from a loss: the window (RFC 5681 3.2, RFC 6675 5), what is
 * sent again and when, the retransmission time-out (RFC 6298 5.4-5.7), and NewReno for peers
 * without SACK (RFC 6582). Called by ack.c after each ACK that is not plain progress, and by
 * timer.c. */
#include "flow/private.h"

/* Flying -> LOST: it leaves the pipe and waits for its retransmission. */
void mpt_recovery_lose(struct mpt_flow *f, uint32_t i)
{
    struct mpt_seg *seg = mpt_ring_at(&f->ring, i);

    if (seg->flags & (MPT_SEG_LOST | MPT_SEG_SACKED))
        return;
    mpt_ring_land(&f->ring, i);
    f->in_flight -= seg->len;
    seg->flags |= MPT_SEG_LOST;
    if (f->lost_count++ == 0 || (int32_t)(i - f->lost_hint) < 0)
        f->lost_hint = i;
    f->segs_lost++;
}

/* Lowest first (RFC 6675 4, NextSeg rule 1). The hint makes a whole recovery one walk over the
 * ring. */
uint32_t mpt_recovery_next(struct mpt_flow *f)
{
    if ((int32_t)(f->lost_hint - f->ring.head) < 0)
        f->lost_hint = f->ring.head;
    while (!(mpt_ring_at(&f->ring, f->lost_hint)->flags & MPT_SEG_LOST))
        f->lost_hint++;
    return f->lost_hint;
}

/* Duplicate ACKs without SACK say that something left the network (RFC 5681 3.2 step 4). */
uint64_t mpt_recovery_pipe(const struct mpt_flow *f)
{
    uint64_t gone = (uint64_t)f->dupacks * f->mss;

    return f->in_flight > gone ? f->in_flight - gone : 0;
}

/* RFC 6675 5: the first one leaves at once, the others as the pipe allows. */
int mpt_recovery_may_send(const struct mpt_flow *f)
{
    uint64_t pipe = mpt_recovery_pipe(f);

    /* In SYN-RCVD data is worth nothing to a peer that may not have the SYN/ACK. */
    return f->lost_count && !f->hold_data && !(f->state == MPT_FLOW_SYN_RCVD && f->snd_una == 0) &&
           (f->retx_free || pipe == 0 || pipe + f->mss <= f->cc.cwnd);
}

/* RFC 6675 5 (4): recovery point, reduction, and the first retransmission at once. */
void mpt_recovery_enter(struct mpt_flow *f, uint64_t now)
{
    if (f->recovery_end || f->rto_end) /* once per window; after a time-out slow start goes on */
        return;
    mpt_undo_begin(f);
    /* the recovery point (RFC 6675 5 step 4.1) */
    f->recovery_end = f->snd_nxt;
    f->retx_free = 1;
    f->tlp_at = MPT_NEVER;
    f->tlp_end_seq = 0;
    f->pending &= (uint8_t)~MPT_PEND_TLP;
    if (!mpt_ecn_in_cwr(f)) /* RFC 3168 6.1.2: ECE has spoken for this window already */
        f->cc.ops->loss(&f->cc, mpt_recovery_pipe(f), now);
    mpt_ecn_reduced(f);
    FLOW_COUNT(f, SACK_RECOVERY);
    FLOW_TRACE(f, recovery, now, 1, f->cc.cwnd, f->cc.ssthresh, f->in_flight);
}

/* RFC 6675 5: the recovery point is acknowledged. cwnd already is ssthresh; nothing was
 * inflated, nothing deflates. */
static void leave(struct mpt_flow *f, uint64_t now)
{
    if (f->recovery_end && f->snd_una >= f->recovery_end) {
        f->recovery_end = 0;
        f->retx_free = 0;
        f->dupacks = 0;
        mpt_rack_recovered(f);
        FLOW_TRACE(f, recovery, now, 0, f->cc.cwnd, f->cc.ssthresh, f->in_flight);
    }
    if (f->rto_end && f->snd_una >= f->rto_end)
        f->rto_end = 0;
}

/* Without SACK the segment at SND.UNA is the only one that can be told to be missing. */
static void lose_head(struct mpt_flow *f)
{
    if (f->ring.count)
        mpt_recovery_lose(f, f->ring.head);
}

/* RFC 6582 3.2: three duplicates begin it, each partial ACK shows the next hole. */
static void newreno(struct mpt_flow *f, const struct mpt_segment *s, uint64_t ack,
                    const struct mpt_ack *a, uint64_t now)
{
    if (a->advanced) {
        f->dupacks = 0;
        if (f->recovery_end && f->snd_una < f->recovery_end) {
            lose_head(f);
            f->retx_free = 1;
        }
        return;
    }
    if (!f->ring.count || ack != f->snd_una || s->len || a->window || s->flags & MPT_TCP_FIN)
        return;
    if (++f->dupacks == f->env->config->tcp_dupthresh && !f->recovery_end && !f->rto_end) {
        lose_head(f);
        mpt_recovery_enter(f, now);
    }
}

/* After an ACK that is not plain progress. Undo comes first: what it takes back must not be
 * reduced again. */
void mpt_recovery_ack(struct mpt_flow *f, const struct mpt_segment *s, uint64_t ack,
                      const struct mpt_ack *a, uint64_t now)
{
    if (f->undo_end)
        mpt_undo_ack(f, a, now);
    leave(f, now);
    if (f->tlp_end_seq)
        mpt_tlp_ack(f, ack, a, now);
    if (!f->sack_ok) {
        newreno(f, s, ack, a, now);
        return;
    }
    if (f->rack_advanced && mpt_rack_detect(f, now))
        mpt_recovery_enter(f, now);
}

/* RFC 6675 5.1; RFC 2018 8: a head that was SACKed but never acknowledged means the peer took it
 * back. */
static void lose_all(struct mpt_flow *f)
{
    struct mpt_seg_ring *r = &f->ring;
    int taken_back = (mpt_ring_at(r, r->head)->flags & MPT_SEG_SACKED) != 0;

    for (uint32_t i = r->head; i != r->head + r->count; i++) {
        struct mpt_seg *seg = mpt_ring_at(r, i);

        if (seg->flags & MPT_SEG_SACKED && taken_back) {
            seg->flags &= (uint16_t)~MPT_SEG_SACKED;
            f->sacked_count--;
            mpt_ring_fly(r, i);
            f->in_flight += seg->len;
        }
        mpt_recovery_lose(f, i);
    }
    if (taken_back)
        mpt_sack_forget(f);
}

/* RFC 6298 5.4-5.6, RFC 5681 3.1. All that is not SACKed counts as lost, the window is one
 * segment, slow start begins; RACK goes on finding lost retransmissions meanwhile. The event
 * comes last: the owner may reinject elsewhere, or kill. */
void mpt_recovery_timeout(struct mpt_flow *f, uint64_t now)
{
    if (mpt_syn_timeout(f, now) || !f->ring.count)
        return;
    FLOW_COUNT(f, TIMEOUTS);
    if (f->rto_count >= f->env->config->tcp_retries) {
        mpt_close_done(f, MPT_ETIMEDOUT, now);
        return;
    }
    f->rto_count++;
    f->stale = 1;
    FLOW_TRACE(f, rto, now, f->rto_count, f->rto, f->in_flight, f->cc.cwnd);
    if (!f->rto_end && !f->recovery_end)
        mpt_undo_begin(f);
    if (!f->rto_end) /* RFC 5681 3.1: ssthresh stays when the same data times out again */
        f->cc.ops->timeout(&f->cc, f->in_flight, now);
    f->cc.cwnd = f->cc.mss;
    mpt_ecn_reduced(f);
    f->rto_end = f->snd_nxt;
    f->recovery_end = f->tlp_end_seq = 0;
    f->dupacks = f->retx_free = 0;
    f->pending &= (uint8_t)~MPT_PEND_TLP;
    f->tlp_at = f->rack_at = MPT_NEVER;
    lose_all(f);
    if (f->pmtu | f->pmtu_claim)
        mpt_icmp_timeout(f, now);
    mpt_rtt_back_off(f);
    f->rto_at = now + f->rto;
    mpt_timer_arm(f);
    f->ops->event(f, MPT_FLOW_EV_RTO, now);
}
