/* SPDX-License-Identifier: MIT */
/* pm/pm.c - what the path managers share: joining from every address, announcing (RFC 8684 3.2, 3.4.1). */
#include "pm/private.h"

#include "pm/pm.h"

/* One subflow for a pair of addresses: a second would share the path (ndiffports.c wants that). */
static int joined_already(const struct mpt_conn *c, const struct mpt_addr *local, const struct mpt_addr *remote)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_subflow_alive(sf) && mpt_addr_same_ip(&sf->flow.local, local) &&
            mpt_addr_same_ip(&sf->flow.remote, remote))
            return 1;
    return 0;
}

int mpt_pm_join_again(struct mpt_conn *c, const struct mpt_address *a, uint8_t remote_id, uint32_t flags,
                      uint64_t now)
{
    const struct mpt_addr *remote = mpt_addr_remote(c, remote_id);

    if (!remote || remote->family != a->addr.family)
        return 0;
    if (remote_id == 0 && c->peer_no_join_initial) /* C flag (3.1) */
        return 0;
    if (mpt_reset_barred(c, mpt_addr_local_id(c, &a->addr), remote_id)) /* 3.6: without T */
        return 0;
    if (a->flags & MPT_ADDRESS_BACKUP)
        flags |= MPT_JOIN_BACKUP;
    if (c->stack->config.join_data)
        flags |= MPT_JOIN_DATA;
    return mpt_join_start(c, &a->addr, remote, remote_id, flags, 0, now) > 0;
}

int mpt_pm_join(struct mpt_conn *c, const struct mpt_address *a, uint8_t remote_id, uint32_t flags, uint64_t now)
{
    const struct mpt_addr *remote = mpt_addr_remote(c, remote_id);

    if (!remote || joined_already(c, &a->addr, remote))
        return 0;
    return mpt_pm_join_again(c, a, remote_id, flags, now);
}

/* Joins from one address to every address of the peer: how many were started. */
int mpt_pm_join_from(struct mpt_conn *c, const struct mpt_address *a, uint32_t flags, uint64_t now)
{
    int n = 0;

    if (!a->up || !a->addr.family)
        return 0;
    n += mpt_pm_join(c, a, 0, flags, now);
    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->peer_addr[i].used)
            n += mpt_pm_join(c, a, c->peer_addr[i].id, flags, now);
    return n;
}

/* The passive side announces instead of joining: clients sit behind NATs (3.4.1). */
void mpt_pm_offer(struct mpt_conn *c, uint32_t slot, uint32_t flags, uint64_t now)
{
    const struct mpt_address *a = &c->stack->address[slot];

    if (!a->up || !a->addr.family)
        return;
    if (!c->passive)
        mpt_pm_join_from(c, a, flags, now);
    else if (!mpt_addr_same_ip(&a->addr, &c->local))
        mpt_addr_announce(c, slot, now);
}

void mpt_pm_offer_all(struct mpt_conn *c, uint32_t flags, uint64_t now)
{
    for (uint32_t i = 0; i < MPT_ADDRESSES; i++)
        mpt_pm_offer(c, i, flags, now);
}

int mpt_pm_join_fresh(struct mpt_conn *c, uint64_t now)
{
    int n = 0;

    for (int i = 0; i < MPT_ADDRESSES; i++)
        n += mpt_pm_join_from(c, &c->stack->address[i], 0, now);
    return n;
}

int mpt_pm_may_join(const struct mpt_conn *c)
{
    return !c->passive && c->multipath && c->confirmed && c->state != MPT_CONN_CLOSED;
}

int mpt_pm_works(const struct mpt_subflow *sf)
{
    return sf->member == MPT_MEMBER_FULL && mpt_subflow_alive(sf) && !sf->stale && !sf->flow.rto_count;
}

uint32_t mpt_pm_best(const struct mpt_conn *c)
{
    struct mpt_subflow *sf;
    uint32_t best = UINT32_MAX;

    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_pm_works(sf) && sf->flow.ifid < best)
            best = sf->flow.ifid;
    return best;
}

void mpt_pm_recall(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_pm_works(sf) && !sf->backup)
            return;
    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_pm_works(sf))
            mpt_prio_set(sf, 0, now);
}

int mpt_pm_refused(const struct mpt_conn *c, uint64_t now)
{
    return now < c->pm_not_before;
}

int mpt_pm_alone(const struct mpt_conn *c)
{
    struct mpt_subflow *sf;

    if (c->passive || c->state == MPT_CONN_CLOSED)
        return 0;
    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_subflow_alive(sf))
            return 0;
    return 1;
}

const struct mpt_pm_ops *mpt_pm_find(uint32_t pm)
{
    switch (pm) {
    case MPT_PM_FULLMESH:
        return &mpt_pm_fullmesh;
    case MPT_PM_BACKUP:
        return &mpt_pm_backup;
    case MPT_PM_BREAK_BEFORE_MAKE:
        return &mpt_pm_breakbeforemake;
    case MPT_PM_NDIFFPORTS:
        return &mpt_pm_ndiffports;
    case MPT_PM_ENDPOINTS:
        return &mpt_pm_endpoints;
    case MPT_PM_ORACLE:
        return &mpt_pm_oracle;
    case MPT_PM_WIFI_FIRST:
        return &mpt_pm_wififirst;
    case MPT_PM_ENERGY_AWARE:
        return &mpt_pm_energyaware;
    default:
        return &mpt_pm_manual;
    }
}
