/* SPDX-License-Identifier: MIT */
/* test_secure_rules.c - rules of sec/SPEC.md that a stack must keep against boxes and odd peers: crossing SYNs (3.2), the
 * name of MP_CAPABLE in N (3.3), 65,536 joins (3.4), octets that nobody maps (3.5). */
#include "stack_pair.h"

static void open_pair(struct pair *p)
{
    pair_start(p, MPT_SECURE_REQUIRE, MPT_SECURE_REQUIRE, 0);
    p->end[PAIR_SERVER].shut = p->end[PAIR_CLIENT].shut = 1; /* nobody ends his stream */
    assert_int_equal(pair_connect(p), 0);
    pair_run(p, 2000 * PAIR_MS);
    assert_int_equal(p->end[PAIR_SERVER].secure, p->end[PAIR_CLIENT].secure);
}

static void say(struct pair_end *e, size_t n)
{
    uint8_t text[4096];

    for (size_t i = 0; i < n; i++)
        text[i] = pair_octet(e == &e->pair->end[PAIR_CLIENT], e->written + i);
    assert_int_equal(mpt_write(e->conn, text, n, e->pair->now), n);
    e->written += n;
}

/* 3.2: both SYNs without b, so ENO is off. `prefer` is told and goes on, `require` ends with an error. */
static void test_crossing_syns(void **state)
{
    static struct pair p;
    struct mpt_addr a, b;

    (void)state;
    for (uint32_t policy = MPT_SECURE_PREFER; policy <= MPT_SECURE_REQUIRE; policy++) {
        pair_start(&p, policy, policy, 0);
        p.end[PAIR_SERVER].shut = p.end[PAIR_CLIENT].shut = 1;
        pair_addr(&a, PAIR_CLIENT, 1, 5000);
        pair_addr(&b, PAIR_SERVER, 1, 6000);
        assert_int_equal(mpt_connect(p.end[PAIR_CLIENT].stack, &p.end[PAIR_CLIENT].conn, &a, &b, p.now), 0);
        assert_int_equal(mpt_connect(p.end[PAIR_SERVER].stack, &p.end[PAIR_SERVER].conn, &b, &a, p.now), 0);
        pair_run(&p, 3000 * PAIR_MS);
        for (int h = 0; h < 2; h++) {
            assert_int_equal(p.end[h].closed, policy == MPT_SECURE_REQUIRE);
            assert_int_equal(p.end[h].error, policy == MPT_SECURE_REQUIRE ? MPT_ESECURE : 0);
            assert_int_equal(!!(p.end[h].events & MPT_EV_DECLINED), policy == MPT_SECURE_PREFER);
        }
        if (policy == MPT_SECURE_PREFER) {
            say(&p.end[PAIR_CLIENT], 500);
            say(&p.end[PAIR_SERVER], 700);
            pair_run(&p, 5000 * PAIR_MS);
            assert_int_equal(p.end[PAIR_SERVER].got, 500);
            assert_int_equal(p.end[PAIR_CLIENT].got, 700);
            assert_false(p.end[PAIR_SERVER].wrong | p.end[PAIR_CLIENT].wrong);
        }
        pair_end(&p);
    }
}

/* A merging box keeps one DSS of two. */
static int take_dss(struct pair *p, int to, struct mpt_packet *packet)
{
    uint8_t *o = pair_option(packet, 30, 2);

    if (to != PAIR_SERVER || !p->what || !o || packet->len < 500)
        return 1;
    p->what--;
    memset(o, 1, o[1]);
    pair_repair(packet);
    return 1;
}

/* 3.5: later mapped octets are in order, so the subflow is reset at once. There was only this one: the client joins again,
 * and nothing waits for the second that the watch over DATA_ACKs takes. */
static void test_unmapped(void **state)
{
    static struct pair p;

    (void)state;
    open_pair(&p);
    p.edit = take_dss;
    p.what = 1;
    say(&p.end[PAIR_CLIENT], 4000);
    pair_run(&p, p.now + 100 * PAIR_MS);
    assert_int_equal(p.what, 0);
    assert_int_equal(p.end[PAIR_SERVER].stack->counters[MPT_CNT_NO_DSS], 1);
    pair_run(&p, p.now + 3000 * PAIR_MS);
    assert_int_equal(p.end[PAIR_SERVER].got, 4000);
    assert_false(p.end[PAIR_SERVER].wrong | p.end[PAIR_SERVER].closed | p.end[PAIR_CLIENT].closed);
    pair_end(&p);
}

/* 3.4, at both ends. */
static void test_joins_end(void **state)
{
    static struct pair p;
    struct mpt_addr local, remote;
    struct mpt_conn *c;
    uint32_t used;
    int r;

    (void)state;
    for (int h = 0; h < 2; h++) {
        open_pair(&p);
        c = p.end[h].conn;
        used = c->used_count;
        c->used_count = 65536; /* never read: what would draw one more is refused before */
        pair_addr(&local, PAIR_CLIENT, 1, 7000);
        pair_addr(&remote, PAIR_SERVER, 1, 80);
        r = mpt_join_start(p.end[PAIR_CLIENT].conn, &local, &remote, 0, 0, 0, p.now);
        assert_int_equal(h == PAIR_CLIENT ? r == MPT_ELIMIT : r > 0, 1);
        pair_run(&p, p.now + 500 * PAIR_MS);
        assert_int_equal(p.end[PAIR_SERVER].stack->counters[MPT_CNT_MP_JOIN_REFUSED] > 0, h == PAIR_SERVER);
        c->used_count = used;
        pair_end(&p);
    }
}

