/* SPDX-License-Identifier: MIT */
/* simcase.c - draws a case from a seed (see simcase.h). Called by the sim_*.c programs. */
#include "simcase.h"

#include "simsec.h"

#include <stdio.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)

static uint64_t between(struct rng *r, uint64_t low, uint64_t high)
{
    return low + rng_below(r, high - low + 1);
}

static int one_in(struct rng *r, uint64_t n)
{
    return rng_below(r, n) == 0;
}

/* Many small values, a few large ones: both ends of a range matter alike. */
static uint64_t spread(struct rng *r, uint64_t low, uint64_t high)
{
    uint64_t top = low;

    while (top < high && rng_below(r, 3))
        top *= 2;
    return between(r, low, top < high ? top : high);
}

/* ---- network --------------------------------------------------------------------------------------- */

static void draw_link(struct sim_case *c, struct link_config *l, struct rng *r, uint32_t nasty)
{
    static const uint64_t rates[] = { 256000, 1000000, 5000000, 20000000, 100000000, 0 };

    l->rate = rates[rng_below(r, 6)];
    l->delay = spread(r, 1, 128) * MS;
    l->queue_bytes = one_in(r, 3) ? between(r, 4000, 60000) : 0;
    l->jitter = one_in(r, 4) ? spread(r, 1, 40) * MS : 0;
    if (!nasty)
        return;
    if (one_in(r, 2)) {
        l->loss_model = one_in(r, 2) ? LOSS_UNIFORM : LOSS_BURST;
        l->loss = 0.001 * (double)spread(r, 1, c->must ? 30 : 150);
        l->burst = 1.0 + 0.5 * (double)rng_below(r, c->must ? 3 : 12);
    }
    if (one_in(r, 3)) {
        l->reorder = 0.001 * (double)spread(r, 1, 300);
        l->reorder_delay = spread(r, 1, 100) * MS;
    }
    if (one_in(r, 3))
        l->duplicate = 0.001 * (double)spread(r, 1, 200);
    if (one_in(r, 3))
        l->corrupt = 0.001 * (double)spread(r, 1, c->must ? 20 : 100);
}

static void add_change(struct path_config *p, uint64_t at, uint32_t kind, uint32_t dir, double value)
{
    struct path_change ch = { .at = at, .kind = kind, .dir = dir, .value = value };

    p->change[p->changes++] = ch;
}

/* Fails and, mostly, returns: silently (the phone is told nothing), or with its address. */
static void draw_failures(struct sim_case *c, struct path_config *p, struct rng *r)
{
    uint64_t at = 0;
    int n = (int)between(r, 1, 3);

    for (int i = 0; i < n; i++) {
        int silent = c->must || rng_below(r, 3) != 0;
        uint32_t kind = silent ? CHANGE_DOWN : CHANGE_ADDRESS, dir = silent ? (uint32_t)rng_below(r, 3) : 0;
        uint64_t outage = spread(r, 20, c->must ? 4000 : 8000) * MS;

        at += spread(r, 10, 4000) * MS;
        add_change(p, at, kind, dir, silent ? 1 : 0);
        at += outage;
        if (i == n - 1 && !c->must && one_in(r, 4))
            return; /* for good */
        add_change(p, at, kind, dir, silent ? 0 : 1);
    }
    if (one_in(r, 4))
        add_change(p, at + spread(r, 1, 500) * MS, CHANGE_RATE, 0, 300000.0);
}

static void draw_path(struct sim_case *c, size_t index, struct rng *r)
{
    struct path_config *p = &c->topology.path[index];
    uint32_t nasty = !one_in(r, 4);

    snprintf(p->name, sizeof p->name, "p%u", (unsigned)index % 10);
    p->mtu = one_in(r, 4) ? (uint32_t)between(r, 1280, 1500) : 1500;
    p->backup = one_in(r, 5);
    draw_link(c, &p->up, r, nasty);
    draw_link(c, &p->down, r, nasty);
    if (one_in(r, 8)) {
        p->promotion = spread(r, 20, 300) * MS;
        p->idle_after = spread(r, 50, 10000) * MS;
        p->idle_at_start = one_in(r, 2);
    }
    if (one_in(r, 2))
        draw_failures(c, p, r);
}

