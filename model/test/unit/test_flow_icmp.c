/* SPDX-License-Identifier: MIT */
/* test/unit/test_flow_icmp.c - path MTU by ICMP and what forged messages may do (RFC 1191, RFC 8201, RFC 5927): a
 * router on the link drops what is too large and says so. */
#include "flow_pair.h"

struct router {
    uint32_t mtu;      /* of the next hop; 0: no limit */
    int silent;        /* says nothing */
    uint32_t says;     /* another MTU than its own, 0: the true one */
    uint32_t dropped;
};
static struct router router;

/* The router hears the segment before the link does, so its message is there at once. */
static int route(struct pair *p, int from, const struct mpt_segment *s)
{
    struct mpt_flow *f = &p->end[from].flow;
    uint32_t len = 40 + s->opt_len + s->len;

    if (!router.mtu || len <= router.mtu)
        return 0;
    router.dropped++;
    if (!router.silent)
        mpt_flow_icmp(f, s->seq, MPT_ICMP_TOO_BIG, router.says ? router.says : router.mtu, p->now);
    return 1;
}

static struct pair *pair_routed(uint32_t mtu)
{
    struct pair *p = pair_new(10 * MS);

    memset(&router, 0, sizeof router);
    router.mtu = mtu;
    p->drop = route;
    return p;
}

/* From the first full segment on: all arrives, without a time-out and without a smaller window. */
static void test_small_from_the_start(void **state)
{
    struct pair *p = pair_routed(1000);
    struct end *c = &p->end[CLIENT];
    uint64_t cwnd;

    (void)state;
    pair_establish(p);
    cwnd = c->flow.cc.cwnd;
    c->to_send = 300000;
    pair_run(p, p->now + 2 * S);
    assert_int_equal(p->end[SERVER].received, 300000);
    assert_int_equal(c->acked, 300000);
    assert_int_equal(c->flow.mss, 1000 - 52);
    assert_int_equal(c->counters[MPT_CNT_TIMEOUTS], 0);
    assert_int_equal(c->counters[MPT_CNT_PMTU_LOWERED], 1);
    assert_int_equal(router.dropped, 1); /* the message comes while the rest of the window is not sent yet */
    assert_true(c->flow.cc.cwnd > cwnd);
    pair_free(p);
}

/* The path shrinks in the middle: a window of segments is too large, and what was acknowledged contradicts the message,
 * so a time-out has to confirm it (RFC 5927 7.2). All octets arrive in order. */
static void test_shrinks(void **state)
{
    struct pair *p = pair_routed(0);
    struct end *c = &p->end[CLIENT];

    (void)state;
    c->options = 20;
    p->rate = 1250000;
    pair_establish(p);
    c->to_send = 500000;
    pair_run(p, p->now + 150 * MS);
    assert_true(c->acked > 100000);
    router.mtu = 700;
    pair_run(p, p->now + 20 * MS);
    assert_true(router.dropped > 0);
    assert_int_equal(c->flow.pmtu, 0);
    assert_true(c->flow.pmtu_claim == 0 || c->flow.pmtu_claim == 700);
    pair_run(p, p->now + 10 * S);
    assert_int_equal(c->flow.pmtu, 700);
    assert_int_equal(c->flow.mss, 700 - 52);
    assert_int_equal(p->end[SERVER].received, 500000);
    assert_int_equal(c->acked, 500000);
    assert_int_equal(c->flow.ring.count, 0);
    assert_int_equal(c->flow.in_flight, 0);
    assert_int_equal(c->flow.lost_count, 0);
    pair_free(p);
}

/* With losses, reordering and duplicates beside it, and the least MTU. */
static void test_shrinks_on_a_bad_path(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct pair *p = pair_routed(0);
        struct end *c = &p->end[CLIENT];

        p->random = seed * 88172645463325252u;
        p->loss = 20;
        p->reorder = 20;
        p->reorder_by = 15 * MS;
        p->duplicate = 10;
        p->config.tcp_sack = seed & 1;
        c->options = seed % 3 * 12;
        pair_connect(p);
        c->to_send = 400000;
        pair_run(p, p->now + 100 * MS + seed * 7 * MS);
        router.mtu = 576;
        pair_run(p, p->now + 300 * S);
        assert_int_equal(p->end[SERVER].received, 400000);
        assert_int_equal(c->acked, 400000);
        assert_int_equal(c->flow.lost_count | c->flow.in_flight | c->flow.sacked_count, 0);
        pair_free(p);
    }
}

