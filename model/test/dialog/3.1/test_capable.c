/* SPDX-License-Identifier: MIT */
/* test_capable.c - MP_CAPABLE, both roles, and the falls to plain TCP when it is missing (RFC 8684 3.1, 3.7). */
#include "dialog/dialog.h"

static void test_server(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 0, "S. 0 a1 cap12 ext");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    assert_true(dialog_events(&d) & MPT_EV_ACCEPTED);
    dialog_write(&d, 11 * MS, 100);
    dialog_out(&d, 11 * MS, ". 1+100 a1 ack=0 map=0/1/100");
    assert_int_equal(d.conn->multipath, 1);
    dialog_end(&d);
}

static void test_client(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    assert_true(dialog_events(&d) & MPT_EV_CONNECTED);
    dialog_write(&d, 11 * MS, 100);
    dialog_out(&d, 11 * MS, ". 1+100 a1 cap22=100"); /* again with the first data, until a DSS came */
    dialog_in(&d, 20 * MS, ". 1 a101 ack=100");
    dialog_write(&d, 21 * MS, 50);
    dialog_out(&d, 21 * MS, ". 101+50 a1 ack=0 map=100/101/50");
    dialog_end(&d);
}

/* Data is written before the handshake is over: MP_CAPABLE with it instead of a third ACK of its own. */
static void test_client_data_at_once(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_write(&d, 1 * MS, 2000);
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_out(&d, 10 * MS, ". 1+1424 a1 cap22=1424");
    dialog_out(&d, 10 * MS, ". 1425+576 a1 ack=0 map=1424/1425/576");
    dialog_end(&d);
}

/* The first data is lost: it is repeated with its MP_CAPABLE. */
static void test_client_first_data_lost(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_write(&d, 20 * MS, 100);
    dialog_out(&d, 20 * MS, ". 1+100 a1 cap22=100");
    dialog_out(&d, 80 * MS, ". 1+100 a1 cap22=100"); /* probe: 2 SRTT and the delayed ACK */
    dialog_out(&d, 290 * MS, ". 1+100 a1 cap22=100"); /* RTO: SRTT + 200 ms behind the probe */
    dialog_end(&d);
}

static void test_server_data_in_capable(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 0, "S. 0 a1 cap12 ext");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 11 * MS, ". 1+100 a1 cap22=100");
    dialog_out(&d, 11 * MS, ". 1 a101 ack=100");
    assert_int_equal(d.read, 100);
    dialog_in(&d, 12 * MS, ". 101+50 a1 ack=0 map=100/101/50");
    dialog_out(&d, 12 * MS, ". 1 a151 ack=150");
    assert_int_equal(d.read, 150);
    dialog_end(&d);
}

/* The third ACK is lost; the first data has MP_CAPABLE as well. */
static void test_server_third_ack_lost(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 0, "S. 0 a1 cap12 ext");
    dialog_in(&d, 11 * MS, ". 1+100 a1 cap22=100");
    dialog_out(&d, 11 * MS, ". 1 a101 ack=100");
    assert_int_equal(d.read, 100);
    assert_int_equal(d.conn->multipath, 1);
    dialog_end(&d);
}

/* Both are lost, a later segment comes: it has a DSS, so MPTCP works; the first data will come again. */
static void test_server_first_data_late(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 0, "S. 0 a1 cap12 ext");
    dialog_in(&d, 12 * MS, ". 101+50 a1 ack=0 map=100/101/50");
    dialog_skip(&d, 12 * MS);
    dialog_in(&d, 50 * MS, ". 1+100 a1 cap22=100");
    dialog_skip(&d, 50 * MS);
    assert_int_equal(d.conn->multipath, 1);
    assert_true(d.read >= 100);
    dialog_in(&d, 60 * MS, ". 101+50 a1 ack=0 map=100/101/50");
    dialog_skip(&d, 60 * MS);
    assert_int_equal(d.read, 150);
    dialog_end(&d);
}

