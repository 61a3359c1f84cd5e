/* SPDX-License-Identifier: MIT */
/* test_remove.c - addresses withdrawn, by either side (RFC 8684 3.4.2). The server 10.0.1.1 (id 0 of its connection) has
 * 10.0.1.2 (id 2); the peer's second subflow has id 3 and RTT 20 ms. */
#include "dialog/dialog.h"

static const char *const MESH[] = { "pm=fullmesh", NULL };
static const char *const PLAIN[] = { "pm=endpoints", "limits.subflows=8", NULL };

static void join(struct dialog *d, size_t n, unsigned id, uint64_t at)
{
    assert_int_equal(dialog_tuple(d, 1, (uint8_t)(6 + n), (uint16_t)(6000 + n)), n);
    dialog_inf(d, at, "%zu| S 0 join12:id=%u", n, id);
    dialog_skip(d, at);
    dialog_inf(d, at + 20 * MS, "%zu| . 1 a1 join24", n);
    dialog_skip(d, at + 20 * MS);
}

static void open_two(struct dialog *d)
{
    dialog_open_server(d, NULL);
    join(d, 1, 3, 40 * MS);
}

/* ---- in ---- */

/* The subflow is reset, its octets go elsewhere; other ids are nothing to us. */
static void test_reinjected(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_in(&d, 70 * MS, "1| . 1 a1 ack=0 rm=4,5,6");
    dialog_none(&d, 80 * MS);
    dialog_in(&d, 90 * MS, "0| . 11 a1 ack=0 prio=1");
    dialog_write(&d, 100 * MS, 500);
    dialog_out(&d, 100 * MS, "1| . 1+500 a1 ack=10 map=0/1/500");
    dialog_in(&d, 110 * MS, "0| . 11 a1 ack=0 rm=9,3");
    dialog_out(&d, 110 * MS, "1| R. 501 a1 rst=0T");
    dialog_out(&d, 110 * MS, "0| . 1+500 a11 ack=10 map=0/1/500");
    assert_int_equal(d.conn->subflow_count, 1);
    dialog_in(&d, 120 * MS, "0| . 11 a501 ack=500");
    assert_int_equal(d.conn->stream.acked, 500);
    assert_int_equal(dialog_count(&d, "MPTcpExtRmAddr"), 5);
    dialog_end(&d);
}

/* Several ids, several subflows. */
static void test_several(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    join(&d, 2, 4, 100 * MS);
    join(&d, 3, 5, 200 * MS);
    dialog_in(&d, 300 * MS, "0| . 11 a1 ack=0 rm=3,5");
    dialog_out(&d, 300 * MS, "1| R. 1 a1 rst=0T");
    dialog_out(&d, 300 * MS, "3| R. 1 a1 rst=0T");
    dialog_in(&d, 310 * MS, "2| . 1+10 a1 ack=0 map=10/1/10"); /* id 4 lives */
    dialog_out(&d, 310 * MS, "2| . 1 a11 ack=20");
    dialog_end(&d);
}

/* Two subflows from one address go both. */
static void test_two_of_an_id(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    join(&d, 2, 3, 100 * MS);
    dialog_in(&d, 300 * MS, "0| . 11 a1 ack=0 rm=3");
    dialog_out(&d, 300 * MS, "1| R. 1 a1 rst=0T");
    dialog_out(&d, 300 * MS, "2| R. 1 a1 rst=0T");
    dialog_end(&d);
}

/* Said on the very subflow that it ends. */
static void test_on_itself(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_in(&d, 100 * MS, "1| . 1+10 a1 ack=0 rm=3 map=10/1/10"); /* those octets are lost with it */
    dialog_out(&d, 100 * MS, "1| R. 1 a1 rst=0T");
    dialog_in(&d, 110 * MS, "0| . 11+10 a1 ack=0 map=10/11/10");
    dialog_out(&d, 110 * MS, "0| . 1 a21 ack=20");
    dialog_end(&d);
}

/* Id 0: the first subflow, and the address that the connection was opened to. */
static void test_id_0(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_in(&d, 100 * MS, "1| . 1 a1 ack=0 rm=0");
    dialog_out(&d, 100 * MS, "0| R. 1 a11 rst=0T");
    dialog_write(&d, 110 * MS, 100);
    dialog_out(&d, 110 * MS, "1| . 1+100 a1 ack=10 map=0/1/100");
    dialog_end(&d);
}

