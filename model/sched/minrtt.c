/* SPDX-License-Identifier: MIT */
/* sched/minrtt.c - the lowest-RTT subflow with room, with opportunistic retransmission and penalisation (Raiciu et
 * al., "How Hard Can It Be? Designing and Implementing a Deployable Multipath TCP", NSDI 2012, section 4.2), and with
 * the look ahead of BLEST (Ferlin et al., IFIP Networking 2016) before a much slower subflow is used: the buffer, and
 * so the window, is shared (RFC 8684 3.3.5), and what is sent there may hold up everything behind it.
 * opportunistic=0 turns all of this off: the bare lowest-RTT rule is left. */
#include "sched/choose.h"

enum { MUCH_SLOWER = 2 };

/* Would octets on `slow` still be on their way when the fast one has used up the window behind them? */
static int would_block(struct mpt_conn *c, const struct mpt_subflow *fast, const struct mpt_subflow *slow, uint64_t now)
{
    uint64_t left = c->snd_edge > c->snd_nxt ? c->snd_edge - c->snd_nxt : 0, f = fast->flow.srtt, s = slow->flow.srtt;
    uint64_t buffer = c->stack->config.sndbuf, used = c->snd_nxt - c->stream.acked;

    (void)now;
    if (!f || s < MUCH_SLOWER * f)
        return 0;
    if (used < buffer && buffer - used < left)
        left = buffer - used; /* the send buffer keeps unacknowledged octets as well */
    return fast->flow.cc.cwnd * (s / f) + slow->flow.mss > left;
}

static struct mpt_subflow *pick(struct mpt_conn *c, uint64_t now)
{
    if (!c->stack->config.opportunistic)
        return mpt_choose_fastest(c, mpt_choose_best(c), NULL, now);
    return mpt_choose_unless(c, would_block, now);
}

/* Halves the slow subflow's window, once per its round trip; not when a loss has just halved it, and not when the two
 * are alike: then it is the buffer that is small, and halving would only waste it. */
static void penalise(struct mpt_conn *c, const struct mpt_subflow *fast, struct mpt_subflow *slow, uint64_t now)
{
    struct mpt_cc_state *cc = &slow->flow.cc;

    if (now - slow->penalised_at < slow->flow.srtt || slow->flow.recovery_end || slow->flow.rto_end ||
        slow->flow.srtt < MUCH_SLOWER * fast->flow.srtt)
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
    slow = mpt_choose_holdup(c, &fast, to, now);
    if (!slow)
        return NULL;
    *from = c->stream.acked;
    c->opportune = *to;
    penalise(c, fast, slow, now);
    return fast;
}

const struct mpt_sched_ops mpt_sched_minrtt = { "minrtt", pick, mpt_choose_again, rescue, NULL };
