/* SPDX-License-Identifier: MIT */
/* test_data_fin.c - the end of the stream, alone and with data, both ways, and the end of the subflows after both
 * (RFC 8684 3.3.3). The connection is open since 20 ms; 10 octets of the peer were read. */
#include "dialog/dialog.h"

static void shut(struct dialog *d, uint64_t at)
{
    dialog_advance(d, at);
    assert_int_equal(mpt_shutdown(d->conn, d->now), 0);
    dialog_run(d);
}

static void test_alone_in(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11 a1 fin ack=0 map=10/0/1");
    dialog_out(&d, 100 * MS, ". 1 a11 ack=11"); /* counts one */
    assert_int_equal(dialog_read(&d, 1), 0);
    assert_true(d.eof);
    dialog_in(&d, 101 * MS, ". 11 a1 fin ack=0 map=10/0/1"); /* again */
    dialog_skip(&d, 101 * MS);
    dialog_end(&d);
}

static void test_with_data_in(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+100 a1 fin ack=0 map=10/11/101");
    dialog_skip(&d, 100 * MS);
    assert_int_equal(d.read, 110);
    assert_int_equal(dialog_read(&d, 1), 0);
    assert_true(d.eof);
    dialog_end(&d);
}

/* Before the data it stands behind. */
static void test_early_in(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11 a1 fin ack=0 map=110/0/1");
    dialog_skip(&d, 100 * MS);
    assert_int_equal(dialog_read(&d, 1), 0);
    assert_false(d.eof);
    dialog_in(&d, 101 * MS, ". 11+100 a1 ack=0 map=10/11/100");
    dialog_out(&d, 101 * MS, ". 1 a111 ack=111");
    assert_int_equal(d.read, 110);
    assert_int_equal(dialog_read(&d, 1), 0);
    assert_true(d.eof);
    dialog_end(&d);
}

/* Octets beyond it: the peer is broken. */
static void test_data_beyond(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11 a1 fin ack=0 map=50/0/1");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 101 * MS, ". 11+100 a1 ack=0 map=10/11/100");
    dialog_out(&d, 101 * MS, "R. 1 a11 rst=1");
    dialog_end(&d);
}

/* A FIN of the subflow without DATA_FIN is the end of the subflow only. */
static void test_tcp_fin_is_not_the_end(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(&d, 40 * MS);
    dialog_in(&d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 60 * MS);
    dialog_in(&d, 100 * MS, "0| F. 11 a1 ack=0");
    dialog_skip(&d, 100 * MS);
    assert_int_equal(dialog_read(&d, 1), 0);
    assert_false(d.eof);
    dialog_in(&d, 110 * MS, "1| . 1+100 a1 ack=0 map=10/1/100");
    dialog_out(&d, 110 * MS, "1| . 1 a101 ack=110");
    assert_int_equal(d.read, 110);
    dialog_end(&d);
}

/* ---- out ---- */

static void test_alone_out(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    shut(&d, 100 * MS);
    dialog_out(&d, 100 * MS, ". 1 a11 fin ack=10 map=0/0/1");
    dialog_in(&d, 110 * MS, ". 11 a1 ack=1");
    assert_int_equal(d.conn->fin_acked, 1);
    assert_int_equal(mpt_write(d.conn, "x", 1, d.now), MPT_EPIPE);
    dialog_in(&d, 111 * MS, ". 11+10 a1 ack=1 map=10/11/10"); /* the other direction is open */
    dialog_out(&d, 111 * MS, ". 1 a21 ack=20");
    dialog_end(&d);
}

static void test_with_data_out(void **state)
{
    struct dialog d;
    uint8_t octet[100];

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_advance(&d, 100 * MS);
    for (size_t i = 0; i < 100; i++)
        octet[i] = dialog_octet(i, 0);
    assert_int_equal(mpt_write(d.conn, octet, 100, d.now), 100);
    d.written = 100;
    shut(&d, 100 * MS);
    dialog_out(&d, 100 * MS, ". 1+100 a11 fin ack=10 map=0/1/101");
    dialog_in(&d, 110 * MS, ". 11 a101 ack=101");
    assert_int_equal(d.conn->fin_acked, 1);
    dialog_end(&d);
}

/* Not covered by TCP when it travels alone, so it is repeated: RTO 210 ms, doubling. */
static void test_repeated(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    shut(&d, 100 * MS);
    dialog_out(&d, 100 * MS, ". 1 a11 fin ack=10 map=0/0/1");
    dialog_out(&d, 310 * MS, ". 1 a11 fin ack=10 map=0/0/1");
    dialog_out(&d, 730 * MS, ". 1 a11 fin ack=10 map=0/0/1");
    dialog_out(&d, 1570 * MS, ". 1 a11 fin ack=10 map=0/0/1");
    dialog_in(&d, 1600 * MS, ". 11 a1 ack=1");
    dialog_none(&d, 30 * S);
    dialog_end(&d);
}