/* No join goes to that address any more, until it is announced again. */
static void test_id_0_not_joined(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, MESH);
    dialog_skip(&d, 30 * MS);
    dialog_in(&d, 40 * MS, "1| S. 0 a1 join16:id=0");
    dialog_out(&d, 40 * MS, "1| . 1 a1 join24");
    dialog_in(&d, 60 * MS, "1| . 1 a1 ack=0");
    dialog_in(&d, 100 * MS, "0| . 1 a1 ack=0 add=4/9");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "2| S. 0 a1 join16:id=4");
    dialog_skip(&d, 110 * MS);
    dialog_in(&d, 120 * MS, "2| . 1 a1 ack=0");
    dialog_in(&d, 121 * MS, "3| R. 0 a1");
    dialog_in(&d, 200 * MS, "2| . 1 a1 ack=0 rm=0");
    dialog_out(&d, 200 * MS, "0| R. 1 a1 rst=0T");
    dialog_out(&d, 200 * MS, "1| R. 1 a1 rst=0T");
    dialog_up(&d, 300 * MS, 3, 0, 0); /* to 10.0.2.9 only */
    dialog_out(&d, 300 * MS, "4| S 0 join12:id=3");
    assert_int_equal(d.tuple[4].remote.ip[3], 9);
    dialog_none(&d, 310 * MS);
    dialog_in(&d, 400 * MS, "2| . 1 a1 ack=0 add=0/1");
    dialog_out(&d, 400 * MS, "2| . 1 a1 ack=0 echo=0/1");
    dialog_skip(&d, 400 * MS);
    assert_true(d.tuples > 5);
    assert_int_equal(d.tuple[5].remote.ip[3], 1);
    dialog_end(&d);
}

/* The last subflow: the connection waits for a join (3.4, break before make). */
static void test_last(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, "0| . 11 a1 ack=0 rm=0");
    dialog_out(&d, 100 * MS, "0| R. 1 a11 rst=0T");
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    join(&d, 1, 3, 200 * MS);
    dialog_in(&d, 300 * MS, "1| . 1+10 a1 ack=0 map=10/1/10");
    dialog_out(&d, 300 * MS, "1| . 1 a11 ack=20");
    dialog_end(&d);
}

/* An echo that has not left yet is not owed any more. */
static void test_echo_cancelled(void **state)
{
    struct dialog d;
    struct mpt_remove_addr o = { .count = 1, .id = { 4 } };

    (void)state;
    open_two(&d);
    d.conn->echo[0] = (struct mpt_known_addr){ .id = 4, .addr = d.tuple[0].remote };
    d.conn->echo[1] = (struct mpt_known_addr){ .id = 5, .addr = d.tuple[1].remote };
    d.conn->echoes = 2;
    mpt_addr_remove_in(d.conn, &o, d.now);
    assert_int_equal(d.conn->echoes, 1);
    assert_int_equal(d.conn->echo[0].id, 5);
    dialog_end(&d);
}

/* Unknown ids, and one that was never announced but is in no use: nothing happens. */
static void test_unknown(void **state)
{
    struct dialog d;

    (void)state;
    open_two(&d);
    dialog_in(&d, 100 * MS, "0| . 11 a1 ack=0 rm=77,78,79,80,81,82,83,84");
    dialog_none(&d, 200 * MS);
    assert_int_equal(d.conn->subflow_count, 2);
    dialog_end(&d);
}

/* ---- out ---- */

/* The address of the first subflow is id 0, also here. What it had in flight goes on the other one. */
static void test_out_id_0(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_tuple(&d, 2, 7, 6001);
    dialog_in(&d, 40 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 40 * MS, "1| S. 0 a1 join16:id=2");
    dialog_in(&d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 60 * MS);
    dialog_write(&d, 100 * MS, 100);
    dialog_out(&d, 100 * MS, "0| . 1+100 a11 ack=10 map=0/1/100");
    dialog_down(&d, 110 * MS, 1);
    dialog_out(&d, 110 * MS, "1| . 1 a1 ack=10 rm=0");
    dialog_out(&d, 110 * MS, "1| . 1+100 a1 ack=10 map=0/1/100");
    dialog_end(&d);
}

/* Linux's form: every ACK says DATA_FIN until that is acknowledged, which with checksum and timestamps takes all the room
 * there is. REMOVE_ADDR goes before it once. */