/* No memory for pieces, or none for the ring: the next time-out tries again. */
static void test_no_memory_for_pieces(void **state)
{
    struct pair *p = pair_routed(1000);
    struct end *c = &p->end[CLIENT];

    (void)state;
    pair_establish(p);
    c->refuse_cuts = 1;
    c->to_send = 100000;
    pair_run(p, p->now + 100 * MS);
    assert_true(c->acked < 100000);
    c->refuse_cuts = 0;
    pair_run(p, p->now + 5 * S);
    assert_int_equal(p->end[SERVER].received, 100000);
    pair_free(p);
}

/* RFC 1191 6.3, RFC 8201 4: after ten minutes a larger one is tried; the path is as small as before, and nothing but
 * that one segment is lost. */
static void test_raised_after_ten_minutes(void **state)
{
    struct pair *p = pair_routed(1000);
    struct end *c = &p->end[CLIENT];

    (void)state;
    pair_establish(p);
    c->to_send = 50000;
    pair_run(p, p->now + 2 * S);
    assert_int_equal(c->flow.mss, 948);
    pair_run(p, p->now + 600 * S);
    assert_int_equal(c->flow.mss, 1448);
    c->to_send += 50000;
    pair_run(p, p->now + 2 * S);
    assert_int_equal(c->flow.mss, 948);
    assert_int_equal(p->end[SERVER].received, 100000);
    assert_int_equal(c->counters[MPT_CNT_TIMEOUTS], 0);
    router.mtu = 0; /* and now the path is better */
    pair_run(p, p->now + 601 * S);
    c->to_send += 50000;
    pair_run(p, p->now + 2 * S);
    assert_int_equal(c->flow.mss, 1448);
    assert_int_equal(p->end[SERVER].received, 150000);
    pair_free(p);
}

/* RFC 5927 4.1: only what is in flight is believed. */
static void test_only_in_flight(void **state)
{
    struct pair *p = pair_routed(0);
    struct end *c = &p->end[CLIENT];
    struct mpt_flow *f = &c->flow;

    (void)state;
    pair_establish(p);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_TOO_BIG, 600, p->now); /* nothing is in flight at all */
    assert_int_equal(f->pmtu, 0);
    c->to_send = 3000;
    pair_run(p, p->now + MS);
    assert_int_equal(f->snd_nxt, 3001);
    mpt_flow_icmp(f, f->iss, MPT_ICMP_TOO_BIG, 600, p->now);
    mpt_flow_icmp(f, f->iss + 3001, MPT_ICMP_TOO_BIG, 600, p->now);
    mpt_flow_icmp(f, f->iss + 0x80000000u, MPT_ICMP_TOO_BIG, 600, p->now);
    mpt_flow_icmp(f, f->iss + 3001, MPT_ICMP_HARD, 0, p->now);
    assert_int_equal(f->pmtu, 0);
    assert_int_equal(c->counters[MPT_CNT_ICMP_OUT_OF_WINDOW], 5);
    mpt_flow_icmp(f, f->iss + 3000, MPT_ICMP_TOO_BIG, 600, p->now);
    assert_int_equal(f->pmtu, 600);
    pair_run(p, p->now + S);
    assert_int_equal(p->end[SERVER].received, 3000);
    pair_free(p);
}

/* Bounds: never below 576, never up, nothing from a router that says no MTU but the next usual size (RFC 1191 7.1). */
static void test_bounds(void **state)
{
    struct pair *p = pair_routed(0);
    struct end *c = &p->end[CLIENT];
    struct mpt_flow *f = &c->flow;

    (void)state;
    pair_establish(p);
    c->to_send = 3000;
    pair_run(p, p->now + MS);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_TOO_BIG, 1500, p->now);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_TOO_BIG, 9000, p->now);
    assert_int_equal(f->pmtu, 0);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_TOO_BIG, 0, p->now);
    assert_int_equal(f->pmtu, 1492);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_TOO_BIG, 0, p->now);
    assert_int_equal(f->pmtu, 1006);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_TOO_BIG, 1400, p->now);
    assert_int_equal(f->pmtu, 1006);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_TOO_BIG, 68, p->now);
    assert_int_equal(f->pmtu, 576);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_TOO_BIG, 0, p->now);
    assert_int_equal(f->pmtu, 576);
    pair_run(p, p->now + S);
    assert_int_equal(p->end[SERVER].received, 3000);
    pair_free(p);
}

