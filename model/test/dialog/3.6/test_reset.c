/* SPDX-License-Identifier: MIT */
/* test_reset.c - the end of one subflow by RST, and what the connection makes of it (RFC 8684 3.6, 3.4). */
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

/* With a reason or without, in window: the subflow is gone, the connection goes on. */
static void test_in(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_in(&d, 100 * MS, "0| R. 11 a1 rst=5");
    dialog_none(&d, 101 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPRstRx"), 1);
    assert_int_equal(d.conn->subflow_count, 1);
    dialog_write(&d, 110 * MS, 100);
    dialog_out(&d, 110 * MS, "1| . 1+100 a1 ack=10 map=0/1/100");
    dialog_end(&d);
}

/* Not at RCV.NXT: a challenge, nothing more (RFC 5961 3.2). */
static void test_in_beside(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_in(&d, 100 * MS, "1| R. 2 a1 rst=5");
    dialog_out(&d, 100 * MS, "1| . 1 a1 ack=10");
    assert_int_equal(d.conn->subflow_count, 2);
    dialog_end(&d);
}

/* The last subflow: the connection waits for a join, close_timeout at most (break before make). */
static void test_last_one(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 100 * MS, "0| R. 11 a1");
    dialog_none(&d, 101 * MS);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_in(&d, 30 * S, "1| S 0 join12:id=3");
    dialog_out(&d, 30 * S, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 30 * S + 20 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 30 * S + 20 * MS, "1| . 1 a1 ack=10");
    dialog_in(&d, 70 * S, "1| . 1+10 a1 ack=0 map=10/1/10"); /* still there */
    dialog_out(&d, 70 * S, "1| . 1 a11 ack=20");
    dialog_end(&d);
}

static void test_last_one_given_up(void **state)
{
    struct dialog d;
    struct mpt_conn_info info = { .size = sizeof info };

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "0| R. 11 a1");
    dialog_none(&d, 60 * S + 99 * MS);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_none(&d, 60 * S + 100 * MS);
    assert_int_equal(mpt_conn_info(d.conn, &info), 0);
    assert_int_equal(info.state, MPT_CONN_CLOSED);
    assert_int_equal(info.error, MPT_ECONNRESET);
    dialog_end(&d);
}

/* By our application: FIN, the rest goes elsewhere. */
static void test_closed_by_host(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, "0| . 1+100 a11 ack=10 map=0/1/100");
    dialog_advance(&d, 105 * MS);
    assert_int_equal(mpt_subflow_close(d.conn, 1, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 105 * MS, "0| F. 101 a11 ack=10");
    dialog_out(&d, 105 * MS, "1| . 1+100 a1 ack=10 map=0/1/100");
    dialog_in(&d, 115 * MS, "0| F. 11 a102 ack=100");
    dialog_out(&d, 115 * MS, "0| . 102 a12 ack=10");
    dialog_in(&d, 120 * MS, "1| . 1 a101 ack=100");
    assert_int_equal(mpt_subflow_close(d.conn, 9, d.now), MPT_ENOENT);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in), cmocka_unit_test(test_in_beside), cmocka_unit_test(test_last_one),
        cmocka_unit_test(test_last_one_given_up), cmocka_unit_test(test_closed_by_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
