/* SPDX-License-Identifier: MIT */
/* test_loop.c - the event queue against a naive one, and the loop's world: who receives what, when. */
#include "hash.h"
#include "ip.h"
#include "loop/loop.h"
#include "loop/queue.h"
#include "rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

/* ---- the queue against a sorted search ------------------------------------------------------------ */

enum { TIMERS = 200 };

struct naive {
    uint64_t at[TIMERS], order[TIMERS]; /* order 0: not set */
};

static int first_of(const struct naive *n)
{
    int i, best = -1;

    for (i = 0; i < TIMERS; i++)
        if (n->order[i] && (best < 0 || n->at[i] < n->at[best] ||
                            (n->at[i] == n->at[best] && n->order[i] < n->order[best])))
            best = i;
    return best;
}

static void test_queue(void **state)
{
    static struct sim_timer timer[TIMERS];
    static struct naive naive;
    struct queue queue;
    struct rng rng;
    uint64_t order = 0, now = 0;
    int step;

    (void)state;
    rng_init(&rng, 1, "queue");
    queue_init(&queue);
    for (step = 0; step < 200000; step++) {
        int i = (int)rng_below(&rng, TIMERS), best;

        switch (rng_below(&rng, 4)) {
        case 0:
            queue_cancel(&queue, &timer[i]);
            naive.order[i] = 0;
            break;
        case 1:
            best = first_of(&naive);
            assert_true(queue_due(&queue) == (best < 0 ? MPT_NEVER : naive.at[best]));
            if (best < 0)
                break;
            assert_ptr_equal(queue_take(&queue), &timer[best]);
            now = naive.at[best];
            naive.order[best] = 0;
            break;
        default: /* few different times: many ties */
            naive.at[i] = now + rng_below(&rng, 20);
            naive.order[i] = ++order;
            queue_set(&queue, &timer[i], naive.at[i]);
        }
    }
    queue_clear(&queue);
}

/* ---- a world that writes down what happens -------------------------------------------------------- */

struct arrival {
    uint32_t host, ifid;
    uint64_t at;
    uint8_t mark;
};

struct world {
    struct sim *sim;
    struct arrival got[64];
    size_t n;
    int echo; /* the server answers to the source */
    size_t taps;
    struct hash hash;
    int address[4]; /* last notice per ifid, -1 none */
};

static void send_marked(struct world *w, uint32_t host, uint32_t ifid, const struct mpt_addr *to,
                        uint8_t mark, size_t payload)
{
    uint8_t buffer[2048] = {0};
    struct mpt_packet p = {0};
    size_t len;
    uint8_t *ip;

    assert_int_equal(w->sim->ops->address(w->sim, host, ifid, &p.local), 0);
    p.remote = *to;
    p.ttl = 64;
    p.data = buffer + SHIM_HEADROOM;
    p.data[19] = mark;
    p.len = payload;
    ip = ip_build(&p, 1, &len);
    assert_non_null(ip);
    w->sim->ops->send(w->sim, host, ifid, ip, len);
}

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len,
                       uint64_t now)
{
    struct world *w = ctx;
    struct ip_view v;
    struct mpt_packet p;

    assert_int_equal(ip_parse(ip, len, &v), 0);
    assert_int_equal(ip_to_packet(&v, ifid, &p), 0);
    assert_true(now == w->sim->ops->now(w->sim));
    if (w->n < 64)
        w->got[w->n] = (struct arrival){host, ifid, now, p.data[19]};
    w->n++;
    if (w->echo && host == 0)
        send_marked(w, 0, ifid, &p.remote, (uint8_t)(p.data[19] + 100), 20);
}

static void on_tap(void *ctx, uint32_t host, uint32_t ifid, int dir, const uint8_t *ip, size_t len,
                   uint64_t now)
{
    struct world *w = ctx;

    w->taps++;
    hash_u64(&w->hash, now ^ (uint64_t)host << 40 ^ (uint64_t)ifid << 50 ^ (uint64_t)dir << 60);
    hash_bytes(&w->hash, ip, len);
}

