/* SPDX-License-Identifier: MIT */
/* test_places.c - DATA_FIN in all its places: on several subflows, on one that dies, beside FIN, with the window shut,
 * both ways at once; and what a FIN without it means (RFC 8684 3.3.3). The connection is open since 20 ms, 10 octets of
 * the peer were read; a second subflow is 4-tuple 1. */
#include "dialog/dialog.h"

static void shut(struct dialog *d, uint64_t at)
{
    dialog_advance(d, at);
    assert_int_equal(mpt_shutdown(d->conn, d->now), 0);
    dialog_run(d);
}

/* Linux sends it on every subflow: once is enough, twice is no other one. */
static void test_on_both_in(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "0| . 11 a1 fin ack=0 map=10/0/1");
    dialog_out(&d, 100 * MS, "0| . 1 a11 ack=11");
    dialog_out(&d, 100 * MS, "1| . 1 a1 ack=11");
    dialog_in(&d, 101 * MS, "1| . 1 a1 fin ack=0 map=10/0/1");
    dialog_skip(&d, 200 * MS);
    dialog_read(&d, 1);
    assert_true(d.eof);
    assert_int_equal(d.conn->subflow_count, 2); /* ours is not said: nothing ends */
    dialog_end(&d);
}

/* In 64 bits, and repeated in 32: the same place. */
static void test_width(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11 a1 fin ack=0 map64=10/0/1");
    dialog_out(&d, 100 * MS, ". 1 a11 ack64=11");
    dialog_in(&d, 101 * MS, ". 11 a1 fin ack=0 map=10/0/1");
    dialog_skip(&d, 101 * MS);
    assert_int_equal(d.conn->state, MPT_CONN_CLOSING);
    dialog_end(&d);
}

/* In the last segment of a mapping of several: it stands behind the mapping's last octet. */
static void test_with_long_mapping(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+100 a1 fin ack=0 map=10/11/301");
    dialog_out(&d, 100 * MS, ". 1 a111 ack=110");
    dialog_in(&d, 101 * MS, ". 111+100 a1 fin ack=0 map=10/11/301");
    dialog_out(&d, 101 * MS, ". 1 a211 ack=210");
    dialog_in(&d, 102 * MS, ". 211+100 a1 fin ack=0 map=10/11/301");
    dialog_out(&d, 102 * MS, ". 1 a311 ack=311");
    dialog_read(&d, 1);
    assert_true(d.eof);
    dialog_end(&d);
}

/* Of one subflow, behind octets that the other one still has to bring. */
static void test_ahead_of_the_other(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "1| . 1+100 a1 fin ack=0 map=110/1/101");
    dialog_out(&d, 100 * MS, "1| . 1 a101 ack=10");
    dialog_read(&d, 1);
    assert_false(d.eof);
    dialog_in(&d, 110 * MS, "0| . 11+100 a1 ack=0 map=10/11/100");
    dialog_out(&d, 110 * MS, "0| . 1 a111 ack=211");
    dialog_out(&d, 110 * MS, "1| . 1 a101 ack=211");
    dialog_read(&d, 1);
    assert_true(d.eof);
    dialog_end(&d);
}

/* Ours was on a subflow that dies: it is said on the other one. */
static void test_on_one_that_dies(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    shut(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "0| . 1 a11 fin ack=10 map=0/0/1");
    dialog_in(&d, 110 * MS, "0| R. 11 a1 rst=6");
    dialog_out(&d, 310 * MS, "1| . 1 a1 fin ack=10 map=0/0/1");
    dialog_in(&d, 320 * MS, "1| . 1 a1 ack=1");
    assert_int_equal(d.conn->fin_acked, 1);
    dialog_end(&d);
}

/* ... with the last octets: they go elsewhere, DATA_FIN follows. */
static void test_with_octets_on_one_that_dies(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_advance(&d, 100 * MS);
    {
        uint8_t octet[100];

        for (unsigned i = 0; i < sizeof octet; i++)
            octet[i] = dialog_octet(i, 0);
        d.written = sizeof octet;
        assert_int_equal(mpt_write(d.conn, octet, sizeof octet, d.now), sizeof octet);
    }
    shut(&d, 100 * MS);
    dialog_out(&d, 100 * MS, "0| . 1+100 a11 fin ack=10 map=0/1/101");
    dialog_in(&d, 110 * MS, "0| R. 11 a1 rst=6");
    dialog_out(&d, 110 * MS, "1| . 1+100 a1 ack=10 map=0/1/100");
    dialog_in(&d, 120 * MS, "1| . 1 a101 ack=100");
    dialog_skip(&d, 2 * S); /* DATA_FIN by its timer */
    dialog_in(&d, 2 * S, "1| . 1 a101 ack=101");
    assert_int_equal(d.conn->fin_acked, 1);
    dialog_end(&d);
}

/* The window is shut: DATA_FIN needs no room in it, octets before it do (3.3.3, RFC 9293 3.8.6.1). */
static void test_window_shut(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11 a1 ack=0 win=0");
    dialog_advance(&d, 110 * MS);
    d.conn->snd_edge = 0; /* of which only a later DATA_ACK could tell (3.3.4) */
    shut(&d, 110 * MS);
    dialog_out(&d, 110 * MS, ". 1 a11 fin ack=10 map=0/0/1");
    dialog_in(&d, 120 * MS, ". 11 a1 ack=1 win=0");
    assert_int_equal(d.conn->fin_acked, 1);
    dialog_end(&d);
}

