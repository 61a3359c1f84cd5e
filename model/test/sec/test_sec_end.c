/* SPDX-License-Identifier: MIT */
/* test_sec_end.c - how subflows and connections of MPTCPsec end (sec/SPEC.md 3.2, 3.5, 3.6, 3.9): SFIN before FIN, ends that
 * nobody of both has said, reasons that are not believed, FASTCLOSE, and the wait for a subflow when none is left. */
#include "sec/pair.h"

enum { FIN = 1, RST = 4, ACK = 16 };

static const char *const manual[] = { "client.pm=manual", "server.pm=manual", NULL };

static struct pair *two(const char *const *settings)
{
    struct pair *p = pair_new(settings);
    struct mpt_addr a;

    pair_connect(p);
    pair_addr(&a, CLIENT, 2, 4);
    pair_up(p, CLIENT, 2, MPT_ADDRESS_SUBFLOW, 0, 4);
    if (p->end[CLIENT].conn->stack->config.pm == MPT_PM_MANUAL)
        assert_true(mpt_subflow_join(p->end[CLIENT].conn, &a, NULL, 0, p->now) > 0);
    pair_run(p, 500 * MS);
    assert_int_equal(mpt_subflow_count(p->end[SERVER].conn), 2);
    return p;
}

static void both_ways(struct pair *p, uint64_t n)
{
    uint64_t up = p->end[SERVER].read, down = p->end[CLIENT].read;

    pair_write(p, CLIENT, n);
    pair_write(p, SERVER, n);
    pair_run(p, 3 * S);
    assert_int_equal(p->end[SERVER].read - up, n);
    assert_int_equal(p->end[CLIENT].read - down, n);
}

/* ---- SFIN ---- */

/* Either side, either subflow, with octets under way: the peer knows that it was meant, nothing is lost. */
static void test_close(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < 2; i++) {
            struct pair *p = two(manual);

            pair_write(p, CLIENT, 200000);
            pair_write(p, SERVER, 200000);
            pair_run(p, 15 * MS);
            assert_int_equal(mpt_subflow_close(p->end[side].conn, pair_subflow(p, side, i)->number, p->now), 0);
            assert_int_equal(mpt_subflow_count(p->end[side].conn), 1);
            pair_run(p, 5 * S);
            assert_int_equal(mpt_subflow_count(p->end[!side].conn), 1);
            assert_int_equal(p->end[SERVER].read, 200000);
            assert_int_equal(p->end[CLIENT].read, 200000);
            assert_int_equal(pair_counter(p, CLIENT, "SecLost") + pair_counter(p, SERVER, "SecLost"), 0);
            both_ways(p, 50000);
            pair_end(p);
        }
}

/* Both at once, and the last one too: the connection is kept, and goes on by another. */
static void test_close_all(void **state)
{
    struct pair *p = two(manual);
    struct mpt_addr a;

    (void)state;
    mpt_subflow_close(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 0)->number, p->now);
    mpt_subflow_close(p->end[SERVER].conn, pair_subflow(p, SERVER, 0)->number, p->now);
    mpt_subflow_close(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 0)->number, p->now);
    pair_run(p, 20 * S);
    assert_int_equal(mpt_subflow_count(p->end[CLIENT].conn) + mpt_subflow_count(p->end[SERVER].conn), 0);
    assert_int_equal(pair_counter(p, CLIENT, "SecLost") + pair_counter(p, SERVER, "SecLost"), 0);
    assert_false(p->end[CLIENT].closed || p->end[SERVER].closed);
    pair_addr(&a, CLIENT, 2, 4);
    assert_true(mpt_subflow_join(p->end[CLIENT].conn, &a, NULL, 0, p->now) > 0);
    both_ways(p, 50000);
    pair_end(p);
}

/* SFIN is lost on its way and comes again, before FIN. */
static uint64_t drop_some(struct pair *p, struct pair_packet *k)
{
    (void)k;
    return p->packets % 3 == 0;
}

static void test_close_lossy(void **state)
{
    struct pair *p = two(manual);

    (void)state;
    p->filter = drop_some;
    mpt_subflow_close(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 1)->number, p->now);
    pair_run(p, 20 * S);
    assert_int_equal(mpt_subflow_count(p->end[SERVER].conn), 1);
    assert_int_equal(pair_counter(p, SERVER, "SecLost"), 0);
    assert_int_equal(pair_counter(p, CLIENT, "SecLost"), 0);
    pair_end(p);
}

