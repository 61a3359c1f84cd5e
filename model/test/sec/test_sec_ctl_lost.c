/* SPDX-License-Identifier: MIT */
/* test_sec_ctl_lost.c - control messages of MPTCPsec between two stacks (sec/SPEC.md 3.6): lost, late, twice, on another
 * subflow; their order and its limit, and no memory. */
#include "sec/pair.h"

/* Everything that path 2 brings to the server vanishes, its ACKs do not come back. */
static uint64_t drop_path_2(struct pair *p, struct pair_packet *k)
{
    (void)p;
    return k->to == SERVER && pair_path(k) == 2;
}

static void test_lost_with_subflow(void **state)
{
    struct pair *p = pair_two(pair_manual);
    struct mpt_subflow *sf = pair_subflow(p, CLIENT, 1);

    (void)state;
    pair_subflow(p, CLIENT, 0)->stale = MPT_SILENT;
    p->filter = drop_path_2;
    mpt_subflow_backup(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 0)->number, 1, p->now);
    pair_run(p, 5 * MS);
    assert_int_equal(p->end[CLIENT].conn->secure->ctl->carrier, sf->number);
    pair_subflow(p, CLIENT, 0)->stale = 0;
    pair_run(p, 3 * S); /* it times out: again on the first */
    assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup, 1);
    assert_int_equal(pair_unacknowledged(p, CLIENT), 0);
    pair_end(p);
}

/* The same, and the subflow is reset. Nobody waits for its time-out. */
static void test_reset_with_subflow(void **state)
{
    struct pair *p = pair_two(pair_manual);
    struct mpt_subflow *sf = pair_subflow(p, CLIENT, 1);

    (void)state;
    pair_subflow(p, CLIENT, 0)->stale = MPT_SILENT;
    p->filter = drop_path_2;
    mpt_subflow_backup(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 0)->number, 1, p->now);
    pair_run(p, 5 * MS);
    assert_int_equal(p->end[CLIENT].conn->secure->ctl->carrier, sf->number);
    pair_subflow(p, CLIENT, 0)->stale = 0;
    mpt_reset_subflow(sf, MPT_RST_UNSPECIFIED, MPT_ECONNRESET, p->now);
    pair_run(p, 30 * MS);
    assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup, 1);
    pair_end(p);
}

/* An attacker acknowledges in the server's place and keeps the record: TCP is content, CACK does not come. */
static uint64_t swallow(struct pair *p, struct pair_packet *k)
{
    struct pair_packet ack;
    uint32_t seq, n = pair_payload(k);

    if (k->to != SERVER || pair_path(k) != *(int *)p->ctx || !n)
        return 0;
    ack = *k;
    ack.to = CLIENT;
    ack.local = k->remote;
    ack.remote = k->local;
    ack.at = p->now + 10 * MS;
    seq = mpt_bytes_get32(k->data + 4) + n;
    memcpy(ack.data, k->data + 2, 2);
    memcpy(ack.data + 2, k->data, 2);
    memcpy(ack.data + 4, k->data + 8, 4);
    mpt_bytes_put32(ack.data + 8, seq);
    ack.data[12] = 0x80;
    ack.data[13] = 0x10;
    ack.data[20] = ack.data[21] = 1; /* timestamps, turned round */
    ack.data[22] = 8;
    ack.data[23] = 10;
    memcpy(ack.data + 24, k->data + 28, 4);
    memcpy(ack.data + 28, k->data + 24, 4);
    ack.len = 32;
    pair_checksum(&ack);
    pair_inject(p, &ack);
    return 1;
}

static void test_swallowed(void **state)
{
    (void)state;
    for (int path = 1; path <= 2; path++) {
        struct pair *p = pair_two(pair_manual);
        struct mpt_subflow *other = pair_subflow(p, CLIENT, path == 1);

        p->ctx = &path;
        other->stale = MPT_SILENT;
        p->filter = swallow;
        mpt_subflow_backup(p->end[CLIENT].conn, other->number, 1, p->now);
        pair_run(p, 100 * MS);
        assert_int_equal(pair_unacknowledged(p, CLIENT), 1);
        assert_int_equal(pair_subflow(p, CLIENT, path - 1)->flow.ring.count, 0); /* TCP has it acknowledged */
        other->stale = 0;
        pair_run(p, 1100 * MS);
        assert_int_equal(pair_subflow(p, SERVER, path == 1)->peer_backup, 1);
        assert_int_equal(pair_unacknowledged(p, CLIENT), 0);
        pair_end(p);
    }
}

