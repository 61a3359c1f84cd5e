/* SPDX-License-Identifier: MIT */
/* test_join.c - MP_JOIN with its four messages, both roles (RFC 8684 3.2). Joins with data are in ../jwd-*. */
#include "dialog/dialog.h"

static void open_server(struct dialog *d, const char *const *settings)
{
    dialog_open_server(d, settings);
    dialog_tuple(d, 1, 7, 6001);
}

static int join(struct dialog *d, uint64_t at, uint32_t flags)
{
    struct mpt_addr local = d->tuple[0].local;
    int r;

    local.ip[local.family == 4 ? 3 : 15] = 2;
    local.port = 0;
    dialog_advance(d, at);
    r = mpt_subflow_join(d->conn, &local, NULL, flags, d->now);
    dialog_run(d);
    return r;
}

static void open_client(struct dialog *d, const char *const *settings)
{
    dialog_open_client(d, settings);
    d->mute = 1;
}

/* ---- responder ---- */

static void test_server(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 120 * MS, "1| . 1 a1 ack=10"); /* the fourth ACK, at once */
    dialog_in(&d, 140 * MS, "1| . 1+50 a1 ack=0 map=10/1/50");
    dialog_out(&d, 140 * MS, "1| . 1 a51 ack=60");
    assert_int_equal(d.read, 60);
    assert_true(dialog_events(&d) & MPT_EV_SUBFLOW);
    dialog_end(&d);
}

/* Octets that overtake the third ACK are held with their mappings, 64 of these at most: what has not shown that it
 * knows the keys may not fill us. */
static void test_server_early_mappings(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    for (unsigned i = 0; i < 65; i++) {
        dialog_inf(&d, 101 * MS, "1| . %u+10 a1 ack=0 map=%u/%u/10", 1 + 10 * i, 10 + 10 * i, 1 + 10 * i);
        dialog_skip(&d, 101 * MS);
    }
    assert_int_equal(d.read, 10);
    dialog_in(&d, 120 * MS, "1| . 651 a1 join24"); /* repeated behind them */
    dialog_skip(&d, 120 * MS);
    assert_int_equal(d.read, 650);
    dialog_in(&d, 140 * MS, "1| . 641+10 a1 ack=0 map=650/641/10"); /* as if it had been lost */
    dialog_out(&d, 180 * MS, "1| . 1 a651 ack=660");
    assert_int_equal(d.read, 660);
    dialog_end(&d);
}

static void test_server_bad_token(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12!");
    dialog_out(&d, 100 * MS, "1| R. 0 a1 rst=1");
    dialog_end(&d);
}

static void test_server_bad_hmac(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24!");
    dialog_out(&d, 120 * MS, "1| R. 1 a1 rst=3");
    dialog_in(&d, 130 * MS, "1| . 1 a1 join24"); /* too late */
    dialog_out(&d, 130 * MS, "1| R 1");
    dialog_in(&d, 140 * MS, "0| . 11+10 a1 ack=0 map=10/11/10"); /* the connection lives */
    dialog_out(&d, 140 * MS, "0| . 1 a21 ack=20");
    dialog_end(&d);
}

/* An ACK without MP_JOIN validates nothing; nor does data. */
static void test_server_third_ack_missing(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 120 * MS, "1| . 1 a1");
    dialog_none(&d, 121 * MS);
    dialog_in(&d, 122 * MS, "1| . 1 a1 ack=0");
    dialog_none(&d, 123 * MS);
    dialog_in(&d, 124 * MS, "1| . 1+50 a1 ack=0 map=10/1/50");
    dialog_skip(&d, 124 * MS);
    assert_int_equal(d.read, 10);
    dialog_in(&d, 130 * MS, "1| . 51 a1 join24");
    dialog_out(&d, 130 * MS, "1| . 1 a51 ack=60");
    assert_int_equal(d.read, 60);
    dialog_end(&d);
}

static void test_server_third_ack_repeated(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12");
    dialog_skip(&d, 100 * MS);
    for (uint64_t at = 120; at < 125; at++) {
        dialog_in(&d, at * MS, "1| . 1 a1 join24");
        dialog_out(&d, at * MS, "1| . 1 a1 ack=10");
    }
    dialog_in(&d, 130 * MS, "1| . 1 a1 join24!"); /* validated: a wrong one is nothing */
    dialog_none(&d, 140 * MS);
    dialog_end(&d);
}

