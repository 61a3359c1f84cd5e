/* SPDX-License-Identifier: MIT */
/* flow/tlp.c - tail loss probe: when the last segments of a burst are lost there is nothing
 * behind them to tell, so the last one is sent again before the RTO (RFC 8985 7). Called by
 * ack.c and output.c (schedule), timer.c. The probe is always a retransmission: new data that
 * may leave has left, the owner never waits. */
#include "flow/private.h"

/* RFC 8985 7.2: in the open state only; with anything SACKed or lost RACK has better news, and
 * before validation of a join nothing may be sent that is not budgeted (SYN-RCVD). One probe at
 * a time. */
static int may_probe(const struct mpt_flow *f)
{
    return f->sack_ok && f->state >= MPT_FLOW_ESTABLISHED && f->ring.count && !f->recovery_end &&
           !f->rto_end && !f->sacked_count && !f->lost_count && !f->tlp_end_seq;
}

/* RFC 8985 7.2, TLP_calc_PTO. Never later than the RTO, whose place it takes. */
void mpt_tlp_schedule(struct mpt_flow *f, uint64_t now)
{
    uint64_t pto = f->srtt ? 2 * f->srtt : 1000 * MPT_MS;

    if (!may_probe(f)) {
        f->tlp_at = MPT_NEVER;
        return;
    }
    if (f->ring.count == 1) /* the peer may be delaying its ACK */
        pto += f->env->config->tcp_delack;
    f->tlp_at = now + pto < f->rto_at ? now + pto : f->rto_at;
}

/* RFC 8985 7.3: sent by output.c, whatever cwnd says. */
void mpt_tlp_timeout(struct mpt_flow *f, uint64_t now)
{
    if (!may_probe(f))
        return;
    f->pending |= MPT_PEND_TLP;
    f->tlp_end_seq = f->snd_nxt;
    f->rto_at = now + f->rto; /* RFC 8985 7.3: the RTO starts anew at the probe */
    FLOW_COUNT(f, LOSS_PROBES);
    mpt_timer_arm(f);
}

/* RFC 8985 7.4.2: did the probe repair a loss that nobody has reported? Then cwnd must pay for
 * it. */
void mpt_tlp_ack(struct mpt_flow *f, uint64_t ack, const struct mpt_ack *a, uint64_t now)
{
    /* nothing about the probe yet */
    if (ack < f->tlp_end_seq)
        return;
    if (!a->dsack && ack == f->tlp_end_seq && a->advanced)
        return; /* original or probe? The next ACK tells: a DSACK, or a plain duplicate */
    if (!a->dsack && ack > f->tlp_end_seq) {
        if (!mpt_ecn_in_cwr(f))
            f->cc.ops->loss(&f->cc, mpt_recovery_pipe(f), now);
        mpt_ecn_reduced(f);
        FLOW_TRACE(f, recovery, now, 1, f->cc.cwnd, f->cc.ssthresh, f->in_flight);
    }
    f->tlp_end_seq = 0;
}
