/* SPDX-License-Identifier: MIT */
/* test_pm.c - path managers of the active side: when they join, and when again (pm/README.md; RFC 8684 3.2, 3.3.8, and
 * 3.4 for break before make). The addresses up are 10.0.1.1 (id 0, of the first subflow) and 10.0.1.2 (id 2); the
 * connection is confirmed at 20 ms, RTT 10 ms, so a first time-out comes 270 ms behind a segment: probe and RTO. */
#include "dialog/dialog.h"

static const char *const MESH[] = { "pm=fullmesh", NULL };
static const char *const BACKUP[] = { "pm=backup", NULL };
static const char *const BREAK[] = { "pm=break-before-make", NULL };
static const char *const BREAK_2[] = { "pm=break-before-make", "pm.trigger_rtos=2", NULL };

/* As dialog_open_client, but what leaves at the end is for the test to see. */
static void open_client(struct dialog *d, const char *const *settings)
{
    dialog_client(d, settings);
    dialog_out(d, 0, "S 0 cap4 ext");
    dialog_in(d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(d, 10 * MS, ". 1 a1 cap20");
    dialog_in(d, 20 * MS, ". 1 a1 ack=0");
}

static void set_address(struct dialog *d, uint64_t at, uint8_t host, int up)
{
    struct mpt_addr a = d->tuple[0].local;

    a.ip[3] = host;
    a.port = 0;
    dialog_advance(d, at);
    if (up)
        assert_int_equal(mpt_address_up(d->stack, &a, host, 1500, 0, d->now), 0);
    else
        assert_int_equal(mpt_address_down(d->stack, &a, d->now), 0);
    dialog_run(d);
}

/* ---- fullmesh ---- */

static void test_fullmesh(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, MESH);
    dialog_out(&d, 20 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 40 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 40 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 60 * MS, "1| . 1 a1 ack=0");
    set_address(&d, 100 * MS, 3, 1); /* one more: joined at once */
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=3");
    dialog_none(&d, 200 * MS);
    dialog_end(&d);
}

/* A flag of the address makes its subflows backups, whatever the path manager. */
static void test_fullmesh_backup_address(void **state)
{
    struct dialog d;
    struct mpt_addr a;

    (void)state;
    open_client(&d, MESH);
    dialog_skip(&d, 20 * MS);
    a = d.tuple[0].local;
    a.ip[3] = 3;
    dialog_advance(&d, 100 * MS);
    assert_int_equal(mpt_address_up(d.stack, &a, 3, 1500, MPT_ADDRESS_BACKUP, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 100 * MS, "2| S 0 join12:B:id=3");
    dialog_end(&d);
}

/* The last subflow is reset: every address is tried again, the lost one too. */
static void test_fullmesh_last_gone(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, MESH);
    dialog_out(&d, 20 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 30 * MS, "1| R. 0 a1");
    dialog_none(&d, 99 * MS);
    dialog_in(&d, 100 * MS, "0| R. 1 a1");
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=0");
    dialog_out(&d, 100 * MS, "3| S 0 join12:id=2");
    dialog_end(&d);
}

/* A join that succeeds and is reset at once, again and again, is a refusal too: once per second, not per round trip. */
static void test_reset_when_young(void **state)
{
    struct dialog d;
    uint64_t at = 100 * MS;

    (void)state;
    open_client(&d, BREAK);
    set_address(&d, at, 1, 0);
    for (int i = 1; i <= 3; i++) {
        dialog_outf(&d, at, "%d| S 0 join12:id=2", i);
        dialog_inf(&d, at + 20 * MS, "%d| S. 0 a1 join16:id=0", i);
        dialog_outf(&d, at + 20 * MS, "%d| . 1 a1 join24", i);
        dialog_inf(&d, at + 40 * MS, "%d| . 1 a1 ack=0", i);
        dialog_skip(&d, at + 40 * MS); /* REMOVE_ADDR of the address that is gone */
        dialog_inf(&d, at + 50 * MS, "%d| R. 1 a1", i);
        at += 50 * MS + 1 * S;
        dialog_none(&d, at - 1);
    }
    dialog_end(&d);
}

/* ---- backup ---- */

