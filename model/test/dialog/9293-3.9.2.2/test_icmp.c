/* SPDX-License-Identifier: MIT */
/* test_icmp.c - ICMP errors (RFC 9293 3.9.2.2; RFC 1191, 8201, 5927): segments cut for a smaller path, with the mapping
 * of the whole in every piece (RFC 8684 3.3.1), and messages that must not be believed. */
#include "dialog/dialog.h"

/* Two segments are in flight, none of that size was acknowledged yet: both go again in pieces, at once. */
static void test_pieces_share_a_mapping(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_write(&d, 100 * MS, 2 * 1428);
    dialog_out(&d, 100 * MS, ". 1+1428 a11 ack=10 map=0/1/1428");
    dialog_out(&d, 100 * MS, ". 1429+1428 a11 ack=10 map=1428/1429/1428");
    dialog_icmp(&d, 105 * MS, 0, 1, MPT_ICMP_TOO_BIG, 1000);
    dialog_out(&d, 105 * MS, ". 1+928 a11 ack=10 map=0/1/1428");
    dialog_out(&d, 105 * MS, ". 929+500 a11 ack=10 map=0/1/1428");
    dialog_out(&d, 105 * MS, ". 1429+928 a11 ack=10 map=1428/1429/1428");
    dialog_out(&d, 105 * MS, ". 2357+500 a11 ack=10 map=1428/1429/1428");
    dialog_in(&d, 115 * MS, ". 11 a929 ack=0");
    dialog_in(&d, 115 * MS, ". 11 a2857 ack=2856");
    dialog_write(&d, 120 * MS, 1428); /* new data is small from the start */
    dialog_out(&d, 120 * MS, ". 2857+928 a11 ack=10 map=2856/2857/928");
    dialog_out(&d, 120 * MS, ". 3785+500 a11 ack=10 map=3784/3785/500");
    assert_int_equal(dialog_count(&d, "PathMtuLowered"), 1);
    assert_int_equal(dialog_count(&d, "TcpExtTCPTimeouts"), 0);
    dialog_end(&d);
}

