/* SPDX-License-Identifier: MIT */
/* test_pump.c - stacks, pumps and the loop together: what is written on one side is read on the other,
 * octet by octet, on clean paths and on paths that do everything wrong at once. */
#include "hash.h"
#include "loop/loop.h"
#include "pump.h"
#include "rng.h"
#include "tun/peer/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)
enum { PORT = 443 };

struct end {
    struct mpt_stack *stack;
    struct mpt_conn *conn;
    struct pump pump;
    struct rng random;
    uint64_t sent, got, size; /* octets of the stream */
    int client, at_end, closed, error, accepted;
};

struct world {
    struct sim *sim;
    struct end end[2]; /* 0 server, 1 phone */
    struct hash hash;
};

static void write_some(struct end *e, uint64_t now)
{
    uint8_t data[8192];
    int64_t put = 1;

    while (e->sent < e->size && put > 0) {
        size_t n = e->size - e->sent < sizeof data ? e->size - e->sent : sizeof data;

        pattern_fill(!e->client, e->sent, data, n);
        put = mpt_write(e->conn, data, n, now);
        if (put > 0)
            e->sent += (uint64_t)put;
        if (e->sent == e->size)
            mpt_shutdown(e->conn, now);
    }
}

static void read_some(struct end *e, uint64_t now)
{
    uint8_t data[8192];
    int64_t got;

    while (!e->at_end && (got = mpt_read(e->conn, data, sizeof data, now)) >= 0) {
        if (got == 0)
            e->at_end = 1;
        assert_int_equal(pattern_check(e->client, e->got, data, (size_t)got), (size_t)got);
        e->got += (uint64_t)got;
    }
}

static void on_event(void *ctx, struct pump *pump, const struct mpt_event *event, uint64_t now)
{
    struct end *e = ctx;

    if (event->flags & MPT_EV_ACCEPTED) {
        e->accepted++;
        if (!e->conn)
            e->conn = event->conn;
    }
    if (event->conn != e->conn)
        return;
    write_some(e, now);
    read_some(e, now);
    pump_run(pump, now); /* from inside: remembered, not nested */
    if (event->flags & MPT_EV_CLOSED) {
        struct mpt_conn_info info;

        info.size = sizeof info;
        assert_int_equal(mpt_conn_info(e->conn, &info), 0);
        e->closed = 1;
        e->error = info.error;
        mpt_close(e->conn, now);
        e->conn = NULL;
    }
}

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len,
                       uint64_t now)
{
    struct world *w = ctx;

    pump_input(&w->end[host].pump, ifid, ip, len, now);
}

static void on_tap(void *ctx, uint32_t host, uint32_t ifid, int dir, const uint8_t *ip, size_t len,
                   uint64_t now)
{
    struct world *w = ctx;

    if (dir == 0) {
        hash_u64(&w->hash, now ^ (uint64_t)host << 40 ^ (uint64_t)ifid << 50);
        hash_bytes(&w->hash, ip, len);
    }
}

static void on_address(void *ctx, uint32_t host, uint32_t ifid, int up, uint64_t now)
{
    struct world *w = ctx;
    struct mpt_addr addr;

    w->sim->ops->address(w->sim, host, ifid, &addr);
    if (up)
        mpt_address_up(w->end[host].stack, &addr, ifid, 1500, 0, now);
    else
        mpt_address_down(w->end[host].stack, &addr, now);
    pump_run(&w->end[host].pump, now);
}

static void new_end(struct world *w, uint32_t host, const struct topology *t,
                    const struct mpt_config *config)
{
    struct end *e = &w->end[host];
    struct mpt_env env;
    struct mpt_addr addr;
    uint32_t ifid;

    memset(&env, 0, sizeof env);
    env.size = sizeof env;
    env.random = rng_random;
    env.random_ctx = &e->random;
    rng_init(&e->random, t->seed, host ? "stack/1" : "stack/0");
    e->client = host != 0;
    assert_int_equal(mpt_stack_new(&e->stack, &env, config, 0), 0);
    assert_int_equal(pump_init(&e->pump, w->sim, host, e->stack, on_event, e), 0);
    for (ifid = 1; w->sim->ops->address(w->sim, host, ifid, &addr) == 0; ifid++)
        assert_int_equal(mpt_address_up(e->stack, &addr, ifid, 1500, 0, 0), 0);
}

