/* SPDX-License-Identifier: MIT */
/* api/stack.c - a host: made, freed, its addresses (mpt.h). */
#include "api/config.h"
#include "conn/conn.h"
#include "pm/pm.h"
#include "secure/secure.h"

static int check_env(const struct mpt_env *env)
{
    return env && env->size == sizeof *env && env->random ? 0 : MPT_EINVAL;
}

/* Keys of the hash maps are drawn, so that a peer cannot choose ports or tokens that all fall into one chain. */
static int init_maps(struct mpt_stack *s)
{
    uint64_t key[4];

    s->env.random(s->env.random_ctx, key, sizeof key);
    if (mpt_map_init(&s->flows, &s->mem, key) < 0)
        return MPT_ENOMEM;
    if (mpt_map_init(&s->tokens, &s->mem, key + 2) < 0) {
        mpt_map_clear(&s->flows, &s->mem);
        return MPT_ENOMEM;
    }
    return 0;
}

static void init(struct mpt_stack *s, const struct mpt_env *env, const struct mpt_config *config)
{
    s->env = *env;
    s->config = *config;
    s->tracer.sink = env->trace;
    s->tracer.ctx = env->trace_ctx;
    mpt_heap_init(&s->heap);
    mpt_list_init(&s->conns);
    mpt_list_init(&s->output);
    mpt_list_init(&s->ready);
    mpt_list_init(&s->listeners);
    s->flow_env.mem = &s->mem;
    s->flow_env.heap = &s->heap;
    s->flow_env.config = &s->config;
    s->flow_env.counters = s->counters;
    s->flow_env.tracer = &s->tracer;
}

int mpt_stack_new(struct mpt_stack **stack, const struct mpt_env *env, const struct mpt_config *config, uint64_t now)
{
    struct mpt_mem mem;
    struct mpt_stack *s;
    uint16_t port;

    (void)now;
    *stack = NULL;
    if (check_env(env) < 0 || !config || mpt_config_check(config) < 0 || mpt_crypto_init() < 0)
        return MPT_EINVAL;
    mpt_mem_init(&mem, env);
    s = mpt_mem_zalloc(&mem, sizeof *s);
    if (!s)
        return MPT_ENOMEM;
    s->mem = mem;
    init(s, env, config);
    s->env.random(s->env.random_ctx, &port, sizeof port);
    s->next_port = port % 16384;
    s->trim.kind = MPT_TIMER_TRIM;
    s->segment_max = MPT_MTU_MIN - 20;
    s->heap_nodes = 1;
    if (mpt_heap_reserve(&s->heap, &s->mem, 1) < 0 || init_maps(s) < 0) {
        mpt_heap_clear(&s->heap, &s->mem);
        mem = s->mem;
        mpt_mem_free(&mem, s, sizeof *s);
        return MPT_ENOMEM;
    }
    *stack = s;
    return 0;
}

/* Everything is freed through the connections; what the counter then still shows is a leak (tests look). */
void mpt_stack_free(struct mpt_stack *s)
{
    struct mpt_mem mem;

    if (!s)
        return;
    while (!mpt_list_empty(&s->conns))
        mpt_conn_free(MPT_LIST_OWNER(s->conns.next, struct mpt_conn, link));
    while (!mpt_list_empty(&s->listeners)) {
        struct mpt_listener *l = MPT_LIST_OWNER(s->listeners.next, struct mpt_listener, link);

        mpt_list_remove(&l->link);
        mpt_mem_free(&s->mem, l, sizeof *l);
    }
    mpt_secure_stack_free(s);
    mpt_map_clear(&s->flows, &s->mem);
    mpt_map_clear(&s->tokens, &s->mem);
    mpt_heap_clear(&s->heap, &s->mem);
    mpt_mem_clear(&s->mem);
    mem = s->mem;
    mpt_mem_free(&mem, s, sizeof *s);
}

static int mentions(const struct mpt_conn *c, const struct mpt_address *a, uint8_t id)
{
    struct mpt_subflow *sf;
    int found = 0;

    for (int i = 0; i < MPT_KNOWN; i++)
        found |= c->announce_id[i] == id || (i < c->removes && c->remove_id[i] == id);
    MPT_EACH_SUBFLOW(c, sf)
        found |= mpt_addr_same_ip(&sf->flow.local, &a->addr);
    return found;
}

/* Connections know the id of a place, so it is used again only when no connection knows it any more. */
static int forgotten(const struct mpt_stack *s, const struct mpt_address *a)
{
    if (!a->addr.family)
        return 1;
    if (a->up)
        return 0;
    for (struct mpt_list *l = s->conns.next; l != &s->conns; l = l->next)
        if (mentions(MPT_LIST_OWNER(l, struct mpt_conn, link), a, a->id))
            return 0;
    return 1;
}

static struct mpt_address *free_slot(struct mpt_stack *s)
{
    for (int i = 0; i < MPT_ADDRESSES; i++)
        if (forgotten(s, &s->address[i]))
            return &s->address[i];
    return NULL;
}

int mpt_stack_set(struct mpt_stack *s, const char *key, const char *value)
{
    return mpt_config_set(&s->config, key, value);
}

/* The id of a place is its number, unless an address with an id of the host's choice has that: then the least free. */
static int choose_id(struct mpt_stack *s, const struct mpt_address *a, uint32_t wanted)
{
    const struct mpt_address *other;

    if (wanted) {
        other = mpt_stack_address_id(s, (uint8_t)wanted);
        return other && other != a ? MPT_EADDRINUSE : (int)wanted;
    }
    wanted = (uint32_t)(a - s->address) + 1;
    other = mpt_stack_address_id(s, (uint8_t)wanted);
    for (uint32_t id = 1; other && other != a; id++)
        other = mpt_stack_address_id(s, (uint8_t)(wanted = id));
    return (int)wanted;
}