static void draw_topology(struct sim_case *c, struct rng *r)
{
    struct topology *t = &c->topology;

    t->phones = 1;
    t->seed = c->seed;
    t->ipv6 = one_in(r, 3);
    t->paths = one_in(r, 5) ? 1 : (size_t)between(r, 2, 3);
    t->server_multihomed = one_in(r, 4);
    for (size_t i = 0; i < t->paths; i++)
        draw_path(c, i, r);
    if (one_in(r, 3)) {
        t->server_link.rate = between(r, 2, 100) * 1000000;
        t->server_link.delay = spread(r, 1, 30) * MS;
    }
}

/* ---- configurations -------------------------------------------------------------------------------- */

static void draw_config(struct sim_case *c, struct mpt_config *g, struct rng *r)
{
    mpt_config_default(g);
    g->mptcp = !one_in(r, 12);
    g->cc = (uint32_t)rng_below(r, MPT_CC_BALIA + 1);
    g->sched = (uint32_t)rng_below(r, MPT_SCHED_BLEST + 1);
    g->pm = (uint32_t)rng_below(r, MPT_PM_ENDPOINTS + 1);
    g->limits_subflows = (uint32_t)rng_below(r, 5);
    g->limits_add_addr_accepted = (uint32_t)rng_below(r, 5);
    g->fastclose = one_in(r, 3);
    g->stale_loss_count = (uint32_t)rng_below(r, 6);
    g->checksum = one_in(r, 3);
    g->join_data = !one_in(r, 3);
    g->jwd_accept = (uint32_t)rng_below(r, 3);
    g->max_subflows = one_in(r, 5) ? (uint32_t)between(r, 1, 3) : 8;
    g->tcp_sack = !one_in(r, 5);
    g->tcp_timestamps = !one_in(r, 4);
    g->tcp_initial_window = one_in(r, 4) ? (uint32_t)between(r, 1, 4) : 10;
    g->opportunistic = !one_in(r, 3);
    g->sndbuf = spread(r, 2048, 1 << 20);
    g->rcvbuf = spread(r, 2048, 1 << 20);
    g->tcp_rto_min = one_in(r, 2) ? 200 * MS : spread(r, 20, 1000) * MS;
    g->tcp_rto_max = between(r, 2, 20) * SECOND;
    g->tcp_syn_rto = c->must || one_in(r, 2) ? SECOND : spread(r, 100, 1000) * MS;
    g->tcp_delack = one_in(r, 4) ? 0 : spread(r, 5, 200) * MS;
    g->tcp_time_wait = c->must ? between(r, 10, 60) * SECOND : spread(r, 1, 4000) * MS;
    g->close_timeout = between(r, c->must ? 20 : 2, 60) * SECOND;
    g->add_addr_timeout = spread(r, 100, 30000) * MS;
    g->tcp_retries = 15;
    g->tcp_syn_retries = 8;
    if (!c->must && one_in(r, 3)) {
        g->tcp_retries = (uint32_t)between(r, 1, 6);
        g->tcp_syn_retries = (uint32_t)between(r, 0, 4);
    }
}

/* ---- applications ---------------------------------------------------------------------------------- */

static void draw_ops(struct sim_case *c, struct sim_app *a, struct rng *r)
{
    a->ops = one_in(r, 2) ? (uint32_t)between(r, 1, SIM_OPS_MAX) : 0;
    for (uint32_t i = 0; i < a->ops; i++) {
        struct sim_op_at *o = &a->op[i];

        o->at = spread(r, 1, 20000) * MS;
        o->pick = (uint32_t)rng_below(r, 64);
        o->op = (uint32_t)rng_below(r, OP_SUBFLOW_CLOSE);
        if (c->must)
            continue;
        if (one_in(r, 4))
            o->op = OP_SUBFLOW_CLOSE;
        else if (one_in(r, 16))
            o->op = one_in(r, 2) ? OP_ABORT : OP_CLOSE;
    }
}

