/* SPDX-License-Identifier: MIT */
/* test/unit/test_isn.c - what an attacker may not guess: initial sequence numbers (RFC 6528 asks for unpredictable ones;
 * ours are drawn, as its section 3 allows in place of a clock) and the offset of the timestamp clock (RFC 7323 7.1;
 * one per 4-tuple, keyed). */
#include "mpt.h"
#include "wire/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

struct host {
    struct mpt_stack *stack;
    uint64_t random;
};

/* xorshift64*: enough to tell hosts apart. */
static void give_random(void *ctx, void *out, size_t n)
{
    struct host *h = ctx;

    for (size_t i = 0; i < n; i++) {
        h->random ^= h->random >> 12;
        h->random ^= h->random << 25;
        h->random ^= h->random >> 27;
        ((uint8_t *)out)[i] = (uint8_t)(h->random * UINT64_C(2685821657736338717) >> 56);
    }
}

static void start(struct host *h, uint64_t seed, uint64_t now)
{
    struct mpt_env env = {.size = sizeof env, .random = give_random, .random_ctx = h};
    struct mpt_addr a = {.family = 4, .ip = {10, 0, 0, 1}};
    struct mpt_config config;

    h->random = seed;
    mpt_config_default(&config);
    config.mptcp = 0;
    config.tcp_time_wait = 0;
    assert_int_equal(mpt_stack_new(&h->stack, &env, &config, now), 0);
    assert_int_equal(mpt_address_up(h->stack, &a, 1, 1500, 0, now), 0);
}

/* The SYN to a port of the peer: ISN and timestamp. */
static struct mpt_segment connect_to(struct host *h, uint16_t port, uint64_t now, struct mpt_conn **conn)
{
    static uint8_t buffer[1600];
    struct mpt_addr local = {.family = 4, .ip = {10, 0, 0, 1}, .port = 50000}, remote = {.family = 4, .ip = {10, 0, 0, 2}};
    struct mpt_packet p = {.data = buffer, .cap = sizeof buffer};
    struct mpt_segment s;

    remote.port = port;
    assert_int_equal(mpt_connect(h->stack, conn, &local, &remote, now), 0);
    assert_int_equal(mpt_output(h->stack, &p, now), 1);
    assert_int_equal(mpt_tcp_parse(&s, &p), MPT_PARSE_OK);
    return s;
}

/* At one time, from one host, towards one peer: no two numbers are alike or near to each other. */
static void test_not_of_the_clock(void **state)
{
    uint32_t isn[64], near = 0;
    struct host h;
    struct mpt_conn *c;

    (void)state;
    start(&h, 1, 0);
    for (uint16_t i = 0; i < 64; i++) {
        isn[i] = connect_to(&h, (uint16_t)(80 + i), (uint64_t)i * MS, &c).seq;
        for (uint16_t k = 0; k < i; k++)
            near += isn[i] - isn[k] + 100000 < 200000; /* RFC 793's clock would have made 250 a ms */
    }
    assert_int_equal(near, 0);
    mpt_stack_free(h.stack);
}

/* The same host years later: the clock has no part in it. Another host: nothing in common. */
static void test_of_entropy_alone(void **state)
{
    struct host h;
    struct mpt_conn *c;
    uint32_t first, later, other;

    (void)state;
    start(&h, 7, 0);
    first = connect_to(&h, 80, 0, &c).seq;
    mpt_stack_free(h.stack);
    start(&h, 7, UINT64_C(100000000000000000));
    later = connect_to(&h, 80, UINT64_C(100000000000000000), &c).seq;
    mpt_stack_free(h.stack);
    start(&h, 8, 0);
    other = connect_to(&h, 80, 0, &c).seq;
    mpt_stack_free(h.stack);
    assert_int_equal(first, later);
    assert_true(first != other && first != 0 && other != 0);
}

/* RFC 7323 7.1: neither how long the host is up nor which connections are of one host can be read. */
static void test_timestamps(void **state)
{
    uint32_t ts[16], near = 0;
    struct host h, twin;
    struct mpt_conn *c;

    (void)state;
    start(&h, 3, 0);
    start(&twin, 4, 0);
    for (uint16_t i = 0; i < 16; i++) {
        ts[i] = connect_to(&h, (uint16_t)(80 + i), 5 * MS, &c).tcp.ts_val;
        near += ts[i] + 1000000 < 2000000; /* 5 would be the host's age */
        near += connect_to(&twin, (uint16_t)(80 + i), 5 * MS, &c).tcp.ts_val - ts[i] + 1000000 < 2000000;
        for (uint16_t k = 0; k < i; k++)
            near += ts[i] - ts[k] + 1000000 < 2000000;
    }
    assert_int_equal(near, 0);
    mpt_stack_free(h.stack);
    mpt_stack_free(twin.stack);
}

/* Of one 4-tuple the clock goes on from connection to connection: a peer in TIME-WAIT takes the new SYN (RFC 6191). */
static void test_timestamps_go_on(void **state)
{
    struct host h;
    struct mpt_conn *c;
    uint32_t first, second, isn;
    struct mpt_segment s;

    (void)state;
    start(&h, 5, 0);
    s = connect_to(&h, 80, 1000 * MS, &c);
    first = s.tcp.ts_val;
    isn = s.seq;
    mpt_abort(c, 1000 * MS);
    mpt_close(c, 1000 * MS);
    s = connect_to(&h, 80, 3000 * MS, &c);
    second = s.tcp.ts_val;
    assert_int_equal(second - first, 2000);
    assert_true(s.seq != isn);
    mpt_stack_free(h.stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_of_the_clock),
        cmocka_unit_test(test_of_entropy_alone),
        cmocka_unit_test(test_timestamps),
        cmocka_unit_test(test_timestamps_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
