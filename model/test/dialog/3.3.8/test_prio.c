/* SPDX-License-Identifier: MIT */
/* test_prio.c - backup and regular, said by MP_PRIO during the life of a subflow (RFC 8684 3.3.8). Two subflows since
 * 60 ms. */
#include "dialog/dialog.h"

static void open_two(struct dialog *d, const char *join)
{
    dialog_open_server(d, NULL);
    dialog_tuple(d, 1, 7, 6001);
    dialog_in(d, 40 * MS, join);
    dialog_skip(d, 40 * MS);
    dialog_in(d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(d, 60 * MS);
}

/* The peer makes the first subflow a backup: new octets take the other one, and back. */
static void test_in(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, "1| S 0 join12:id=3");
    dialog_in(&d, 100 * MS, "0| . 11 a1 ack=0 prio=1");
    dialog_write(&d, 101 * MS, 100);
    dialog_out(&d, 101 * MS, "1| . 1+100 a1 ack=10 map=0/1/100");
    dialog_in(&d, 110 * MS, "1| . 1 a101 ack=100");
    dialog_in(&d, 111 * MS, "0| . 11 a1 ack=100 prio=0");
    dialog_in(&d, 112 * MS, "1| . 1 a101 ack=100 prio=1");
    dialog_write(&d, 113 * MS, 100);
    dialog_out(&d, 113 * MS, "0| . 1+100 a11 ack=10 map=100/1/100");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPPrioRx"), 3);
    dialog_end(&d);
}

/* A join with B set becomes regular. */
static void test_in_backup_to_regular(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, "1| S 0 join12:B:id=3");
    dialog_in(&d, 100 * MS, "1| . 1 a1 ack=0 prio=0");
    dialog_in(&d, 101 * MS, "0| . 11 a1 ack=0 prio=1");
    dialog_write(&d, 102 * MS, 100);
    dialog_out(&d, 102 * MS, "1| . 1+100 a1 ack=10 map=0/1/100");
    dialog_end(&d);
}

/* All are backups: the fastest is used. */
static void test_only_backups(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, "1| S 0 join12:B:id=3");
    dialog_in(&d, 101 * MS, "0| . 11 a1 ack=0 prio=1");
    dialog_write(&d, 102 * MS, 100);
    dialog_out(&d, 102 * MS, "0| . 1+100 a11 ack=10 map=0/1/100"); /* RTT 10 ms against 20 */
    dialog_end(&d);
}

static void test_out(void **state)
{
    struct dialog d;
    struct mpt_subflow_info i = { .size = sizeof i };

    (void)state;
    open_two(&d, "1| S 0 join12:id=3");
    dialog_advance(&d, 100 * MS);
    assert_int_equal(mpt_subflow_backup(d.conn, 1, 1, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 100 * MS, "0| . 1 a11 ack=10 prio=1");
    assert_int_equal(mpt_subflow_info(d.conn, 0, &i), 1);
    assert_int_equal(i.backup, 1);
    dialog_write(&d, 101 * MS, 100);
    dialog_out(&d, 101 * MS, "1| . 1+100 a1 ack=10 map=0/1/100");
    assert_int_equal(mpt_subflow_backup(d.conn, 1, 0, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 101 * MS, "0| . 1 a11 ack=10 prio=0");
    assert_int_equal(mpt_subflow_backup(d.conn, 77, 0, d.now), MPT_ENOENT);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in), cmocka_unit_test(test_in_backup_to_regular), cmocka_unit_test(test_only_backups),
        cmocka_unit_test(test_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
