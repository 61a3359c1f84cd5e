/* SPDX-License-Identifier: MIT */
/* pm/fullmesh.c - a subflow from every local address to every address of the peer (RFC 8684 3.2, 3.4.1), again
 * when an address comes. Linux has the same by this name. */
#include "pm/private.h"

static void confirmed(struct mpt_conn *c, uint64_t now)
{
    mpt_pm_offer_all(c, 0, now);
}

static void address_up(struct mpt_conn *c, uint32_t slot, uint64_t now)
{
    mpt_pm_offer(c, slot, 0, now);
}

static void peer_address(struct mpt_conn *c, uint8_t id, uint64_t now)
{
    (void)id;
    if (!c->passive)
        mpt_pm_offer_all(c, 0, now);
}

static void address_down(struct mpt_conn *c, uint64_t now)
{
    mpt_pm_revive(c, 0, now);
}

static void timeout(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t now)
{
    (void)sf;
    mpt_pm_revive(c, 0, now);
}

const struct mpt_pm_ops mpt_pm_fullmesh = { "fullmesh", confirmed, address_up, address_down, peer_address, timeout };
