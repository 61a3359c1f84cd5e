/* SPDX-License-Identifier: MIT */
/* mtu.h - an MTU box: packets that are too large vanish, as behind a filter that eats ICMP (RFC 2923
 * 2.1, the black hole). The sender's own interface MTU is told to the stack by mpt_address_up. */
#ifndef BOX_MTU_H
#define BOX_MTU_H

#include "box/box.h"

struct mtu {
    struct box box;
    uint32_t mtu;            /* octets of the IP packet */
    struct box_stats *stats; /* dropped_mtu */
};

/* Drops what is larger than mtu octets; NULL: out of memory. */
struct mtu *mtu_new(struct box_pool *pool, uint32_t mtu, struct box_stats *stats);

#endif
