/* SPDX-License-Identifier: MIT */
/* test_energyaware.c - the other interface is used when that takes less energy for each bit (pm/energyaware.c). The
 * connection is confirmed at 20 ms; looks are at 520 ms (which only begins to count), 1020 ms, ... 1000 octets in 500 ms are
 * 16 kbit/s: 8.4 uJ a bit over WiFi alone, 0.18 with an LTE of 10 Mbit/s beside it. */
#include "dialog/dialog.h"

static const char *const SOON[] = { "pm=energy-aware", "pm.energy_delay=0", NULL };
static const char *const LATE[] = { "pm=energy-aware", NULL };
static const char *const MANY[] = { "pm=energy-aware", "pm.energy_octets=1500", NULL };
static const char *const SLOW[] = { "pm=energy-aware", "pm.energy_delay=0", "pm.energy_rate=100", NULL };
static const char *const CHEAP[] = { "pm=energy-aware", "pm.energy_delay=0", "pm.energy_rate=100", "pm.energy_other_base=500000",
                                     NULL };

static void open_client(struct dialog *d, const char *const *settings)
{
    dialog_open_client(d, settings);
    d->mute = 1;
}

/* The peer's next 1000 octets, at that time. */
static void hear(struct dialog *d, uint64_t at, const char *idle)
{
    unsigned n = (unsigned)d->read;

    dialog_inf(d, at, "0| . %u+1000 a%u %s ack=%u map=%u/%u/1000", n + 1, (unsigned)d->written + 1, idle, (unsigned)d->written, n,
               n + 1);
}

static void test_joins(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, SOON);
    hear(&d, 600 * MS, "");
    assert_int_equal(dialog_joined_at(&d, 20 * S), 1020 * MS);
    dialog_end(&d);
}

/* Not before 3 s have passed since the first look, or so many octets. */
static void test_late(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, LATE);
    hear(&d, 600 * MS, "");
    assert_int_equal(dialog_joined_at(&d, 20 * S), 3520 * MS);
    dialog_end(&d);
    open_client(&d, MANY);
    hear(&d, 600 * MS, "");
    hear(&d, 1100 * MS, "");
    assert_int_equal(dialog_joined_at(&d, 20 * S), 1520 * MS);
    dialog_end(&d);
}

/* The peer had no more to send, or the stack: that says nothing of the path. A rate that is known is not lowered by it. */
static void test_ran_out(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, SOON);
    hear(&d, 600 * MS, "idle");
    hear(&d, 1100 * MS, "idle");
    assert_int_equal(dialog_joined_at(&d, 20 * S), 0);
    dialog_end(&d);
    open_client(&d, SOON);
    dialog_write(&d, 600 * MS, 100);
    dialog_in(&d, 610 * MS, "0| . 1 a101 ack=100");
    assert_int_equal(dialog_joined_at(&d, 20 * S), 0);
    dialog_end(&d);
    open_client(&d, SLOW); /* 32 kbit/s, then nothing that counts */
    hear(&d, 600 * MS, "");
    hear(&d, 700 * MS, "");
    hear(&d, 1100 * MS, "idle");
    dialog_advance(&d, 1700 * MS);
    assert_int_equal(MPT_LIST_OWNER(d.conn->subflows.next, struct mpt_subflow, link)->rates.down, 32);
    dialog_end(&d);
}

/* An LTE of 100 kbit/s: 12.2 uJ a bit with both, unless its radio takes less than half as much: 5.5. */
static void test_does_not_pay(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, SLOW);
    hear(&d, 600 * MS, "");
    assert_int_equal(dialog_joined_at(&d, 20 * S), 0);
    dialog_end(&d);
    open_client(&d, CHEAP);
    hear(&d, 600 * MS, "");
    assert_int_equal(dialog_joined_at(&d, 20 * S), 1020 * MS);
    dialog_end(&d);
}

/* It was joined for what it was taken to have, 100 kbit/s, and has 1: 75 still pay, 56 cost a little more, with 42 it is a
 * backup, until the best interface fails. */
static void test_suspends(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, CHEAP);
    hear(&d, 600 * MS, "");
    dialog_out(&d, 1020 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 1040 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 1040 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 1060 * MS, "1| . 1 a1 ack=0");
    dialog_in(&d, 1600 * MS, "1| . 1+100 a1 ack=0 map=1000/1/100");
    dialog_out(&d, 1600 * MS, "1| . 1 a101 ack=1100");
    dialog_in(&d, 2100 * MS, "1| . 101+100 a1 ack=0 map=1100/101/100");
    dialog_out(&d, 2100 * MS, "1| . 1 a201 ack=1200");
    dialog_in(&d, 2600 * MS, "1| . 201+100 a1 ack=0 map=1200/201/100");
    dialog_out(&d, 2600 * MS, "1| . 1 a301 ack=1300");
    dialog_out(&d, 3020 * MS, "1| . 1 a301 ack=1300 prio=1");
    dialog_write(&d, 3100 * MS, 100); /* on WiFi, and lost */
    dialog_out(&d, 3370 * MS, "1| . 1 a301 ack=1300 prio=0");
    dialog_out(&d, 3370 * MS, "1| . 1+100 a301 ack=1300 map=0/1/100");
    dialog_skip(&d, 3370 * MS);
    dialog_end(&d);
}

/* As break before make. */
static void test_fails(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, LATE);
    dialog_write(&d, 100 * MS, 100);
    assert_int_equal(dialog_joined_at(&d, 20 * S), 370 * MS);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joins), cmocka_unit_test(test_late), cmocka_unit_test(test_ran_out),
        cmocka_unit_test(test_does_not_pay), cmocka_unit_test(test_suspends), cmocka_unit_test(test_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
