/* SPDX-License-Identifier: MIT */
/* test_dss.c - data sequence signals: mappings in all the ways that peers send them, DATA_ACK, the shared window, and
 * octets sent again elsewhere (RFC 8684 3.3.1, 3.3.2, 3.3.4 to 3.3.6). The connection is open since 20 ms and 10 octets
 * of the peer were read; where there are two subflows the second one has 4-tuple 1 and is there since 60 ms. */
#include "dialog/dialog.h"

static void open_two(struct dialog *d, const char *const *settings)
{
    dialog_open_server(d, settings);
    dialog_tuple(d, 1, 7, 6001);
    dialog_in(d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(d, 40 * MS);
    dialog_in(d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(d, 60 * MS);
}

/* ---- mappings in ---- */

static void test_32_and_64_bits(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+10 a1 ack=0 map=10/11/10");
    dialog_out(&d, 100 * MS, ". 1 a21 ack=20");
    dialog_in(&d, 101 * MS, ". 21+10 a1 ack64=0 map64=20/21/10");
    dialog_out(&d, 101 * MS, ". 1 a31 ack64=30"); /* in kind (3.3.2) */
    dialog_in(&d, 102 * MS, ". 31+10 a1 ack=0 map64=30/31/10");
    dialog_out(&d, 102 * MS, ". 1 a41 ack64=40");
    dialog_in(&d, 103 * MS, ". 41+10 a1 ack=0 map=40/41/10");
    dialog_out(&d, 103 * MS, ". 1 a51 ack=50");
    assert_int_equal(d.read, 50);
    dialog_end(&d);
}

/* Linux: one long mapping, repeated on every segment that it covers. */
static void test_long_mapping_repeated(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    for (unsigned i = 0; i < 10; i++) {
        dialog_inf(&d, (100 + i) * MS, ". %u+1000 a1 ack=0 map=10/11/10000", 11 + 1000 * i);
        dialog_skip(&d, (100 + i) * MS);
    }
    assert_int_equal(d.read, 10010);
    dialog_end(&d);
}

/* ... and in any order */
static void test_long_mapping_out_of_order(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    for (unsigned i = 10; i-- > 0;) {
        dialog_inf(&d, (110 - i) * MS, ". %u+1000 a1 ack=0 map=10/11/10000", 11 + 1000 * i);
        dialog_skip(&d, (110 - i) * MS);
    }
    assert_int_equal(d.read, 10010);
    dialog_end(&d);
}

/* Said once; the others have no DSS at all. */
static void test_long_mapping_once(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+1000 a1 ack=0 map=10/11/3000");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 101 * MS, ". 1011+1000 a1 plain=1010");
    dialog_skip(&d, 101 * MS);
    dialog_in(&d, 102 * MS, ". 2011+1000 a1 plain=2010");
    dialog_skip(&d, 102 * MS);
    assert_int_equal(d.read, 3010);
    assert_int_equal(d.conn->multipath, 1);
    dialog_end(&d);
}

/* Ahead of its octets, on a segment without any of them. */
static void test_mapping_first(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11 a1 ack=0 map=10/11/1000");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 101 * MS, ". 11+1000 a1 plain=10");
    dialog_skip(&d, 101 * MS);
    assert_int_equal(d.read, 1010);
    dialog_end(&d);
}

/* Behind its octets: they wait for it. */
static void test_mapping_late(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+1000 a1 plain=10");
    dialog_skip(&d, 100 * MS);
    assert_int_equal(d.read, 10);
    dialog_in(&d, 101 * MS, ". 1011+500 a1 ack=0 map=10/11/1500");
    dialog_skip(&d, 101 * MS);
    assert_int_equal(d.read, 1510);
    dialog_end(&d);
}

/* 64 KiB and no mapping: a middlebox has lost it. */
static void test_mapping_never(void **state)
{
    struct dialog d;
    unsigned i;

    (void)state;
    open_two(&d, NULL);
    for (i = 0; i < 80 && d.conn->subflow_count == 2; i++) {
        dialog_inf(&d, (100 + i) * MS, "1| . %u+1000 a1 plain=10", 1 + 1000 * i);
        if (dialog_count(&d, "MPTcpExtMPRstTx"))
            break;
        dialog_skip(&d, (100 + i) * MS);
    }
    dialog_outf(&d, (100 + i) * MS, "1| R. 1 a%u rst=6", 1001 + 1000 * i);
    assert_int_equal(i, 65); /* 66,000 octets */
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

static void test_mapping_changed(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "1| . 1+100 a1 ack=0 map=10/1/1000");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 101 * MS, "1| . 101+100 a1 ack=0 map=500/101/100"); /* elsewhere */
    dialog_out(&d, 101 * MS, "1| R. 1 a101 rst=1");
    assert_int_equal(dialog_count(&d, "MPTcpExtDSSNotMatching"), 1);
    dialog_in(&d, 110 * MS, "0| . 11+100 a1 ack=0 map=10/11/100"); /* the other subflow goes on */
    dialog_skip(&d, 110 * MS);
    dialog_in(&d, 111 * MS, "0| . 111+100 a1 ack=0 map=110/111/100");
    dialog_skip(&d, 111 * MS);
    assert_int_equal(d.read, 210);
    dialog_end(&d);
}

/* The same octets twice at different places of the subflow: allowed, the second copy is dropped. */
static void test_same_dsn_twice(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/100");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 101 * MS, ". 111+100 a1 ack=0 map=10/111/100");
    dialog_out(&d, 101 * MS, ". 1 a211 ack=110");
    assert_int_equal(d.read, 110);
    assert_int_equal(d.conn->duplicate, 100);
    dialog_end(&d);
}

/* Two subflows, the stream's octets out of order. */
static void test_two_subflows(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "1| . 1+100 a1 ack=0 map=110/1/100");
    dialog_out(&d, 100 * MS, "1| . 1 a101 ack=10");
    dialog_in(&d, 101 * MS, "0| . 11+100 a1 ack=0 map=10/11/100");
    dialog_out(&d, 101 * MS, "0| . 1 a111 ack=210");
    assert_int_equal(d.read, 210);
    dialog_end(&d);
}

