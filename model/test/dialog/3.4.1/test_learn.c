/* SPDX-License-Identifier: MIT */
/* test_learn.c - addresses of the peer (RFC 8684 3.4.1): what is believed, echoed and joined. The client 10.0.1.1 has
 * 10.0.1.2 (id 2) as well; `fullmesh` joins the peer's first address from there at 20 ms, which these dialogues refuse by a
 * plain RST. */
#include "dialog/dialog.h"

static const char *const MESH[] = { "pm=fullmesh", NULL };

static void open_client(struct dialog *d, const char *const *settings)
{
    dialog_client(d, settings);
    dialog_out(d, 0, "S 0 cap4 ext");
    dialog_in(d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(d, 10 * MS, ". 1 a1 cap20");
    dialog_in(d, 20 * MS, ". 1 a1 ack=0");
    if (!settings)
        return;
    dialog_out(d, 20 * MS, "1| S 0 join12:id=2");
    dialog_in(d, 30 * MS, "1| R. 0 a1");
}

/* ---- ids ---- */

/* Id 0 is the first subflow's: echoed, but there is nothing new in it. */
static void test_id_0(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, NULL);
    dialog_in(&d, 100 * MS, ". 1 a1 ack=0 add=0/1");
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0 echo=0/1");
    dialog_in(&d, 110 * MS, ". 1 a1 ack=0 add=0/9"); /* another address: neither joined nor believed */
    dialog_out(&d, 110 * MS, ". 1 a1 ack=0 echo=0/9");
    dialog_none(&d, 500 * S);
    assert_int_equal(dialog_count(&d, "MPTcpExtAddAddr"), 2);
    dialog_end(&d);
}

/* The same id with another address, and nobody uses the first: the later word counts. */
static void test_id_moves(void **state)
{
    struct dialog d;
    struct mpt_addr to;

    (void)state;
    open_client(&d, NULL);
    dialog_in(&d, 100 * MS, ". 1 a1 ack=0 add=4/8");
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0 echo=4/8");
    dialog_in(&d, 110 * MS, ". 1 a1 ack=0 add=4/9");
    dialog_out(&d, 110 * MS, ". 1 a1 ack=0 echo=4/9");
    dialog_addr_family(&to, 4, 0, 9);
    assert_true(mpt_addr_same_ip(mpt_addr_remote(d.conn, 4), &to));
    dialog_end(&d);
}

/* The same while a subflow of that id lives: ignored without an echo (3.4.1). After its REMOVE_ADDR it is news. */
static void test_id_in_use(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, MESH);
    dialog_in(&d, 100 * MS, "0| . 1 a1 ack=0 add=4/8");
    dialog_out(&d, 100 * MS, "0| . 1 a1 ack=0 echo=4/8");
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=0");
    dialog_out(&d, 100 * MS, "3| S 0 join12:id=2");
    dialog_in(&d, 110 * MS, "2| S. 0 a1 join16:id=4");
    dialog_out(&d, 110 * MS, "2| . 1 a1 join24");
    dialog_in(&d, 120 * MS, "2| . 1 a1 ack=0");
    dialog_in(&d, 130 * MS, "0| . 1 a1 ack=0 add=4/9");
    dialog_none(&d, 150 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtAddAddrDrop"), 1);
    dialog_in(&d, 151 * MS, "3| R. 0 a1");
    dialog_in(&d, 160 * MS, "0| . 1 a1 ack=0 rm=4");
    dialog_out(&d, 160 * MS, "2| R. 1 a1 rst=0T");
    dialog_in(&d, 170 * MS, "0| . 1 a1 ack=0 add=4/9");
    dialog_out(&d, 170 * MS, "0| . 1 a1 ack=0 echo=4/9");
    dialog_out(&d, 170 * MS, "4| S 0 join12:id=0");
    dialog_out(&d, 170 * MS, "5| S 0 join12:id=2");
    assert_int_equal(d.tuple[4].remote.ip[3], 9);
    dialog_end(&d);
}

