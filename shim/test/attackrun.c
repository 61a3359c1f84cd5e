/* SPDX-License-Identifier: MIT */
/* attackrun.c - see attackrun.h. Octets are a keyed function of their place, so the reader knows each of them. */
#include "attackrun.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bulk.h"
#include "loop/loop.h"
#include "pump.h"
#include "rng.h"
#include "run/payload.h"

enum { PORT = 5001, PIECE = 16384 };

struct side {
    struct world *world;
    struct mpt_stack *stack;
    struct pump pump;
    struct rng rng;
    struct mpt_conn *conn;
    int known; /* conn was seen */
};

struct world {
    const struct attackrun *x;
    struct attackrun_result *r;
    struct topology topology;
    struct attacker *attacker;
    struct sim *sim;
    struct side side[2]; /* 0 server, 1 phone */
    struct payload payload;
    uint64_t written;
    int wrong, ended;
    uint8_t piece[PIECE];
};

static void draw(void *ctx, void *out, size_t n)
{
    rng_bytes(&((struct side *)ctx)->rng, out, n);
}

static void write_all(struct world *w, struct side *s, uint64_t now)
{
    while (w->written < w->x->octets) {
        uint64_t left = w->x->octets - w->written;
        size_t n = left < PIECE ? (size_t)left : PIECE;
        int64_t took;

        payload_fill(&w->payload, w->written, w->piece, n);
        took = mpt_write(s->conn, w->piece, n, now);
        if (took <= 0)
            return;
        w->written += (uint64_t)took;
    }
    mpt_shutdown(s->conn, now);
}

static void read_all(struct world *w, struct side *s, uint64_t now)
{
    uint64_t bad;
    int64_t n;

    while ((n = mpt_read(s->conn, w->piece, PIECE, now)) > 0) {
        if (!w->wrong && payload_check(&w->payload, w->r->octets, w->piece, (size_t)n, &bad) != PAYLOAD_GOOD)
            w->wrong = 1;
        w->r->octets += (uint64_t)n;
    }
    if (n == 0 && !w->ended) {
        w->ended = 1;
        if (w->r->octets == w->x->octets)
            w->r->done_at = now;
        mpt_shutdown(s->conn, now);
        w->sim->ops->stop(w->sim);
    }
}

static void on_event(void *ctx, struct pump *pump, const struct mpt_event *e, uint64_t now)
{
    struct side *s = ctx;
    struct world *w = s->world;
    struct mpt_conn_info info = {.size = sizeof info};
    uint32_t host = (uint32_t)(s - w->side);
    int writes = host == (w->x->down ? 0u : 1u);

    (void)pump;
    if (!s->known) {
        s->known = 1;
        s->conn = e->conn;
    }
    if (s->conn != e->conn)
        return;
    mpt_conn_info(e->conn, &info);
    if (info.error) {
        w->r->error[host] = info.error;
        if (!writes) /* the reader's connection is gone: nothing more will come */
            w->sim->ops->stop(w->sim);
        return;
    }
    if (writes)
        write_all(w, s, now);
    else if (e->flags & MPT_EV_READABLE)
        read_all(w, s, now);
}

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    struct world *w = ctx;

    if (host < 2)
        pump_input(&w->side[host].pump, ifid, ip, len, now);
}

static int make_side(struct world *w, uint32_t host)
{
    struct side *s = &w->side[host];
    struct mpt_env env = {.size = sizeof env, .random = draw, .random_ctx = s};
    struct mpt_config c;

    s->world = w;
    rng_init(&s->rng, 1, host ? "phone" : "server");
    mpt_config_default(&c);
    mpt_config_set(&c, "checksum", w->x->checksum ? "1" : "0");
    mpt_config_set(&c, "jwd_accept", w->x->jwd ? "immediate" : "off");
    mpt_config_set(&c, "join_data", w->x->jwd && host ? "1" : "0");
    if (host)
        mpt_config_set(&c, "pm", "fullmesh");
    return mpt_stack_new(&s->stack, &env, &c, 0) < 0 || pump_init(&s->pump, w->sim, host, s->stack, on_event, s) < 0;
}

