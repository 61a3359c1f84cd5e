/* SPDX-License-Identifier: MIT */
/* test_stale.c - subflows that only time out while others work (RFC 8684 3.3.6 leaves it to the sender; conn/stale.c).
 * A server with two subflows: the first (RTT 10 ms) carries 100 octets at 100 ms and is never acknowledged; probe and
 * first time-out at 370 ms, then 420 ms, 840 ms, 1680 ms. The second one (RTT 20 ms) works. */
#include "dialog/dialog.h"

static const char *const TWO[] = { "stale_loss_count=2", NULL };
static const char *const NEVER[] = { "stale_loss_count=0", NULL };

static void open_two(struct dialog *d, const char *const *settings)
{
    dialog_open_server(d, settings);
    dialog_tuple(d, 1, 7, 6001);
    dialog_in(d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(d, 40 * MS);
    dialog_in(d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(d, 60 * MS);
}

static uint32_t stale(struct dialog *d)
{
    struct mpt_subflow_info info = { .size = sizeof info };

    assert_int_equal(mpt_subflow_info(d->conn, 0, &info), 1);
    return info.stale;
}

static uint64_t declared(struct dialog *d)
{
    return dialog_count(d, "MPTcpExtSubflowStale");
}

/* What was lost goes on the other one after the first time-out, and is acknowledged there. */
static void lose_first(struct dialog *d)
{
    dialog_write(d, 100 * MS, 100);
    dialog_out(d, 100 * MS, "0| . 1+100 a11 ack=10 map=0/1/100");
    dialog_out(d, 160 * MS, "0| . 1+100 a11 ack=10 map=0/1/100"); /* a probe (RFC 8985 7) */
    dialog_out(d, 370 * MS, "0| . 1+100 a11 ack=10 map=0/1/100");
    dialog_out(d, 370 * MS, "1| . 1+100 a1 ack=10 map=0/1/100");
    dialog_in(d, 390 * MS, "1| . 1 a101 ack=100");
}

/* Four in a row by default; new octets had gone elsewhere since the first. */
static void test_declared(void **state)
{
    struct dialog d;
    uint64_t at = 370 * MS;

    (void)state;
    open_two(&d, NULL);
    lose_first(&d);
    assert_int_equal(stale(&d), 1);
    dialog_write(&d, 400 * MS, 50);
    dialog_out(&d, 400 * MS, "1| . 101+50 a1 ack=10 map=100/101/50");
    dialog_in(&d, 420 * MS, "1| . 1 a151 ack=150");
    dialog_events(&d);
    for (unsigned i = 1; i < 4; i++) {
        assert_int_equal(declared(&d), 0);
        at += (UINT64_C(210) << i) * MS;
        dialog_outf(&d, at, "0| . 1+100 a11 ack=10 map=0/1/100");
    }
    assert_int_equal(declared(&d), 1);
    assert_int_equal(stale(&d), 2);
    assert_true(dialog_events(&d) & MPT_EV_SUBFLOW);
    dialog_end(&d);
}

/* Alive again, and used again once it has acknowledged something. */
static void test_recovers(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, TWO);
    lose_first(&d);
    dialog_out(&d, 790 * MS, "0| . 1+100 a11 ack=10 map=0/1/100");
    assert_int_equal(declared(&d), 1);
    dialog_in(&d, 800 * MS, "0| . 11 a101 ack=100");
    assert_int_equal(stale(&d), 0);
    assert_int_equal(dialog_count(&d, "MPTcpExtSubflowRecover"), 1);
    dialog_write(&d, 900 * MS, 50);
    dialog_out(&d, 900 * MS, "0| . 101+50 a11 ack=10 map=100/101/50");
    dialog_end(&d);
}

/* A stray segment ends the state; new octets wait until the path has shown that it carries some. */
static void test_stray_segment(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, TWO);
    lose_first(&d);
    dialog_out(&d, 790 * MS, "0| . 1+100 a11 ack=10 map=0/1/100");
    dialog_in(&d, 800 * MS, "0| . 11 a1 ack=100");
    assert_int_equal(dialog_count(&d, "MPTcpExtSubflowRecover"), 1);
    dialog_write(&d, 900 * MS, 50);
    dialog_out(&d, 900 * MS, "1| . 101+50 a1 ack=10 map=100/101/50");
    dialog_end(&d);
}

/* Silent, but back before it was declared: not counted. */
static void test_back_in_time(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, NULL);
    lose_first(&d);
    dialog_out(&d, 790 * MS, "0| . 1+100 a11 ack=10 map=0/1/100");
    dialog_in(&d, 800 * MS, "0| . 11 a101 ack=100");
    assert_int_equal(stale(&d), 0);
    assert_int_equal(declared(&d) + dialog_count(&d, "MPTcpExtSubflowRecover"), 0);
    dialog_end(&d);
}

static void test_never(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, NEVER);
    lose_first(&d);
    dialog_skip(&d, 20 * S);
    assert_int_equal(declared(&d), 0);
    assert_int_equal(stale(&d), 1);
    dialog_end(&d);
}

/* The only subflow: its silence may be the peer's. Nor if all are silent. */
static void test_alone(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, TWO);
    dialog_write(&d, 100 * MS, 100);
    dialog_skip(&d, 20 * S);
    assert_int_equal(declared(&d), 0);
    dialog_end(&d);
}

static void test_all_silent(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, TWO);
    dialog_write(&d, 100 * MS, 30000); /* both carry some */
    dialog_skip(&d, 20 * S);
    assert_int_equal(declared(&d), 0);
    dialog_end(&d);
}

/* The other one is a backup: it works, and takes over (3.3.8). */
static void test_backup_takes_over(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, TWO);
    dialog_in(&d, 90 * MS, "1| . 1 a1 ack=0 prio=1");
    lose_first(&d);
    dialog_out(&d, 790 * MS, "0| . 1+100 a11 ack=10 map=0/1/100");
    assert_int_equal(declared(&d), 1);
    dialog_write(&d, 800 * MS, 50);
    dialog_out(&d, 800 * MS, "1| . 101+50 a1 ack=10 map=100/101/50");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_declared), cmocka_unit_test(test_recovers), cmocka_unit_test(test_stray_segment),
        cmocka_unit_test(test_back_in_time), cmocka_unit_test(test_never), cmocka_unit_test(test_alone),
        cmocka_unit_test(test_all_silent), cmocka_unit_test(test_backup_takes_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
