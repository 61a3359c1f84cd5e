/* SPDX-License-Identifier: MIT */
/* run/harness.c - builds and runs one simulation; see harness.h. */
#include "run/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/attacks.h"
#include "run/engines.h"
#include "run/mptcpsec.h"
#include "run/player.h"
#include "run/pool.h"
#include "run/radios.h"
#include "run/record.h"
#include "run/tables.h"
#include "run/traffic.h"
#include "run/twin.h"

/* ---- upcalls of the engine ---------------------------------------------------------------------- */

/* A packet for a stack: the pump takes IP off, hands it in and sends what the stack answers. */
static void upcall_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    struct run *r = ctx;

    pump_input(&r->host[host].pump, ifid, ip, len, now);
}

/* Every packet at every host, both directions: what the hash, the pcaps and the octet counts are
 * made of. */
static void upcall_tap(void *ctx, uint32_t host, uint32_t ifid, int dir, const uint8_t *ip, size_t len,
                       uint64_t now)
{
    record_packet(ctx, host, ifid, dir, ip, len, now);
}

/* The server's links must carry what the largest path does. */
static uint32_t mtu_of(const struct run_config *c, uint32_t host, uint32_t ifid)
{
    uint64_t mtu = host == 0 ? 1500 : c->path[ifid - 1].mtu;

    for (size_t i = 0; host == 0 && i < c->paths; i++)
        if (c->path[i].mtu > mtu)
            mtu = c->path[i].mtu;
    return (uint32_t)mtu;
}

/* The engine knows the addresses, the configuration what is special about the interface. Clients know the server's
 * first address; the others are for its path manager to announce (RFC 8684 3.4.1). */
static int raise_address(struct run *r, uint32_t host, uint32_t ifid, uint64_t now)
{
    uint32_t flags = host == 0 ? (ifid > 1 ? MPT_ADDRESS_SIGNAL : 0) : r->config->path[ifid - 1].backup ? MPT_ADDRESS_BACKUP : 0;
    struct mpt_addr addr;

    if (r->sim->ops->address(r->sim, host, ifid, &addr) < 0)
        return MPT_EADDRNOTAVAIL;
    addr.port = 0;
    return mpt_address_up(r->host[host].stack, &addr, ifid, mtu_of(r->config, host, ifid), flags, now);
}

/* With notice, as an operating system tells when an interface goes; silent loss never comes here. */
static void upcall_address(void *ctx, uint32_t host, uint32_t ifid, int up, uint64_t now)
{
    struct run *r = ctx;
    struct mpt_addr addr;

    if (up)
        raise_address(r, host, ifid, now);
    else if (r->sim->ops->address(r->sim, host, ifid, &addr) == 0)
        mpt_address_down(r->host[host].stack, &addr, now);
    pump_run(&r->host[host].pump, now);
}

/* ---- events of the stacks ----------------------------------------------------------------------- */

/* Ports apart: an interface is meant. */
static int same_addr(const struct mpt_addr *a, const struct mpt_addr *b)
{
    return a->family == b->family && memcmp(a->ip, b->ip, a->family == 4 ? 4 : 16) == 0;
}

/* A session whose end at the server is missing. Address and port tell; only an attacker rewrites ports, and then the
 * phone's first session that is missing one is meant. */
static struct session *find_session(struct run *r, const struct mpt_addr *peer, int any_port)
{
    for (size_t i = 0; i < r->sessions; i++) {
        struct session *s = &r->session[i];
        const struct mpt_addr *client = &s->info[SIDE_CLIENT].local;

        if (s->conn[SIDE_SERVER] == NULL && s->info[SIDE_SERVER].number == 0 &&
            (any_port || client->port == peer->port) && same_addr(client, peer))
            return s;
    }
    return NULL;
}

/* The server's end of which session is this? */
static struct session *match_accepted(struct run *r, struct mpt_conn *conn, uint64_t now)
{
    struct mpt_conn_info info = {.size = sizeof info};
    struct session *s;

    mpt_conn_info(conn, &info);
    s = find_session(r, &info.remote, 0);
    if (s == NULL && r->attacker != NULL)
        s = find_session(r, &info.remote, 1);
    if (s == NULL)
        return NULL;
    s->conn[SIDE_SERVER] = conn;
    mpt_conn_set_user(conn, s);
    if (apptls_open(s, SIDE_SERVER, now) < 0)
        mpt_abort(conn, now); /* never without TLS when it was asked for */
    return s;
}

