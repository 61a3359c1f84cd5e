/* SPDX-License-Identifier: MIT */
/* test_sum_presence.c - whether mappings have a checksum is agreed in the handshake, for the whole connection (RFC 8684
 * 3.3.1): a subflow whose mapping has none where it was agreed, or one where it was not, is reset with MP_TCPRST's reason
 * "MPTCP error", and none of the octets count. The connection is open since 20 ms and 10 octets of the peer were read. */
#include "dialog/dialog.h"

static const char *const SUMS[] = { "checksum=1", NULL };

static void open_with_sums(struct dialog *d)
{
    dialog_server(d, SUMS);
    dialog_in(d, 0, "S 0 cap4:f=81");
    dialog_out(d, 0, "S. 0 a1 cap12:f=81");
    dialog_in(d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_in(d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10 sum");
    dialog_out(d, 20 * MS, ". 1 a11 ack=10");
}

static void expect_refused(struct dialog *d, uint64_t octets)
{
    assert_int_equal(d->read, octets);
    assert_int_equal(dialog_count(d, "MPTcpExtDSSNotMatching"), 1);
    assert_int_equal(dialog_count(d, "MPTcpExtDataCsumErr"), 0);
    dialog_end(d);
}

static void test_missing(void **state)
{
    struct dialog d;

    (void)state;
    open_with_sums(&d);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/100");
    dialog_out(&d, 100 * MS, "R. 1 a11 rst=1");
    expect_refused(&d, 10);
}

static void test_not_agreed(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_in(&d, 100 * MS, ". 11+100 a1 ack=0 map=10/11/100 sum");
    dialog_out(&d, 100 * MS, "R. 1 a11 rst=1");
    expect_refused(&d, 10);
}

/* A DATA_FIN is a mapping too: without its checksum nobody ends the stream. */
static void test_data_fin(void **state)
{
    struct dialog d;

    (void)state;
    open_with_sums(&d);
    dialog_in(&d, 100 * MS, ". 11 a1 fin ack=0 map=10/0/1");
    dialog_out(&d, 100 * MS, "R. 1 a11 rst=1");
    assert_int_equal(d.conn->peer_fin, 0);
    expect_refused(&d, 10);
}

/* The other subflow brings the octets, with their checksum. */
static void test_one_of_two(void **state)
{
    struct dialog d;

    (void)state;
    open_with_sums(&d);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 40 * MS, "1| S 0 join12:id=3");
    dialog_skip(&d, 40 * MS);
    dialog_in(&d, 60 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 60 * MS);
    dialog_in(&d, 100 * MS, "1| . 1+100 a1 ack=0 map=10/1/100");
    dialog_out(&d, 100 * MS, "1| R. 1 a1 rst=1");
    assert_int_equal(d.conn->subflow_count, 1);
    dialog_in(&d, 120 * MS, "0| . 11+100 a1 ack=0 map=10/11/100 sum");
    dialog_out(&d, 120 * MS, "0| . 1 a111 ack=110");
    assert_int_equal(d.conn->multipath, 1);
    expect_refused(&d, 110);
}

/* MP_CAPABLE's data-level length is a mapping as well (3.1): its length says whether there is a checksum. */
static void test_capable_missing(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, SUMS);
    dialog_in(&d, 0, "S 0 cap4:f=81");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20:f=81");
    dialog_in(&d, 20 * MS, ". 1+100 a1 cap22=100:f=81");
    dialog_out(&d, 20 * MS, "R. 1 a1 rst=1");
    expect_refused(&d, 0);
}

static void test_capable_not_agreed(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_skip(&d, 0);
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1+100 a1 cap24=100");
    dialog_out(&d, 20 * MS, "R. 1 a1 rst=1");
    expect_refused(&d, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing),         cmocka_unit_test(test_not_agreed),
        cmocka_unit_test(test_data_fin),        cmocka_unit_test(test_one_of_two),
        cmocka_unit_test(test_capable_missing), cmocka_unit_test(test_capable_not_agreed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
