/* SPDX-License-Identifier: MIT */
/* test_checks.c - the responder of a join with data: rows 0 to 2 of the table of checks in jwd/README.md 2.5.2 (4-tuple, connection,
 * agreement and limits), and what is accepted. Named by row.
 * The connection is open since 20 ms, 10 octets were read (DSN 0 to 9). */
#include "dialog/dialog.h"

static const char *const VALIDATED[] = { "jwd_accept=validated", NULL };

/* ---- accepted ---- */

static void test_immediate(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_out(&d, 100 * MS, "1| S. 0 a129 join16:D:id=0");
    assert_int_equal(d.read, 110);
    assert_true(d.last_read_at == 100 * MS);
    dialog_in(&d, 120 * MS, "1| . 129 a1 join24");
    dialog_out(&d, 120 * MS, "1| . 1 a129 ack=110"); /* the fourth ACK, at once, without U */
    dialog_in(&d, 121 * MS, "1| . 129+50 a1 ack=0 map=110/129/50"); /* SSN goes on behind the record */
    dialog_out(&d, 121 * MS, "1| . 1 a179 ack=160");
    assert_int_equal(d.read, 160);
    dialog_end(&d);
}

static void test_validated(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, VALIDATED);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_out(&d, 100 * MS, "1| S. 0 a129 join16:D:id=0");
    assert_int_equal(d.read, 10);
    dialog_in(&d, 120 * MS, "1| . 129 a1 join24");
    dialog_out(&d, 120 * MS, "1| . 1 a129 ack=110");
    assert_int_equal(d.read, 110);
    assert_true(d.last_read_at == 120 * MS);
    dialog_end(&d);
}

/* ---- check 0: this 4-tuple has an embryo ---- */

static void test_0_repeats_synack_unchanged(void **state)
{
    struct dialog d;
    uint32_t r;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_out(&d, 100 * MS, "1| S. 0 a129 join16:D:id=0");
    r = d.tuple[1].r_stack;
    dialog_in(&d, 150 * MS, "1| S 0 join12:D"); /* the bare SYN of the first time-out */
    dialog_out(&d, 150 * MS, "1| S. 0 a129 join16:D:id=0");
    dialog_in(&d, 160 * MS, "1| S 0 junk=40"); /* whatever it carries */
    dialog_out(&d, 160 * MS, "1| S. 0 a129 join16:D:id=0");
    assert_int_equal(d.tuple[1].r_stack, r);
    dialog_in(&d, 170 * MS, "1| S 0 join12:D rec=10/200");
    dialog_out(&d, 170 * MS, "1| S. 0 a129 join16:D:id=0");
    assert_int_equal(d.read, 110);
    dialog_end(&d);
}

static void test_0_repeats_synack_of_bare(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:D:id=0");
    dialog_in(&d, 150 * MS, "1| S 0 join12:D rec=10/100"); /* the first SYN comes late */
    dialog_out(&d, 150 * MS, "1| S. 0 a1 join16:D:id=0");
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

static void test_0_validated_challenges(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_skip(&d, 100 * MS);
    dialog_in(&d, 120 * MS, "1| . 129 a1 join24");
    dialog_skip(&d, 120 * MS);
    dialog_in(&d, 130 * MS, "1| S 0 join12:D rec=10/100");
    dialog_out(&d, 130 * MS, "1| . 1 a129 ack=110"); /* RFC 5961 4: challenge ACK */
    dialog_end(&d);
}

/* ---- check 1: the connection ---- */

static void test_1_unknown_token(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12!:D rec=10/100");
    dialog_out(&d, 100 * MS, "1| R. 0 a129 rst=1");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinNoTokenFound"), 1);
    dialog_end(&d);
}

static void test_1_not_confirmed(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 0, "S 0 cap4 ext");
    dialog_skip(&d, 0);
    dialog_in(&d, 1 * MS, "1| S 0 join12:D rec=0/100"); /* SYN-RCVD: not established */
    dialog_out(&d, 1 * MS, "1| R. 0 a129 rst=3");
    dialog_end(&d);
}

static void test_1_fallback(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 90 * MS, "0| . 11 a1 map=10/0/0"); /* infinite mapping (RFC 8684 3.7) */
    dialog_skip(&d, 90 * MS);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_out(&d, 100 * MS, "1| R. 0 a129 rst=1");
    dialog_end(&d);
}

static void test_1_closed(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 90 * MS, "0| R. 11 a1 fc");
    dialog_skip(&d, 90 * MS);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_out(&d, 100 * MS, "1| R. 0 a129 rst=1");
    dialog_end(&d);
}

/* ---- check 2: agreed, and limits ---- */

static void test_2_not_agreed(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 0, "S 0 cap4"); /* no EXT */
    dialog_out(&d, 0, "S. 0 a1 cap12");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10");
    dialog_skip(&d, 20 * MS);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0"); /* plain: D=0, ISN + 1 */
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