/* A wrapping subflow (4-tuple 0 begins 1024 octets before 2^32) and a wrapping DSN: 64-bit inside. */
static void test_wrap(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    for (unsigned i = 0; i < 5; i++) {
        dialog_inf(&d, (100 + i) * MS, ". %u+500 a1 ack=0 map=%u/%u/500", 11 + 500 * i, 10 + 500 * i, 11 + 500 * i);
        dialog_outf(&d, (100 + i) * MS, ". 1 a%u ack=%u", 511 + 500 * i, 510 + 500 * i);
    }
    dialog_end(&d);
}

/* ---- DATA_ACK ---- */

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
    open_two(&d, NULL);
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, "0| . 1+1000 a11 ack=10 map=0/1/1000");
    dialog_in(&d, 110 * MS, "1| . 1 a1 ack=1000");
    assert_int_equal(d.conn->stream.acked, 1000);
    dialog_skip(&d, 110 * MS);
    dialog_end(&d);
}

/* ---- the window: one for all subflows (3.3.5) ---- */

static void test_window_out(void **state)
{
    static const char *const small[] = { "rcvbuf=10000", NULL };
    struct dialog d;

    (void)state;
    open_two(&d, small);
    d.auto_read = 0;
    d.show_window = 1;
    dialog_in(&d, 100 * MS, "0| . 11+1000 a1 ack=0 map=10/11/1000");
    dialog_out(&d, 100 * MS, "0| . 1 a1011 win=9000 ack=1010");
    dialog_in(&d, 101 * MS, "1| . 1+1000 a1 ack=0 map=1010/1/1000");
    dialog_out(&d, 101 * MS, "1| . 1 a1001 win=8000 ack=2010"); /* of what is left for both */
    dialog_in(&d, 102 * MS, "1| . 1001+1000 a1 ack=0 map=3010/1001/1000"); /* a hole: behind DATA_ACK it is the same */
    dialog_out(&d, 102 * MS, "1| . 1 a2001 win=8000 ack=2010");
    assert_int_equal(dialog_read(&d, 100000), 2000);
    dialog_run(&d);
    dialog_skip(&d, 103 * MS);
    dialog_end(&d);
}

