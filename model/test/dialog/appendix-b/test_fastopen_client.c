/* SPDX-License-Identifier: MIT */
/* test_fastopen_client.c - TCP Fast Open by an initiator (RFC 8684 appendix B; RFC 7413): the cookie is asked for on
 * 4-tuple 0, octets ride in the SYN of 4-tuple 1. Octets of the SYN have no DSN: map=0/1/.. is the first one behind. */
#include "dialog/dialog.h"

static const char *const CLIENT[] = { "tcp.fastopen=client", NULL };

/* Another connection to the same server, with n octets written before its SYN leaves. */
static void connect_again(struct dialog *d, uint64_t at, size_t n)
{
    struct mpt_addr local, remote;
    uint8_t octet[2000];

    dialog_advance(d, at);
    local = d->tuple[0].local;
    remote = d->tuple[0].remote;
    local.port = 0;
    d->key_stack = 0; /* another is drawn */
    assert_int_equal(mpt_connect(d->stack, &d->conn, &local, &remote, d->now), 0);
    for (size_t i = 0; i < n; i++)
        octet[i] = dialog_octet(i, 0);
    d->written = n;
    d->read = 0;
    if (n)
        assert_int_equal(mpt_write(d->conn, octet, n, d->now), (int64_t)n);
    dialog_run(d);
}

/* The first connection asks, and gets `given`. */
static void get_cookie(struct dialog *d, const char *const *settings, const char *given)
{
    dialog_client(d, settings);
    dialog_out(d, 0, "S 0 tfo cap4 ext");
    dialog_in(d, 10 * MS, given);
    d->mute = 1;
    dialog_skip(d, 10 * MS);
    mpt_abort(d->conn, d->now);
    dialog_run(d);
    dialog_skip(d, 10 * MS);
}

/* B.1: with MP_CAPABLE in one SYN; what is written waits for the handshake. */
static void test_cookie_request(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, CLIENT);
    dialog_out(&d, 0, "S 0 tfo cap4 ext");
    dialog_write(&d, 1 * MS, 20);
    dialog_in(&d, 10 * MS, "S. 0 a1 tfo=6 cap12");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_out(&d, 10 * MS, ". 1+20 a1 cap22=20");
    assert_int_equal(d.stack->fastopen_peer[0].cookie.len, 6);
    dialog_end(&d);
}

/* B.3, figure 16. The third ACK has MP_CAPABLE, the first octet behind the SYN's has SSN 1. */
static void test_data_on_syn(void **state)
{
    struct dialog d;

    (void)state;
    get_cookie(&d, CLIENT, "S. 0 a1 tfo=6 cap12");
    connect_again(&d, 100 * MS, 20);
    dialog_out(&d, 100 * MS, "1| S 0+20 tfo=6 cap4 ext plain=0");
    dialog_in(&d, 110 * MS, "1| S. 0 a21 cap12");
    dialog_out(&d, 110 * MS, "1| . 21 a1 cap20");
    assert_int_equal(d.conn->stream.acked, 20);
    dialog_in(&d, 111 * MS, "1| . 1+100 a21 map=0/1/100"); /* the listener did not wait: no DATA_ACK */
    dialog_out(&d, 111 * MS, "1| . 21 a101 cap20"); /* ... so it may not have our key yet */
    dialog_write(&d, 120 * MS, 20);
    dialog_out(&d, 120 * MS, "1| . 21+20 a101 cap22=20");
    dialog_in(&d, 130 * MS, "1| . 101 a41 ack=20");
    assert_int_equal(d.conn->stream.acked, 40);
    dialog_write(&d, 140 * MS, 20);
    dialog_out(&d, 140 * MS, "1| . 41+20 a101 ack=100 map=20/21/20");
    assert_int_equal(dialog_count(&d, "TcpExtTCPFastOpenActive"), 1);
    dialog_end(&d);
}

/* First data before any DSS came: with MP_CAPABLE, from SSN 1 (3.1). */
static void test_first_data_in_capable(void **state)
{
    struct dialog d;

    (void)state;
    get_cookie(&d, CLIENT, "S. 0 a1 tfo=6 cap12");
    connect_again(&d, 100 * MS, 20);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "1| S. 0 a21 cap12:f=81"); /* the server wants checksums */
    dialog_out(&d, 110 * MS, "1| . 21 a1 cap20:f=81");
    dialog_write(&d, 120 * MS, 30);
    dialog_out(&d, 120 * MS, "1| . 21+30 a1 cap24=30:f=81");
    dialog_in(&d, 130 * MS, "1| . 1 a51 ack=30");
    dialog_write(&d, 140 * MS, 30);
    dialog_out(&d, 140 * MS, "1| . 51+30 a1 ack=0 map=30/31/30 sum");
    dialog_end(&d);
}