static void start(struct world *w, const struct topology *t, const struct mpt_config *config,
                  uint64_t size)
{
    struct sim_upcalls up = {w, on_receive, on_tap, on_address};
    struct mpt_addr any = {0}, local = {0}, server;
    char err[100] = "";

    memset(w, 0, sizeof *w);
    hash_init(&w->hash);
    w->sim = loop_new(t, &up, err, sizeof err);
    assert_non_null(w->sim);
    new_end(w, 0, t, config);
    new_end(w, 1, t, config);
    w->end[0].size = w->end[1].size = size;
    any.port = PORT;
    assert_int_equal(mpt_listen(w->end[0].stack, &any, NULL), 0);
    w->sim->ops->address(w->sim, 0, 1, &server);
    server.port = PORT;
    assert_int_equal(mpt_connect(w->end[1].stack, &w->end[1].conn, &local, &server, 0), 0);
    write_some(&w->end[1], 0);
    pump_run(&w->end[1].pump, 0);
}

static void finish(struct world *w)
{
    int i;

    for (i = 0; i < 2; i++) {
        pump_clear(&w->end[i].pump);
        mpt_stack_free(w->end[i].stack);
    }
    w->sim->ops->free(w->sim);
}

static struct topology two_paths(uint64_t seed)
{
    struct topology t;
    int i;

    memset(&t, 0, sizeof t);
    t.phones = 1;
    t.paths = 2;
    t.seed = seed;
    for (i = 0; i < 2; i++) {
        strcpy(t.path[i].name, i ? "lte" : "wifi");
        t.path[i].mtu = 1500;
        t.path[i].up.rate = t.path[i].down.rate = 10000000;
        t.path[i].up.delay = t.path[i].down.delay = (uint64_t)(8 + 5 * i) * MS;
    }
    return t;
}

static void check_done(const struct world *w, uint64_t size)
{
    int i;

    for (i = 0; i < 2; i++) {
        assert_int_equal(w->end[i].sent, size);
        assert_int_equal(w->end[i].got, size);
        assert_true(w->end[i].at_end);
    }
    assert_int_equal(w->end[0].accepted, 1);
}

/* 1 MB each way over two paths of 10 Mb/s: at least 0.42 s, and well under the 0.84 s of one path. */
static void run_clean(int ipv6, int multihomed)
{
    struct topology t = two_paths(1);
    struct mpt_config config;
    struct world w;
    struct path *lte;

    t.ipv6 = (uint32_t)ipv6;
    t.server_multihomed = (uint32_t)multihomed;
    mpt_config_default(&config);
    config.pm = MPT_PM_FULLMESH;
    config.tcp_time_wait = 100 * MS;
    start(&w, &t, &config, 1000000);
    w.sim->ops->run(w.sim, 780 * MS);
    check_done(&w, 1000000);
    lte = loop_path(w.sim, 1, 1);
    assert_true(path_stats(lte, PATH_UP)->octets_out > 300000);
    assert_true(path_stats(lte, PATH_DOWN)->octets_out > 300000);
    w.sim->ops->run(w.sim, 300000 * MS);
    assert_true(w.end[0].closed && w.end[1].closed);
    assert_int_equal(w.end[0].error, 0);
    assert_int_equal(w.end[1].error, 0);
    finish(&w);
}

static void test_clean(void **state)
{
    (void)state;
    run_clean(0, 0);
    run_clean(1, 0);
    run_clean(0, 1);
}

/* ---- everything at once --------------------------------------------------------------------------- */

static uint64_t count(const struct end *e, const char *name)
{
    struct mpt_counter c;

    for (size_t i = 0; mpt_counter(e->stack, i, &c); i++)
        if (!strcmp(c.name, name))
            return c.value;
    fail_msg("no counter %s", name);
    return 0;
}

/* A hop with an MTU that nobody was told of: ICMP goes to both senders, segments are cut, all arrives and no time-out
 * was needed (RFC 1191, RFC 8201). Without ICMP nothing large ever arrives (RFC 2923 2.1). */
static void run_small_hop(int ipv6, int answers)
{
    struct topology t = two_paths(1);
    struct mpt_config config;
    struct world w;

    t.ipv6 = (uint32_t)ipv6;
    t.paths = 1;
    t.path[0].link_mtu = 1300;
    t.path[0].mtu_icmp = (uint32_t)answers;
    mpt_config_default(&config);
    config.tcp_time_wait = 100 * MS;
    start(&w, &t, &config, 200000);
    w.sim->ops->run(w.sim, 2000 * MS);
    if (answers) {
        check_done(&w, 200000);
        for (int i = 0; i < 2; i++) {
            assert_true(w.end[i].pump.icmp > 0);
            assert_int_equal(count(&w.end[i], "PathMtuLowered"), 1);
            assert_int_equal(count(&w.end[i], "TcpExtTCPTimeouts"), 0);
            assert_int_equal(w.end[i].pump.malformed, 0);
        }
    } else {
        assert_int_equal(w.end[0].got, 0);
    }
    finish(&w);
}

