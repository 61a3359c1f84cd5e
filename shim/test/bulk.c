/* SPDX-License-Identifier: MIT */
/* bulk.c - see bulk.h. The sender writes whenever it may, the reader reads whenever it can. */
#include "bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pump.h"
#include "rng.h"

enum { PORT = 5001, PIECE = 65536 };

struct side {
    struct bulk_world *world;
    struct mpt_stack *stack;
    struct pump pump;
    struct rng rng;
    struct mpt_conn *conn;
};

struct bulk_world {
    const struct bulk *b;
    struct bulk_result *r;
    struct sim *sim;
    struct side side[2]; /* 0 server, 1 phone */
    uint64_t written, early;
    uint64_t calls_at_second;
    uint8_t out[PIECE + 256], in[PIECE];
};

static void draw(void *ctx, void *out, size_t n)
{
    rng_bytes(&((struct side *)ctx)->rng, out, n);
}

/* Octet x of the stream is x mod 251: a shift by any segment shows. */
static void fill(uint8_t *p, uint64_t x, size_t n)
{
    uint8_t v = (uint8_t)(x % 251);

    for (size_t i = 0; i < n; i++) {
        p[i] = v++;
        v = v == 251 ? 0 : v;
    }
}

static void write_all(struct bulk_world *w, uint64_t now)
{
    uint64_t want = w->b->octets ? w->b->octets : UINT64_MAX;

    while (w->written < want) {
        size_t n = want - w->written < PIECE ? (size_t)(want - w->written) : PIECE;
        int64_t r = mpt_write(w->side[1].conn, w->out + w->written % 251, n, now);

        if (r <= 0)
            return;
        w->written += (uint64_t)r;
    }
    mpt_shutdown(w->side[1].conn, now);
}

static void check(struct bulk_world *w, size_t n)
{
    size_t phase = (size_t)(w->r->octets % 251);

    if (memcmp(w->in, w->out + phase, n))
        w->r->wrong++;
}

static void read_all(struct bulk_world *w, uint64_t now)
{
    int64_t n;

    while ((n = mpt_read(w->side[0].conn, w->in, PIECE, now)) > 0) {
        check(w, (size_t)n);
        w->r->octets += (uint64_t)n;
        if (now <= w->b->skip)
            w->early = w->r->octets;
    }
    if (n == 0 && !w->r->done_at) {
        w->r->done_at = now;
        mpt_shutdown(w->side[0].conn, now);
        if (w->b->octets)
            w->sim->ops->stop(w->sim);
    }
}

static void on_event(void *ctx, struct pump *pump, const struct mpt_event *e, uint64_t now)
{
    struct side *s = ctx;
    struct mpt_conn_info info = { .size = sizeof info };

    (void)pump;
    s->conn = e->conn;
    mpt_conn_info(e->conn, &info);
    if (s == &s->world->side[1] && info.error)
        s->world->r->error = info.error;
    if (s == &s->world->side[1] && (e->flags & (MPT_EV_CONNECTED | MPT_EV_WRITABLE)))
        write_all(s->world, now);
    if (s == &s->world->side[0] && (e->flags & MPT_EV_READABLE))
        read_all(s->world, now);
}

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    struct bulk_world *w = ctx;

    w->r->packets++;
    w->r->segments += host == 0 && len > 200;
    if (host < 2)
        pump_input(&w->side[host].pump, ifid, ip, len, now);
}

static void configure(struct mpt_config *c, const char *const *pairs)
{
    for (; pairs[0]; pairs += 2)
        if (mpt_config_set(c, pairs[0], pairs[1]) < 0)
            fprintf(stderr, "bulk: %s=%s is not a setting\n", pairs[0], pairs[1]);
}

static int make_side(struct bulk_world *w, uint32_t host)
{
    struct side *s = &w->side[host];
    struct mpt_env env = { .size = sizeof env, .random = draw, .random_ctx = s };
    struct mpt_config c;

    s->world = w;
    rng_init(&s->rng, w->b->topology.seed, host ? "phone" : "server");
    mpt_config_default(&c);
    configure(&c, w->b->both);
    if (host)
        configure(&c, w->b->client);
    return mpt_stack_new(&s->stack, &env, &c, 0) < 0 || pump_init(&s->pump, w->sim, host, s->stack, on_event, s) < 0;
}

