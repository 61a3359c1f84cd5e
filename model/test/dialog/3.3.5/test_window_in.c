/* SPDX-License-Identifier: MIT */
/* test_window_in.c - the window that the sender keeps to: the connection's and the subflow's (RFC 8684 3.3.5). The connection is open
 * since 20 ms and 10 octets of the peer were read; where there are two subflows the second one has 4-tuple 1 and is
 * there since 60 ms. */
#include "dialog/dialog.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_in),
        cmocka_unit_test(test_window_in_shared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