/* RFC 8201 4: IPv6 has 1280 everywhere, so a message that says less is wrong. */
static void test_bounds_v6(void **state)
{
    struct pair *p = pair_routed(0);
    struct mpt_flow *f = &p->end[CLIENT].flow;

    (void)state;
    p->end[CLIENT].flow.local.family = p->end[CLIENT].flow.remote.family = 6;
    p->end[SERVER].flow.local.family = p->end[SERVER].flow.remote.family = 6;
    pair_establish(p);
    p->end[CLIENT].to_send = 3000;
    pair_run(p, p->now + MS);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_TOO_BIG, 1279, p->now);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_TOO_BIG, 0, p->now);
    assert_int_equal(f->pmtu, 0);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_TOO_BIG, 1280, p->now);
    assert_int_equal(f->pmtu, 1280);
    assert_int_equal(f->mss, 1280 - 72);
    pair_run(p, p->now + S);
    assert_int_equal(p->end[SERVER].received, 3000);
    pair_free(p);
}

/* A forged message about a size that was acknowledged: progress refutes it, nothing happens (RFC 5927 7.2). */
static void test_refuted(void **state)
{
    struct pair *p = pair_routed(0);
    struct end *c = &p->end[CLIENT];
    struct mpt_flow *f = &c->flow;

    (void)state;
    pair_establish(p);
    c->to_send = 100000;
    pair_run(p, p->now + 50 * MS);
    assert_int_equal(f->mss_acked, 1448);
    mpt_flow_icmp(f, f->iss + (uint32_t)f->snd_una, MPT_ICMP_TOO_BIG, 576, p->now);
    assert_int_equal(f->pmtu_claim, 576);
    pair_run(p, p->now + S);
    assert_int_equal(f->pmtu | f->pmtu_claim, 0);
    assert_int_equal(f->mss, 1448);
    assert_int_equal(p->end[SERVER].received, 100000);
    pair_free(p);
}

/* RFC 5461 2.2, RFC 5927 5.2: hard errors end attempts to connect only, soft ones nothing. */
static void test_unreachable(void **state)
{
    struct pair *p = pair_new(10 * MS);
    struct end *c = &p->end[CLIENT];
    struct mpt_flow *f = &c->flow;

    (void)state;
    pair_connect(p);
    mpt_flow_icmp(f, f->iss, MPT_ICMP_SOFT, 0, p->now);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_HARD, 0, p->now);
    mpt_flow_icmp(f, f->iss - 1, MPT_ICMP_HARD, 0, p->now);
    assert_int_equal(f->state, MPT_FLOW_SYN_SENT);
    pair_run(p, p->now + 50 * MS);
    assert_int_equal(f->state, MPT_FLOW_ESTABLISHED);
    c->to_send = 1000;
    pair_run(p, p->now + MS);
    mpt_flow_icmp(f, f->iss + 1, MPT_ICMP_HARD, 0, p->now);
    assert_int_equal(f->state, MPT_FLOW_ESTABLISHED);
    pair_free(p);
    p = pair_new(10 * MS);
    c = &p->end[CLIENT];
    pair_connect(p);
    mpt_flow_icmp(&c->flow, c->flow.iss, MPT_ICMP_HARD, 0, p->now);
    assert_int_equal(c->flow.state, MPT_FLOW_CLOSED);
    assert_int_equal(c->flow.error, MPT_ECONNREFUSED);
    pair_free(p);
}

/* A router before the handshake is over: the MSS begins small. */
static void test_before_the_handshake(void **state)
{
    struct pair *p = pair_routed(0);
    struct end *c = &p->end[CLIENT];

    (void)state;
    pair_connect(p);
    mpt_flow_icmp(&c->flow, c->flow.iss, MPT_ICMP_TOO_BIG, 800, p->now);
    pair_run(p, p->now + 100 * MS);
    assert_int_equal(c->flow.mss, 800 - 52);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_from_the_start), cmocka_unit_test(test_shrinks),
        cmocka_unit_test(test_shrinks_on_a_bad_path), cmocka_unit_test(test_no_memory_for_pieces),
        cmocka_unit_test(test_raised_after_ten_minutes), cmocka_unit_test(test_only_in_flight),
        cmocka_unit_test(test_bounds), cmocka_unit_test(test_bounds_v6), cmocka_unit_test(test_refuted),
        cmocka_unit_test(test_unreachable), cmocka_unit_test(test_before_the_handshake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
