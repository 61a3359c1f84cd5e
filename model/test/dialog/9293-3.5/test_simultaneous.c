/* SPDX-License-Identifier: MIT */
/* test_simultaneous.c - both ends open (RFC 9293 3.5, figure 7) or close (3.6, figure 13) at once; and how long an end
 * waits for the other (3.8.3). */
#include "dialog/dialog.h"

static const char *const plain[] = { "mptcp=off", NULL };

/* SYNs cross, so do the SYN/ACKs: both are established without a third ACK. */
static void test_open(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, plain);
    dialog_out(&d, 0, "S 0");
    dialog_in(&d, 5 * MS, "S 0");
    dialog_out(&d, 5 * MS, "S. 0 a1");
    dialog_in(&d, 15 * MS, "S. 0 a1");
    dialog_none(&d, 15 * MS);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_write(&d, 20 * MS, 10);
    dialog_out(&d, 20 * MS, ". 1+10 a1 plain=0");
    dialog_in(&d, 30 * MS, ". 1+10 a11 plain=0");
    dialog_out(&d, 30 * MS, ". 11 a11");
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

/* The peer's SYN/ACK is lost, its ACK of ours comes: that is enough (3.10.7.4, SYN-RECEIVED). */
static void test_open_with_a_loss(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, plain);
    dialog_out(&d, 0, "S 0");
    dialog_in(&d, 5 * MS, "S 0");
    dialog_out(&d, 5 * MS, "S. 0 a1");
    dialog_in(&d, 15 * MS, ". 1 a1");
    dialog_none(&d, 15 * MS);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_end(&d);
}

static void open_plain(struct dialog *d)
{
    dialog_server(d, plain);
    dialog_in(d, 0, "S 0");
    dialog_out(d, 0, "S. 0 a1");
    dialog_in(d, 10 * MS, ". 1 a1");
    dialog_none(d, 10 * MS);
}

/* FINs cross: CLOSING, then TIME-WAIT on both sides, where a FIN is answered again. */
static void test_close(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d);
    dialog_advance(&d, 20 * MS);
    assert_int_equal(mpt_shutdown(d.conn, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 20 * MS, "F. 1 a1");
    dialog_in(&d, 25 * MS, "F. 1 a1");
    dialog_out(&d, 25 * MS, ". 2 a2");
    dialog_in(&d, 30 * MS, ". 2 a2");
    dialog_none(&d, 30 * MS);
    assert_true(d.eof);
    dialog_in(&d, 31 * MS, "F. 1 a2");
    dialog_out(&d, 31 * MS, ". 2 a2");
    dialog_none(&d, 61 * S);
    dialog_in(&d, 62 * S, "F. 1 a2"); /* nobody knows it any more */
    dialog_out(&d, 62 * S, "R 2");
    dialog_end(&d);
}

/* Data crosses the FINs: each side still takes what stood before the other's. */
static void test_close_with_data(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d);
    dialog_write(&d, 20 * MS, 10);
    dialog_out(&d, 20 * MS, ". 1+10 a1 plain=0");
    assert_int_equal(mpt_shutdown(d.conn, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 20 * MS, "F. 11 a1");
    dialog_in(&d, 25 * MS, "F. 1+10 a1 plain=0");
    dialog_out(&d, 25 * MS, ". 12 a12");
    assert_int_equal(d.read, 10);
    assert_true(d.eof);
    dialog_in(&d, 30 * MS, ". 12 a12");
    dialog_none(&d, 61 * S);
    dialog_end(&d);
}

/* The user time-out (3.8.3, R2): after tcp.retries time-outs without an ACK the connection is over. */
static void test_user_timeout(void **state)
{
    static const char *const few[] = { "mptcp=off", "tcp.retries=3", NULL };
    struct mpt_conn_info info = { .size = sizeof info };
    struct dialog d;

    (void)state;
    dialog_server(&d, few);
    dialog_in(&d, 0, "S 0");
    dialog_out(&d, 0, "S. 0 a1");
    dialog_in(&d, 10 * MS, ". 1 a1");
    dialog_write(&d, 20 * MS, 10);
    dialog_skip(&d, 2 * S);
    assert_int_equal(mpt_conn_info(d.conn, &info), 0);
    assert_int_equal(info.state, MPT_CONN_OPEN);
    dialog_skip(&d, 10 * S);
    assert_int_equal(mpt_conn_info(d.conn, &info), 0);
    assert_int_equal(info.state, MPT_CONN_CLOSED);
    assert_int_equal(info.error, MPT_ETIMEDOUT);
    dialog_end(&d);
}

/* The urgent pointer is ignored: the octets are data like others (RFC 6093 5, RFC 9293 3.8.5). */
static void test_urgent_is_data(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d);
    dialog_in(&d, 20 * MS, ".U 1+10 a1 plain=0");
    dialog_out(&d, 20 * MS, ". 1 a11");
    dialog_in(&d, 30 * MS, ".PU 11+10 a1 plain=10");
    dialog_out(&d, 30 * MS, ". 1 a21");
    assert_int_equal(d.read, 20);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open), cmocka_unit_test(test_open_with_a_loss), cmocka_unit_test(test_close),
        cmocka_unit_test(test_close_with_data), cmocka_unit_test(test_user_timeout),
        cmocka_unit_test(test_urgent_is_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