/* SYN and SYN/ACK lost: same key again. */
static void test_repeated_handshake(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 0, "S. 0 a1 cap12 ext");
    dialog_in(&d, 500 * MS, "S 0 cap4 ext");
    dialog_out(&d, 500 * MS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 1000 * MS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 3000 * MS, "S. 0 a1 cap12 ext");
    dialog_end(&d);
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 1000 * MS, "S 0 cap4 ext");
    dialog_out(&d, 3000 * MS, "S 0 cap4 ext");
    dialog_end(&d);
}

/* ---- offers that are none ---- */

static void refused_offer(const char *syn)
{
    struct dialog d;

    dialog_server(&d, NULL);
    dialog_in(&d, 0, syn);
    dialog_out(&d, 0, "S. 0 a1");
    dialog_in(&d, 10 * MS, ". 1 a1");
    dialog_in(&d, 11 * MS, ". 1+100 a1 plain=0");
    dialog_out(&d, 11 * MS, ". 1 a101");
    assert_int_equal(d.read, 100);
    assert_int_equal(d.conn->multipath, 0);
    assert_true(dialog_events(&d) & MPT_EV_FALLBACK);
    dialog_end(&d);
}

static void test_server_plain(void **state)
{
    (void)state;
    refused_offer("S 0");
    refused_offer("S 0 ext");         /* EXT alone means nothing */
    refused_offer("S 0 cap4:f=41");   /* B: unknown extension, ignore the option */
    refused_offer("S 0 cap4:f=00");   /* no HMAC-SHA256 */
    refused_offer("S 0 cap4:f=03");   /* D to G: other algorithms */
    refused_offer("S 0 cap4:v=0");    /* RFC 6824 */
}

static void test_server_off(void **state)
{
    static const char *const off[] = { "mptcp=0", NULL };
    struct dialog d;

    (void)state;
    dialog_server(&d, off);
    dialog_in(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 0, "S. 0 a1");
    dialog_in(&d, 10 * MS, ". 1 a1");
    dialog_write(&d, 11 * MS, 100);
    dialog_out(&d, 11 * MS, ". 1+100 a1 plain=0");
    dialog_end(&d);
}

/* ---- 3.7: the SYN/ACK or the third ACK without MP_CAPABLE ---- */

static void plain_synack(const char *synack)
{
    struct dialog d;

    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, synack);
    dialog_out(&d, 10 * MS, ". 1 a1");
    assert_true(dialog_events(&d) & MPT_EV_FALLBACK);
    dialog_write(&d, 11 * MS, 100);
    dialog_out(&d, 11 * MS, ". 1+100 a1 plain=0");
    dialog_in(&d, 20 * MS, ". 1+100 a101 plain=0");
    dialog_out(&d, 20 * MS, ". 101 a101");
    assert_int_equal(d.read, 100);
    assert_int_equal(d.conn->stream.acked, 100); /* TCP's acknowledgement is the stream's */
    dialog_end(&d);
}

static void test_client_fallback_synack(void **state)
{
    (void)state;
    plain_synack("S. 0 a1");
    plain_synack("S. 0 a1 ext");
    plain_synack("S. 0 a1 cap12:v=0");
    plain_synack("S. 0 a1 cap12:f=41");
}

static void test_server_fallback_third(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 0, "S. 0 a1 cap12 ext");
    dialog_in(&d, 10 * MS, ". 1 a1");
    assert_int_equal(d.conn->multipath, 0);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCapableFallbackACK"), 1);
    dialog_in(&d, 11 * MS, ". 1+100 a1 plain=0");
    dialog_out(&d, 11 * MS, ". 1 a101");
    dialog_write(&d, 12 * MS, 100);
    dialog_out(&d, 12 * MS, ". 1+100 a101 plain=0");
    assert_int_equal(d.read, 100);
    dialog_end(&d);
}

/* A third ACK whose copy of our key is wrong was not made by who had our SYN/ACK. */
static void test_server_wrong_key(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 0, "S. 0 a1 cap12 ext");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20!");
    dialog_out(&d, 10 * MS, "R. 1 a1 rst=1");
    dialog_end(&d);
}