static void test_backup(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, BACKUP);
    dialog_out(&d, 20 * MS, "1| S 0 join12:B:id=2");
    dialog_in(&d, 30 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 30 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 40 * MS, "1| . 1 a1 ack=0");
    dialog_write(&d, 100 * MS, 20000); /* more than the window: the backup stays silent */
    for (int i = 0; i < 10; i++)
        dialog_outf(&d, 100 * MS, "0| . %d+1428 a1 ack=0 map=%d/%d/1428", 1 + 1428 * i, 1428 * i, 1 + 1428 * i);
    dialog_none(&d, 110 * MS);
    dialog_in(&d, 111 * MS, "0| R. 1 a1"); /* it is the only one now */
    dialog_out(&d, 111 * MS, "1| . 1+1428 a1 ack=0 map=0/1/1428");
    dialog_skip(&d, 111 * MS);
    dialog_end(&d);
}

/* ---- break before make ---- */

/* Nothing while the path works; the first time-out is the trigger. */
static void test_break_one_rto(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, BREAK);
    dialog_none(&d, 99 * MS);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, "0| . 1+100 a1 ack=0 map=0/1/100");
    dialog_out(&d, 160 * MS, "0| . 1+100 a1 ack=0 map=0/1/100"); /* a probe is no time-out */
    dialog_out(&d, 370 * MS, "0| . 1+100 a1 ack=0 map=0/1/100");
    dialog_out(&d, 370 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 390 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 390 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 410 * MS, "1| . 1 a1 ack=0");
    dialog_out(&d, 410 * MS, "1| . 1+100 a1 ack=0 map=0/1/100");
    dialog_end(&d);
}

/* Two in a row; one that is answered does not count. */
static void test_break_two_rtos(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, BREAK_2);
    dialog_write(&d, 100 * MS, 100);
    dialog_skip(&d, 369 * MS);
    dialog_out(&d, 370 * MS, "0| . 1+100 a1 ack=0 map=0/1/100");
    dialog_in(&d, 380 * MS, "0| . 1 a101 ack=100");
    dialog_write(&d, 1000 * MS, 100);
    for (int i = 0; i < 4; i++) { /* the segment, the probe, a first and a second time-out */
        while (d.head == d.tail)
            dialog_advance(&d, mpt_deadline(d.stack));
        assert_int_equal(d.conn->subflow_count, 1 + (i == 3));
        dialog_outf(&d, d.now, "0| . 101+100 a1 ack=0 map=100/101/100");
    }
    dialog_outf(&d, d.now, "1| S 0 join12:id=2");
    dialog_end(&d);
}

/* The address goes: joined at once from the other one, which tells the peer (REMOVE_ADDR) as soon as it can. */
static void test_break_address_down(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, BREAK);
    set_address(&d, 100 * MS, 1, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 120 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 140 * MS, "1| . 1 a1 ack=0");
    dialog_out(&d, 140 * MS, "1| . 1 a1 ack=0 rm=0");
    dialog_end(&d);
}

/* No address is left: as soon as one comes. */
static void test_break_address_later(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, BREAK);
    set_address(&d, 50 * MS, 2, 0);
    dialog_skip(&d, 50 * MS);
    set_address(&d, 100 * MS, 1, 0);
    dialog_none(&d, 2 * S);
    set_address(&d, 2 * S, 3, 1);
    dialog_out(&d, 2 * S, "1| S 0 join12:id=1"); /* a place that nobody knows: the first subflow's address has id 0 */
    dialog_end(&d);
}

/* The other path refuses: asked again after 1 s, 2 s, 4 s, not once per round trip. */
static void test_break_retry(void **state)
{
    struct dialog d;
    uint64_t at = 100 * MS, wait = 1 * S;

    (void)state;
    open_client(&d, BREAK);
    set_address(&d, 100 * MS, 1, 0);
    for (int i = 1; i <= 4; i++) {
        dialog_outf(&d, at, "%d| S 0 join12:id=2", i);
        dialog_inf(&d, at + 20 * MS, "%d| R. 0 a1", i);
        at += 20 * MS + wait;
        wait *= 2;
        dialog_none(&d, at - 1);
    }
    dialog_out(&d, at, "5| S 0 join12:id=2");
    dialog_inf(&d, at + 20 * MS, "5| S. 0 a1 join16:id=0");
    dialog_skip(&d, at + 20 * MS);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fullmesh), cmocka_unit_test(test_fullmesh_backup_address),
        cmocka_unit_test(test_fullmesh_last_gone), cmocka_unit_test(test_backup),
        cmocka_unit_test(test_break_one_rto), cmocka_unit_test(test_break_two_rtos),
        cmocka_unit_test(test_break_address_down), cmocka_unit_test(test_break_address_later),
        cmocka_unit_test(test_break_retry), cmocka_unit_test(test_reset_when_young),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
