/* SPDX-License-Identifier: MIT */
/* test_responder.c - the responder of a join with data: every row of the table of checks in jwd/README.md 2.5.2, and
 * rules 2.5.1 to 2.5.6. Named by row. The connection is open since 20 ms, 10 octets were read (DSN 0 to 9). */
#include "dialog/dialog.h"

static const char *const VALIDATED[] = { "jwd_accept=validated", NULL };

static void open(struct dialog *d, const char *const *settings)
{
    dialog_open_server(d, settings);
    dialog_tuple(d, 1, 7, 6001); /* 1: another path of the peer */
    dialog_tuple(d, 1, 7, 6002);
    dialog_tuple(d, 1, 7, 6003);
}

/* ---- accepted ---- */

static void test_immediate(void **state)
{
    struct dialog d;

    (void)state;
    open(&d, NULL);
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
    open(&d, VALIDATED);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    assert_int_equal(dialog_count(&d, "MPJoinRefused"), 1);
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
    open(&d, NULL);
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
    open(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/100");
    dialog_skip(&d, 10100 * MS - 1);
    dialog_in(&d, 10100 * MS - 1, "1| S 0 join12:D");
    dialog_out(&d, 10100 * MS - 1, "1| S. 0 a129 join16:D:id=0");
    dialog_skip(&d, 10100 * MS);
    dialog_in(&d, 10101 * MS, "1| . 129 a1 join24");
    dialog_out(&d, 10101 * MS, "1| R 1");
    dialog_end(&d);
}

/* ---- check 3: exactly one record ---- */

static void check_3(const char *syn)
{
    struct dialog d;

    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, small);
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
    open(&d, small);
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
    open(&d, NULL);
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

        open(&d, NULL);
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

/* ---- 2.5.1: octets of a SYN that is no join with data reach nobody ---- */

static void test_stripped_option(void **state)
{
    struct dialog d;

    (void)state;
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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

        open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
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
    open(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 join12:D rec=10/0:ack=0:edge=65535:pad=1374");
    dialog_out(&d, 100 * MS, "1| S. 0 a1425 join16:D:id=0");
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_immediate), cmocka_unit_test(test_validated),
        cmocka_unit_test(test_0_repeats_synack_unchanged), cmocka_unit_test(test_0_repeats_synack_of_bare),
        cmocka_unit_test(test_0_validated_challenges), cmocka_unit_test(test_1_unknown_token),
        cmocka_unit_test(test_1_not_confirmed), cmocka_unit_test(test_1_fallback), cmocka_unit_test(test_1_closed),
        cmocka_unit_test(test_2_not_agreed), cmocka_unit_test(test_2_off), cmocka_unit_test(test_2_ninth_replaces),
        cmocka_unit_test(test_2_refused_replaces_nobody), cmocka_unit_test(test_2_life_of_embryo), cmocka_unit_test(test_3_not_a_record),
        cmocka_unit_test(test_3_record_in_stream), cmocka_unit_test(test_4_bad_tag),
        cmocka_unit_test(test_4_other_random), cmocka_unit_test(test_5_twins),
        cmocka_unit_test(test_5_twin_without_early_data), cmocka_unit_test(test_5_random_of_plain_join),
        cmocka_unit_test(test_6_beyond_edge), cmocka_unit_test(test_6_random_not_spent),
        cmocka_unit_test(test_6_full_set), cmocka_unit_test(test_6_memory), cmocka_unit_test(test_6_no_memory_at_all),
        cmocka_unit_test(test_2_limit_of_stack), cmocka_unit_test(test_own_random), cmocka_unit_test(test_rebinding),
        cmocka_unit_test(test_stripped_option),
        cmocka_unit_test(test_plain_join_with_payload), cmocka_unit_test(test_partly_old),
        cmocka_unit_test(test_ack_prefix), cmocka_unit_test(test_ack_prefix_odd), cmocka_unit_test(test_bad_third_ack),
        cmocka_unit_test(test_repeated_third_ack), cmocka_unit_test(test_data_before_third_ack),
        cmocka_unit_test(test_bad_record_in_stream), cmocka_unit_test(test_segmentation),
        cmocka_unit_test(test_octet_by_octet), cmocka_unit_test(test_dss_overlaps_record),
        cmocka_unit_test(test_dss_on_record_in_stream), cmocka_unit_test(test_record_beside_dss),
        cmocka_unit_test(test_dfin), cmocka_unit_test(test_pad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
