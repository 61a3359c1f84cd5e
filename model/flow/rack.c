/* SPDX-License-Identifier: MIT */
/* flow/rack.c - RACK: a segment is lost when one sent sufficiently later has arrived (RFC 8985
 * 5, 6; Appendix on DupThresh replaces RFC 6675's counting). Called by ack.c for each arrival,
 * by recovery.c after each ACK, by timer.c for the reordering timer. */
#include "flow/private.h"

enum { REO_PERSIST = 16 /* recoveries a widened window outlives, RFC 8985 6.2 step 4 */ };

/* RFC 8985 6.2: RACK_sent_after */
static int sent_after(uint64_t at1, uint64_t end1, uint64_t at2, uint64_t end2)
{
    return at1 > at2 || (at1 == at2 && end1 > end2);
}

/* RFC 8985 6.2 step 2: is this arrival that of the first copy, not of the one sent last? */
static int is_ambiguous(const struct mpt_flow *f, const struct mpt_seg *seg,
                        const struct mpt_ack *a, uint64_t now)
{
    if (!(seg->flags & MPT_SEG_RETX))
        return 0;
    if (a->has_ts && f->ts_ok && (int32_t)(a->ts_ecr - mpt_emit_clock(f, seg->sent_at)) < 0)
        return 1;
    return now - seg->sent_at < f->min_rtt;
}

/* RFC 8985 6.2 steps 2 and 3 for one segment, just before it leaves the books: the latest sent
 * of all that arrived is what the others are measured by. */
void mpt_rack_delivered(struct mpt_flow *f, const struct mpt_seg *seg, const struct mpt_ack *a,
                        uint64_t now)
{
    uint64_t end = mpt_seg_end(seg);

    if (end > f->rack_fack) /* step 3 */
        f->rack_fack = end;
    else if (end < f->rack_fack && !(seg->flags & MPT_SEG_RETX))
        f->rack_reordering = 1;
    if (is_ambiguous(f, seg, a, now))
        return;
    f->rack_advanced = 1;
    if (sent_after(seg->sent_at, end, f->rack_sent_at, f->rack_end_seq)) {
        f->rack_rtt = now - seg->sent_at;
        f->rack_sent_at = seg->sent_at;
        f->rack_end_seq = end;
    }
}

/* RFC 8985 6.2 step 4: a DSACK means that the reordering window was too narrow. */
void mpt_rack_dsack(struct mpt_flow *f)
{
    if (f->snd_una < f->rack_dsack_round)
        return; /* once per round trip */
    f->rack_dsack_round = f->snd_nxt;
    f->rack_reo_mult++;
    f->rack_reo_persist = REO_PERSIST;
}

/* RFC 8985 6.2 step 4: a widened window narrows again after 16 recoveries without DSACK. */
void mpt_rack_recovered(struct mpt_flow *f)
{
    if (f->rack_reo_persist && --f->rack_reo_persist == 0)
        f->rack_reo_mult = 1;
}

/* RFC 8985 6.2 step 4 */
static uint64_t reordering_window(const struct mpt_flow *f)
{
    uint64_t wnd;

    if (!f->rack_reordering &&
        (f->recovery_end || f->rto_end || f->sacked_count >= f->env->config->tcp_dupthresh))
        return 0;
    wnd = f->rack_reo_mult * (f->min_rtt / 4);
    return wnd < f->srtt ? wnd : f->srtt;
}

/* RFC 8985 6.2 step 5. The list is sorted by time of transmission, so the walk ends at the first
 * segment that is not lost: each segment is looked at when it is lost, and at most one more. */
int mpt_rack_detect(struct mpt_flow *f, uint64_t now)
{
    struct mpt_seg_ring *r = &f->ring;
    int any = 0;

    f->rack_at = MPT_NEVER;
    if (!f->rack_sent_at && !f->rack_end_seq)
        return 0;
    f->rack_advanced = 0;
    f->rack_reo_wnd = reordering_window(f);
    while (r->flying_count) {
        uint32_t i = r->flying_first;
        const struct mpt_seg *seg = mpt_ring_at(r, i);

        /* this one was sent after the youngest that arrived: nothing is known of it or of those
         * behind */
        if (!sent_after(f->rack_sent_at, f->rack_end_seq, seg->sent_at, mpt_seg_end(seg)))
            break;
        if (seg->sent_at + f->rack_rtt + f->rack_reo_wnd > now) {
            /* The youngest candidate went at rack_sent_at: one timer for all of them. */
            f->rack_at = f->rack_sent_at + f->rack_rtt + f->rack_reo_wnd;
            break;
        }
        mpt_recovery_lose(f, i);
        any = 1;
    }
    mpt_timer_arm(f);
    return any;
}
