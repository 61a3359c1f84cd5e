/* SPDX-License-Identifier: MIT */
/* test_checksum.c - altered octets (RFC 8684 3.7, 3.3.1): on one of several subflows it is reset with MP_FAIL; the only
 * subflow says MP_FAIL and goes on by the infinite mapping, when all that is unacknowledged is contiguous. The
 * connection has checksums, is open since 20 ms, and 10 octets of the peer were read. */
#include "dialog/dialog.h"

static const char *const SUMS[] = { "checksum=1", NULL };

static void open_server(struct dialog *d)
{
    dialog_server(d, SUMS);
    dialog_in(d, 0, "S 0 cap4:f=81");
    dialog_out(d, 0, "S. 0 a1 cap12:f=81");
    dialog_in(d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_in(d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10 sum");
    dialog_out(d, 20 * MS, ". 1 a11 ack=10");
}

static void open_client(struct dialog *d)
{
    dialog_client(d, SUMS);
    dialog_out(d, 0, "S 0 cap4:f=81 ext");
    dialog_in(d, 10 * MS, "S. 0 a1 cap12:f=81");
    dialog_out(d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_in(d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10 sum");
    dialog_out(d, 20 * MS, ". 1 a11 ack=10");
}

static void join(struct dialog *d)
{
    dialog_tuple(d, 1, 7, 6001);
    dialog_in(d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(d, 40 * MS);
    dialog_in(d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(d, 60 * MS);
}

/* ---- several subflows ---- */

/* This one is reset, its octets are not taken and come elsewhere. */
static void test_one_of_two(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    join(&d);
    dialog_in(&d, 100 * MS, "1| . 1+100 a1 ack=0 map=10/1/100 sum");
    dialog_skip(&d, 100 * MS);
    assert_int_equal(d.read, 110);
    dialog_in(&d, 110 * MS, "1| . 101+100 a1 ack=0 map=110/101/100 sum!");
    dialog_out(&d, 110 * MS, "1| R. 1 a101 fail=110 rst=6"); /* and from where on it was wrong */
    assert_int_equal(d.read, 110);
    assert_int_equal(d.conn->subflow_count, 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtDataCsumErr"), 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtDSSCorruptionReset"), 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFailTx"), 1);
    dialog_in(&d, 120 * MS, "0| . 11+100 a1 ack=0 map=110/11/100 sum");
    dialog_skip(&d, 120 * MS);
    assert_int_equal(d.read, 210);
    dialog_end(&d);
}

/* The first subflow is no better than another. */
static void test_first_of_two(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    join(&d);
    dialog_in(&d, 110 * MS, "0| . 11+100 a1 ack=0 map=10/11/100 sum!");
    dialog_out(&d, 110 * MS, "0| R. 1 a11 fail=10 rst=6");
    dialog_in(&d, 120 * MS, "1| . 1+100 a1 ack=0 map=10/1/100 sum");
    dialog_skip(&d, 120 * MS);
    assert_int_equal(d.read, 110);
    assert_int_equal(d.conn->multipath, 1);
    dialog_end(&d);
}

/* The peer resets one of ours with MP_FAIL: our octets there go by the other one. */
static void test_reset_by_peer(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    join(&d);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, "0| . 1+100 a11 ack=10 map=0/1/100 sum");
    dialog_in(&d, 110 * MS, "0| R. 11 a1 fail=0 rst=6");
    dialog_out(&d, 110 * MS, "1| . 1+100 a1 ack=10 map=0/1/100 sum");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFailRx"), 1);
    assert_int_equal(d.conn->multipath, 1);
    dialog_end(&d);
}

/* MP_FAIL without RST while there are two subflows: counted, nothing else. */
static void test_mp_fail_of_several(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    join(&d);
    dialog_in(&d, 100 * MS, "0| . 11 a1 ack=0 fail=0");
    dialog_none(&d, 200 * MS);
    assert_int_equal(d.conn->multipath, 1);
    assert_int_equal(d.conn->subflow_count, 2);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFailRx"), 1);
    dialog_end(&d);
}

/* Two subflows were there, the other is gone: what is in flight may not be contiguous, so a RST (3.7). */
static void test_last_of_two(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    join(&d);
    dialog_in(&d, 70 * MS, "1| R. 1 a1 rst=2");
    dialog_skip(&d, 70 * MS);
    dialog_in(&d, 100 * MS, "0| . 11+100 a1 ack=0 map=10/11/100 sum!");
    dialog_out(&d, 100 * MS, "0| R. 1 a11 fail=10 rst=6");
    assert_int_equal(d.read, 10);
    dialog_in(&d, 200 * MS, "1| S 0"); /* the 4-tuple is free again; the connection waits for a join (3.4) */
    dialog_skip(&d, 200 * MS);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_end(&d);
}

/* ---- the only subflow, we receive ---- */

/* MP_FAIL on the ACK; the octets are held, not DATA_ACKed. The infinite mapping reaches back to the last octet that was
 * DATA_ACKed, so they are read as they are, and all that follows. */
static void test_infinite_answers(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/100 sum!");
    dialog_out(&d, 100 * MS, ". 1 a111 ack=10 fail=10");
    assert_int_equal(d.read, 10);
    dialog_in(&d, 101 * MS, ". 111+50 a1 ack=0 map=110/111/50 sum"); /* good, but behind the bad one */
    dialog_out(&d, 101 * MS, ". 1 a161 ack=10");
    assert_int_equal(d.read, 10);
    dialog_in(&d, 120 * MS, ". 161+40 a1 fail=0 map=10/11/0");
    dialog_out(&d, 120 * MS, ". 1 a201"); /* no DATA_ACK any more, and MP_FAIL is not said again */
    assert_int_equal(d.read, 200);
    assert_int_equal(d.conn->multipath, 0);
    assert_true(dialog_events(&d) & MPT_EV_FALLBACK);
    dialog_in(&d, 130 * MS, ". 201+50 a1 plain=200");
    dialog_out(&d, 130 * MS, ". 1 a251");
    assert_int_equal(d.read, 250);
    dialog_none(&d, 10 * S);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFailTx"), 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFailRx"), 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtDSSCorruptionFallback"), 1);
    dialog_end(&d);
}

/* Linux answers by MP_FAIL on an ACK, and by the infinite mapping only with its next octets, of which there are none. */
static void test_mp_fail_answers(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/100 sum!");
    dialog_out(&d, 100 * MS, ". 1 a111 ack=10 fail=10");
    dialog_in(&d, 120 * MS, ". 111 a1 ack=0 fail=0");
    dialog_out(&d, 120 * MS, ". 1 a111 ack=110"); /* only DATA_ACKs free its memory until it has fallen back too */
    assert_int_equal(d.read, 110);
    dialog_write(&d, 140 * MS, 30); /* and in our direction: the infinite mapping */
    dialog_out(&d, 140 * MS, ". 1+30 a111 map=0/1/0 sum!"); /* its checksum is 0: nobody may check it */
    dialog_in(&d, 150 * MS, ". 111 a31");
    dialog_write(&d, 160 * MS, 30);
    dialog_out(&d, 160 * MS, ". 31+30 a111 plain=30");
    assert_int_equal(dialog_count(&d, "MPTcpExtInfiniteMapTx"), 1);
    dialog_end(&d);
}

/* Until its infinite mapping comes the peer goes by DATA_ACKs; its mappings are not looked at any more. */
static void test_data_acks_until_infinite(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/100 sum!");
    dialog_out(&d, 100 * MS, ". 1 a111 ack=10 fail=10");
    dialog_in(&d, 120 * MS, ". 111+50 a1 ack=0 map=110/111/50 sum"); /* crossed ours */
    dialog_out(&d, 120 * MS, ". 1 a161 ack=10");
    dialog_in(&d, 125 * MS, ". 161 a1 ack=0 fail=0");
    dialog_out(&d, 125 * MS, ". 1 a161 ack=160");
    dialog_in(&d, 130 * MS, ". 161+50 a1 ack=0 map=160/161/50 sum!");
    dialog_out(&d, 130 * MS, ". 1 a211 ack=210");
    dialog_in(&d, 140 * MS, ". 211+50 a1 map=210/211/0");
    dialog_out(&d, 140 * MS, ". 1 a261");
    assert_int_equal(d.read, 260);
    assert_int_equal(dialog_count(&d, "MPTcpExtInfiniteMapRx"), 1);
    dialog_end(&d);
}

/* It has nothing more to say: its DATA_FIN is the end, and is acknowledged; its FIN says the same. */
static void test_data_fin_after_fail(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/100 sum!");
    dialog_out(&d, 100 * MS, ". 1 a111 ack=10 fail=10");
    dialog_in(&d, 120 * MS, ". 111 a1 ack=0 fail=0");
    dialog_out(&d, 120 * MS, ". 1 a111 ack=110");
    dialog_in(&d, 130 * MS, ". 111 a1 fin ack=0 map=110/0/1 sum");
    dialog_out(&d, 130 * MS, ". 1 a111 ack=111");
    dialog_read(&d, 1);
    assert_true(d.eof);
    dialog_in(&d, 140 * MS, "F. 111 a1 ack=0");
    dialog_out(&d, 140 * MS, ". 1 a112 ack=111");
    dialog_end(&d);
}

/* As client it is the same. */
static void test_client_receives(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/100 sum!");
    dialog_out(&d, 100 * MS, ". 1 a111 ack=10 fail=10");
    dialog_in(&d, 120 * MS, ". 111+40 a1 map=10/11/0");
    dialog_out(&d, 120 * MS, ". 1 a151");
    assert_int_equal(d.read, 150);
    assert_int_equal(dialog_count(&d, "MPTcpExtInfiniteMapRx"), 1);
    dialog_end(&d);
}

/* MP_CAPABLE with the first data has a checksum too. */
static void test_in_capable(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, SUMS);
    dialog_in(&d, 0, "S 0 cap4:f=81");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_in(&d, 20 * MS, ". 1+100 a1 cap24=100:f=81:badsum");
    dialog_out(&d, 20 * MS, ". 1 a101 ack=0 fail=0");
    assert_int_equal(d.read, 0);
    dialog_in(&d, 40 * MS, ". 101+20 a1 fail=0 map=0/1/0");
    dialog_out(&d, 40 * MS, ". 1 a121");
    assert_int_equal(d.read, 120);
    dialog_end(&d);
}

/* MP_FAIL or its answer is lost: it is said again, at last the subflow is given up, and nothing altered was read. */
static void test_no_answer(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/100 sum!");
    dialog_out(&d, 100 * MS, ". 1 a111 ack=10 fail=10");
    dialog_out(&d, 310 * MS, ". 1 a111 ack=10 fail=10"); /* the RTO is 210 ms */
    dialog_out(&d, 730 * MS, ". 1 a111 ack=10 fail=10");
    dialog_out(&d, 1570 * MS, ". 1 a111 ack=10 fail=10");
    dialog_out(&d, 3250 * MS, ". 1 a111 ack=10 fail=10");
    dialog_out(&d, 6610 * MS, ". 1 a111 ack=10 fail=10");
    dialog_out(&d, 13330 * MS, "R. 1 a111 rst=6");
    assert_int_equal(d.read, 10);
    dialog_skip(&d, 80 * S);
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    assert_int_equal(d.conn->error, MPT_EPROTO);
    dialog_end(&d);
}

/* Octets of the stream are missing before the bad mapping: TCP has a hole there, so it is not the next to be delivered
 * and nothing is said until the hole is filled. */
static void test_behind_a_hole(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    dialog_in(&d, 100 * MS, ". 61+100 a1 ack=0 map=60/61/100 sum!");
    dialog_out(&d, 100 * MS, ". 1 a11 ack=10 sack=61-161");
    dialog_in(&d, 110 * MS, ". 11+50 a1 ack=0 map=10/11/50 sum");
    dialog_out(&d, 110 * MS, ". 1 a161 ack=60 fail=60");
    assert_int_equal(d.read, 60);
    dialog_end(&d);
}

/* A FIN behind the fallback is the end of the stream. */
static void test_closed_by_fin(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/100 sum!");
    dialog_out(&d, 100 * MS, ". 1 a111 ack=10 fail=10");
    dialog_in(&d, 120 * MS, "F. 111+40 a1 fail=0 map=10/11/0");
    dialog_out(&d, 120 * MS, ". 1 a152");
    assert_int_equal(d.read, 150);
    dialog_read(&d, 1);
    assert_true(d.eof);
    mpt_shutdown(d.conn, d.now);
    dialog_run(&d);
    dialog_out(&d, 120 * MS, "F. 1 a152");
    dialog_in(&d, 130 * MS, ". 152 a2");
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    assert_int_equal(d.conn->error, 0);
    dialog_end(&d);
}

/* ---- the only subflow, we send ---- */

/* MP_FAIL back, once; the infinite mapping with the next octets, from the last DATA_ACK on; then nothing. */
static void test_mp_fail_in(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, ". 1+100 a11 ack=10 map=0/1/100 sum");
    dialog_in(&d, 110 * MS, ". 11 a101 ack=100");
    dialog_write(&d, 120 * MS, 200);
    dialog_out(&d, 120 * MS, ". 101+200 a11 ack=10 map=100/101/200 sum");
    dialog_in(&d, 130 * MS, ". 11 a301 ack=100 fail=100");
    dialog_out(&d, 130 * MS, ". 301 a11 ack=10 fail=10"); /* where we are in the peer's stream */
    assert_int_equal(d.conn->multipath, 0);
    assert_int_equal(d.conn->stream.acked, 300); /* the subflow's ACK counts now */
    dialog_in(&d, 131 * MS, ". 11 a301 fail=100"); /* its answer to our answer is none */
    dialog_none(&d, 140 * MS);
    dialog_write(&d, 150 * MS, 50);
    dialog_out(&d, 150 * MS, ". 301+50 a11 map=100/101/0 sum!");
    dialog_write(&d, 151 * MS, 50);
    dialog_out(&d, 151 * MS, ". 351+50 a11 map=100/101/0 sum!"); /* not acknowledged yet */
    dialog_in(&d, 160 * MS, ". 11 a401");
    dialog_write(&d, 170 * MS, 50);
    dialog_out(&d, 170 * MS, ". 401+50 a11 plain=400");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFailTx"), 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFailRx"), 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtInfiniteMapTx"), 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtDSSCorruptionFallback"), 1);
    dialog_end(&d);
}

