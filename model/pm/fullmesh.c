/* SPDX-License-Identifier: MIT */
/* pm/fullmesh.c - a subflow from every local address to every address of the peer (RFC 8684 3.2, 3.4.1), again
 * when an address comes; and `backup`, the same with every subflow after the first a backup: open, silent, ready
 * (RFC 8684 3.3.8). */
#include "pm/private.h"

static uint32_t flags_of(const struct mpt_conn *c)
{
    return c->pm == &mpt_pm_backup ? MPT_JOIN_BACKUP : 0;
}

static void confirmed(struct mpt_conn *c, uint64_t now)
{
    mpt_pm_offer_all(c, flags_of(c), now);
}

static void address_up(struct mpt_conn *c, uint32_t slot, uint64_t now)
{
    mpt_pm_offer(c, slot, flags_of(c), now);
}

static void peer_address(struct mpt_conn *c, uint8_t id, uint64_t now)
{
    for (int i = 0; i < MPT_ADDRESSES && !c->passive; i++)
        if (c->stack->address[i].up)
            mpt_pm_join(c, &c->stack->address[i], id, flags_of(c), now);
}

/* No subflow lives: all addresses are tried again, also those that were lost. */
static void address_down(struct mpt_conn *c, uint64_t now)
{
    if (mpt_pm_alone(c))
        mpt_pm_offer_all(c, flags_of(c), now);
}

static void timeout(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t now)
{
    (void)sf;
    address_down(c, now);
}

const struct mpt_pm_ops mpt_pm_fullmesh = { .name = "fullmesh", .confirmed = confirmed, .address_up = address_up,
    .address_down = address_down, .peer_address = peer_address, .timeout = timeout };
const struct mpt_pm_ops mpt_pm_backup = { .name = "backup", .confirmed = confirmed, .address_up = address_up,
    .address_down = address_down, .peer_address = peer_address, .timeout = timeout };
