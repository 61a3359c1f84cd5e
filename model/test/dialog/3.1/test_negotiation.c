/* SPDX-License-Identifier: MIT */
/* test_negotiation.c - what MP_CAPABLE may say and what follows: versions, lengths, unknown bits, the C flag, options
 * that do not go together, crossing SYNs, keys and tokens (RFC 8684 3.1; 3.7 for plain TCP). */
#include "dialog/dialog.h"

static void offer(const char *syn, const char *synack)
{
    struct dialog d;

    dialog_server(&d, NULL);
    dialog_in(&d, 0, syn);
    dialog_out(&d, 0, synack);
    dialog_end(&d);
}

/* The highest version that both have: a later one is answered by ours, an older one (RFC 6824) is plain TCP. */
static void test_versions(void **state)
{
    (void)state;
    offer("S 0 cap4:v=1", "S. 0 a1 cap12");
    offer("S 0 cap4:v=2", "S. 0 a1 cap12");
    offer("S 0 cap4:v=15", "S. 0 a1 cap12");
    offer("S 0 cap4:v=0", "S. 0 a1");
}

/* The initiator takes no version but its own from the answer. */
static void test_version_of_the_answer(void **state)
{
    static const char *const answers[] = { "S. 0 a1 cap12:v=0", "S. 0 a1 cap12:v=2" };

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct dialog d;

        dialog_client(&d, NULL);
        dialog_out(&d, 0, "S 0 cap4 ext");
        dialog_in(&d, 10 * MS, answers[i]);
        dialog_out(&d, 10 * MS, ". 1 a1");
        assert_int_equal(dialog_count(&d, "MPTcpExtMPCapableFallbackSYNACK"), 1);
        dialog_end(&d);
    }
}

/* D to G are crypto algorithms, H is ours; B unknown: the option is ignored. A and C may stand. */
static void test_flags(void **state)
{
    (void)state;
    offer("S 0 cap4:f=01", "S. 0 a1 cap12");
    offer("S 0 cap4:f=21", "S. 0 a1 cap12");
    offer("S 0 cap4:f=81", "S. 0 a1 cap12:f=81");
    offer("S 0 cap4:f=a1", "S. 0 a1 cap12:f=81");
    offer("S 0 cap4:f=00", "S. 0 a1");
    offer("S 0 cap4:f=41", "S. 0 a1");
    offer("S 0 cap4:f=11", "S. 0 a1");
    offer("S 0 cap4:f=03", "S. 0 a1");
    offer("S 0 cap4:f=80", "S. 0 a1");
}

/* The form of another segment: no offer. */
static void test_lengths(void **state)
{
    struct dialog d;

    (void)state;
    offer("S 0 cap12", "S. 0 a1");
    offer("S 0 cap12:v=2", "S. 0 a1");
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap4");
    dialog_out(&d, 10 * MS, ". 1 a1");
    assert_int_equal(d.conn->multipath, 0);
    dialog_end(&d);
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_out(&d, 0, "S. 0 a1 cap12");
    dialog_in(&d, 10 * MS, ". 1 a1 cap12"); /* the third ACK has 20 */
    assert_int_equal(d.conn->multipath, 0);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCapableFallbackACK"), 1);
    dialog_end(&d);
}

/* A SYN that asks for a connection and for a subflow: neither, as Linux. */
static void test_capable_and_join(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_server(&d, NULL);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 100 * MS, "1| S 0 cap4 join12 nots");
    dialog_out(&d, 100 * MS, "1| S. 0 a1");
    assert_int_equal(d.conn->subflow_count, 1);
    dialog_end(&d);
}

/* MP_CAPABLE where a join is under way: in the SYN/ACK it is no MP_JOIN; on the 4-tuple of a subflow a SYN is
 * challenged (RFC 5961 4.2), whatever it carries. */
static void test_capable_on_a_join(void **state)
{
    struct mpt_addr local;
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL);
    dialog_addr_of(&d, &local, 2);
    assert_int_equal(mpt_subflow_join(d.conn, &local, NULL, 0, d.now), 2);
    dialog_run(&d);
    dialog_out(&d, 20 * MS, "1| S 0 join12:id=2");
    dialog_in(&d, 30 * MS, "1| S. 0 a1 cap12");
    dialog_out(&d, 30 * MS, "1| R. 1 a1 rst=6");
    dialog_end(&d);
    dialog_open_two(&d, NULL);
    dialog_in(&d, 100 * MS, "1| S 0 cap4");
    dialog_out(&d, 100 * MS, "1| . 1 a1 ack=10");
    assert_int_equal(d.conn->subflow_count, 2);
    dialog_end(&d);
}