static void on_address(void *ctx, uint32_t host, uint32_t ifid, int up, uint64_t now)
{
    struct world *w = ctx;

    assert_int_equal(host, 1);
    assert_true(now == (up ? 40 * MS : 20 * MS));
    w->address[ifid] = up;
}

static struct topology two_paths(void)
{
    struct topology t;
    int i;

    memset(&t, 0, sizeof t);
    t.phones = 2;
    t.paths = 2;
    t.seed = 1;
    for (i = 0; i < 2; i++) {
        t.path[i].mtu = 1500;
        t.path[i].up.delay = t.path[i].down.delay = (uint64_t)(10 + 10 * i) * MS;
        strcpy(t.path[i].name, i ? "lte" : "wifi");
    }
    return t;
}

static void build(struct world *w, const struct topology *t)
{
    struct sim_upcalls up = {w, on_receive, on_tap, on_address};
    char err[100] = "";

    memset(w, 0, sizeof *w);
    memset(w->address, -1, sizeof w->address);
    hash_init(&w->hash);
    w->sim = loop_new(t, &up, err, sizeof err);
    assert_non_null(w->sim);
}

static void check_arrival(const struct world *w, size_t i, uint32_t host, uint32_t ifid,
                          uint64_t at, int mark)
{
    assert_true(i < w->n);
    assert_int_equal(w->got[i].host, host);
    assert_int_equal(w->got[i].ifid, ifid);
    assert_true(w->got[i].at == at);
    assert_int_equal(w->got[i].mark, mark);
}

/* Each phone asks on each path; answers come back on the path they were asked on. */
static void run_round_trips(int ipv6, int multihomed)
{
    struct topology t = two_paths();
    struct world w;
    struct mpt_addr server;

    t.ipv6 = (uint32_t)ipv6;
    t.server_multihomed = (uint32_t)multihomed;
    build(&w, &t);
    w.echo = 1;
    assert_int_equal(w.sim->ops->address(w.sim, 0, multihomed ? 2 : 1, &server), 0);
    send_marked(&w, 1, 1, &server, 1, 20);
    send_marked(&w, 1, 2, &server, 2, 20);
    send_marked(&w, 2, 1, &server, 3, 20);
    w.sim->ops->run(w.sim, MPT_NEVER);
    assert_int_equal(w.n, 6);
    check_arrival(&w, 0, 0, multihomed ? 2 : 1, 10 * MS, 1);
    check_arrival(&w, 1, 0, multihomed ? 2 : 1, 10 * MS, 3); /* ties in the order of sending */
    check_arrival(&w, 2, 0, multihomed ? 2 : 1, 20 * MS, 2);
    check_arrival(&w, 3, 1, 1, 20 * MS, 101);
    check_arrival(&w, 4, 2, 1, 20 * MS, 103);
    check_arrival(&w, 5, 1, 2, 40 * MS, 102);
    assert_int_equal(w.taps, 12);
    assert_int_equal(loop_unroutable(w.sim), 0);
    assert_true(w.sim->ops->now(w.sim) == 40 * MS);
    w.sim->ops->free(w.sim);
}

static void test_round_trips(void **state)
{
    (void)state;
    run_round_trips(0, 0);
    run_round_trips(0, 1);
    run_round_trips(1, 0);
    run_round_trips(1, 1);
}

static void test_addresses(void **state)
{
    struct topology t = two_paths();
    struct mpt_addr a;
    struct world w;
    char text[46];

    (void)state;
    t.phones = 300;
    build(&w, &t);
    assert_int_equal(w.sim->ops->address(w.sim, 258, 2, &a), 0);
    ip_format(&a, text, sizeof text);
    assert_string_equal(text, "10.2.1.2");
    assert_int_equal(w.sim->ops->address(w.sim, 0, 1, &a), 0);
    ip_format(&a, text, sizeof text);
    assert_string_equal(text, "10.100.0.1");
    assert_int_equal(w.sim->ops->address(w.sim, 0, 2, &a), -1); /* one interface only */
    assert_int_equal(w.sim->ops->address(w.sim, 301, 1, &a), -1);
    assert_int_equal(w.sim->ops->address(w.sim, 1, 3, &a), -1);
    assert_int_equal(w.sim->ops->address(w.sim, 1, 0, &a), -1);
    w.sim->ops->free(w.sim);
    t.ipv6 = t.server_multihomed = 1;
    build(&w, &t);
    w.sim->ops->address(w.sim, 258, 2, &a);
    ip_format(&a, text, sizeof text);
    assert_string_equal(text, "fd00:2::102");
    w.sim->ops->address(w.sim, 0, 1, &a);
    ip_format(&a, text, sizeof text);
    assert_string_equal(text, "fd00:100::1");
    w.sim->ops->address(w.sim, 0, 2, &a);
    ip_format(&a, text, sizeof text);
    assert_string_equal(text, "fd00:100:1::1");
    w.sim->ops->free(w.sim);
}