/* As often as a segment would be, then the peer is gone (RFC 9293 3.8.3). */
static void test_repeated_in_vain(void **state)
{
    static const char *const few[] = { "tcp.retries=3", NULL };
    struct mpt_conn_info info = { .size = sizeof info };
    struct dialog d;

    (void)state;
    dialog_open_server(&d, few);
    shut(&d, 100 * MS);
    dialog_out(&d, 100 * MS, ". 1 a11 fin ack=10 map=0/0/1");
    dialog_out(&d, 310 * MS, ". 1 a11 fin ack=10 map=0/0/1");
    dialog_out(&d, 730 * MS, ". 1 a11 fin ack=10 map=0/0/1");
    dialog_out(&d, 1570 * MS, ". 1 a11 fin ack=10 map=0/0/1");
    dialog_none(&d, 3249 * MS);
    assert_false(dialog_events(&d) & MPT_EV_CLOSED);
    dialog_out(&d, 3250 * MS, "R. 1 a11");
    assert_true(dialog_events(&d) & MPT_EV_CLOSED);
    assert_int_equal(mpt_conn_info(d.conn, &info), 0);
    assert_int_equal(info.state, MPT_CONN_CLOSED);
    assert_int_equal(info.error, MPT_ETIMEDOUT);
    dialog_none(&d, 200 * S);
    dialog_end(&d);
}

/* DATA_FIN stands at one place: a peer that moves it, on whichever subflow, is broken there. */
static void test_moved(void **state)
{
    static const char *const moved[] = { "1| . 1 a1 fin ack=0 map=49/0/1", "1| . 1 a1 fin ack=0 map=51/0/1",
                                         "1| . 1 a1 fin ack=0 map=10/0/1" };
    struct dialog d;

    (void)state;
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++) {
        dialog_open_server(&d, NULL);
        dialog_tuple(&d, 1, 7, 6001);
        dialog_in(&d, 40 * MS, "1| S 0 join12:id=3");
        dialog_skip(&d, 40 * MS);
        dialog_in(&d, 60 * MS, "1| . 1 a1 join24");
        dialog_skip(&d, 60 * MS);
        dialog_in(&d, 100 * MS, "0| . 11 a1 fin ack=0 map=50/0/1");
        dialog_skip(&d, 100 * MS);
        dialog_in(&d, 101 * MS, "1| . 1 a1 fin ack=0 map=50/0/1"); /* the same again */
        dialog_skip(&d, 101 * MS);
        assert_int_equal(d.conn->subflow_count, 2);
        dialog_in(&d, 102 * MS, moved[i]);
        dialog_out(&d, 102 * MS, "1| R. 1 a1 rst=1");
        assert_int_equal(dialog_count(&d, "MPTcpExtDSSNotMatching"), 1);
        dialog_in(&d, 103 * MS, "0| . 11+40 a1 ack=0 map=10/11/40"); /* the first word stands */
        dialog_out(&d, 103 * MS, "0| . 1 a51 ack=51");
        assert_int_equal(d.read, 50);
        dialog_end(&d);
    }
}

/* Before octets that came: in order, or behind a hole. */
static void test_before_octets(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11 a1 fin ack=0 map=9/0/1");
    dialog_out(&d, 100 * MS, "R. 1 a11 rst=1");
    dialog_end(&d);
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=110/11/100");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 101 * MS, ". 111 a1 fin ack=0 map=209/0/1");
    dialog_out(&d, 101 * MS, "R. 1 a111 rst=1");
    dialog_end(&d);
}

/* Both DATA_FINs acknowledged: FIN on the subflow, and the connection is over, cleanly. */
static void test_both(void **state)
{
    struct dialog d;
    struct mpt_conn_info info = { .size = sizeof info };

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11 a1 fin ack=0 map=10/0/1");
    dialog_out(&d, 100 * MS, ". 1 a11 ack=11");
    shut(&d, 110 * MS);
    dialog_out(&d, 110 * MS, ". 1 a11 fin ack=11 map=0/0/1");
    dialog_in(&d, 120 * MS, ". 11 a1 ack=1");
    dialog_out(&d, 120 * MS, "F. 1 a11 ack=11");
    dialog_in(&d, 130 * MS, "F. 11 a2 ack=1");
    dialog_out(&d, 130 * MS, ". 2 a12 ack=11");
    assert_int_equal(mpt_conn_info(d.conn, &info), 0);
    assert_int_equal(info.state, MPT_CONN_CLOSED);
    assert_int_equal(info.error, 0);
    assert_true(dialog_events(&d) & MPT_EV_CLOSED);
    mpt_close(d.conn, d.now);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone_in), cmocka_unit_test(test_with_data_in), cmocka_unit_test(test_early_in),
        cmocka_unit_test(test_data_beyond), cmocka_unit_test(test_tcp_fin_is_not_the_end),
        cmocka_unit_test(test_alone_out), cmocka_unit_test(test_with_data_out), cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_both),
        cmocka_unit_test(test_repeated_in_vain), cmocka_unit_test(test_moved), cmocka_unit_test(test_before_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
