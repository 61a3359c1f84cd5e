/* SPDX-License-Identifier: MIT */
/* test_window_out.c - the window that the receiver offers: one for all subflows (RFC 8684 3.3.4). The connection is open
 * since 20 ms and 10 octets of the peer were read; where there are two subflows the second one has 4-tuple 1 and is
 * there since 60 ms. */
#include "dialog/dialog.h"

static void test_window_out(void **state)
{
    static const char *const small[] = { "rcvbuf=10000", NULL };
    struct dialog d;

    (void)state;
    dialog_open_two(&d, small);
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
    dialog_open_two(&d, small);
    dialog_in(&d, 100 * MS, "0| . 11+1000 a1 ack=0 map=9100/11/1000"); /* the edge is 10010 */
    dialog_skip(&d, 100 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtNoDSSInWindow"), 1);
    dialog_in(&d, 101 * MS, "1| . 1+1000 a1 ack=0 map=9010/1/1000"); /* ends at it */
    dialog_skip(&d, 101 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtNoDSSInWindow"), 1);
    assert_int_equal(d.conn->subflow_count, 2);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_out),
        cmocka_unit_test(test_beyond_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
