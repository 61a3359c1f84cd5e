/* SPDX-License-Identifier: MIT */
/* conn/addr.c - addresses announced and withdrawn: ADD_ADDR with HMAC, echo and repetition, REMOVE_ADDR (RFC 8684
 * 3.4.1, 3.4.2). pm/ and api/ ask; map.c brings the options in through hooks.c. */
#include "conn/conn.h"

#include "pm/pm.h"

enum { ADD_TRIES = 3 };

/* Signals may ride on any subflow (RFC 8684 3.4.1); one that has timed out is the last choice. */
static struct mpt_subflow *carrier(struct mpt_conn *c)
{
    struct mpt_subflow *sf, *best = NULL;

    MPT_EACH_SUBFLOW(c, sf)
        if (sf->member == MPT_MEMBER_FULL && mpt_flow_usable(&sf->flow) && (!best || best->stale))
            best = sf;
    return best;
}

static void send_signal(struct mpt_conn *c, uint8_t what)
{
    struct mpt_subflow *sf = carrier(c);

    if (!sf)
        return;
    sf->signals |= what;
    mpt_flow_push_ack(&sf->flow);
    mpt_conn_kick(c);
}

/* HMAC of ADD_ADDR: sender's key first, over id, address and port; rightmost 64 bits (3.4.1). */
static void add_hmac(uint8_t out[8], uint64_t sender, uint64_t receiver, const struct mpt_add_addr *o)
{
    uint8_t key[16], message[1 + 16 + 2], h[32];
    size_t n = o->addr.family == 4 ? 4 : 16;
    struct mpt_piece piece = { message, n + 3 };

    mpt_bytes_put64(mpt_bytes_put64(key, sender), receiver);
    message[0] = o->id;
    memcpy(message + 1, o->addr.ip, n);
    mpt_bytes_put16(message + 1 + n, o->addr.port);
    mpt_crypto_hmac(h, key, sizeof key, &piece, 1);
    memcpy(out, h + 24, 8);
    mpt_crypto_wipe(key, sizeof key);
}

/* The first subflow's address is 0 whatever its place (3.2). */
uint8_t mpt_addr_local_id(const struct mpt_conn *c, const struct mpt_addr *local)
{
    const struct mpt_address *a;

    if (mpt_addr_same_ip(local, &c->local))
        return 0;
    a = mpt_stack_address(c->stack, local);
    return a ? (uint8_t)(a - c->stack->address + 1) : 255;
}

const struct mpt_addr *mpt_addr_remote(const struct mpt_conn *c, uint8_t id)
{
    if (id == 0)
        return &c->remote;
    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->peer_addr[i].used && c->peer_addr[i].id == id)
            return &c->peer_addr[i].addr;
    return NULL;
}

/* One ADD_ADDR a place; it is repeated until its echo comes (3.4.1). */
void mpt_addr_announce(struct mpt_conn *c, uint32_t slot, uint64_t now)
{
    uint8_t id = (uint8_t)(slot + 1);

    for (int i = 0; i < MPT_KNOWN; i++) {
        if (c->announce_id[i] == id)
            return;
        if (c->announce_id[i])
            continue;
        c->announce_id[i] = id;
        c->announce_tries[i] = c->announce_echoed[i] = 0;
        c->add_addr_at = now + c->stack->config.add_addr_timeout;
        send_signal(c, MPT_SIG_ADD);
        mpt_conn_rearm(c);
        return;
    }
}

/* REMOVE_ADDR has no echo (3.4.2): it waits for a subflow that can carry it. */
void mpt_addr_withdraw(struct mpt_conn *c, uint8_t id, uint64_t now)
{
    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->announce_id[i] == id)
            c->announce_id[i] = 0;
    if (c->removes < MPT_KNOWN)
        c->remove_id[c->removes++] = id;
    MPT_TRACE(&c->stack->tracer, remove_addr, c->number, 0, now, id, 1, 0, 0);
    send_signal(c, MPT_SIG_REMOVE);
}