static void test_server_synack_repeated(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 600 * MS, "1| S 0 join12");
    dialog_out(&d, 600 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 1100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 1120 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 1120 * MS, "1| . 1 a1 ack=10");
    dialog_end(&d);
}

/* The server sends no data on it before the third ACK. */
static void test_server_no_data_before_third(void **state)
{
    static const char *const server[] = { "sched=server", NULL };
    struct dialog d;

    (void)state;
    open_server(&d, server);
    d.mute = 1;
    dialog_in(&d, 100 * MS, "1| S 0 join12");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_write(&d, 110 * MS, 30000);
    dialog_none(&d, 119 * MS);
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 120 * MS, "1| . 1 a1 ack=10");
    dialog_skip(&d, 120 * MS);
    dialog_end(&d);
}

static void test_server_backup(void **state)
{
    struct dialog d;
    struct mpt_subflow_info i = { .size = sizeof i };

    (void)state;
    open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:B:id=9");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 120 * MS);
    assert_int_equal(mpt_subflow_info(d.conn, 1, &i), 1);
    assert_int_equal(i.peer_backup, 1);
    assert_int_equal(i.remote_id, 9);
    dialog_write(&d, 130 * MS, 100); /* a backup gets nothing while a regular one works */
    dialog_out(&d, 130 * MS, "0| . 1+100 a11 ack=10 map=0/1/100");
    dialog_end(&d);
}

static void test_server_limit(void **state)
{
    static const char *const two[] = { "max_subflows=2", NULL };
    struct dialog d;

    (void)state;
    open_server(&d, two);
    dialog_tuple(&d, 1, 7, 6002);
    dialog_in(&d, 100 * MS, "1| S 0 join12");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 110 * MS, "2| S 0 join12");
    dialog_out(&d, 110 * MS, "2| R. 0 a1 rst=3");
    dialog_end(&d);
}

/* Before the connection is established on both sides nobody joins (3.1). */
static void test_server_too_early(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_skip(&d, 0);
    dialog_in(&d, 1 * MS, "1| S 0 join12");
    dialog_out(&d, 1 * MS, "1| R. 0 a1 rst=3");
    dialog_end(&d);
}

/* ---- initiator ---- */

static void test_client(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, NULL);
    assert_int_equal(join(&d, 100 * MS, 0), 2);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 120 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 120 * MS, "1| . 1 a1 join24");
    mpt_subflow_backup(d.conn, 1, 1, d.now); /* the new one is preferred */
    dialog_run(&d);
    dialog_write(&d, 125 * MS, 100);
    dialog_none(&d, 130 * MS); /* no data before the fourth ACK */
    dialog_in(&d, 140 * MS, "1| . 1 a1 ack=100");
    dialog_write(&d, 141 * MS, 100);
    dialog_out(&d, 141 * MS, "1| . 1+100 a1 ack=0 map=100/1/100");
    dialog_end(&d);
}

/* Not even when it is all that is left: the first subflow has been reset, its octets wait for the fourth ACK. */
static void check_alone_before_fourth(const char *scheduler)
{
    const char *const settings[] = { scheduler, NULL };
    struct dialog d;

    open_client(&d, settings);
    join(&d, 100 * MS, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 120 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_write(&d, 121 * MS, 100);
    dialog_in(&d, 125 * MS, "0| R 1");
    dialog_none(&d, 139 * MS);
    dialog_in(&d, 140 * MS, "1| . 1 a1 ack=0");
    dialog_out(&d, 140 * MS, "1| . 1+100 a1 ack=0 map=0/1/100");
    dialog_end(&d);
}

static void test_client_alone_before_fourth(void **state)
{
    (void)state;
    check_alone_before_fourth("sched=minrtt");
    check_alone_before_fourth("sched=roundrobin");
    check_alone_before_fourth("sched=redundant");
    check_alone_before_fourth("sched=blest");
}

/* B in the SYN/ACK: the responder wants a backup, so nothing goes there while another subflow works. */
static void test_client_backup_answer(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, NULL);
    d.mute = 0;
    join(&d, 100 * MS, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 102 * MS, "1| S. 0 a1 join16:B:id=0"); /* faster than the first */
    dialog_out(&d, 102 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 104 * MS, "1| . 1 a1 ack=0");
    dialog_write(&d, 150 * MS, 100);
    dialog_out(&d, 150 * MS, "0| . 1+100 a1 ack=0 map=0/1/100");
    dialog_end(&d);
}

