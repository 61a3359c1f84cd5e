/* SPDX-License-Identifier: MIT */
/* flow/keepalive.c - is the peer still there? (RFC 9293 3.8.4, in the manner of Linux.) Called by
 * flow.c when a flow is established, by timer.c, and by the owner when a setting changed. Costs
 * nothing per segment: the deadline is looked at only when it comes, and is then put off by what
 * was heard since. */
#include "flow/private.h"

/* RFC 9293 3.8.4, MUST-25: off unless asked for. Also begins anew when the setting changes. */
void mpt_keepalive_start(struct mpt_flow *f, uint64_t now)
{
    uint64_t idle = FLOW_TUNED(f, keepalive);

    f->keep_at = idle ? now + idle : MPT_NEVER;
    if (idle)
        mpt_timer_arm(f);
}

/* States in which silence may last for ever: not those whose own timers end them. */
static int is_watched(const struct mpt_flow *f)
{
    return f->state >= MPT_FLOW_ESTABLISHED && f->state != MPT_FLOW_TIME_WAIT;
}

/* Octets in flight, or held back by a closed window: those timers ask already (RFC 9293 3.8.4,
 * MUST-26: only when nothing was sent or received for the interval). */
static int is_busy(const struct mpt_flow *f)
{
    return f->ring.count > 0 || f->persist_at != MPT_NEVER;
}

/* The probe is the segment of output.c that a window probe is too: one before SND.NXT, without
 * data, so that any peer answers (RFC 9293 3.8.4). A single lost one must not end the connection
 * (MUST-27). The RST at the end is for a peer that only could not answer. */
static void probe(struct mpt_flow *f, uint64_t now)
{
    if (f->probes_out >= FLOW_TUNED(f, keepalive_probes)) {
        mpt_flow_reset(f, MPT_ETIMEDOUT, now);
        return;
    }
    f->probes_out++;
    f->pending |= MPT_PEND_PROBE;
    f->keep_at = now + FLOW_TUNED(f, keepalive_interval);
    FLOW_COUNT(f, KEEPALIVE);
}

void mpt_keepalive_timeout(struct mpt_flow *f, uint64_t now)
{
    uint64_t idle = FLOW_TUNED(f, keepalive);

    if (!idle || !is_watched(f))
        return;
    if (is_busy(f))
        f->keep_at = now + idle;
    else if (now - f->last_recv_at >= idle)
        probe(f, now);
    else
        f->keep_at = f->last_recv_at + idle;
    mpt_timer_arm(f);
}

/* The new times count from now, whatever was counted before. */
void mpt_flow_tuned(struct mpt_flow *f, uint64_t now)
{
    if (mpt_flow_is_open(f) && is_watched(f))
        mpt_keepalive_start(f, now);
}