/* More than one SYN holds: the rest follows the handshake. 1460 octets less 40 of options. */
static void test_more_than_a_segment(void **state)
{
    struct dialog d;

    (void)state;
    get_cookie(&d, CLIENT, "S. 0 a1 tfo=8 cap12 nots");
    connect_again(&d, 100 * MS, 2000);
    dialog_out(&d, 100 * MS, "1| S 0+1420 tfo=8 cap4 ext plain=0");
    dialog_in(&d, 110 * MS, "1| S. 0 a1421 cap12");
    dialog_out(&d, 110 * MS, "1| . 1421 a1 cap20");
    dialog_out(&d, 110 * MS, "1| . 1421+580 a1 cap22=580");
    dialog_end(&d);
}

/* The cookie is refused, another one comes: all octets are ordinary data, with mappings from the first one on. */
static void test_refused(void **state)
{
    struct dialog d;

    (void)state;
    get_cookie(&d, CLIENT, "S. 0 a1 tfo=6 cap12");
    connect_again(&d, 100 * MS, 20);
    dialog_out(&d, 100 * MS, "1| S 0+20 tfo=6 cap4 ext plain=0");
    dialog_in(&d, 110 * MS, "1| S. 0 a1 tfo=4 cap12");
    dialog_out(&d, 110 * MS, "1| . 1+20 a1 cap22=20");
    dialog_in(&d, 120 * MS, "1| . 1 a21 ack=20");
    assert_int_equal(d.conn->stream.acked, 20);
    assert_int_equal(d.stack->fastopen_peer[0].cookie.len, 4);
    assert_int_equal(dialog_count(&d, "TcpExtTCPFastOpenActiveFail"), 1);
    dialog_end(&d);
}

/* A part is acknowledged: the rest is the first octet of the data sequence space. */
static void test_acknowledged_in_part(void **state)
{
    struct dialog d;

    (void)state;
    get_cookie(&d, CLIENT, "S. 0 a1 tfo=6 cap12");
    connect_again(&d, 100 * MS, 30);
    dialog_out(&d, 100 * MS, "1| S 0+30 tfo=6 cap4 ext plain=0");
    dialog_in(&d, 110 * MS, "1| S. 0 a21 cap12");
    dialog_out(&d, 110 * MS, "1| . 21+10 a1 cap22=10");
    dialog_skip(&d, 110 * MS);
    dialog_in(&d, 120 * MS, "1| . 1 a31 ack=10");
    assert_int_equal(d.conn->stream.acked, 30);
    dialog_end(&d);
}

/* Beyond what the SYN had: refused by RST (RFC 9293 3.10.7.3). */
static void test_acknowledged_too_much(void **state)
{
    struct dialog d;

    (void)state;
    get_cookie(&d, CLIENT, "S. 0 a1 tfo=6 cap12");
    connect_again(&d, 100 * MS, 30);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "1| S. 0 a32 cap12");
    dialog_out(&d, 110 * MS, "1| R 32");
    d.mute = 3;
    dialog_end(&d);
}

/* The SYN is lost, or a box eats SYNs with data: repeated without octets and cookie. */
static void test_syn_lost(void **state)
{
    struct dialog d;

    (void)state;
    get_cookie(&d, CLIENT, "S. 0 a1 tfo=6 cap12");
    connect_again(&d, 100 * MS, 20);
    dialog_out(&d, 100 * MS, "1| S 0+20 tfo=6 cap4 ext plain=0");
    dialog_out(&d, 1100 * MS, "1| S 0 cap4 ext");
    dialog_in(&d, 1110 * MS, "1| S. 0 a1 cap12");
    dialog_out(&d, 1110 * MS, "1| . 1+20 a1 cap22=20");
    dialog_skip(&d, 1110 * MS);
    d.mute = 3;
    dialog_end(&d);
}

/* The first SYN had arrived, its SYN/ACK was lost: the octets are acknowledged by the second one. */
static void test_synack_lost(void **state)
{
    struct dialog d;

    (void)state;
    get_cookie(&d, CLIENT, "S. 0 a1 tfo=6 cap12");
    connect_again(&d, 100 * MS, 20);
    dialog_out(&d, 100 * MS, "1| S 0+20 tfo=6 cap4 ext plain=0");
    dialog_out(&d, 1100 * MS, "1| S 0 cap4 ext");
    dialog_in(&d, 1110 * MS, "1| S. 0 a21 cap12");
    dialog_out(&d, 1110 * MS, "1| . 21 a1 cap20");
    dialog_write(&d, 1200 * MS, 20);
    dialog_out(&d, 1200 * MS, "1| . 21+20 a1 cap22=20");
    dialog_end(&d);
}

