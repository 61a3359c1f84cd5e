/* SPDX-License-Identifier: MIT */
/* conn/addr.c - addresses announced and withdrawn: ADD_ADDR with HMAC, echo and repetition, REMOVE_ADDR (RFC 8684
 * 3.4.1, 3.4.2). pm/ and api/ ask; map.c brings the options in through hooks.c. */
#include "conn/conn.h"

#include "pm/pm.h"
#include "secure/secure.h"

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

    if (mpt_secure_bound(c)) { /* by control messages (sec/SPEC.md 3.6) */
        mpt_secure_tell(c);
        return;
    }
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
    return a ? a->id : 255;
}

const struct mpt_addr *mpt_addr_remote(const struct mpt_conn *c, uint8_t id)
{
    if (id == 0)
        return c->peer_initial_gone ? NULL : &c->remote;
    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->peer_addr[i].used && c->peer_addr[i].id == id)
            return &c->peer_addr[i].addr;
    return NULL;
}

/* May a join come to this port of ours? The connection's own, or one that was announced with the address (3.4.1): 2
 * then. 0: neither. */
int mpt_addr_takes_joins(const struct mpt_conn *c, const struct mpt_addr *local)
{
    if (local->port == c->local.port)
        return 1;
    for (int i = 0; i < MPT_KNOWN; i++) {
        const struct mpt_address *a = c->announce_id[i] ? mpt_stack_address_id(c->stack, c->announce_id[i]) : NULL;

        if (a && a->port == local->port && mpt_addr_same_ip(&a->addr, local))
            return 2;
    }
    return 0;
}

/* ---- our own ---- */

/* One ADD_ADDR a place; it is repeated until its echo comes (3.4.1). */
void mpt_addr_announce(struct mpt_conn *c, uint32_t slot, uint64_t now)
{
    uint8_t id = c->stack->address[slot].id;
    int at = -1;

    for (int i = MPT_KNOWN; i-- > 0;) {
        if (c->announce_id[i] == id)
            return;
        if (!c->announce_id[i])
            at = i;
    }
    if (at < 0) {
        MPT_COUNT(c->stack, ADD_ADDR_TX_DROP);
        return;
    }
    c->announce_id[at] = id;
    c->announce_tries[at] = c->announce_echoed[at] = 0;
    if (!mpt_secure_bound(c)) /* else it is repeated until its CACK, by secure/control.c */
        c->add_addr_at = now + c->stack->config.add_addr_timeout;
    send_signal(c, MPT_SIG_ADD);
    mpt_conn_rearm(c);
}

/* An announcement whose echo may still come. */
int mpt_addr_announcing(const struct mpt_conn *c)
{
    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->announce_id[i] && !c->announce_echoed[i] && c->announce_tries[i] <= ADD_TRIES)
            return 1;
    return 0;
}

/* REMOVE_ADDR has no echo (3.4.2): it waits for a subflow that can carry it. What was not announced yet need not be. */
void mpt_addr_withdraw(struct mpt_conn *c, uint8_t id, uint64_t now)
{
    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->announce_id[i] == id)
            c->announce_id[i] = 0;
    if (memchr(c->remove_id, id, c->removes)) /* still waits for a subflow: once in an option is enough */
        return;
    if (c->removes == MPT_KNOWN) {
        MPT_COUNT(c->stack, RM_ADDR_TX_DROP);
        return;
    }
    c->remove_id[c->removes++] = id;
    MPT_TRACE(&c->stack->tracer, remove_addr, c->number, 0, now, id, 1, 0, 0);
    send_signal(c, MPT_SIG_REMOVE);
}

/* REMOVE_ADDR and echoes are sent once, so they wait for a subflow; ADD_ADDR has its timer. */
void mpt_addr_resume(struct mpt_conn *c)
{
    if (mpt_secure_bound(c)) {
        mpt_secure_tell(c);
        return;
    }
    if (c->removes)
        send_signal(c, MPT_SIG_REMOVE);
    if (c->echoes)
        send_signal(c, MPT_SIG_ECHO);
}