/* A subflow that the peer opened has the id too, known from MP_JOIN alone: another address for it is ignored. */
static void test_id_of_a_join(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(&d, 40 * MS);
    dialog_in(&d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 60 * MS);
    dialog_in(&d, 70 * MS, "0| . 11 a1 ack=0 add=3/9");
    dialog_none(&d, 80 * MS);
    dialog_in(&d, 90 * MS, "0| . 11 a1 ack=0 add=3/7"); /* its own is fine */
    dialog_out(&d, 90 * MS, "0| . 1 a11 ack=10 echo=3/7");
    dialog_end(&d);
}

/* Two ids for one address: both are echoed, it is joined once. */
static void test_same_address_twice(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, MESH);
    dialog_in(&d, 100 * MS, "0| . 1 a1 ack=0 add=4/8");
    dialog_out(&d, 100 * MS, "0| . 1 a1 ack=0 echo=4/8");
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=0");
    dialog_out(&d, 100 * MS, "3| S 0 join12:id=2");
    dialog_in(&d, 110 * MS, "0| . 1 a1 ack=0 add=5/8");
    dialog_out(&d, 110 * MS, "0| . 1 a1 ack=0 echo=5/8");
    dialog_none(&d, 120 * MS);
    assert_int_equal(d.tuples, 4);
    dialog_end(&d);
}

/* Eight are known; the ninth is dropped, without an echo; after REMOVE_ADDR there is a place. */
static void test_nine(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, NULL);
    for (unsigned i = 1; i <= 8; i++) {
        dialog_inf(&d, i * 100 * MS, ". 1 a1 ack=0 add=%u/%u", 100 + i, 10 + i);
        dialog_outf(&d, i * 100 * MS, ". 1 a1 ack=0 echo=%u/%u", 100 + i, 10 + i);
    }
    dialog_in(&d, 1 * S, ". 1 a1 ack=0 add=109/19");
    dialog_none(&d, 1 * S);
    assert_int_equal(dialog_count(&d, "MPTcpExtAddAddrDrop"), 1);
    dialog_in(&d, 2 * S, ". 1 a1 ack=0 rm=103");
    dialog_in(&d, 3 * S, ". 1 a1 ack=0 add=109/19");
    dialog_out(&d, 3 * S, ". 1 a1 ack=0 echo=109/19");
    dialog_end(&d);
}

/* ---- ports and families ---- */

/* A port of 0 is no port: the first subflow's is meant. The echo has it as it came. */
static void test_port_0(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, MESH);
    dialog_in(&d, 100 * MS, "0| . 1 a1 ack=0 add=4/8:0");
    dialog_out(&d, 100 * MS, "0| . 1 a1 ack=0 echo=4/8:0");
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=0");
    dialog_out(&d, 100 * MS, "3| S 0 join12:id=2");
    assert_int_equal(d.tuple[2].remote.port, 80);
    assert_int_equal(dialog_count(&d, "MPTcpExtPortAdd"), 0);
    dialog_end(&d);
}

/* The port is under the HMAC. */
static void test_port_bad_hmac(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, NULL);
    dialog_in(&d, 100 * MS, ". 1 a1 ack=0 add!=4/8:8080");
    dialog_none(&d, 200 * MS);
    assert_int_equal(dialog_count(&d, "AddAddrBadHmac"), 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtPortAdd"), 0);
    dialog_end(&d);
}

static void test_port_counted(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, MESH);
    dialog_in(&d, 100 * MS, "0| . 1 a1 ack=0 add=4/8:8080");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "2| S. 0 a1 join16:id=4");
    dialog_skip(&d, 110 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtPortAdd"), 1);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinPortSynAckRx"), 1);
    dialog_end(&d);
}