static void draw_app(struct sim_case *c, struct sim_app *a, struct rng *r)
{
    a->octets = one_in(r, 6) ? 0 : spread(r, one_in(r, 4) ? 1 : 3000, 1000000);
    a->start_at = spread(r, 1, 3000) * MS;
    a->write_max = (uint32_t)spread(r, 16, 65536);
    a->read_max = (uint32_t)spread(r, 16, 65536);
    a->pause = one_in(r, 4) ? spread(r, 1, 200) * MS : 0;
    a->early_write = one_in(r, 2);
    a->drop_handle = one_in(r, 3);
    a->key = rng_u64(r);
    a->close = one_in(r, 3) ? CLOSE_LATER : CLOSE_WHEN_WRITTEN;
    if (a->pause) /* a slow reader takes at least a 2,000th of the stream at a time */
        a->read_max = a->read_max < 400 ? 400 : a->read_max;
    draw_ops(c, a, r);
}

/* Boxes that eat options. From the first packet on, on every path, it is plain TCP that must work; anything else may
 * end a connection: options that vanish later are taken for an attack or a broken path (RFC 8684 3.7). */
static void draw_strip(struct sim_case *c, struct rng *r)
{
    int all = one_in(r, 2);
    uint32_t what = 1 + (uint32_t)rng_below(r, 7), dirs = 1 + (uint32_t)rng_below(r, 3);
    uint64_t from = one_in(r, 3) ? spread(r, 1, 8000) * MS : 0;

    for (size_t i = 0; i < c->topology.paths; i++) {
        if (!all && !one_in(r, 2))
            continue;
        c->strip[i].what = what;
        c->strip[i].dirs = dirs;
        c->strip[i].from = from;
    }
    if (!all || from || what != 7 || dirs != 3)
        c->must = 0;
}

/* Whoever has another path when the first goes loses nothing. Told by its address any path manager joins in time;
 * silently, the other subflow must be there: a client that only reads has no timer to notice. */
static void draw_handover(struct sim_case *c, struct rng *r)
{
    struct topology *t = &c->topology;

    c->handover_at = between(r, 300, 4000) * MS;
    c->handover_silent = one_in(r, 2);
    t->paths = (size_t)between(r, 2, 3);
    for (size_t i = 0; i < t->paths; i++) {
        if (!t->path[i].mtu)
            draw_path(c, i, r);
        t->path[i].changes = 0;
    }
    add_change(&t->path[0], c->handover_at, c->handover_silent ? CHANGE_DOWN : CHANGE_ADDRESS, 0, c->handover_silent);
    for (int h = 0; h < 2; h++) {
        c->config[h].mptcp = 1;
        c->config[h].max_subflows = 8;
        c->config[h].limits_subflows = 8;
        for (uint32_t i = 0; i < c->conns; i++) {
            c->app[h][i].ops = 0;
            c->app[h][i].start_at = between(r, 1, 50) * MS;
        }
    }
    c->config[1].pm = (uint32_t)between(r, MPT_PM_FULLMESH, c->handover_silent ? MPT_PM_BACKUP : MPT_PM_BREAK_BEFORE_MAKE);
}

/* ---- what came later: a stream of its own, so that the cases of old seeds stay what they were ---------- */

static void draw_hop(const struct sim_case *c, struct path_config *p, struct rng *r)
{
    uint64_t least = c->topology.ipv6 ? 1280 : 576;

    if (one_in(r, 3)) { /* with ICMP: behind a black hole nothing has to succeed */
        p->link_mtu = (uint32_t)between(r, least, 1500);
        p->mtu_icmp = 1;
    }
    if (one_in(r, 2))
        p->up.ecn_threshold = p->down.ecn_threshold = spread(r, 1500, 40000);
}

