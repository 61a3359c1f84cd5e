/* SPDX-License-Identifier: MIT */
/* test_corners.c - joins that cross, return, get lost or find no room (RFC 8684 3.2; RFC 9293 3.6.1 for TIME-WAIT). */
#include "dialog/dialog.h"

static void open_server(struct dialog *d, const char *const *settings)
{
    dialog_open_server(d, settings);
    dialog_tuple(d, 1, 7, 6001);
}

static int join_from(struct dialog *d, uint64_t at, uint8_t host, uint16_t port)
{
    struct mpt_addr local = d->tuple[0].local;
    int r;

    local.ip[3] = host;
    local.port = port;
    dialog_advance(d, at);
    r = mpt_subflow_join(d->conn, &local, NULL, 0, d->now);
    dialog_run(d);
    return r;
}

/* ---- lost ---- */

/* The SYN/ACK was lost: the same SYN again, with the same random, and the HMACs fit whichever of them is answered. */
static void test_client_syn_repeated(void **state)
{
    struct dialog d;
    uint32_t random;

    (void)state;
    dialog_open_client(&d, NULL);
    join_from(&d, 100 * MS, 2, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    random = d.tuple[1].r_stack;
    dialog_out(&d, 1100 * MS, "1| S 0 join12:id=2");
    assert_int_equal(d.tuple[1].r_stack, random);
    dialog_in(&d, 1110 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 1110 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 1120 * MS, "1| . 1 a1 ack=0");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinSynTx"), 1); /* joins, not SYNs */
    dialog_end(&d);
}

/* Nobody answers: six repetitions, then it is given up without a word; the connection does not mind. */
static void test_client_never_answered(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL);
    join_from(&d, 100 * MS, 2, 0);
    for (unsigned i = 0; i < 7; i++)
        dialog_outf(&d, 100 * MS + ((UINT64_C(1) << i) - 1) * S, "1| S 0 join12:id=2");
    dialog_none(&d, 500 * S);
    assert_int_equal(d.conn->subflow_count, 1);
    dialog_end(&d);
}

/* The fourth ACK never comes: the third six times more, then the subflow is reset; it may be better later (T). */
static void test_client_fourth_never_comes(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL);
    join_from(&d, 100 * MS, 2, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 110 * MS, "1| S. 0 a1 join16:id=0");
    for (unsigned i = 0; i < 7; i++) /* 100 ms, the least wait, doubling */
        dialog_outf(&d, 110 * MS + ((UINT64_C(1) << i) - 1) * 100 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 110 * MS + 127 * 100 * MS, "1| R. 1 a1 rst=5T");
    dialog_none(&d, 500 * S);
    assert_int_equal(d.conn->subflow_count, 1);
    dialog_end(&d);
}

/* The responder's fourth ACK was lost: every repetition of a good third is answered. */
static void test_server_fourth_lost(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    for (unsigned i = 0; i < 3; i++) {
        dialog_in(&d, (120 + 100 * i) * MS, "1| . 1 a1 join24");
        dialog_out(&d, (120 + 100 * i) * MS, "1| . 1 a1 ack=10");
    }
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinAckRx"), 1);
    dialog_end(&d);
}

/* A wrong HMAC after a right one proves nothing any more: the subflow is a member. */
static void test_server_late_bad_hmac(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 120 * MS, "1| . 1 a1 ack=10");
    dialog_in(&d, 130 * MS, "1| . 1 a1 join24!");
    dialog_none(&d, 500 * MS);
    assert_int_equal(d.conn->subflow_count, 2);
    dialog_end(&d);
}

/* ---- crossing, returning ---- */

/* Both ends join on one 4-tuple at once: two subflows cannot become one, so the peer's SYN is passed over. */
static void test_simultaneous(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL);
    join_from(&d, 100 * MS, 2, 4000);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 105 * MS, "1| S 0 join12:id=0");
    dialog_none(&d, 109 * MS);
    dialog_in(&d, 110 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 110 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 120 * MS, "1| . 1 a1 ack=0");
    assert_int_equal(d.conn->subflow_count, 2);
    dialog_end(&d);
}

/* The other direction: the server joins to the client, at the port that the client's first subflow has. */
static void test_client_is_joined(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL);
    dialog_tuple(&d, 2, 9, 7000);
    d.tuple[1].local.port = d.tuple[0].local.port;
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=5");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=2");
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 120 * MS, "1| . 1 a1 ack=0");
    dialog_in(&d, 130 * MS, "1| . 1+30 a1 ack=0 map=0/1/30");
    dialog_out(&d, 130 * MS, "1| . 1 a31 ack=30");
    assert_int_equal(d.read, 30);
    dialog_end(&d);
}

