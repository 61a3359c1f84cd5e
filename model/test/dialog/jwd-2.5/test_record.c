/* SPDX-License-Identifier: MIT */
/* test_record.c - the responder of a join with data: rows 3 to 6 of the table of checks in jwd/README.md 2.5.2 (one record, its tag, the
 * replay set, edge and memory). Named by row.
 * The connection is open since 20 ms, 10 octets were read (DSN 0 to 9). */
#include "dialog/dialog.h"

/* ---- check 3: exactly one record ---- */

static void check_3(const char *syn)
{
    struct dialog d;

    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, syn);
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:D:id=0");
    dialog_none(&d, 110 * MS);
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

static void test_3_not_a_record(void **state)
{
    (void)state;
    check_3("1| S 0 join12:D");                        /* bare */
    check_3("1| S 0 join12:D junk=100");
    check_3("1| S 0 join12:D junk=1");
    check_3("1| S 0 join12:D rec=10/100:tail=1");      /* an octet more */
    check_3("1| S 0 join12:D rec=10/100:v=2");
    check_3("1| S 0 join12:D rec=10/100:h=02");        /* CTL */
    check_3("1| S 0 join12:D rec=10/100:h=80");
    check_3("1| S 0 join12:D rec=10/0:h=01");          /* ACK without room for it */
    check_3("1| S 0 join12:D rec=10/10:ack=0:cack=1");
    check_3("1| S 0 join12:D rec=10/10:pad=4:dirty");
}

/* It goes on as a plain join, and the record comes in the stream. */
static void test_3_record_in_stream(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100:tail=1");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:D:id=0");
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24 rec=10/100");
    dialog_out(&d, 120 * MS, "1| . 1 a129 ack=110");
    assert_int_equal(d.read, 110);
    assert_int_equal(dialog_count(&d, "JwdInStream"), 1);
    dialog_in(&d, 121 * MS, "1| . 129+50 a1 ack=0 map=110/129/50");
    dialog_out(&d, 121 * MS, "1| . 1 a179 ack=160");
    dialog_end(&d);
}

/* ---- check 4: the tag ---- */

static void test_4_bad_tag(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec!=10/100");
    dialog_out(&d, 100 * MS, "1| R. 0 a129 rst=1");
    assert_int_equal(dialog_count(&d, "JwdBadTag"), 1);
    assert_int_equal(d.read, 10);
    dialog_none(&d, 1000 * MS);
    dialog_end(&d);
}

/* A captured record under another random: the tag covers the option. */
static void test_4_other_random(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_skip(&d, 100 * MS);
    memcpy(d.tuple[2].record, d.tuple[1].record, d.tuple[1].record_len);
    dialog_in(&d, 110 * MS, "2| S 0 join12:D part=0/128");
    dialog_out(&d, 110 * MS, "2| R. 0 a129 rst=1");
    dialog_end(&d);
}

/* ---- check 5: the replay set ---- */

/* Captured and sent from elsewhere before the true third ACK: a second embryo, no early data; a third is dropped. */
static void test_5_twins(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    d.tuple[2].r_peer = d.tuple[3].r_peer = d.tuple[1].r_peer;
    dialog_in(&d, 100 * MS, "2| S 0 join12:D rec=10/100"); /* the sniffer wins the race */
    dialog_out(&d, 100 * MS, "2| S. 0 a129 join16:D:id=0");
    dialog_in(&d, 101 * MS, "1| S 0 join12:D rec=10/100"); /* the true one */
    dialog_out(&d, 101 * MS, "1| S. 0 a129 join16:D:id=0");
    dialog_in(&d, 102 * MS, "3| S 0 join12:D rec=10/100");
    dialog_none(&d, 103 * MS);
    assert_int_equal(dialog_count(&d, "JwdReplay"), 1);
    assert_int_equal(d.read, 110);
    assert_true(d.tuple[1].r_stack != d.tuple[2].r_stack);
    dialog_in(&d, 120 * MS, "1| . 129 a1 join24");
    dialog_out(&d, 120 * MS, "2| R. 1 a129 rst=3"); /* 2.5.4: the sibling is reset */
    dialog_out(&d, 120 * MS, "1| . 1 a129 ack=110");
    dialog_in(&d, 130 * MS, "3| S 0 join12:D rec=10/100"); /* validated: closed for ever */
    dialog_none(&d, 140 * MS);
    assert_int_equal(dialog_count(&d, "JwdReplay"), 2);
    dialog_end(&d);
}

/* The twin gets no early data: only the first embryo of a fresh R_I does (2.6), and when its budget is spent the rest
 * waits, although nothing else is there. */
static void test_5_twin_without_early_data(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    d.tuple[2].r_peer = d.tuple[1].r_peer;
    dialog_in(&d, 90 * MS, "0| R. 11 a1");
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_out(&d, 100 * MS, "1| S. 0 a129 join16:D:id=0");
    dialog_in(&d, 101 * MS, "2| S 0 join12:D rec=10/100");
    dialog_out(&d, 101 * MS, "2| S. 0 a129 join16:D:id=0");
    dialog_write(&d, 102 * MS, 4000);
    dialog_out(&d, 102 * MS, "1| . 1+444 a129 U ack64=110 map64=0/1/444"); /* 3 x 200 - 76 - 80 */
    dialog_none(&d, 119 * MS);
    dialog_in(&d, 120 * MS, "2| . 129 a1 join24"); /* the twin was the true one */
    dialog_out(&d, 120 * MS, "1| R. 445 a129 rst=3");
    dialog_out(&d, 120 * MS, "2| . 1 a129 ack=110");
    dialog_out(&d, 120 * MS, "2| . 1+444 a129 ack=110 map=0/1/444"); /* again: a sniffer may have had it */
    dialog_out(&d, 120 * MS, "2| . 445+1428 a129 ack=110 map=444/445/1428");
    dialog_skip(&d, 120 * MS);
    dialog_end(&d);
}

