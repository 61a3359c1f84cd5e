/* SPDX-License-Identifier: MIT */
/* test_challenge.c - blind attacks on an open connection (RFC 5961): what hits exactly counts, what falls into the
 * window is challenged, the rest is nothing. The throttle is per subflow (section 7), not one for the host: a shared
 * one would tell an attacker whether his guesses use it up. */
#include "dialog/dialog.h"

static const char *const plain[] = { "mptcp=off", "rcvbuf=60000", NULL };

static void open_plain(struct dialog *d)
{
    dialog_server(d, plain);
    dialog_in(d, 0, "S 0");
    dialog_out(d, 0, "S. 0 a1");
    dialog_in(d, 10 * MS, ". 1 a1");
    dialog_none(d, 10 * MS);
}

/* 3.2: outside the window a RST is dropped, inside challenged, at RCV.NXT it resets. */
static void test_rst(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d);
    dialog_in(&d, 20 * MS, "R 0");
    dialog_in(&d, 20 * MS, "R 60002");
    dialog_in(&d, 20 * MS, "R 2000000000");
    dialog_none(&d, 20 * MS);
    dialog_in(&d, 21 * MS, "R 2");
    dialog_out(&d, 21 * MS, ". 1 a1");
    dialog_in(&d, 22 * MS, "R. 60001 a1"); /* the last number of the window */
    dialog_out(&d, 22 * MS, ". 1 a1");
    assert_int_equal(dialog_count(&d, "TcpExtTCPChallengeACK"), 2);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_in(&d, 23 * MS, "R 1");
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    dialog_end(&d);
}

/* 3.2: the peer that was challenged repeats its RST where we want it. */
static void test_rst_after_challenge(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d);
    dialog_in(&d, 20 * MS, "R. 100 a1"); /* octets before it were lost */
    dialog_out(&d, 20 * MS, ". 1 a1");
    dialog_in(&d, 30 * MS, "R 1");
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    dialog_end(&d);
}

/* 4.2: a SYN is challenged wherever it stands, and changes nothing. */
static void test_syn(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d);
    dialog_in(&d, 20 * MS, "S 0");
    dialog_out(&d, 20 * MS, ". 1 a1");
    dialog_in(&d, 21 * MS, "S 1");
    dialog_out(&d, 21 * MS, ". 1 a1");
    dialog_in(&d, 22 * MS, "S 1000000");
    dialog_out(&d, 22 * MS, ". 1 a1");
    dialog_in(&d, 23 * MS, "S. 1 a1");
    dialog_out(&d, 23 * MS, ". 1 a1");
    assert_int_equal(dialog_count(&d, "TcpExtTCPSYNChallenge"), 4);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_end(&d);
}

/* 4.2: a peer that has lost its state and really begins anew resets by the answer. */
static void test_syn_of_a_restarted_peer(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d);
    dialog_in(&d, 20 * MS, "S 5000");
    dialog_out(&d, 20 * MS, ". 1 a1");
    dialog_in(&d, 30 * MS, "R 1"); /* SEQ is our ACK (RFC 9293 3.10.7.1) */
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    dialog_end(&d);
}

/* 5.2: data with an ACK of what was never sent, or of what is older than any window, is not taken. */
static void test_ack(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d);
    dialog_write(&d, 20 * MS, 100);
    dialog_out(&d, 20 * MS, ". 1+100 a1 plain=0");
    dialog_in(&d, 30 * MS, ". 1+10 a102 plain=0"); /* beyond SND.NXT */
    dialog_out(&d, 30 * MS, ". 101 a1");
    dialog_in(&d, 31 * MS, ". 1+10 a2000000000 plain=0");
    dialog_out(&d, 31 * MS, ". 101 a1");
    assert_int_equal(d.read, 0);
    assert_int_equal(dialog_count(&d, "TcpExtTCPChallengeACK"), 2);
    dialog_in(&d, 32 * MS, ". 1+10 a101 plain=0");
    dialog_out(&d, 32 * MS, ". 101 a11");
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

/* 5.2: the lower bound is SND.UNA less the largest window ever offered. */
static void test_old_ack(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, plain);
    d.peer_wscale = 0;
    dialog_in(&d, 0, "S 0 win=3000");
    dialog_out(&d, 0, "S. 0 a1");
    dialog_in(&d, 10 * MS, ". 1 a1 win=3000");
    for (uint32_t i = 0; i < 6; i++) {
        dialog_write(&d, (20 + 10 * i) * MS, 1000);
        dialog_outf(&d, (20 + 10 * i) * MS, ". %u+1000 a1 plain=%u", 1 + i * 1000, i * 1000);
        dialog_inf(&d, (25 + 10 * i) * MS, ". 1 a%u win=3000", 1001 + i * 1000);
    }
    dialog_in(&d, 100 * MS, ". 1+10 a3001 plain=0 win=3000"); /* just not too old: SND.UNA is 6001 */
    dialog_out(&d, 100 * MS, ". 6001 a11");
    dialog_in(&d, 110 * MS, ". 11+10 a3000 plain=10 win=3000");
    dialog_out(&d, 110 * MS, ". 6001 a11");
    assert_int_equal(d.read, 10);
    assert_int_equal(dialog_count(&d, "TcpExtTCPChallengeACK"), 1);
    dialog_end(&d);
}

/* 7: ten in five seconds, then silence until they are over. */
static void test_throttled(void **state)
{
    struct dialog d;

    (void)state;
    open_plain(&d);
    for (int i = 0; i < 10; i++) {
        dialog_in(&d, (uint64_t)(20 + i) * MS, "R 2");
        dialog_out(&d, (uint64_t)(20 + i) * MS, ". 1 a1");
    }
    dialog_in(&d, 40 * MS, "R 2");
    dialog_in(&d, 50 * MS, "S 7");
    dialog_in(&d, 60 * MS, ". 1+10 a50 junk=10");
    dialog_in(&d, 5 * S, "R 2");
    dialog_none(&d, 5 * S);
    dialog_in(&d, 5 * S + 21 * MS, "R 2");
    dialog_out(&d, 5 * S + 21 * MS, ". 1 a1");
    assert_int_equal(dialog_count(&d, "TcpExtTCPChallengeACK"), 11);
    dialog_end(&d);
}

/* Before the third ACK the challenge is the SYN/ACK once more: an ACK with options of RFC 8684 3.1 would tell the peer
 * that its third ACK has come. */
static void test_before_the_third_ack(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_out(&d, 0, "S. 0 a1 cap12");
    dialog_in(&d, 20 * MS, ". 0 a1 cap20"); /* a probe; the third ACK itself was lost */
    dialog_out(&d, 20 * MS, "S. 0 a1 cap12");
    dialog_in(&d, 30 * MS, ". 1 a1 cap20");
    dialog_none(&d, 30 * MS);
    assert_int_equal(d.conn->multipath, 1);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rst), cmocka_unit_test(test_rst_after_challenge), cmocka_unit_test(test_syn),
        cmocka_unit_test(test_syn_of_a_restarted_peer), cmocka_unit_test(test_ack), cmocka_unit_test(test_old_ack),
        cmocka_unit_test(test_throttled), cmocka_unit_test(test_before_the_third_ack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