/* Repeats ADD_ADDR until its echo (3.4.1). One more period after the last try, the peer will not answer. */
void mpt_addr_expire(struct mpt_conn *c, uint64_t now)
{
    int open = 0, waiting = 0;

    c->add_addr_at = MPT_NEVER;
    for (int i = 0; i < MPT_KNOWN; i++) {
        if (!c->announce_id[i] || c->announce_echoed[i])
            continue;
        open |= c->announce_tries[i] < ADD_TRIES;
        waiting |= c->announce_tries[i] < ADD_TRIES || c->pm->progress;
        c->announce_tries[i] = c->announce_tries[i] >= ADD_TRIES ? ADD_TRIES + 1 : c->announce_tries[i];
    }
    if (waiting && (open || mpt_addr_announcing(c)))
        c->add_addr_at = now + c->stack->config.add_addr_timeout;
    if (open)
        send_signal(c, MPT_SIG_ADD);
    else if (c->pm->progress)
        c->pm->progress(c, now);
}

/* ---- the peer's ---- */

/* The echo is the option as it was sent, without HMAC (3.4.1): another address or port acknowledges nothing. */
static void echo_in(struct mpt_conn *c, const struct mpt_add_addr *o, uint64_t now)
{
    MPT_COUNT(c->stack, ECHO_ADD_RX);
    for (int i = 0; i < MPT_KNOWN; i++) {
        const struct mpt_address *a = mpt_stack_address_id(c->stack, o->id);

        if (c->announce_id[i] != o->id || !a || a->port != o->addr.port || !mpt_addr_same_ip(&a->addr, &o->addr) ||
            c->announce_echoed[i])
            continue;
        c->announce_echoed[i] = 1;
        if (c->pm->progress)
            c->pm->progress(c, now);
    }
}

/* Its control message was acknowledged (sec/SPEC.md 3.6): as an echo. */
void mpt_addr_told(struct mpt_conn *c, uint8_t id, uint64_t now)
{
    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->announce_id[i] == id)
            c->announce_echoed[i] = 1;
    if (c->pm->progress && c->state != MPT_CONN_CLOSED)
        c->pm->progress(c, now);
}

/* A live subflow has that id and comes from another address. */
static int is_in_use(const struct mpt_conn *c, const struct mpt_add_addr *o)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (sf->remote_id == o->id && mpt_subflow_alive(sf) && !mpt_addr_same_ip(&sf->flow.remote, &o->addr))
            return 1;
    return 0;
}

/* The place of an id. One that a live subflow uses with another address is ignored: 3.4.1 wants a REMOVE_ADDR in
 * between. Otherwise the later word counts. */
static struct mpt_known_addr *remember(struct mpt_conn *c, const struct mpt_add_addr *o)
{
    struct mpt_known_addr *free = NULL, *k;
    uint16_t port = o->addr.port ? o->addr.port : c->remote.port;

    for (int i = MPT_KNOWN; i-- > 0;) {
        k = &c->peer_addr[i];
        if (!k->used)
            free = k;
        if (!k->used || k->id != o->id)
            continue;
        if (mpt_addr_same_ip(&k->addr, &o->addr) && k->addr.port == port)
            return k;
        if (is_in_use(c, o))
            return NULL;
        k->used = 0;
        return k;
    }
    return is_in_use(c, o) ? NULL : free;
}

static void owe_echo(struct mpt_conn *c, const struct mpt_add_addr *o)
{
    struct mpt_known_addr *k = &c->echo[c->echoes];

    if (mpt_secure_bound(c)) /* CACK does it */
        return;
    if (c->echoes == MPT_ECHOES) { /* it will be asked for again */
        MPT_COUNT(c->stack, ECHO_ADD_TX_DROP);
        return;
    }
    c->echoes++;
    k->addr = o->addr;
    k->id = o->id;
    k->ported = o->has_port;
    send_signal(c, MPT_SIG_ECHO);
}

static int is_genuine(const struct mpt_conn *c, const struct mpt_add_addr *o)
{
    uint8_t h[8];

    add_hmac(h, c->key_remote, c->key_local, o);
    return o->has_hmac && !mpt_crypto_compare(h, o->hmac, 8);
}

/* The address of the first subflow again: after its removal joins may go there once more. Another address under id 0
 * is echoed and nothing else, as Linux does. */