/* Octets beyond the right edge are dropped and counted; the subflow lives. */
static void test_beyond_window(void **state)
{
    static const char *const small[] = { "rcvbuf=10000", NULL };
    struct dialog d;

    (void)state;
    open_two(&d, small);
    dialog_in(&d, 100 * MS, "0| . 11+1000 a1 ack=0 map=9100/11/1000"); /* the edge is 10010 */
    dialog_skip(&d, 100 * MS);
    assert_int_equal(dialog_count(&d, "InOutOfWindow"), 1);
    dialog_in(&d, 101 * MS, "1| . 1+1000 a1 ack=0 map=9010/1/1000"); /* ends at it */
    dialog_skip(&d, 101 * MS);
    assert_int_equal(dialog_count(&d, "InOutOfWindow"), 1);
    assert_int_equal(d.conn->subflow_count, 2);
    dialog_end(&d);
}

/* The peer's window: the connection's right edge never moves back, but a subflow keeps to the window that it was told
 * last: 20 << 7 = 2560 octets, and no small segment to fill it (RFC 9293 3.8.6.2.1). */
static void test_window_in(void **state)
{
    struct dialog d;
    uint64_t edge;

    (void)state;
    dialog_open_server(&d, NULL);
    edge = d.conn->snd_edge;
    dialog_in(&d, 30 * MS, ". 11 a1 ack=0 win=20");
    assert_true(d.conn->snd_edge == edge);
    dialog_write(&d, 100 * MS, 5000);
    dialog_out(&d, 100 * MS, ". 1+1428 a11 ack=10 map=0/1/1428");
    dialog_none(&d, 100 * MS);
    dialog_in(&d, 110 * MS, ". 11 a1429 ack=1428 win=40");
    dialog_out(&d, 110 * MS, ". 1429+1428 a11 ack=10 map=1428/1429/1428");
    dialog_out(&d, 110 * MS, ". 2857+1428 a11 ack=10 map=2856/2857/1428");
    dialog_out(&d, 110 * MS, ". 4285+716 a11 ack=10 map=4284/4285/716");
    dialog_end(&d);
}