static int begin(struct world *w)
{
    struct mpt_addr server, a;

    w->sim->ops->address(w->sim, 0, 1, &server);
    mpt_address_up(w->side[0].stack, &server, 1, 1500, 0, 0);
    for (uint32_t i = 1; i <= (w->x->single ? 1 : 2); i++)
        if (w->sim->ops->address(w->sim, 1, i, &a) == 0)
            mpt_address_up(w->side[1].stack, &a, i, 1500, 0, 0);
    server.port = PORT;
    mpt_listen(w->side[0].stack, &server, NULL);
    if (mpt_connect(w->side[1].stack, &w->side[1].conn, NULL, &server, 0) < 0)
        return -1;
    w->side[1].known = 1;
    pump_run(&w->side[1].pump, 0);
    return 0;
}

static int make_attacker(struct world *w)
{
    const struct mpt_attack_row *row = w->x->attack ? mpt_attack_find(w->x->attack) : NULL;
    struct mpt_attack_config c = {.size = sizeof c, .plays = 1};

    if (!row)
        return w->x->attack ? -1 : 0;
    c.play[0].row = row;
    c.play[0].at = row->early ? 0 : w->x->at;
    c.play[0].paths = 1u << w->x->path;
    c.play[0].dirs = w->x->dirs;
    if (attacker_new(&w->attacker, &c, w->x->hears, 1, 1) < 0)
        return -1;
    w->topology.attacker = &w->attacker;
    return 0;
}

static void classify(struct world *w, uint64_t baseline)
{
    struct attackrun_result *r = w->r;
    struct outcome_facts f = {.wrong = w->wrong || r->octets > w->x->octets, .complete = r->done_at != 0};

    f.broken = w->ended || r->error[0] || r->error[1];
    f.late = baseline ? outcome_late(r->done_at, baseline, 0) : 0;
    r->outcome = outcome_of(&f);
}

static void read_counter(struct world *w)
{
    struct mpt_counter c;

    for (size_t i = 0; w->x->counter && mpt_counter(w->side[0].stack, i, &c) > 0; i++)
        if (!strcmp(c.name, w->x->counter))
            w->r->counter = c.value;
}

static void set_radios(struct topology *t)
{
    t->path[0].radio = RADIO_WIFI;
    t->path[1].radio = RADIO_LTE;
    t->mobility.distance = 10;
}

static int run(struct world *w)
{
    struct sim *(*make)(const struct topology *, const struct sim_upcalls *, char *, size_t) =
        w->x->make ? w->x->make : loop_new;
    struct sim_upcalls up = {.ctx = w, .receive = on_receive};
    char err[200] = "attacker";

    bulk_path(&w->topology, "wifi", 10000000, 10000000, 0, 0);
    bulk_path(&w->topology, "lte", 10000000, 20000000, 0, 0);
    if (w->x->radios)
        set_radios(&w->topology);
    w->topology.seed = 1;
    w->topology.ipv6 = w->x->ipv6;
    if (make_attacker(w) < 0 || !(w->sim = make(&w->topology, &up, err, sizeof err))) {
        fprintf(stderr, "attackrun: %s\n", err);
        return -1;
    }
    if (make_side(w, 0) || make_side(w, 1) || begin(w) < 0)
        return -1;
    w->sim->ops->run(w->sim, w->x->until);
    return 0;
}

int attackrun(const struct attackrun *x, uint64_t baseline, struct attackrun_result *r)
{
    struct world *w = calloc(1, sizeof *w);
    int e;

    memset(r, 0, sizeof *r);
    if (!w)
        return -1;
    w->x = x;
    w->r = r;
    payload_init(&w->payload, 1, 1, x->down);
    e = run(w);
    if (e == 0)
        classify(w, baseline);
    if (e == 0)
        read_counter(w);
    if (w->attacker)
        attacker_stats(w->attacker, &r->stats);
    for (int i = 0; i < 2; i++) {
        pump_clear(&w->side[i].pump);
        mpt_stack_free(w->side[i].stack);
    }
    if (w->sim)
        w->sim->ops->free(w->sim);
    attacker_free(w->attacker);
    free(w);
    return e;
}
