/* SPDX-License-Identifier: MIT */
/* flow/undo.c - a reduction of cwnd that was wrong is taken back: the path had delayed or
 * reordered, not lost. Known from DSACKs for all that was sent again (RFC 3708; RFC 2883 5), or
 * from an ACK that echoes the timestamp of the first copy (Eifel, RFC 3522 3.2, response RFC
 * 4015). Mobile paths stall for longer than an RTO all the time. Called by recovery.c (begin,
 * ack), output.c (sent), sack.c (dsack). */
#include "flow/private.h"

/* Remembers; a recovery inside a time-out's slow start keeps the older memory. */
void mpt_undo_begin(struct mpt_flow *f)
{
    f->undo_cwnd = f->cc.cwnd;
    f->undo_ssthresh = f->cc.ssthresh;
    f->undo_from = f->snd_una;
    f->undo_end = f->snd_nxt;
    f->undo_retx = 0;
    f->undo_echo = 0;
}

/* RFC 3522 3.2, RetransmitTS: the timestamp of the first retransmission; an older echo is that of the
 * original. */
void mpt_undo_sent(struct mpt_flow *f, uint64_t now)
{
    if (!f->undo_end || f->undo_retx++ > 0)
        return;
    f->undo_clock = mpt_emit_clock(f, now);
    f->undo_echo = 1;
}

/* What was marked LOST and has not gone again is in flight after all. From the youngest down: each is
 * older than those before it and finds its place in the order by time at once. */
static void find_lost(struct mpt_flow *f)
{
    uint32_t i = f->ring.head + f->ring.count;

    while (f->lost_count) {
        struct mpt_seg *seg = mpt_ring_at(&f->ring, --i);

        if (!(seg->flags & MPT_SEG_LOST))
            continue;
        seg->flags &= (uint16_t)~MPT_SEG_LOST;
        f->lost_count--;
        f->in_flight += seg->len;
        mpt_ring_fly_again(&f->ring, i);
    }
}

/* RFC 4015 3.2, simplified: back to what was, but never below what is. */
static void undo(struct mpt_flow *f, uint64_t now)
{
    f->undo_end = 0;
    if (f->cc.cwnd < f->undo_cwnd)
        f->cc.cwnd = f->undo_cwnd;
    if (f->cc.ssthresh < f->undo_ssthresh)
        f->cc.ssthresh = f->undo_ssthresh;
    /* neither recovery nor slow start after the time-out goes on: nothing was lost */
    f->recovery_end = f->rto_end = 0;
    f->retx_free = 0;
    find_lost(f);
    FLOW_TRACE(f, recovery, now, 0, f->cc.cwnd, f->cc.ssthresh, f->in_flight);
}

/* RFC 3708 2: when each retransmission has turned out a duplicate, none was needed. */
void mpt_undo_dsack(struct mpt_flow *f, uint64_t to, uint64_t now)
{
    if (!f->undo_end || !f->undo_retx || to <= f->undo_from || to > f->undo_end)
        return;
    if (--f->undo_retx == 0)
        undo(f, now);
}

/* In fast recovery the echo speaks of one segment only: then nothing else may be lost. */
void mpt_undo_ack(struct mpt_flow *f, const struct mpt_ack *a, uint64_t now)
{
    int sole = f->rto_end || (f->undo_retx == 1 && f->lost_count == 0);

    if (!a->advanced || !f->undo_retx)
        return;
    if (f->undo_echo && sole && f->ts_ok && a->has_ts && (int32_t)(a->ts_ecr - f->undo_clock) < 0)
        undo(f, now);
    else if (f->snd_una > f->undo_end + f->undo_cwnd)
        f->undo_end = 0; /* too long ago, even for DSACKs */
    f->undo_echo = 0;
}
