/* SPDX-License-Identifier: MIT */
/* test_sched.c - which subflow takes the next octets (sched/README.md). The connection is a server's, open since 20 ms,
 * RTT 10 ms on subflow 0; subflow 1 joins at 40 ms. No window scale: the peer offers 65535 octets, both windows are 10
 * segments of 1428 octets. */
#include "dialog/dialog.h"

enum { MSS = 1428, IW = 10 };

static void open_two(struct dialog *d, const char *const *settings, const char *window, uint64_t rtt)
{
    dialog_server(d, settings);
    dialog_tuple(d, 1, 7, 6001);
    d->peer_wscale = 0;
    dialog_inf(d, 0, "S 0 cap4 win=%s", window);
    dialog_skip(d, 0);
    dialog_inf(d, 10 * MS, ". 1 a1 cap20 win=%s", window);
    dialog_inf(d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10 win=%s", window);
    dialog_skip(d, 20 * MS);
    dialog_inf(d, 40 * MS, "1| S 0 join12:id=3 win=%s", window);
    dialog_skip(d, 40 * MS);
    dialog_inf(d, 40 * MS + rtt, "1| . 1 a1 join24 win=%s", window);
    dialog_skip(d, 40 * MS + rtt);
}

/* n full segments on a subflow, from one place of the subflow and of the stream on. */
static void out_many(struct dialog *d, uint64_t at, int tuple, unsigned n, unsigned ssn, unsigned dsn)
{
    for (unsigned i = 0; i < n; i++)
        dialog_outf(d, at, "%d| . %u+%d a%d ack=10 map=%u/%u/%d", tuple, ssn + MSS * i, MSS, tuple ? 1 : 11,
                    dsn + MSS * i, ssn + MSS * i, MSS);
}

static uint64_t cwnd(struct dialog *d, size_t i)
{
    struct mpt_subflow_info info = { .size = sizeof info };

    assert_int_equal(mpt_subflow_info(d->conn, i, &info), 1);
    return info.cwnd;
}

/* ---- minrtt ---- */

/* The fastest first; what it has no room for goes to the other. */
static void test_lowest_rtt(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, NULL, "65535", 15 * MS);
    dialog_write(&d, 100 * MS, 12 * MSS);
    out_many(&d, 100 * MS, 0, IW, 1, 0);
    out_many(&d, 100 * MS, 1, 2, 1, IW * MSS);
    dialog_end(&d);
}

/* 10 ms against 100: what the fast one can send in ten of its round trips is more than the window left, so octets on
 * the slow one would hold up all behind them: they wait (BLEST). */
static void test_would_block(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, NULL, "65535", 100 * MS);
    dialog_write(&d, 200 * MS, 12 * MSS);
    out_many(&d, 200 * MS, 0, IW, 1, 0);
    dialog_none(&d, 209 * MS);
    dialog_inf(&d, 210 * MS, "0| . 11 a%d ack=%d win=65535", IW * MSS + 1, IW * MSS);
    out_many(&d, 210 * MS, 0, 2, 1 + IW * MSS, IW * MSS);
    dialog_end(&d);
}

/* The bare rule of lowest RTT does not look ahead. */
static void test_no_look_ahead(void **state)
{
    static const char *const bare[] = { "opportunistic=0", NULL };
    struct dialog d;

    (void)state;
    open_two(&d, bare, "65535", 100 * MS);
    dialog_write(&d, 200 * MS, 12 * MSS);
    out_many(&d, 200 * MS, 0, IW, 1, 0);
    out_many(&d, 200 * MS, 1, 2, 1, IW * MSS);
    dialog_end(&d);
}

static uint64_t sent(struct dialog *d, size_t i)
{
    struct mpt_subflow_info info = { .size = sizeof info };

    assert_int_equal(mpt_subflow_info(d->conn, i, &info), 1);
    return info.sent;
}

/* Ten segments on each; then twenty and five on 0, whose octets are acknowledged after 1 ms: now the window of 45
 * segments is full, and its left edge is with subflow 1. Ends before what the last five bring with them. */
static void fill_window(struct dialog *d, const char *const *settings)
{
    open_two(d, settings, "64260", 25 * MS);
    dialog_write(d, 100 * MS, 60 * MSS);
    out_many(d, 100 * MS, 0, IW, 1, 0);
    out_many(d, 100 * MS, 1, IW, 1, IW * MSS);
    dialog_inf(d, 110 * MS, "0| . 11 a%d ack=%d win=%d", 1 + 10 * MSS, 10 * MSS, 35 * MSS);
    out_many(d, 110 * MS, 0, 20, 1 + 10 * MSS, 20 * MSS);
    dialog_inf(d, 111 * MS, "0| . 11 a%d ack=%d win=%d", 1 + 30 * MSS, 10 * MSS, 35 * MSS);
    out_many(d, 111 * MS, 0, 5, 1 + 30 * MSS, 40 * MSS);
}

