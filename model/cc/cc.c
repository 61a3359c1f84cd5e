/* SPDX-License-Identifier: MIT */
/* cc/cc.c - which algorithm, start and end of a flow's share, and what all of them have in
 * common: slow start with appropriate byte counting (RFC 5681 3.1, RFC 3465) and the initial
 * window (RFC 6928). flow/ calls. */
#include "cc/private.h"
#include "mpt.h"

/* CUBIC is the default of Linux and of RFC 9438's authors; unknown numbers get it too. */
const struct mpt_cc_ops *mpt_cc_find(uint32_t cc)
{
    switch (cc) {
    case MPT_CC_RENO:
        return &mpt_cc_reno;
    case MPT_CC_LIA:
        return &mpt_cc_lia;
    case MPT_CC_OLIA:
        return &mpt_cc_olia;
    case MPT_CC_BALIA:
        return &mpt_cc_balia;
    default:
        return &mpt_cc_cubic;
    }
}

/* One per connection, made before its first subflow. */
void mpt_cc_group_init(struct mpt_cc_group *g)
{
    mpt_list_init(&g->flows);
}

/* Only coupled algorithms look at siblings, so only they are listed: the sums need not ask who
 * is who. */
void mpt_cc_start(struct mpt_cc_state *c, const struct mpt_cc_ops *ops, struct mpt_cc_group *g,
                  uint64_t mss, uint64_t initial_segments, uint64_t now)
{
    c->ops = ops;
    c->group = g;
    c->mss = mss;
    c->cwnd = initial_segments * mss;
    c->ssthresh = UINT64_MAX;
    c->slow_start = 1;
    c->acked = 0;
    mpt_list_init(&c->sibling);
    if (g && (ops == &mpt_cc_lia || ops == &mpt_cc_olia || ops == &mpt_cc_balia))
        mpt_list_append(&g->flows, &c->sibling);
    ops->init(c, now);
}

/* May come twice: at the end of the flow and when it is freed. A zeroed state is in no list. */
void mpt_cc_stop(struct mpt_cc_state *c)
{
    if (c->sibling.next)
        mpt_list_remove(&c->sibling);
    c->established = 0;
}

/* RFC 3465 2.2 with no limit L: ACKs that stand for many segments count in full. */
uint64_t mpt_cc_slow_start(struct mpt_cc_state *c, uint64_t acked)
{
    uint64_t take;

    c->slow_start = c->cwnd < c->ssthresh;
    if (!c->slow_start)
        return acked;
    take = c->ssthresh - c->cwnd < acked ? c->ssthresh - c->cwnd : acked;
    c->cwnd += take;
    c->slow_start = c->cwnd < c->ssthresh;
    return acked - take;
}

/* RFC 5681 3.1: what does not make a whole segment is kept for the next ACK. */
void mpt_cc_congestion_avoidance(struct mpt_cc_state *c, uint64_t acked, uint64_t window)
{
    c->acked += acked;
    while (c->acked >= window) {
        c->acked -= window;
        c->cwnd += c->mss;
    }
}

/* Coupled increases are small: an octet at a time would be lost on slow paths. */
void mpt_cc_add(struct mpt_cc_state *c, double octets, double *rest)
{
    *rest += octets;
    octets = (double)(int64_t)*rest;
    *rest -= octets;
    if (octets >= 0.0)
        c->cwnd += (uint64_t)octets;
    else if (c->cwnd > c->mss + (uint64_t)-octets)
        c->cwnd -= (uint64_t)-octets;
}

/* Never below two segments (RFC 5681 equation 4). */
void mpt_cc_reduce(struct mpt_cc_state *c, uint64_t to)
{
    c->ssthresh = to > 2 * c->mss ? to : 2 * c->mss;
    c->acked = 0;
    c->slow_start = 0;
}

/* Coupled algorithms divide by it. */
double mpt_cc_rtt(const struct mpt_cc_state *c)
{
    return c->srtt_ns ? (double)c->srtt_ns / 1e9
                      : 0.1; /* before the first sample any guess is as good */
}
