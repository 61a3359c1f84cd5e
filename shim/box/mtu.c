/* SPDX-License-Identifier: MIT */
/* mtu.c - the MTU box (see mtu.h). Pushed by chain.c; holds nothing. */
#include "box/mtu.h"

#include "icmp.h"
#include "mpt.h"

#include <stdlib.h>
#include <string.h>

/* Not limited in rate: a sender learns by the first one. Without memory it is a lost message. */
static void answer(struct mtu *mtu, const struct box_packet *packet)
{
    uint8_t message[ICMP_MAX];
    size_t n = icmp_too_big(packet->data, packet->len, mtu->mtu, message);
    struct box_packet *reply = n ? box_packet_get(mtu->box.pool, n) : NULL;

    if (!reply)
        return;
    memcpy(reply->data, message, n);
    chain_return(mtu->back, reply);
    mtu->stats->icmp++;
}

/* Dropped, mostly without ICMP, as behind many a firewall (RFC 2923 2.1). */
static struct box_packet *push_mtu(struct box *box, struct box_packet *packet, uint64_t now)
{
    struct mtu *mtu = (struct mtu *)box;

    (void)now;
    if (packet->len <= mtu->mtu)
        return packet;
    mtu->stats->dropped_mtu++;
    if (mtu->back)
        answer(mtu, packet);
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

struct mtu *mtu_new(struct box_pool *pool, uint32_t mtu, struct chain *back, struct box_stats *stats)
{
    struct mtu *box = calloc(1, sizeof *box);

    if (!box)
        return NULL;
    box->box.ops = &mtu_ops;
    box->box.due = MPT_NEVER;
    box->box.pool = pool;
    box->mtu = mtu;
    box->back = back;
    box->stats = stats;
    return box;
}