static void initial_in(struct mpt_conn *c, const struct mpt_add_addr *o, uint64_t now)
{
    owe_echo(c, o);
    if (!mpt_addr_same_ip(&o->addr, &c->remote) || !c->peer_initial_gone)
        return;
    c->peer_initial_gone = 0;
    if (c->pm->peer_address && c->confirmed)
        c->pm->peer_address(c, 0, now);
}

/* An ADD_ADDR counts only with the HMAC of its sender (3.4.1): otherwise anybody could steer joins to himself. */
void mpt_addr_in(struct mpt_conn *c, const struct mpt_add_addr *o, uint64_t now)
{
    if (o->echo)
        echo_in(c, o, now);
    else if (is_genuine(c, o))
        mpt_addr_take(c, o, now);
    else
        MPT_COUNT(c->stack, ADD_ADDR_HMAC);
}

/* Of the peer without doubt: by that HMAC, or by the record it came in (sec/SPEC.md 3.6). */
void mpt_addr_take(struct mpt_conn *c, const struct mpt_add_addr *o, uint64_t now)
{
    struct mpt_known_addr *k;

    k = o->id ? remember(c, o) : c->peer_addr;
    if (!k) {
        MPT_COUNT(c->stack, ADD_ADDR_DROP);
        return;
    }
    MPT_COUNT(c->stack, ADD_ADDR_RX);
    c->stack->counters[MPT_CNT_PORT_ADD] += o->addr.port != 0;
    MPT_TRACE(&c->stack->tracer, add_addr, c->number, 0, now, o->id, 0, 0, 0);
    if (!o->id) {
        initial_in(c, o, now);
        return;
    }
    k->addr = o->addr;
    if (!k->addr.port)
        k->addr.port = c->remote.port;
    k->id = o->id;
    k->used = 1;
    owe_echo(c, o);
    mpt_reset_unbar(c, o->id); /* said again: another attempt is wanted (3.4.1) */
    if (c->pm->peer_address && c->confirmed)
        c->pm->peer_address(c, o->id, now);
}

static void forget(struct mpt_conn *c, uint8_t id)
{
    uint8_t kept = 0;

    c->peer_initial_gone |= !id;
    for (int k = 0; k < MPT_KNOWN; k++)
        if (c->peer_addr[k].id == id)
            c->peer_addr[k].used = 0;
    for (uint8_t i = 0; i < c->echoes; i++) /* nobody waits for that echo any more */
        if (c->echo[i].id != id)
            c->echo[kept++] = c->echo[i];
    c->echoes = kept;
}

/* The peer can send nothing from there any more, so its subflows end, with their octets elsewhere (3.4.2). Id 0 is the
 * address of the first subflow. */
void mpt_addr_gone(struct mpt_conn *c, const uint8_t *ids, uint8_t count, uint64_t now)
{
    struct mpt_subflow *sf;

    for (uint8_t i = 0; i < count; i++) {
        int ours = 0;

        MPT_COUNT(c->stack, RM_ADDR_RX);
        MPT_TRACE(&c->stack->tracer, remove_addr, c->number, 0, now, ids[i], 0, 0, 0);
        forget(c, ids[i]);
        MPT_EACH_SUBFLOW(c, sf)
            if (sf->remote_id == ids[i] && !sf->dead && sf->member == MPT_MEMBER_FULL) {
                ours |= sf->joined && sf->initiator;
                mpt_reset_subflow(sf, MPT_RST_UNSPECIFIED, MPT_EADDRNOTAVAIL, now);
            }
        if (ours && c->pm_accepted) /* room for another address (limits.add_addr_accepted) */
            c->pm_accepted--;
    }
}

void mpt_addr_remove_in(struct mpt_conn *c, const struct mpt_remove_addr *o, uint64_t now)
{
    mpt_addr_gone(c, o->id, o->count, now);
}

/* ---- addresses that go ---- */

static int was_told(const struct mpt_conn *c, uint8_t id)
{
    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->announce_id[i] && c->announce_id[i] == id)
            return 1;
    return 0;
}

static void withdraw_if(struct mpt_conn *c, int had, const struct mpt_addr *local, uint64_t now)
{
    const struct mpt_address *a = mpt_stack_address(c->stack, local);
    uint8_t id = mpt_addr_local_id(c, local);

    if (!c->multipath || !c->confirmed)
        return;
    if (a && a->id != id && was_told(c, a->id)) /* the first subflow's address, announced with a port */
        mpt_addr_withdraw(c, a->id, now);
    if (had || was_told(c, id))
        mpt_addr_withdraw(c, id, now);
}

