/* SPDX-License-Identifier: MIT */
/* test_data_ack.c - DATA_ACK: on which subflow, of what, and lost (RFC 8684 3.3.2). The connection is open
 * since 20 ms and 10 octets of the peer were read; where there are two subflows the second one has 4-tuple 1 and is
 * there since 60 ms. */
#include "dialog/dialog.h"

static void test_data_ack(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, ". 1+1000 a11 ack=10 map=0/1/1000");
    dialog_in(&d, 110 * MS, ". 11 a1001 ack=0"); /* TCP's alone frees nothing */
    assert_int_equal(d.conn->stream.acked, 0);
    dialog_in(&d, 111 * MS, ". 11 a1001 ack=400");
    assert_int_equal(d.conn->stream.acked, 400);
    dialog_in(&d, 112 * MS, ". 11 a1001 ack=300"); /* old */
    assert_int_equal(d.conn->stream.acked, 400);
    dialog_in(&d, 113 * MS, ". 11 a1001 ack=1001"); /* never sent */
    assert_int_equal(d.conn->stream.acked, 400);
    assert_int_equal(dialog_count(&d, "DSSBadAck"), 1);
    dialog_in(&d, 114 * MS, ". 11 a1001 ack64=1000");
    assert_int_equal(d.conn->stream.acked, 1000);
    dialog_end(&d);
}

/* On the other subflow as good as on this one. */
static void test_data_ack_elsewhere(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, "0| . 1+1000 a11 ack=10 map=0/1/1000");
    dialog_in(&d, 110 * MS, "1| . 1 a1 ack=1000");
    assert_int_equal(d.conn->stream.acked, 1000);
    dialog_skip(&d, 110 * MS);
    dialog_end(&d);
}

/* TCP has acknowledged, DATA_ACK never came: two of the longest RTO later the octets are sent again, under the same DSN
 * at new places of a subflow, for as long as it takes (3.3.2, 3.3.6). */
static void test_data_ack_lost(void **state)
{
    struct dialog d;
    uint64_t rto;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, "0| . 1+1000 a11 ack=10 map=0/1/1000");
    dialog_in(&d, 110 * MS, "0| . 11 a1001 ack=0");
    rto = mpt_subflow_find(d.conn, 2)->flow.rto; /* RTT 20 ms */
    assert_true(rto == 220 * MS);
    dialog_out(&d, 110 * MS + 2 * rto, "0| . 1001+1000 a11 ack=10 map=0/1001/1000");
    dialog_in(&d, 560 * MS, "0| . 11 a2001 ack=400");
    dialog_out(&d, 560 * MS + 2 * rto, "0| . 2001+600 a11 ack=10 map=400/2001/600");
    dialog_in(&d, 1010 * MS, "0| . 11 a2601 ack=1000");
    dialog_none(&d, 100 * S);
    dialog_end(&d);
}

/* The first of two segments was swallowed by one who acknowledged it at TCP's level: the second is never acknowledged, so
 * TCP is at work for ever, on a hole that it does not know of. The octets that nobody has in flight go to the other subflow
 * when two looks have seen no new DATA_ACK (3.3.6). */
static void test_swallowed(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, "0| . 1+1000 a11 ack=10 map=0/1/1000");
    dialog_write(&d, 101 * MS, 1000);
    dialog_out(&d, 101 * MS, "0| . 1001+1000 a11 ack=10 map=1000/1001/1000");
    dialog_in(&d, 110 * MS, "0| . 11 a1001 ack=0");
    dialog_out(&d, 170 * MS, "0| . 1001+1000 a11 ack=10 map=1000/1001/1000"); /* a probe (RFC 8985 7) */
    dialog_none(&d, 350 * MS);
    dialog_skip(&d, 460 * MS); /* the time-out: there again, and to the other one */
    dialog_in(&d, 480 * MS, "1| . 1 a1001 ack=0");
    dialog_skip(&d, 800 * MS);
    dialog_out(&d, 980 * MS, "1| . 2001+1428 a1 ack=10 map=0/2001/1428");
    dialog_in(&d, 1000 * MS, "1| . 1 a3429 ack=2000");
    assert_int_equal(d.conn->stream.acked, 2000);
    dialog_end(&d);
}

/* A lone subflow whose ACK has no option, though there is room for one: the peer has fallen back unseen, or a box has
 * taken the options off. Octets sent twice would be read twice: from here on it is plain TCP (3.7). */
static void test_data_ack_lost_alone(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, ". 1+1000 a11 ack=10 map=0/1/1000");
    dialog_in(&d, 110 * MS, ". 11 a1001 ack=1000");
    dialog_write(&d, 200 * MS, 500);
    dialog_out(&d, 200 * MS, ". 1001+500 a11 ack=10 map=1000/1001/500");
    dialog_in(&d, 210 * MS, ". 11 a1501");
    assert_int_equal(d.conn->multipath, 0);
    assert_int_equal(d.conn->stream.acked, 1500); /* TCP's acknowledgement counts from now on */
    dialog_write(&d, 300 * MS, 100);
    dialog_out(&d, 300 * MS, ". 1501+100 a11 map=1000/1001/0"); /* infinite, from the last DATA_ACK on */
    dialog_in(&d, 310 * MS, ". 11 a1601");
    dialog_none(&d, 100 * S);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_ack),
        cmocka_unit_test(test_data_ack_elsewhere),
        cmocka_unit_test(test_data_ack_lost), cmocka_unit_test(test_swallowed),
        cmocka_unit_test(test_data_ack_lost_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
