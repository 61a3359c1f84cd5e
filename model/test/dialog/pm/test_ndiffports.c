/* SPDX-License-Identifier: MIT */
/* test_ndiffports.c - the path manager `ndiffports`: several subflows between the same two addresses (RFC 8684 2.2, 3.2;
 * pm/README.md). The connection is confirmed at 20 ms. */
#include "dialog/dialog.h"

static const char *const PORTS[] = { "pm=ndiffports", NULL };
static const char *const FOUR[] = { "pm=ndiffports", "pm.ndiffports=4", NULL };

static void open_client(struct dialog *d, const char *const *settings, const char *synack)
{
    dialog_client(d, settings);
    dialog_out(d, 0, "S 0 cap4 ext");
    dialog_in(d, 10 * MS, synack);
    dialog_out(d, 10 * MS, ". 1 a1 cap20");
    dialog_in(d, 20 * MS, ". 1 a1 ack=0");
}

/* One more by default, from another port, under the id of the first subflow's address. */
static void test_two(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PORTS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 20 * MS, "1| S 0 join12:id=0");
    assert_true(mpt_addr_same_ip(&d.tuple[0].local, &d.tuple[1].local));
    assert_true(mpt_addr_same(&d.tuple[0].remote, &d.tuple[1].remote));
    assert_int_not_equal(d.tuple[0].local.port, d.tuple[1].local.port);
    dialog_in(&d, 30 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 30 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 40 * MS, "1| . 1 a1 ack=0");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

static void test_four(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, FOUR, "S. 0 a1 cap12 ext");
    for (unsigned i = 1; i < 4; i++)
        dialog_outf(&d, 20 * MS, "%u| S 0 join12:id=0", i);
    dialog_none(&d, 30 * MS);
    dialog_end(&d);
}

/* One that was reset after it worked is replaced at once; one that is refused after a pause. */
static void test_replaced(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PORTS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 20 * MS, "1| S 0 join12:id=0");
    dialog_in(&d, 30 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 30 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 40 * MS, "1| . 1 a1 ack=0");
    dialog_in(&d, 100 * MS, "0| R. 1 a1");
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=0");
    dialog_in(&d, 110 * MS, "2| R. 0 a1");
    dialog_out(&d, 1110 * MS, "3| S 0 join12:id=0");
    dialog_end(&d);
}

/* Refused for good (MP_TCPRST without T): the first subflow stays alone. */
static void test_refused(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PORTS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 20 * MS, "1| S 0 join12:id=0");
    dialog_in(&d, 30 * MS, "1| R. 0 a1 rst=3");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* The peer's C flag (3.1). */
static void test_c_flag(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PORTS, "S. 0 a1 cap12:f=21 ext");
    dialog_none(&d, 500 * S);
    assert_int_equal(d.tuples, 1);
    dialog_end(&d);
}

static void test_server(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, PORTS);
    dialog_none(&d, 500 * S);
    assert_int_equal(d.tuples, 1);
    dialog_end(&d);
}

/* Octets use both. */
static void test_data(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PORTS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 20 * MS, "1| S 0 join12:id=0");
    dialog_in(&d, 30 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 30 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 40 * MS, "1| . 1 a1 ack=0");
    dialog_write(&d, 100 * MS, 20000);
    for (unsigned i = 0; i < 10; i++)
        dialog_outf(&d, 100 * MS, "0| . %u+1428 a1 ack=0 map=%u/%u/1428", 1 + 1428 * i, 1428 * i, 1 + 1428 * i);
    for (unsigned i = 0; i < 4; i++)
        dialog_outf(&d, 100 * MS, "1| . %u+1428 a1 ack=0 map=%u/%u/1428", 1 + 1428 * i, 14280 + 1428 * i, 1 + 1428 * i);
    dialog_out(&d, 100 * MS, "1| . 5713+8 a1 ack=0 map=19992/5713/8");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two), cmocka_unit_test(test_four), cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_c_flag), cmocka_unit_test(test_server),
        cmocka_unit_test(test_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