/* A plain join's random enters the set too, closed. */
static void test_5_random_of_plain_join(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    d.tuple[2].r_peer = d.tuple[1].r_peer;
    dialog_in(&d, 100 * MS, "1| S 0 join12");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 120 * MS, "1| . 1 a1 ack=10");
    dialog_in(&d, 130 * MS, "2| S 0 join12:D rec=10/100");
    dialog_none(&d, 140 * MS);
    assert_int_equal(dialog_count(&d, "JwdReplay"), 1);
    dialog_end(&d);
}

/* ---- check 6: set, edge, memory ---- */

static void test_6_beyond_edge(void **state)
{
    static const char *const small[] = { "rcvbuf=4096", NULL };
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, small);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=4097/10"); /* 4096 + 10 read: the edge is 4106 */
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:D:id=0");
    dialog_in(&d, 101 * MS, "2| S 0 join12:D rec=4096/10"); /* ends at the edge */
    dialog_out(&d, 101 * MS, "2| S. 0 a39 join16:D:id=0");
    assert_int_equal(dialog_count(&d, "JwdLimit"), 1);
    assert_int_equal(dialog_count(&d, "JwdAccepted"), 1);
    dialog_end(&d);
}

/* R_I enters the set only when check 6 has passed: the same record may come again from a new port. */
static void test_6_random_not_spent(void **state)
{
    static const char *const small[] = { "rcvbuf=4096", NULL };
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, small);
    d.tuple[2].r_peer = d.tuple[1].r_peer;
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=4097/10");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:D:id=0");
    dialog_in(&d, 101 * MS, "2| S 0 join12:D rec=4096/10");
    dialog_out(&d, 101 * MS, "2| S. 0 a39 join16:D:id=0");
    dialog_end(&d);
}

/* 1024 verified randoms: no early acceptance any more, no risk, and nothing is forgotten. */
static void test_6_full_set(void **state)
{
    static const char *const many[] = { "max_subflows=64", NULL };
    struct dialog d;

    (void)state;
    dialog_open_server(&d, many);
    dialog_tuple(&d, 1, 7, 7000);
    for (uint32_t i = 0; i < 1024; i++) {
        d.tuple[1].r_peer = 1000 + i;
        d.tuple[1].remote.port = (uint16_t)(7000 + i);
        dialog_in(&d, 100 * MS + i * 20 * MS, "1| S 0 join12:D rec=10/0");
        dialog_out(&d, 100 * MS + i * 20 * MS, "1| S. 0 a29 join16:D:id=0");
        dialog_in(&d, 101 * MS + i * 20 * MS, "1| . 29 a1 join24");
        dialog_out(&d, 101 * MS + i * 20 * MS, "1| . 1 a29 ack=10");
        dialog_in(&d, 102 * MS + i * 20 * MS, "1| R. 29 a1");
    }
    d.tuple[1].remote.port = 8500;
    d.tuple[1].r_peer = 5000;
    dialog_in(&d, 60 * S, "1| S 0 join12:D rec=10/10");
    dialog_out(&d, 60 * S, "1| S. 0 a1 join16:D:id=0");
    dialog_in(&d, 60 * S + 20 * MS, "1| . 1 a1 join24 rec=10/10"); /* in the stream, validated */
    dialog_out(&d, 60 * S + 20 * MS, "1| . 1 a39 ack=20");
    d.tuple[1].remote.port = 8501;
    d.tuple[1].r_peer = 1000; /* the oldest */
    dialog_in(&d, 61 * S, "1| S 0 join12:D rec=10/10");
    dialog_none(&d, 62 * S);
    dialog_end(&d);
}

/* No memory for the set: not taken early, nothing is lost. */
static void test_6_memory(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_advance(&d, 100 * MS);
    d.refuse_memory = 1;
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:D:id=0");
    assert_int_equal(d.read, 10);
    dialog_in(&d, 120 * MS, "1| . 1 a1 join24 rec=10/100");
    dialog_out(&d, 120 * MS, "1| . 1 a129 ack=110");
    assert_int_equal(d.read, 110);
    dialog_end(&d);
}

/* Not even for an embryo: as if the SYN were lost, however often and wherever memory ends. */
static void test_6_no_memory_at_all(void **state)
{
    (void)state;
    for (unsigned n = 2; n < 12; n++) {
        struct dialog d;

        dialog_open_paths(&d, NULL);
        dialog_advance(&d, 100 * MS);
        d.refuse_memory = n;
        dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
        dialog_skip(&d, 100 * MS);
        d.refuse_memory = 0;
        dialog_in(&d, 1100 * MS, "1| S 0 join12:D");
        dialog_skip(&d, 1100 * MS);
        dialog_in(&d, 1120 * MS, "1| . 1 a1 join24 rec=10/100");
        dialog_skip(&d, 1120 * MS);
        assert_int_equal(d.read, 110);
        dialog_end(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_3_not_a_record),
        cmocka_unit_test(test_3_record_in_stream),
        cmocka_unit_test(test_4_bad_tag),
        cmocka_unit_test(test_4_other_random),
        cmocka_unit_test(test_5_twins),
        cmocka_unit_test(test_5_twin_without_early_data),
        cmocka_unit_test(test_5_random_of_plain_join),
        cmocka_unit_test(test_6_beyond_edge),
        cmocka_unit_test(test_6_random_not_spent),
        cmocka_unit_test(test_6_full_set),
        cmocka_unit_test(test_6_memory),
        cmocka_unit_test(test_6_no_memory_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