/* REMOVE_ADDR and echoes are sent once, so they wait for a subflow; ADD_ADDR has its timer. */
void mpt_addr_resume(struct mpt_conn *c)
{
    if (c->removes)
        send_signal(c, MPT_SIG_REMOVE);
    if (c->echoes)
        send_signal(c, MPT_SIG_ECHO);
}

/* Repeats ADD_ADDR until its echo (3.4.1). */
void mpt_addr_expire(struct mpt_conn *c, uint64_t now)
{
    int open = 0;

    c->add_addr_at = MPT_NEVER;
    for (int i = 0; i < MPT_KNOWN; i++)
        open |= c->announce_id[i] && !c->announce_echoed[i] && c->announce_tries[i] < ADD_TRIES;
    if (!open)
        return;
    c->add_addr_at = now + c->stack->config.add_addr_timeout;
    send_signal(c, MPT_SIG_ADD);
}

/* The echo is matched by id alone: it comes from the peer itself, inside the window. */
static void echo_in(struct mpt_conn *c, const struct mpt_add_addr *o)
{
    MPT_COUNT(c->stack, ECHO_ADD_RX);
    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->announce_id[i] == o->id)
            c->announce_echoed[i] = 1;
}

static struct mpt_known_addr *remember(struct mpt_conn *c, const struct mpt_add_addr *o)
{
    struct mpt_known_addr *free = NULL;

    for (int i = MPT_KNOWN; i-- > 0;) {
        if (c->peer_addr[i].used && c->peer_addr[i].id == o->id)
            return &c->peer_addr[i];
        if (!c->peer_addr[i].used)
            free = &c->peer_addr[i];
    }
    return free;
}

/* An ADD_ADDR counts only with the HMAC of its sender (3.4.1): otherwise anybody could steer joins to himself. */
void mpt_addr_in(struct mpt_conn *c, const struct mpt_add_addr *o, uint64_t now)
{
    struct mpt_known_addr *k;
    uint8_t h[8];

    if (o->echo) {
        echo_in(c, o);
        return;
    }
    add_hmac(h, c->key_remote, c->key_local, o);
    k = remember(c, o);
    if (!o->has_hmac || mpt_crypto_compare(h, o->hmac, 8) || !k || !o->id) {
        MPT_COUNT(c->stack, ADD_ADDR_HMAC);
        return;
    }
    MPT_COUNT(c->stack, ADD_ADDR_RX);
    MPT_TRACE(&c->stack->tracer, add_addr, c->number, 0, now, o->id, 0, 0, 0);
    k->addr = o->addr;
    k->ported = o->addr.port != 0;
    if (!k->addr.port)
        k->addr.port = c->remote.port;
    k->id = o->id;
    if (c->echoes < MPT_ECHOES)
        c->echo_id[c->echoes++] = (uint8_t)(k - c->peer_addr);
    send_signal(c, MPT_SIG_ECHO);
    if (!k->used) {
        k->used = 1;
        if (c->pm->peer_address && c->confirmed)
            c->pm->peer_address(c, o->id, now);
    }
}

/* The peer can send nothing from there any more, so its subflows end, with their octets elsewhere (3.4.2). */
void mpt_addr_remove_in(struct mpt_conn *c, const struct mpt_remove_addr *o, uint64_t now)
{
    struct mpt_subflow *sf;

    MPT_COUNT(c->stack, RM_ADDR_RX);
    for (uint8_t i = 0; i < o->count; i++) {
        MPT_TRACE(&c->stack->tracer, remove_addr, c->number, 0, now, o->id[i], 0, 0, 0);
        for (int k = 0; k < MPT_KNOWN; k++)
            if (c->peer_addr[k].id == o->id[i])
                c->peer_addr[k].used = 0;
        MPT_EACH_SUBFLOW(c, sf)
            if (sf->remote_id == o->id[i] && !sf->dead && sf->member == MPT_MEMBER_FULL)
                mpt_reset_subflow(sf, MPT_RST_PERFORMANCE, MPT_EADDRNOTAVAIL, now);
    }
}

