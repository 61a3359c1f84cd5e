/* SPDX-License-Identifier: MIT */
/* test_validation.c - the responder of a join with data: rules 2.5.1 and 2.5.3 to 2.5.6 of jwd/README.md: old octets, the third ACK, any
 * segmentation, our own randoms. Named by row.
 * The connection is open since 20 ms, 10 octets were read (DSN 0 to 9). */
#include "dialog/dialog.h"

/* ---- 2.5.1: octets of a SYN that is no join with data reach nobody ---- */

static void test_stripped_option(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    d.tuple[1].local.port = 80;
    dialog_in(&d, 100 * MS, "1| S 0 rec=10/100"); /* MP_JOIN is gone, the payload stayed: a SYN to the listener */
    dialog_out(&d, 100 * MS, "1| S. 0 a1");
    dialog_in(&d, 120 * MS, "1| . 1 a1");
    dialog_none(&d, 130 * MS);
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

static void test_plain_join_with_payload(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12 rec=10/100"); /* D = 0 */
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 101 * MS, "2| S 0 cap4 junk=100"); /* MP_CAPABLE */
    dialog_out(&d, 101 * MS, "2| S. 0 a1 cap12!"); /* another connection, another key */
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

/* ---- 2.5.3: old octets are no mistake ---- */

static void test_partly_old(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=5/100");
    dialog_out(&d, 100 * MS, "1| S. 0 a129 join16:D:id=0");
    assert_int_equal(d.read, 105);
    dialog_in(&d, 110 * MS, "2| S 0 join12:D rec=0/100"); /* wholly */
    dialog_out(&d, 110 * MS, "2| S. 0 a129 join16:D:id=0");
    assert_int_equal(d.read, 105);
    assert_int_equal(dialog_count(&d, "JwdOldData"), 2);
    dialog_in(&d, 130 * MS, "2| . 129 a1 join24");
    dialog_out(&d, 130 * MS, "2| . 1 a129 ack=105");
    dialog_end(&d);
}

/* The ACK prefix acts as an authenticated DATA_ACK and window. */
static void test_ack_prefix(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_write(&d, 50 * MS, 300);
    dialog_out(&d, 50 * MS, "0| . 1+300 a11 ack=10 map=0/1/300");
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100:ack=200:edge=9000");
    dialog_out(&d, 100 * MS, "1| S. 0 a149 join16:D:id=0");
    assert_int_equal(d.conn->stream.acked, 200);
    dialog_skip(&d, 100 * MS);
    dialog_end(&d);
}

/* An edge before the acknowledgement closes nothing and opens nothing: the right edge never moves back. */
static void test_ack_prefix_odd(void **state)
{
    struct dialog d;
    uint64_t edge;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_write(&d, 50 * MS, 300);
    dialog_skip(&d, 50 * MS);
    d.mute = 1;
    edge = d.conn->snd_edge;
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100:ack=200:edge=100");
    assert_int_equal(d.conn->stream.acked, 200);
    assert_true(d.conn->snd_edge == edge);
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "2| S 0 join12:D rec=110/100:ack=301:edge=900"); /* never sent */
    assert_int_equal(d.conn->stream.acked, 200);
    assert_int_equal(d.read, 210);
    dialog_skip(&d, 110 * MS);
    dialog_end(&d);
}

/* ---- 2.5.4: validation ---- */

static void test_bad_third_ack(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| . 129 a1 join24!");
    dialog_out(&d, 120 * MS, "1| R. 1 a129 rst=3");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinAckHMacFailure"), 1);
    dialog_end(&d);
}

/* Every good third ACK is answered at once, also when validated already. */
static void test_repeated_third_ack(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_skip(&d, 100 * MS);
    for (int i = 0; i < 4; i++) {
        dialog_in(&d, (120 + (uint64_t)i) * MS, "1| . 129 a1 join24");
        dialog_out(&d, (120 + (uint64_t)i) * MS, "1| . 1 a129 ack=110");
    }
    dialog_end(&d);
}

