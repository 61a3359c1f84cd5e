/* SPDX-License-Identifier: MIT */
/* test_announce.c - what this end announces (RFC 8684 3.4.1): ports, families, room, echoes that are none, and joins to
 * a port that was announced. The path manager is `endpoints`; the connection is 10.0.1.1:80 to 10.0.2.1:5000. */
#include "dialog/dialog.h"

static const char *const PLAIN[] = { "pm=endpoints", NULL };

static void open_server(struct dialog *d, const char *const *settings, const char *syn)
{
    dialog_server(d, settings);
    dialog_in(d, 0, syn);
    dialog_out(d, 0, "S. 0 a1 cap12");
    dialog_in(d, 10 * MS, ". 1 a1 cap20");
}

/* ---- options ---- */

/* With a port it takes 20 octets with padding: the DSS goes on the next ACK. */
static void test_port(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, PLAIN, "S 0 cap4");
    dialog_up(&d, 100 * MS, 3, MPT_ADDRESS_SIGNAL, 8080);
    dialog_out(&d, 100 * MS, ". 1 a1 add=3/3:8080");
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0");
    dialog_in(&d, 120 * MS, ". 1 a1 ack=0 echo=3/3:8080");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* An echo with another port, without the port, or of another address acknowledges nothing. */
static void test_echo_differs(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, PLAIN, "S 0 cap4");
    dialog_up(&d, 100 * MS, 3, MPT_ADDRESS_SIGNAL, 8080);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, ". 1 a1 ack=0 echo=3/3:8081");
    dialog_in(&d, 121 * MS, ". 1 a1 ack=0 echo=3/3");
    dialog_in(&d, 122 * MS, ". 1 a1 ack=0 echo=3/4:8080");
    dialog_in(&d, 123 * MS, ". 1 a1 ack=0 echo=4/3:8080");
    dialog_out(&d, 30100 * MS, ". 1 a1 add=3/3:8080");
    dialog_out(&d, 30100 * MS, ". 1 a1 ack=0");
    dialog_in(&d, 30120 * MS, ". 1 a1 ack=0 echo=3/3:8080");
    dialog_none(&d, 500 * S);
    assert_int_equal(dialog_count(&d, "MPTcpExtEchoAdd"), 5);
    dialog_end(&d);
}

/* The time between two is the configuration's, at run time too. */
static void test_timeout_changed(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, PLAIN, "S 0 cap4");
    assert_int_equal(mpt_stack_set(d.stack, "add_addr_timeout", "1s"), 0);
    dialog_up(&d, 100 * MS, 3, MPT_ADDRESS_SIGNAL, 0);
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0 add=3/3");
    dialog_out(&d, 1100 * MS, ". 1 a1 ack=0 add=3/3");
    dialog_out(&d, 2100 * MS, ". 1 a1 ack=0 add=3/3");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* ---- families ---- */

static void test_ipv6_on_ipv4(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, PLAIN, "S 0 cap4");
    dialog_up(&d, 100 * MS, DIALOG_V6 | 3, MPT_ADDRESS_SIGNAL, 0);
    dialog_out(&d, 100 * MS, ". 1 a1 add=3/6.3"); /* 28 octets: an ACK of its own */
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0");
    dialog_in(&d, 120 * MS, ". 1 a1 echo=3/6.3");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