/* C from us: joins to the first subflow's address and port are refused, to another address they are not. */
static void test_c_flag_ours(void **state)
{
    static const char *const no[] = { "allow_join_initial=0", NULL };
    struct dialog d;

    (void)state;
    dialog_server(&d, no);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_tuple(&d, 2, 7, 6002);
    dialog_in(&d, 0, "0| S 0 cap4");
    dialog_out(&d, 0, "0| S. 0 a1 cap12:f=21");
    dialog_in(&d, 10 * MS, "0| . 1 a1 cap20");
    dialog_in(&d, 20 * MS, "0| . 1+10 a1 ack=0 map=0/1/10");
    dialog_out(&d, 20 * MS, "0| . 1 a11 ack=10");
    dialog_in(&d, 30 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 30 * MS, "1| R. 0 a1 rst=3");
    dialog_in(&d, 40 * MS, "2| S 0 join12:id=3");
    dialog_out(&d, 40 * MS, "2| S. 0 a1 join16:id=2");
    dialog_end(&d);
    dialog_client(&d, no);
    dialog_out(&d, 0, "S 0 cap4:f=21 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20:f=21");
    dialog_end(&d);
}

/* ---- SYNs that cross (RFC 9293 3.5.1) ---- */

/* Nobody is the initiator: plain TCP, as Linux. */
static void test_simultaneous_open(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 5 * MS, "S 0 cap4");
    dialog_out(&d, 5 * MS, "S. 0 a1");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12"); /* the peer's, to our SYN */
    dialog_skip(&d, 10 * MS);
    assert_int_equal(d.conn->multipath, 0);
    assert_true(dialog_events(&d) & MPT_EV_FALLBACK);
    assert_int_equal(dialog_count(&d, "MPTcpExtSimultConnectFallback"), 1);
    dialog_in(&d, 20 * MS, ". 1+10 a1 plain=0");
    dialog_out(&d, 20 * MS, ". 1 a11");
    dialog_write(&d, 30 * MS, 10);
    dialog_out(&d, 30 * MS, ". 1+10 a11 plain=0");
    assert_int_equal(d.read, 10);
    dialog_end(&d);
}

/* Only our SYN gets through at first; the peer's comes late and is a duplicate. */
static void test_late_crossing(void **state)
{
    struct dialog d;

    (void)state;
    dialog_open_client(&d, NULL);
    dialog_in(&d, 30 * MS, "S 0 cap4");
    dialog_out(&d, 30 * MS, ". 1 a1 ack=0"); /* challenge */
    assert_int_equal(d.conn->multipath, 1);
    dialog_end(&d);
}

/* ---- keys and tokens ---- */

/* "The token MUST be unique": a key whose token is taken is drawn again. The script gives the same key twice; behind
 * each key two ISNs are drawn. */
static void test_token_taken(void **state)
{
    static const uint8_t key[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    struct mpt_conn *first = NULL, *second = NULL;
    struct mpt_addr local, remote = { 0 };
    struct dialog d;

    (void)state;
    dialog_init(&d, NULL);
    dialog_addr_of(&d, &local, 1);
    remote.family = 4;
    remote.port = 80;
    remote.ip[0] = 10;
    memset(d.script, 9, sizeof d.script);
    d.script_len = 36;
    memcpy(d.script + 4, key, 8);  /* ISN, key */
    memcpy(d.script + 16, key, 8); /* ISN, the same key, another one */
    assert_int_equal(mpt_connect(d.stack, &first, &local, &remote, 0), 0);
    assert_int_equal(mpt_connect(d.stack, &second, &local, &remote, 0), 0);
    assert_true(first->token_local != second->token_local);
    assert_true(first->announced && second->announced);
    dialog_skip(&d, 0);
    mpt_stack_free(d.stack);
    free(d.queue);
}

/* A random that gives nothing else: after so many tries it is plain TCP, as Linux. */
static void test_no_token_free(void **state)
{
    struct mpt_conn *first = NULL, *second = NULL;
    struct mpt_addr local, remote = { 0 };
    struct dialog d;

    (void)state;
    dialog_init(&d, NULL);
    dialog_addr_of(&d, &local, 1);
    remote.family = 4;
    remote.port = 80;
    remote.ip[0] = 10;
    d.stuck = 1; /* the same octets for ever */
    assert_int_equal(mpt_connect(d.stack, &first, &local, &remote, 0), 0);
    assert_int_equal(mpt_connect(d.stack, &second, &local, &remote, 0), 0);
    dialog_run(&d);
    dialog_out(&d, 0, "0| S 0 cap4 ext");
    dialog_out(&d, 0, "1| S 0");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFallbackTokenInit"), 1);
    dialog_end(&d);
}

/* As listener the same. */
static void test_no_token_free_server(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_tuple(&d, 1, 1, 5001);
    d.stuck = 1;
    dialog_in(&d, 0, "0| S 0 cap4");
    dialog_out(&d, 0, "0| S. 0 a1 cap12");
    dialog_in(&d, 1 * MS, "1| S 0 cap4");
    dialog_out(&d, 1 * MS, "1| S. 0 a1");
    assert_int_equal(dialog_count(&d, "MPTcpExtMPFallbackTokenInit"), 1);
    dialog_end(&d);
}

/* Both ends have drawn the same key, so tokens and IDSNs are the same: each is looked up by its owner only. */
static void test_same_key(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_out(&d, 0, "S. 0 a1 cap12");
    d.key_peer = d.key_stack;
    d.idsn_peer = d.idsn_stack;
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1+10 a1 ack=0 map=0/1/10");
    dialog_out(&d, 20 * MS, ". 1 a11 ack=10");
    dialog_tuple(&d, 1, 7, 6001);
    dialog_in(&d, 30 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 30 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 40 * MS, "1| . 1 a1 join24");
    dialog_out(&d, 40 * MS, "1| . 1 a1 ack=10");
    dialog_end(&d);
}

/* ---- the third ACK ---- */

/* Lost: the SYN/ACK comes again and is answered by it again. */
static void test_third_ack_again(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 1010 * MS, "S. 0 a1 cap12");
    dialog_out(&d, 1010 * MS, ". 1 a1 cap20");
    dialog_in(&d, 1020 * MS, ". 1 a1 ack=0"); /* now the peer is known to have it */
    dialog_in(&d, 1030 * MS, "S. 0 a1 cap12"); /* an old one */
    dialog_out(&d, 1030 * MS, ". 1 a1 ack=0");
    dialog_end(&d);
}