static void test_client_mp_fail_in(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, ". 1+100 a11 ack=10 map=0/1/100 sum");
    dialog_in(&d, 110 * MS, ". 11 a101 ack=0 fail=0");
    dialog_out(&d, 110 * MS, ". 101 a11 ack=10 fail=10");
    dialog_write(&d, 120 * MS, 100);
    dialog_out(&d, 120 * MS, ". 101+100 a11 map=0/1/0 sum!");
    dialog_in(&d, 130 * MS, ". 11+20 a201 map=10/11/0"); /* and the peer's */
    dialog_out(&d, 130 * MS, ". 201 a31");
    assert_int_equal(d.read, 30);
    dialog_end(&d);
}

/* Two subflows were there once: what is unacknowledged may be anywhere, so the subflow ends and the octets wait for
 * another one. */
static void test_mp_fail_not_contiguous(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    join(&d);
    dialog_in(&d, 70 * MS, "1| R. 1 a1 rst=2");
    dialog_skip(&d, 70 * MS);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, "0| . 1+100 a11 ack=10 map=0/1/100 sum");
    dialog_in(&d, 110 * MS, "0| . 11 a101 ack=0 fail=0");
    dialog_out(&d, 110 * MS, "0| R. 101 a11 rst=6");
    assert_int_equal(dialog_count(&d, "MPTcpExtFallbackFailed"), 1);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_end(&d);
}