/* Opportunistic retransmission and penalisation: the fast one has room, so it sends what stands at the left edge as
 * well, once; and the slow one's window is halved, once per its round trip. */
static void test_rescue(void **state)
{
    static const char *const reno[] = { "cc=reno", NULL };
    struct dialog d;
    uint64_t full;

    (void)state;
    fill_window(&d, reno);
    out_many(&d, 111 * MS, 0, 1, 1 + 35 * MSS, 10 * MSS);
    full = cwnd(&d, 1);
    assert_int_equal(full, IW * 1448 / 2);
    dialog_inf(&d, 112 * MS, "0| . 11 a%d ack=%d win=%d", 1 + 35 * MSS, 10 * MSS, 35 * MSS);
    dialog_none(&d, 112 * MS);
    dialog_inf(&d, 113 * MS, "0| . 11 a%d ack=%d win=%d", 1 + 36 * MSS, 11 * MSS, 34 * MSS); /* the next one */
    out_many(&d, 113 * MS, 0, 1, 1 + 36 * MSS, 11 * MSS);
    assert_int_equal(cwnd(&d, 1), full);
    dialog_none(&d, 113 * MS);
    dialog_end(&d);
}

static void test_no_rescue(void **state)
{
    static const char *const bare[] = { "cc=reno", "opportunistic=0", NULL };
    struct dialog d;

    (void)state;
    fill_window(&d, bare);
    dialog_none(&d, 120 * MS);
    assert_int_equal(cwnd(&d, 1), IW * 1448);
    dialog_end(&d);
}

/* ---- server ---- */

/* Where the client spoke last, whatever the round-trip times. */
static void test_server(void **state)
{
    static const char *const server[] = { "sched=server", NULL };
    struct dialog d;

    (void)state;
    open_two(&d, server, "65535", 100 * MS);
    dialog_write(&d, 200 * MS, 100);
    dialog_out(&d, 200 * MS, "0| . 1+100 a11 ack=10 map=0/1/100"); /* the first octets came there */
    dialog_in(&d, 210 * MS, "0| . 11 a101 ack=100 win=65535");
    dialog_in(&d, 220 * MS, "1| . 1+10 a1 ack=100 map=10/1/10 win=65535");
    dialog_out(&d, 220 * MS, "1| . 1 a11 ack=20");
    dialog_write(&d, 230 * MS, 11 * MSS);
    for (int i = 0; i < IW; i++)
        dialog_outf(&d, 230 * MS, "1| . %d+%d a11 ack=20 map=%d/%d/%d", 1 + MSS * i, MSS, 100 + MSS * i, 1 + MSS * i,
                    MSS);
    dialog_none(&d, 300 * MS); /* full, and the client is not on 0: waits */
    dialog_inf(&d, 330 * MS, "0| . 11 a101 ack=%d win=65535", 100 + IW * MSS); /* now it is: a new DATA_ACK */
    dialog_outf(&d, 330 * MS, "0| . 101+%d a11 ack=20 map=%d/101/%d", MSS, 100 + IW * MSS, MSS);
    dialog_end(&d);
}

/* A duplicate says nothing about where the client is. */
static void test_server_nothing_new(void **state)
{
    static const char *const server[] = { "sched=server", NULL };
    struct dialog d;

    (void)state;
    open_two(&d, server, "65535", 100 * MS);
    dialog_in(&d, 200 * MS, "1| . 1+10 a1 ack=0 map=0/1/10 win=65535");
    dialog_out(&d, 200 * MS, "1| . 1 a11 ack=10");
    dialog_write(&d, 210 * MS, 100);
    dialog_out(&d, 210 * MS, "0| . 1+100 a11 ack=10 map=0/1/100");
    dialog_end(&d);
}

/* The subflow it spoke on last times out: the fastest of the others. */
static void test_server_stale(void **state)
{
    static const char *const server[] = { "sched=server", NULL };
    struct dialog d;

    (void)state;
    open_two(&d, server, "65535", 20 * MS);
    dialog_in(&d, 100 * MS, "1| . 1+10 a1 ack=0 map=10/1/10 win=65535");
    dialog_skip(&d, 100 * MS);
    dialog_write(&d, 110 * MS, 100);
    dialog_out(&d, 110 * MS, "1| . 1+100 a11 ack=20 map=0/1/100");
    while (!sent(&d, 0) && d.now < 1 * S)
        dialog_skip(&d, mpt_deadline(d.stack));
    assert_int_equal(sent(&d, 0), 100); /* again, there */
    dialog_write(&d, d.now + MS, 100);
    dialog_out(&d, d.now, "0| . 101+100 a11 ack=20 map=100/101/100");
    dialog_end(&d);
}

