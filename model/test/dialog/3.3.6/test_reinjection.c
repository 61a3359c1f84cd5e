/* SPDX-License-Identifier: MIT */
/* test_reinjection.c - octets sent again elsewhere (RFC 8684 3.3.6). The connection is open
 * since 20 ms and 10 octets of the peer were read; where there are two subflows the second one has 4-tuple 1 and is
 * there since 60 ms. */
#include "dialog/dialog.h"

/* RTO on subflow 0: its octets get a new mapping on subflow 1; its own repetition keeps the old one. DATA_ACK of all
 * comes over 1; subflow 0 still owes TCP its octets, the right ones. */
static void test_reinjection_and_owed(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
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

/* A silent subflow owes octets that the peer has had long ago by the other one; they may keep four send buffers
 * alive, no more (3.6: reason 4, too much outstanding data). */
static void test_owed_too_long(void **state)
{
    static const char *const small[] = { "sndbuf=65536", NULL };
    enum { ROUND = 8 * 1428, LIMIT = 4 * 65536 };
    unsigned acked = 1000;
    struct dialog d;

    (void)state;
    dialog_open_two(&d, small);
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
    dialog_open_two(&d, NULL);
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
        cmocka_unit_test(test_reinjection_and_owed),
        cmocka_unit_test(test_owed_too_long),
        cmocka_unit_test(test_reinjection_after_reset),
        cmocka_unit_test(test_reinjection_after_address_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