static int begin(struct bulk_world *w)
{
    struct mpt_addr server, a;
    uint32_t ifs = w->b->topology.paths ? (uint32_t)w->b->topology.paths : 1;

    w->sim->ops->address(w->sim, 0, 1, &server);
    mpt_address_up(w->side[0].stack, &server, 1, 1500, 0, 0);
    for (uint32_t i = 1; i <= ifs; i++)
        if (w->sim->ops->address(w->sim, 1, i, &a) == 0)
            mpt_address_up(w->side[1].stack, &a, i, 1500, 0, 0);
    server.port = PORT;
    mpt_listen(w->side[0].stack, &server, NULL);
    if (mpt_connect(w->side[1].stack, &w->side[1].conn, NULL, &server, 0) < 0)
        return -1;
    pump_run(&w->side[1].pump, 0);
    return 0;
}

static uint64_t calls(const struct bulk_world *w)
{
    uint64_t a, b;

    mpt_memory(w->side[0].stack, NULL, NULL, &a);
    mpt_memory(w->side[1].stack, NULL, NULL, &b);
    return a + b;
}

static void at_second(void *arg, uint64_t now)
{
    struct bulk_world *w = arg;

    (void)now;
    w->calls_at_second = calls(w);
}

static void finish(struct bulk_world *w, double cpu)
{
    uint64_t end = w->r->done_at ? w->r->done_at : w->sim->ops->now(w->sim);
    struct mpt_subflow_info info = { .size = sizeof info };
    struct mpt_conn_info conn = { .size = sizeof conn };

    w->r->cpu = cpu;
    w->r->allocations = w->calls_at_second ? calls(w) - w->calls_at_second : 0;
    if (end > w->b->skip)
        w->r->goodput = 8e9 * (double)(w->r->octets - w->early) / (double)(end - w->b->skip);
    for (size_t i = 0; mpt_subflow_info(w->side[1].conn, i, &info) == 1; i++)
        w->r->retransmitted += info.retransmitted;
    mpt_conn_info(w->side[1].conn, &conn);
    w->r->reinjected = conn.reinjected;
    mpt_memory(w->side[1].stack, NULL, &w->r->peak, NULL);
}

int bulk_run(const struct bulk *b, struct bulk_result *r)
{
    struct bulk_world *w = calloc(1, sizeof *w);
    struct sim_upcalls up = { .ctx = w, .receive = on_receive };
    struct sim_timer second = { at_second, w, 0, 0 };
    char err[256] = "out of memory";
    clock_t start;
    int bad;

    memset(r, 0, sizeof *r);
    if (!w || !(w->sim = b->engine(&b->topology, &up, err, sizeof err))) {
        fprintf(stderr, "bulk: %s\n", err);
        free(w);
        return -1;
    }
    w->b = b;
    w->r = r;
    fill(w->out, 0, sizeof w->out);
    bad = make_side(w, 0) || make_side(w, 1) || begin(w) < 0;
    if (!bad) {
        w->sim->ops->timer_set(w->sim, &second, 1000000000);
        start = clock();
        w->sim->ops->run(w->sim, b->until);
        finish(w, (double)(clock() - start) / CLOCKS_PER_SEC);
    }
    for (int i = 0; i < 2; i++) {
        pump_clear(&w->side[i].pump);
        mpt_stack_free(w->side[i].stack);
    }
    w->sim->ops->free(w->sim);
    free(w);
    return bad ? -1 : 0;
}

static void set_link(struct link_config *l, uint64_t rate, uint64_t delay, uint64_t queue, double loss)
{
    uint64_t bdp = rate / 8 * (2 * delay) / 1000000000;

    l->rate = rate;
    l->delay = delay;
    l->queue_bytes = queue ? queue : bdp > 15000 ? bdp : 15000;
    l->loss_model = loss > 0 ? LOSS_UNIFORM : LOSS_NONE;
    l->loss = loss;
}

void bulk_path(struct topology *t, const char *name, uint64_t rate, uint64_t delay, uint64_t queue, double loss)
{
    struct path_config *p = &t->path[t->paths++];

    snprintf(p->name, sizeof p->name, "%s", name);
    p->mtu = 1500;
    set_link(&p->up, rate, delay, queue, loss);
    set_link(&p->down, rate, delay, queue, loss);
    t->phones = 1;
}