/* ---- roundrobin ---- */

/* One segment each, whatever the round-trip times; who is full is passed over. */
static void test_roundrobin(void **state)
{
    static const char *const rr[] = { "sched=roundrobin", NULL };
    struct dialog d;

    (void)state;
    open_two(&d, rr, "65535", 100 * MS);
    dialog_write(&d, 200 * MS, 3 * MSS);
    out_many(&d, 200 * MS, 0, 1, 1, 0);
    out_many(&d, 200 * MS, 1, 1, 1, MSS);
    out_many(&d, 200 * MS, 0, 1, 1 + MSS, 2 * MSS);
    dialog_write(&d, 205 * MS, 17 * MSS); /* goes on where it stopped */
    for (unsigned i = 0; i < 8; i++) {
        out_many(&d, 205 * MS, 1, 1, 1 + MSS * (i + 1), (3 + 2 * i) * MSS);
        out_many(&d, 205 * MS, 0, 1, 1 + MSS * (i + 2), (4 + 2 * i) * MSS);
    }
    out_many(&d, 205 * MS, 1, 1, 1 + MSS * 9, 19 * MSS);
    dialog_write(&d, 206 * MS, 2 * MSS); /* both windows are full */
    dialog_none(&d, 209 * MS);
    dialog_inf(&d, 210 * MS, "0| . 11 a%d ack=%d win=65535", 1 + 2 * MSS, 3 * MSS);
    out_many(&d, 210 * MS, 0, 2, 1 + 10 * MSS, 20 * MSS); /* 1's turn, but it has no room */
    dialog_end(&d);
}

/* ---- redundant ---- */

static const char *const REDUNDANT[] = { "sched=redundant", "cc=reno", NULL };

/* Every octet on both, each with its own mapping. */
static void test_redundant(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, REDUNDANT, "65535", 15 * MS);
    dialog_write(&d, 100 * MS, 3 * MSS);
    out_many(&d, 100 * MS, 0, 3, 1, 0);
    out_many(&d, 100 * MS, 1, 3, 1, 0);
    dialog_inf(&d, 110 * MS, "0| . 11 a%d ack=%d win=65535", 1 + 3 * MSS, 3 * MSS);
    dialog_write(&d, 112 * MS, MSS);
    out_many(&d, 112 * MS, 0, 1, 1 + 3 * MSS, 3 * MSS);
    out_many(&d, 112 * MS, 1, 1, 1 + 3 * MSS, 3 * MSS);
    dialog_end(&d);
}

/* What is acknowledged meanwhile is not sent by the slow one any more: it goes on where the fast one is. */
static void test_redundant_jumps_ahead(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, REDUNDANT, "65535", 100 * MS);
    dialog_write(&d, 200 * MS, 15 * MSS);
    out_many(&d, 200 * MS, 0, IW, 1, 0);
    out_many(&d, 200 * MS, 1, IW, 1, 0);
    dialog_inf(&d, 210 * MS, "0| . 11 a%d ack=%d win=65535", 1 + IW * MSS, IW * MSS);
    out_many(&d, 210 * MS, 0, 5, 1 + IW * MSS, IW * MSS);
    dialog_inf(&d, 220 * MS, "0| . 11 a%d ack=%d win=65535", 1 + 13 * MSS, 13 * MSS);
    d.mute = 1; /* its tail loss probe */
    dialog_none(&d, 299 * MS);
    dialog_inf(&d, 300 * MS, "1| . 1 a%d ack=%d win=65535", 1 + IW * MSS, 13 * MSS);
    out_many(&d, 300 * MS, 1, 2, 1 + IW * MSS, 13 * MSS); /* 10 to 12 are known to have arrived */
    dialog_end(&d);
}

/* Who joins in the middle begins with what is not acknowledged. */
static void test_redundant_join(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, REDUNDANT);
    dialog_tuple(&d, 1, 7, 6001);
    d.peer_wscale = 0;
    dialog_in(&d, 0, "S 0 cap4 win=65535");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20 win=65535");
    dialog_in(&d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10 win=65535");
    dialog_skip(&d, 20 * MS);
    dialog_write(&d, 30 * MS, 6 * MSS);
    out_many(&d, 30 * MS, 0, 6, 1, 0);
    dialog_inf(&d, 40 * MS, "0| . 11 a%d ack=%d win=65535", 1 + 2 * MSS, 2 * MSS);
    dialog_in(&d, 41 * MS, "1| S 0 join12:id=3 win=65535");
    dialog_out(&d, 41 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 46 * MS, "1| . 1 a1 join24 win=65535");
    dialog_out(&d, 46 * MS, "1| . 1 a1 ack=10");
    for (unsigned i = 0; i < 4; i++)
        dialog_outf(&d, 46 * MS, "1| . %u+%d a1 ack=10 map=%u/%u/%d", 1 + MSS * i, MSS, (2 + i) * MSS, 1 + MSS * i, MSS);
    dialog_end(&d);
}

