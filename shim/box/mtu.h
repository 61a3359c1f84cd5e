/* SPDX-License-Identifier: MIT */
/* mtu.h - an MTU box: packets that are too large vanish, as behind a filter that eats ICMP (RFC 2923
 * 2.1, the black hole), or are answered by Packet Too Big (RFC 1191 4, RFC 4443 3.2). The sender's own
 * interface MTU is told to the stack by mpt_address_up. */
#ifndef BOX_MTU_H
#define BOX_MTU_H

#include "box/chain.h"

struct mtu {
    struct box box;
    uint32_t mtu;            /* octets of the IP packet */
    struct chain *back;      /* where an answer goes: the other direction; NULL: no answers */
    struct box_stats *stats; /* dropped_mtu, icmp */
};

/* Drops what is larger than mtu octets; NULL: out of memory. With back it answers at once: the hop stands before all
 * else of the path, as seen from the sender. */
struct mtu *mtu_new(struct box_pool *pool, uint32_t mtu, struct chain *back, struct box_stats *stats);

#endif