/* Both streams end: FIN needs no SFIN then, and no end is an error. Whoever is first, and at once. */
static void test_clean_end(void **state)
{
    (void)state;
    for (int first = 0; first < 3; first++) {
        struct pair *p = two(manual);

        pair_write(p, CLIENT, 30000);
        pair_write(p, SERVER, 30000);
        if (first != 1)
            mpt_shutdown(p->end[CLIENT].conn, p->now);
        if (first)
            mpt_shutdown(p->end[SERVER].conn, p->now);
        pair_run(p, first == 2 ? 0 : S);
        mpt_shutdown(p->end[CLIENT].conn, p->now);
        mpt_shutdown(p->end[SERVER].conn, p->now);
        pair_run(p, 5 * S);
        for (int side = 0; side < 2; side++) {
            assert_int_equal(p->end[side].read, 30000);
            assert_true(p->end[side].eof && p->end[side].closed);
            assert_int_equal(p->end[side].error, 0);
            assert_int_equal(pair_counter(p, side, "SecLost"), 0);
        }
        pair_end(p);
    }
}

/* A record behind SFIN is a broken peer. */
static void test_behind_sfin(void **state)
{
    struct pair *p = two(manual);

    (void)state;
    pair_subflow(p, SERVER, 1)->secure->sfin_in = 1;
    pair_subflow(p, CLIENT, 0)->stale = MPT_SILENT;
    mpt_subflow_backup(p->end[CLIENT].conn, 1, 1, p->now);
    pair_run(p, S);
    assert_true(p->end[SERVER].closed);
    assert_int_equal(p->end[SERVER].error, MPT_EPROTO);
    pair_end(p);
}

/* ---- ends that were not said ---- */

/* The next packet with payload or not on path 2 towards `ctx` becomes a FIN, or a RST with that reason. */
struct forger {
    int to, flags, reason, done;
};

static uint64_t forge(struct pair *p, struct pair_packet *k)
{
    struct forger *f = p->ctx;
    struct pair_packet forged = *k;

    if (f->done || k->to != f->to || pair_path(k) != 2 || pair_payload(k))
        return f->done && pair_path(k) == 2 && k->to == f->to; /* what is true does not come any more */
    f->done = 1;
    forged.data[13] = (uint8_t)(f->flags | ACK);
    if (f->flags == RST) {
        forged.data[12] = 6 << 4;
        memcpy(forged.data + 20, (uint8_t[]){ 30, 4, MP_TCPRST << 4, (uint8_t)f->reason }, 4);
        forged.len = 24;
    }
    pair_checksum(&forged);
    pair_inject(p, &forged);
    return 1;
}

