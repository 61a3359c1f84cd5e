/* SPDX-License-Identifier: MIT */
/* box.h - a box: anything that a packet passes on its way. Sans-IO, like the core.
 *
 * A box takes packets and hands them on, at once or later. Its embedder (chain.c, or an attacker that
 * someone puts into a path) sees three calls and one field:
 *
 *     p = push(box, packet, now)   the packet goes on at once (p, mostly the same), or NULL: kept or dropped
 *     box->due                     when pull has something, MPT_NEVER when nothing; kept by the box itself
 *     p = pull(box, now)           the next packet that is due, or NULL; call until NULL
 *
 * The caller owns what push and pull return. A box that drops gives the packet back to the pool. */
#ifndef BOX_H
#define BOX_H

#include "box/packet.h"

#ifdef __cplusplus
extern "C" {
#endif

struct box;

struct box_ops {
    const char *name; /* "link", "hold", ... */
    struct box_packet *(*push)(struct box *box, struct box_packet *packet, uint64_t now);
    struct box_packet *(*pull)(struct box *box, uint64_t now);
    void (*free)(struct box *box); /* with all packets inside */
};

/* Every box begins with this. due is a field, not a call: it is read for every packet. */
struct box {
    const struct box_ops *ops;
    uint64_t due;          /* when pull has something; MPT_NEVER: nothing held */
    struct box_pool *pool; /* where packets come from and go to */
};

/* What happened to packets in one direction of a path. Boxes count into the one of their direction. */
struct box_stats {
    uint64_t in, out; /* packets pushed into and pulled from the direction */
    uint64_t octets_in, octets_out;
    uint64_t dropped_queue;                    /* no room in a queue */
    uint64_t dropped_loss;                     /* random loss */
    uint64_t dropped_down;                     /* link silently down, or the address gone */
    uint64_t dropped_mtu;                      /* larger than the MTU */
    uint64_t dropped_memory;                   /* the pool could not grow */
    uint64_t marked;                           /* ECT made CE */
    uint64_t icmp;                             /* Packet Too Big sent back by this direction */
    uint64_t corrupted, duplicated, reordered; /* packets touched */
    uint64_t promotions;                       /* times an idle radio was woken by this direction */
};

#ifdef __cplusplus
}
#endif
#endif