/* FASTCLOSE, too: the next one goes by the other. */
static void test_swallowed_end(void **state)
{
    (void)state;
    for (int path = 1; path <= 2; path++) {
        struct pair *p = pair_two(pair_manual);
        struct mpt_subflow *other = pair_subflow(p, CLIENT, path == 1);

        p->ctx = &path;
        other->stale = MPT_SILENT;
        p->filter = swallow;
        mpt_abort(p->end[CLIENT].conn, p->now);
        pair_run(p, 2 * MS);
        other->stale = 0;
        pair_run(p, S);
        assert_true(p->end[SERVER].closed);
        pair_end(p);
    }
}

/* The first comes 300 ms late by its subflow, the next ones in time by the other: they wait for their turn. */
static uint64_t delay_path_2(struct pair *p, struct pair_packet *k)
{
    (void)p;
    return k->to == SERVER && pair_path(k) == 2 ? 150 * MS : 0;
}

static void test_reordered(void **state)
{
    struct pair *p = pair_two(pair_manual);
    struct mpt_conn *server = p->end[SERVER].conn;

    (void)state;
    p->filter = delay_path_2;
    pair_subflow(p, CLIENT, 0)->stale = MPT_SILENT;
    mpt_subflow_backup(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 1)->number, 1, p->now);
    pair_run(p, 2 * MS);
    pair_subflow(p, CLIENT, 0)->stale = 0;
    pair_subflow(p, CLIENT, 1)->stale = MPT_SILENT;
    mpt_subflow_backup(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 1)->number, 0, p->now);
    pair_run(p, 2 * MS);
    mpt_subflow_backup(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 0)->number, 1, p->now);
    pair_run(p, 50 * MS);
    assert_int_equal(server->secure->order.held != 0, 1);
    assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup, 0); /* they are there, and not carried out */
    pair_run(p, S);
    assert_int_equal(server->secure->order.held, 0);
    assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup, 1);
    assert_int_equal(pair_subflow(p, SERVER, 1)->peer_backup, 0); /* the later word, though it came first */
    assert_int_equal(pair_unacknowledged(p, CLIENT), 0);
    pair_end(p);
}

/* A message that was carried out comes again, by another subflow: it counts once, and is acknowledged again. */
static void test_twice(void **state)
{
    struct pair *p = pair_two(pair_manual);
    uint8_t tlv[12] = { MPT_SEC_PRIO, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
    uint32_t csn = p->end[CLIENT].conn->secure->csn_sent + 1;

    (void)state;
    pair_say(p, CLIENT, 0, tlv, sizeof tlv);
    pair_run(p, 200 * MS);
    assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup, 1);
    mpt_subflow_backup(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 0)->number, 0, p->now);
    pair_run(p, 200 * MS);
    assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup, 0);
    pair_subflow(p, CLIENT, 0)->stale = MPT_SILENT;
    pair_say(p, CLIENT, csn, tlv, sizeof tlv);
    p->end[CLIENT].conn->secure->csn_sent--;
    pair_run(p, 200 * MS);
    assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup, 0);
    assert_false(p->end[SERVER].closed);
    pair_end(p);
}

/* Packets with control in them come twice, and their payload on the other subflow, too: somebody copied it there. */
static uint64_t replay(struct pair *p, struct pair_packet *k)
{
    struct pair_packet copy = *k;
    struct pair_packet *other = p->ctx;

    if (k->to != SERVER || !pair_payload(k))
        return 0;
    copy.at += 5 * MS;
    pair_inject(p, &copy);
    if (pair_path(k) == 1 && !other->len)
        *other = *k;
    if (pair_path(k) == 2 && other->len) { /* in place of what this subflow says */
        uint32_t head = (k->data[12] >> 4) * 4u, from = (other->data[12] >> 4) * 4u, n = pair_payload(other);

        n = n < pair_payload(k) ? n : pair_payload(k);
        memcpy(k->data + head, other->data + from, n);
        pair_checksum(k);
    }
    return 0;
}

