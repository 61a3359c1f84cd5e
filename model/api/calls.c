/* SPDX-License-Identifier: MIT */
/* api/calls.c - connections and subflows by the host's hand (mpt.h; RFC 9293 3.9.1 names the user calls). */
#include "conn/conn.h"

#include "pm/pm.h"
#include "secure/secure.h"

int mpt_listen(struct mpt_stack *s, const struct mpt_addr *addr, void *user)
{
    struct mpt_listener *l;

    if (!addr->port)
        return MPT_EINVAL;
    for (struct mpt_list *i = s->listeners.next; i != &s->listeners; i = i->next)
        if (mpt_addr_same(&MPT_LIST_OWNER(i, struct mpt_listener, link)->addr, addr))
            return MPT_EADDRINUSE;
    l = mpt_mem_zalloc(&s->mem, sizeof *l);
    if (!l)
        return MPT_ENOMEM;
    l->addr = *addr;
    l->user = user;
    mpt_list_append(&s->listeners, &l->link);
    return 0;
}

int mpt_unlisten(struct mpt_stack *s, const struct mpt_addr *addr)
{
    for (struct mpt_list *i = s->listeners.next; i != &s->listeners; i = i->next) {
        struct mpt_listener *l = MPT_LIST_OWNER(i, struct mpt_listener, link);

        if (!mpt_addr_same(&l->addr, addr))
            continue;
        mpt_list_remove(&l->link);
        mpt_mem_free(&s->mem, l, sizeof *l);
        return 0;
    }
    return MPT_ENOENT;
}

/* RFC 9293 3.9.1.1: an unspecified local address or port is chosen by us. The port is free towards that remote
 * only, so
 * the same port may serve many remotes (RFC 6056 3.1). */
static int choose_local(struct mpt_stack *s, struct mpt_addr *local, const struct mpt_addr *remote)
{
    struct mpt_address *a = NULL;

    if (local->family) {
        a = mpt_stack_address(s, local);
    } else {
        for (int i = 0; i < MPT_ADDRESSES && !a; i++)
            if (s->address[i].up && s->address[i].addr.family == remote->family)
                a = &s->address[i];
    }
    if (!a || !a->up)
        return MPT_EADDRNOTAVAIL;
    if (!local->family) {
        uint16_t port = local->port;

        *local = a->addr;
        local->port = port;
    }
    if (!local->port)
        local->port = mpt_stack_port(s, local, remote);
    return local->port && !mpt_stack_subflow(s, local, remote) ? 0 : MPT_EADDRINUSE;
}

/* The first subflow. Without MPTCP no key is drawn: then nothing of it can reach the wire. */
static int open_first(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf = mpt_subflow_new(c, &c->local, &c->remote, now);
    int r;

    if (!sf)
        return MPT_ENOMEM;
    sf->initiator = 1;
    if (!c->stack->config.mptcp || (!mpt_heuristics_offer(c->stack, now) && c->stack->config.sec != MPT_SECURE_REQUIRE) ||
        mpt_keys_local(c) < 0)
        sf->flow.window_shared = 0; /* plain TCP from the start (RFC 8684 3.9, 3.1) */
    else
        MPT_COUNT(c->stack, MP_CAPABLE_SYN_TX);
    r = mpt_secure_connect(c);
    if (r < 0)
        return r;
    if (!c->secure) /* the handshake's octets come first (sec/SPEC.md 3.2) */
        mpt_fastopen_connect(c, sf);
    return mpt_flow_connect(&sf->flow, 0, 0, 0, now);
}

int mpt_connect(struct mpt_stack *s, struct mpt_conn **conn, const struct mpt_addr *local,
                const struct mpt_addr *remote, uint64_t now)
{
    struct mpt_addr from = { 0 };
    struct mpt_conn *c;
    int r;

    *conn = NULL;
    if (local)
        from = *local;
    if ((remote->family != 4 && remote->family != 6) || !remote->port || (from.family && from.family != remote->family))
        return MPT_EINVAL;
    r = choose_local(s, &from, remote);
    if (r < 0)
        return r;
    c = mpt_conn_new(s, 0);
    if (!c)
        return MPT_ENOMEM;
    c->local = from;
    c->remote = *remote;
    r = open_first(c, now);
    if (r < 0) {
        mpt_conn_free(c);
        return r;
    }
    MPT_TRACE(&s->tracer, subflow_new, c->number, 1, now, 0, 0, 0, 0);
    *conn = c;
    mpt_conn_kick(c);
    return 0;
}

