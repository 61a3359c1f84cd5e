/* SPDX-License-Identifier: MIT */
/* test/unit/test_cc.c - growth and reduction of the congestion controls against what their RFCs
 * compute: windows in virtual time, no flow beneath. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cc/cc.h"
#include "mpt.h"

#define MS  UINT64_C(1000000)
#define MSS UINT64_C(1000)

static void start(struct mpt_cc_state *c, uint32_t cc, struct mpt_cc_group *g, uint64_t rtt)
{
    memset(c, 0, sizeof *c);
    mpt_cc_start(c, mpt_cc_find(cc), g, MSS, 10, 0);
    c->srtt_ns = c->min_rtt_ns = c->last_rtt_ns = rtt;
    c->established = 1;
    c->limited = 1;
}

/* One round trip: the whole window is acknowledged, two segments at a time. */
static void round_trip(struct mpt_cc_state *c, uint64_t *now)
{
    uint64_t window = c->cwnd, acks = (window + 2 * MSS - 1) / (2 * MSS);

    for (uint64_t i = 0; i < acks; i++) {
        uint64_t left = window - i * 2 * MSS;

        *now += c->srtt_ns / acks;
        c->ops->ack(c, left < 2 * MSS ? left : 2 * MSS, *now);
    }
}

static void test_all_begin_alike(void **state)
{
    (void)state;
    for (uint32_t cc = MPT_CC_RENO; cc <= MPT_CC_BALIA; cc++) {
        struct mpt_cc_group g;
        struct mpt_cc_state c;
        uint64_t now = 0;

        mpt_cc_group_init(&g);
        start(&c, cc, &g, 20 * MS);
        assert_int_equal(c.cwnd, 10 * MSS);
        round_trip(&c, &now);
        assert_int_equal(c.cwnd, 20 * MSS); /* slow start doubles */
        c.limited = 0;
        round_trip(&c, &now);
        assert_int_equal(c.cwnd, 20 * MSS); /* RFC 7661: not in use, no growth */
        c.ops->loss(&c, c.cwnd, now);
        assert_int_equal(c.cwnd, cc == MPT_CC_CUBIC ? 14 * MSS : 10 * MSS);
        assert_int_equal(c.ssthresh, c.cwnd);
        c.cwnd = MSS;
        c.ops->timeout(&c, MSS, now);
        assert_int_equal(c.ssthresh, 2 * MSS);
        mpt_cc_stop(&c);
        assert_true(mpt_list_empty(&g.flows));
        mpt_cc_stop(&c); /* twice is harmless */
    }
}

static void test_reno_adds_a_segment_a_round(void **state)
{
    struct mpt_cc_state c;
    uint64_t now = 0;

    (void)state;
    start(&c, MPT_CC_RENO, NULL, 20 * MS);
    c.ops->loss(&c, c.cwnd, now);
    assert_int_equal(c.cwnd, 5 * MSS);
    for (uint64_t i = 1; i <= 20; i++) {
        round_trip(&c, &now);
        assert_in_range(c.cwnd, 5 * MSS + (i - 1) * MSS, 5 * MSS + i * MSS);
    }
}

/* Slow start stops at ssthresh exactly, the rest of the ACK counts towards avoidance. */
static void test_slow_start_ends_at_ssthresh(void **state)
{
    struct mpt_cc_state c;

    (void)state;
    start(&c, MPT_CC_RENO, NULL, 20 * MS);
    c.ssthresh = 11 * MSS;
    c.ops->ack(&c, 2 * MSS, 0);
    assert_int_equal(c.cwnd, 11 * MSS);
    assert_int_equal(c.acked, MSS);
    assert_int_equal(c.slow_start, 0);
}

/* RFC 9438 4.2: after a loss at 1000 segments W_max is reached again after K = cbrt(300 / 0.4) =
 * 9.086 s. */
static void test_cubic_returns_to_w_max_after_k(void **state)
{
    struct mpt_cc_state c;
    uint64_t now = 1000 * MS, begun;

    (void)state;
    start(&c, MPT_CC_CUBIC, NULL, 100 * MS);
    c.cwnd = 1000 * MSS;
    c.ops->loss(&c, c.cwnd, now);
    assert_int_equal(c.cwnd, 700 * MSS);
    begun = now;
    while (now - begun < 4500 * MS)
        round_trip(&c, &now);
    assert_in_range(c.cwnd, 955 * MSS, 975 * MSS); /* 0.4 (4.6 - 9.086)^3 + 1000 = 964 */
    while (c.cwnd < 999 * MSS)
        round_trip(&c, &now);
    assert_in_range((now - begun) / MS, 7500, 9100);
    while (now - begun < 9086 * MS)
        round_trip(&c, &now);
    assert_in_range(c.cwnd, 999 * MSS, 1001 * MSS);
    while (now - begun < 14000 * MS)
        round_trip(&c, &now);
    assert_in_range(c.cwnd, 1040 * MSS, 1055 * MSS); /* convex: 0.4 * 4.9^3 = 47 */
}