/* Data before the third ACK is acknowledged by TCP and held, unparsed; then it is delivered. */
static void test_data_before_third_ack(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "1| . 129+200 a1 ack=0 map=110/129/200");
    dialog_out(&d, 110 * MS, "1| . 1 a329 U ack64=110"); /* its ACK is U-marked (2.6) */
    assert_int_equal(d.read, 110);
    dialog_in(&d, 115 * MS, "1| . 379+50 a1 fin ack=0 map=360/379/51"); /* behind a hole */
    dialog_out(&d, 115 * MS, "1| . 1 a329 U ack64=110 sack=379-429");
    dialog_in(&d, 120 * MS, "1| . 329 a1 join24");
    dialog_out(&d, 120 * MS, "1| . 1 a329 ack=310 sack=379-429");
    assert_int_equal(d.read, 310); /* TCP has acknowledged it: its mapping will not come again */
    dialog_in(&d, 121 * MS, "1| . 329+50 a1 ack=0 map=310/329/50");
    dialog_skip(&d, 121 * MS);
    assert_int_equal(d.read, 410);
    assert_int_equal(dialog_read(&d, 1), 0);
    assert_true(d.eof); /* the DATA_FIN of the segment that came early */
    dialog_end(&d);
}

/* A record that fails behind a good third ACK: reset, counted. */
static void test_bad_record_in_stream(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:D:id=0");
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24 rec!=10/100");
    dialog_skip(&d, 120 * MS);
    assert_int_equal(dialog_count(&d, "JwdBadTag"), 1);
    assert_int_equal(d.read, 10);
    dialog_in(&d, 130 * MS, "1| . 129 a1 join24");
    dialog_out(&d, 130 * MS, "1| R 1");
    dialog_end(&d);
}

/* ---- 2.5.5: any segmentation ---- */

static void test_segmentation(void **state)
{
    (void)state;
    for (int cut = 1; cut < 128; cut++) {
        struct dialog d;

        dialog_open_paths(&d, NULL);
        dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100:tail=1");
        dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:D:id=0");
        dialog_inf(&d, 120 * MS, "1| . 1 a1 join24 part=0/%d", cut);
        dialog_skip(&d, 120 * MS);
        assert_int_equal(d.read, 10);
        dialog_inf(&d, 121 * MS, "1| . %d a1 part=%d/%d", 1 + cut, cut, 128 - cut);
        dialog_skip(&d, 121 * MS);
        assert_int_equal(d.read, 110);
        dialog_end(&d);
    }
}

static void test_octet_by_octet(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100:tail=1");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 110 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 110 * MS);
    for (int i = 127; i >= 0; i--) { /* and in the worst order */
        dialog_inf(&d, (320 - (uint64_t)i) * MS, "1| . %d a1 ack=0 part=%d/1", 1 + i, i);
        dialog_skip(&d, (320 - (uint64_t)i) * MS);
        assert_int_equal(d.read, i ? 10 : 110);
    }
    dialog_end(&d);
}

/* A mapping over the record's octets (2.3): the subflow is reset. */
static void test_dss_overlaps_record(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| . 129 a1 join24");
    dialog_skip(&d, 120 * MS);
    dialog_in(&d, 130 * MS, "1| . 129+20 a1 ack=0 map=110/128/21");
    dialog_out(&d, 130 * MS, "1| R. 1 a129 rst=1");
    assert_int_equal(d.read, 110);
    dialog_end(&d);
}

static void test_dss_on_record_in_stream(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 120 * MS);
    dialog_in(&d, 130 * MS, "1| . 1+100 a1 ack=0 map=10/1/100");
    dialog_out(&d, 130 * MS, "1| R. 1 a1 rst=1");
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

