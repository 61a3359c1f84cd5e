/* SPDX-License-Identifier: MIT */
/* test_sec_ctl.c - control messages of MPTCPsec between two stacks (sec/SPEC.md 3.6): each TLV in both directions, impossible
 * ones, ones in the clear. What is lost, late or twice: test_sec_ctl_lost.c. */
#include "sec/pair.h"

static const char *const ends[] = { "client.pm=endpoints", "server.pm=endpoints", "limits.subflows=4", "limits.add_addr_accepted=4", NULL };

/* ---- PARAMS ---- */

static void test_params(void **state)
{
    struct pair *p = pair_new((const char *const[]){ "client.sec_record=3000", "server.jwd_accept=off", NULL });

    (void)state;
    pair_connect(p);
    assert_int_equal(p->end[SERVER].conn->secure->record_max, 3000);
    assert_int_equal(p->end[CLIENT].conn->secure->record_max, 16384);
    assert_int_equal(p->end[CLIENT].conn->jwd, 0); /* the server does not want it */
    assert_int_equal(p->end[SERVER].conn->jwd, 0);
    assert_int_equal(pair_unacknowledged(p, CLIENT), 0);
    assert_int_equal(pair_unacknowledged(p, SERVER), 0);
    pair_end(p);

    p = pair_new(NULL);
    pair_connect(p);
    assert_int_equal(p->end[CLIENT].conn->jwd, 1);
    assert_int_equal(p->end[SERVER].conn->jwd, 1);
    pair_end(p);
}

/* A second PARAMS, or anything before the first, is a broken peer. */
static void test_params_twice(void **state)
{
    struct pair *p = pair_new(pair_manual);

    (void)state;
    pair_connect(p);
    pair_say(p, CLIENT, 0, "\x01\x03\x00\x40\x00", 5);
    pair_run(p, S);
    assert_true(p->end[SERVER].closed);
    assert_int_equal(p->end[SERVER].error, MPT_EPROTO);
    pair_end(p);
}

/* ---- ADD_ADDR ---- */

/* Both families, with a port and without; the client joins there; CACK in place of the echo. */
static void test_add_addr(void **state)
{
    struct pair *p = pair_new(pair_mesh);

    (void)state;
    pair_connect(p);
    pair_up(p, SERVER, 2, 0, 0, 4);
    pair_up(p, SERVER, 3, MPT_ADDRESS_SIGNAL, 4430, 4);
    pair_up(p, CLIENT, 1, 0, 0, 6);
    pair_up(p, SERVER, 1, MPT_ADDRESS_SIGNAL, 4431, 6); /* as an option this has no room beside timestamps */
    pair_run(p, S);
    assert_non_null(pair_known(p, CLIENT, 2));
    assert_int_equal(pair_known(p, CLIENT, 2)->addr.port, 443);
    assert_non_null(pair_known(p, CLIENT, 3));
    assert_int_equal(pair_known(p, CLIENT, 3)->addr.port, 4430);
    assert_int_equal(mpt_subflow_count(p->end[CLIENT].conn), 4);
    assert_int_equal(mpt_subflow_count(p->end[SERVER].conn), 4);
    assert_int_equal(pair_unacknowledged(p, SERVER), 0);
    assert_false(mpt_addr_announcing(p->end[SERVER].conn));
    assert_int_equal(p->end[SERVER].conn->add_addr_at, MPT_NEVER);
    pair_write(p, CLIENT, 100000);
    pair_write(p, SERVER, 100000);
    pair_run(p, 3 * S);
    assert_int_equal(p->end[SERVER].read, 100000);
    assert_int_equal(p->end[CLIENT].read, 100000);
    pair_end(p);
}

/* The client announces, too: both ends of `endpoints` do, one address after the other. */
static void test_add_addr_both(void **state)
{
    struct pair *p = pair_new(ends);

    (void)state;
    pair_connect(p);
    for (int side = 0; side < 2; side++) {
        pair_up(p, side, 2, MPT_ADDRESS_SIGNAL, 0, 4);
        pair_up(p, side, 3, MPT_ADDRESS_SIGNAL, 0, 4);
    }
    pair_run(p, 2 * S);
    for (int side = 0; side < 2; side++) {
        assert_non_null(pair_known(p, side, 2));
        assert_non_null(pair_known(p, side, 3)); /* the second goes when the first was acknowledged */
        assert_int_equal(pair_unacknowledged(p, side), 0);
    }
    pair_end(p);
}

/* ---- REMOVE_ADDR ---- */

static void test_remove_addr(void **state)
{
    struct pair *p = pair_two(pair_mesh);

    (void)state;
    pair_down(p, CLIENT, 2);
    pair_run(p, S);
    assert_int_equal(mpt_subflow_count(p->end[SERVER].conn), 1);
    assert_int_equal(pair_counter(p, SERVER, "MPTcpExtRmAddr"), 1);
    assert_int_equal(pair_unacknowledged(p, CLIENT), 0);
    pair_end(p);
}