/* A: checksums as soon as one side asks. */
static void test_checksum_flag(void **state)
{
    static const char *const ask[] = { "checksum=1", NULL };
    struct dialog d;

    (void)state;
    dialog_client(&d, ask);
    dialog_out(&d, 0, "S 0 cap4:f=81 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_write(&d, 11 * MS, 101);
    dialog_out(&d, 11 * MS, ". 1+101 a1 cap24=101:f=81");
    dialog_in(&d, 20 * MS, ". 1 a102 ack=101");
    dialog_write(&d, 21 * MS, 777);
    dialog_out(&d, 21 * MS, ". 102+777 a1 ack=0 map=101/102/777 sum");
    dialog_end(&d);
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4:f=81");
    dialog_out(&d, 0, "S. 0 a1 cap12:f=81");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_in(&d, 11 * MS, ". 1+99 a1 cap24=99:f=81");
    dialog_out(&d, 11 * MS, ". 1 a100 ack=99");
    dialog_write(&d, 12 * MS, 33);
    dialog_out(&d, 12 * MS, ". 1+33 a100 ack=99 map=0/1/33 sum");
    assert_int_equal(d.read, 99);
    dialog_end(&d);
}

/* C: nobody joins to the peer's first address; the path manager keeps to it. */
static void test_c_flag(void **state)
{
    static const char *const mesh[] = { "pm=fullmesh", NULL };
    struct dialog d;

    (void)state;
    dialog_client(&d, mesh);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12:f=21 ext");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1 a1 ack=0");
    dialog_none(&d, 30 * MS);
    dialog_in(&d, 40 * MS, ". 1 a1 ack=0 add=4/9"); /* but to another one, from both addresses */
    dialog_out(&d, 40 * MS, ". 1 a1 ack=0 echo=4/9");
    dialog_skip(&d, 41 * MS);
    assert_int_equal(d.tuples, 3);
    dialog_end(&d);
}

/* A SYN that nobody completes: the application never hears of it, and nothing is left after the last SYN/ACK's
 * time-out; its place is free for another. */
static void test_syn_not_completed(void **state)
{
    static const char *const one[] = { "max_half_open=1", "tcp.syn_retries=2", NULL };
    struct dialog d;
    size_t memory;

    (void)state;
    dialog_server(&d, one);
    dialog_tuple(&d, 1, 2, 5001);
    memory = d.memory;
    dialog_in(&d, 0, "0| S 0 cap4");
    dialog_out(&d, 0, "0| S. 0 a1 cap12");
    assert_true(d.memory > memory);
    dialog_in(&d, 500 * MS, "1| S 0 cap4"); /* no place: dropped in silence */
    dialog_out(&d, 1 * S, "0| S. 0 a1 cap12");
    dialog_out(&d, 3 * S, "0| S. 0 a1 cap12");
    dialog_skip(&d, 7 * S); /* given up */
    dialog_none(&d, 100 * S);
    assert_int_equal(d.events, 0);
    assert_null(d.conn);
    assert_int_equal(d.memory, memory);
    assert_true(mpt_deadline(d.stack) == MPT_NEVER);
    d.key_stack = 0; /* another is drawn */
    dialog_in(&d, 101 * S, "1| S 0 cap4");
    dialog_out(&d, 101 * S, "1| S. 0 a1 cap12");
    dialog_end(&d);
}

static void test_ipv6(void **state)
{
    static const char *const v6[] = { "ipv6=1", NULL };
    struct dialog d;

    (void)state;
    dialog_client(&d, v6);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext mss=1440");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_write(&d, 11 * MS, 1500);
    dialog_out(&d, 11 * MS, ". 1+1404 a1 cap22=1404");
    dialog_skip(&d, 11 * MS);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server), cmocka_unit_test(test_client), cmocka_unit_test(test_client_data_at_once),
        cmocka_unit_test(test_client_first_data_lost), cmocka_unit_test(test_server_data_in_capable),
        cmocka_unit_test(test_server_third_ack_lost), cmocka_unit_test(test_server_first_data_late),
        cmocka_unit_test(test_repeated_handshake), cmocka_unit_test(test_server_plain),
        cmocka_unit_test(test_server_off), cmocka_unit_test(test_client_fallback_synack),
        cmocka_unit_test(test_server_fallback_third), cmocka_unit_test(test_server_wrong_key),
        cmocka_unit_test(test_checksum_flag), cmocka_unit_test(test_c_flag), cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_syn_not_completed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
