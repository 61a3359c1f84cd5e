/* SPDX-License-Identifier: MIT */
/* test_share.c - what schedulers and coupled congestion control promise of a whole transfer, on the loop engine: the
 * redundant scheduler is as fast as the best path and bounds its memory; round robin and BLEST use both paths; and on a
 * shared bottleneck a connection with two coupled subflows takes what one TCP takes (RFC 6356 2.1, goal 2). */
#include "bulk.h"
#include "pump.h"
#include "rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint64_t SECOND = 1000000000, MS = 1000000, MBIT = 1000000;

/* ---- schedulers ----------------------------------------------------------------------------------- */

enum second { NONE, SLOW /* a tenth of the rate, a second of queue */, FAIR /* a quarter, twice the RTT */ };

static struct bulk_result run_sched(const char *sched, enum second second, double loss, const char *buffer)
{
    struct bulk b = { .until = 20 * SECOND, .skip = 2 * SECOND, .engine = loop_new, .client = { "pm", "fullmesh" },
                      .both = { "sndbuf", buffer, "rcvbuf", buffer, "cc", "reno", "sched", sched, NULL } };
    struct bulk_result r;

    b.topology.seed = 1;
    bulk_path(&b.topology, "good", 20 * MBIT, 10 * MS, 0, loss);
    if (second == SLOW)
        bulk_path(&b.topology, "slow", 2 * MBIT, 40 * MS, 250000, loss);
    if (second == FAIR)
        bulk_path(&b.topology, "fair", 5 * MBIT, 20 * MS, 0, loss);
    assert_int_equal(bulk_run(&b, &r), 0);
    assert_int_equal(r.wrong, 0);
    assert_int_equal(r.error, 0);
    return r;
}

static void test_redundant_is_as_fast_as_the_best(void **state)
{
    struct bulk_result alone = run_sched("minrtt", NONE, 0, "1MiB"), both = run_sched("redundant", SLOW, 0, "1MiB");

    (void)state;
    assert_true(both.goodput > 0.97 * alone.goodput);
    assert_true(both.goodput < 1.01 * alone.goodput); /* nothing is gained but safety */
    assert_true(both.reinjected > 2000000);           /* the slow one was busy all the time: 2 Mbit/s for 20 s */
}

/* With losses the other one fills the gap. */
static void test_redundant_with_loss(void **state)
{
    struct bulk_result alone = run_sched("minrtt", NONE, 0.01, "1MiB"), both = run_sched("redundant", SLOW, 0.01, "1MiB");

    (void)state;
    assert_true(both.goodput > 0.97 * alone.goodput);
    assert_true(both.reinjected > 1000000);
}

/* A small buffer and 250 kB of queue on the slow path: what it owes may not grow with the transfer (50 MB). */
static void test_redundant_memory(void **state)
{
    struct bulk_result r = run_sched("redundant", SLOW, 0, "128KiB");

    (void)state;
    assert_true(r.octets > 20000000);
    assert_true(r.peak < 6 * 131072);
}

static void test_others_use_both(void **state)
{
    static const char *const sched[] = { "roundrobin", "blest", "minrtt" };

    (void)state;
    for (int i = 0; i < 3; i++) {
        double goodput = run_sched(sched[i], FAIR, 0, "4MiB").goodput;

        print_message("%s: %.2f of 23.75 Mbit/s\n", sched[i], goodput / 1e6);
        assert_true(goodput > 0.95 * 23.75e6);
    }
}

/* With buffers of one BDP of the good path round robin lets the slow one hold up the window; BLEST does not. */
static void test_blest_spares_a_small_buffer(void **state)
{
    double alone = run_sched("minrtt", NONE, 0, "128KiB").goodput;

    (void)state;
    assert_true(run_sched("roundrobin", SLOW, 0, "128KiB").goodput < 0.7 * alone);
    assert_true(run_sched("blest", SLOW, 0, "128KiB").goodput > 0.95 * alone);
}

/* ---- a shared bottleneck -------------------------------------------------------------------------- */

enum { PIECE = 65536 };

/* Host 0 is the server, 1 has two paths to it, 2 speaks plain TCP; the link before the server is the narrow one. */
struct share_host {
    struct share *world;
    struct mpt_stack *stack;
    struct pump pump;
    struct rng rng;
    struct mpt_conn *conn;
};

struct share {
    struct sim *sim;
    struct share_host host[3];
    uint64_t octets[3];    /* read from phone 1 and 2 */
    uint64_t skip;         /* before it nothing counts */
    uint8_t buffer[PIECE];
};

static void draw(void *ctx, void *out, size_t n)
{
    rng_bytes(&((struct share_host *)ctx)->rng, out, n);
}

