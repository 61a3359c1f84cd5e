/* SPDX-License-Identifier: MIT */
/* test_sec_ctl.c - control messages of MPTCPsec between two stacks (sec/SPEC.md 3.6): each TLV in both directions; lost,
 * late, twice, on another subflow; impossible ones; order, its limit, and no memory. */
#include "sec/pair.h"

static const char *const manual[] = { "client.pm=manual", "server.pm=manual", NULL };
static const char *const mesh[] = { "client.pm=fullmesh", "server.pm=fullmesh", NULL };
static const char *const ends[] = { "client.pm=endpoints", "server.pm=endpoints", "limits.subflows=4", "limits.add_addr_accepted=4", NULL };

/* A connection with a second subflow from the client's 10.0.0.2. */
static struct pair *two(const char *const *settings)
{
    struct pair *p = pair_new(settings);
    struct mpt_addr a;

    pair_connect(p);
    pair_addr(&a, CLIENT, 2, 4);
    if (settings == manual) {
        pair_up(p, CLIENT, 2, 0, 0, 4);
        assert_true(mpt_subflow_join(p->end[CLIENT].conn, &a, NULL, 0, p->now) > 0);
    } else {
        pair_up(p, CLIENT, 2, MPT_ADDRESS_SUBFLOW, 0, 4);
    }
    pair_run(p, 500 * MS);
    assert_non_null(pair_subflow(p, CLIENT, 1));
    assert_non_null(pair_subflow(p, SERVER, 1));
    return p;
}

static uint32_t unacknowledged(struct pair *p, int side)
{
    uint32_t n = 0;

    for (struct mpt_secure_ctl *m = p->end[side].conn->secure->ctl; m; m = m->next)
        n++;
    return n;
}

static const struct mpt_known_addr *known(struct pair *p, int side, uint8_t host)
{
    const struct mpt_conn *c = p->end[side].conn;

    for (int i = 0; i < MPT_KNOWN; i++)
        if (c->peer_addr[i].used && c->peer_addr[i].addr.ip[c->peer_addr[i].addr.family == 4 ? 3 : 15] == host)
            return &c->peer_addr[i];
    return NULL;
}

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
    assert_int_equal(unacknowledged(p, CLIENT), 0);
    assert_int_equal(unacknowledged(p, SERVER), 0);
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
    struct pair *p = pair_new(manual);

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
    struct pair *p = pair_new(mesh);

    (void)state;
    pair_connect(p);
    pair_up(p, SERVER, 2, 0, 0, 4);
    pair_up(p, SERVER, 3, MPT_ADDRESS_SIGNAL, 4430, 4);
    pair_up(p, CLIENT, 1, 0, 0, 6);
    pair_up(p, SERVER, 1, MPT_ADDRESS_SIGNAL, 4431, 6); /* as an option this has no room beside timestamps */
    pair_run(p, S);
    assert_non_null(known(p, CLIENT, 2));
    assert_int_equal(known(p, CLIENT, 2)->addr.port, 443);
    assert_non_null(known(p, CLIENT, 3));
    assert_int_equal(known(p, CLIENT, 3)->addr.port, 4430);
    assert_int_equal(mpt_subflow_count(p->end[CLIENT].conn), 4);
    assert_int_equal(mpt_subflow_count(p->end[SERVER].conn), 4);
    assert_int_equal(unacknowledged(p, SERVER), 0);
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
        assert_non_null(known(p, side, 2));
        assert_non_null(known(p, side, 3)); /* the second goes when the first was acknowledged */
        assert_int_equal(unacknowledged(p, side), 0);
    }
    pair_end(p);
}

/* ---- REMOVE_ADDR ---- */

static void test_remove_addr(void **state)
{
    struct pair *p = two(mesh);

    (void)state;
    pair_down(p, CLIENT, 2);
    pair_run(p, S);
    assert_int_equal(mpt_subflow_count(p->end[SERVER].conn), 1);
    assert_int_equal(pair_counter(p, SERVER, "MPTcpExtRmAddr"), 1);
    assert_int_equal(unacknowledged(p, CLIENT), 0);
    pair_end(p);
}

