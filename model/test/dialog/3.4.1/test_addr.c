/* SPDX-License-Identifier: MIT */
/* test_addr.c - addresses announced (RFC 8684 3.4.1), by the path manager fullmesh: HMAC, echo, repetition. The
 * addresses of the stack are 10.0.1.1 (id 0, the first subflow's) and 10.0.1.2 (id 2). */
#include "dialog/dialog.h"

static const char *const MESH[] = { "pm=fullmesh", NULL };

static void open_server(struct dialog *d)
{
    dialog_server(d, MESH);
    dialog_in(d, 0, "S 0 cap4");
    dialog_out(d, 0, "S. 0 a1 cap12");
    dialog_in(d, 10 * MS, ". 1 a1 cap20");
}

/* ---- out ---- */

/* The server announces its second address, three times 30 s apart, until the echo. */
static void test_announced(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    dialog_out(&d, 10 * MS, ". 1 a1 ack=0 add=2/2");
    dialog_out(&d, 30010 * MS, ". 1 a1 ack=0 add=2/2");
    dialog_in(&d, 30020 * MS, ". 1 a1 ack=0 echo=2/2");
    dialog_none(&d, 200 * S);
    assert_int_equal(dialog_count(&d, "MPTcpExtEchoAdd"), 1);
    dialog_end(&d);
}

static void test_not_echoed(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d);
    dialog_out(&d, 10 * MS, ". 1 a1 ack=0 add=2/2");
    dialog_out(&d, 30010 * MS, ". 1 a1 ack=0 add=2/2");
    dialog_in(&d, 30020 * MS, ". 1 a1 ack=0 echo=3/2"); /* of another id */
    dialog_out(&d, 60010 * MS, ". 1 a1 ack=0 add=2/2");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* Key of the sender 0102030405060708, of the receiver 1112131415161718, id 2, 10.0.2.1: 669a7d267aca56dd. */
static void test_vector(void **state)
{
    static const uint8_t option[] = { 30, 16, 0x30, 2, 10, 0, 2, 1, 0x66, 0x9a, 0x7d, 0x26, 0x7a, 0xca, 0x56, 0xdd };
    static const uint8_t drawn[] = { 9, 9, 9, 9 /* ISN */, 1, 2, 3, 4, 5, 6, 7, 8 };
    struct dialog d;
    struct mpt_segment s;

    (void)state;
    dialog_server(&d, MESH);
    d.stack->address[1].addr.ip[2] = 2;
    d.stack->address[1].addr.ip[3] = 1;
    memcpy(d.script, drawn, sizeof drawn);
    d.script_len = sizeof drawn;
    dialog_in(&d, 0, "S 0 cap4");
    dialog_out(&d, 0, "S. 0 a1 cap12");
    assert_true(d.key_stack == UINT64_C(0x0102030405060708));
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    assert_int_equal(d.tail - d.head, 1);
    assert_int_equal(mpt_tcp_read(&s, d.queue[d.head].data, d.queue[d.head].len), 0);
    assert_memory_equal(s.opt + 12, option, sizeof option); /* behind timestamps */
    dialog_skip(&d, 10 * MS);
    dialog_end(&d);
}

/* An address that comes later; and goes. */
static void test_address_up_and_down(void **state)
{
    struct dialog d;
    struct mpt_addr third;

    (void)state;
    open_server(&d);
    dialog_out(&d, 10 * MS, ". 1 a1 ack=0 add=2/2");
    dialog_in(&d, 20 * MS, ". 1 a1 ack=0 echo=2/2");
    third = d.stack->address[1].addr;
    third.ip[3] = 3;
    dialog_advance(&d, 100 * MS);
    assert_int_equal(mpt_address_up(d.stack, &third, 3, 1500, 0, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0 add=3/3");
    dialog_in(&d, 120 * MS, ". 1 a1 ack=0 echo=3/3");
    dialog_advance(&d, 200 * MS);
    assert_int_equal(mpt_address_down(d.stack, &third, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 200 * MS, ". 1 a1 ack=0 rm=3");
    dialog_end(&d);
}

static void test_ipv6(void **state)
{
    static const char *const v6[] = { "pm=fullmesh", "ipv6=1", NULL };
    struct dialog d;

    (void)state;
    dialog_server(&d, v6);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_out(&d, 0, "S. 0 a1 cap12");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_out(&d, 10 * MS, ". 1 a1 add=2/2"); /* 28 octets: no room for a DSS beside it */
    dialog_out(&d, 10 * MS, ". 1 a1 ack=0");
    dialog_in(&d, 20 * MS, ". 1 a1 echo=2/2");
    dialog_none(&d, 100 * S);
    dialog_end(&d);
}

/* ---- in ---- */

/* Right HMAC: echoed, and the client joins, from both its addresses. */
static void test_in(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, MESH);
    dialog_skip(&d, 30 * MS); /* the join to the first address */
    assert_int_equal(d.tuples, 2);
    dialog_in(&d, 100 * MS, "0| . 1 a1 ack=0 add=5/9:8080");
    dialog_out(&d, 100 * MS, "0| . 1 a1 ack=0 echo=5/9:8080");
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=0");
    dialog_out(&d, 100 * MS, "3| S 0 join12:id=2");
    assert_int_equal(d.tuple[2].remote.port, 8080);
    assert_int_equal(d.tuple[2].remote.ip[3], 9);
    dialog_in(&d, 110 * MS, "0| . 1 a1 ack=0 add=5/9:8080"); /* again: echoed again, joined once */
    dialog_out(&d, 110 * MS, "0| . 1 a1 ack=0 echo=5/9:8080");
    assert_int_equal(d.tuples, 4);
    dialog_end(&d);
}

/* Without a port it is the port of the first subflow. */
static void test_in_no_port(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, MESH);
    dialog_skip(&d, 30 * MS);
    dialog_in(&d, 100 * MS, "0| . 1 a1 ack=0 add=5/9");
    dialog_out(&d, 100 * MS, "0| . 1 a1 ack=0 echo=5/9");
    dialog_skip(&d, 100 * MS);
    assert_int_equal(d.tuple[2].remote.port, 80);
    dialog_end(&d);
}

static void test_in_bad_hmac(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, MESH);
    dialog_skip(&d, 30 * MS);
    dialog_in(&d, 100 * MS, "0| . 1 a1 ack=0 add!=5/9");
    dialog_none(&d, 200 * MS);
    assert_int_equal(d.tuples, 2);
    assert_int_equal(dialog_count(&d, "AddAddrBadHmac"), 1);
    dialog_end(&d);
}

/* A client that manages nothing by itself answers all the same. */
static void test_in_manual(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL);
    dialog_in(&d, 100 * MS, "0| . 1 a1 ack=0 add=5/9");
    dialog_out(&d, 100 * MS, "0| . 1 a1 ack=0 echo=5/9");
    dialog_none(&d, 200 * MS);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_announced), cmocka_unit_test(test_not_echoed), cmocka_unit_test(test_vector),
        cmocka_unit_test(test_address_up_and_down), cmocka_unit_test(test_ipv6), cmocka_unit_test(test_in),
        cmocka_unit_test(test_in_no_port), cmocka_unit_test(test_in_bad_hmac), cmocka_unit_test(test_in_manual),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