static void test_unroutable(void **state)
{
    struct topology t = two_paths();
    struct mpt_addr nobody = {4, 0, 80, {192, 0, 2, 1}}, third = {4, 0, 80, {10, 1, 0, 3}};
    struct world w;

    (void)state;
    build(&w, &t);
    send_marked(&w, 1, 1, &nobody, 1, 20);
    send_marked(&w, 0, 1, &nobody, 2, 20);
    send_marked(&w, 0, 1, &third, 3, 20);                      /* no such phone */
    w.sim->ops->send(w.sim, 1, 7, (const uint8_t *)"\x45", 1); /* no such interface */
    w.sim->ops->send(w.sim, 0, 1, (const uint8_t *)"\x45", 1); /* no packet */
    w.sim->ops->run(w.sim, MPT_NEVER);
    assert_int_equal(w.n, 0);
    assert_int_equal(loop_unroutable(w.sim), 5);
    w.sim->ops->free(w.sim);
}

/* The shared link: 40 octets at 320 kb/s take 1 ms, and both paths wait for it. */
static void test_server_link(void **state)
{
    struct topology t = two_paths();
    struct mpt_addr server;
    struct world w;

    (void)state;
    t.path[1].up.delay = 10 * MS;
    t.server_link.rate = 320000;
    t.server_link.delay = 5 * MS;
    build(&w, &t);
    w.echo = 1;
    w.sim->ops->address(w.sim, 0, 1, &server);
    send_marked(&w, 1, 1, &server, 1, 20);
    send_marked(&w, 1, 2, &server, 2, 20);
    w.sim->ops->run(w.sim, MPT_NEVER);
    assert_int_equal(w.n, 4);
    check_arrival(&w, 0, 0, 1, 16 * MS, 1);
    check_arrival(&w, 1, 0, 1, 17 * MS, 2);
    check_arrival(&w, 2, 1, 1, 32 * MS, 101); /* 16 + 1 + 5 on the link, 10 on the path */
    check_arrival(&w, 3, 1, 2, 43 * MS, 102);
    assert_int_equal(loop_server_stats(w.sim, PATH_UP)->out, 2);
    w.sim->ops->free(w.sim);
}

/* An interface goes with notice at 20 ms and comes back at 40 ms. */
static void test_address_notice(void **state)
{
    struct topology t = two_paths();
    struct mpt_addr server;
    struct world w;

    (void)state;
    t.path[1].change[0] = (struct path_change){5 * MS, CHANGE_LOSS, 0, 0};
    t.path[1].change[1] = (struct path_change){20 * MS, CHANGE_ADDRESS, 0, 0};
    t.path[1].change[2] = (struct path_change){40 * MS, CHANGE_ADDRESS, 0, 1};
    t.path[1].changes = 3;
    t.phones = 1;
    build(&w, &t);
    w.sim->ops->address(w.sim, 0, 1, &server);
    w.sim->ops->run(w.sim, 30 * MS);
    assert_true(w.sim->ops->now(w.sim) == 30 * MS);
    assert_int_equal(w.address[2], 0);
    assert_int_equal(w.address[1], -1);
    send_marked(&w, 1, 2, &server, 1, 20); /* no interface, no packet */
    w.sim->ops->run(w.sim, 50 * MS);
    assert_int_equal(w.address[2], 1);
    assert_int_equal(w.n, 0);
    send_marked(&w, 1, 2, &server, 2, 20);
    w.sim->ops->run(w.sim, MPT_NEVER);
    check_arrival(&w, 0, 0, 1, 60 * MS, 2);
    w.sim->ops->free(w.sim);
}