/* In plain TCP the option means nothing. */
static void test_mp_fail_in_plain_tcp(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1");
    dialog_in(&d, 20 * MS, ". 1+10 a1 plain=0 fail=0");
    dialog_out(&d, 20 * MS, ". 1 a11");
    assert_int_equal(d.read, 10);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFailRx"), 0);
    dialog_end(&d);
}

/* A mapping of several segments is used when all of it is there (3.3.1). */
static void test_over_segments(void **state)
{
    uint8_t octet[301];
    struct mpt_dss o = { .flags = DSS_ACK | DSS_MAP, .has_checksum = 1, .dll = 301, .ssn = 11 };
    struct dialog d;

    (void)state;
    open_server(&d);
    for (unsigned i = 0; i < sizeof octet; i++) /* checksum of 301 octets, sent in 101, 99, 101 */
        octet[i] = dialog_octet(10 + i, 1);
    o.checksum = mpt_checksum_dss(d.idsn_peer + 11, 11, 301, mpt_checksum_add(0, octet, sizeof octet));
    dialog_inf(&d, 100 * MS, "0| . 11+101 a1 ack=0 map=10/11/301 sum=%u", o.checksum);
    dialog_skip(&d, 100 * MS);
    assert_int_equal(d.read, 10);
    dialog_inf(&d, 101 * MS, "0| . 112+99 a1 ack=0 map=10/11/301 sum=%u", o.checksum);
    dialog_skip(&d, 101 * MS);
    assert_int_equal(d.read, 10);
    dialog_inf(&d, 102 * MS, "0| . 211+101 a1 ack=0 map=10/11/301 sum=%u", o.checksum);
    dialog_skip(&d, 102 * MS);
    assert_int_equal(d.read, 311);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_of_two), cmocka_unit_test(test_first_of_two),
        cmocka_unit_test(test_reset_by_peer), cmocka_unit_test(test_mp_fail_of_several),
        cmocka_unit_test(test_last_of_two), cmocka_unit_test(test_infinite_answers),
        cmocka_unit_test(test_mp_fail_answers), cmocka_unit_test(test_data_acks_until_infinite),
        cmocka_unit_test(test_data_fin_after_fail), cmocka_unit_test(test_client_receives),
        cmocka_unit_test(test_in_capable), cmocka_unit_test(test_no_answer), cmocka_unit_test(test_behind_a_hole),
        cmocka_unit_test(test_closed_by_fin), cmocka_unit_test(test_mp_fail_in),
        cmocka_unit_test(test_client_mp_fail_in), cmocka_unit_test(test_mp_fail_not_contiguous),
        cmocka_unit_test(test_mp_fail_in_plain_tcp), cmocka_unit_test(test_over_segments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