static void test_ipv4_on_ipv6(void **state)
{
    static const char *const v6[] = { "pm=endpoints", "ipv6=1", NULL };
    struct mpt_addr v4;
    struct dialog d;

    (void)state;
    open_server(&d, v6, "S 0 cap4");
    dialog_addr_family(&v4, 4, 1, 3);
    dialog_advance(&d, 100 * MS);
    assert_int_equal(mpt_address_up(d.stack, &v4, 3, 1500, MPT_ADDRESS_SIGNAL, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0 add=3/4.3");
    dialog_in(&d, 120 * MS, ". 1 a1 ack=0 echo=3/4.3");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* The peer joins there: a subflow over the other family. */
static void test_join_other_family(void **state)
{
    struct dialog d;
    size_t n;

    (void)state;
    open_server(&d, PLAIN, "S 0 cap4");
    dialog_up(&d, 100 * MS, DIALOG_V6 | 3, MPT_ADDRESS_SIGNAL, 0);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, ". 1 a1 echo=3/6.3");
    n = dialog_tuple(&d, 3, 7, 6001);
    dialog_addr_family(&d.tuple[n].local, 6, 1, 3);
    dialog_addr_family(&d.tuple[n].remote, 6, 0, 7);
    d.tuple[n].local.port = 80;
    d.tuple[n].remote.port = 6001;
    dialog_in(&d, 200 * MS, "1| S 0 join12:id=5");
    dialog_out(&d, 200 * MS, "1| S. 0 a1 join16:id=3");
    dialog_in(&d, 220 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 220 * MS, "1| . 1 a1 ack=0");
    dialog_in(&d, 240 * MS, "1| . 1+50 a1 ack=0 map=0/1/50");
    dialog_out(&d, 240 * MS, "1| . 1 a51 ack=50");
    assert_int_equal(d.read, 50);
    dialog_end(&d);
}

/* ---- room ---- */

/* 32 octets have no place beside timestamps: it is never sent, and counted. */
static void test_ipv6_port_no_room(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, PLAIN, "S 0 cap4");
    dialog_up(&d, 100 * MS, DIALOG_V6 | 3, MPT_ADDRESS_SIGNAL, 8080);
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0");
    dialog_none(&d, 500 * S);
    assert_int_equal(dialog_count(&d, "MPTcpExtAddAddrTxDrop"), 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtAddAddrTx"), 0);
    dialog_end(&d);
}

static void test_ipv6_port_without_timestamps(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, PLAIN, "S 0 nots cap4");
    dialog_up(&d, 100 * MS, DIALOG_V6 | 3, MPT_ADDRESS_SIGNAL, 8080);
    dialog_out(&d, 100 * MS, ". 1 a1 add=3/6.3:8080");
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0");
    dialog_in(&d, 120 * MS, ". 1 a1 echo=3/6.3:8080");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* MP_PRIO, asked for at the same time, leaves too little: the address goes on the next. */
static void test_beside_prio(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, PLAIN, "S 0 cap4");
    dialog_advance(&d, 100 * MS);
    assert_int_equal(mpt_subflow_backup(d.conn, 1, 1, d.now), 0);
    dialog_up(&d, 100 * MS, DIALOG_V6 | 3, MPT_ADDRESS_SIGNAL, 0);
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0 prio=1");
    dialog_out(&d, 100 * MS, ". 1 a1 add=3/6.3");
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0");
    dialog_end(&d);
}

/* ---- which ---- */

/* The address of the first subflow is known as id 0; as an endpoint it is not announced, unless with a port. */
static void test_own_address(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, PLAIN, "S 0 cap4");
    dialog_up(&d, 100 * MS, 1, MPT_ADDRESS_SIGNAL, 0);
    dialog_none(&d, 200 * MS);
    dialog_up(&d, 300 * MS, 1, 0, 0);
    dialog_skip(&d, 300 * MS); /* REMOVE_ADDR of id 0, and its RST */
    dialog_end(&d);
}

static void test_own_address_with_port(void **state)
{
    struct dialog d;

    (void)state;
    dialog_init(&d, PLAIN);
    {
        struct mpt_addr any = { .port = 80 };

        assert_int_equal(mpt_listen(d.stack, &any, NULL), 0);
    }
    dialog_up(&d, 0, 1, MPT_ADDRESS_SIGNAL, 81);
    dialog_tuple(&d, 1, 1, 5000);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_out(&d, 0, "S. 0 a1 cap12");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_out(&d, 10 * MS, ". 1 a1 add=1/1:81");
    dialog_skip(&d, 10 * MS);
    dialog_end(&d);
}

