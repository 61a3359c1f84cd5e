/* SPDX-License-Identifier: MIT */
/* test_fastclose.c - ending a connection at once (RFC 8684 3.5): only the right key counts. */
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

static void check_closed(struct dialog *d, int error)
{
    struct mpt_conn_info info = { .size = sizeof info };

    assert_int_equal(mpt_conn_info(d->conn, &info), 0);
    assert_int_equal(info.state, MPT_CONN_CLOSED);
    assert_int_equal(info.error, error);
    assert_true(dialog_events(d) & MPT_EV_CLOSED);
    assert_int_equal(mpt_write(d->conn, "x", 1, d->now), error);
}

/* On an ACK: every subflow is reset. */
static void test_in_ack(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_in(&d, 100 * MS, "1| . 1 a1 fc");
    dialog_out(&d, 100 * MS, "0| R. 1 a11");
    dialog_out(&d, 100 * MS, "1| R. 1 a1");
    check_closed(&d, MPT_ECONNRESET);
    dialog_end(&d);
}

static void test_in_rst(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_in(&d, 100 * MS, "0| R. 11 a1 fc");
    dialog_skip(&d, 100 * MS);
    check_closed(&d, MPT_ECONNRESET);
    dialog_in(&d, 110 * MS, "1| . 1 a1 ack=0");
    dialog_out(&d, 110 * MS, "1| R 1");
    dialog_end(&d);
}

/* A forged RST with the right key but beside the window: RFC 5961 holds for it as for any RST? The key proves more
 * than a sequence number does, so it closes. */
static void test_in_wrong_key(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_in(&d, 100 * MS, "1| . 1 a1 fc!");
    dialog_none(&d, 101 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFastcloseRx"), 0);
    dialog_in(&d, 110 * MS, "0| R. 11 a1 fc!"); /* a RST all the same, of one subflow */
    dialog_none(&d, 111 * MS);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_in(&d, 120 * MS, "1| . 1+10 a1 ack=0 map=10/1/10");
    dialog_out(&d, 120 * MS, "1| . 1 a11 ack=20");
    assert_int_equal(d.read, 20);
    dialog_end(&d);
}

static void test_out(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_advance(&d, 100 * MS);
    mpt_abort(d.conn, d.now);
    dialog_run(&d);
    dialog_out(&d, 100 * MS, "0| R. 1 a11 fc");
    dialog_out(&d, 100 * MS, "1| R. 1 a1 fc");
    check_closed(&d, MPT_EABORTED);
    dialog_end(&d);
}

/* At once behind the handshake, when nothing has shown yet that the third ACK arrived with its option (3.1). */
static void test_out_early(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_skip(&d, 10 * MS);
    dialog_advance(&d, 100 * MS);
    mpt_abort(d.conn, d.now);
    dialog_run(&d);
    dialog_out(&d, 100 * MS, "R. 1 a1 fc");
    check_closed(&d, MPT_EABORTED);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_ack), cmocka_unit_test(test_in_rst), cmocka_unit_test(test_in_wrong_key),
        cmocka_unit_test(test_out), cmocka_unit_test(test_out_early),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