/* Lost, and the first data too: a later segment cannot take its place, MP_CAPABLE comes again with the data. */
static void test_third_and_first_data_lost(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_write(&d, 1 * MS, 1500);
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_out(&d, 10 * MS, ". 1+1424 a1 cap22=1424");
    dialog_out(&d, 10 * MS, ". 1425+76 a1 ack=0 map=1424/1425/76");
    dialog_out(&d, 30 * MS, ". 1425+76 a1 ack=0 map=1424/1425/76"); /* probe */
    dialog_in(&d, 110 * MS, "S. 0 a1 cap12"); /* the server repeats its SYN/ACK */
    dialog_skip(&d, 110 * MS);
    dialog_in(&d, 111 * MS, ". 1 a1"); /* a bare answer of a socket that is not there yet says nothing */
    assert_int_equal(d.conn->multipath, 1);
    dialog_out(&d, 240 * MS, ". 1+1424 a1 cap22=1424"); /* RTO, 210 ms behind the probe */
    dialog_in(&d, 250 * MS, ". 1 a1501 ack=1500");
    assert_int_equal(d.conn->stream.acked, 1500);
    dialog_end(&d);
}

/* A third ACK that comes twice, and one behind the first data, are only ACKs. */
static void test_third_ack_repeated(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4");
    dialog_out(&d, 0, "S. 0 a1 cap12");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 11 * MS, ". 1 a1 cap20");
    dialog_in(&d, 12 * MS, ". 1+20 a1 cap22=20");
    dialog_out(&d, 12 * MS, ". 1 a21 ack=20");
    dialog_in(&d, 13 * MS, ". 1 a1 cap20");
    dialog_out(&d, 13 * MS, ". 1 a21 ack=20");
    dialog_in(&d, 14 * MS, ". 1+20 a1 cap22=20");
    dialog_out(&d, 14 * MS, ". 1 a21 ack=20 sack=1-21");
    dialog_none(&d, 1 * S);
    assert_int_equal(d.conn->multipath, 1);
    assert_int_equal(d.read, 20);
    assert_int_equal(dialog_count(&d, "MPTcpExtMPCapableACKRX"), 1);
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions), cmocka_unit_test(test_version_of_the_answer), cmocka_unit_test(test_flags),
        cmocka_unit_test(test_lengths), cmocka_unit_test(test_capable_and_join),
        cmocka_unit_test(test_capable_on_a_join), cmocka_unit_test(test_c_flag_ours),
        cmocka_unit_test(test_simultaneous_open), cmocka_unit_test(test_late_crossing),
        cmocka_unit_test(test_token_taken), cmocka_unit_test(test_no_token_free),
        cmocka_unit_test(test_no_token_free_server), cmocka_unit_test(test_same_key),
        cmocka_unit_test(test_third_ack_again), cmocka_unit_test(test_third_and_first_data_lost),
        cmocka_unit_test(test_third_ack_repeated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