/* The connection's edge holds for the sum of both subflows, whatever each would take. */
static void test_window_in_shared(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_tuple(&d, 1, 7, 6001);
    d.peer_wscale = 0;
    dialog_in(&d, 0, "S 0 cap4 win=3000");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20 win=3000");
    dialog_in(&d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10 win=3000");
    dialog_skip(&d, 20 * MS);
    dialog_in(&d, 40 * MS, "1| S 0 join12:id=3 win=3000");
    dialog_skip(&d, 40 * MS);
    dialog_in(&d, 60 * MS, "1| . 1 a1 join24 win=3000");
    dialog_skip(&d, 60 * MS);
    dialog_write(&d, 100 * MS, 9000);
    dialog_skip(&d, 100 * MS);
    assert_int_equal(d.conn->snd_nxt, 2856); /* the last 144 octets would be a silly segment */
    dialog_in(&d, 110 * MS, "0| . 11 a1429 ack=1428 win=3000");
    dialog_skip(&d, 110 * MS);
    assert_int_equal(d.conn->snd_nxt, 4284);
    dialog_end(&d);
}

/* ---- sent again elsewhere (3.3.6) ---- */

/* RTO on subflow 0: its octets get a new mapping on subflow 1; its own repetition keeps the old one. DATA_ACK of all
 * comes over 1; subflow 0 still owes TCP its octets, the right ones. */
static void test_reinjection_and_owed(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, NULL);
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, "0| . 1+1000 a11 ack=10 map=0/1/1000");
    dialog_out(&d, 160 * MS, "0| . 1+1000 a11 ack=10 map=0/1/1000"); /* probe: 2 x 10 ms + 40 ms */
    dialog_out(&d, 370 * MS, "0| . 1+1000 a11 ack=10 map=0/1/1000"); /* RTO, 210 ms behind it */
    dialog_out(&d, 370 * MS, "1| . 1+1000 a1 ack=10 map=0/1/1000");
    dialog_in(&d, 390 * MS, "1| . 1 a1001 ack=1000");
    assert_int_equal(d.conn->stream.acked, 1000);
    dialog_write(&d, 391 * MS, 500); /* subflow 0 is stale: new octets go to 1 */
    dialog_out(&d, 391 * MS, "1| . 1001+500 a1 ack=10 map=1000/1001/500");
    dialog_in(&d, 410 * MS, "1| . 1 a1501 ack=1500");
    dialog_out(&d, 790 * MS, "0| . 1+1000 a11 ack=10 map=0/1/1000"); /* owed: RTO doubled */
    dialog_in(&d, 800 * MS, "0| . 11 a1001 ack=1500"); /* alive again */
    dialog_write(&d, 801 * MS, 100);
    dialog_out(&d, 801 * MS, "0| . 1001+100 a11 ack=10 map=1500/1001/100");
    dialog_skip(&d, 801 * MS);
    dialog_end(&d);
}

/* TCP has acknowledged, DATA_ACK never came: two of the longest RTO later the octets are sent again, under the same DSN
 * at new places of a subflow, for as long as it takes (3.3.2, 3.3.6). */
static void test_data_ack_lost(void **state)
{
    struct dialog d;
    uint64_t rto;

    (void)state;
    open_two(&d, NULL);
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

/* A lone subflow whose last ACK had no option: the peer may have fallen back unseen, so it is asked for its DATA_ACK
 * and nothing is sent twice. One with an option shows that it has not, and a DATA_ACK was merely lost. */
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
    dialog_out(&d, 630 * MS, ". 1500 a11 ack=10");
    dialog_in(&d, 640 * MS, ". 11 a1501 ack=1000");
    dialog_out(&d, 1050 * MS, ". 1501+500 a11 ack=10 map=1000/1501/500");
    dialog_in(&d, 1060 * MS, ". 11 a2001 ack=1500");
    dialog_none(&d, 100 * S);
    dialog_end(&d);
}

/* A silent subflow owes octets that the peer has had long ago by the other one; they may keep four send buffers
 * alive, no more (3.6: reason 4, too much outstanding data). */
static void test_owed_too_long(void **state)
{
    static const char *const small[] = { "sndbuf=65536", NULL };
    enum { ROUND = 8 * 1428, LIMIT = 4 * 65536 };
    unsigned acked = 1000;
    struct dialog d;

    (void)state;
    open_two(&d, small);
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, "0| . 1+1000 a11 ack=10 map=0/1/1000");
    dialog_skip(&d, 370 * MS); /* probe, RTO, and all of it on 1 */
    dialog_in(&d, 390 * MS, "1| . 1 a1001 ack=1000");
    for (uint64_t at = 391 * MS; acked + ROUND < LIMIT; at += 5 * MS) { /* before the next RTO of 0, at 790 ms */
        dialog_write(&d, at, ROUND);
        dialog_skip(&d, at);
        acked += ROUND;
        dialog_inf(&d, at + 4 * MS, "1| . 1 a%u ack=%u", acked + 1, acked);
        dialog_none(&d, at + 4 * MS);
    }
    assert_int_equal(d.conn->subflow_count, 2);
    dialog_write(&d, 600 * MS, ROUND);
    dialog_skip(&d, 600 * MS);
    acked += ROUND;
    dialog_inf(&d, 604 * MS, "1| . 1 a%u ack=%u", acked + 1, acked);
    dialog_out(&d, 604 * MS, "0| R. 1001 a11 rst=4T");
    assert_int_equal(d.conn->subflow_count, 1);
    dialog_write(&d, 605 * MS, 100);
    dialog_outf(&d, 605 * MS, "1| . %u+100 a1 ack=10 map=%u/%u/100", acked + 1, acked, acked + 1);
    dialog_end(&d);
}

