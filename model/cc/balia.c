/* SPDX-License-Identifier: MIT */
/* cc/balia.c - the balanced linked adaptation (Peng, Walid, Hwang, Low, "Multipath TCP: Analysis,
 * Design and Implementation", IEEE/ACM Transactions on Networking 2016;
 * draft-walid-mptcp-congestion-control-04 section 3). Called by flow/ through cc.h. With windows
 * in segments, x_r = w_r / rtt_r and alpha_r = max(x_k) / x_r, per segment acknowledged on path r:
 * w_r += x_r / rtt_r / (sum x_k)^2 * (1 + alpha_r) / 2 * (4 + alpha_r) / 5, and at a loss
 * w_r -= w_r / 2 * min(alpha_r, 1.5). On one path both are Reno's (RFC 5681). The draft's ssthresh
 * of one segment is not taken: it is two, as everywhere here. */
#include "cc/private.h"

/* In segments per second. */
static double rate(const struct mpt_cc_state *c)
{
    return (double)c->cwnd / (double)c->mss / mpt_cc_rtt(c);
}

/* alpha_r, and the sum of all rates: one walk, order does not matter but for the last bit. */
static double alpha(const struct mpt_cc_state *c, double *sum)
{
    double best = rate(c);

    *sum = 0.0;
    for (const struct mpt_list *l = c->group->flows.next; l != &c->group->flows; l = l->next) {
        const struct mpt_cc_state *s = MPT_LIST_OWNER(l, struct mpt_cc_state, sibling);

        if (!s->established)
            continue;
        *sum += rate(s);
        best = rate(s) > best ? rate(s) : best;
    }
    return best / rate(c);
}

static void balia_init(struct mpt_cc_state *c, uint64_t now)
{
    (void)now;
    c->u.balia.increase = 0.0;
}

/* Slow start is Reno's. */
static void balia_ack(struct mpt_cc_state *c, uint64_t acked, uint64_t now)
{
    double a, sum, step;

    (void)now;
    if (!c->limited)
        return;
    acked = mpt_cc_slow_start(c, acked);
    if (!acked)
        return;
    if (!c->group || (a = alpha(c, &sum), sum <= 0.0)) {
        mpt_cc_congestion_avoidance(c, acked, c->cwnd);
        return;
    }
    step = rate(c) / mpt_cc_rtt(c) / (sum * sum) * (1.0 + a) / 2.0 * (4.0 + a) / 5.0;
    mpt_cc_add(c, (double)acked * step, &c->u.balia.increase);
}

/* Half of the window on the fastest path, up to three quarters on slow ones. */
static void balia_timeout(struct mpt_cc_state *c, uint64_t in_flight, uint64_t now)
{
    double sum, a = c->group ? alpha(c, &sum) : 1.0;

    (void)in_flight;
    (void)now;
    a = a < 1.5 ? a : 1.5;
    c->u.balia.increase = 0.0;
    mpt_cc_reduce(c, (uint64_t)((double)c->cwnd * (1.0 - a / 2.0)));
}

/* RFC 5681 3.2, on this subflow alone. */
static void balia_loss(struct mpt_cc_state *c, uint64_t in_flight, uint64_t now)
{
    balia_timeout(c, in_flight, now);
    c->cwnd = c->ssthresh;
}

const struct mpt_cc_ops mpt_cc_balia = {"balia",    balia_init,    balia_ack,
                                        balia_loss, balia_timeout, NULL};
