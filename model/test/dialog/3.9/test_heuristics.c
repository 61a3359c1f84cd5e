/* SPDX-License-Identifier: MIT */
/* test_heuristics.c - SYNs with MP_CAPABLE that vanish, and what the host remembers of it (RFC 8684 3.9, 3.7). */
#include "dialog/dialog.h"

/* Another connection of the same host to another port of the peer: 4-tuple d->tuples. */
static void connect_again(struct dialog *d, uint64_t at, uint16_t port)
{
    struct mpt_addr local, remote;

    dialog_advance(d, at);
    local = d->tuple[0].local;
    remote = d->tuple[0].remote;
    local.port = 0;
    remote.port = port;
    d->key_stack = 0; /* another is drawn */
    assert_int_equal(mpt_connect(d->stack, &d->conn, &local, &remote, d->now), 0);
    dialog_run(d);
}

/* The first SYN and two repetitions carry the option, the fourth SYN does not; plain TCP gets through. */
static void test_option_left_out(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 1 * S, "S 0 cap4 ext");
    dialog_out(&d, 3 * S, "S 0 cap4 ext");
    dialog_out(&d, 7 * S, "S 0");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCapableSYNTXDrop"), 1);
    dialog_in(&d, 7010 * MS, "S. 0 a1");
    dialog_out(&d, 7010 * MS, ". 1 a1");
    assert_true(dialog_events(&d) & MPT_EV_FALLBACK);
    assert_int_equal(dialog_count(&d, "MPTcpExtBlackhole"), 1);
    dialog_write(&d, 8 * S, 100);
    dialog_out(&d, 8 * S, ". 1+100 a1 plain=0");
    dialog_end(&d);
}

/* mptcp.syn_retrans=0: already the first repetition goes without. */
static void test_after_the_first(void **state)
{
    static const char *const none[] = { "mptcp.syn_retrans=0", NULL };
    struct dialog d;

    (void)state;
    dialog_client(&d, none);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 1 * S, "S 0");
    dialog_end(&d);
}

/* The answer to an earlier SYN still comes, with MP_CAPABLE: too late, the third ACK has none. */
static void test_late_synack(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_skip(&d, 6 * S);
    dialog_out(&d, 7 * S, "S 0");
    dialog_in(&d, 7001 * MS, "S. 0 a1 cap12");
    dialog_out(&d, 7001 * MS, ". 1 a1");
    assert_int_equal(d.conn->multipath, 0);
    dialog_end(&d);
}

/* Nobody answers at all: no black hole is noted. */
static void test_nobody_there(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_skip(&d, 200 * S);
    assert_int_equal(d.conn->error, MPT_ETIMEDOUT);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCapableSYNTXDrop"), 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtBlackhole"), 0);
    connect_again(&d, 201 * S, 81);
    dialog_out(&d, 201 * S, "1| S 0 cap4 ext");
    dialog_end(&d);
}

static void hole(struct dialog *d, const char *const *settings)
{
    dialog_client(d, settings);
    dialog_skip(d, 7 * S);
    dialog_in(d, 7010 * MS, "S. 0 a1");
    dialog_skip(d, 7010 * MS);
}

/* For an hour no active open offers Multipath TCP, whoever the peer; then it is tried again, and success forgets. */
static void test_memory(void **state)
{
    struct dialog d;

    (void)state;
    hole(&d, NULL);
    connect_again(&d, 100 * S, 81);
    dialog_out(&d, 100 * S, "1| S 0");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCapableSYNTXDisabled"), 1);
    dialog_in(&d, 100010 * MS, "1| S. 0 a1 cap12"); /* unasked */
    dialog_out(&d, 100010 * MS, "1| . 1 a1");
    assert_int_equal(d.conn->multipath, 0);
    connect_again(&d, 3607 * S, 82);
    dialog_out(&d, 3607 * S, "2| S 0");
    d.mute = 7; /* what 4-tuples 0 to 2 repeat */
    connect_again(&d, 3608 * S, 83);
    dialog_out(&d, 3608 * S, "3| S 0 cap4 ext");
    dialog_in(&d, 3608010 * MS, "3| S. 0 a1 cap12");
    dialog_out(&d, 3608010 * MS, "3| . 1 a1 cap20");
    assert_int_equal(d.stack->blackholes, 0);
    dialog_end(&d);
}

/* It happens again: twice as long. */
static void test_doubling(void **state)
{
    static const char *const minute[] = { "mptcp.blackhole_timeout=60s", NULL };
    struct dialog d;

    (void)state;
    hole(&d, minute);
    connect_again(&d, 100 * S, 81);
    d.mute = 2;
    dialog_skip(&d, 110 * S);
    dialog_in(&d, 110 * S, "1| S. 0 a1");
    assert_int_equal(d.stack->blackholes, 2);
    connect_again(&d, 110 * S + 119 * S, 82);
    dialog_out(&d, 229 * S, "2| S 0");
    d.mute = 7;
    connect_again(&d, 110 * S + 120 * S, 83);
    dialog_out(&d, 230 * S, "3| S 0 cap4 ext");
    dialog_end(&d);
}

/* A time-out of 0: nothing is remembered. */
static void test_no_memory(void **state)
{
    static const char *const off[] = { "mptcp.blackhole_timeout=0", NULL };
    struct dialog d;

    (void)state;
    hole(&d, off);
    assert_int_equal(dialog_count(&d, "MPTcpExtBlackhole"), 0);
    connect_again(&d, 100 * S, 81);
    dialog_out(&d, 100 * S, "1| S 0 cap4 ext");
    dialog_end(&d);
}

/* Passive opens are not touched by it. */
static void test_server_goes_on(void **state)
{
    struct mpt_addr any = { .port = 80 };
    struct dialog d;

    (void)state;
    hole(&d, NULL);
    assert_int_equal(mpt_listen(d.stack, &any, NULL), 0);
    d.key_stack = 0;
    dialog_tuple(&d, 1, 1, 5000);
    dialog_in(&d, 100 * S, "1| S 0 cap4");
    dialog_out(&d, 100 * S, "1| S. 0 a1 cap12");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option_left_out), cmocka_unit_test(test_after_the_first),
        cmocka_unit_test(test_late_synack), cmocka_unit_test(test_nobody_there), cmocka_unit_test(test_memory),
        cmocka_unit_test(test_doubling), cmocka_unit_test(test_no_memory), cmocka_unit_test(test_server_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