/* Both ends' events come here; the session is known by the user pointer of the connection. */
static void on_event(void *ctx, struct pump *pump, const struct mpt_event *event, uint64_t now)
{
    struct run *r = ctx;
    int side = pump->host == 0 ? SIDE_SERVER : SIDE_CLIENT;
    struct session *s = event->user;

    /* the first event of a connection at the server: it was accepted */
    if (side == SIDE_SERVER && s == NULL)
        s = match_accepted(r, event->conn, now);
    if (s == NULL || s->conn[side] != event->conn) {
        mpt_abort(event->conn, now); /* nobody's: a port guessed by an attacker */
        mpt_close(event->conn, now);
        return;
    }
    traffic_look(s);
    record_routes(r, s, side);
    traffic_event(s, side, event, now);
}

/* A phone's interface is the path. At the server the peer's address says it: each path has
 * addresses of its own. */
int harness_path(const struct run *r, uint32_t host, const struct mpt_subflow_info *info)
{
    struct mpt_addr addr;

    if (host != 0)
        return info->ifid >= 1 && info->ifid <= r->config->paths ? (int)info->ifid - 1 : -1;
    for (uint32_t phone = 1; phone < r->hosts; phone++)
        for (uint32_t ifid = 1; ifid <= r->config->paths; ifid++)
            if (r->sim->ops->address(r->sim, phone, ifid, &addr) == 0 && same_addr(&addr, &info->remote))
                return (int)ifid - 1;
    return -1;
}

/* ---- building ----------------------------------------------------------------------------------- */

/* Each host draws from its own stream: one that needs more random octets does not shift the
 * others'. */
static int make_host(struct run *r, uint32_t index, char *err, size_t cap)
{
    struct run_host *h = &r->host[index];
    const struct mpt_config *config = &r->config->stack[index == 0 ? SIDE_SERVER : SIDE_CLIENT];
    struct mpt_env env = {.size = sizeof env, .random = rng_random, .trace = record_trace, .trace_ctx = h};
    char purpose[32];
    int e;

    h->run = r;
    h->index = index;
    snprintf(purpose, sizeof purpose, "host/%u/entropy", index);
    rng_init(&h->entropy, r->seed, purpose);
    env.random_ctx = &h->entropy;
    e = mpt_stack_new(&h->stack, &env, config, 0);
    if (e == 0)
        e = mptcpsec_identity(r, h->stack, index == 0 ? SIDE_SERVER : SIDE_CLIENT);
    if (e == 0)
        e = pump_init(&h->pump, r->sim, index, h->stack, on_event, r);
    if (e < 0)
        snprintf(err, cap, "stack of host %u: %s", index, mpt_strerror(e));
    return e;
}

/* Before the clients, at time 0: the first SYN finds a listener. */
static int start_server(struct run *r, char *err, size_t cap)
{
    struct mpt_addr any;
    int e = 0;

    memset(&any, 0, sizeof any);
    any.port = HARNESS_PORT;
    /* interface 1: the one address that clients connect to */
    for (uint32_t ifid = 1; e == 0 && ifid <= r->config->server_addresses; ifid++)
        e = raise_address(r, 0, ifid, 0);
    if (e == 0)
        e = mpt_listen(r->host[0].stack, &any, NULL);
    if (e < 0)
        snprintf(err, cap, "server: %s", mpt_strerror(e));
    return e;
}

/* Addresses first: a connection picks its local one from those that are up. */
static void start_phone(struct run *r, uint32_t phone, uint64_t now)
{
    for (uint32_t ifid = 1; ifid <= r->config->paths; ifid++)
        raise_address(r, phone, ifid, now);
    for (size_t i = 0; i < r->sessions; i++) {
        struct session *s = &r->session[i];
        int e = s->phone == phone ? traffic_start(s, now) : 0;

        if (e < 0)
            s->error = e;
    }
    pump_run(&r->host[phone].pump, now);
}

/* All phones in the order of their numbers, at the same instant. */
static void on_start(void *arg, uint64_t now)
{
    struct run *r = arg;

    for (uint32_t phone = 1; phone < r->hosts; phone++)
        start_phone(r, phone, now);
}

/* Sets itself again until the run is stopped. */
static void on_sample(void *arg, uint64_t now)
{
    struct run *r = arg;

    record_sample(r, now);
    r->sim->ops->timer_set(r->sim, &r->sample_timer, now + r->config->series);
}

