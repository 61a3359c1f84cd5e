/* SPDX-License-Identifier: MIT */
/* test_wrap.c - data sequence numbers in 32 and 64 bits and across their ends (RFC 8684 3.3.1, 3.3.2): both sides have a
 * key whose IDSN is 549 octets before a multiple of 2^32, or have both moved it to 549 octets before 2^64. */
#include "dialog/dialog.h"

static const uint8_t KEY[8] = { 0x5a, 0, 0, 0, 0, 0x19, 0x74, 0xd5 }; /* IDSN ..fffffddb */

/* The stack draws KEY behind its ISN; the peer has it too. */
static void open_near_32(struct dialog *d)
{
    dialog_server(d, NULL);
    memset(d->script, 0x33, sizeof d->script);
    d->script_len = 12;
    memcpy(d->script + 4, KEY, 8);
    d->script_at = 0;
    dialog_in(d, 0, "S 0 cap4");
    dialog_out(d, 0, "S. 0 a1 cap12");
    assert_int_equal((uint32_t)d->idsn_stack, 0xfffffddb);
    d->key_peer = d->key_stack;
    d->idsn_peer = d->idsn_stack;
    dialog_in(d, 10 * MS, ". 1 a1 cap20");
    dialog_in(d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10");
    dialog_out(d, 20 * MS, ". 1 a11 ack=10");
}

/* No key gives such an IDSN in reasonable time: what was derived is moved, at both ends. */
static void open_near_64(struct dialog *d)
{
    dialog_server(d, NULL);
    dialog_in(d, 0, "S 0 cap4");
    dialog_out(d, 0, "S. 0 a1 cap12");
    dialog_in(d, 10 * MS, ". 1 a1 cap20");
    d->conn->idsn_local = d->idsn_stack = UINT64_MAX - 549;
    d->conn->idsn_remote = d->idsn_peer = UINT64_MAX - 549;
    dialog_in(d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10");
    dialog_out(d, 20 * MS, ". 1 a11 ack=10");
}

/* Five times 500 octets each way, told in 32 bits or 64. */
static void exchange(struct dialog *d, const char *map, const char *dack)
{
    for (unsigned i = 0; i < 5; i++) {
        unsigned off = 10 + 500 * i;

        dialog_inf(d, (100 + 20 * i) * MS, ". %u+500 a%u %s=%u %s=%u/%u/500", 1 + off, 1 + 500 * i, dack, 500 * i, map,
                   off, 1 + off);
        dialog_outf(d, (100 + 20 * i) * MS, ". %u a%u %s=%u", 1 + 500 * i, 501 + off, dack, 500 + off);
        dialog_write(d, (105 + 20 * i) * MS, 500);
        dialog_outf(d, (105 + 20 * i) * MS, ". %u+500 a%u %s=%u map=%u/%u/500", 1 + 500 * i, 501 + off, dack,
                    500 + off, 500 * i, 1 + 500 * i);
        dialog_inf(d, (110 + 20 * i) * MS, ". %u a%u %s=%u", 501 + off, 501 + 500 * i, dack, 500 + 500 * i);
        assert_int_equal(d->conn->stream.acked, 500 + 500 * i);
    }
    assert_int_equal(d->read, 2510);
}

static void test_across_32_in_32(void **state)
{
    struct dialog d;

    (void)state;
    open_near_32(&d);
    exchange(&d, "map", "ack");
    dialog_end(&d);
}

static void test_across_32_in_64(void **state)
{
    struct dialog d;

    (void)state;
    open_near_32(&d);
    exchange(&d, "map64", "ack64");
    dialog_end(&d);
}

static void test_across_64_in_32(void **state)
{
    struct dialog d;

    (void)state;
    open_near_64(&d);
    exchange(&d, "map", "ack");
    dialog_end(&d);
}

static void test_across_64_in_64(void **state)
{
    struct dialog d;

    (void)state;
    open_near_64(&d);
    exchange(&d, "map64", "ack64");
    dialog_end(&d);
}

/* One mapping across the end, its segments in any order. */
static void test_mapping_across(void **state)
{
    struct dialog d;

    (void)state;
    open_near_32(&d);
    dialog_in(&d, 100 * MS, ". 511+500 a1 ack=0 map=10/11/1000");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 101 * MS, ". 11+500 a1 ack=0 map=10/11/1000");
    dialog_out(&d, 101 * MS, ". 1 a1011 ack=1010");
    assert_int_equal(d.read, 1010);
    dialog_end(&d);
}

/* Octets behind the end come first on another subflow: the connection orders them by 64 bits. */
static void test_subflows_across(void **state)
{
    struct dialog d;

    (void)state;
    open_near_32(&d);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(&d, 40 * MS);
    dialog_in(&d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 60 * MS);
    dialog_in(&d, 100 * MS, "1| . 1+600 a1 ack=0 map=610/1/600");
    dialog_out(&d, 100 * MS, "1| . 1 a601 ack=10");
    dialog_in(&d, 110 * MS, "0| . 11+600 a1 ack=0 map=10/11/600");
    dialog_out(&d, 110 * MS, "0| . 1 a611 ack=1210");
    assert_int_equal(d.read, 1210);
    dialog_end(&d);
}

/* Old numbers, from before the end, are old. */
static void test_old_across(void **state)
{
    struct dialog d;

    (void)state;
    open_near_32(&d);
    exchange(&d, "map", "ack");
    dialog_in(&d, 300 * MS, ". 2511 a2501 ack=400"); /* old DATA_ACK */
    assert_int_equal(d.conn->stream.acked, 2500);
    dialog_in(&d, 310 * MS, ". 2511+100 a2501 ack=2500 map=10/2511/100"); /* old octets, sent again */
    dialog_out(&d, 310 * MS, ". 2501 a2611 ack=2510");
    assert_int_equal(d.read, 2510);
    assert_int_equal(d.conn->duplicate, 100);
    dialog_end(&d);
}

/* DATA_FIN takes the number across the end. */
static void test_data_fin_across(void **state)
{
    struct dialog d;

    (void)state;
    open_near_32(&d);
    dialog_in(&d, 100 * MS, ". 11+538 a1 fin ack=0 map=10/11/539"); /* 548 is DSN 2^32 */
    dialog_out(&d, 100 * MS, ". 1 a549 ack=549");
    dialog_read(&d, 1);
    assert_true(d.eof);
    dialog_end(&d);
}

/* The width follows the peer: as it maps, it is answered; and it changes when the peer changes (3.3.2). */
static void test_width_of_the_answer(void **state)
{
    struct dialog d;

    (void)state;
    open_near_64(&d);
    dialog_in(&d, 100 * MS, ". 11+10 a1 ack=0 map64=10/11/10");
    dialog_out(&d, 100 * MS, ". 1 a21 ack64=20");
    dialog_write(&d, 101 * MS, 10);
    dialog_out(&d, 101 * MS, ". 1+10 a21 ack64=20 map=0/1/10");
    dialog_in(&d, 102 * MS, ". 21 a11 ack64=10"); /* no mapping: nothing changes */
    dialog_in(&d, 103 * MS, ". 21+10 a11 ack64=10 map=20/21/10");
    dialog_out(&d, 103 * MS, ". 11 a31 ack=30");
    dialog_end(&d);
}

/* "Half of the 32-bit space within the life of a segment" is brought about by moving the mark from where it is measured. */
static void measure(struct dialog *d, uint64_t since)
{
    d->conn->wide_from = d->conn->snd_nxt - (UINT64_C(1) << 31) + 50;
    d->conn->wide_at = since;
}

static void test_fast_sender(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_write(&d, 100 * MS, 49); /* one octet before half of the space */
    dialog_out(&d, 100 * MS, ". 1+49 a11 ack=10 map=0/1/49");
    dialog_in(&d, 120 * MS, ". 11 a50 ack=49");
    measure(&d, 100 * MS);
    dialog_write(&d, 200 * MS, 50);
    dialog_out(&d, 200 * MS, ". 50+50 a11 ack=10 map=49/50/50");
    dialog_write(&d, 201 * MS, 50);
    dialog_out(&d, 201 * MS, ". 100+50 a11 ack=10 map64=99/100/50");
    dialog_in(&d, 220 * MS, ". 11 a150 ack=149");
    mpt_shutdown(d.conn, d.now);
    dialog_run(&d);
    dialog_out(&d, 220 * MS, ". 150 a11 fin ack=10 map64=149/0/1");
    dialog_skip(&d, 221 * MS);
    dialog_end(&d);
}

static void test_slow_sender(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_write(&d, 100 * MS, 50);
    dialog_out(&d, 100 * MS, ". 1+50 a11 ack=10 map=0/1/50");
    dialog_in(&d, 120 * MS, ". 11 a51 ack=50");
    measure(&d, 100 * MS);
    dialog_write(&d, 121 * S, 50);
    dialog_out(&d, 121 * S, ". 51+50 a11 ack=10 map=50/51/50");
    dialog_write(&d, 121 * S, 50);
    dialog_out(&d, 121 * S, ". 101+50 a11 ack=10 map=100/101/50");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fast_sender), cmocka_unit_test(test_slow_sender),
        cmocka_unit_test(test_across_32_in_32), cmocka_unit_test(test_across_32_in_64),
        cmocka_unit_test(test_across_64_in_32), cmocka_unit_test(test_across_64_in_64),
        cmocka_unit_test(test_mapping_across), cmocka_unit_test(test_subflows_across), cmocka_unit_test(test_old_across),
        cmocka_unit_test(test_data_fin_across), cmocka_unit_test(test_width_of_the_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