/* Twice not taken: the third connection sends a plain SYN (RFC 7413 4.1.3.1). */
static void test_given_up(void **state)
{
    struct dialog d;

    (void)state;
    get_cookie(&d, CLIENT, "S. 0 a1 tfo=6 cap12");
    for (unsigned i = 1; i <= 2; i++) {
        connect_again(&d, i * S, 20);
        dialog_outf(&d, i * S, "%u| S 0+20 tfo=6 cap4 ext plain=0", i);
        dialog_inf(&d, i * S + 10 * MS, "%u| S. 0 a1 cap12", i);
        d.mute = 7;
        dialog_skip(&d, i * S + 10 * MS);
        mpt_abort(d.conn, d.now);
        dialog_run(&d);
        dialog_skip(&d, d.now);
        d.mute = 1;
    }
    connect_again(&d, 3 * S, 20);
    dialog_out(&d, 3 * S, "3| S 0 cap4 ext");
    dialog_end(&d);
}

/* Fallback: no MP_CAPABLE in the SYN/ACK. The SYN's octets are the beginning of the stream. */
static void test_plain_tcp(void **state)
{
    struct dialog d;

    (void)state;
    get_cookie(&d, CLIENT, "S. 0 a1 tfo=6 cap12");
    connect_again(&d, 100 * MS, 20);
    dialog_out(&d, 100 * MS, "1| S 0+20 tfo=6 cap4 ext plain=0");
    dialog_in(&d, 110 * MS, "1| S. 0 a21");
    dialog_out(&d, 110 * MS, "1| . 21 a1");
    assert_int_equal(d.conn->stream.acked, 20);
    dialog_write(&d, 120 * MS, 20);
    dialog_out(&d, 120 * MS, "1| . 21+20 a1 plain=20");
    dialog_end(&d);
}

/* Fallback later: an ACK of data without DATA_ACK. The infinite mapping counts as the others do. */
static void test_fallback_later(void **state)
{
    struct dialog d;

    (void)state;
    get_cookie(&d, CLIENT, "S. 0 a1 tfo=6 cap12");
    connect_again(&d, 100 * MS, 20);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "1| S. 0 a21 cap12");
    dialog_out(&d, 110 * MS, "1| . 21 a1 cap20");
    dialog_in(&d, 115 * MS, "1| . 1 a21"); /* of the SYN's octets alone it would say nothing */
    assert_int_equal(d.conn->multipath, 1);
    dialog_write(&d, 120 * MS, 20);
    dialog_out(&d, 120 * MS, "1| . 21+20 a1 cap22=20");
    dialog_in(&d, 130 * MS, "1| . 1 a41");
    assert_int_equal(d.conn->multipath, 0);
    dialog_write(&d, 140 * MS, 20);
    dialog_out(&d, 140 * MS, "1| . 41+20 a1 map=0/1/0");
    dialog_in(&d, 150 * MS, "1| . 1+10 a61 plain=0");
    dialog_out(&d, 150 * MS, "1| . 61 a11");
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

/* Nothing written: a cookie, but nothing to send. Off: nothing of it, whatever the server gave. */
static void test_nothing_to_send(void **state)
{
    struct dialog d;

    (void)state;
    get_cookie(&d, CLIENT, "S. 0 a1 tfo=6 cap12");
    connect_again(&d, 100 * MS, 0);
    dialog_out(&d, 100 * MS, "1| S 0 tfo=6 cap4 ext");
    dialog_in(&d, 110 * MS, "1| S. 0 a1 cap12");
    dialog_out(&d, 110 * MS, "1| . 1 a1 cap20");
    dialog_end(&d);
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 tfo=6 cap12"); /* unasked */
    dialog_skip(&d, 10 * MS);
    d.mute = 1;
    assert_int_equal(d.stack->fastopen_peer[0].addr.family, 0);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cookie_request), cmocka_unit_test(test_data_on_syn),
        cmocka_unit_test(test_first_data_in_capable), cmocka_unit_test(test_more_than_a_segment),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_acknowledged_in_part),
        cmocka_unit_test(test_acknowledged_too_much), cmocka_unit_test(test_syn_lost),
        cmocka_unit_test(test_synack_lost), cmocka_unit_test(test_given_up), cmocka_unit_test(test_plain_tcp),
        cmocka_unit_test(test_fallback_later), cmocka_unit_test(test_nothing_to_send),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
