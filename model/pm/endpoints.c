/* SPDX-License-Identifier: MIT */
/* pm/endpoints.c - addresses with a purpose, and limits (RFC 8684 3.2, 3.4.1, 3.4.2), by the rules of Linux's in-kernel
 * path manager as they can be seen from outside (ip-mptcp(8), traces of 6.18): README.md lists them.
 * Both sides of a connection announce and join. */
#include "pm/private.h"

static uint32_t extra_subflows(const struct mpt_conn *c)
{
    struct mpt_subflow *sf;
    uint32_t n = 0;

    MPT_EACH_SUBFLOW(c, sf)
        n += sf->joined && mpt_subflow_alive(sf);
    return n;
}

/* The limit counts joins of both directions, the first subflow not. */
static int admits(const struct mpt_conn *c)
{
    if (c->secure && !mpt_subflow_count(c)) /* one more than none: rejoin */
        return 1;
    return extra_subflows(c) < c->stack->config.limits_subflows;
}

static int is_endpoint(const struct mpt_address *a, uint32_t flag)
{
    return a->addr.family && a->up && (a->flags & flag);
}

/* One announcement at a time: the next goes when the echo is there or the peer does not answer. An address that is the
 * first subflow's is known as id 0 already. */
static void signal_next(struct mpt_conn *c, uint64_t now)
{
    if (mpt_addr_announcing(c))
        return;
    for (uint32_t i = 0; i < MPT_ADDRESSES; i++) {
        const struct mpt_address *a = &c->stack->address[i];

        if (!is_endpoint(a, MPT_ADDRESS_SIGNAL) || (c->pm_signaled >> i & 1))
            continue;
        c->pm_signaled |= (uint16_t)(1u << i);
        if (mpt_addr_same_ip(&a->addr, &c->local) && !a->port)
            continue;
        mpt_addr_announce(c, i, now);
        return;
    }
}

/* To the address that the connection was opened to; with FULLMESH to every other one with a subflow, too. */
static int join_from(struct mpt_conn *c, const struct mpt_address *a, uint64_t now)
{
    struct mpt_subflow *sf;
    int n = mpt_pm_join(c, a, 0, 0, now);

    if (a->flags & MPT_ADDRESS_FULLMESH)
        MPT_EACH_SUBFLOW(c, sf)
            if (sf->remote_id && mpt_subflow_alive(sf) && admits(c))
                n += mpt_pm_join(c, a, sf->remote_id, 0, now);
    return n;
}

/* An endpoint is used once in a connection, whether or not its subflow lasts. */
static void join_next(struct mpt_conn *c, uint64_t now)
{
    for (uint32_t i = 0; i < MPT_ADDRESSES && admits(c); i++) {
        const struct mpt_address *a = &c->stack->address[i];

        if (!is_endpoint(a, MPT_ADDRESS_SUBFLOW | MPT_ADDRESS_FULLMESH) || (c->pm_used >> i & 1) ||
            mpt_addr_same_ip(&a->addr, &c->local))
            continue;
        if (join_from(c, a, now))
            c->pm_used |= (uint16_t)(1u << i);
    }
}

/* No subflow lives of a connection that keeps its keys for that case: every endpoint once more, and the address of the
 * first (sec/SPEC.md 3.9). */
static void rejoin(struct mpt_conn *c, uint64_t now)
{
    struct mpt_address *a = mpt_stack_address(c->stack, &c->local);

    if (a && a->up)
        mpt_pm_join_from(c, a, 0, now);
    c->pm_used = 0;
}

static void look(struct mpt_conn *c, uint64_t now)
{
    if (!c->multipath || !c->confirmed || c->state == MPT_CONN_CLOSED)
        return;
    if (c->secure && mpt_pm_alone(c))
        rejoin(c, now);
    signal_next(c, now);
    join_next(c, now);
}

static void address_up(struct mpt_conn *c, uint32_t slot, uint64_t now)
{
    c->pm_used &= (uint16_t)~(1u << slot);
    c->pm_signaled &= (uint16_t)~(1u << slot);
    look(c, now);
}