/* A local address is gone: nothing can be sent from it, so its subflows end without a RST (3.4.2). */
void mpt_addr_lost(struct mpt_conn *c, const struct mpt_addr *local, uint64_t now)
{
    struct mpt_subflow *sf;
    int had = 0;

    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead && mpt_addr_same_ip(&sf->flow.local, local)) {
            had = 1;
            mpt_flow_kill(&sf->flow, MPT_EADDRNOTAVAIL, now);
        }
    withdraw_if(c, had, local, now);
}

/* The host does not want it used any more, though it works: the peer is told, and its subflows end by RST (3.4.2). */
void mpt_addr_retire(struct mpt_conn *c, const struct mpt_addr *local, uint64_t now)
{
    struct mpt_subflow *sf;
    int had = 0;

    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead && mpt_addr_same_ip(&sf->flow.local, local)) {
            had = 1;
            MPT_COUNT(c->stack, RM_SUBFLOW);
            if (mpt_secure_keyed(c)) /* in peace: a RST says nothing there (sec/SPEC.md 3.6) */
                mpt_secure_leave(sf, now);
            else
                mpt_reset_subflow(sf, MPT_RST_UNSPECIFIED, MPT_EADDRNOTAVAIL, now);
        }
    withdraw_if(c, had, local, now);
}

/* ---- on the wire ---- */

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

/* Options that a segment may have beside timestamps, at most. */
static uint32_t whole_room(const struct mpt_subflow *sf)
{
    return sf->flow.ts_ok ? 28 : 40;
}

static uint32_t size_of(const struct mpt_addr *a, int ported, int hmac)
{
    return (4u + (a->family == 4 ? 4u : 16u) + (ported ? 2u : 0u) + (hmac ? 8u : 0u) + 3u) & ~3u;
}

static uint32_t write_add(struct mpt_subflow *sf, uint8_t *p, uint32_t room, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_add_addr o = { .has_hmac = 1 };
    int i = next_to_add(c);
    const struct mpt_address *a = i < 0 ? NULL : mpt_stack_address_id(c->stack, c->announce_id[i]);

    if (!a)
        return 0;
    if (room < size_of(&a->addr, a->port, 1)) {
        if (size_of(&a->addr, a->port, 1) > whole_room(sf)) { /* IPv6 with a port has no place beside timestamps */
            c->announce_tries[i] = ADD_TRIES;
            MPT_COUNT(c->stack, ADD_ADDR_TX_DROP);
        }
        return 0;
    }
    o.id = a->id;
    o.addr = a->addr;
    o.addr.port = a->port;
    o.has_port = a->port != 0;
    add_hmac(o.hmac, c->key_local, c->key_remote, &o);
    c->announce_tries[i]++;
    MPT_COUNT(c->stack, ADD_ADDR_TX);
    MPT_TRACE(&c->stack->tracer, add_addr, c->number, sf->number, now, o.id, 1, 0, 0);
    return (uint32_t)(mpt_add_addr_build(p, &o) - p);
}

/* The same as it came (3.4.1), the oldest first. */
static uint32_t write_echo(struct mpt_conn *c, uint8_t *p, uint32_t room)
{
    const struct mpt_known_addr k = c->echo[0];
    struct mpt_add_addr o = { .echo = 1, .id = k.id, .addr = k.addr, .has_port = k.ported };

    if (room < size_of(&k.addr, k.ported, 0))
        return 0;
    memmove(c->echo, c->echo + 1, --c->echoes * sizeof c->echo[0]);
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
    c->stack->counters[MPT_CNT_RM_ADDR_TX] += o.count;
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

/* One of the three a segment, REMOVE_ADDR before the ADD_ADDR that may reuse its id (3.4.2); what is left goes on the
 * next pure ACK, which has all the room there is. */
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
    if ((n || room == whole_room(sf)) && !more_to_add(c))
        sf->signals &= (uint8_t)~MPT_SIG_ADD;
    if ((n || room < whole_room(sf)) && (sf->signals & (MPT_SIG_ECHO | MPT_SIG_REMOVE | MPT_SIG_ADD)))
        mpt_flow_push_ack(&sf->flow);
    return n;
}
