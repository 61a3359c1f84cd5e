/* SPDX-License-Identifier: MIT */
/* test_lost_options.c - a box begins to take the options off in the middle of a connection (RFC 8684 3.7, 3.3.1): plain
 * TCP at once while the only subflow there ever was has all octets in order, else the subflow ends. The connection is
 * open since 20 ms and 10 octets of the peer were read. */
#include "dialog/dialog.h"

/* Octets without mapping: read as they come; ours tell by the infinite mapping, from the last DATA_ACK on. */
static void test_octets_in(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_write(&d, 50 * MS, 30);
    dialog_out(&d, 50 * MS, ". 1+30 a11 ack=10 map=0/1/30");
    dialog_in(&d, 60 * MS, ". 11 a31 ack=30");
    dialog_in(&d, 100 * MS, ". 11+100 a31 plain=10");
    dialog_out(&d, 100 * MS, ". 31 a111");
    assert_int_equal(d.read, 110);
    assert_int_equal(d.conn->multipath, 0);
    assert_true(dialog_events(&d) & MPT_EV_FALLBACK);
    assert_int_equal(dialog_count(&d, "MPTcpExtDssFallback"), 1);
    dialog_write(&d, 110 * MS, 10);
    dialog_out(&d, 110 * MS, ". 31+10 a111 map=30/31/0");
    dialog_end(&d);
}

/* An ACK of octets without DATA_ACK: sent octets are TCP's from now on, as client. */
static void test_ack_in(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, ". 1+100 a1 ack=0 map=0/1/100");
    dialog_in(&d, 110 * MS, ". 1 a101 ack=100");
    dialog_write(&d, 120 * MS, 100);
    dialog_out(&d, 120 * MS, ". 101+100 a1 ack=0 map=100/101/100");
    dialog_in(&d, 130 * MS, ". 1 a201");
    assert_int_equal(d.conn->multipath, 0);
    assert_int_equal(d.conn->stream.acked, 200);
    dialog_write(&d, 140 * MS, 10);
    dialog_out(&d, 140 * MS, ". 201+10 a1 map=100/101/0");
    dialog_end(&d);
}

/* ... acknowledged in part: the rest is repeated as it was, mapped, the new octets follow by the infinite mapping. */
static void test_ack_in_part(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_write(&d, 100 * MS, 1428);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, ". 1+1428 a11 ack=10 map=0/1/1428");
    dialog_out(&d, 100 * MS, ". 1429+100 a11 ack=10 map=1428/1429/100");
    dialog_in(&d, 110 * MS, ". 11 a1429");
    assert_int_equal(d.conn->stream.acked, 1428);
    dialog_write(&d, 120 * MS, 10);
    dialog_out(&d, 120 * MS, ". 1529+10 a11 map=0/1/0");
    dialog_in(&d, 130 * MS, ". 11 a1539");
    assert_int_equal(d.conn->stream.acked, 1538);
    dialog_end(&d);
}

/* An ACK of what DATA_ACK has covered before says nothing, nor do duplicates and probes. */
static void test_old_ack(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, ". 1+100 a11 ack=10 map=0/1/100");
    dialog_in(&d, 110 * MS, ". 11 a101 ack=100");
    dialog_in(&d, 120 * MS, ". 11 a101");
    dialog_in(&d, 130 * MS, ". 10 a101"); /* keep-alive */
    dialog_out(&d, 130 * MS, ". 101 a11 ack=10");
    dialog_in(&d, 140 * MS, ". 1+10 a101 plain=0"); /* octets we have */
    dialog_out(&d, 140 * MS, ". 101 a11 ack=10 sack=1-11");
    assert_int_equal(d.conn->multipath, 1);
    dialog_end(&d);
}