static void draw_tcp(const struct sim_case *c, struct mpt_config *g, struct rng *r)
{
    g->tcp_ecn = (uint32_t)rng_below(r, 3);
    g->tcp_nagle = one_in(r, 3);
    if (!one_in(r, 3))
        return;
    g->tcp_keepalive = c->must ? spread(r, 1000, 60000) * MS : spread(r, 500, 20000) * MS;
    g->tcp_keepalive_interval = c->must ? 5 * SECOND : spread(r, 1000, 5000) * MS; /* more than a round trip */
    g->tcp_keepalive_probes = c->must ? 9 : (uint32_t)between(r, 2, 9);
}

static void draw_later(struct sim_case *c)
{
    struct rng r;

    rng_init(&r, c->seed, "case/later");
    for (size_t i = 0; i < c->topology.paths; i++)
        draw_hop(c, &c->topology.path[i], &r);
    draw_tcp(c, &c->config[0], &r);
    draw_tcp(c, &c->config[1], &r);
}

void simcase_draw(struct sim_case *c, uint64_t seed)
{
    struct rng r;

    memset(c, 0, sizeof *c);
    c->seed = seed;
    rng_init(&r, seed, "case");
    c->must = rng_below(&r, 5) < 2;
    draw_topology(c, &r);
    draw_config(c, &c->config[0], &r);
    draw_config(c, &c->config[1], &r);
    c->conns = one_in(&r, 4) ? (uint32_t)between(&r, 2, SIM_CONNS_MAX) : 1;
    for (uint32_t i = 0; i < c->conns; i++) {
        draw_app(c, &c->app[0][i], &r);
        draw_app(c, &c->app[1][i], &r);
        if (one_in(&r, 2))
            c->app[rng_below(&r, 2)][i].close = CLOSE_AFTER_PEER;
    }
    if (c->must && one_in(&r, 3))
        draw_handover(c, &r);
    else if (one_in(&r, 8))
        draw_strip(c, &r);
    else if (!c->must && one_in(&r, 8))
        c->fail_at[rng_below(&r, 2)] = between(&r, 1, 300);
    c->limit = 4000 * SECOND;
    draw_later(c);
}

void simcase_print(const struct sim_case *c, char *out, size_t cap)
{
    static const char *const cc[] = { "reno", "cubic", "lia", "olia", "balia" };
    size_t n = (size_t)snprintf(out, cap, "IPv%d, %zu paths%s, %u connections%s", c->topology.ipv6 ? 6 : 4,
                                c->topology.paths, c->topology.server_multihomed ? ", server multihomed" : "",
                                c->conns, c->must ? ", must succeed" : "");

    if (c->handover_at)
        n += (size_t)snprintf(out + n, cap - n, ", first path gone %s at %.3f s", c->handover_silent ? "silently" : "with notice",
                              (double)c->handover_at / 1e9);


    if (c->strip[0].what || c->strip[1].what || c->strip[2].what)
        n += (size_t)snprintf(out + n, cap - n, ", options %u/%u/%u eaten", c->strip[0].what, c->strip[1].what,
                              c->strip[2].what);
    for (int h = 0; h < 2 && n < cap; h++) {
        const struct mpt_config *g = &c->config[h];

        n += (size_t)snprintf(out + n, cap - n, "; %s: mptcp %u %s sched %u pm %u csum %u jwd %u/%u sack %u ts %u buffers "
                              "%llu/%llu writes %llu", h ? "client" : "server", g->mptcp, cc[g->cc], g->sched, g->pm,
                              g->checksum, g->join_data, g->jwd_accept, g->tcp_sack, g->tcp_timestamps,
                              (unsigned long long)g->sndbuf, (unsigned long long)g->rcvbuf,
                              (unsigned long long)c->app[h][0].octets);
    }
    if (c->secure && n < cap)
        simsec_print(c, out + n, cap - n);
}
