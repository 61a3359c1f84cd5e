/* SPDX-License-Identifier: MIT */
/* test_ceiling.c - the ceilings of the benchmarks against numbers worked out by hand (octets of a packet in each test),
 * and what a run.json says of a stack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/ceiling.h"
#include "analysis/setup.h"

static struct ceiling_case ethernet(enum ceiling_stack stack)
{
    return (struct ceiling_case){.stack = stack, .rate = 100e6, .mtu = 1500, .overhead = 38, .tls_record = 16384, .sec_record = 16384};
}

static void is(double got, double mbit)
{
    assert_float_equal(got / 1e6, mbit, 0.005);
}

/* The five numbers of the benchmarks, to the digits in which they are quoted. */
static void test_known(void **state)
{
    struct ceiling_case c = ethernet(CEILING_TCP);

    (void)state;
    assert_int_equal(ceiling_payload(&c), 1448); /* 1500 - 20 - 20 - 12 */
    is(ceiling_full(&c), 94.15);
    c = ethernet(CEILING_MPTCP);
    assert_int_equal(ceiling_payload(&c), 1428); /* 12 + 18 options take 32 */
    is(ceiling_full(&c), 92.85);
    c.tls = 1;
    is(ceiling_full(&c), 92.72); /* 16384 of 16406 */
    c = ethernet(CEILING_SEC);
    assert_int_equal(ceiling_payload(&c), 1432); /* 12 + 14 options take 28 */
    is(ceiling_full(&c), 93.01);
    c.sec_record = 1415;
    is(ceiling_full(&c), 92.00);
}

/* Up to 16,401 octets with H and tag: 11 segments of 1,432 hold 15,752. */
static void test_whole(void **state)
{
    struct ceiling_case c = ethernet(CEILING_SEC);

    (void)state;
    is(ceiling_whole(&c), 100.0 * (15752 - 17) / (11 * 1538));
    c.sec_record = 2000; /* one segment and a bit: records of one segment */
    is(ceiling_whole(&c), 92.00);
    c.sec_record = 1415; /* fills its segment */
    assert_true(ceiling_whole(&c) == ceiling_full(&c));
    c.sec_record = 100; /* every segment is short: 117 + 68 + 38 */
    is(ceiling_whole(&c), 100.0 * 100 / 223);
    c = ethernet(CEILING_TCP);
    assert_true(ceiling_whole(&c) == ceiling_full(&c));
}

static void test_link(void **state)
{
    struct ceiling_case c = ethernet(CEILING_TCP);

    (void)state;
    c.ipv6 = 1;
    is(ceiling_full(&c), 100.0 * 1428 / 1538);
    c.ipv6 = 0;
    c.overhead = 2; /* PPP */
    is(ceiling_full(&c), 100.0 * 1448 / 1502);
    c.mtu = 9000;
    c.rate = 1e9;
    is(ceiling_full(&c), 1000.0 * 8948 / 9002);
}

static void test_numbers(void **state)
{
    (void)state;
    assert_true(setup_number("38B") == 38);
    assert_true(setup_number("16KiB") == 16384);
    assert_true(setup_number("1GB") == 1e9);
    assert_true(setup_number("100Mbit/s") == 100e6);
    assert_true(setup_number("1.5MB") == 1.5e6);
    assert_true(setup_number("7 apples") == 0);
}

static void test_setup(void **state)
{
    static const char sec[] = "{\"start_s\": 0.5, \"configuration\": {\"traffic.kind\": \"bulk\", \"traffic.size\": \"3MB\","
        " \"paths.up.mtu\": \"1400B\", \"paths.up.link.rate\": \"5Mbit/s\", \"paths.up.link.mtu\": \"0\","
        " \"paths.up.link.overhead\": \"38B\", \"client.sec\": \"require\", \"client.sec_record\": \"1415\"}}";
    static const char plain[] = "{\"configuration\": {\"traffic.kind\": \"msg\", \"traffic.wait\": \"true\","
        " \"traffic.tls\": \"true\", \"paths.lan.link.rate\": \"5Mbit/s\", \"client.mptcp\": \"0\"}}";
    struct setup s;

    (void)state;
    setup_read(&s, sec);
    assert_int_equal(s.kind, SETUP_BULK);
    assert_true(s.start == 0.5 && s.size == 3e6);
    assert_int_equal(s.link.stack, CEILING_SEC);
    assert_int_equal(s.link.mtu, 1400);
    assert_int_equal(s.link.overhead, 38);
    assert_int_equal(s.link.sec_record, 1415);
    assert_true(s.link.rate == 5e6 && !s.link.tls);
    setup_read(&s, plain);
    assert_int_equal(s.kind, SETUP_WAIT);
    assert_int_equal(s.link.stack, CEILING_TCP);
    assert_int_equal(s.link.mtu, 1500);
    assert_int_equal(s.link.overhead, 0);
    assert_true(s.link.tls);
    setup_read(&s, "{\"configuration\": {\"traffic.kind\": \"msg\", \"client.sec\": \"off\"}}");
    assert_int_equal(s.kind, SETUP_MESSAGES);
    assert_int_equal(s.link.stack, CEILING_MPTCP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known), cmocka_unit_test(test_whole), cmocka_unit_test(test_link),
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