/* ---- timers and stop ------------------------------------------------------------------------------ */

struct ticker {
    struct sim *sim;
    struct sim_timer timer, other;
    int ticks;
};

static void tick(void *arg, uint64_t now)
{
    struct ticker *t = arg;

    t->ticks++;
    if (t->ticks == 3)
        t->sim->ops->timer_cancel(t->sim, &t->other);
    if (t->ticks == 5)
        t->sim->ops->stop(t->sim);
    t->sim->ops->timer_set(t->sim, &t->timer, t->ticks == 2 ? 0 : now + MS); /* 0 is past: now */
}

static void must_not_fire(void *arg, uint64_t now)
{
    (void)arg;
    (void)now;
    fail_msg("a cancelled timer fired");
}

static void test_timers(void **state)
{
    struct topology t = two_paths();
    struct ticker k;
    struct world w;

    (void)state;
    memset(&k, 0, sizeof k);
    build(&w, &t);
    k.sim = w.sim;
    k.timer.fire = tick;
    k.timer.arg = &k;
    k.other.fire = must_not_fire;
    w.sim->ops->timer_set(w.sim, &k.timer, MS);
    w.sim->ops->timer_set(w.sim, &k.other, 10 * MS);
    w.sim->ops->run(w.sim, MPT_NEVER);
    assert_int_equal(k.ticks, 5); /* at 1, 2, 2, 3, 4 ms */
    assert_true(w.sim->ops->now(w.sim) == 4 * MS);
    assert_int_equal(w.sim->ops->events(w.sim), 5);
    w.sim->ops->run(w.sim, 7 * MS); /* stop was for that run only; until is inclusive */
    assert_int_equal(k.ticks, 8);
    w.sim->ops->free(w.sim);
}

/* ---- determinism ---------------------------------------------------------------------------------- */

static uint64_t hash_of_run(uint64_t seed)
{
    struct topology t = two_paths();
    struct mpt_addr server;
    struct world w;
    uint64_t hash;
    int i;

    t.seed = seed;
    t.path[0].up.loss_model = LOSS_UNIFORM;
    t.path[0].up.loss = 0.3;
    t.path[0].down.jitter = 4 * MS;
    t.path[1].up.rate = 100000;
    build(&w, &t);
    w.echo = 1;
    w.sim->ops->address(w.sim, 0, 1, &server);
    for (i = 0; i < 200; i++)
        send_marked(&w, 1 + (uint32_t)i % 2, 1 + (uint32_t)i / 2 % 2, &server, (uint8_t)i,
                    20 + (size_t)i);
    w.sim->ops->run(w.sim, MPT_NEVER);
    hash = hash_value(&w.hash);
    w.sim->ops->free(w.sim);
    return hash;
}

static void test_same_seed_same_octets(void **state)
{
    (void)state;
    assert_true(hash_of_run(5) == hash_of_run(5));
    assert_true(hash_of_run(5) != hash_of_run(6));
}

static void test_bad_topology(void **state)
{
    struct topology t = two_paths();
    struct sim_upcalls up = {0};
    char err[100] = "";

    (void)state;
    t.phones = 0;
    assert_null(loop_new(&t, &up, err, sizeof err));
    assert_non_null(strstr(err, "phones"));
    t.phones = 1;
    t.paths = 0;
    assert_null(loop_new(&t, &up, err, sizeof err));
    t.paths = 2;
    t.path[1].mtu = 500;
    assert_null(loop_new(&t, &up, err, sizeof err));
    assert_non_null(strstr(err, "MTU"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queue),        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_addresses),    cmocka_unit_test(test_unroutable),
        cmocka_unit_test(test_server_link),  cmocka_unit_test(test_address_notice),
        cmocka_unit_test(test_timers),       cmocka_unit_test(test_same_seed_same_octets),
        cmocka_unit_test(test_bad_topology),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
