/* SPDX-License-Identifier: MIT */
/* sched/minrtt.c - the lowest-RTT subflow with room, with opportunistic retransmission and penalisation (Raiciu et
 * al., "How Hard Can It Be? Designing and Implementing a Deployable Multipath TCP", NSDI 2012, section 4.2). */
#include "sched/choose.h"

static struct mpt_subflow *pick(struct mpt_conn *c, uint64_t now)
{
    return mpt_choose_fastest(c, mpt_choose_best(c), NULL, now);
}

/* Halves the slow subflow's window, once per its round trip. */
static void penalise(struct mpt_conn *c, struct mpt_subflow *slow, uint64_t now)
{
    struct mpt_cc_state *cc = &slow->flow.cc;

    if (now - slow->penalised_at < slow->flow.srtt)
        return;
    slow->penalised_at = now;
    cc->cwnd = cc->cwnd / 2 > cc->mss ? cc->cwnd / 2 : cc->mss;
    cc->ssthresh = cc->cwnd;
    MPT_TRACE(&c->stack->tracer, penalise, c->number, slow->number, now, cc->cwnd, 0, 0, 0);
}

/* The octets at the left edge of the full window are with a slower subflow: send them here as well, once. */
static struct mpt_subflow *rescue(struct mpt_conn *c, uint64_t *from, uint64_t *to, uint64_t now)
{
    struct mpt_subflow *slow, *fast;

    if (!c->stack->config.opportunistic || c->opportune > c->stream.acked)
        return NULL;
    slow = mpt_reinject_holder(c, c->stream.acked, to);
    if (!slow)
        return NULL;
    fast = mpt_choose_fastest(c, mpt_choose_best(c), slow, now);
    if (!fast || fast->flow.srtt >= slow->flow.srtt)
        return NULL;
    *from = c->stream.acked;
    c->opportune = *to;
    penalise(c, slow, now);
    return fast;
}

const struct mpt_sched_ops mpt_sched_minrtt = { "minrtt", pick, mpt_choose_again, rescue };