static void test_2_off(void **state)
{
    static const char *const off[] = { "jwd_accept=off", NULL };
    struct dialog d;

    (void)state;
    dialog_server(&d, off);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 0, "S. 0 a1 cap12"); /* EXT is not answered */
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10");
    dialog_skip(&d, 20 * MS);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_out(&d, 100 * MS, "1| S. 0 a1 join16:id=0");
    dialog_end(&d);
}

/* Eight embryos; the ninth takes the place of one of them, drawn by lot, whose third ACK then finds nobody. */
static void test_2_ninth_replaces(void **state)
{
    struct dialog d;
    int alive = 0;

    (void)state;
    dialog_open_server(&d, NULL); /* max_subflows=8: embryos do not count */
    for (int i = 1; i <= 9; i++) {
        dialog_tuple(&d, 1, 7, (uint16_t)(7000 + i));
        dialog_inf(&d, 100 * MS, i % 2 ? "%d| S 0 join12:D rec=10/100" : "%d| S 0 join12:D", i);
        dialog_outf(&d, 100 * MS, i % 2 ? "%d| S. 0 a129 join16:D:id=0" : "%d| S. 0 a1 join16:D:id=0", i);
        assert_int_equal(dialog_count(&d, "JwdLimit"), i == 9);
    }
    for (int i = 1; i <= 9; i++) {
        size_t before = d.tail;

        dialog_inf(&d, 110 * MS, "%d| . %d a1 join24", i, i % 2 ? 129 : 1);
        alive += d.tail != before && !(d.queue[before % DIALOG_QUEUE].data[13] & MPT_TCP_RST);
        dialog_skip(&d, 110 * MS);
    }
    assert_int_equal(alive, 7); /* 8 were there, but the connection has 8 subflows at most with the first */
    assert_int_equal(dialog_count(&d, "MPTcpExtMPJoinRejected"), 1);
    dialog_end(&d);
}

/* What is refused anyway pushes nobody out: bad tags and replays by a stranger. */
static void test_2_refused_replaces_nobody(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    for (int i = 1; i <= 8; i++) {
        dialog_tuple(&d, 1, 7, (uint16_t)(7000 + i));
        if (i == 2)
            d.tuple[2].r_peer = d.tuple[1].r_peer; /* twins */
        dialog_inf(&d, 100 * MS, "%d| S 0 join12:D rec=10/100", i);
        dialog_skip(&d, 100 * MS);
    }
    for (int i = 9; i <= 20; i++) {
        dialog_tuple(&d, 1, 8, (uint16_t)(7000 + i));
        if (i % 2)
            d.tuple[i].r_peer = d.tuple[1].r_peer;
        dialog_inf(&d, 101 * MS, "%d| S 0 join12:D %s", i, i % 2 ? "rec=10/100" : "rec!=10/100");
        dialog_skip(&d, 101 * MS);
    }
    for (int i = 2; i <= 7; i++) {
        dialog_inf(&d, 110 * MS, "%d| . 129 a1 join24", i);
        dialog_outf(&d, 110 * MS, i == 2 ? "1| R. 1 a129 rst=3" : "%d| . 1 a129 ack=110", i);
        dialog_skip(&d, 110 * MS);
    }
    dialog_end(&d);
}

/* 1024 embryos on the stack: plain joins from now on. */
static void test_2_limit_of_stack(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    d.stack->embryos += 1023;
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_out(&d, 100 * MS, "1| S. 0 a129 join16:D:id=0");
    dialog_in(&d, 101 * MS, "2| S 0 join12:D rec=10/100");
    dialog_out(&d, 101 * MS, "2| S. 0 a1 join16:id=0");
    d.stack->embryos -= 1023;
    dialog_in(&d, 102 * MS, "1| . 129 a1 join24");
    dialog_skip(&d, 102 * MS);
    assert_int_equal(d.stack->embryos, 0);
    assert_int_equal(d.conn->embryos, 0);
    dialog_end(&d);
}

/* An embryo lives 10 s. */
static void test_2_life_of_embryo(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_paths(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_skip(&d, 10100 * MS - 1);
    dialog_in(&d, 10100 * MS - 1, "1| S 0 join12:D");
    dialog_out(&d, 10100 * MS - 1, "1| S. 0 a129 join16:D:id=0");
    dialog_skip(&d, 10100 * MS);
    dialog_in(&d, 10101 * MS, "1| . 129 a1 join24");
    dialog_out(&d, 10101 * MS, "1| R 1");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_immediate),
        cmocka_unit_test(test_validated),
        cmocka_unit_test(test_0_repeats_synack_unchanged),
        cmocka_unit_test(test_0_repeats_synack_of_bare),
        cmocka_unit_test(test_0_validated_challenges),
        cmocka_unit_test(test_1_unknown_token),
        cmocka_unit_test(test_1_not_confirmed),
        cmocka_unit_test(test_1_fallback),
        cmocka_unit_test(test_1_closed),
        cmocka_unit_test(test_2_not_agreed),
        cmocka_unit_test(test_2_off),
        cmocka_unit_test(test_2_ninth_replaces),
        cmocka_unit_test(test_2_refused_replaces_nobody),
        cmocka_unit_test(test_2_limit_of_stack),
        cmocka_unit_test(test_2_life_of_embryo),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