/* An IPv6 address over an IPv4 connection: echoed, and joined from an IPv6 address as soon as there is one. */
static void test_ipv6(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, MESH);
    dialog_in(&d, 100 * MS, "0| . 1 a1 add=4/6.8");
    dialog_out(&d, 100 * MS, "0| . 1 a1 echo=4/6.8"); /* 20 octets leave 8 */
    dialog_out(&d, 100 * MS, "0| . 1 a1 ack=0");
    dialog_none(&d, 199 * MS);
    dialog_up(&d, 200 * MS, DIALOG_V6 | 5, 0, 0);
    dialog_out(&d, 200 * MS, "2| S 0 join12:id=3");
    assert_int_equal(d.tuple[2].remote.family, 6);
    dialog_in(&d, 220 * MS, "2| S. 0 a1 join16:id=4");
    dialog_out(&d, 220 * MS, "2| . 1 a1 join24");
    dialog_in(&d, 240 * MS, "2| . 1+20 a1 ack=0 map=0/1/20");
    dialog_out(&d, 240 * MS, "2| . 1 a21 ack=20");
    assert_int_equal(d.read, 20);
    dialog_end(&d);
}

/* ---- again ---- */

/* The join failed; the peer announces the address again, and so asks for another attempt (3.4.1). */
static void test_again_after_failure(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, MESH);
    dialog_in(&d, 100 * MS, "0| . 1 a1 ack=0 add=4/8");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "2| R. 0 a1 rst=3"); /* never again, as it seems */
    dialog_in(&d, 111 * MS, "3| R. 0 a1 rst=3");
    dialog_none(&d, 500 * MS);
    dialog_in(&d, 1 * S, "0| . 1 a1 ack=0 add=4/8");
    dialog_out(&d, 1 * S, "0| . 1 a1 ack=0 echo=4/8");
    dialog_out(&d, 1 * S, "4| S 0 join12:id=0");
    dialog_out(&d, 1 * S, "5| S 0 join12:id=2");
    dialog_end(&d);
}

/* Several echoes wait for one ACK each, in the order in which the addresses came; beyond four the peer must repeat. */
static void test_echo_order(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    for (unsigned i = 1; i <= 5; i++) { /* held back: nothing is collected in between */
        struct mpt_add_addr o = { .id = (uint8_t)i, .has_hmac = 1 };
        const uint64_t keys[2] = { d.conn->key_remote, d.conn->key_local };
        struct mpt_piece piece;
        uint8_t key[16], message[7], h[32];

        dialog_addr_family(&o.addr, 4, 0, (uint8_t)(10 + i));
        mpt_bytes_put64(mpt_bytes_put64(key, keys[0]), keys[1]);
        message[0] = o.id;
        memcpy(message + 1, o.addr.ip, 4);
        mpt_bytes_put16(message + 5, 0);
        piece = (struct mpt_piece){ message, sizeof message };
        mpt_crypto_hmac(h, key, sizeof key, &piece, 1);
        memcpy(o.hmac, h + 24, 8);
        mpt_addr_in(d.conn, &o, d.now);
    }
    dialog_run(&d);
    for (unsigned i = 1; i <= 4; i++)
        dialog_outf(&d, 20 * MS, ". 1 a11 ack=10 echo=%u/%u", i, 10 + i);
    dialog_none(&d, 100 * MS);
    assert_int_equal(dialog_count(&d, "MPTcpExtEchoAddTxDrop"), 1);
    dialog_in(&d, 200 * MS, ". 11 a1 ack=0 add=5/15");
    dialog_out(&d, 200 * MS, ". 1 a11 ack=10 echo=5/15");
    dialog_end(&d);
}

/* After the fallback to TCP (3.7) the option means nothing. */
static void test_not_in_tcp(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1");
    dialog_skip(&d, 10 * MS);
    dialog_in(&d, 100 * MS, ". 1 a1 add=4/8");
    dialog_none(&d, 1 * S);
    assert_int_equal(dialog_count(&d, "MPTcpExtAddAddr"), 0);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_id_0), cmocka_unit_test(test_id_moves), cmocka_unit_test(test_id_in_use),
        cmocka_unit_test(test_id_of_a_join), cmocka_unit_test(test_same_address_twice), cmocka_unit_test(test_nine),
        cmocka_unit_test(test_port_0), cmocka_unit_test(test_port_bad_hmac), cmocka_unit_test(test_port_counted),
        cmocka_unit_test(test_ipv6), cmocka_unit_test(test_again_after_failure), cmocka_unit_test(test_echo_order),
        cmocka_unit_test(test_not_in_tcp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