/* A local address is gone: nothing can be sent from it, so its subflows end without a RST (3.4.2). */
void mpt_addr_lost(struct mpt_conn *c, const struct mpt_addr *local, uint64_t now)
{
    struct mpt_subflow *sf;
    int had = 0;
    uint8_t id = mpt_addr_local_id(c, local);

    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead && mpt_addr_same_ip(&sf->flow.local, local)) {
            had = 1;
            mpt_flow_kill(&sf->flow, MPT_EADDRNOTAVAIL, now);
        }
    for (int i = 0; i < MPT_KNOWN; i++)
        had |= c->announce_id[i] && c->announce_id[i] == id;
    if (had && c->multipath && c->confirmed)
        mpt_addr_withdraw(c, id, now);
}

/* The announcement that was sent least often and still waits for its echo; -1: none. */
static int next_to_add(const struct mpt_conn *c)
{
    int best = -1;

    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->announce_id[i] && !c->announce_echoed[i] && c->announce_tries[i] < ADD_TRIES &&
            (best < 0 || c->announce_tries[i] < c->announce_tries[best]))
            best = i;
    return best;
}

static uint32_t write_add(struct mpt_subflow *sf, uint8_t *p, uint32_t room, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_add_addr o = { .has_hmac = 1 };
    int i = next_to_add(c);

    if (i < 0)
        return 0;
    o.id = c->announce_id[i];
    o.addr = c->stack->address[o.id - 1].addr;
    if (room < (o.addr.family == 4 ? 16u : 28u))
        return 0;
    add_hmac(o.hmac, c->key_local, c->key_remote, &o);
    c->announce_tries[i]++;
    MPT_COUNT(c->stack, ADD_ADDR_TX);
    MPT_TRACE(&c->stack->tracer, add_addr, c->number, sf->number, now, o.id, 1, 0, 0);
    return (uint32_t)(mpt_add_addr_build(p, &o) - p);
}

static uint32_t write_echo(struct mpt_conn *c, uint8_t *p, uint32_t room)
{
    const struct mpt_known_addr *k = &c->peer_addr[c->echo_id[c->echoes - 1]];
    struct mpt_add_addr o = { .echo = 1, .id = k->id, .addr = k->addr, .has_port = k->ported };

    if (!k->ported) /* the same as it came (3.4.1) */
        o.addr.port = 0;
    if (room < (k->addr.family == 4 ? 8u : 20u) + (k->ported ? 4u : 0u))
        return 0;
    c->echoes--;
    MPT_COUNT(c->stack, ECHO_ADD_TX);
    return (uint32_t)(mpt_add_addr_build(p, &o) - p);
}

static uint32_t write_remove(struct mpt_conn *c, uint8_t *p, uint32_t room)
{
    struct mpt_remove_addr o = { .count = c->removes };

    if (!c->removes || room < ((3u + c->removes + 3) & ~3u))
        return 0;
    memcpy(o.id, c->remove_id, c->removes);
    c->removes = 0;
    MPT_COUNT(c->stack, RM_ADDR_TX);
    return (uint32_t)(mpt_remove_addr_build(p, &o) - p);
}

/* Announcements that have not been sent at all: these do not wait for the timer. */
static int more_to_add(const struct mpt_conn *c)
{
    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->announce_id[i] && !c->announce_tries[i])
            return 1;
    return 0;
}

/* One of the three a segment; what is left goes on the next pure ACK. */
uint32_t mpt_addr_write(struct mpt_subflow *sf, uint8_t *p, uint32_t room, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    uint32_t n = 0;

    if ((sf->signals & MPT_SIG_ECHO) && c->echoes)
        n = write_echo(c, p, room);
    else if ((sf->signals & MPT_SIG_REMOVE) && c->removes)
        n = write_remove(c, p, room);
    else if (sf->signals & MPT_SIG_ADD)
        n = write_add(sf, p, room, now);
    if (!c->echoes)
        sf->signals &= (uint8_t)~MPT_SIG_ECHO;
    if (!c->removes)
        sf->signals &= (uint8_t)~MPT_SIG_REMOVE;
    if (!more_to_add(c))
        sf->signals &= (uint8_t)~MPT_SIG_ADD;
    if (n && (sf->signals & (MPT_SIG_ECHO | MPT_SIG_REMOVE | MPT_SIG_ADD)))
        mpt_flow_push_ack(&sf->flow);
    return n;
}
