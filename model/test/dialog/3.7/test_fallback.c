/* SPDX-License-Identifier: MIT */
/* test_fallback.c - plain TCP after the handshake (RFC 8684 3.7). The SYN/ACK and the third ACK without MP_CAPABLE are
 * in ../3.1, altered octets in test_checksum.c. */
#include "dialog/dialog.h"

/* No DSS in the first window: a middlebox took the options off. Server and client. */
static void test_server_no_dss(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 11 * MS, ". 1+100 a1 plain=0");
    dialog_skip(&d, 11 * MS);
    assert_int_equal(d.conn->multipath, 0);
    assert_int_equal(d.read, 100);
    assert_true(dialog_events(&d) & MPT_EV_FALLBACK);
    dialog_write(&d, 12 * MS, 100);
    dialog_out(&d, 12 * MS, ". 1+100 a101 map=0/1/0"); /* infinite mapping: no DSS will come any more */
    dialog_in(&d, 20 * MS, ". 101 a101");
    dialog_write(&d, 21 * MS, 100);
    dialog_out(&d, 21 * MS, ". 101+100 a101 plain=100");
    dialog_end(&d);
}

static void test_client_no_dss(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_write(&d, 11 * MS, 100);
    dialog_out(&d, 11 * MS, ". 1+100 a1 cap22=100");
    dialog_in(&d, 20 * MS, ". 1 a101"); /* an ACK of data without DATA_ACK */
    assert_int_equal(d.conn->multipath, 0);
    assert_int_equal(d.conn->stream.acked, 100);
    dialog_write(&d, 21 * MS, 50);
    dialog_out(&d, 21 * MS, ". 101+50 a1 map=0/1/0"); /* in case options are eaten one way only */
    dialog_in(&d, 30 * MS, ". 1+70 a151 plain=0");
    dialog_skip(&d, 30 * MS);
    assert_int_equal(d.read, 70);
    dialog_write(&d, 31 * MS, 50);
    dialog_out(&d, 31 * MS, ". 151+50 a71 plain=150");
    dialog_end(&d);
}

/* The infinite mapping: DLL 0. Octets go on where the mapping says. */
static void test_infinite_mapping(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/0");
    dialog_skip(&d, 100 * MS);
    assert_int_equal(d.conn->multipath, 0);
    assert_int_equal(d.read, 110);
    dialog_in(&d, 101 * MS, ". 111+100 a1 plain=110");
    dialog_skip(&d, 101 * MS);
    assert_int_equal(d.read, 210);
    dialog_write(&d, 102 * MS, 100);
    dialog_out(&d, 102 * MS, ". 1+100 a211 plain=0");
    dialog_in(&d, 110 * MS, ". 211 a101");
    assert_int_equal(d.conn->stream.acked, 100);
    dialog_end(&d);
}

/* In plain TCP the FIN is the end of the stream. */
static void test_fin(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1");
    dialog_in(&d, 11 * MS, "F. 1+100 a1 plain=0");
    dialog_out(&d, 11 * MS, ". 1 a102");
    assert_int_equal(d.read, 100);
    assert_int_equal(dialog_read(&d, 1), 0);
    assert_true(d.eof);
    mpt_shutdown(d.conn, d.now);
    dialog_run(&d);
    dialog_out(&d, 11 * MS, "F. 1 a102");
    dialog_in(&d, 20 * MS, ". 102 a2");
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    assert_int_equal(d.conn->error, 0);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_no_dss),
        cmocka_unit_test(test_client_no_dss),
        cmocka_unit_test(test_infinite_mapping),
        cmocka_unit_test(test_fin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
