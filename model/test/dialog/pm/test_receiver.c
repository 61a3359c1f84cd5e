/* SPDX-License-Identifier: MIT */
/* test_receiver.c - the idle bit on what leaves, and MultiMob's receiver timer (pm/receiver.c): when silence makes the
 * stack join, and when it does not. The connection is confirmed at 20 ms, RTT 10 ms: the timer's floor of 500 ms counts. */
#include "dialog/dialog.h"

static const char *const SAYS[] = { "idle_bit=1", "tcp.initial_window=2", NULL };
static const char *const SAYS_NOT[] = { "tcp.initial_window=2", NULL };
static const char *const TIMER[] = { "pm=break-before-make", "pm.receiver_timer=1", NULL };
static const char *const ORACLE[] = { "pm=oracle", "pm.receiver_timer=1", NULL };
static const char *const SLOW[] = { "pm=break-before-make", "pm.receiver_timer=1", "tcp.rto_min=700ms", NULL };
static const char *const FLOOR[] = { "pm=break-before-make", "pm.receiver_timer=1", "pm.receiver_floor=1s", NULL };
static const char *const OFF[] = { "pm=break-before-make", NULL };
static const char *const SMALL[] = { "pm=break-before-make", "pm.receiver_timer=1", "rcvbuf=4096", "sched=minrtt", NULL };

/* What the stack acknowledges is of no interest here. */
static void open_listener(struct dialog *d, const char *const *settings)
{
    dialog_open_client(d, settings);
    d->mute = 1;
}

/* Two segments fit the window, the third waits: the second is not the last; the third is. */
static void test_said(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, SAYS);
    dialog_write(&d, 100 * MS, 3000);
    dialog_out(&d, 100 * MS, ". 1+1428 a1 ack=0 map=0/1/1428");
    dialog_out(&d, 100 * MS, ". 1429+1428 a1 ack=0 map=1428/1429/1428");
    dialog_in(&d, 110 * MS, ". 1 a2857 ack=2856");
    dialog_out(&d, 110 * MS, ". 2857+144 a1 idle ack=0 map=2856/2857/144");
    dialog_in(&d, 120 * MS, ". 1 a3001 ack=3000");
    dialog_end(&d);
}

/* Off, which is the default, and to a peer without join-with-data, who may not know what it is. */
static void test_not_said(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, SAYS_NOT);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, ". 1+100 a1 ack=0 map=0/1/100");
    dialog_in(&d, 110 * MS, ". 1 a101 ack=100");
    dialog_end(&d);
    dialog_client(&d, SAYS);
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12");
    dialog_skip(&d, 10 * MS);
    dialog_in(&d, 20 * MS, ". 1 a1 ack=0");
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, ". 1+100 a1 ack=0 map=0/1/100");
    dialog_in(&d, 110 * MS, ". 1 a101 ack=100");
    dialog_end(&d);
}

/* More was to come: 500 ms after the last mapping the stack joins; the second mapping moved that. */
static void test_silence(void **state)
{
    static const char *const *const how[] = { TIMER, ORACLE };
    struct dialog d;

    (void)state;
    for (int i = 0; i < 2; i++) {
        open_listener(&d, how[i]);
        dialog_in(&d, 100 * MS, ". 1+100 a1 ack=0 map=0/1/100");
        dialog_in(&d, 300 * MS, ". 101+100 a1 ack=0 map=100/101/100");
        assert_int_equal(dialog_joined_at(&d, 20 * S), 800 * MS);
        dialog_end(&d);
    }
}

/* The peer's RTO, as this side's samples say, where it is more than the floor (RTT 10 ms: 710 ms), and another floor. */
static void test_delay(void **state)
{
    struct dialog d;

    (void)state;
    open_listener(&d, SLOW);
    dialog_in(&d, 100 * MS, ". 1+100 a1 ack=0 map=0/1/100");
    assert_int_equal(dialog_joined_at(&d, 20 * S), 810 * MS);
    dialog_end(&d);
    open_listener(&d, FLOOR);
    dialog_in(&d, 100 * MS, ". 1+100 a1 ack=0 map=0/1/100");
    assert_int_equal(dialog_joined_at(&d, 20 * S), 1100 * MS);
    dialog_end(&d);
}

/* The last data has come: nothing is missing, no timer is left. */
static void test_idle(void **state)
{
    struct dialog d;

    (void)state;
    open_listener(&d, TIMER);
    dialog_in(&d, 100 * MS, ". 1+100 a1 ack=0 map=0/1/100");
    dialog_in(&d, 110 * MS, "P. 101+100 a1 idle ack=0 map=100/101/100");
    assert_int_equal(dialog_joined_at(&d, 100 * S), 0);
    assert_true(mpt_deadline(d.stack) == MPT_NEVER);
    dialog_end(&d);
}

/* The last data has come, but not what is before it; when that comes in time, all is well. */
static void test_hole(void **state)
{
    struct dialog d;

    (void)state;
    open_listener(&d, TIMER);
    dialog_in(&d, 100 * MS, "P. 101+100 a1 idle ack=0 map=100/101/100");
    dialog_in(&d, 400 * MS, ". 1+100 a1 ack=0 map=0/1/100");
    assert_int_equal(dialog_joined_at(&d, 20 * S), 0);
    dialog_end(&d);
    open_listener(&d, TIMER);
    dialog_in(&d, 100 * MS, "P. 101+100 a1 idle ack=0 map=100/101/100");
    assert_int_equal(dialog_joined_at(&d, 20 * S), 600 * MS);
    dialog_end(&d);
}

/* Nobody reads here, so the peer cannot send: silence is our own doing. Read at 5 s: from then on it counts. */
static void test_held_back(void **state)
{
    struct dialog d;

    (void)state;
    open_listener(&d, SMALL);
    d.auto_read = 0;
    for (int i = 0; i < 4; i++)
        dialog_inf(&d, 100 * MS, ". %d+1024 a1 ack=0 map=%d/%d/1024", 1 + i * 1024, i * 1024, 1 + i * 1024);
    dialog_skip(&d, 5 * S);
    assert_int_equal(d.conn->subflow_count, 1);
    dialog_read(&d, 4096);
    dialog_run(&d);
    assert_in_range(dialog_joined_at(&d, 20 * S), 5 * S, 6 * S);
    dialog_end(&d);
}

static void test_off(void **state)
{
    struct dialog d;

    (void)state;
    open_listener(&d, OFF);
    dialog_in(&d, 100 * MS, ". 1+100 a1 ack=0 map=0/1/100");
    assert_int_equal(dialog_joined_at(&d, 100 * S), 0);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_said), cmocka_unit_test(test_not_said), cmocka_unit_test(test_silence),
        cmocka_unit_test(test_delay), cmocka_unit_test(test_idle), cmocka_unit_test(test_hole),
        cmocka_unit_test(test_held_back), cmocka_unit_test(test_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