void mpt_conn_set_user(struct mpt_conn *c, void *user)
{
    c->user = user;
}

/* Allowed while connecting: the octets wait for the handshake (RFC 9293 3.9.1.2). */
int64_t mpt_write(struct mpt_conn *c, const void *data, size_t n, uint64_t now)
{
    if (c->state == MPT_CONN_CLOSED)
        return c->error ? c->error : MPT_ENOTCONN;
    if (c->want_fin)
        return MPT_EPIPE;
    return n ? mpt_send_write(c, data, n, now) : 0;
}

int64_t mpt_read(struct mpt_conn *c, void *out, size_t n, uint64_t now)
{
    return mpt_recv_read(c, out, n, now);
}

int64_t mpt_peek(const struct mpt_conn *c, void *out, size_t n)
{
    return mpt_recv_peek(c, out, n);
}

/* Half-close: DATA_FIN is queued behind what was written (RFC 8684 3.3.3, RFC 9293 3.6). */
int mpt_shutdown(struct mpt_conn *c, uint64_t now)
{
    if (c->state == MPT_CONN_CLOSED)
        return MPT_ENOTCONN;
    if (c->want_fin)
        return 0;
    c->want_fin = 1;
    mpt_conn_gauge(c);
    if (c->state == MPT_CONN_OPEN)
        mpt_conn_set_state(c, MPT_CONN_CLOSING, 0, now);
    mpt_conn_kick(c);
    return 0;
}

/* Nobody reads any more, so the window closes; what was written is still delivered. A peer that does not end its
 * half by close_timeout after it has all of ours is given up (fin.c). */
void mpt_close(struct mpt_conn *c, uint64_t now)
{
    c->closed_by_user = 1;
    c->user = NULL;
    mpt_list_remove(&c->ready);
    if (c->state == MPT_CONN_CONNECTING && !c->stream.end)
        mpt_conn_over(c, MPT_EABORTED, now);
    else
        mpt_shutdown(c, now);
    mpt_fin_orphan(c, now);
    if (mpt_conn_settle(c, now))
        mpt_conn_kick(c);
}

/* RFC 8684 3.5; in plain TCP a RST (RFC 9293 3.9.1.5). */
void mpt_abort(struct mpt_conn *c, uint64_t now)
{
    mpt_fastclose_send(c, now);
}

/* Which address id a remote has with the peer: 0 is the first subflow's (RFC 8684 3.2), others come by ADD_ADDR. */
static int find_remote(struct mpt_conn *c, struct mpt_addr *remote, uint8_t *id)
{
    *id = 0;
    if (!remote->family) {
        *remote = c->remote;
        return 0;
    }
    if (mpt_addr_same_ip(remote, &c->remote))
        return 0;
    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->peer_addr[i].used && mpt_addr_same_ip(remote, &c->peer_addr[i].addr)) {
            *id = c->peer_addr[i].id;
            return 0;
        }
    *id = 255; /* the SYN/ACK will tell */
    return remote->port ? 0 : MPT_EINVAL;
}

int mpt_subflow_join(struct mpt_conn *c, const struct mpt_addr *local, const struct mpt_addr *remote, uint32_t flags,
                     uint64_t now)
{
    struct mpt_address *a = mpt_stack_address(c->stack, local);
    struct mpt_addr to = { 0 };
    uint8_t id;
    int r;

    if (remote)
        to = *remote;
    if (!a || !a->up)
        return MPT_EADDRNOTAVAIL;
    r = find_remote(c, &to, &id);
    if (r < 0)
        return r;
    MPT_TRACE(&c->stack->tracer, pm_trigger, c->number, 0, now, MPT_TRIGGER_HOST, 0, 0, 0);
    return mpt_join_start(c, local, &to, id, flags, 0, now);
}

int mpt_subflow_close(struct mpt_conn *c, uint32_t subflow, uint64_t now)
{
    struct mpt_subflow *sf = mpt_subflow_find(c, subflow);

    if (!sf || sf->dead)
        return MPT_ENOENT;
    if (!c->multipath)
        return MPT_ENOTCONN;
    mpt_fin_leave(sf, now);
    return 0;
}

int mpt_subflow_backup(struct mpt_conn *c, uint32_t subflow, int backup, uint64_t now)
{
    struct mpt_subflow *sf = mpt_subflow_find(c, subflow);

    return sf ? mpt_prio_set(sf, backup, now) : MPT_ENOENT;
}