/* Octets of a mapping that is known need no DSS of their own (3.3.1). */
static void test_mapped_before(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/300");
    dialog_out(&d, 100 * MS, ". 1 a111 ack=110");
    dialog_in(&d, 101 * MS, ". 111+200 a1 plain=110");
    dialog_out(&d, 101 * MS, ". 1 a311 ack=310");
    assert_int_equal(d.conn->multipath, 1);
    dialog_in(&d, 102 * MS, ". 311+1 a1 plain=310"); /* one more */
    dialog_out(&d, 102 * MS, ". 1 a312");
    assert_int_equal(d.conn->multipath, 0);
    assert_int_equal(d.read, 311);
    dialog_end(&d);
}

/* Behind a hole: the fallback is known at once, the octets wait for the hole. */
static void test_behind_a_hole(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 111+100 a1 plain=110");
    dialog_out(&d, 100 * MS, ". 1 a11 sack=111-211");
    assert_int_equal(d.conn->multipath, 0);
    dialog_in(&d, 110 * MS, ". 11+100 a1 ack=0 map=10/11/100"); /* sent before the box began */
    dialog_out(&d, 110 * MS, ". 1 a211");
    assert_int_equal(d.read, 210);
    dialog_end(&d);
}

/* A join under way does not come about: its third ACK meets a RST, and the token is forgotten. */
static void test_join_under_way(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_tuple(&d, 1, 7, 6002);
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 110 * MS, "0| . 11+10 a1 plain=10");
    dialog_out(&d, 110 * MS, "0| . 1 a21");
    dialog_out(&d, 110 * MS, "1| R. 1 a1");
    dialog_in(&d, 120 * MS, "2| S 0 join12:id=4");
    dialog_out(&d, 120 * MS, "2| R. 0 a1 rst=1");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinNoTokenFound"), 1);
    dialog_end(&d);
}

/* As client: the join that the path manager began is given up. */
static void test_own_join_under_way(void **state)
{
    static const char *const mesh[] = { "pm=fullmesh", NULL };
    struct dialog d;

    (void)state;
    dialog_client(&d, mesh);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1 a1 ack=0");
    dialog_out(&d, 20 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 30 * MS, "0| . 1+10 a1 plain=0");
    dialog_out(&d, 30 * MS, "0| . 1 a11");
    dialog_none(&d, 10 * S); /* no SYN again */
    assert_int_equal(d.conn->multipath, 0);
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

/* Two subflows: octets without mapping wait for it (3.3.1), nobody falls back. */
static void test_with_another_subflow(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "0| . 11+100 a1 plain=10");
    dialog_out(&d, 100 * MS, "0| . 1 a111 ack=10");
    assert_int_equal(d.conn->multipath, 1);
    assert_int_equal(d.read, 10);
    dialog_in(&d, 110 * MS, "1| . 1+100 a1 ack=0 map=10/1/100"); /* sent again there */
    dialog_out(&d, 110 * MS, "1| . 1 a101 ack=110");
    assert_int_equal(d.read, 110);
    dialog_end(&d);
}

/* The other one has gone: still no fallback, and 64 KiB without mapping are a broken path (reason 6). */
static void test_after_another_subflow(void **state)
{
    struct dialog d;
    unsigned i;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_in(&d, 70 * MS, "1| R. 1 a1 rst=2");
    dialog_skip(&d, 70 * MS);
    for (i = 0; i < 65; i++) {
        dialog_inf(&d, (100 + i) * MS, "0| . %u+1000 a1 plain=%u", 11 + 1000 * i, 10 + 1000 * i);
        dialog_skip(&d, (100 + i) * MS);
    }
    assert_int_equal(d.conn->multipath, 1);
    dialog_inf(&d, 200 * MS, "0| . %u+1000 a1 plain=%u", 11 + 1000 * i, 10 + 1000 * i);
    dialog_outf(&d, 200 * MS, "0| R. 1 a%u rst=6", 11 + 1000 * i + 1000);
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

/* FIN without options before any DSS, and after one: the end of the stream; the end of a subflow. */
static void test_bare_fin(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, "F. 1 a1");
    dialog_out(&d, 20 * MS, ". 1 a2");
    assert_int_equal(d.conn->multipath, 0);
    dialog_read(&d, 1);
    assert_true(d.eof);
    dialog_end(&d);
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "F. 11 a1");
    dialog_out(&d, 100 * MS, "R. 1 a12 rst=6"); /* a FIN would be taken for our end by a peer in plain TCP */
    assert_int_equal(d.conn->multipath, 1);
    dialog_read(&d, 1);
    assert_false(d.eof);
    dialog_end(&d);
}