static int check_address(const struct mpt_addr *addr, uint32_t mtu, uint32_t flags)
{
    if ((addr->family != 4 && addr->family != 6) || mtu < MPT_MTU_MIN || mtu > 65535)
        return MPT_EINVAL;
    if ((flags & 255) > 15 || flags > 65535 || (flags & 10) == (MPT_ADDRESS_SIGNAL | MPT_ADDRESS_FULLMESH))
        return MPT_EINVAL;
    return 0;
}

/* Of an address that comes (old 0) or whose flags change. MP_PRIO is the core's business, whoever manages the paths
 * (RFC 8684 3.3.8). */
static void tell_connections(struct mpt_stack *s, const struct mpt_address *a, int fresh, uint32_t old, uint64_t now)
{
    struct mpt_list *l, *next;

    for (l = s->conns.next; next = l->next, l != &s->conns; l = next) {
        struct mpt_conn *c = MPT_LIST_OWNER(l, struct mpt_conn, link);

        if (!c->multipath || !c->confirmed || c->state == MPT_CONN_CLOSED)
            continue;
        if (!fresh && ((old ^ a->flags) & MPT_ADDRESS_BACKUP))
            mpt_prio_address(c, a, now);
        if (fresh && c->pm->address_up)
            c->pm->address_up(c, (uint32_t)(a - s->address), now);
        if (!fresh && old != a->flags && c->pm->address_changed)
            c->pm->address_changed(c, (uint32_t)(a - s->address), old, now);
        mpt_conn_settle(c, now);
    }
}

/* Some connection has told its peer of that id: the first subflow's address is 0 to all of them. */
static int is_known(const struct mpt_stack *s, const struct mpt_address *a)
{
    for (struct mpt_list *l = s->conns.next; l != &s->conns; l = l->next) {
        const struct mpt_conn *c = MPT_LIST_OWNER(l, struct mpt_conn, link);
        struct mpt_subflow *sf;

        for (int i = 0; i < MPT_KNOWN; i++)
            if (c->announce_id[i] == a->id || (i < c->removes && c->remove_id[i] == a->id))
                return 1;
        MPT_EACH_SUBFLOW(c, sf)
            if (sf->joined && sf->local_id == a->id)
                return 1;
    }
    return 0;
}

/* Another id for an address that is up: not while a peer knows it by the old one. */
static int renumber(struct mpt_stack *s, struct mpt_address *a, uint32_t wanted)
{
    int id = choose_id(s, a, wanted);

    if (id >= 0 && !is_known(s, a))
        a->id = (uint8_t)id;
    return id < 0 ? id : 0;
}

/* The place for an address: its old one, or a free one with an id. */
static int take_place(struct mpt_stack *s, struct mpt_address **place, const struct mpt_addr *addr, uint32_t wanted)
{
    struct mpt_address *a = mpt_stack_address(s, addr);
    int id;

    *place = a;
    if (a && (!wanted || wanted == a->id))
        return 0;
    if (a && a->up)
        return renumber(s, a, wanted);
    if (!a)
        *place = a = free_slot(s);
    if (!a)
        return MPT_ELIMIT;
    id = choose_id(s, a, wanted);
    if (id < 0)
        return id;
    memset(a, 0, sizeof *a);
    a->id = (uint8_t)id;
    return 0;
}

int mpt_address_up(struct mpt_stack *s, const struct mpt_addr *addr, uint32_t ifid, uint32_t mtu, uint32_t flags,
                   uint64_t now)
{
    struct mpt_address *a;
    uint32_t old;
    int fresh, r = check_address(addr, mtu, flags);

    if (!r)
        r = take_place(s, &a, addr, flags >> 8);
    if (r < 0)
        return r;
    old = a->flags;
    fresh = !a->up;
    a->addr = *addr;
    a->addr.port = 0;
    a->port = flags & MPT_ADDRESS_SIGNAL ? addr->port : 0;
    a->ifid = ifid;
    a->mtu = mtu;
    if (mtu - 20 > s->segment_max)
        s->segment_max = mtu - 20;
    a->flags = flags & 255;
    a->up = 1;
    if (fresh)
        MPT_TRACE(&s->tracer, address, 0, 0, now, 1, ifid, a->id, 0);
    tell_connections(s, a, fresh, old, now);
    return 0;
}

/* Subflows end first, so that the path manager sees what is left (RFC 8684 3.4.2). */
int mpt_address_down(struct mpt_stack *s, const struct mpt_addr *addr, uint64_t now)
{
    struct mpt_address *a = mpt_stack_address(s, addr);
    struct mpt_list *l, *next;

    if (!a || !a->up)
        return MPT_EADDRNOTAVAIL;
    a->up = 0;
    MPT_TRACE(&s->tracer, address, 0, 0, now, 0, a->ifid, a->id, 0);
    for (l = s->conns.next; next = l->next, l != &s->conns; l = next) {
        struct mpt_conn *c = MPT_LIST_OWNER(l, struct mpt_conn, link);

        mpt_addr_lost(c, &a->addr, now);
        if (c->multipath && c->confirmed && c->state != MPT_CONN_CLOSED && c->pm->address_down)
            c->pm->address_down(c, now);
        mpt_conn_settle(c, now);
    }
    return 0;
}