static void test_replayed(void **state)
{
    struct pair *p = pair_two(pair_manual);
    struct pair_packet other = { 0 };

    (void)state;
    p->filter = replay;
    p->ctx = &other;
    mpt_subflow_backup(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 1)->number, 1, p->now);
    pair_run(p, 300 * MS);
    assert_true(other.len > 0);
    assert_int_equal(pair_subflow(p, SERVER, 1)->peer_backup, 1);
    assert_int_equal(pair_counter(p, SERVER, "SecBadTag"), 0);
    pair_subflow(p, CLIENT, 0)->stale = MPT_SILENT;
    mpt_subflow_backup(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 1)->number, 0, p->now);
    pair_run(p, 2 * MS);
    pair_subflow(p, CLIENT, 0)->stale = 0;
    pair_run(p, 2 * S); /* the second subflow is reset for it, the message goes again on the first */
    assert_int_equal(pair_counter(p, SERVER, "SecBadTag"), 1);
    assert_int_equal(pair_unacknowledged(p, CLIENT), 0);
    assert_int_equal(mpt_subflow_count(p->end[SERVER].conn), 1);
    assert_false(p->end[SERVER].closed);
    pair_end(p);
}

/* ---- order and its limit ---- */

/* 31 messages wait for the first one; one more would be a peer that does not look at CACK. */
static void test_held(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++)
        for (uint32_t more = 0; more < 2; more++) {
            struct pair *p = pair_new(pair_manual);
            uint32_t next;
            uint8_t tlv[] = { MPT_SEC_PRIO, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };

            pair_connect(p);
            next = p->end[side].conn->secure->csn_sent + 1;
            for (uint32_t i = 1; i < MPT_SEC_CTL_HELD; i++)
                pair_say(p, side, next + i, tlv, sizeof tlv);
            pair_run(p, S);
            assert_int_equal(pair_subflow(p, !side, 0)->peer_backup, 0);
            assert_int_equal(__builtin_popcount(p->end[!side].conn->secure->order.held), 31);
            p->end[side].conn->secure->csn_sent = next + 40;
            if (more) {
                p->end[side].conn->secure->csn_acked = next; /* a lie to ourselves: it may leave */
                pair_say(p, side, next + MPT_SEC_CTL_HELD, tlv, sizeof tlv);
                pair_run(p, S);
                assert_true(p->end[!side].closed);
                assert_int_equal(p->end[!side].error, MPT_EPROTO);
            } else {
                pair_say(p, side, next, tlv, sizeof tlv);
                pair_run(p, S);
                assert_int_equal(pair_subflow(p, !side, 0)->peer_backup, 1);
                assert_int_equal(p->end[!side].conn->secure->order.next, next + MPT_SEC_CTL_HELD);
                assert_int_equal(p->end[side].conn->secure->csn_acked, next + MPT_SEC_CTL_HELD - 1);
            }
            pair_end(p);
        }
}

/* A sender keeps within what the peer holds, however much it has to say and however late the first comes. */
static void test_many(void **state)
{
    struct pair *p = pair_two(pair_manual);

    (void)state;
    p->filter = delay_path_2;
    pair_subflow(p, CLIENT, 0)->stale = MPT_SILENT;
    mpt_subflow_backup(p->end[CLIENT].conn, 1, 0, p->now);
    pair_run(p, 2 * MS);
    pair_subflow(p, CLIENT, 0)->stale = 0;
    pair_subflow(p, CLIENT, 1)->stale = MPT_SILENT;
    for (int i = 0; i < 201; i++) {
        mpt_subflow_backup(p->end[CLIENT].conn, 1, !(i & 1), p->now);
        mpt_secure_translate(p->end[CLIENT].conn, p->now);
    }
    pair_run(p, 100 * MS);
    assert_int_equal(p->end[SERVER].conn->secure->order.held, ~(1u << p->end[SERVER].conn->secure->order.next % 32));
    pair_run(p, 5 * S);
    assert_int_equal(pair_unacknowledged(p, CLIENT), 0);
    assert_int_equal(pair_counter(p, SERVER, "SecControlRx"), 203);
    assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup, 1);
    pair_end(p);
}