static void test_out_beside_fin(void **state)
{
    static const char *const linux_form[] = { "wire=linux", "checksum=1", NULL };
    struct dialog d;

    (void)state;
    dialog_server(&d, linux_form);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_in(&d, 20 * MS, ". 1+10 a1 ack=0 map64=0/1/10 sum"); /* answered in kind: 64 bits */
    dialog_skip(&d, 20 * MS);
    dialog_tuple(&d, 2, 7, 6001);
    dialog_in(&d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(&d, 40 * MS);
    dialog_in(&d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 60 * MS);
    dialog_advance(&d, 100 * MS);
    assert_int_equal(mpt_shutdown(d.conn, d.now), 0);
    dialog_run(&d);
    dialog_skip(&d, 100 * MS);
    dialog_down(&d, 110 * MS, 1);
    dialog_out(&d, 110 * MS, "1| . 1 a1 ack64=10 rm=0");
    dialog_none(&d, 120 * MS);
    dialog_in(&d, 120 * MS, "1| . 1+10 a1 ack64=0 map64=10/1/10 sum");
    dialog_out(&d, 120 * MS, "1| . 1 a11 fin ack64=20 map64=0/0/1 sum");
    dialog_end(&d);
}

/* The only subflow went with the address: REMOVE_ADDR waits for one that can carry it. */
static void test_out_waits(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_down(&d, 100 * MS, 1);
    dialog_none(&d, 199 * MS);
    dialog_tuple(&d, 2, 7, 6001);
    dialog_in(&d, 200 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 200 * MS, "1| S. 0 a1 join16:id=2");
    dialog_in(&d, 220 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 220 * MS, "1| . 1 a1 ack=10 rm=0");
    dialog_end(&d);
}

/* Gone, back and gone again, with a join that was under way, while nothing could carry it: named once. */
static void test_out_once(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_down(&d, 100 * MS, 1);
    dialog_up(&d, 120 * MS, 1, 0, 0);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_tuple(&d, 2, 7, 6002);
    dialog_in(&d, 130 * MS, "1| S 0 join12:id=3");
    dialog_skip(&d, 130 * MS);
    dialog_down(&d, 140 * MS, 1);
    dialog_none(&d, 199 * MS);
    dialog_in(&d, 200 * MS, "2| S 0 join12:id=3");
    dialog_out(&d, 200 * MS, "2| S. 0 a1 join16:id=2");
    dialog_in(&d, 220 * MS, "2| . 1 a1 join24");
    dialog_out(&d, 220 * MS, "2| . 1 a1 ack=10 rm=0");
    dialog_end(&d);
}

/* Down and up at once: REMOVE_ADDR leaves before the ADD_ADDR with the same id. */
static void test_out_before_add(void **state)
{
    struct dialog d;
    struct mpt_addr a;

    (void)state;
    dialog_open_server(&d, PLAIN);
    dialog_up(&d, 100 * MS, 3, MPT_ADDRESS_SIGNAL, 0);
    dialog_out(&d, 100 * MS, ". 1 a11 ack=10 add=3/3");
    dialog_in(&d, 120 * MS, ". 11 a1 ack=0 echo=3/3");
    dialog_advance(&d, 200 * MS);
    dialog_addr_family(&a, 4, 1, 3);
    assert_int_equal(mpt_address_down(d.stack, &a, d.now), 0);
    assert_int_equal(mpt_address_up(d.stack, &a, 3, 1500, MPT_ADDRESS_SIGNAL, d.now), 0);
    dialog_run(&d);
    dialog_out(&d, 200 * MS, ". 1 a11 ack=10 rm=3");
    dialog_out(&d, 200 * MS, ". 1 a11 ack=10 add=3/3");
    dialog_end(&d);
}

/* One that was never told needs no farewell. */
static void test_out_never_told(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, PLAIN);
    dialog_up(&d, 100 * MS, 3, 0, 0);
    dialog_down(&d, 200 * MS, 3);
    dialog_down(&d, 210 * MS, 2);
    dialog_none(&d, 500 * S);
    assert_int_equal(dialog_count(&d, "MPTcpExtRmAddrTx"), 0);
    dialog_end(&d);
}

/* An announcement without an echo is not repeated after its REMOVE_ADDR. */
static void test_out_ends_repetition(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, PLAIN);
    dialog_up(&d, 100 * MS, 3, MPT_ADDRESS_SIGNAL, 0);
    dialog_out(&d, 100 * MS, ". 1 a11 ack=10 add=3/3");
    dialog_down(&d, 200 * MS, 3);
    dialog_out(&d, 200 * MS, ". 1 a11 ack=10 rm=3");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reinjected), cmocka_unit_test(test_several), cmocka_unit_test(test_two_of_an_id),
        cmocka_unit_test(test_on_itself), cmocka_unit_test(test_id_0), cmocka_unit_test(test_id_0_not_joined),
        cmocka_unit_test(test_last), cmocka_unit_test(test_echo_cancelled), cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_out_id_0), cmocka_unit_test(test_out_waits), cmocka_unit_test(test_out_once),
        cmocka_unit_test(test_out_before_add),
        cmocka_unit_test(test_out_never_told), cmocka_unit_test(test_out_ends_repetition),
        cmocka_unit_test(test_out_beside_fin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
