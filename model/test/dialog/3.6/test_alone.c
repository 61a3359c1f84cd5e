/* SPDX-License-Identifier: MIT */
/* test_alone.c - a connection without any subflow waits close_timeout for another (RFC 8684 3.4: break before make; the
 * time is the host's, Linux: net.mptcp.close_timeout). */
#include "dialog/dialog.h"

static const char *const SECOND[] = { "close_timeout=1s", NULL };

static void lose(struct dialog *d, const char *const *settings)
{
    dialog_open_server(d, settings);
    dialog_tuple(d, 1, 7, 6001);
    dialog_in(d, 100 * MS, "0| R. 11 a1");
}

static int32_t error_of(const struct dialog *d)
{
    struct mpt_conn_info info = { .size = sizeof info };

    assert_int_equal(mpt_conn_info(d->conn, &info), 0);
    return info.state == MPT_CONN_CLOSED ? info.error : 1;
}

/* What was written meanwhile leaves on the new one. */
static void test_revived(void **state)
{
    struct dialog d;

    (void)state;
    lose(&d, SECOND);
    dialog_write(&d, 500 * MS, 100);
    dialog_none(&d, 800 * MS);
    dialog_in(&d, 900 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 900 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 920 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 920 * MS, "1| . 1 a1 ack=10");
    dialog_out(&d, 920 * MS, "1| . 1+100 a1 ack=10 map=0/1/100");
    dialog_in(&d, 940 * MS, "1| . 1 a101 ack=100");
    dialog_none(&d, 10 * S); /* and the old time is not kept */
    assert_int_equal(error_of(&d), 1);
    dialog_end(&d);
}

/* A join that is not complete in time does not help. */
static void test_too_late(void **state)
{
    struct dialog d;

    (void)state;
    lose(&d, SECOND);
    dialog_in(&d, 1090 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 1090 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 1100 * MS, "1| R. 1 a1");
    assert_int_equal(error_of(&d), MPT_ECONNRESET);
    dialog_in(&d, 1110 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 1110 * MS);
    dialog_end(&d);
}

/* Nothing lasts: the token is unknown afterwards. */
static void test_forgotten(void **state)
{
    struct dialog d;

    (void)state;
    lose(&d, SECOND);
    dialog_none(&d, 1099 * MS);
    assert_int_equal(error_of(&d), 1);
    dialog_none(&d, 1100 * MS);
    assert_int_equal(error_of(&d), MPT_ECONNRESET);
    assert_true(dialog_events(&d) & MPT_EV_CLOSED);
    dialog_in(&d, 2 * S, "1| S 0 join12:id=3");
    dialog_out(&d, 2 * S, "1| R. 0 a1 rst=1");
    dialog_end(&d);
}

/* 0: the last subflow takes the connection with it. */
static void test_at_once(void **state)
{
    static const char *const zero[] = { "close_timeout=0s", NULL };
    struct dialog d;

    (void)state;
    lose(&d, zero);
    dialog_none(&d, 101 * MS);
    assert_int_equal(error_of(&d), MPT_ECONNRESET);
    dialog_end(&d);
}

/* Changed at run time, it counts from the next loss. */
static void test_changed(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    assert_int_equal(mpt_stack_set(d.stack, "close_timeout", "2s"), 0);
    dialog_in(&d, 100 * MS, "0| R. 11 a1");
    dialog_none(&d, 2099 * MS);
    assert_int_equal(error_of(&d), 1);
    dialog_none(&d, 2100 * MS);
    assert_int_equal(error_of(&d), MPT_ECONNRESET);
    dialog_end(&d);
}

/* The peer closed its last subflow by FIN and left no other: the same wait. */
static void test_after_fin(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, SECOND);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 40 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 40 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 60 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 60 * MS, "1| . 1 a1 ack=10");
    dialog_in(&d, 80 * MS, "0| R. 11 a1");
    dialog_in(&d, 100 * MS, "1| F. 1 a1 ack=0");
    dialog_out(&d, 100 * MS, "1| F. 1 a2 ack=10");
    dialog_in(&d, 110 * MS, "1| . 2 a2 ack=0");
    dialog_tuple(&d, 1, 8, 6002);
    dialog_in(&d, 900 * MS, "2| S 0 join12:id=4");
    dialog_out(&d, 900 * MS, "2| S. 0 a1 join16:id=0");
    dialog_in(&d, 920 * MS, "2| . 1 a1 join24");
    dialog_out(&d, 920 * MS, "2| . 1 a1 ack=10");
    dialog_in(&d, 5 * S, "2| . 1+10 a1 ack=0 map=10/1/10");
    dialog_out(&d, 5 * S, "2| . 1 a11 ack=20");
    dialog_end(&d);
}

/* All was said in both directions: nobody waits for anything. */
static void test_finished(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, SECOND);
    dialog_in(&d, 100 * MS, "0| . 11 a1 fin ack=0 map=10/0/1");
    dialog_skip(&d, 100 * MS);
    mpt_shutdown(d.conn, d.now);
    dialog_run(&d);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "0| . 11 a1 ack=1");
    dialog_skip(&d, 110 * MS);
    dialog_in(&d, 120 * MS, "0| R. 11 a1");
    dialog_skip(&d, 120 * MS);
    assert_int_equal(error_of(&d), 0);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revived), cmocka_unit_test(test_too_late), cmocka_unit_test(test_forgotten),
        cmocka_unit_test(test_at_once), cmocka_unit_test(test_changed), cmocka_unit_test(test_after_fin),
        cmocka_unit_test(test_finished),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