/* What was announced is taken back, and the subflows to it end: the other direction. */
static void test_remove_announced(void **state)
{
    struct pair *p = pair_new(mesh);

    (void)state;
    pair_connect(p);
    pair_up(p, SERVER, 2, 0, 0, 4);
    pair_run(p, S);
    assert_int_equal(mpt_subflow_count(p->end[CLIENT].conn), 2);
    pair_down(p, SERVER, 2);
    pair_run(p, S);
    assert_null(known(p, CLIENT, 2));
    assert_int_equal(mpt_subflow_count(p->end[CLIENT].conn), 1);
    pair_end(p);
}

/* The message came by the very subflow that it ends. */
static void test_remove_own(void **state)
{
    struct pair *p = two(manual);
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
    struct pair *p = two(ends);
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
    struct pair *p = two(manual);

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
    struct pair *p = two(manual);
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
    assert_int_equal(unacknowledged(p, CLIENT), 0);
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
            struct pair *p = pair_new(manual);

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
            struct pair *p = two(manual);
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
    struct pair *p = pair_new(mesh);
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
    assert_non_null(known(p, CLIENT, 2));
    assert_int_equal(mpt_subflow_count(p->end[SERVER].conn), 4); /* the mesh of two and two */
    pair_end(p);
}

/* ---- lost, late, twice, elsewhere ---- */

/* Everything that path 2 brings to the server vanishes, its ACKs do not come back. */
static uint64_t drop_path_2(struct pair *p, struct pair_packet *k)
{
    (void)p;
    return k->to == SERVER && pair_path(k) == 2;
}

static void test_lost_with_subflow(void **state)
{
    struct pair *p = two(manual);
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
    assert_int_equal(unacknowledged(p, CLIENT), 0);
    pair_end(p);
}

/* The same, and the subflow is reset. Nobody waits for its time-out. */
static void test_reset_with_subflow(void **state)
{
    struct pair *p = two(manual);
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
        struct pair *p = two(manual);
        struct mpt_subflow *other = pair_subflow(p, CLIENT, path == 1);

        p->ctx = &path;
        other->stale = MPT_SILENT;
        p->filter = swallow;
        mpt_subflow_backup(p->end[CLIENT].conn, other->number, 1, p->now);
        pair_run(p, 100 * MS);
        assert_int_equal(unacknowledged(p, CLIENT), 1);
        assert_int_equal(pair_subflow(p, CLIENT, path - 1)->flow.ring.count, 0); /* TCP has it acknowledged */
        other->stale = 0;
        pair_run(p, 1100 * MS);
        assert_int_equal(pair_subflow(p, SERVER, path == 1)->peer_backup, 1);
        assert_int_equal(unacknowledged(p, CLIENT), 0);
        pair_end(p);
    }
}

/* FASTCLOSE, too: the next one goes by the other. */
static void test_swallowed_end(void **state)
{
    (void)state;
    for (int path = 1; path <= 2; path++) {
        struct pair *p = two(manual);
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
    struct pair *p = two(manual);
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
    assert_int_equal(unacknowledged(p, CLIENT), 0);
    pair_end(p);
}

/* A message that was carried out comes again, by another subflow: it counts once, and is acknowledged again. */
static void test_twice(void **state)
{
    struct pair *p = two(manual);
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
    struct pair *p = two(manual);
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
    assert_int_equal(unacknowledged(p, CLIENT), 0);
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
            struct pair *p = pair_new(manual);
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
    struct pair *p = two(manual);

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
    assert_int_equal(unacknowledged(p, CLIENT), 0);
    assert_int_equal(pair_counter(p, SERVER, "SecControlRx"), 203);
    assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup, 1);
    pair_end(p);
}

/* The peer acknowledges what was never said. */
static void test_cack_beyond(void **state)
{
    struct pair *p = pair_new(manual);

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
    struct pair *p = pair_new(manual);
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
    assert_int_equal(unacknowledged(p, CLIENT), 0);
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
        struct pair *p = two(manual);

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
        assert_int_equal(unacknowledged(p, CLIENT), 0);
        assert_int_equal(unacknowledged(p, SERVER), 0);
        assert_int_equal(pair_subflow(p, SERVER, 0)->peer_backup, 1);
        assert_int_equal(pair_counter(p, SERVER, "MPTcpExtRmAddr"), 1);
        pair_end(p);
    }
    assert_true(refused > 20);
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