static void on_event(void *ctx, struct pump *pump, const struct mpt_event *e, uint64_t now)
{
    struct share_host *h = ctx;
    struct share *w = h->world;
    struct mpt_conn_info info = { .size = sizeof info };
    int64_t n;

    (void)pump;
    if (h != &w->host[0]) {
        while (e->flags & (MPT_EV_CONNECTED | MPT_EV_WRITABLE) && mpt_write(e->conn, w->buffer, PIECE, now) > 0)
            continue;
        return;
    }
    mpt_conn_info(e->conn, &info);
    while ((n = mpt_read(e->conn, w->buffer, PIECE, now)) > 0)
        w->octets[info.multipath ? 1 : 2] += now > w->skip ? (uint64_t)n : 0;
}

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    pump_input(&((struct share *)ctx)->host[host].pump, ifid, ip, len, now);
}

static void make_host(struct share *w, uint32_t i, const char *cc)
{
    struct share_host *h = &w->host[i];
    struct mpt_env env = { .size = sizeof env, .random = draw, .random_ctx = h };
    struct mpt_config c;
    struct mpt_addr a;

    h->world = w;
    rng_init(&h->rng, 1, i == 0 ? "server" : i == 1 ? "one" : "two");
    mpt_config_default(&c);
    assert_int_equal(mpt_config_set(&c, "cc", cc), 0);
    c.mptcp = i != 2;
    c.pm = i == 1 ? MPT_PM_FULLMESH : MPT_PM_MANUAL;
    assert_int_equal(mpt_stack_new(&h->stack, &env, &c, 0), 0);
    assert_int_equal(pump_init(&h->pump, w->sim, i, h->stack, on_event, h), 0);
    for (uint32_t ifid = 1; w->sim->ops->address(w->sim, i, ifid, &a) == 0; ifid++)
        mpt_address_up(h->stack, &a, ifid, 1500, 0, 0);
}

/* How much more the connection with two subflows takes than the TCP beside it. */
static double ratio(const char *cc)
{
    struct share *w = calloc(1, sizeof *w);
    struct sim_upcalls up = { .ctx = w, .receive = on_receive };
    struct topology t = { .seed = 1 };
    struct mpt_addr server;
    char err[128];
    double r;

    assert_non_null(w);
    for (int i = 0; i < 2; i++) {
        bulk_path(&t, i ? "b" : "a", 100 * MBIT, 10 * MS, 0, 0);
        t.path[i].up.jitter = 2 * MS; /* drop-tail queues lock into phase otherwise */
    }
    t.phones = 2;
    t.server_link = (struct link_config){ .rate = 20 * MBIT, .delay = 10 * MS, .queue_bytes = 100000 };
    w->skip = 20 * SECOND;
    w->sim = loop_new(&t, &up, err, sizeof err);
    assert_non_null(w->sim);
    make_host(w, 0, "reno");
    make_host(w, 1, cc);
    make_host(w, 2, "reno");
    w->sim->ops->address(w->sim, 0, 1, &server);
    server.port = 80;
    assert_int_equal(mpt_listen(w->host[0].stack, &server, NULL), 0);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(mpt_connect(w->host[i].stack, &w->host[i].conn, NULL, &server, 0), 0);
        pump_run(&w->host[i].pump, 0);
    }
    w->sim->ops->run(w->sim, 140 * SECOND);
    r = (double)w->octets[1] / (double)w->octets[2];
    assert_in_range(w->octets[1] + w->octets[2], 0.85 * 120 * 20e6 / 8, 120 * 20e6 / 8); /* the link is used */
    for (int i = 0; i < 3; i++) {
        pump_clear(&w->host[i].pump);
        mpt_stack_free(w->host[i].stack);
    }
    w->sim->ops->free(w->sim);
    free(w);
    return r;
}

static void test_coupled_is_fair(void **state)
{
    static const char *const cc[] = { "lia", "olia", "balia" };

    (void)state;
    for (int i = 0; i < 3; i++) {
        double r = ratio(cc[i]);

        print_message("%s takes %.2f of what TCP takes\n", cc[i], r);
        assert_true(r > 0.6 && r < 1.4);
    }
}

/* Two of Reno take about twice as much: the test can tell. */
static void test_uncoupled_is_not(void **state)
{
    double r = ratio("reno");

    (void)state;
    print_message("reno takes %.2f of what TCP takes\n", r);
    assert_true(r > 1.6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_redundant_is_as_fast_as_the_best), cmocka_unit_test(test_redundant_with_loss),
        cmocka_unit_test(test_redundant_memory), cmocka_unit_test(test_others_use_both),
        cmocka_unit_test(test_blest_spares_a_small_buffer), cmocka_unit_test(test_coupled_is_fair),
        cmocka_unit_test(test_uncoupled_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