/* All sessions are through: nothing that the run is about can happen any more. */
static void on_stop(void *arg, uint64_t now)
{
    struct run *r = arg;

    (void)now;
    r->sim->ops->stop(r->sim);
}

/* Times count from the start of the simulation; the clients come up only at `start`. */
static void set_timers(struct run *r)
{
    uint64_t start = r->config->start;

    r->start_timer.fire = on_start;
    r->sample_timer.fire = on_sample;
    r->stop_timer.fire = on_stop;
    r->start_timer.arg = r->sample_timer.arg = r->stop_timer.arg = r;
    r->sim->ops->timer_set(r->sim, &r->start_timer, start);
    if (r->config->series != 0)
        r->sim->ops->timer_set(r->sim, &r->sample_timer, start);
}

/* Connections are dealt to the phones in turn. */
static void make_sessions(struct run *r)
{
    r->sessions = r->config->phones * r->config->connections;
    r->session = pool_grow(NULL, r->sessions * sizeof *r->session);
    memset(r->session, 0, r->sessions * sizeof *r->session);
    for (size_t i = 0; i < r->sessions; i++) {
        struct session *s = &r->session[i];

        s->run = r;
        s->number = (uint32_t)i + 1;
        s->phone = (uint32_t)(i % r->config->phones) + 1;
        traffic_init(s);
    }
    twin_prepare(r);
}

/* The recorder before the engine, so that no packet is missed; the server last, when there are
 * sessions to match. */
static int build(struct run *r, const char *dir, char *err, size_t cap)
{
    struct sim_upcalls up = {r, upcall_receive, upcall_tap, upcall_address};

    network_build(&r->network, r->config, r->seed);
    r->hosts = r->config->phones + 1;
    r->host = pool_grow(NULL, r->hosts * sizeof *r->host);
    memset(r->host, 0, r->hosts * sizeof *r->host);
    if (record_open(r, dir, err, cap) < 0)
        return -1;
    if (attacks_build(r, err, cap) < 0 || radios_build(r, dir, err, cap) < 0)
        return -1;
    r->sim = engines[r->config->engine].make(&r->network.topology, &up, err, cap);
    if (r->sim == NULL)
        return -1;
    for (uint32_t i = 0; i < r->hosts; i++)
        if (make_host(r, i, err, cap) < 0)
            return -1;
    make_sessions(r);
    if (apptls_init(r, err, cap) < 0)
        return -1;
    return start_server(r, err, cap);
}

/* Also what is half built: what was not made is NULL. Pumps before the engine that their timers
 * live in. */
static void destroy(struct run *r)
{
    for (size_t i = 0; i < r->hosts; i++) {
        pump_clear(&r->host[i].pump);
        if (r->host[i].stack != NULL)
            mpt_stack_free(r->host[i].stack);
    }
    if (r->sim != NULL)
        r->sim->ops->free(r->sim);
    attacks_free(r); /* its boxes went with the engine's paths */
    radios_free(r);
    for (size_t i = 0; i < r->sessions; i++) {
        for (int side = 0; side < SIDES; side++)
            apptls_release(&r->session[i], side);
        player_clear(&r->session[i]);
    }
    apptls_clear(r);
    free(r->session);
    free(r->host);
}

/* For run.json only. */
static double wall_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The tables are written from what is left at the end; the last sample shows it too. Files are
 * closed and memory is freed whatever failed. */
int harness_run(struct run *r, const char *dir, char *err, size_t cap)
{
    double begun = wall_clock();
    int e = twin_run(r, err, cap);

    if (e == 0)
        e = build(r, dir, err, cap);
    if (e == 0) {
        set_timers(r);
        r->sim->ops->run(r->sim, r->config->start + r->config->duration);
        r->ended_at = r->sim->ops->now(r->sim);
        for (size_t i = 0; i < r->sessions; i++)
            traffic_look(&r->session[i]);
        record_sample(r, r->ended_at);
        radios_finish(r);
        r->wall = wall_clock() - begun;
        if (r->is_twin)
            r->without = twin_worst(r, NULL);
        else
            e = tables_write(r, dir, err, cap);
    }
    if (record_close(r, err, cap) < 0)
        e = -1;
    destroy(r);
    if (!r->is_twin)
        twin_free(r);
    return e < 0 ? -1 : 0;
}
