/* SPDX-License-Identifier: MIT */
/* mtu.c - the MTU box (see mtu.h). Pushed by chain.c; holds nothing. */
#include "box/mtu.h"

#include "mpt.h"

#include <stdlib.h>

/* Dropped without ICMP, as behind many a firewall (RFC 2923 2.1). */
static struct box_packet *push_mtu(struct box *box, struct box_packet *packet, uint64_t now)
{
    struct mtu *mtu = (struct mtu *)box;

    (void)now;
    if (packet->len <= mtu->mtu)
        return packet;
    mtu->stats->dropped_mtu++;
    box_packet_put(box->pool, packet);
    return NULL;
}

/* Nothing ever waits. */
static struct box_packet *pull_mtu(struct box *box, uint64_t now)
{
    (void)box;
    (void)now;
    return NULL;
}

static void free_mtu(struct box *box)
{
    free(box);
}

static const struct box_ops mtu_ops = {"mtu", push_mtu, pull_mtu, free_mtu};

struct mtu *mtu_new(struct box_pool *pool, uint32_t mtu, struct box_stats *stats)
{
    struct mtu *box = calloc(1, sizeof *box);

    if (!box)
        return NULL;
    box->box.ops = &mtu_ops;
    box->box.due = MPT_NEVER;
    box->box.pool = pool;
    box->mtu = mtu;
    box->stats = stats;
    return box;
}
