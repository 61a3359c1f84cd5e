/* SPDX-License-Identifier: MIT */
/* test_fastopen_server.c - TCP Fast Open by a listener (RFC 8684 appendix B; RFC 7413): cookies, octets in the SYN, and
 * where the numbers begin behind them. Octets of the SYN have no DSN: map=0/1/.. is the first octet behind them. */
#include "dialog/dialog.h"

static const char *const SERVER[] = { "tcp.fastopen=server", NULL };
static const char *const SUMS[] = { "tcp.fastopen=server", "checksum=1", NULL };

/* The peer asks for a cookie on 4-tuple 0 and hangs up; 4-tuple 0 is used no more. The next SYN comes by 4-tuple 1. */
static void give_cookie(struct dialog *d, const char *const *settings)
{
    dialog_server(d, settings);
    dialog_in(d, 0, "S 0 tfo cap4");
    dialog_out(d, 0, "S. 0 a1 tfo=6 cap12"); /* no room for 8 octets beside timestamps */
    dialog_in(d, 10 * MS, "R. 1 a1");
    dialog_skip(d, 10 * MS);
    d->key_stack = 0;
}

/* B.1: request and answer; without timestamps, or without MP_CAPABLE, there is room for 8 octets. */
static void test_cookie_request(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, SERVER);
    dialog_tuple(&d, 1, 1, 5001);
    dialog_tuple(&d, 1, 1, 5002);
    dialog_in(&d, 0, "0| S 0 tfo cap4");
    dialog_out(&d, 0, "0| S. 0 a1 tfo=6 cap12");
    dialog_in(&d, 10 * MS, "0| . 1 a1 cap20"); /* and this connection goes on as any */
    dialog_in(&d, 20 * MS, "0| . 1+20 a1 ack=0 map=0/1/20");
    dialog_out(&d, 20 * MS, "0| . 1 a21 ack=20");
    d.key_stack = 0;
    dialog_in(&d, 30 * MS, "1| S 0 tfo cap4 nots");
    dialog_out(&d, 30 * MS, "1| S. 0 a1 tfo=8 cap12");
    dialog_in(&d, 40 * MS, "2| S 0 tfo");
    dialog_out(&d, 40 * MS, "2| S. 0 a1 tfo=8");
    assert_int_equal(dialog_count(&d, "TcpExtTCPFastOpenCookieReqd"), 3);
    dialog_end(&d);
}

/* B.3, figure 16: 20 octets in the SYN are read before the third ACK, and the listener answers at once; both sides'
 * first mapping has SSN 1 and the first DSN behind the IDSN. */
static void test_data_on_syn(void **state)
{
    struct dialog d;

    (void)state;
    give_cookie(&d, SERVER);
    dialog_in(&d, 100 * MS, "S 0+20 tfo=6 cap4 plain=0");
    dialog_out(&d, 100 * MS, "S. 0 a21 cap12");
    assert_int_equal(d.read, 20);
    assert_true(dialog_events(&d) & MPT_EV_ACCEPTED);
    dialog_write(&d, 101 * MS, 100);
    dialog_out(&d, 101 * MS, ". 1+100 a21 map=0/1/100"); /* the peer's key has not come: no DATA_ACK */
    dialog_in(&d, 120 * MS, ". 21 a1 cap20");
    dialog_in(&d, 121 * MS, ". 21+20 a101 ack=100 map=0/1/20");
    dialog_out(&d, 121 * MS, ". 101 a41 ack=20");
    assert_int_equal(d.read, 40);
    assert_int_equal(d.conn->multipath, 1);
    assert_int_equal(d.conn->stream.acked, 100);
    assert_int_equal(dialog_count(&d, "TcpExtTCPFastOpenPassive"), 1);
    dialog_end(&d);
}