/* "whatever options the segment has" (2.5.5): a record beside a DSS without mapping is fine. */
static void test_record_beside_dss(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100:tail=1");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_skip(&d, 120 * MS);
    dialog_in(&d, 121 * MS, "1| . 1 a1 ack=0 part=0/128");
    dialog_skip(&d, 121 * MS);
    assert_int_equal(d.read, 110);
    dialog_end(&d);
}

/* ---- 2.5.6: our own randoms ---- */

static void script(struct dialog *d, const char *octets)
{
    d->script_at = 0;
    d->script_len = strlen(octets);
    memcpy(d->script, octets, d->script_len);
}

/* The generator repeats itself: the same R_R is not used again while its embryo lives or once it has carried early
 * data; one that came to nothing may come again. */
static void test_own_random(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_advance(&d, 100 * MS);
    script(&d, "isn0AAAA");
    dialog_in(&d, 100 * MS, "1| S 0 join12:D");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:D:id=0");
    script(&d, "isn1AAAABBBB");
    dialog_in(&d, 101 * MS, "2| S 0 join12:D rec=10/100"); /* early data */
    dialog_out(&d, 101 * MS, "2| S. 0 a129 join16:D:id=0");
    assert_true(d.tuple[1].r_stack != d.tuple[2].r_stack);
    assert_int_equal(d.script_at, 12);
    dialog_skip(&d, 15 * S); /* both embryos are gone */
    assert_int_equal(d.conn->subflow_count, 1);
    script(&d, "isn2BBBBAAAA");
    dialog_in(&d, 16 * S, "3| S 0 join12:D");
    dialog_out(&d, 16 * S, "3| S. 0 a1 join16:D:id=0");
    assert_int_equal(d.tuple[3].r_stack, d.tuple[1].r_stack);
    dialog_end(&d);
}

/* A NAT gives the third ACK another port: nobody is there; the initiator tries anew (2.7). */
static void test_rebinding(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_out(&d, 100 * MS, "1| S. 0 a129 join16:D:id=0");
    d.tuple[2].irs = d.tuple[1].irs;
    d.tuple[2].iss = d.tuple[1].iss;
    dialog_in(&d, 120 * MS, "2| . 129 a1 join24");
    dialog_out(&d, 120 * MS, "2| R 1");
    dialog_end(&d);
}

/* ---- DFIN and PAD ---- */

static void test_dfin(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100:dfin");
    assert_int_equal(d.read, 110);
    assert_int_equal(dialog_read(&d, 1), 0);
    assert_true(d.eof);
    dialog_out(&d, 100 * MS, "0| . 1 a11 ack=111"); /* DATA_ACK of the DATA_FIN, on a validated subflow */
    dialog_out(&d, 100 * MS, "1| S. 0 a129 join16:D:id=0");
    dialog_end(&d);
}

static void test_pad(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/0:ack=0:edge=65535:pad=1374");
    dialog_out(&d, 100 * MS, "1| S. 0 a1425 join16:D:id=0");
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stripped_option),
        cmocka_unit_test(test_plain_join_with_payload),
        cmocka_unit_test(test_partly_old),
        cmocka_unit_test(test_ack_prefix),
        cmocka_unit_test(test_ack_prefix_odd),
        cmocka_unit_test(test_bad_third_ack),
        cmocka_unit_test(test_repeated_third_ack),
        cmocka_unit_test(test_data_before_third_ack),
        cmocka_unit_test(test_bad_record_in_stream),
        cmocka_unit_test(test_segmentation),
        cmocka_unit_test(test_octet_by_octet),
        cmocka_unit_test(test_dss_overlaps_record),
        cmocka_unit_test(test_dss_on_record_in_stream),
        cmocka_unit_test(test_record_beside_dss),
        cmocka_unit_test(test_own_random),
        cmocka_unit_test(test_rebinding),
        cmocka_unit_test(test_dfin),
        cmocka_unit_test(test_pad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