static void test_small_hop(void **state)
{
    (void)state;
    run_small_hop(0, 1);
    run_small_hop(1, 1);
    run_small_hop(0, 0);
}

/* A bottleneck that marks: with ECN both ends fill it without losing a packet, without ECN its queue overflows. */
static void run_marking(uint32_t ecn, uint64_t *lost, uint64_t *marked, struct world *w)
{
    struct topology t = two_paths(1);
    struct mpt_config config;
    const struct box_stats *up;

    t.paths = 1;
    t.path[0].up.queue_bytes = 40000;
    t.path[0].up.ecn_threshold = 12000;
    mpt_config_default(&config);
    config.tcp_ecn = ecn;
    config.cc = MPT_CC_RENO;
    config.tcp_time_wait = 100 * MS;
    start(w, &t, &config, 3000000);
    w->sim->ops->run(w->sim, 20000 * MS);
    check_done(w, 3000000);
    up = path_stats(loop_path(w->sim, 1, 0), PATH_UP);
    *lost = up->dropped_queue;
    *marked = up->marked;
}

static void test_marking_bottleneck(void **state)
{
    uint64_t lost, marked;
    struct world w;

    (void)state;
    run_marking(MPT_ECN_ON, &lost, &marked, &w);
    assert_int_equal(lost, 0);
    assert_true(marked > 10);
    assert_int_equal(count(&w.end[0], "IpExtInCEPkts"), marked);
    assert_true(count(&w.end[1], "EcnReductions") >= 5);
    assert_int_equal(count(&w.end[1], "TcpRetransSegs"), 0);
    finish(&w);
    run_marking(MPT_ECN_PASSIVE, &lost, &marked, &w); /* nobody asks */
    assert_true(lost > 0);
    assert_int_equal(marked, 0);
    finish(&w);
}

static double some(struct rng *r, double high)
{
    return rng_uniform(r) * high;
}

static void spoil(struct link_config *c, struct rng *r)
{
    c->rate = 200000 + rng_below(r, 20000000);
    c->delay = rng_below(r, 60 * MS);
    c->jitter = rng_below(r, 2) * rng_below(r, 20 * MS);
    c->queue_bytes = 3000 + rng_below(r, 100000);
    c->loss_model = (uint32_t)rng_below(r, 3);
    c->loss = some(r, 0.15);
    c->burst = 1 + some(r, 5);
    c->reorder = rng_below(r, 2) ? some(r, 0.2) : 0;
    c->reorder_delay = rng_below(r, 50 * MS);
    c->duplicate = rng_below(r, 2) ? some(r, 0.1) : 0;
    c->corrupt = rng_below(r, 2) ? some(r, 0.05) : 0;
}

/* Paths go down and come back; the last word is always "up", so that the transfer can end. */
static void spoil_over_time(struct path_config *c, struct rng *r, int notice)
{
    uint64_t at = 0;
    size_t i, n = 2 * rng_below(r, 4);

    for (i = 0; i < n; i++) {
        at += rng_below(r, 2000 * MS);
        c->change[i].at = at;
        c->change[i].kind = notice ? CHANGE_ADDRESS : CHANGE_DOWN;
        c->change[i].value = notice ? i % 2 == 1 : i % 2 == 0;
    }
    c->changes = n;
}

static struct topology bad_paths(uint64_t seed, struct mpt_config *config)
{
    struct topology t = two_paths(seed);
    struct rng r;
    int i;