/* Data of the peer is the fourth ACK as well. */
static void test_client_data_is_fourth_ack(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, NULL);
    join(&d, 100 * MS, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 120 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 140 * MS, "1| . 1+100 a1 ack=0 map=0/1/100");
    dialog_out(&d, 140 * MS, "1| . 1 a101 ack=100");
    dialog_none(&d, 10 * S); /* no timer of the third ACK any more */
    dialog_end(&d);
}

static void test_client_bad_hmac(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, NULL);
    join(&d, 100 * MS, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 120 * MS, "1| S. 0 a1 join16!:id=0");
    dialog_out(&d, 120 * MS, "1| R. 1 a1 rst=3");
    dialog_none(&d, 1 * S);
    dialog_end(&d);
}

static void test_client_no_mp_join(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, NULL);
    join(&d, 100 * MS, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 120 * MS, "1| S. 0 a1");
    dialog_out(&d, 120 * MS, "1| R. 1 a1 rst=6");
    dialog_none(&d, 1 * S);
    dialog_end(&d);
}

static void test_client_refused(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, NULL);
    join(&d, 100 * MS, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 120 * MS, "1| R. 0 a1 rst=3");
    dialog_none(&d, 1 * S); /* a plain join is not tried again by itself */
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_end(&d);
}

/* The third ACK is repeated on a timer until the fourth comes: RTT 200 ms, 200 + 2 x 100, doubling. */
static void test_client_third_ack_timer(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, NULL);
    join(&d, 100 * MS, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 300 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 300 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 700 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 1500 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 1600 * MS, "1| . 1 a1 ack=0");
    dialog_none(&d, 20 * S);
    dialog_end(&d);
}

static void test_client_flags(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, NULL);
    join(&d, 100 * MS, MPT_JOIN_BACKUP);
    dialog_out(&d, 100 * MS, "1| S 0 join12:B:id=2");
    dialog_in(&d, 120 * MS, "1| S. 0 a1 join16:B:id=0");
    dialog_out(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_end(&d);
}

/* Not before the connection is known to be MPTCP on both sides, not in plain TCP, not from an address that is down. */
static void test_client_not_possible(void **state)
{
    struct dialog d;
    struct mpt_addr none = { .family = 4, .ip = { 10, 9, 9, 9 } };

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    assert_int_equal(join(&d, 1 * MS, 0), MPT_ENOTCONN);
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    assert_int_equal(join(&d, 11 * MS, 0), MPT_ENOTCONN);
    dialog_in(&d, 20 * MS, ". 1 a1 ack=0");
    assert_int_equal(mpt_subflow_join(d.conn, &none, NULL, 0, d.now), MPT_EADDRNOTAVAIL);
    dialog_end(&d);
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1");
    dialog_out(&d, 10 * MS, ". 1 a1");
    assert_int_equal(join(&d, 11 * MS, 0), MPT_ENOTCONN);
    dialog_end(&d);
}

static void test_ipv6(void **state)
{
    static const char *const v6[] = { "ipv6=1", NULL };
    struct dialog d;

    (void)state;
    open_client(&d, v6);
    join(&d, 100 * MS, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 120 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server), cmocka_unit_test(test_server_bad_token), cmocka_unit_test(test_server_bad_hmac),
        cmocka_unit_test(test_server_third_ack_missing), cmocka_unit_test(test_server_third_ack_repeated),
        cmocka_unit_test(test_server_synack_repeated), cmocka_unit_test(test_server_no_data_before_third),
        cmocka_unit_test(test_server_backup), cmocka_unit_test(test_server_limit),
        cmocka_unit_test(test_server_too_early), cmocka_unit_test(test_client), cmocka_unit_test(test_client_alone_before_fourth),
        cmocka_unit_test(test_client_backup_answer),
        cmocka_unit_test(test_client_data_is_fourth_ack), cmocka_unit_test(test_client_bad_hmac),
        cmocka_unit_test(test_client_no_mp_join), cmocka_unit_test(test_client_refused),
        cmocka_unit_test(test_client_third_ack_timer), cmocka_unit_test(test_client_flags),
        cmocka_unit_test(test_client_not_possible), cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_server_early_mappings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