/* And not at another port. */
static void test_client_is_joined_elsewhere(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL);
    dialog_tuple(&d, 2, 9, 7000);
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=5");
    dialog_out(&d, 100 * MS, "1| R. 0 a1 rst=3");
    assert_int_equal(dialog_count(&d, "MPTcpExtMismatchPortSynRx"), 1);
    dialog_end(&d);
}

/* Closed by both, in TIME-WAIT here: a join with a later ISN takes the 4-tuple over, an older one does not. */
static void test_time_wait(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 120 * MS, "1| . 1 a1 ack=10");
    dialog_advance(&d, 200 * MS);
    assert_int_equal(mpt_subflow_close(d.conn, 2, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 200 * MS, "1| F. 1 a1 ack=10");
    dialog_in(&d, 220 * MS, "1| F. 1 a2 ack=0");
    dialog_out(&d, 220 * MS, "1| . 2 a2 ack=10");
    d.tuple[1].irs -= 1000;
    dialog_in(&d, 1 * S, "1| S 0 join12:id=3"); /* an old duplicate */
    dialog_skip(&d, 1 * S);
    assert_int_equal(d.conn->subflow_count, 2);
    d.tuple[1].irs += 101000;
    dialog_in(&d, 2 * S, "1| S 0 join12:id=3");
    dialog_out(&d, 2 * S, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 2020 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 2020 * MS, "1| . 1 a1 ack=10");
    assert_int_equal(d.conn->subflow_count, 2);
    dialog_end(&d);
}

/* A local port that is taken towards that remote. */
static void test_client_same_tuple(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL);
    assert_true(join_from(&d, 100 * MS, 2, 4000) > 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    assert_int_equal(join_from(&d, 110 * MS, 2, 4000), MPT_EADDRINUSE);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinSynTxBindErr"), 1);
    assert_true(join_from(&d, 120 * MS, 2, 4001) > 0); /* a second one from there is fine */
    dialog_out(&d, 120 * MS, "2| S 0 join12:id=2");
    dialog_end(&d);
}

/* ---- refused ---- */

/* No memory for another subflow: reason 2, and T, as it may be there later (3.6). */
static void test_server_no_memory(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    d.refuse_memory = 1;
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 100 * MS, "1| R. 0 a1 rst=2T");
    dialog_in(&d, 200 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 200 * MS, "1| S. 0 a1 join16:id=0");
    dialog_end(&d);
}

static void test_client_no_memory(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL);
    d.refuse_memory = 1;
    assert_int_equal(join_from(&d, 100 * MS, 2, 0), MPT_ENOMEM);
    dialog_none(&d, 1 * S);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinSynTxCreatSkErr"), 1);
    dialog_end(&d);
}

/* A connection that fell back has no token any more (3.7). */
static void test_server_after_fallback(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_out(&d, 0, "S. 0 a1 cap12");
    dialog_in(&d, 10 * MS, ". 1 a1"); /* no MP_CAPABLE */
    dialog_skip(&d, 10 * MS);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 100 * MS, "1| R. 0 a1 rst=1");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinNoTokenFound"), 1);
    dialog_end(&d);
}

/* After mpt_abort the token is unknown. */
static void test_server_after_abort(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    dialog_advance(&d, 50 * MS);
    mpt_abort(d.conn, d.now);
    dialog_run(&d);
    dialog_out(&d, 50 * MS, "0| R. 1 a11 fc");
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 100 * MS, "1| R. 0 a1 rst=1");
    dialog_end(&d);
}

/* ---- backup ---- */

static void test_backup_counted(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:B:id=3");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_tuple(&d, 1, 8, 6002);
    dialog_in(&d, 110 * MS, "2| S 0 join12:id=4");
    dialog_out(&d, 110 * MS, "2| S. 0 a1 join16:id=0");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinSynRx"), 2);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinSynBackupRx"), 1);
    dialog_end(&d);
}

static void test_backup_answer_counted(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL);
    join_from(&d, 100 * MS, 2, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 110 * MS, "1| S. 0 a1 join16:B:id=0");
    dialog_out(&d, 110 * MS, "1| . 1 a1 join24");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinSynAckBackupRx"), 1);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client_syn_repeated), cmocka_unit_test(test_client_never_answered),
        cmocka_unit_test(test_client_fourth_never_comes), cmocka_unit_test(test_server_fourth_lost),
        cmocka_unit_test(test_server_late_bad_hmac), cmocka_unit_test(test_simultaneous),
        cmocka_unit_test(test_client_is_joined), cmocka_unit_test(test_client_is_joined_elsewhere),
        cmocka_unit_test(test_time_wait), cmocka_unit_test(test_client_same_tuple),
        cmocka_unit_test(test_server_no_memory), cmocka_unit_test(test_client_no_memory),
        cmocka_unit_test(test_server_after_fallback), cmocka_unit_test(test_server_after_abort),
        cmocka_unit_test(test_backup_counted), cmocka_unit_test(test_backup_answer_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