/* What was announced is taken back, and the subflows to it end: the other direction. */
static void test_remove_announced(void **state)
{
    struct pair *p = pair_new(pair_mesh);

    (void)state;
    pair_connect(p);
    pair_up(p, SERVER, 2, 0, 0, 4);
    pair_run(p, S);
    assert_int_equal(mpt_subflow_count(p->end[CLIENT].conn), 2);
    pair_down(p, SERVER, 2);
    pair_run(p, S);
    assert_null(pair_known(p, CLIENT, 2));
    assert_int_equal(mpt_subflow_count(p->end[CLIENT].conn), 1);
    pair_end(p);
}

/* The message came by the very subflow that it ends. */
static void test_remove_own(void **state)
{
    struct pair *p = pair_two(pair_manual);
    struct mpt_subflow *sf = pair_subflow(p, CLIENT, 1);
    uint8_t tlv[] = { MPT_SEC_REMOVE_ADDR, 1, sf->local_id };

    (void)state;
    pair_subflow(p, CLIENT, 0)->stale = MPT_SILENT; /* so it goes by the second */
    pair_say(p, CLIENT, 0, tlv, sizeof tlv);
    pair_run(p, S);
    assert_false(p->end[SERVER].closed);
    assert_int_equal(mpt_subflow_count(p->end[SERVER].conn), 1);
    pair_write(p, CLIENT, 5000);
    pair_run(p, S);
    assert_int_equal(p->end[SERVER].read, 5000);
    pair_end(p);
}

/* An endpoint that is no longer one: REMOVE_ADDR, and its subflow ends in peace. */
static void test_retire(void **state)
{
    struct pair *p = pair_two(ends);
    struct mpt_addr a;

    (void)state;
    pair_addr(&a, CLIENT, 2, 4);
    pair_up(p, CLIENT, 2, 0, 0, 4);
    pair_run(p, S);
    assert_int_equal(mpt_subflow_count(p->end[CLIENT].conn), 1);
    assert_int_equal(mpt_subflow_count(p->end[SERVER].conn), 1);
    pair_end(p);
}

/* ---- PRIO ---- */

static void test_prio(void **state)
{
    struct pair *p = pair_two(pair_manual);

    (void)state;
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(mpt_subflow_backup(p->end[side].conn, pair_subflow(p, side, i)->number, 1, p->now), 0);
            pair_run(p, 200 * MS);
            assert_int_equal(pair_subflow(p, !side, i)->peer_backup, 1);
            assert_int_equal(pair_subflow(p, !side, !i)->peer_backup, i == 1);
        }
    assert_int_equal(mpt_subflow_backup(p->end[SERVER].conn, pair_subflow(p, SERVER, 1)->number, 0, p->now), 0);
    pair_run(p, 200 * MS);
    assert_int_equal(pair_subflow(p, CLIENT, 1)->peer_backup, 0);
    assert_int_equal(pair_subflow(p, CLIENT, 0)->peer_backup, 1);
    pair_end(p);
}

/* A subflow that nobody knows may be gone: nothing happens. */
static void test_prio_unknown(void **state)
{
    struct pair *p = pair_two(pair_manual);
    struct mpt_subflow *sf = pair_subflow(p, CLIENT, 1);
    uint8_t tlv[12] = { MPT_SEC_PRIO, 10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1 };

    (void)state;
    pair_say(p, CLIENT, 0, "\x04\x0a\x01\x12\x34\x56\x78\x12\x34\x56\x78\x01", 12);
    for (int i = 0; i < 3; i++) { /* almost the second one's name */
        tlv[2] = i == 0 ? 2 : 1;
        mpt_bytes_put32(tlv + 3, sf->r_local ^ (i == 1));
        mpt_bytes_put32(tlv + 7, sf->r_remote ^ (i == 2));
        pair_say(p, CLIENT, 0, tlv, sizeof tlv);
    }
    pair_run(p, S);
    assert_false(p->end[SERVER].closed);
    assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup + pair_subflow(p, SERVER, 1)->peer_backup, 0);
    assert_int_equal(pair_unacknowledged(p, CLIENT), 0);
    pair_end(p);
}

/* ---- impossible ones ---- */