/* Our own window is shut: the peer's DATA_FIN is taken all the same. */
static void test_own_window_shut(void **state)
{
    static const char *const small[] = { "rcvbuf=2048", NULL };
    struct dialog d;

    (void)state;
    dialog_open_server(&d, small);
    d.auto_read = 0;
    dialog_in(&d, 100 * MS, ". 11+1024 a1 ack=0 map=10/11/1024");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 101 * MS, ". 1035+1024 a1 ack=0 map=1034/1035/1024");
    dialog_skip(&d, 101 * MS);
    dialog_in(&d, 102 * MS, ". 2059 a1 fin ack=0 map=2058/0/1");
    dialog_out(&d, 102 * MS, ". 1 a2059 ack=2059");
    assert_int_equal(d.conn->peer_fin_taken, 1);
    dialog_read(&d, 3000);
    assert_true(d.eof);
    dialog_skip(&d, 102 * MS);
    dialog_end(&d);
}

/* Both at once: DATA_FINs cross, each is acknowledged, then the FINs cross too. */
static void test_both_cross(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    shut(&d, 100 * MS);
    dialog_out(&d, 100 * MS, ". 1 a11 fin ack=10 map=0/0/1");
    dialog_in(&d, 105 * MS, ". 11 a1 fin ack=0 map=10/0/1");
    dialog_out(&d, 105 * MS, ". 1 a11 ack=11");
    dialog_in(&d, 110 * MS, ". 11 a1 ack=1");
    dialog_out(&d, 110 * MS, "F. 1 a11 ack=11");
    dialog_in(&d, 115 * MS, "F. 11 a1 ack=1");
    dialog_out(&d, 115 * MS, ". 2 a12 ack=11");
    dialog_in(&d, 120 * MS, ". 12 a2 ack=1");
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    assert_int_equal(d.conn->error, 0);
    dialog_end(&d);
}

/* On one segment with the FIN of the subflow, before ours is said: the subflow stays open in our direction. */
static void test_beside_fin(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "0| F. 11 a1 fin ack=0 map=10/0/1");
    dialog_skip(&d, 100 * MS);
    dialog_read(&d, 1);
    assert_true(d.eof);
    dialog_write(&d, 110 * MS, 100); /* the other half goes on, on whichever subflow is there */
    dialog_skip(&d, 110 * MS);
    dialog_in(&d, 120 * MS, "1| . 1 a101 ack=100");
    assert_int_equal(d.conn->stream.acked, 100);
    dialog_end(&d);
}

/* A FIN on one of two subflows is the end of that subflow only; the stream goes on by the other one. */
static void test_fin_of_one(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "1| F. 1 a1 ack=0");
    dialog_out(&d, 100 * MS, "1| F. 1 a2 ack=10");
    dialog_in(&d, 101 * MS, "1| . 2 a2 ack=0");
    dialog_read(&d, 1);
    assert_false(d.eof);
    dialog_in(&d, 110 * MS, "0| . 11+100 a1 ack=0 map=10/11/100");
    dialog_out(&d, 110 * MS, "0| . 1 a111 ack=110");
    assert_int_equal(d.read, 110);
    dialog_end(&d);
}

/* After both DATA_FINs the FIN of a subflow never comes: close_timeout ends it. */
static void test_fin_never_comes(void **state)
{
    static const char *const soon[] = { "close_timeout=5s", NULL };
    struct dialog d;

    (void)state;
    dialog_open_server(&d, soon);
    dialog_in(&d, 100 * MS, ". 11 a1 fin ack=0 map=10/0/1");
    dialog_out(&d, 100 * MS, ". 1 a11 ack=11");
    shut(&d, 110 * MS);
    dialog_out(&d, 110 * MS, ". 1 a11 fin ack=11 map=0/0/1");
    dialog_in(&d, 120 * MS, ". 11 a1 ack=1");
    dialog_out(&d, 120 * MS, "F. 1 a11 ack=11");
    dialog_in(&d, 130 * MS, ". 11 a2 ack=1");
    dialog_none(&d, 5 * S);
    assert_int_equal(d.conn->state, MPT_CONN_CLOSING);
    dialog_skip(&d, 6 * S);
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    assert_int_equal(d.conn->error, 0); /* everything was said */
    dialog_end(&d);
}

/* The last subflow is reset in the middle: close_timeout for a join, then the error. */
static void test_no_subflow_left(void **state)
{
    static const char *const soon[] = { "close_timeout=5s", NULL };
    struct dialog d;

    (void)state;
    dialog_open_server(&d, soon);
    dialog_in(&d, 100 * MS, "R. 11 a1 rst=2");
    dialog_none(&d, 5 * S);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_none(&d, 5100 * MS);
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    assert_int_equal(d.conn->error, MPT_ECONNRESET);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_on_both_in), cmocka_unit_test(test_width), cmocka_unit_test(test_with_long_mapping),
        cmocka_unit_test(test_ahead_of_the_other), cmocka_unit_test(test_on_one_that_dies),
        cmocka_unit_test(test_with_octets_on_one_that_dies), cmocka_unit_test(test_window_shut),
        cmocka_unit_test(test_own_window_shut), cmocka_unit_test(test_both_cross), cmocka_unit_test(test_beside_fin),
        cmocka_unit_test(test_fin_of_one), cmocka_unit_test(test_fin_never_comes),
        cmocka_unit_test(test_no_subflow_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