/* RFC 9438 4.3: with a short RTT the cubic curve is slower than Reno's, and Reno's is taken. */
static void test_cubic_is_reno_friendly(void **state)
{
    struct mpt_cc_state c;
    uint64_t now = 1000 * MS, cwnd;

    (void)state;
    start(&c, MPT_CC_CUBIC, NULL, 5 * MS);
    c.cwnd = 100 * MSS;
    c.ops->loss(&c, c.cwnd, now);
    for (int i = 0; i < 40; i++)
        round_trip(&c, &now);
    /* alpha 0.529 segments a round until W_max */
    assert_in_range(c.cwnd, 70 * MSS + 19 * MSS, 70 * MSS + 23 * MSS);
    cwnd = c.cwnd;
    while (c.cwnd < 100 * MSS)
        round_trip(&c, &now);
    cwnd = c.cwnd;
    for (int i = 0; i < 10; i++)
        round_trip(&c, &now);
    assert_in_range(c.cwnd, cwnd + 8 * MSS, cwnd + 11 * MSS); /* then 1 a round */
}

static void test_cubic_fast_convergence(void **state)
{
    struct mpt_cc_state c;

    (void)state;
    start(&c, MPT_CC_CUBIC, NULL, 20 * MS);
    c.cwnd = 1000 * MSS;
    c.ops->loss(&c, c.cwnd, 0);
    c.ops->loss(&c, c.cwnd, 0); /* at 700, below W_max: the other flow gets room (4.7) */
    assert_int_equal((uint64_t)(c.u.cubic.w_max + 0.5), 595);
    c.ops->ack(&c, MSS, 10 * MS);
    assert_true(c.u.cubic.k > 0.0);
}

static void pair_of(struct mpt_cc_state c[2], struct mpt_cc_group *g, uint32_t cc, uint64_t rtt0,
                    uint64_t rtt1)
{
    mpt_cc_group_init(g);
    start(&c[0], cc, g, rtt0);
    start(&c[1], cc, g, rtt1);
    for (int i = 0; i < 2; i++) {
        c[i].cwnd = c[i].ssthresh = 50 * MSS;
        c[i].slow_start = 0;
    }
}

/* RFC 6356 2.1, goal 2: two subflows on one bottleneck together take what one TCP takes: alike
 * paths, alpha = 1/2 each of the total's increase, so each grows half a segment a round at most. */
static void test_coupled_growth_is_that_of_one(void **state)
{
    (void)state;
    for (uint32_t cc = MPT_CC_LIA; cc <= MPT_CC_BALIA; cc++) {
        struct mpt_cc_group g;
        struct mpt_cc_state c[2];
        uint64_t now = 0, grown;

        pair_of(c, &g, cc, 20 * MS, 20 * MS);
        for (int i = 0; i < 40; i++) {
            round_trip(&c[0], &now);
            now -= 20 * MS;
            round_trip(&c[1], &now);
        }
        grown = c[0].cwnd + c[1].cwnd - 100 * MSS;
        assert_in_range(grown, 15 * MSS, 25 * MSS); /* alpha / total: 40 rounds of 1/4 + 1/4 */
        assert_in_range(c[0].cwnd - c[1].cwnd + 3 * MSS, 0, 6 * MSS);
    }
}

/* Never faster than Reno on the same path (RFC 6356 3: the minimum). */
static void test_lia_is_never_faster_than_reno(void **state)
{
    struct mpt_cc_group g;
    struct mpt_cc_state c[2], reno;
    uint64_t now = 0, reno_now = 0;

    (void)state;
    pair_of(c, &g, MPT_CC_LIA, 10 * MS, 200 * MS);
    start(&reno, MPT_CC_RENO, NULL, 10 * MS);
    reno.cwnd = reno.ssthresh = 50 * MSS;
    c[1].cwnd = 2 * MSS;
    for (int i = 0; i < 100; i++) {
        round_trip(&c[0], &now);
        round_trip(&reno, &reno_now);
        assert_true(c[0].cwnd <= reno.cwnd);
    }
    assert_true(c[0].cwnd > 100 * MSS);
}

/* OLIA: the path with the longest loss-free stretch but a small window gains at the cost of the
 * large one. */
