/* SPDX-License-Identifier: MIT */
/* test_prio_several.c - MP_PRIO (RFC 8684 3.3.8) with several subflows: it is about the subflow that carries it, in version
 * 1 there is no address id in it. A server with three: RTT 10, 20 and 20 ms. */
#include "dialog/dialog.h"

static void join(struct dialog *d, size_t n, const char *options, uint64_t at)
{
    assert_int_equal(dialog_tuple(d, 1, (uint8_t)(6 + n), (uint16_t)(6000 + n)), n);
    dialog_inf(d, at, "%zu| S 0 join12%s:id=%zu", n, options, 2 + n);
    dialog_skip(d, at);
    dialog_inf(d, at + 20 * MS, "%zu| . 1 a1 join24", n);
    dialog_skip(d, at + 20 * MS);
}

static void open_three(struct dialog *d, const char *options)
{
    dialog_open_server(d, NULL);
    join(d, 1, options, 30 * MS);
    join(d, 2, options, 60 * MS);
}

/* Each is told of alone; the last regular one is used, whatever its RTT. */
static void test_in_one_by_one(void **state)
{
    struct dialog d;

    (void)state;
    open_three(&d, "");
    dialog_in(&d, 100 * MS, "0| . 11 a1 ack=0 prio=1");
    dialog_in(&d, 101 * MS, "1| . 1 a1 ack=0 prio=1");
    dialog_write(&d, 110 * MS, 100);
    dialog_out(&d, 110 * MS, "2| . 1+100 a1 ack=10 map=0/1/100");
    dialog_in(&d, 130 * MS, "2| . 1 a101 ack=100");
    dialog_in(&d, 131 * MS, "1| . 1 a1 ack=100 prio=0");
    dialog_in(&d, 132 * MS, "2| . 1 a101 ack=100 prio=1");
    dialog_write(&d, 140 * MS, 100);
    dialog_out(&d, 140 * MS, "1| . 1+100 a1 ack=10 map=100/1/100");
    dialog_end(&d);
}

/* What is in flight when a subflow becomes a backup stays there. */
static void test_in_flight_stays(void **state)
{
    struct dialog d;

    (void)state;
    open_three(&d, "");
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, "0| . 1+100 a11 ack=10 map=0/1/100");
    dialog_in(&d, 101 * MS, "0| . 11 a1 ack=0 prio=1");
    dialog_none(&d, 109 * MS);
    dialog_in(&d, 110 * MS, "0| . 11 a101 ack=100");
    dialog_none(&d, 200 * MS);
    dialog_end(&d);
}

/* Said twice: nothing changes, both are counted. */
static void test_in_twice(void **state)
{
    struct dialog d;

    (void)state;
    open_three(&d, "");
    dialog_in(&d, 100 * MS, "0| . 11 a1 ack=0 prio=1");
    dialog_in(&d, 101 * MS, "0| . 11 a1 ack=0 prio=1");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPPrioRx"), 2);
    dialog_write(&d, 110 * MS, 100);
    dialog_out(&d, 110 * MS, "1| . 1+100 a1 ack=10 map=0/1/100");
    dialog_end(&d);
}

/* With data on one segment: both count. */
static void test_in_with_data(void **state)
{
    struct dialog d;

    (void)state;
    open_three(&d, "");
    dialog_in(&d, 100 * MS, "0| . 11+10 a1 prio=1 ack=0 map=10/11/10");
    dialog_out(&d, 100 * MS, "0| . 1 a21 ack=20");
    assert_int_equal(d.read, 20);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPPrioRx"), 1);
    dialog_end(&d);
}

/* Outside the window it is not read. */
static void test_in_beside(void **state)
{
    struct dialog d;

    (void)state;
    open_three(&d, "");
    dialog_in(&d, 100 * MS, "0| . 100000011 a1 ack=0 prio=1");
    dialog_out(&d, 100 * MS, "0| . 1 a11 ack=10");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPPrioRx"), 0);
    dialog_end(&d);
}

/* Joined as backups: one that is made regular takes over from the first, which goes. */
static void test_in_promoted(void **state)
{
    struct dialog d;

    (void)state;
    open_three(&d, ":B");
    dialog_in(&d, 100 * MS, "2| . 1 a1 ack=0 prio=0");
    dialog_in(&d, 101 * MS, "0| . 11 a1 ack=0 prio=1");
    dialog_write(&d, 110 * MS, 100);
    dialog_out(&d, 110 * MS, "2| . 1+100 a1 ack=10 map=0/1/100");
    dialog_end(&d);
}

/* An address becomes a backup: MP_PRIO on each of its subflows, on no other. */
static void test_out_address(void **state)
{
    struct dialog d;

    (void)state;
    open_three(&d, "");
    assert_int_equal(dialog_tuple(&d, 2, 9, 6009), 3);
    dialog_in(&d, 100 * MS, "3| S 0 join12:id=9");
    dialog_out(&d, 100 * MS, "3| S. 0 a1 join16:id=2");
    dialog_in(&d, 120 * MS, "3| . 1 a1 join24");
    dialog_out(&d, 120 * MS, "3| . 1 a1 ack=10");
    dialog_up(&d, 200 * MS, 1, MPT_ADDRESS_BACKUP, 0);
    for (unsigned i = 0; i < 3; i++)
        dialog_outf(&d, 200 * MS, "%u| . 1 a%u ack=10 prio=1", i, i ? 1 : 11);
    dialog_none(&d, 300 * MS);
    dialog_write(&d, 310 * MS, 100);
    dialog_out(&d, 310 * MS, "3| . 1+100 a1 ack=10 map=0/1/100");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPPrioTx"), 3);
    dialog_end(&d);
}

/* Not of a subflow that is closing or gone, and not in plain TCP. */
static void test_out_impossible(void **state)
{
    struct dialog d;

    (void)state;
    open_three(&d, "");
    dialog_in(&d, 100 * MS, "2| R. 1 a1");
    assert_int_equal(mpt_subflow_backup(d.conn, 3, 1, d.now), MPT_ENOENT);
    dialog_end(&d);
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0");
    dialog_out(&d, 0, "S. 0 a1");
    dialog_in(&d, 10 * MS, ". 1 a1");
    assert_int_equal(mpt_subflow_backup(d.conn, 1, 1, d.now), MPT_ENOTCONN);
    dialog_none(&d, 1 * S);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_one_by_one), cmocka_unit_test(test_in_flight_stays),
        cmocka_unit_test(test_in_twice), cmocka_unit_test(test_in_with_data), cmocka_unit_test(test_in_beside),
        cmocka_unit_test(test_in_promoted), cmocka_unit_test(test_out_address),
        cmocka_unit_test(test_out_impossible),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