/* A subflow that is reset: everything it had goes elsewhere at once. */
static void test_reinjection_after_reset(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, NULL);
    dialog_write(&d, 100 * MS, 3000);
    dialog_out(&d, 100 * MS, "0| . 1+1428 a11 ack=10 map=0/1/1428");
    dialog_out(&d, 100 * MS, "0| . 1429+1428 a11 ack=10 map=1428/1429/1428");
    dialog_out(&d, 100 * MS, "0| . 2857+144 a11 ack=10 map=2856/2857/144");
    dialog_in(&d, 105 * MS, "0| . 11 a1429 ack=1428");
    dialog_in(&d, 110 * MS, "0| R 11");
    dialog_out(&d, 110 * MS, "1| . 1+1428 a1 ack=10 map=1428/1/1428");
    dialog_out(&d, 110 * MS, "1| . 1429+144 a1 ack=10 map=2856/1429/144");
    dialog_in(&d, 120 * MS, "1| . 1 a1573 ack=3000");
    assert_int_equal(d.conn->stream.acked, 3000);
    dialog_end(&d);
}

/* The local address goes: no RST from it; REMOVE_ADDR and the octets on the other one. */
static void test_reinjection_after_address_down(void **state)
{
    struct dialog d;
    struct mpt_addr local;

    (void)state;
    dialog_open_client(&d, NULL);
    local = d.tuple[0].local;
    local.ip[3] = 2;
    local.port = 0;
    dialog_advance(&d, 40 * MS);
    assert_int_equal(mpt_subflow_join(d.conn, &local, NULL, 0, d.now), 2);
    dialog_run(&d);
    dialog_skip(&d, 40 * MS);
    dialog_in(&d, 60 * MS, "1| S. 0 a1 join16:id=0");
    dialog_skip(&d, 60 * MS);
    dialog_in(&d, 80 * MS, "1| . 1 a1 ack=0");
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, "0| . 1+1000 a1 ack=0 map=0/1/1000");
    local = d.tuple[0].local;
    local.port = 0;
    dialog_advance(&d, 105 * MS);
    assert_int_equal(mpt_address_down(d.stack, &local, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 105 * MS, "1| . 1 a1 ack=0 rm=0");
    dialog_out(&d, 105 * MS, "1| . 1+1000 a1 ack=0 map=0/1/1000");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_32_and_64_bits), cmocka_unit_test(test_long_mapping_repeated),
        cmocka_unit_test(test_long_mapping_out_of_order), cmocka_unit_test(test_long_mapping_once),
        cmocka_unit_test(test_mapping_first), cmocka_unit_test(test_mapping_late),
        cmocka_unit_test(test_mapping_never), cmocka_unit_test(test_mapping_changed),
        cmocka_unit_test(test_same_dsn_twice), cmocka_unit_test(test_two_subflows), cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_data_ack), cmocka_unit_test(test_data_ack_elsewhere), cmocka_unit_test(test_window_out),
        cmocka_unit_test(test_beyond_window), cmocka_unit_test(test_window_in),
        cmocka_unit_test(test_window_in_shared),
        cmocka_unit_test(test_reinjection_and_owed), cmocka_unit_test(test_reinjection_after_reset),
        cmocka_unit_test(test_reinjection_after_address_down),
        cmocka_unit_test(test_data_ack_lost), cmocka_unit_test(test_data_ack_lost_alone),
        cmocka_unit_test(test_owed_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