/* The checksum is over the mapping, so each piece repeats that of the whole. */
static void test_pieces_share_a_checksum(void **state)
{
    static const char *const settings[] = { "checksum=on", NULL };
    struct dialog d;

    (void)state;
    dialog_server(&d, settings);
    dialog_in(&d, 0, "S 0 cap4:f=81");
    dialog_out(&d, 0, "S. 0 a1 cap12:f=81");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_in(&d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10 sum");
    dialog_skip(&d, 20 * MS);
    dialog_write(&d, 100 * MS, 1428);
    dialog_out(&d, 100 * MS, ". 1+1428 a11 ack=10 map=0/1/1428 sum");
    dialog_icmp(&d, 105 * MS, 0, 1, MPT_ICMP_TOO_BIG, 1000);
    dialog_out(&d, 105 * MS, ". 1+928 a11 ack=10 map=0/1/1428 sum");
    dialog_out(&d, 105 * MS, ". 929+500 a11 ack=10 map=0/1/1428 sum");
    dialog_end(&d);
}

/* Cut twice: the second message comes while pieces are in flight. Still the first mapping. */
static void test_cut_twice(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_write(&d, 100 * MS, 1428);
    dialog_out(&d, 100 * MS, ". 1+1428 a11 ack=10 map=0/1/1428");
    dialog_icmp(&d, 105 * MS, 0, 1, MPT_ICMP_TOO_BIG, 1200);
    dialog_out(&d, 105 * MS, ". 1+1128 a11 ack=10 map=0/1/1428");
    dialog_out(&d, 105 * MS, ". 1129+300 a11 ack=10 map=0/1/1428");
    dialog_icmp(&d, 110 * MS, 0, 1, MPT_ICMP_TOO_BIG, 800);
    dialog_out(&d, 110 * MS, ". 1+728 a11 ack=10 map=0/1/1428");
    dialog_out(&d, 110 * MS, ". 729+400 a11 ack=10 map=0/1/1428");
    dialog_in(&d, 120 * MS, ". 11 a1429 ack=1428");
    dialog_none(&d, 10 * S);
    dialog_end(&d);
}

/* The first data of the client has MP_CAPABLE in place of a DSS (3.1): the first piece keeps it, with the length of the
 * whole, the others say the same mapping by a DSS. */
static void test_first_data(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_write(&d, 20 * MS, 1424);
    dialog_out(&d, 20 * MS, ". 1+1424 a1 cap22=1424");
    dialog_icmp(&d, 25 * MS, 0, 1, MPT_ICMP_TOO_BIG, 1000);
    dialog_out(&d, 25 * MS, ". 1+924 a1 cap22=1424");
    dialog_out(&d, 25 * MS, ". 925+500 a1 ack=0 map=0/1/1424");
    dialog_end(&d);
}

/* A mapping with DATA_FIN stays one: its length counts it in every piece (3.3.3). */
static void test_data_fin(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_write(&d, 100 * MS, 11 * 1428);
    dialog_skip(&d, 100 * MS); /* ten of them: the initial window */
    assert_int_equal(mpt_shutdown(d.conn, d.now), 0);
    dialog_run(&d);
    dialog_icmp(&d, 102 * MS, 0, 2, MPT_ICMP_SOFT, 0);
    dialog_none(&d, 109 * MS);
    dialog_in(&d, 110 * MS, ". 11 a14281 ack=14280");
    dialog_out(&d, 110 * MS, ". 14281+1428 a11 fin ack=10 map=14280/14281/1429");
    dialog_icmp(&d, 115 * MS, 0, 14281, MPT_ICMP_TOO_BIG, 1000); /* 1428 octets passed before: a time-out must confirm */
    dialog_skip(&d, 379 * MS);
    dialog_out(&d, 380 * MS, ". 14281+928 a11 fin ack=10 map=14280/14281/1429");
    dialog_in(&d, 390 * MS, ". 11 a15209 ack=15208");
    dialog_out(&d, 390 * MS, ". 15209+500 a11 fin ack=10 map=14280/14281/1429");
    dialog_end(&d);
}

/* Plain TCP has no mapping to keep. */
static void test_plain(void **state)
{
    static const char *const plain[] = { "mptcp=off", NULL };
    struct dialog d;

    (void)state;
    dialog_server(&d, plain);
    dialog_in(&d, 0, "S 0");
    dialog_out(&d, 0, "S. 0 a1");
    dialog_in(&d, 10 * MS, ". 1 a1");
    dialog_write(&d, 20 * MS, 1448);
    dialog_out(&d, 20 * MS, ". 1+1448 a1 plain=0");
    dialog_icmp(&d, 25 * MS, 0, 1, MPT_ICMP_TOO_BIG, 576);
    dialog_out(&d, 25 * MS, ". 1+524 a1 plain=0");
    dialog_out(&d, 25 * MS, ". 525+524 a1 plain=524");
    dialog_out(&d, 25 * MS, ". 1049+400 a1 plain=1048");
    dialog_end(&d);
}

/* Of 4-tuples that are not ours, and of numbers that are not in flight: counted, nothing else (RFC 5927 4.1). */
static void test_forged(void **state)
{
    struct mpt_addr other;
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_icmp(&d, 50 * MS, 0, 1, MPT_ICMP_TOO_BIG, 576); /* nothing is in flight */
    dialog_icmp(&d, 50 * MS, 0, 1, MPT_ICMP_HARD, 0);
    assert_int_equal(dialog_count(&d, "TcpExtOutOfWindowIcmps"), 2);
    other = d.tuple[0].remote;
    other.port++;
    assert_int_equal(mpt_icmp(d.stack, &d.tuple[0].local, &other, 1, MPT_ICMP_HARD, 0, d.now), 0);
    assert_int_equal(dialog_count(&d, "IcmpInErrors"), 1);
    other.family = 6;
    assert_int_equal(mpt_icmp(d.stack, &d.tuple[0].local, &other, 1, MPT_ICMP_HARD, 0, d.now), MPT_EINVAL);
    assert_int_equal(mpt_icmp(d.stack, &other, &other, 1, (enum mpt_icmp_kind)3, 0, d.now), MPT_EINVAL);
    dialog_write(&d, 60 * MS, 100);
    dialog_out(&d, 60 * MS, ". 1+100 a11 ack=10 map=0/1/100");
    dialog_icmp(&d, 61 * MS, 0, 1, MPT_ICMP_HARD, 0); /* synchronised: soft (RFC 5461 2.2) */
    dialog_in(&d, 70 * MS, ". 11 a101 ack=100");
    dialog_none(&d, 80 * MS);
    assert_int_equal(d.conn->state, MPT_CONN_OPEN);
    dialog_end(&d);
}

/* The attempt to connect ends at once by a hard error about its own SYN, not by a soft one. */
static void test_connection_refused(void **state)
{
    struct mpt_conn_info info = { .size = sizeof info };
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_icmp(&d, 10 * MS, 0, 0, MPT_ICMP_SOFT, 0);
    dialog_icmp(&d, 10 * MS, 0, 1, MPT_ICMP_HARD, 0);
    assert_int_equal(d.conn->state, MPT_CONN_CONNECTING);
    dialog_icmp(&d, 11 * MS, 0, 0, MPT_ICMP_HARD, 0);
    dialog_none(&d, 5 * S);
    assert_int_equal(mpt_conn_info(d.conn, &info), 0);
    assert_int_equal(info.state, MPT_CONN_CLOSED);
    assert_int_equal(info.error, MPT_ECONNREFUSED);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_share_a_mapping), cmocka_unit_test(test_pieces_share_a_checksum),
        cmocka_unit_test(test_cut_twice), cmocka_unit_test(test_first_data), cmocka_unit_test(test_data_fin),
        cmocka_unit_test(test_plain), cmocka_unit_test(test_forged), cmocka_unit_test(test_connection_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