/* An endpoint deleted, though its address still works: REMOVE_ADDR, and its subflows end (RFC 8684 3.4.2). */
static void drop_endpoint(struct mpt_conn *c, const struct mpt_address *a, uint64_t now)
{
    mpt_addr_retire(c, &a->addr, now);
}

static void address_changed(struct mpt_conn *c, uint32_t slot, uint32_t old, uint64_t now)
{
    const uint32_t purpose = MPT_ADDRESS_SIGNAL | MPT_ADDRESS_SUBFLOW | MPT_ADDRESS_FULLMESH;
    const struct mpt_address *a = &c->stack->address[slot];

    if (!((old ^ a->flags) & purpose))
        return;
    if (old & purpose & ~a->flags)
        drop_endpoint(c, a, now);
    address_up(c, slot, now);
}

static void address_down(struct mpt_conn *c, uint64_t now)
{
    look(c, now);
}

static int reached(const struct mpt_conn *c, const struct mpt_addr *remote)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_subflow_alive(sf) && mpt_addr_same(&sf->flow.remote, remote))
            return 1;
    return 0;
}

/* From every endpoint with that flag. */
static int join_from_all(struct mpt_conn *c, uint8_t id, uint32_t flag, uint64_t now)
{
    int n = 0;

    for (uint32_t i = 0; i < MPT_ADDRESSES && admits(c); i++)
        if (is_endpoint(&c->stack->address[i], flag) && mpt_pm_join(c, &c->stack->address[i], id, 0, now)) {
            c->pm_used |= (uint16_t)(1u << i);
            n++;
        }
    return n;
}

/* Where a host without endpoints would send from: the first subflow's address, or the first of the other family. */
static int join_from_any(struct mpt_conn *c, uint8_t id, uint8_t family, uint64_t now)
{
    struct mpt_address *a = mpt_stack_address(c->stack, &c->local);

    for (int i = 0; (!a || !a->up || a->addr.family != family) && i < MPT_ADDRESSES; i++)
        a = &c->stack->address[i];
    return a && a->up && a->addr.family == family && mpt_pm_join_again(c, a, id, 0, now);
}

/* The limit counts addresses, not subflows. The C flag leaves the endpoints for subflows without a target: the address
 * announced is one (3.1). */
static void peer_address(struct mpt_conn *c, uint8_t id, uint64_t now)
{
    const struct mpt_addr *remote = mpt_addr_remote(c, id);
    int n;

    if (!remote || c->pm_accepted >= c->stack->config.limits_add_addr_accepted || !admits(c) || reached(c, remote))
        return;
    n = join_from_all(c, id, MPT_ADDRESS_FULLMESH, now);
    if (!n && c->peer_no_join_initial)
        n = join_from_all(c, id, MPT_ADDRESS_SUBFLOW, now);
    if (!n && admits(c))
        n = join_from_any(c, id, remote->family, now);
    c->pm_accepted += n > 0;
}

/* What ended made room for an endpoint that had none. */
static void timeout(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t now)
{
    if (!sf || !mpt_subflow_alive(sf))
        look(c, now);
}

/* The first subflow could not say that it is a backup: MP_CAPABLE has no B bit. */
static void confirmed(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf = mpt_subflow_find(c, 1);

    if (sf && sf->backup)
        mpt_prio_set(sf, 1, now);
    look(c, now);
    for (int i = 0; i < MPT_KNOWN; i++) /* announced before joins were allowed (RFC 8684 3.1) */
        if (c->peer_addr[i].used)
            peer_address(c, c->peer_addr[i].id, now);
}

const struct mpt_pm_ops mpt_pm_endpoints = { .name = "endpoints", .confirmed = confirmed, .address_up = address_up,
    .address_down = address_down, .address_changed = address_changed, .peer_address = peer_address,
    .timeout = timeout, .progress = look, .admits = admits };