static void test_malformed(void **state)
{
    static const struct {
        const char *octets;
        uint16_t n;
    } bad[] = {
        { "\x00\x00", 2 },                                         /* no such type */
        { "\x06\x01\x00", 3 },
        { "\x01\x03\x02\x40\x00", 5 },                             /* PARAMS: a reserved bit */
        { "\x02\x06\x02\x0a\x00\x00\x02\x00", 8 },                 /* ADD_ADDR: an octet is missing */
        { "\x02\x08\x02\x0a\x00\x00\x02\x00\x00\x00", 10 },        /* one too many */
        { "\x03\x00", 2 },                                         /* REMOVE_ADDR of nothing */
        { "\x04\x0a\x03\x00\x00\x00\x00\x00\x00\x00\x00\x01", 12 }, /* PRIO: a role that is none */
        { "\x04\x0a\x00\x00\x00\x00\x01\x00\x00\x00\x00\x01", 12 }, /* the first subflow has no randoms */
        { "\x04\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02", 12 }, /* neither backup nor not */
        { "\x05\x00", 2 },                                         /* FASTCLOSE: no code */
        { "\x03\x02\x05", 3 },                                     /* longer than the message */
        { "\x03\x01\x05\x03", 4 },                                 /* one good, then half of one */
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (int side = 0; side < 2; side++) {
            struct pair *p = pair_new(pair_manual);

            pair_connect(p);
            pair_say(p, side, 0, bad[i].octets, bad[i].n);
            pair_run(p, S);
            assert_true(p->end[!side].closed);
            assert_int_equal(p->end[!side].error, MPT_EPROTO);
            assert_int_equal(pair_counter(p, !side, "SecBroken"), 1);
            pair_end(p);
        }
}

/* ---- in the clear ---- */

struct clear {
    int to;
    uint8_t option[12];
    uint8_t n;
    uint8_t done;
};

/* The next pure ACK says that, in place of what it said. */
static uint64_t say_clear(struct pair *p, struct pair_packet *k)
{
    struct clear *x = p->ctx;

    if (x->done || k->to != x->to || pair_payload(k) || pair_path(k) != 2)
        return 0;
    memcpy(k->data + 32, x->option, x->n);
    k->data[12] = (uint8_t)((8 + x->n / 4) << 4);
    k->len = 32u + x->n;
    pair_checksum(k);
    x->done = 1;
    return 0;
}

/* Options that RFC 8684 would obey, with the right keys: anybody could have them (3.2). */
static void test_clear(void **state)
{
    static const struct clear cases[] = {
        { 0, { 30, 3, 0x51, 1 }, 4, 0 },                /* MP_PRIO: backup */
        { 0, { 30, 4, 0x40, 0 }, 4, 0 },                /* REMOVE_ADDR of the first subflow's address */
        { 0, { 30, 12, 0x70, 0 }, 12, 0 },              /* MP_FASTCLOSE */
        { 0, { 30, 12, 0x60, 0 }, 12, 0 },              /* MP_FAIL */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int to = 0; to < 2; to++) {
            struct pair *p = pair_two(pair_manual);
            struct clear x = cases[i];

            x.to = to;
            if (x.option[2] == 0x70)
                mpt_bytes_put64(x.option + 4, p->end[to].conn->key_local);
            p->filter = say_clear;
            p->ctx = &x;
            pair_write(p, CLIENT, 20000);
            pair_write(p, SERVER, 20000);
            pair_run(p, 3 * S);
            assert_true(x.done);
            assert_int_equal(pair_counter(p, to, "SecClearControl"), 1);
            assert_false(p->end[to].closed);
            assert_int_equal(mpt_subflow_count(p->end[to].conn), 2);
            assert_int_equal(pair_subflow(p, to, 0)->peer_backup + pair_subflow(p, to, 1)->peer_backup, 0);
            assert_int_equal(p->end[CLIENT].read + p->end[SERVER].read, 40000);
            pair_end(p);
        }
}

/* What the host wants before there are keys waits for them, and is not said in the clear. */
static void test_queued(void **state)
{
    struct pair *p = pair_new(pair_mesh);
    struct mpt_addr local, remote;

    (void)state;
    pair_addr(&local, CLIENT, 1, 4);
    pair_addr(&remote, SERVER, 1, 4);
    remote.port = 443;
    assert_int_equal(mpt_connect(p->end[CLIENT].stack, &p->end[CLIENT].conn, &local, &remote, p->now), 0);
    pair_run(p, 25 * MS); /* the client has confirmed, the server is in the middle of it */
    pair_up(p, CLIENT, 2, 0, 0, 4);
    pair_up(p, SERVER, 2, 0, 0, 4);
    assert_int_equal(mpt_subflow_backup(p->end[CLIENT].conn, 1, 1, p->now), 0);
    assert_false(mpt_secure_keyed(p->end[CLIENT].conn));
    pair_run(p, 2 * S);
    assert_true(mpt_secure_keyed(p->end[SERVER].conn));
    assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup, 1);
    assert_non_null(pair_known(p, CLIENT, 2));
    assert_int_equal(mpt_subflow_count(p->end[SERVER].conn), 4); /* the mesh of two and two */
    pair_end(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_params),
        cmocka_unit_test(test_params_twice),
        cmocka_unit_test(test_add_addr),
        cmocka_unit_test(test_add_addr_both),
        cmocka_unit_test(test_remove_addr),
        cmocka_unit_test(test_remove_announced),
        cmocka_unit_test(test_remove_own),
        cmocka_unit_test(test_retire),
        cmocka_unit_test(test_prio),
        cmocka_unit_test(test_prio_unknown),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_clear),
        cmocka_unit_test(test_queued),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
