/* SPDX-License-Identifier: MIT */
/* cc/cc.h - congestion control as plug-ins: Reno (RFC 5681), CUBIC (RFC 9438), LIA (RFC 6356), OLIA, BALIA.
 * flow/ calls them; coupled ones see their siblings through the group. Octets and ns; floating point with
 * + - * / and sqrt only, so that results do not depend on a libm. */
#ifndef CC_CC_H
#define CC_CC_H

#include <stdint.h>

#include "base/list.h"

struct mpt_cc_state;

struct mpt_cc_ops {
    /* as in the configuration */
    const char *name;
    void (*init)(struct mpt_cc_state *c, uint64_t now);
    /* `acked` octets newly delivered outside recovery; c->limited tells whether the window was in use. */
    void (*ack)(struct mpt_cc_state *c, uint64_t acked, uint64_t now);
    /* Loss or ECE, once per window: sets ssthresh (and cwnd for the recovery). */
    void (*loss)(struct mpt_cc_state *c, uint64_t in_flight, uint64_t now);
    /* Retransmission time-out: ssthresh; flow/ then sets cwnd to one segment. */
    void (*timeout)(struct mpt_cc_state *c, uint64_t in_flight, uint64_t now);
    /* Sending again after idle (RFC 5681 4.1). May be NULL. */
    void (*idle)(struct mpt_cc_state *c, uint64_t idle_ns, uint64_t now);
};

/* The flows that share a bottleneck fairly: one per connection. */
struct mpt_cc_group {
    struct mpt_list flows; /* of mpt_cc_state.sibling */
};

struct mpt_cc_state {
    /* the algorithm */
    const struct mpt_cc_ops *ops;
    struct mpt_cc_group *group; /* NULL: uncoupled */
    /* in the group's list; to itself when uncoupled */
    struct mpt_list sibling;
    uint64_t cwnd, ssthresh;    /* octets */
    uint64_t mss;               /* octets of payload */
    uint64_t srtt_ns, min_rtt_ns, last_rtt_ns; /* kept by flow/ */
    uint32_t established;       /* counts in coupling */
    uint32_t slow_start;        /* cwnd < ssthresh, kept by the algorithm */
    uint32_t limited;           /* kept by flow/: cwnd was in use, growth is due (RFC 7661) */
    uint64_t acked;             /* octets towards the next increase */
    union {
        /* names of RFC 9438 4.1.2, in segments and seconds; origin: W_max of the curve; epoch_at
         * 0: no stage begun */
        struct { double w_max, k, w_est, prior_cwnd, origin; uint64_t epoch_at; } cubic;
        /* alpha of RFC 6356 3 per octet, and when to compute it anew */
        struct { double alpha; uint64_t at; } lia;
        struct { uint64_t since_loss, between; double increase; } olia; /* octets since the last loss, between the last two */
        struct { double increase; } balia; /* fraction of an octet that cwnd is to grow by */
    } u;
};

const struct mpt_cc_ops *mpt_cc_find(uint32_t cc); /* enum mpt_cc */
void mpt_cc_group_init(struct mpt_cc_group *g);
/* cwnd = initial window of RFC 6928, ssthresh infinite; joins the group when the algorithm is coupled. */
void mpt_cc_start(struct mpt_cc_state *c, const struct mpt_cc_ops *ops, struct mpt_cc_group *g, uint64_t mss,
                  uint64_t initial_segments, uint64_t now);
void mpt_cc_stop(struct mpt_cc_state *c); /* leaves the group */

#endif
