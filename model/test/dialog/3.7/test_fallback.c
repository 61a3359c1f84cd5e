/* SPDX-License-Identifier: MIT */
/* test_fallback.c - plain TCP after the handshake, and altered octets (RFC 8684 3.7). The SYN/ACK and the third ACK
 * without MP_CAPABLE are in ../3.1. */
#include "dialog/dialog.h"

static const char *const SUMS[] = { "checksum=1", NULL };

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
    dialog_out(&d, 21 * MS, ". 101+50 a1 map=100/101/0"); /* in case options are eaten one way only */
    dialog_in(&d, 30 * MS, ". 1+70 a151 plain=0");
    dialog_skip(&d, 30 * MS);
    assert_int_equal(d.read, 70);
    dialog_write(&d, 31 * MS, 50);
    dialog_out(&d, 31 * MS, ". 151+50 a71 plain=150");
    dialog_end(&d);
}

/* Once a DSS was seen, octets without mapping are not a reason to fall back. */
static void test_not_later(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+100 a1 plain=10");
    dialog_skip(&d, 100 * MS);
    assert_int_equal(d.conn->multipath, 1);
    assert_int_equal(d.read, 10);
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

/* A wrong checksum with another subflow: this one is reset, its octets are not taken and come elsewhere. */
static void test_checksum(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, SUMS);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 0, "S 0 cap4:f=81");
    dialog_out(&d, 0, "S. 0 a1 cap12:f=81");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_in(&d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10 sum");
    dialog_out(&d, 20 * MS, ". 1 a11 ack=10");
    dialog_in(&d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(&d, 40 * MS);
    dialog_in(&d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 60 * MS);
    dialog_in(&d, 100 * MS, "1| . 1+100 a1 ack=0 map=10/1/100 sum");
    dialog_skip(&d, 100 * MS);
    assert_int_equal(d.read, 110);
    dialog_in(&d, 110 * MS, "1| . 101+100 a1 ack=0 map=110/101/100 sum!");
    dialog_out(&d, 110 * MS, "1| R. 1 a101 fail=110 rst=6"); /* and from where on it was wrong */
    assert_int_equal(d.read, 110);
    assert_int_equal(d.conn->subflow_count, 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtDataCsumErr"), 1);
    dialog_in(&d, 120 * MS, "0| . 11+100 a1 ack=0 map=110/11/100 sum");
    dialog_skip(&d, 120 * MS);
    assert_int_equal(d.read, 210);
    dialog_end(&d);
}

/* The only subflow: ended as well, with an error at last, never altered octets to the application. */
static void test_checksum_only_subflow(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, SUMS);
    dialog_in(&d, 0, "S 0 cap4:f=81");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_in(&d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10 sum");
    dialog_skip(&d, 20 * MS);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/100 sum!");
    dialog_out(&d, 100 * MS, "R. 1 a11 fail=10 rst=6");
    assert_int_equal(d.read, 10);
    dialog_skip(&d, 70 * S);
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    assert_int_equal(d.conn->error, MPT_EPROTO);
    dialog_end(&d);
}

/* MP_CAPABLE with the first data has a checksum too. */
static void test_checksum_in_capable(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, SUMS);
    dialog_in(&d, 0, "S 0 cap4:f=81");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_in(&d, 20 * MS, ". 1+100 a1 cap24=100:badsum");
    dialog_out(&d, 20 * MS, "R. 1 a1 fail=0 rst=6");
    assert_int_equal(d.read, 0);
    dialog_end(&d);
}

/* A mapping of several segments is used when all of it is there (3.3.1). */
static void test_checksum_over_segments(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, SUMS);
    dialog_in(&d, 0, "S 0 cap4:f=81");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_in(&d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10 sum");
    dialog_skip(&d, 20 * MS);
    {
        /* checksum of 301 octets, sent in 101, 99, 101 */
        uint8_t octet[301];
        struct mpt_dss o = { .flags = DSS_ACK | DSS_MAP, .has_checksum = 1, .dll = 301, .ssn = 11 };

        for (unsigned i = 0; i < sizeof octet; i++)
            octet[i] = dialog_octet(10 + i, 1);
        o.checksum = mpt_checksum_dss(d.idsn_peer + 11, 11, 301, mpt_checksum_add(0, octet, sizeof octet));
        dialog_inf(&d, 100 * MS, "0| . 11+101 a1 ack=0 map=10/11/301 sum=%u", o.checksum);
        dialog_skip(&d, 100 * MS);
        assert_int_equal(d.read, 10);
        dialog_inf(&d, 101 * MS, "0| . 112+99 a1 ack=0 map=10/11/301 sum=%u", o.checksum);
        dialog_skip(&d, 101 * MS);
        assert_int_equal(d.read, 10);
        dialog_inf(&d, 102 * MS, "0| . 211+101 a1 ack=0 map=10/11/301 sum=%u", o.checksum);
        dialog_skip(&d, 102 * MS);
        assert_int_equal(d.read, 311);
    }
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_no_dss), cmocka_unit_test(test_client_no_dss), cmocka_unit_test(test_not_later),
        cmocka_unit_test(test_infinite_mapping), cmocka_unit_test(test_fin), cmocka_unit_test(test_checksum), cmocka_unit_test(test_checksum_only_subflow),
        cmocka_unit_test(test_checksum_in_capable),
        cmocka_unit_test(test_checksum_over_segments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
