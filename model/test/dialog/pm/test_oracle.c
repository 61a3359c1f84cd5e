/* SPDX-License-Identifier: MIT */
/* test_oracle.c - MultiMob's sender oracle (pm/oracle.c): what makes it join the second address, and what does not. The
 * connection is confirmed at 20 ms, RTT 10 ms; looks are at 520 ms, 1020 ms, ... A single segment is probed after 60 ms
 * and timed out 270 ms behind it. */
#include "dialog/dialog.h"

static const char *const ORACLE[] = { "pm=oracle", NULL };
static const char *const ONLY_RTO[] = { "pm=oracle", "pm.oracle_loss=101", "pm.oracle_retransmissions=101", NULL };
static const char *const NOT_LOSS[] = { "pm=oracle", "pm.oracle_loss=101", "pm.oracle_rto=100s", NULL };
static const char *const NOT_RISING[] = { "pm=oracle", "pm.oracle_retransmissions=101", "pm.oracle_rto=100s", NULL };
static const char *const SLOW[] = { "pm=oracle", "pm.oracle_period=1s", NULL };

/* A path that works: no join, however long. Without octets nothing is a share of anything. */
static void test_quiet(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, ORACLE);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, "0| . 1+100 a1 ack=0 map=0/1/100");
    dialog_in(&d, 110 * MS, "0| . 1 a101 ack=100");
    assert_int_equal(dialog_joined_at(&d, 20 * S), 0);
    dialog_end(&d);
}

/* Silence: not at the time-out (370 ms), but at the next look, since the one segment was lost. */
static void test_loss(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, ORACLE);
    dialog_write(&d, 100 * MS, 100);
    assert_int_equal(dialog_joined_at(&d, 20 * S), 520 * MS);
    dialog_end(&d);
}

static void test_period(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, SLOW);
    dialog_write(&d, 100 * MS, 100);
    assert_int_equal(dialog_joined_at(&d, 20 * S), 1020 * MS);
    dialog_end(&d);
}

/* Loss is too little to count: only octets sent again do. Probe and time-out: 200 of 300 at the first look. */
static void test_retransmissions(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NOT_LOSS);
    dialog_write(&d, 100 * MS, 100);
    assert_int_equal(dialog_joined_at(&d, 20 * S), 520 * MS);
    dialog_end(&d);
}

/* Neither counts: the time-out that makes the RTO 1.5 s or more is the moment itself, not the look behind it. */
static void test_rto(void **state)
{
    struct dialog d;
    uint64_t at;

    (void)state;
    dialog_open_client(&d, ONLY_RTO);
    dialog_write(&d, 100 * MS, 100);
    at = dialog_joined_at(&d, 20 * S);
    assert_in_range(at, 1 * S, 4 * S);
    assert_int_not_equal((at - 20 * MS) % (500 * MS), 0);
    dialog_end(&d);
}

/* An old loss fades: one of two segments was lost, then everything arrives; at the next look the share falls. */
static void test_falling(void **state)
{
    struct dialog d;
    struct mpt_path_watch *w;

    (void)state;
    dialog_open_client(&d, ONLY_RTO);
    dialog_write(&d, 100 * MS, 100);
    dialog_skip(&d, 370 * MS);
    dialog_in(&d, 380 * MS, "0| . 1 a101 ack=100");
    dialog_skip(&d, 520 * MS);
    w = &MPT_LIST_OWNER(d.conn->subflows.next, struct mpt_subflow, link)->watch;
    assert_int_equal(w->rate, 333); /* of the segment, its probe and its repetition */
    dialog_write(&d, 600 * MS, 100);
    dialog_skip(&d, 600 * MS);
    dialog_in(&d, 610 * MS, "0| . 1 a201 ack=200");
    dialog_skip(&d, 1020 * MS);
    assert_int_equal(w->rate, 200); /* (1/2) of (3/2 + 1): weight 1/2 for what was before */
    dialog_end(&d);
}

/* The loss was high at the first look, when there was nowhere to go; at the next it is as high, but does not rise. */
static void test_not_rising(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NOT_RISING);
    dialog_down(&d, 30 * MS, 2);
    dialog_write(&d, 100 * MS, 100);
    dialog_skip(&d, 380 * MS);
    dialog_in(&d, 380 * MS, "0| . 1 a101 ack=100");
    dialog_skip(&d, 600 * MS);
    assert_int_equal(MPT_LIST_OWNER(d.conn->subflows.next, struct mpt_subflow, link)->watch.rate, 333);
    assert_int_equal(dialog_up(&d, 600 * MS, 2, 0, 0), 0);
    assert_int_equal(dialog_joined_at(&d, 20 * S), 0);
    dialog_end(&d);
}

/* The host has made the one path a backup: a regular one is wanted at the next look. */
static void test_backup_only(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, ORACLE);
    dialog_advance(&d, 100 * MS);
    assert_int_equal(mpt_subflow_backup(d.conn, 1, 1, d.now), 0);
    dialog_run(&d);
    assert_int_equal(dialog_joined_at(&d, 20 * S), 520 * MS);
    dialog_end(&d);
}

/* No path is left: no look is waited for. */
static void test_address_gone(void **state)
{
    struct dialog d;
    struct mpt_addr a;

    (void)state;
    dialog_open_client(&d, ORACLE);
    a = d.tuple[0].local;
    a.port = 0;
    dialog_advance(&d, 100 * MS);
    assert_int_equal(mpt_address_down(d.stack, &a, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2"); /* at once, as break before make */
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quiet), cmocka_unit_test(test_loss), cmocka_unit_test(test_period),
        cmocka_unit_test(test_retransmissions), cmocka_unit_test(test_rto), cmocka_unit_test(test_falling),
        cmocka_unit_test(test_address_gone), cmocka_unit_test(test_not_rising),
        cmocka_unit_test(test_backup_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
