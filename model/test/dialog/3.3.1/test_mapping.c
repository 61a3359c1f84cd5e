/* SPDX-License-Identifier: MIT */
/* test_mapping.c - data sequence mappings in all the ways that peers send them (RFC 8684 3.3.1). The connection is open
 * since 20 ms and 10 octets of the peer were read; where there are two subflows the second one has 4-tuple 1 and is
 * there since 60 ms. */
#include "dialog/dialog.h"

static void test_32_and_64_bits(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+10 a1 ack=0 map=10/11/10");
    dialog_out(&d, 100 * MS, ". 1 a21 ack=20");
    dialog_in(&d, 101 * MS, ". 21+10 a1 ack64=0 map64=20/21/10");
    dialog_out(&d, 101 * MS, ". 1 a31 ack64=30"); /* in kind (3.3.2) */
    dialog_in(&d, 102 * MS, ". 31+10 a1 ack=0 map64=30/31/10");
    dialog_out(&d, 102 * MS, ". 1 a41 ack64=40");
    dialog_in(&d, 103 * MS, ". 41+10 a1 ack=0 map=40/41/10");
    dialog_out(&d, 103 * MS, ". 1 a51 ack=50");
    assert_int_equal(d.read, 50);
    dialog_end(&d);
}

/* Linux: one long mapping, repeated on every segment that it covers. */
static void test_long_mapping_repeated(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    for (unsigned i = 0; i < 10; i++) {
        dialog_inf(&d, (100 + i) * MS, ". %u+1000 a1 ack=0 map=10/11/10000", 11 + 1000 * i);
        dialog_skip(&d, (100 + i) * MS);
    }
    assert_int_equal(d.read, 10010);
    dialog_end(&d);
}

/* ... and in any order */
static void test_long_mapping_out_of_order(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    for (unsigned i = 10; i-- > 0;) {
        dialog_inf(&d, (110 - i) * MS, ". %u+1000 a1 ack=0 map=10/11/10000", 11 + 1000 * i);
        dialog_skip(&d, (110 - i) * MS);
    }
    assert_int_equal(d.read, 10010);
    dialog_end(&d);
}

/* Said once; the others have no DSS at all. */
static void test_long_mapping_once(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+1000 a1 ack=0 map=10/11/3000");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 101 * MS, ". 1011+1000 a1 plain=1010");
    dialog_skip(&d, 101 * MS);
    dialog_in(&d, 102 * MS, ". 2011+1000 a1 plain=2010");
    dialog_skip(&d, 102 * MS);
    assert_int_equal(d.read, 3010);
    assert_int_equal(d.conn->multipath, 1);
    dialog_end(&d);
}

/* Ahead of its octets, on a segment without any of them. */
static void test_mapping_first(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11 a1 ack=0 map=10/11/1000");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 101 * MS, ". 11+1000 a1 plain=10");
    dialog_skip(&d, 101 * MS);
    assert_int_equal(d.read, 1010);
    dialog_end(&d);
}

/* Behind its octets: they wait for it. (On a subflow that was never one of several, segments without any option mean
 * fallback: ../3.7.) */
static void test_mapping_late(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+1000 a1 plain=10");
    dialog_skip(&d, 100 * MS);
    assert_int_equal(d.read, 10);
    dialog_in(&d, 101 * MS, ". 1011+500 a1 ack=0 map=10/11/1500");
    dialog_skip(&d, 101 * MS);
    assert_int_equal(d.read, 1510);
    dialog_end(&d);
}

/* 64 KiB and no mapping: a middlebox has lost it. */
static void test_mapping_never(void **state)
{
    struct dialog d;
    unsigned i;

    (void)state;
    dialog_open_two(&d, NULL);
    for (i = 0; i < 80 && d.conn->subflow_count == 2; i++) {
        dialog_inf(&d, (100 + i) * MS, "1| . %u+1000 a1 plain=10", 1 + 1000 * i);
        if (dialog_count(&d, "MPTcpExtMPRstTx"))
            break;
        dialog_skip(&d, (100 + i) * MS);
    }
    dialog_outf(&d, (100 + i) * MS, "1| R. 1 a%u rst=6", 1001 + 1000 * i);
    assert_int_equal(i, 65); /* 66,000 octets */
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

static void test_mapping_changed(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "1| . 1+100 a1 ack=0 map=10/1/1000");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 101 * MS, "1| . 101+100 a1 ack=0 map=500/101/100"); /* elsewhere */
    dialog_out(&d, 101 * MS, "1| R. 1 a101 rst=1");
    assert_int_equal(dialog_count(&d, "MPTcpExtDSSNotMatching"), 1);
    dialog_in(&d, 110 * MS, "0| . 11+100 a1 ack=0 map=10/11/100"); /* the other subflow goes on */
    dialog_skip(&d, 110 * MS);
    dialog_in(&d, 111 * MS, "0| . 111+100 a1 ack=0 map=110/111/100");
    dialog_skip(&d, 111 * MS);
    assert_int_equal(d.read, 210);
    dialog_end(&d);
}

/* The same octets twice at different places of the subflow: allowed, the second copy is dropped. */
static void test_same_dsn_twice(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/100");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 101 * MS, ". 111+100 a1 ack=0 map=10/111/100");
    dialog_out(&d, 101 * MS, ". 1 a211 ack=110");
    assert_int_equal(d.read, 110);
    assert_int_equal(d.conn->duplicate, 100);
    dialog_end(&d);
}

/* Two subflows, the stream's octets out of order. */
static void test_two_subflows(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "1| . 1+100 a1 ack=0 map=110/1/100");
    dialog_out(&d, 100 * MS, "1| . 1 a101 ack=10");
    dialog_in(&d, 101 * MS, "0| . 11+100 a1 ack=0 map=10/11/100");
    dialog_out(&d, 101 * MS, "0| . 1 a111 ack=210");
    assert_int_equal(d.read, 210);
    dialog_end(&d);
}

/* A wrapping subflow (4-tuple 0 begins 1024 octets before 2^32) and a wrapping DSN: 64-bit inside. */
static void test_wrap(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    for (unsigned i = 0; i < 5; i++) {
        dialog_inf(&d, (100 + i) * MS, ". %u+500 a1 ack=0 map=%u/%u/500", 11 + 500 * i, 10 + 500 * i, 11 + 500 * i);
        dialog_outf(&d, (100 + i) * MS, ". 1 a%u ack=%u", 511 + 500 * i, 510 + 500 * i);
    }
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_32_and_64_bits),
        cmocka_unit_test(test_long_mapping_repeated),
        cmocka_unit_test(test_long_mapping_out_of_order),
        cmocka_unit_test(test_long_mapping_once),
        cmocka_unit_test(test_mapping_first),
        cmocka_unit_test(test_mapping_late),
        cmocka_unit_test(test_mapping_never),
        cmocka_unit_test(test_mapping_changed),
        cmocka_unit_test(test_same_dsn_twice),
        cmocka_unit_test(test_two_subflows),
        cmocka_unit_test(test_wrap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
