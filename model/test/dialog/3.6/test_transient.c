/* SPDX-License-Identifier: MIT */
/* test_transient.c - MP_TCPRST of the peer, read (RFC 8684 3.6): T decides whether a path manager tries again. A client
 * with `fullmesh`, addresses 10.0.1.1 (id 0) and 10.0.1.2 (id 2); its join from the second leaves at 20 ms. When the last
 * subflow is gone `fullmesh` tries all addresses again. */
#include "dialog/dialog.h"

static const char *const MESH[] = { "pm=fullmesh", NULL };

static void open_client(struct dialog *d)
{
    dialog_client(d, MESH);
    dialog_out(d, 0, "S 0 cap4 ext");
    dialog_in(d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(d, 10 * MS, ". 1 a1 cap20");
    dialog_in(d, 20 * MS, ". 1 a1 ack=0");
    dialog_out(d, 20 * MS, "1| S 0 join12:id=2");
}

static void check_reason(const struct dialog *d, uint32_t reason, uint32_t transient)
{
    struct mpt_conn_info info = { .size = sizeof info };

    assert_int_equal(mpt_conn_info(d->conn, &info), 0);
    assert_int_equal(info.reset_reason, reason);
    assert_int_equal(info.reset_transient, transient);
}

/* Forbidden for good: that pair is left alone, the other is tried. */
static void test_permanent(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    check_reason(&d, 255, 0);
    dialog_in(&d, 30 * MS, "1| R. 0 a1 rst=3");
    check_reason(&d, 3, 0);
    assert_true(dialog_events(&d) & MPT_EV_SUBFLOW);
    dialog_in(&d, 100 * MS, "0| R. 1 a1");
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=0");
    dialog_in(&d, 110 * MS, "2| S. 0 a1 join16:id=0");
    dialog_out(&d, 110 * MS, "2| . 1 a1 join24");
    dialog_in(&d, 120 * MS, "2| . 1 a1 ack=0");
    dialog_none(&d, 50 * S);
    dialog_end(&d);
}

/* With T both are. */
static void test_transient(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 30 * MS, "1| R. 0 a1 rst=2T");
    check_reason(&d, 2, 1);
    dialog_in(&d, 100 * MS, "0| R. 1 a1");
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=0");
    dialog_out(&d, 100 * MS, "3| S 0 join12:id=2");
    dialog_end(&d);
}

/* A reason that is not registered counts by its flags alone. */
static void test_unknown_reason(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 30 * MS, "1| R. 0 a1 rst=200T");
    check_reason(&d, 200, 1);
    dialog_in(&d, 100 * MS, "0| R. 1 a1");
    dialog_skip(&d, 100 * MS);
    assert_int_equal(d.tuples, 4);
    dialog_end(&d);
}

/* The first subflow itself: no join takes its pair of addresses. */
static void test_permanent_first(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 30 * MS, "1| R. 0 a1");
    dialog_in(&d, 100 * MS, "0| R. 1 a1 rst=1");
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=2");
    dialog_none(&d, 150 * MS);
    dialog_end(&d);
}

/* Everything forbidden: nothing is tried, and the connection is given up after close_timeout. */
static void test_permanent_all(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 30 * MS, "1| R. 0 a1 rst=3");
    dialog_in(&d, 100 * MS, "0| R. 1 a1 rst=3");
    dialog_none(&d, 60 * S + 99 * MS);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_none(&d, 61 * S);
    assert_int_equal(d.conn->state, MPT_CONN_CLOSED);
    dialog_end(&d);
}

/* A RST beside its place is answered by a challenge (RFC 5961 3.2), and what it says is not believed. */
static void test_not_in_place(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d);
    dialog_in(&d, 30 * MS, "1| R. 0 a1");
    dialog_in(&d, 90 * MS, "0| R. 5 a1 rst=3");
    dialog_out(&d, 90 * MS, "0| . 1 a1 ack=0");
    check_reason(&d, 255, 0);
    dialog_in(&d, 100 * MS, "0| R. 1 a1");
    check_reason(&d, 255, 0);
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=0");
    dialog_out(&d, 100 * MS, "3| S 0 join12:id=2");
    dialog_end(&d);
}

/* The host may try what the path manager does not. */
static void test_host_may(void **state)
{
    struct dialog d;
    struct mpt_addr a;

    (void)state;
    open_client(&d);
    dialog_in(&d, 30 * MS, "1| R. 0 a1 rst=3");
    dialog_addr_family(&a, 4, 1, 2);
    dialog_advance(&d, 100 * MS);
    assert_true(mpt_subflow_join(d.conn, &a, NULL, 0, d.now) > 0);
    dialog_run(&d);
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=2");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permanent), cmocka_unit_test(test_transient), cmocka_unit_test(test_unknown_reason),
        cmocka_unit_test(test_permanent_first), cmocka_unit_test(test_permanent_all),
        cmocka_unit_test(test_not_in_place), cmocka_unit_test(test_host_may),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