static void test_olia_moves_window(void **state)
{
    struct mpt_cc_group g;
    struct mpt_cc_state c[2];
    uint64_t now = 0;

    (void)state;
    pair_of(c, &g, MPT_CC_OLIA, 20 * MS, 20 * MS);
    c[0].cwnd = 80 * MSS; /* large, loses often */
    c[1].cwnd = 20 * MSS; /* small, clean */
    c[1].ssthresh = c[1].cwnd;
    c[0].u.olia.between = 100 * MSS;
    c[1].u.olia.between = 2000 * MSS;
    round_trip(&c[0], &now);
    assert_in_range(c[0].cwnd, 79 * MSS, 80 * MSS + MSS / 2); /* 80^2/100^2 - 1/2 */
    round_trip(&c[1], &now);
    assert_in_range(c[1].cwnd, 20 * MSS + 400, 20 * MSS + 700); /* 20^2/100^2 + 1/2 */
    for (int i = 0; i < 500; i++) {
        c[0].u.olia.since_loss = 0;
        round_trip(&c[0], &now);
    }
    assert_true(c[0].cwnd >= MSS);
}

/* By hand, 10 and 100 ms, 50 segments each: x = 5000 and 500 segments/s, alpha = 1 and 10. Per segment acknowledged:
 * 5000 / 0.01 / 5500^2 = 0.016529 segments on the first; 500 / 0.1 / 5500^2 * 11/2 * 14/5 = 0.0025455 on the second.
 * A loss takes half of the first, three quarters of the second. */
static void test_balia_by_hand(void **state)
{
    struct mpt_cc_group g;
    struct mpt_cc_state c[2];

    (void)state;
    pair_of(c, &g, MPT_CC_BALIA, 10 * MS, 100 * MS);
    c[0].ops->ack(&c[0], MSS, 0);
    assert_int_equal(c[0].cwnd, 50 * MSS + 16); /* 16.529 octets: the fraction is kept */
    c[0].cwnd = 50 * MSS;
    c[0].ops->ack(&c[0], MSS, 0);
    assert_int_equal(c[0].cwnd, 50 * MSS + 17); /* 33.058 - 16 */
    c[0].cwnd = 50 * MSS;
    c[1].ops->ack(&c[1], 2 * MSS, 0);
    assert_int_equal(c[1].cwnd, 50 * MSS + 5); /* 5.091 */
    c[1].cwnd = 50 * MSS;
    c[1].ops->loss(&c[1], c[1].cwnd, 0);
    assert_int_equal(c[1].cwnd, 12500);
    assert_int_equal(c[1].ssthresh, 12500);
    c[0].ops->timeout(&c[0], c[0].cwnd, 0);
    assert_int_equal(c[0].ssthresh, 25 * MSS);
    assert_int_equal(c[0].cwnd, 50 * MSS); /* flow/ sets it */
}

/* alpha is 1, and the sum is the path's own: one segment a round trip, half at a loss. */
static void test_balia_on_one_path_is_reno(void **state)
{
    struct mpt_cc_group g;
    struct mpt_cc_state c, reno;
    uint64_t now = 0, reno_now = 0;

    (void)state;
    mpt_cc_group_init(&g);
    start(&c, MPT_CC_BALIA, &g, 20 * MS);
    start(&reno, MPT_CC_RENO, NULL, 20 * MS);
    c.cwnd = c.ssthresh = reno.cwnd = reno.ssthresh = 50 * MSS;
    for (int i = 0; i < 50; i++) {
        round_trip(&c, &now);
        round_trip(&reno, &reno_now);
        assert_in_range(c.cwnd + MSS - reno.cwnd, 0, 2 * MSS);
    }
    c.ops->loss(&c, c.cwnd, now);
    reno.ops->loss(&reno, reno.cwnd, now);
    assert_in_range(c.cwnd + MSS - reno.cwnd, 0, 2 * MSS);
}

/* A sibling that is not established does not count, and a slow one gives up more than half. */
static void test_balia_slow_path_gives_up_more(void **state)
{
    struct mpt_cc_group g;
    struct mpt_cc_state c[2];

    (void)state;
    pair_of(c, &g, MPT_CC_BALIA, 20 * MS, 24 * MS);
    c[1].ops->loss(&c[1], c[1].cwnd, 0);
    assert_int_equal(c[1].cwnd, 20 * MSS); /* alpha 1.2: 60 % of it goes */
    c[1].cwnd = 50 * MSS;
    c[0].established = 0;
    c[1].ops->loss(&c[1], c[1].cwnd, 0);
    assert_int_equal(c[1].cwnd, 25 * MSS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_begin_alike),
        cmocka_unit_test(test_reno_adds_a_segment_a_round),
        cmocka_unit_test(test_slow_start_ends_at_ssthresh),
        cmocka_unit_test(test_cubic_returns_to_w_max_after_k),
        cmocka_unit_test(test_cubic_is_reno_friendly),
        cmocka_unit_test(test_cubic_fast_convergence),
        cmocka_unit_test(test_coupled_growth_is_that_of_one),
        cmocka_unit_test(test_lia_is_never_faster_than_reno),
        cmocka_unit_test(test_olia_moves_window),
        cmocka_unit_test(test_balia_by_hand),
        cmocka_unit_test(test_balia_on_one_path_is_reno),
        cmocka_unit_test(test_balia_slow_path_gives_up_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
