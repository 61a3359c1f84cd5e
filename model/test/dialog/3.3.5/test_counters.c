/* SPDX-License-Identifier: MIT */
/* test_counters.c - counters of the connection level that Linux has by the same names, and the moment they count
 * (trace/README.md; RFC 8684 3.3.1, 3.3.5, 3.3.6). */
#include "dialog/dialog.h"

static void open_two(struct dialog *d)
{
    dialog_open_server(d, NULL);
    dialog_tuple(d, 1, 7, 6001);
    dialog_in(d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(d, 40 * MS);
    dialog_in(d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(d, 60 * MS);
}

static void check_queue(struct dialog *d, uint64_t queued, uint64_t tail, uint64_t merged)
{
    dialog_skip(d, d->now);
    assert_int_equal(dialog_count(d, "MPTcpExtOFOQueue"), queued);
    assert_int_equal(dialog_count(d, "MPTcpExtOFOQueueTail"), tail);
    assert_int_equal(dialog_count(d, "MPTcpExtOFOMerge"), merged);
}

/* Octets 10 to 19 are missing; what comes behind them is queued: the first, behind it apart, between, and last what
 * fills the hole, which is not. */
static void test_queue(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_in(&d, 100 * MS, "1| . 1+10 a1 ack=0 map=20/1/10");
    check_queue(&d, 1, 0, 0);
    dialog_in(&d, 101 * MS, "1| . 11+10 a1 ack=0 map=50/11/10");
    check_queue(&d, 2, 1, 0);
    dialog_in(&d, 102 * MS, "1| . 21+10 a1 ack=0 map=60/21/10");
    check_queue(&d, 3, 2, 1);
    dialog_in(&d, 103 * MS, "1| . 31+10 a1 ack=0 map=30/31/10");
    check_queue(&d, 4, 2, 2);
    dialog_in(&d, 104 * MS, "0| . 11+10 a1 ack=0 map=10/11/10");
    check_queue(&d, 4, 2, 2);
    assert_int_equal(d.read, 40);
    dialog_end(&d);
}

/* Segments, not octets; one with anything new in it is none. */
static void test_duplicate(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_in(&d, 100 * MS, "1| . 1+10 a1 ack=0 map=0/1/10"); /* was there since 20 ms */
    dialog_skip(&d, 100 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtDuplicateData"), 1);
    dialog_in(&d, 110 * MS, "1| . 11+10 a1 ack=0 map=5/11/10");
    dialog_skip(&d, 110 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtDuplicateData"), 1);
    dialog_end(&d);
}

static void test_retrans(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_write(&d, 100 * MS, 2000);
    dialog_skip(&d, 105 * MS);
    dialog_in(&d, 110 * MS, "0| R. 11 a1");
    dialog_out(&d, 110 * MS, "1| . 1+1428 a1 ack=10 map=0/1/1428");
    dialog_out(&d, 110 * MS, "1| . 1429+572 a1 ack=10 map=1428/1429/572");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPTCPRetrans"), 2);
    dialog_end(&d);
}

/* Up with the third ACK, down with our end of the stream or a reset. */
static void test_established(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_skip(&d, 0);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCurrEstab"), 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_skip(&d, 10 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCurrEstab"), 1);
    dialog_in(&d, 20 * MS, ". 1 a1 fin ack=0 map=0/0/1"); /* the peer's end changes nothing: CLOSE-WAIT */
    dialog_skip(&d, 20 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCurrEstab"), 1);
    assert_int_equal(mpt_shutdown(d.conn, d.now), 0);
    dialog_run(&d);
    dialog_skip(&d, 20 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCurrEstab"), 0);
    dialog_end(&d);
}

static void test_established_aborted(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCurrEstab"), 1);
    mpt_abort(d.conn, d.now);
    dialog_run(&d);
    dialog_skip(&d, d.now);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCurrEstab"), 0);
    dialog_end(&d);
}

/* Plain TCP to a listener is none; a client that fell back remains one, as in Linux. */
static void test_established_tcp(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1");
    dialog_skip(&d, 10 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCurrEstab"), 0);
    dialog_end(&d);
    dialog_client(&d, NULL);
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, "S. 0 a1");
    dialog_skip(&d, 10 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCurrEstab"), 1);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queue), cmocka_unit_test(test_duplicate), cmocka_unit_test(test_retrans),
        cmocka_unit_test(test_established), cmocka_unit_test(test_established_aborted),
        cmocka_unit_test(test_established_tcp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