/* 3.3: octets of another option that look like MP_CAPABLE are not it. */
static int put_decoy(struct pair *p, int to, struct mpt_packet *packet)
{
    uint8_t *o = pair_option(packet, 8, -1);

    if (to == PAIR_SERVER && o && packet->data[13] & 2) {
        const uint8_t decoy[4] = { 30, 4, 1, 0x55 };

        memcpy(o + 6, decoy, 4); /* the echo, which says nothing in a SYN */
        pair_repair(packet);
        p->what++;
    }
    return 1;
}

static void test_decoy(void **state)
{
    static struct pair p;

    (void)state;
    pair_start(&p, MPT_SECURE_REQUIRE, MPT_SECURE_REQUIRE, 0);
    p.end[PAIR_SERVER].shut = p.end[PAIR_CLIENT].shut = 1;
    p.edit = put_decoy;
    assert_int_equal(pair_connect(&p), 0);
    pair_run(&p, 100 * PAIR_MS);
    assert_true(p.what > 0);
    for (int h = 0; h < 2; h++)
        assert_int_equal(p.end[h].stack->counters[MPT_CNT_SEC_KEYED], 1);
    pair_end(&p);
}

/* 3.8: a window raised in the SYN/ACK makes a client send more than a small buffer holds, before any edge is verified. */
static int raise_window(struct pair *p, int to, struct mpt_packet *packet)
{
    if (to == PAIR_CLIENT && packet->data[13] & 2) {
        packet->data[14] = packet->data[15] = 0xff;
        pair_repair(packet);
        p->what++;
    }
    return 1;
}

static void test_raised_window(void **state)
{
    static struct pair p;
    struct pair_end *server = &p.end[PAIR_SERVER];

    (void)state;
    pair_start(&p, MPT_SECURE_REQUIRE, MPT_SECURE_REQUIRE, 0);
    server->stack->config.rcvbuf = 8192;
    server->deaf = server->shut = 1;
    p.end[PAIR_CLIENT].left = 60000;
    p.edit = raise_window;
    assert_int_equal(pair_connect(&p), 0);
    pair_run(&p, 2000 * PAIR_MS);
    assert_true(p.what > 0);
    assert_true(server->conn->rcv_edge > 8192 + 200 && server->conn->rcv_edge <= 65536);
    assert_int_equal(server->stack->counters[MPT_CNT_SEC_BROKEN], 0);
    server->deaf = 0;
    pair_read(server);
    pair_run(&p, 20000 * PAIR_MS);
    assert_int_equal(server->got, 60000);
    assert_false(server->wrong);
    pair_end(&p);
}

/* 3.8: with ENO taken out of the third ACK the server is undecided, and a DATA_ACK in the clear still widens its window;
 * nobody has verified that when the next segment confirms. */
static int widen_between(struct pair *p, int to, struct mpt_packet *packet)
{
    uint64_t dack = p->end[PAIR_CLIENT].conn->idsn_remote + 1;
    uint8_t frame[PAIR_FRAME], *o = pair_option(packet, 30, 0);
    struct mpt_packet forged = *packet;

    if (to != PAIR_SERVER || packet->data[13] & 2 || !o || p->what == 2)
        return 1;
    if (packet->len == (size_t)(packet->data[12] >> 4) * 4) {
        p->what = pair_strip(packet, 69) ? 1 : p->what;
        pair_repair(packet);
        return 1;
    }
    memcpy(frame, packet->data, packet->len);
    forged.data = frame;
    forged.len = (size_t)(frame[12] >> 4) * 4;
    frame[14] = frame[15] = 0xff;
    o = pair_option(&forged, 30, 0);
    memset(o + 8, 1, o[1] - 8u);
    memcpy(o, "\x1e\x08\x20\x01", 4);
    mpt_bytes_put32(o + 4, (uint32_t)dack);
    pair_strip(&forged, 69);
    pair_repair(&forged);
    mpt_input(p->end[PAIR_SERVER].stack, &forged, p->now);
    p->what = 2;
    return 1;
}

static void test_widened_between(void **state)
{
    static struct pair p;
    struct pair_end *client = &p.end[PAIR_CLIENT];

    (void)state;
    pair_start(&p, MPT_SECURE_REQUIRE, MPT_SECURE_REQUIRE, 0);
    client->stack->config.rcvbuf = 80000;
    client->deaf = client->shut = 1;
    p.end[PAIR_SERVER].left = 500000;
    p.edit = widen_between;
    assert_int_equal(pair_connect(&p), 0);
    pair_run(&p, 3000 * PAIR_MS);
    assert_int_equal(p.what, 2);
    assert_int_equal(client->stack->counters[MPT_CNT_SEC_KEYED], 1);
    assert_int_equal(client->stack->counters[MPT_CNT_SEC_BROKEN], 0);
    client->deaf = 0;
    pair_read(client);
    pair_run(&p, 60000 * PAIR_MS);
    assert_int_equal(client->got, 500000);
    assert_false(client->wrong);
    pair_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_crossing_syns), cmocka_unit_test(test_decoy),
                                        cmocka_unit_test(test_joins_end), cmocka_unit_test(test_widened_between),
                                        cmocka_unit_test(test_raised_window), cmocka_unit_test(test_unmapped) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
