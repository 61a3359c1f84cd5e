/* SPDX-License-Identifier: MIT */
/* test_ecn.c - explicit congestion notification (RFC 3168 6.1): agreed to on the SYNs, marked, echoed, answered. */
#include "dialog/dialog.h"

static const char *const plain[] = { "mptcp=off", "cc=reno", NULL };
static const char *const on[] = { "mptcp=off", "tcp.ecn=on", "cc=reno", NULL };
static const char *const off[] = { "mptcp=off", "tcp.ecn=off", NULL };
static const char *const multi[] = { "tcp.ecn=on", NULL };

/* The default answers when asked (6.1.1), and asks for nothing. */
static void test_passive(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, plain);
    dialog_in(&d, 0, "SEW 0");
    dialog_out(&d, 0, "S.E 0 a1");
    dialog_in(&d, 10 * MS, ". 1 a1");
    dialog_write(&d, 20 * MS, 10);
    dialog_out(&d, 20 * MS, ". 1+10 a1 ect0 plain=0");
    dialog_end(&d);
    dialog_client(&d, plain);
    dialog_out(&d, 0, "S 0");
    dialog_in(&d, 10 * MS, "S. 0 a1");
    dialog_out(&d, 10 * MS, ". 1 a1");
    dialog_write(&d, 20 * MS, 10);
    dialog_out(&d, 20 * MS, ". 1+10 a1 plain=0");
    dialog_end(&d);
}

static void test_off(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, off);
    dialog_in(&d, 0, "SEW 0");
    dialog_out(&d, 0, "S. 0 a1");
    dialog_in(&d, 10 * MS, ". 1 a1");
    dialog_write(&d, 20 * MS, 10);
    dialog_out(&d, 20 * MS, ". 1+10 a1 plain=0");
    dialog_end(&d);
}

/* One flag alone is no question (6.1.1). */
static void test_half_asked(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, plain);
    dialog_in(&d, 0, "SE 0");
    dialog_out(&d, 0, "S. 0 a1");
    dialog_end(&d);
    dialog_server(&d, plain);
    dialog_in(&d, 0, "SW 0");
    dialog_out(&d, 0, "S. 0 a1");
    dialog_end(&d);
}

static void open_client(struct dialog *d)
{
    dialog_client(d, on);
    dialog_out(d, 0, "SEW 0"); /* and no ECT on a SYN (6.1.1) */
    dialog_in(d, 10 * MS, "S.E 0 a1");
    dialog_out(d, 10 * MS, ". 1 a1");
}

/* Asked and agreed: ECT(0) on data, on nothing else (6.1.2, 6.1.4). */
static void test_asked(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_write(&d, 20 * MS, 10);
    dialog_out(&d, 20 * MS, ". 1+10 a1 ect0 plain=0");
    dialog_in(&d, 30 * MS, ". 1+5 a11 plain=0");
    dialog_out(&d, 30 * MS, ". 11 a6");
    assert_int_equal(mpt_shutdown(d.conn, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 30 * MS, "F. 11 a6");
    dialog_end(&d);
}

/* A SYN/ACK with both flags is a copy of the SYN's reserved bits, not an answer (6.1.1); one with neither says no. */
static void test_refused(void **state)
{
    static const char *const answers[] = { "S.EW 0 a1", "S. 0 a1", "S.W 0 a1" };
    struct dialog d;

    (void)state;
    for (int i = 0; i < 3; i++) {
        dialog_client(&d, on);
        dialog_out(&d, 0, "SEW 0");
        dialog_in(&d, 10 * MS, answers[i]);
        dialog_out(&d, 10 * MS, ". 1 a1");
        dialog_write(&d, 20 * MS, 10);
        dialog_out(&d, 20 * MS, ". 1+10 a1 plain=0");
        dialog_end(&d);
    }
}

/* 6.1.1.1: a SYN that is not answered goes again without the flags, and then ECN is not used even if the answer is
 * to the first one. */
static void test_syn_falls_back(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, on);
    dialog_out(&d, 0, "SEW 0");
    dialog_out(&d, 1 * S, "S 0");
    dialog_in(&d, 1 * S + 10 * MS, "S.E 0 a1");
    dialog_out(&d, 1 * S + 10 * MS, ". 1 a1");
    dialog_write(&d, 2 * S, 10);
    dialog_out(&d, 2 * S, ". 1+10 a1 plain=0");
    dialog_end(&d);
}

/* The same from the other side: the peer's second SYN takes the first one's question back. */
static void test_syn_falls_back_at_the_server(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, plain);
    dialog_in(&d, 0, "SEW 0");
    dialog_out(&d, 0, "S.E 0 a1");
    dialog_in(&d, 500 * MS, "S 0");
    dialog_out(&d, 500 * MS, "S. 0 a1");
    dialog_in(&d, 510 * MS, ". 1 a1");
    dialog_write(&d, 520 * MS, 10);
    dialog_out(&d, 520 * MS, ". 1+10 a1 plain=0");
    dialog_end(&d);
}