/* DATA_FIN was exchanged before the options vanished: the FINs say it again. */
static void test_closing(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11 a1 fin ack=0 map=10/0/1");
    dialog_out(&d, 100 * MS, ". 1 a11 ack=11");
    dialog_write(&d, 110 * MS, 100);
    dialog_out(&d, 110 * MS, ". 1+100 a11 ack=11 map=0/1/100");
    dialog_in(&d, 120 * MS, ". 11 a101"); /* no DATA_ACK any more */
    dialog_in(&d, 130 * MS, "F. 11 a101");
    dialog_out(&d, 130 * MS, ". 101 a12");
    mpt_shutdown(d.conn, d.now);
    dialog_run(&d);
    dialog_out(&d, 130 * MS, "F. 101 a12");
    dialog_in(&d, 140 * MS, ". 12 a102");
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    assert_int_equal(d.conn->error, 0);
    dialog_end(&d);
}

/* Infinite mapping with two subflows: nobody could order the octets (3.7); that subflow ends. */
static void test_infinite_of_two(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "1| . 1+100 a1 ack=0 map=10/1/0");
    dialog_out(&d, 100 * MS, "1| R. 1 a1 rst=1");
    assert_int_equal(d.conn->multipath, 1);
    assert_int_equal(d.read, 10);
    assert_int_equal(dialog_count(&d, "MPTcpExtFallbackFailed"), 1);
    dialog_end(&d);
}

/* "The sender MAY attempt to create a new subflow" and go on there by the infinite mapping: the joined one is the last
 * one, its mapping says where its octets belong (3.7). */
static void test_infinite_on_a_join(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "0| R. 11 a1 rst=6");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "1| . 1+100 a1 ack=0 map=10/1/0");
    dialog_out(&d, 110 * MS, "1| . 1 a101");
    assert_int_equal(d.read, 110);
    assert_int_equal(d.conn->multipath, 0);
    dialog_write(&d, 120 * MS, 50);
    dialog_out(&d, 120 * MS, "1| . 1+50 a101 plain=0");
    dialog_end(&d);
}

/* ... with octets missing before it: not possible. */
static void test_infinite_on_a_join_with_a_gap(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "0| R. 11 a1 rst=6");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "1| . 1+100 a1 ack=0 map=20/1/0");
    dialog_out(&d, 110 * MS, "1| R. 1 a1 rst=1");
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

/* Once plain, always plain (3.7: "it MUST NOT revert to MPTCP"): later options are not looked at. */
static void test_no_way_back(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+10 a1 plain=10");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, ". 21+10 a1 ack=0 map=20/21/10");
    dialog_out(&d, 110 * MS, ". 1 a31");
    dialog_in(&d, 120 * MS, ". 31 a1 fin ack=0 map=30/0/1");
    dialog_in(&d, 130 * MS, ". 31 a1 add=4/9");
    dialog_in(&d, 140 * MS, ". 31 a1 fc");
    dialog_none(&d, 1 * S);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    assert_int_equal(d.read, 30);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octets_in), cmocka_unit_test(test_ack_in), cmocka_unit_test(test_ack_in_part),
        cmocka_unit_test(test_old_ack), cmocka_unit_test(test_mapped_before), cmocka_unit_test(test_behind_a_hole),
        cmocka_unit_test(test_join_under_way), cmocka_unit_test(test_own_join_under_way),
        cmocka_unit_test(test_with_another_subflow), cmocka_unit_test(test_after_another_subflow),
        cmocka_unit_test(test_bare_fin), cmocka_unit_test(test_closing), cmocka_unit_test(test_infinite_of_two),
        cmocka_unit_test(test_infinite_on_a_join), cmocka_unit_test(test_infinite_on_a_join_with_a_gap),
        cmocka_unit_test(test_no_way_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
