/* SPDX-License-Identifier: MIT */
/* pm/backup.c - like fullmesh, but every subflow after the first is a backup: open, silent, ready (RFC 8684
 * 3.3.8). */
#include "pm/private.h"

static void confirmed(struct mpt_conn *c, uint64_t now)
{
    mpt_pm_offer_all(c, MPT_JOIN_BACKUP, now);
}

static void address_up(struct mpt_conn *c, uint32_t slot, uint64_t now)
{
    mpt_pm_offer(c, slot, MPT_JOIN_BACKUP, now);
}

static void peer_address(struct mpt_conn *c, uint8_t id, uint64_t now)
{
    (void)id;
    if (!c->passive)
        mpt_pm_offer_all(c, MPT_JOIN_BACKUP, now);
}

static void address_down(struct mpt_conn *c, uint64_t now)
{
    mpt_pm_revive(c, MPT_JOIN_BACKUP, now);
}

static void timeout(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t now)
{
    (void)sf;
    mpt_pm_revive(c, MPT_JOIN_BACKUP, now);
}

const struct mpt_pm_ops mpt_pm_backup = { "backup", confirmed, address_up, address_down, peer_address, timeout };