/* ---- joins to the announced port ---- */

static size_t tuple_at(struct dialog *d, uint8_t host, uint16_t port, uint16_t from)
{
    size_t n = dialog_tuple(d, host, 7, from);

    d->tuple[n].local.port = port;
    return n;
}

static void announce_8080(struct dialog *d)
{
    open_server(d, PLAIN, "S 0 cap4");
    dialog_up(d, 20 * MS, 3, MPT_ADDRESS_SIGNAL, 8080);
    dialog_skip(d, 20 * MS);
    dialog_in(d, 30 * MS, ". 1 a1 ack=0 echo=3/3:8080");
}

static void test_join_port(void **state)
{
    struct dialog d;

    (void)state;
    announce_8080(&d);
    tuple_at(&d, 3, 8080, 6001);
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=5");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=3");
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 120 * MS, "1| . 1 a1 ack=0");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinPortSynRx"), 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinPortAckRx"), 1);
    dialog_end(&d);
}

/* Nobody else is listened to there: not MP_CAPABLE, not TCP. */
static void test_port_joins_only(void **state)
{
    struct dialog d;

    (void)state;
    announce_8080(&d);
    tuple_at(&d, 3, 8080, 6001);
    dialog_in(&d, 100 * MS, "1| S 0");
    dialog_out(&d, 100 * MS, "1| R. 0 a1 rst=3");
    tuple_at(&d, 3, 8080, 6002);
    dialog_in(&d, 110 * MS, "2| S 0 cap4");
    dialog_out(&d, 110 * MS, "2| R. 0 a1 rst=3");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCapableEndpAttempt"), 2);
    dialog_end(&d);
}

/* That port with the announced address only; any other port nowhere. */
static void test_join_wrong_port(void **state)
{
    struct dialog d;

    (void)state;
    announce_8080(&d);
    tuple_at(&d, 2, 8080, 6001);
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=5");
    dialog_out(&d, 100 * MS, "1| R. 0 a1 rst=3");
    tuple_at(&d, 3, 8081, 6002);
    dialog_in(&d, 110 * MS, "2| S 0 join12:id=6");
    dialog_out(&d, 110 * MS, "2| R. 0 a1 rst=3");
    tuple_at(&d, 3, 80, 6003); /* the port of the connection always */
    dialog_in(&d, 120 * MS, "3| S 0 join12:id=7");
    dialog_out(&d, 120 * MS, "3| S. 0 a1 join16:id=3");
    assert_int_equal(dialog_count(&d, "MPTcpExtMismatchPortSynRx"), 2);
    dialog_end(&d);
}

/* Withdrawn between SYN and third ACK. */
static void test_port_withdrawn_meanwhile(void **state)
{
    struct dialog d;

    (void)state;
    announce_8080(&d);
    tuple_at(&d, 3, 8080, 6001);
    dialog_in(&d, 100 * MS, "1| S 0 join12:id=5");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=3");
    d.stack->address[2].port = 9090; /* as if it had been announced anew */
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 120 * MS, "1| R. 1 a1 rst=3");
    assert_int_equal(dialog_count(&d, "MPTcpExtMismatchPortAckRx"), 1);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_port), cmocka_unit_test(test_echo_differs), cmocka_unit_test(test_timeout_changed),
        cmocka_unit_test(test_ipv6_on_ipv4), cmocka_unit_test(test_ipv4_on_ipv6),
        cmocka_unit_test(test_join_other_family), cmocka_unit_test(test_ipv6_port_no_room),
        cmocka_unit_test(test_ipv6_port_without_timestamps), cmocka_unit_test(test_beside_prio),
        cmocka_unit_test(test_own_address), cmocka_unit_test(test_own_address_with_port),
        cmocka_unit_test(test_join_port), cmocka_unit_test(test_port_joins_only),
        cmocka_unit_test(test_join_wrong_port), cmocka_unit_test(test_port_withdrawn_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