/* The peer acknowledges what was never said. */
static void test_cack_beyond(void **state)
{
    struct pair *p = pair_new(pair_manual);

    (void)state;
    pair_connect(p);
    p->end[SERVER].conn->secure->order.next += 7;
    pair_write(p, CLIENT, 10);
    mpt_subflow_backup(p->end[CLIENT].conn, 1, 1, p->now);
    pair_run(p, S);
    assert_true(p->end[CLIENT].closed);
    assert_int_equal(p->end[CLIENT].error, MPT_EPROTO);
    pair_end(p);
}

/* A message too long for a segment of this subflow goes in a record of several, and data beside it goes on. */
static void test_long(void **state)
{
    struct pair *p = pair_new(pair_manual);
    uint8_t tlvs[8 * 257];

    (void)state;
    pair_connect(p);
    for (int i = 0; i < 8; i++) {
        uint8_t *t = tlvs + i * 257;

        t[0] = MPT_SEC_REMOVE_ADDR;
        t[1] = 255;
        for (int j = 0; j < 255; j++)
            t[2 + j] = (uint8_t)(100 + j % 100);
    }
    pair_write(p, CLIENT, 50000);
    pair_say(p, CLIENT, 0, tlvs, sizeof tlvs);
    pair_write(p, CLIENT, 50000);
    pair_run(p, 3 * S);
    assert_int_equal(pair_unacknowledged(p, CLIENT), 0);
    assert_int_equal(pair_counter(p, SERVER, "MPTcpExtRmAddr"), 8 * 255);
    assert_int_equal(p->end[SERVER].read, 100000);
    pair_end(p);
}

/* ---- memory ---- */

/* Control in both directions, some out of order, while allocations fail one after the other: all is said in the end. */
static void test_no_memory(void **state)
{
    uint32_t refused = 0;

    (void)state;
    for (uint32_t at = 0; at < 16; at++) {
        struct pair *p = pair_two(pair_manual);

        p->filter = delay_path_2;
        for (int side = 0; side < 2; side++) {
            p->end[side].fail_from = p->end[side].calls + at;
            p->end[side].fail_count = 3;
        }
        pair_subflow(p, CLIENT, 0)->stale = MPT_SILENT;
        mpt_subflow_backup(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 1)->number, 1, p->now);
        mpt_subflow_backup(p->end[SERVER].conn, pair_subflow(p, SERVER, 1)->number, 1, p->now);
        pair_run(p, 2 * MS);
        pair_subflow(p, CLIENT, 0)->stale = 0;
        mpt_subflow_backup(p->end[CLIENT].conn, pair_subflow(p, CLIENT, 0)->number, 1, p->now);
        mpt_addr_withdraw(p->end[CLIENT].conn, 77, p->now);
        pair_run(p, 5 * S);
        refused += p->end[CLIENT].refused + p->end[SERVER].refused;
        assert_false(p->end[CLIENT].closed || p->end[SERVER].closed);
        assert_int_equal(pair_unacknowledged(p, CLIENT), 0);
        assert_int_equal(pair_unacknowledged(p, SERVER), 0);
        assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup, 1);
        assert_int_equal(pair_counter(p, SERVER, "MPTcpExtRmAddr"), 1);
        pair_end(p);
    }
    assert_true(refused > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost_with_subflow),
        cmocka_unit_test(test_reset_with_subflow),
        cmocka_unit_test(test_swallowed),
        cmocka_unit_test(test_swallowed_end),
        cmocka_unit_test(test_reordered),
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_replayed),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_cack_beyond),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