/* The same with MP_CAPABLE beside the first octets (3.1), and checksums: they count SSN and DSN the same way. */
static void test_first_data_in_capable(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, SUMS);
    dialog_in(&d, 0, "S 0 tfo cap4:f=81");
    dialog_out(&d, 0, "S. 0 a1 tfo=6 cap12:f=81");
    dialog_in(&d, 10 * MS, "R. 1 a1");
    dialog_skip(&d, 10 * MS);
    d.key_stack = 0;
    dialog_in(&d, 100 * MS, "S 0+20 tfo=6 cap4:f=81 plain=0");
    dialog_out(&d, 100 * MS, "S. 0 a21 cap12:f=81");
    dialog_in(&d, 120 * MS, ". 21+30 a1 cap24=30:f=81");
    dialog_out(&d, 120 * MS, ". 1 a51 ack=30");
    dialog_in(&d, 130 * MS, ". 51+30 a1 ack=0 map=30/31/30 sum");
    dialog_out(&d, 130 * MS, ". 1 a81 ack=60");
    dialog_write(&d, 140 * MS, 10);
    dialog_out(&d, 140 * MS, ". 1+10 a81 ack=60 map=0/1/10 sum");
    assert_int_equal(d.read, 80);
    dialog_end(&d);
}

/* DATA_FIN behind it, both ways. */
static void test_closing(void **state)
{
    struct dialog d;

    (void)state;
    give_cookie(&d, SERVER);
    dialog_in(&d, 100 * MS, "S 0+20 tfo=6 cap4 plain=0");
    dialog_out(&d, 100 * MS, "S. 0 a21 cap12");
    dialog_in(&d, 120 * MS, ". 21 a1 cap20");
    dialog_in(&d, 130 * MS, ". 21 a1 fin ack=0 map=0/0/1");
    dialog_out(&d, 130 * MS, ". 1 a21 ack=1");
    dialog_read(&d, 1);
    assert_true(d.eof);
    mpt_shutdown(d.conn, d.now);
    dialog_run(&d);
    dialog_out(&d, 130 * MS, ". 1 a21 fin ack=1 map=0/0/1");
    dialog_in(&d, 140 * MS, ". 21 a1 ack=1");
    dialog_out(&d, 140 * MS, "F. 1 a21 ack=1");
    dialog_end(&d);
}

/* A wrong cookie: nothing is taken, and a right one goes back (RFC 7413 4.1.2). */
static void test_wrong_cookie(void **state)
{
    struct dialog d;

    (void)state;
    give_cookie(&d, SERVER);
    dialog_in(&d, 100 * MS, "S 0+20 tfo=6! cap4 plain=0");
    dialog_out(&d, 100 * MS, "S. 0 a1 tfo=6 cap12");
    assert_int_equal(d.read, 0);
    assert_int_equal(d.events, 0);
    assert_int_equal(dialog_count(&d, "TcpExtTCPFastOpenPassiveFail"), 1);
    dialog_in(&d, 120 * MS, ". 1+20 a1 cap22=20"); /* the octets come again, as any */
    dialog_out(&d, 120 * MS, ". 1 a21 ack=20");
    assert_int_equal(d.read, 20);
    dialog_end(&d);
}

/* Of another client's address: refused. */
static void test_stolen_cookie(void **state)
{
    struct dialog d;

    (void)state;
    give_cookie(&d, SERVER);
    dialog_tuple(&d, 1, 9, 5001);
    dialog_in(&d, 100 * MS, "1| S 0+20 tfo=6 cap4 plain=0");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 tfo=6 cap12");
    assert_int_equal(d.read, 0);
    dialog_end(&d);
}

/* Not more than tcp.fastopen_queue connections wait for their third ACK with octets taken (RFC 7413 5.1). */
static void test_queue(void **state)
{
    static const char *const one[] = { "tcp.fastopen=both", "tcp.fastopen_queue=1", NULL };
    struct dialog d;

    (void)state;
    give_cookie(&d, one);
    dialog_tuple(&d, 1, 1, 5001);
    dialog_tuple(&d, 1, 1, 5002);
    dialog_in(&d, 100 * MS, "0| S 0+20 tfo=6 cap4 plain=0");
    dialog_out(&d, 100 * MS, "0| S. 0 a21 cap12");
    d.mute = 1;
    dialog_in(&d, 101 * MS, "0| . 21 a1"); /* its third ACK has no MP_CAPABLE: plain TCP, and no one waits */
    assert_int_equal(d.stack->fastopen_pending, 0);
    d.key_stack = 0;
    dialog_in(&d, 102 * MS, "1| S 0+20 tfo=6 cap4 plain=0");
    dialog_out(&d, 102 * MS, "1| S. 0 a21 cap12");
    d.key_stack = 0;
    dialog_in(&d, 103 * MS, "2| S 0+20 tfo=6 cap4 plain=0");
    dialog_out(&d, 103 * MS, "2| S. 0 a1 cap12");
    assert_int_equal(dialog_count(&d, "TcpExtTCPFastOpenListenOverflow"), 1);
    dialog_end(&d);
}

