/* SPDX-License-Identifier: MIT */
/* link.h - a link box: rate, queue, propagation, jitter and the impairments of one direction.
 *
 * A packet meets, in this order: the drop-tail queue (with ecn_threshold a mark on the way in), serialisation at the rate, loss (the octets were
 * sent all the same), corruption, duplication, propagation with jitter that keeps the order, and
 * reordering by holding it back. Its departure and arrival are computed when it enters, so that a
 * packet costs no event before it arrives; a change of rate or delay recomputes what waits. */
#ifndef BOX_LINK_H
#define BOX_LINK_H

#include "box/box.h"
#include "box/loss.h"

struct link {
    struct box box;
    struct link_config config; /* as changed so far */
    struct box_stats *stats;   /* of the direction */
    uint64_t mark_ns;          /* config.ecn_threshold as time at the rate; 0: no marking */
    uint64_t queue_ns;         /* config.queue_bytes as time at the rate */
    uint64_t busy_until;       /* the sender is free again */
    uint64_t last_due;         /* arrival of the last packet in order: the next is not earlier */
    uint32_t ser_len;          /* length ser_ns was computed for */
    uint32_t down;             /* silently loses everything */
    uint32_t random;           /* some impairment needs draws */
    uint64_t ser_ns;           /* serialisation time of ser_len octets */
    struct box_list fifo;      /* under way, in order */
    struct box_list held;      /* held back (reordered), by due_at */
    struct loss loss;
    struct rng jitter, reorder, duplicate, corrupt, corrupt_bit; /* one substream per purpose */
};

/* name begins the names of the substreams: "lte/up/0". */
struct link *link_new(struct box_pool *pool, const struct link_config *config,
                      struct box_stats *stats, uint64_t seed, const char *name);
/* Changes take effect at now: what waits in the queue leaves at the new rate; what is propagating
 * arrives as it would have. */
void link_set_rate(struct link *link, uint64_t rate, uint64_t now);
/* New propagation delay from now on; packets that are still queued get it too. */
void link_set_delay(struct link *link, uint64_t delay, uint64_t now);
/* New rate of the loss model from the next packet on. */
void link_set_loss(struct link *link, double loss);
/* Down: what waits in the queue is lost, and whatever is pushed until up again. */
void link_set_down(struct link *link, int down, uint64_t now);

#endif