/* 6.1.3: ECE on every segment from the mark on until CWR comes on data. */
static void test_marks_are_echoed(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 20 * MS, ". 1+100 a1 plain=0 ect0");
    dialog_out(&d, 20 * MS, ". 1 a101");
    dialog_in(&d, 30 * MS, ". 101+100 a1 plain=100 ce");
    dialog_out(&d, 30 * MS, ".E 1 a201");
    dialog_write(&d, 31 * MS, 10);
    dialog_out(&d, 31 * MS, ".E 1+10 a201 ect0 plain=0");
    dialog_in(&d, 40 * MS, ". 201+100 a11 plain=200 ect0");
    dialog_out(&d, 40 * MS, ".E 11 a301");
    dialog_in(&d, 45 * MS, ".W 301 a11"); /* not on data: no end of it */
    dialog_in(&d, 50 * MS, ".W 301+100 a11 plain=300 ect0");
    dialog_out(&d, 50 * MS, ". 11 a401");
    dialog_in(&d, 60 * MS, ".W 401+100 a11 plain=400 ce"); /* the end of one and the mark of the next */
    dialog_out(&d, 60 * MS, ".E 11 a501");
    assert_int_equal(dialog_count(&d, "IpExtInCEPkts"), 2);
    assert_int_equal(dialog_count(&d, "IpExtInECT0Pkts"), 3);
    dialog_end(&d);
}

/* CE counts only where ECN was agreed, and on data only (6.1.4). */
static void test_marks_not_echoed(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, plain);
    dialog_out(&d, 0, "S 0");
    dialog_in(&d, 10 * MS, "S. 0 a1");
    dialog_out(&d, 10 * MS, ". 1 a1");
    dialog_in(&d, 20 * MS, ". 1+100 a1 plain=0 ce");
    dialog_out(&d, 20 * MS, ". 1 a101");
    dialog_end(&d);
    open_client(&d);
    dialog_in(&d, 20 * MS, ". 1 a1 ce");
    dialog_in(&d, 30 * MS, ". 1+100 a1 plain=0");
    dialog_out(&d, 30 * MS, ". 1 a101");
    dialog_end(&d);
}

static uint64_t cwnd(const struct dialog *d)
{
    struct mpt_subflow_info info = { .size = sizeof info };

    assert_int_equal(mpt_subflow_info(d->conn, 0, &info), 1);
    return info.cwnd;
}

/* 6.1.2: the window is halved once per round trip, CWR on the next new data, not on a retransmission (6.1.5: that
 * has no ECT either). */
static void test_one_reduction_per_window(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_write(&d, 20 * MS, 4 * 1448);
    for (int i = 0; i < 4; i++)
        dialog_outf(&d, 20 * MS, ". %d+1448 a1 ect0 plain=%d", 1 + i * 1448, i * 1448);
    assert_int_equal(cwnd(&d), 10 * 1448);
    dialog_in(&d, 30 * MS, ".E 1 a1449");
    assert_int_equal(cwnd(&d), 5 * 1448);
    dialog_in(&d, 31 * MS, ".E 1 a2897");
    dialog_in(&d, 32 * MS, ".E 1 a4345");
    assert_int_equal(cwnd(&d), 5 * 1448);
    dialog_write(&d, 33 * MS, 1448);
    dialog_out(&d, 33 * MS, ".W 5793+1448 a1 ect0 plain=5792");
    dialog_in(&d, 35 * MS, ".E 1 a5793"); /* of the last segment before CWR */
    assert_int_equal(cwnd(&d), 5 * 1448);
    dialog_write(&d, 36 * MS, 1448);
    dialog_out(&d, 36 * MS, ". 7241+1448 a1 ect0 plain=7240"); /* CWR once */
    dialog_in(&d, 45 * MS, ".E 1 a8689"); /* a new mark */
    assert_int_equal(cwnd(&d), 5 * 1448 / 2);
    assert_int_equal(dialog_count(&d, "EcnReductions"), 2);
    dialog_end(&d);
}

/* 6.1.5: what is sent again has neither ECT nor CWR; new data has CWR, because a loss reduced the window too. */
static void test_retransmission(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_write(&d, 20 * MS, 100);
    dialog_out(&d, 20 * MS, ". 1+100 a1 ect0 plain=0");
    dialog_out(&d, 80 * MS, ". 1+100 a1 plain=0");
    dialog_out(&d, 290 * MS, ". 1+100 a1 plain=0");
    dialog_in(&d, 300 * MS, ". 1 a101");
    dialog_write(&d, 310 * MS, 100);
    dialog_out(&d, 310 * MS, ".W 101+100 a1 ect0 plain=100");
    dialog_end(&d);
}

/* Each subflow agrees by itself; a reset carries no echo. */
static void test_of_a_connection(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, multi);
    dialog_out(&d, 0, "SEW 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S.E 0 a1 cap12 ext");
    dialog_skip(&d, 10 * MS);
    dialog_in(&d, 20 * MS, ". 1 a1 ack=0");
    dialog_skip(&d, 20 * MS);
    dialog_in(&d, 30 * MS, ". 1+100 a1 ack=0 map=0/1/100 ce");
    dialog_out(&d, 30 * MS, ".E 1 a101 ack=100");
    dialog_write(&d, 40 * MS, 50);
    dialog_out(&d, 40 * MS, ".E 1+50 a101 ack=100 map=0/1/50 ect0");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passive), cmocka_unit_test(test_off), cmocka_unit_test(test_half_asked),
        cmocka_unit_test(test_asked), cmocka_unit_test(test_refused), cmocka_unit_test(test_syn_falls_back),
        cmocka_unit_test(test_syn_falls_back_at_the_server), cmocka_unit_test(test_marks_are_echoed),
        cmocka_unit_test(test_marks_not_echoed), cmocka_unit_test(test_one_reduction_per_window),
        cmocka_unit_test(test_retransmission), cmocka_unit_test(test_of_a_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