/* A backup has no copies while a regular subflow works (RFC 8684 3.3.8); then it has all that is not acknowledged. */
static void test_redundant_backup(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d, REDUNDANT, "65535", 15 * MS);
    dialog_in(&d, 90 * MS, "1| . 1 a1 ack=0 prio=1 win=65535");
    dialog_write(&d, 100 * MS, 2 * MSS);
    out_many(&d, 100 * MS, 0, 2, 1, 0);
    dialog_inf(&d, 110 * MS, "0| . 11 a%d ack=%d win=65535", 1 + MSS, MSS);
    while (!sent(&d, 1) && d.now < 1 * S)
        dialog_skip(&d, mpt_deadline(d.stack));
    assert_int_equal(sent(&d, 1), MSS);
    assert_in_range(d.now, 250 * MS, 420 * MS); /* at 0's time-out */
    dialog_end(&d);
}

/* ---- blest ---- */

/* At 35 ms, X = (14480 + 1448 * 2.5 / 2) * 3.5 = 57015, times 1.2 more than 65535 - 1448: the slow one waits, where
 * minrtt would use it (3 * 14480 + 1448 are less than the 51255 left). */
static void test_blest_waits(void **state)
{
    static const char *const blest[] = { "sched=blest", "cc=reno", NULL };
    struct dialog d;

    (void)state;
    open_two(&d, NULL, "65535", 35 * MS);
    dialog_write(&d, 200 * MS, 11 * MSS);
    out_many(&d, 200 * MS, 0, IW, 1, 0);
    out_many(&d, 200 * MS, 1, 1, 1, IW * MSS);
    dialog_end(&d);
    open_two(&d, blest, "65535", 35 * MS);
    dialog_write(&d, 200 * MS, 11 * MSS);
    out_many(&d, 200 * MS, 0, IW, 1, 0);
    dialog_none(&d, 209 * MS);
    dialog_inf(&d, 210 * MS, "0| . 11 a%d ack=%d win=65535", IW * MSS + 1, IW * MSS);
    out_many(&d, 210 * MS, 0, 1, 1 + IW * MSS, IW * MSS);
    dialog_end(&d);
}

/* At 25 ms, X = (14480 + 1086) * 2.5 = 38915, times 1.2 = 46698: segments fit while 64260 - what is in flight there
 * leaves so much. The window fills all the same, and no octet is sent twice; but lambda rises with the next decision,
 * which is a round trip later, and falls with one that was not held up. */
static void test_blest_lambda(void **state)
{
    static const char *const blest[] = { "sched=blest", "cc=reno", NULL };
    struct dialog d;

    (void)state;
    fill_window(&d, blest);
    dialog_none(&d, 112 * MS);
    assert_int_equal(cwnd(&d, 1), IW * 1448);
    assert_int_equal(d.conn->blest_lambda, 1200);
    assert_int_equal(d.conn->blest_held_up, 1);
    dialog_write(&d, 120 * MS, 60 * MSS);
    dialog_inf(&d, 126 * MS, "1| . 1 a%d ack=%d win=65535", 1 + IW * MSS, 40 * MSS);
    dialog_skip(&d, 126 * MS);
    assert_int_equal(d.conn->blest_lambda, 1240);
    assert_int_equal(d.conn->blest_held_up, 0);
    d.mute = 3;
    dialog_inf(&d, 160 * MS, "0| . 11 a%d ack=%d win=65535", 1 + 35 * MSS, 45 * MSS);
    dialog_inf(&d, 161 * MS, "1| . 1 a%d ack=%d win=65535", 1 + (IW + 1) * MSS, 45 * MSS);
    dialog_skip(&d, 161 * MS);
    assert_int_equal(d.conn->blest_lambda, 1230);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lowest_rtt), cmocka_unit_test(test_would_block), cmocka_unit_test(test_no_look_ahead),
        cmocka_unit_test(test_rescue), cmocka_unit_test(test_no_rescue), cmocka_unit_test(test_server),
        cmocka_unit_test(test_server_nothing_new), cmocka_unit_test(test_server_stale),
        cmocka_unit_test(test_roundrobin), cmocka_unit_test(test_redundant),
        cmocka_unit_test(test_redundant_jumps_ahead), cmocka_unit_test(test_redundant_join),
        cmocka_unit_test(test_redundant_backup), cmocka_unit_test(test_blest_waits), cmocka_unit_test(test_blest_lambda),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