    rng_init(&r, seed, "topology");
    for (i = 0; i < 2; i++) {
        spoil(&t.path[i].up, &r);
        spoil(&t.path[i].down, &r);
        spoil_over_time(&t.path[i], &r, rng_below(&r, 2) && i == 1);
    }
    t.path[1].promotion = rng_below(&r, 2) * 260 * MS;
    t.path[1].idle_after = 1000 * MS;
    t.path[1].idle_at_start = 1;
    t.ipv6 = (uint32_t)rng_below(&r, 2);
    t.server_multihomed = (uint32_t)rng_below(&r, 2);
    t.server_link.delay = rng_below(&r, 2) * rng_below(&r, 5 * MS);
    mpt_config_default(config);
    config->tcp_time_wait = 1000 * MS;
    config->cc = (uint32_t)rng_below(&r, MPT_CC_BALIA + 1);
    config->sched = (uint32_t)rng_below(&r, MPT_SCHED_BLEST + 1);
    config->pm = (uint32_t)rng_below(&r, 4);
    config->checksum = (uint32_t)rng_below(&r, 2);
    config->join_data = (uint32_t)rng_below(&r, 2);
    config->jwd_accept = (uint32_t)rng_below(&r, 3);
    config->tcp_sack = rng_below(&r, 4) != 0;
    config->tcp_timestamps = rng_below(&r, 4) != 0;
    config->sndbuf = 4096 + rng_below(&r, 500000);
    config->rcvbuf = 4096 + rng_below(&r, 500000);
    return t;
}

/* An end that neither finished nor failed. Two cases are none: a server that no SYN reached, and an end
 * that waits for a peer which gave up and whose RST was lost (only a keep-alive would tell, RFC 9293
 * 3.8.4). */
static int is_stuck(const struct end *e, const struct end *other, uint64_t size)
{
    if (e->closed)
        return !e->error && e->got != size;
    return !(other->closed && other->error);
}

/* Returns the byte hash. A connection may die when all its paths did; it must never deliver wrong
 * octets (read_some), and never just stop: an hour of virtual time later it is done or has an error. */
static uint64_t run_bad(uint64_t seed)
{
    struct mpt_config config;
    struct topology t = bad_paths(seed, &config);
    struct world w;
    uint64_t hash;
    int i;

    start(&w, &t, &config, 150000);
    w.sim->ops->run(w.sim, 3600000 * MS);
    for (i = 0; i < 2; i++)
        if (is_stuck(&w.end[i], &w.end[!i], 150000))
            fail_msg("seed %llu, end %d: %llu out, %llu in, closed %d, error %d; other end %d, %d",
                     (unsigned long long)seed, i, (unsigned long long)w.end[i].sent,
                     (unsigned long long)w.end[i].got, w.end[i].closed, w.end[i].error,
                     w.end[!i].closed, w.end[!i].error);
    if (getenv("PUMP_VERBOSE"))
        printf("seed %llu: errors %d %d, %llu and %llu octets\n", (unsigned long long)seed,
               w.end[0].error, w.end[1].error, (unsigned long long)w.end[0].got,
               (unsigned long long)w.end[1].got);
    hash = hash_value(&w.hash);
    finish(&w);
    return hash;
}

/* PUMP_SEEDS=first-last runs others. */
static void test_bad_paths(void **state)
{
    const char *seeds = getenv("PUMP_SEEDS");
    unsigned first = 1, last = 30, seed;

    (void)state;
    if (seeds && sscanf(seeds, "%u-%u", &first, &last) != 2)
        fail_msg("PUMP_SEEDS=%s is not first-last", seeds);
    for (seed = first; seed <= last; seed++)
        run_bad(seed);
}

static void test_same_octets_again(void **state)
{
    (void)state;
    assert_true(run_bad(3) == run_bad(3));
    assert_true(run_bad(3) != run_bad(4));
}

/* What no parser takes is counted, and nothing else happens. */
static void test_garbage(void **state)
{
    struct topology t = two_paths(1);
    struct mpt_config config;
    struct world w;
    uint8_t ip[200];
    struct rng r;
    int i;

    (void)state;
    mpt_config_default(&config);
    start(&w, &t, &config, 1000);
    rng_init(&r, 1, "garbage");
    for (i = 0; i < 2000; i++) {
        rng_bytes(&r, ip, sizeof ip);
        ip[0] = (uint8_t)(i % 2 ? 0x45 : 0x60 | (ip[0] & 15));
        pump_input(&w.end[0].pump, 1, ip, rng_below(&r, sizeof ip), 0);
    }
    assert_int_equal(w.end[0].pump.malformed + w.end[0].pump.received, 2000);
    assert_true(w.end[0].pump.malformed > 1900);
    w.sim->ops->run(w.sim, 1000 * MS);
    check_done(&w, 1000);
    finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_small_hop),
        cmocka_unit_test(test_marking_bottleneck),
        cmocka_unit_test(test_bad_paths),
        cmocka_unit_test(test_same_octets_again),
        cmocka_unit_test(test_garbage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
