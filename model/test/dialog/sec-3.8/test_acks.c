/* SPDX-License-Identifier: MIT */
/* test_acks.c - authenticated acknowledgement and window (sec/SPEC.md 3.8): what moves them, and what everybody on the path
 * could have written and does not. The stack is the server; it has sent its first record (SSN 121 to 168), the peer too. */
#include "dialog/dialog.h"

static struct mpt_conn_info info_of(const struct dialog *d)
{
    struct mpt_conn_info info = { .size = sizeof info };

    mpt_conn_info(d->conn, &info);
    return info;
}

/* The peer takes `edge` octets. The next octets: peer 178, stack 169, or 206 with the answer to PARAMS. */
static void open_heard(struct dialog *d, unsigned edge)
{
    dialog_secure_server_on(d, edge < 65535 ? "S 0 nows win=600 cap4 eno=11" : "S 0 cap4 eno=11");
    dialog_inf(d, 30 * MS, ". 130 a169 seal=0/0:ack=0:edge=%u:cack=1:params", edge);
    dialog_skip(d, 30 * MS);
    dialog_out(d, 70 * MS, ". 169+37 a178 seal=0/0:ack=0:cack=1");
    dialog_in(d, 80 * MS, ". 178 a206");
}

static void test_aack_moves(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d, 65535);
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, ". 206+1017 a178 seal=0/1000");
    dialog_in(&d, 110 * MS, ". 178 a1223"); /* TCP has them, that is all */
    assert_int_equal(info_of(&d).acked, 0);
    dialog_in(&d, 120 * MS, ". 178 a1223 ack=1120"); /* DSS in the clear: so could anybody */
    assert_int_equal(info_of(&d).acked, 0);
    dialog_in(&d, 130 * MS, ". 178 a1223 aack!=1000");
    assert_int_equal(info_of(&d).acked, 0);
    assert_int_equal(dialog_count(&d, "SecAackBad"), 1);
    dialog_in(&d, 140 * MS, ". 178 a1223 aack=1000");
    assert_int_equal(info_of(&d).acked, 1000);
    dialog_in(&d, 150 * MS, ". 178 a1223 aack=400"); /* old: replayed */
    assert_int_equal(info_of(&d).acked, 1000);
    dialog_none(&d, 150 * MS);
    assert_int_equal(dialog_count(&d, "SecAackRx"), 2);
    dialog_end(&d);
}

static void test_beyond_what_was_sent(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d, 65535);
    dialog_in(&d, 100 * MS, ". 178 a206 aack!=1"); /* a guess */
    dialog_none(&d, 100 * MS);
    dialog_in(&d, 110 * MS, ". 178 a206 aack=1");
    dialog_skip(&d, 110 * MS);
    assert_int_equal(info_of(&d).error, MPT_EPROTO);
    dialog_end(&d);
}

/* EDGE limits, TCP's window does not at the connection level. */
static void test_edge(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d, 600);
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, ". 206+617 a178 seal=0/600");
    dialog_in(&d, 110 * MS, ". 178 a823 aack=600:edge=600");
    dialog_none(&d, 110 * MS);
    dialog_in(&d, 120 * MS, ". 178 a823 aack!=600:edge=70000");
    dialog_none(&d, 120 * MS);
    dialog_in(&d, 130 * MS, ". 178 a823 aack=600:edge=70000");
    dialog_out(&d, 130 * MS, ". 823+417 a178 seal=600/400");
    dialog_in(&d, 140 * MS, ". 178 a1240 aack=600:edge=601"); /* an older one overtaken: edges go forward only */
    assert_int_equal(info_of(&d).error, 0);
    dialog_write(&d, 150 * MS, 500);
    dialog_out(&d, 150 * MS, ". 1240+517 a178 seal=1000/500");
    dialog_in(&d, 160 * MS, ". 178 a1757 aack=1500");
    assert_int_equal(info_of(&d).acked, 1500);
    dialog_end(&d);
}

/* Blocked by EDGE: a segment without data asks, and whoever gets it answers with an AACK. */
static void test_persist(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d, 600);
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, ". 206+617 a178 seal=0/600");
    dialog_in(&d, 110 * MS, ". 178 a823 aack=600:edge=600");
    dialog_advance(&d, 5 * S);
    assert_true(d.tail > d.head); /* it asks */
    dialog_out(&d, d.queue[d.head % DIALOG_QUEUE].at, ". 822 a178 aack=0");
    dialog_skip(&d, 5 * S);
    dialog_in(&d, 6 * S, ". 178 a823 aack=600:edge=5000");
    dialog_out(&d, 6 * S, ". 823+417 a178 seal=600/400");
    dialog_end(&d);
    open_heard(&d, 600);
    dialog_in(&d, 100 * MS, ". 177 a206"); /* the peer asks */
    dialog_out(&d, 100 * MS, ". 206 a178 aack=0");
    dialog_end(&d);
}

/* Octets that somebody else acknowledged: after 1 s they are sent again, here on the only subflow. */
static void test_swallowed(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d, 65535);
    dialog_write(&d, 100 * MS, 1000);
    dialog_out(&d, 100 * MS, ". 206+1017 a178 seal=0/1000");
    dialog_in(&d, 110 * MS, ". 178 a1223");
    dialog_none(&d, 1090 * MS);
    dialog_out(&d, 1100 * MS, ". 1223+1017 a178 seal=0/1000");
    assert_int_equal(dialog_count(&d, "SecSuspected"), 1);
    dialog_in(&d, 1110 * MS, ". 178 a2240 aack=1000");
    assert_int_equal(info_of(&d).acked, 1000);
    dialog_none(&d, 3 * S);
    dialog_end(&d);
}

/* AACK on every pure ACK that has news. */
static void test_told(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d, 65535);
    d.show_window = 0;
    dialog_in(&d, 100 * MS, ". 178 a206 seal=0/1400");
    dialog_out(&d, 100 * MS, ". 206 a1595 aack=1400");
    dialog_in(&d, 100 * MS, ". 1595 a206 seal=1400/1400");
    dialog_out(&d, 100 * MS, ". 206 a3012 aack=2800");
    assert_int_equal(d.read, 2800);
    dialog_end(&d);
}

/* DATA_FIN in a record, DATA_ACKed by an AACK, and FIN of the subflow at last. */
static void test_end(void **state)
{
    struct dialog d;

    (void)state;
    open_heard(&d, 65535);
    dialog_advance(&d, 100 * MS);
    assert_int_equal(mpt_shutdown(d.conn, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 100 * MS, ". 206+17 a178 seal=0/0:dfin");
    dialog_in(&d, 110 * MS, ". 178 a223 aack=1");
    dialog_none(&d, 110 * MS);
    dialog_in(&d, 120 * MS, ". 178 a223 seal=0/0:dfin");
    dialog_skip(&d, 120 * MS);
    assert_true(d.eof);
    assert_int_equal(info_of(&d).error, 0);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aack_moves),
        cmocka_unit_test(test_beyond_what_was_sent),
        cmocka_unit_test(test_edge),
        cmocka_unit_test(test_persist),
        cmocka_unit_test(test_swallowed),
        cmocka_unit_test(test_told),
        cmocka_unit_test(test_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