static void test_forged(void **state)
{
    static const struct forger cases[] = {
        { SERVER, FIN, 0, 0 }, { CLIENT, FIN, 0, 0 }, { SERVER, RST, MPT_RST_PROHIBITED, 0 }, { CLIENT, RST, MPT_RST_PROHIBITED, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pair *p = two(manual);
        struct forger f = cases[i];
        struct mpt_conn *victim = p->end[f.to].conn;
        uint32_t number = pair_subflow(p, f.to, 1)->number;

        pair_write(p, CLIENT, 100000);
        pair_write(p, SERVER, 100000);
        p->filter = forge;
        p->ctx = &f;
        p->end[f.to].events = 0;
        pair_run(p, 300 * MS);
        assert_true(f.done);
        assert_int_equal(pair_counter(p, f.to, "SecLost"), 1);
        assert_null(mpt_subflow_find(victim, number));
        assert_true(p->end[f.to].events & MPT_EV_SUBFLOW);
        assert_int_equal(victim->barred_count, 0); /* logged, not believed */
        assert_int_equal(victim->reset_reason, f.flags == RST ? MPT_RST_PROHIBITED : 255);
        p->filter = NULL;
        pair_run(p, 10 * S);
        assert_int_equal(p->end[SERVER].read, 100000);
        assert_int_equal(p->end[CLIENT].read, 100000);
        assert_false(p->end[CLIENT].closed || p->end[SERVER].closed);
        pair_end(p);
    }
}

/* ---- FASTCLOSE ---- */

static void test_fastclose(void **state)
{
    static const char *const by_ack[] = { "client.pm=manual", "server.pm=manual", "fastclose=ack", NULL };

    (void)state;
    for (int side = 0; side < 2; side++)
        for (int way = 0; way < 2; way++) {
            struct pair *p = two(way ? by_ack : manual);
            uint64_t had;

            pair_write(p, side, 300000);
            pair_write(p, !side, 300000);
            pair_run(p, 12 * MS);
            mpt_abort(p->end[side].conn, p->now);
            had = p->end[side].conn->rob.tail;
            pair_run(p, 200 * MS);
            assert_int_equal(p->end[side].conn->rob.tail, had); /* nothing is taken any more */
            assert_true(p->end[!side].closed && p->end[side].closed);
            assert_int_equal(p->end[!side].error, MPT_ECONNRESET);
            assert_int_equal(p->end[side].error, MPT_EABORTED);
            assert_int_equal(pair_counter(p, !side, "MPTcpExtMPFastcloseRx"), 1);
            pair_run(p, S);
            assert_int_equal(mpt_subflow_count(p->end[CLIENT].conn) + mpt_subflow_count(p->end[SERVER].conn), 0);
            pair_end(p);
        }
}

static void test_fastclose_both(void **state)
{
    struct pair *p = two(manual);

    (void)state;
    mpt_abort(p->end[CLIENT].conn, p->now);
    mpt_abort(p->end[SERVER].conn, p->now);
    pair_run(p, 100 * MS);
    assert_int_equal(mpt_subflow_count(p->end[CLIENT].conn) + mpt_subflow_count(p->end[SERVER].conn), 0);
    pair_end(p);
}

/* The path that it goes by first eats it: the other brings it one RTO later. */
static void test_fastclose_attacked(void **state)
{
    struct pair *p = two(manual);

    (void)state;
    pair_subflow(p, CLIENT, 0)->stale = MPT_SILENT;
    p->dead_paths = 1 << 2;
    mpt_abort(p->end[CLIENT].conn, p->now);
    pair_run(p, 2 * MS);
    pair_subflow(p, CLIENT, 0)->stale = 0;
    pair_run(p, S);
    assert_true(p->end[SERVER].closed);
    assert_int_equal(p->end[SERVER].error, MPT_ECONNRESET);
    pair_end(p);
}

/* Nobody answers: four times, then RST, and the connection is gone here. The peer waits for another subflow, in vain. */
static void test_fastclose_unanswered(void **state)
{
    struct pair *p = two(manual);

    (void)state;
    p->dead_paths = ~0u;
    mpt_abort(p->end[CLIENT].conn, p->now);
    pair_run(p, 30 * S);
    assert_int_equal(mpt_subflow_count(p->end[CLIENT].conn), 0);
    p->dead_paths = 0;
    mpt_close(p->end[CLIENT].conn, p->now);
    p->end[CLIENT].conn = NULL;
    pair_write(p, SERVER, 10);
    pair_run(p, 200 * S);
    assert_true(p->end[SERVER].closed);
    pair_end(p);
}

/* Before its turn: what was said before it is on its way by a slow path. */
static uint64_t slow_path_2(struct pair *p, struct pair_packet *k)
{
    (void)p;
    return k->to == SERVER && pair_path(k) == 2 ? 500 * MS : 0;
}

static void test_fastclose_first(void **state)
{
    struct pair *p = two(manual);

    (void)state;
    p->filter = slow_path_2;
    pair_subflow(p, CLIENT, 0)->stale = MPT_SILENT;
    for (int i = 0; i < 40; i++) {
        mpt_subflow_backup(p->end[CLIENT].conn, 1, i & 1, p->now);
        mpt_secure_translate(p->end[CLIENT].conn, p->now);
    }
    pair_run(p, 2 * MS);
    pair_subflow(p, CLIENT, 0)->stale = 0;
    pair_subflow(p, CLIENT, 1)->stale = MPT_SILENT;
    mpt_abort(p->end[CLIENT].conn, p->now);
    pair_run(p, 30 * MS);
    assert_true(p->end[SERVER].closed);
    assert_int_equal(p->end[SERVER].error, MPT_ECONNRESET);
    pair_end(p);
}

/* No memory for it: RSTs, which the peer does not take for the end. */
static void test_fastclose_no_memory(void **state)
{
    struct pair *p = two(manual);

    (void)state;
    p->end[CLIENT].fail_from = 0;
    p->end[CLIENT].fail_count = UINT32_MAX;
    mpt_abort(p->end[CLIENT].conn, p->now);
    pair_run(p, S);
    assert_true(p->end[CLIENT].closed);
    assert_int_equal(mpt_subflow_count(p->end[CLIENT].conn), 0);
    assert_false(p->end[SERVER].closed);
    assert_int_equal(pair_counter(p, SERVER, "SecLost"), 2);
    p->end[CLIENT].fail_count = 0;
    pair_end(p);
}

/* ---- no subflow left ---- */

/* All paths are cut by RSTs in both directions, for a while. Whoever can joins again, the path manager or, with `manual`,
 * the host. */
static uint64_t reset_all(struct pair *p, struct pair_packet *k)
{
    struct pair_packet forged = *k;

    (void)p;
    if (pair_flags(k) & (RST | 2))
        return 1;
    forged.data[12] = 5 << 4;
    forged.data[13] = RST | ACK;
    forged.len = 20;
    pair_checksum(&forged);
    pair_inject(p, &forged);
    return 1;
}

static void lose_all(const char *pm, int joins, int second)
{
    char setting[64];
    const char *const settings[] = { setting, "server.pm=manual", "pm.ndiffports=2", "limits.subflows=2", NULL };
    struct pair *p;

    snprintf(setting, sizeof setting, "client.pm=%s", pm);
    p = second ? two(settings) : pair_new(settings);
    if (!second)
        pair_connect(p);
    both_ways(p, 1000);
    p->filter = reset_all;
    pair_write(p, CLIENT, 30000);
    pair_write(p, SERVER, 30000);
    pair_run(p, 20 * S);
    assert_int_equal(pair_subflow(p, CLIENT, 0) || pair_subflow(p, SERVER, 0), 0);
    assert_false(p->end[CLIENT].closed || p->end[SERVER].closed);
    p->filter = NULL;
    pair_run(p, 25 * S);
    if (!joins) {
        struct mpt_addr a;

        assert_null(pair_subflow(p, CLIENT, 0));
        pair_addr(&a, CLIENT, 1, 4);
        assert_true(mpt_subflow_join(p->end[CLIENT].conn, &a, NULL, 0, p->now) > 0);
        pair_run(p, 5 * S);
    }
    assert_non_null(pair_subflow(p, CLIENT, 0));
    assert_int_equal(p->end[SERVER].read, 31000);
    assert_int_equal(p->end[CLIENT].read, 31000);
    both_ways(p, 10000);
    pair_end(p);
}

static void test_none_left(void **state)
{
    (void)state;
    lose_all("manual", 0, 1);
    lose_all("fullmesh", 1, 1);
    lose_all("fullmesh", 1, 0);
    lose_all("backup", 1, 1);
    lose_all("break-before-make", 1, 0);
    lose_all("ndiffports", 1, 0);
    lose_all("endpoints", 1, 1);
    lose_all("endpoints", 1, 0);
}

/* Nobody comes: after close_timeout it is over, with an error. */
static void test_given_up(void **state)
{
    struct pair *p = two(manual);

    (void)state;
    p->filter = reset_all;
    pair_write(p, CLIENT, 3000);
    pair_write(p, SERVER, 3000);
    pair_run(p, 59 * S);
    assert_false(p->end[CLIENT].closed || p->end[SERVER].closed);
    pair_run(p, 5 * S);
    assert_true(p->end[CLIENT].closed && p->end[SERVER].closed);
    assert_int_equal(p->end[SERVER].error, MPT_ECONNRESET);
    pair_end(p);
}

/* Records that do not verify make the only path suspected: the join waits for that, 1, 2, 4 s. */
static uint64_t flip(struct pair *p, struct pair_packet *k)
{
    (void)p;
    if (pair_payload(k) < 20)
        return 0;
    k->data[k->len - 1] ^= 1;
    pair_checksum(k);
    return 0;
}

static void test_suspected(void **state)
{
    struct pair *p = pair_new((const char *const[]){ "client.pm=fullmesh", "server.pm=manual", NULL });

    (void)state;
    pair_connect(p);
    both_ways(p, 1000);
    p->filter = flip;
    pair_write(p, SERVER, 30000);
    pair_run(p, 6 * S);
    assert_in_range(pair_counter(p, CLIENT, "SecSuspected"), 2, 4);
    assert_false(p->end[CLIENT].closed || p->end[SERVER].closed);
    p->filter = NULL;
    pair_run(p, 20 * S);
    assert_int_equal(p->end[CLIENT].read, 31000);
    pair_end(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_close),
        cmocka_unit_test(test_close_all),
        cmocka_unit_test(test_close_lossy),
        cmocka_unit_test(test_clean_end),
        cmocka_unit_test(test_behind_sfin),
        cmocka_unit_test(test_forged),
        cmocka_unit_test(test_fastclose),
        cmocka_unit_test(test_fastclose_both),
        cmocka_unit_test(test_fastclose_attacked),
        cmocka_unit_test(test_fastclose_unanswered),
        cmocka_unit_test(test_fastclose_first),
        cmocka_unit_test(test_fastclose_no_memory),
        cmocka_unit_test(test_none_left),
        cmocka_unit_test(test_given_up),
        cmocka_unit_test(test_suspected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