/* Off (the default), or data without cookie: the option is not looked at, nothing is taken. */
static void test_off(void **state)
{
    static const char *const client[] = { "tcp.fastopen=client", NULL };
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 tfo cap4");
    dialog_out(&d, 0, "S. 0 a1 cap12");
    dialog_end(&d);
    dialog_server(&d, client);
    dialog_in(&d, 0, "S 0 tfo cap4");
    dialog_out(&d, 0, "S. 0 a1 cap12");
    dialog_end(&d);
    dialog_server(&d, SERVER);
    dialog_in(&d, 0, "S 0+20 cap4 plain=0");
    dialog_out(&d, 0, "S. 0 a1 cap12");
    assert_int_equal(d.read, 0);
    dialog_end(&d);
}

/* The SYN/ACK is lost: the peer repeats its SYN without octets; they are acknowledged all the same. */
static void test_synack_lost(void **state)
{
    struct dialog d;

    (void)state;
    give_cookie(&d, SERVER);
    dialog_in(&d, 100 * MS, "S 0+20 tfo=6 cap4 plain=0");
    dialog_out(&d, 100 * MS, "S. 0 a21 cap12");
    dialog_in(&d, 1050 * MS, "S 0 cap4");
    dialog_out(&d, 1050 * MS, "S. 0 a21 cap12");
    dialog_in(&d, 1090 * MS, ". 21 a1 cap20");
    assert_int_equal(d.read, 20);
    assert_int_equal(d.conn->multipath, 1);
    dialog_end(&d);
}

/* Fallback: MP_CAPABLE is missing in the SYN, or in the third ACK; the SYN's octets are the beginning of the stream. */
static void test_plain_tcp(void **state)
{
    struct dialog d;

    (void)state;
    give_cookie(&d, SERVER);
    dialog_in(&d, 100 * MS, "S 0+20 tfo=6 plain=0");
    dialog_out(&d, 100 * MS, "S. 0 a21");
    dialog_write(&d, 101 * MS, 10);
    dialog_out(&d, 101 * MS, ". 1+10 a21 plain=0");
    dialog_in(&d, 120 * MS, ". 21+20 a11 plain=20");
    dialog_out(&d, 120 * MS, ". 11 a41");
    assert_int_equal(d.read, 40);
    dialog_end(&d);
    give_cookie(&d, SERVER);
    dialog_in(&d, 100 * MS, "S 0+20 tfo=6 cap4 plain=0");
    dialog_out(&d, 100 * MS, "S. 0 a21 cap12");
    dialog_in(&d, 120 * MS, ". 21+20 a1 plain=20");
    dialog_out(&d, 120 * MS, ". 1 a41");
    assert_int_equal(d.read, 40);
    assert_int_equal(d.conn->multipath, 0);
    dialog_end(&d);
}

/* Nobody completes it: the application hears that it is over. */
static void test_never_completed(void **state)
{
    struct dialog d;

    (void)state;
    give_cookie(&d, SERVER);
    dialog_in(&d, 100 * MS, "S 0+20 tfo=6 cap4 plain=0");
    dialog_skip(&d, 300 * S);
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    assert_int_equal(d.conn->error, MPT_ETIMEDOUT);
    assert_int_equal(d.stack->fastopen_pending, 0);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cookie_request), cmocka_unit_test(test_data_on_syn),
        cmocka_unit_test(test_first_data_in_capable), cmocka_unit_test(test_closing),
        cmocka_unit_test(test_wrong_cookie), cmocka_unit_test(test_stolen_cookie), cmocka_unit_test(test_queue),
        cmocka_unit_test(test_off), cmocka_unit_test(test_synack_lost), cmocka_unit_test(test_plain_tcp),
        cmocka_unit_test(test_never_completed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
