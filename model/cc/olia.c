/* SPDX-License-Identifier: MIT */
/* cc/olia.c - the opportunistic linked increases (Khalili, Gast, Popovic, Le Boudec, "MPTCP is
 * not Pareto-optimal", CoNEXT 2012; draft-khalili-mptcp-congestion-control section 3). Called by
 * flow/ through cc.h. Per octet acknowledged on path r: (w_r / rtt_r^2) / (sum w_p / rtt_p)^2 +
 * alpha_r / w_r, windows in segments. alpha moves window from the paths with the largest windows
 * to good paths with small ones. */
#include "cc/private.h"

/* What alpha needs to know of all paths. */
struct survey {
    double rate_sum;     /* of w / rtt */
    double best_quality; /* largest l^2 / rtt */
    double largest;      /* largest window, segments */
    unsigned paths;
    unsigned largest_paths,
        collected; /* how many have the largest window; how many are best without having it */
};

/* In segments, as the paper counts. */
static double window(const struct mpt_cc_state *c)
{
    return (double)c->cwnd / (double)c->mss;
}

/* l_r: octets between the last two losses, or since the last one if that is more; squared over
 * the RTT. */
static double quality(const struct mpt_cc_state *c)
{
    uint64_t octets =
        c->u.olia.since_loss > c->u.olia.between ? c->u.olia.since_loss : c->u.olia.between;

    return (double)octets * (double)octets / mpt_cc_rtt(c);
}

/* First pass: the extremes. */
static void look(struct survey *v, const struct mpt_cc_state *c)
{
    double q = quality(c), w = window(c);

    v->paths++;
    v->rate_sum += w / mpt_cc_rtt(c);
    v->best_quality = q > v->best_quality ? q : v->best_quality;
    v->largest = w > v->largest ? w : v->largest;
}

/* Second pass: who has them. Best paths that also have the largest window need no help: they are
 * not collected. */
static void classify(struct survey *v, const struct mpt_cc_state *c)
{
    if (window(c) >= v->largest)
        v->largest_paths++;
    else if (quality(c) >= v->best_quality)
        v->collected++;
}

/* Twice over the group: connections have few subflows, and order must not matter. */
static void survey_group(struct survey *v, const struct mpt_cc_group *g)
{
    static void (*const pass[2])(struct survey *, const struct mpt_cc_state *) = {look, classify};

    for (int i = 0; i < 2; i++)
        for (const struct mpt_list *l = g->flows.next; l != &g->flows; l = l->next) {
            const struct mpt_cc_state *c = MPT_LIST_OWNER(l, struct mpt_cc_state, sibling);

            if (c->established)
                pass[i](v, c);
        }
}

/* The draft's three cases. The alphas of all paths sum to 0: what one gains others give. */
static double alpha(const struct survey *v, const struct mpt_cc_state *c)
{
    if (!v->collected)
        return 0.0;
    if (window(c) >= v->largest)
        return -1.0 / (double)v->paths / (double)v->largest_paths;
    return quality(c) >= v->best_quality ? 1.0 / (double)v->paths / (double)v->collected : 0.0;
}

/* A path without a loss yet: l_r grows with every octet delivered. */
static void olia_init(struct mpt_cc_state *c, uint64_t now)
{
    (void)now;
    c->u.olia.since_loss = c->u.olia.between = 0;
    c->u.olia.increase = 0.0;
}

/* Per ACK; fractions are kept, an octet at a time would be lost on slow paths. */
static void increase(struct mpt_cc_state *c, uint64_t acked)
{
    struct survey v = {0};
    double w = window(c), rtt = mpt_cc_rtt(c), octets;

    survey_group(&v, c->group);
    if (!v.paths)
        return;
    octets = (double)acked * (w / (rtt * rtt) / (v.rate_sum * v.rate_sum) + alpha(&v, c) / w);
    mpt_cc_add(c, octets, &c->u.olia.increase);
}

/* Octets count towards l_r in slow start and when cwnd is not in use, too: they were delivered
 * without loss. */
static void olia_ack(struct mpt_cc_state *c, uint64_t acked, uint64_t now)
{
    (void)now;
    c->u.olia.since_loss += acked;
    if (!c->limited)
        return;
    acked = mpt_cc_slow_start(c, acked);
    if (!acked)
        return;
    if (c->group)
        increase(c, acked);
    else
        mpt_cc_congestion_avoidance(c, acked, c->cwnd);
}

/* The interval that ends here becomes l_r's memory; the decrease is Reno's and not coupled. */
static void olia_timeout(struct mpt_cc_state *c, uint64_t in_flight, uint64_t now)
{
    (void)in_flight;
    (void)now;
    c->u.olia.between = c->u.olia.since_loss;
    c->u.olia.since_loss = 0;
    c->u.olia.increase = 0.0;
    mpt_cc_reduce(c, c->cwnd / 2);
}

/* RFC 5681 3.2, on this subflow alone. */
static void olia_loss(struct mpt_cc_state *c, uint64_t in_flight, uint64_t now)
{
    olia_timeout(c, in_flight, now);
    c->cwnd = c->ssthresh;
}

const struct mpt_cc_ops mpt_cc_olia = {"olia", olia_init, olia_ack, olia_loss, olia_timeout, NULL};
