/* SPDX-License-Identifier: MIT */
/* bench_idle.c - octets per idle connection by the stack's own count, with one subflow and with two, once the handshake
 * timers ended; and CPU per connection of 1,000 and of 100,000 connections (targets: 4 KiB, 1.5 KiB a further
 * subflow, and no difference). `make bench` runs it. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bulk.h"
#include "pump.h"
#include "rng.h"

static const uint64_t SECOND = 1000000000, MS = 1000000;

struct host {
    struct world *world;
    struct mpt_stack *stack;
    struct pump pump;
    struct rng rng;
};

struct world {
    struct sim *sim;
    struct host host[2];
    uint32_t ready;
};

static void draw(void *ctx, void *out, size_t n)
{
    rng_bytes(&((struct host *)ctx)->rng, out, n);
}

/* One octet each way, so that the connection is confirmed and joins are made. */
static void on_event(void *ctx, struct pump *pump, const struct mpt_event *e, uint64_t now)
{
    struct host *h = ctx;
    uint8_t octet = 1;

    (void)pump;
    if (e->flags & (MPT_EV_CONNECTED | MPT_EV_ACCEPTED))
        mpt_write(e->conn, &octet, 1, now);
    if (e->flags & MPT_EV_READABLE && mpt_read(e->conn, &octet, 1, now) == 1 && h == &h->world->host[1])
        h->world->ready++;
}

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    struct world *w = ctx;

    pump_input(&w->host[host].pump, ifid, ip, len, now);
}

static int make_host(struct world *w, uint32_t i, const char *pm, const char *sec)
{
    struct host *h = &w->host[i];
    struct mpt_env env = { .size = sizeof env, .random = draw, .random_ctx = h };
    struct mpt_config c;

    h->world = w;
    rng_init(&h->rng, 1, i ? "phone" : "server");
    mpt_config_default(&c);
    mpt_config_set(&c, "pm", i ? pm : "manual");
    mpt_config_set(&c, "sec", sec);
    return mpt_stack_new(&h->stack, &env, &c, 0) < 0 || pump_init(&h->pump, w->sim, i, h->stack, on_event, h) < 0;
}

/* Connections start 10 us apart, spread over ports of the server so that local ports do not run out. */
static void start(struct world *w, uint32_t n)
{
    struct mpt_addr server, a;

    w->sim->ops->address(w->sim, 0, 1, &server);
    mpt_address_up(w->host[0].stack, &server, 1, 1500, 0, 0);
    for (uint32_t i = 1; i <= 2; i++)
        if (w->sim->ops->address(w->sim, 1, i, &a) == 0)
            mpt_address_up(w->host[1].stack, &a, i, 1500, 0, 0);
    for (uint32_t i = 0; i < n; i++) {
        struct mpt_conn *c;

        server.port = (uint16_t)(5001 + i / 8000);
        if (i % 8000 == 0)
            mpt_listen(w->host[0].stack, &server, NULL);
        if (mpt_connect(w->host[1].stack, &c, NULL, &server, w->sim->ops->now(w->sim)) < 0)
            printf("connection %u failed\n", i);
        pump_run(&w->host[1].pump, w->sim->ops->now(w->sim));
        w->sim->ops->run(w->sim, (uint64_t)(i + 1) * 10000);
    }
    w->sim->ops->run(w->sim, (uint64_t)n * 10000 + 30 * SECOND);
}

static uint64_t measure(uint32_t n, const char *pm, const char *sec, double *cpu)
{
    struct world *w = calloc(1, sizeof *w);
    struct sim_upcalls up = { .ctx = w, .receive = on_receive };
    struct topology t = { .seed = 1 };
    uint64_t bytes[2] = { 0, 0 };
    clock_t begin = clock();
    char err[256];

    bulk_path(&t, "wifi", 0, 5 * MS, 0, 0);
    bulk_path(&t, "lte", 0, 20 * MS, 0, 0);
    w->sim = loop_new(&t, &up, err, sizeof err);
    if (!w->sim || make_host(w, 0, pm, sec) || make_host(w, 1, pm, sec))
        return 0;
    start(w, n);
    *cpu = (double)(clock() - begin) / CLOCKS_PER_SEC;
    for (int i = 0; i < 2; i++) {
        mpt_memory(w->host[i].stack, &bytes[i], NULL, NULL);
        pump_clear(&w->host[i].pump);
        mpt_stack_free(w->host[i].stack);
    }
    if (w->ready != n)
        printf("only %u of %u connections were answered\n", w->ready, n);
    w->sim->ops->free(w->sim);
    free(w);
    return (bytes[0] + bytes[1]) / 2;
}

static void idle(const char *what, const char *sec)
{
    double cpu;
    uint64_t none = measure(0, "manual", sec, &cpu);
    uint64_t one = measure(1000, "manual", sec, &cpu) - none;
    uint64_t two = measure(1000, "fullmesh", sec, &cpu) - none;

    printf("idle connection%s, mean of both ends: %.0f octets with one subflow, %.0f more for the second\n", what,
           (double)one / 1000, (double)(two - one) / 1000);
}

/* Alone, for instruction counts: valgrind --tool=cachegrind --cache-sim=no bench_idle 100000 */
int main(int argc, char **argv)
{
    double cpu, cpu_many;

    if (argc > 1) {
        measure((uint32_t)strtoul(argv[1], NULL, 10), "manual", "off", &cpu);
        return 0;
    }
    idle("", "off");
    idle(" of MPTCPsec", "require");
    measure(1000, "manual", "off", &cpu);
    measure(100000, "manual", "off", &cpu_many);
    printf("opening a connection and 30 s of idling: %.1f us CPU each of 1,000, %.1f us each of 100,000\n",
           cpu / 1000 * 1e6, cpu_many / 100000 * 1e6);
    return 0;
}
