/* SPDX-License-Identifier: MIT */
/* test_secure_wipe.c - every piece of memory that two whole stacks give back is looked at: no secret of MPTCPsec is in it, in
 * whatever way a connection ends (sec/SPEC.md 3.3, 3.4: forward secrecy). The host's allocator sees what free() would. */
#include "stack_pair.h"

#include "secure/private.h"

static const uint8_t PSK[24] = "a secret for the wiping";

static void know(struct pair *p, const char *name, const void *octets, size_t n)
{
    struct pair_secret *s;
    uint8_t zero[32] = { 0 };

    if (!memcmp(octets, zero, n))
        return;
    for (size_t i = 0; i < p->secrets; i++)
        if (!memcmp(p->secret[i].octets, octets, n))
            return;
    assert_true(p->secrets < PAIR_SECRETS);
    s = &p->secret[p->secrets++];
    s->name = name;
    s->n = n;
    memcpy(s->octets, octets, n);
}

/* Before every packet: what the ends have now. */
static void learn(struct pair *p)
{
    for (int h = 0; h < 2; h++) {
        struct mpt_conn *c = p->end[h].conn;
        struct mpt_list *l = p->end[h].stack->conns.next;

        if (!c && l != &p->end[h].stack->conns)
            c = MPT_LIST_OWNER(l, struct mpt_conn, link);
        if (!c || !c->secure)
            continue;
        if (c->secure->hand) {
            know(p, "X25519 secret", c->secure->hand->hs.secret, 32);
            know(p, "S1", c->secure->hand->hs.s1, 32);
            know(p, "master", c->secure->hand->hs.master, 32);
        }
        if (mpt_secure_keyed(c)) {
            know(p, "tx_a", c->secure->keys.tx[0], 32);
            know(p, "tx_b", c->secure->keys.tx[1], 32);
            know(p, "jn", c->secure->keys.jn, 32);
            know(p, "jr", c->secure->keys.jr, 32);
            know(p, "ak_a", c->secure->keys.ak[0], 16);
        }
        if (c->secure && h == PAIR_CLIENT && mpt_secure_keyed(c)) {
            struct mpt_subflow *sf;

            MPT_EACH_SUBFLOW(c, sf)
                if (!sf->joined && sf->secure && sf->secure->tx_made && sf->secure->tx.aead)
                    know(p, "sf_0", sf->secure->tx.secret, 32);
        }
    }
}

static int pass(struct pair *p, int to, struct mpt_packet *packet)
{
    (void)packet;
    learn(p);
    if (p->what == 1 && to == PAIR_CLIENT && p->now > 35 * PAIR_MS) /* the handshake is never done */
        return 0;
    if (p->what == 2 && p->end[PAIR_CLIENT].secure == 3 && packet->len > (size_t)(packet->data[12] >> 4) * 4 + 100) {
        packet->data[packet->len - 1] ^= 1; /* a tag */
        pair_repair(packet);
    }
    return 1;
}

static void start(struct pair *p, uint32_t kx)
{
    uint8_t seed[32];

    pair_start(p, MPT_SECURE_REQUIRE, MPT_SECURE_REQUIRE, kx);
    p->edit = pass;
    memset(seed, 0x77, sizeof seed);
    know(p, "identity", seed, 32);
    know(p, "psk", PSK, sizeof PSK);
    for (int h = 0; h < 2; h++)
        assert_int_equal(mpt_secure_psk(p->end[h].stack, PSK, sizeof PSK, "w", 1), 0);
    assert_int_equal(mpt_secure_identity(p->end[PAIR_SERVER].stack, seed), 0);
    p->end[PAIR_CLIENT].left = 3000;
    p->end[PAIR_SERVER].left = 100000;
    assert_int_equal(pair_connect(p), 0);
}

static void finish(struct pair *p)
{
    learn(p);
    pair_end(p);
    if (p->found)
        fail_msg("%zu times given back with its memory: %s", p->found, p->found_name);
    assert_true(p->secrets >= 5);
}

/* what: 0 a clean end, 1 no handshake, 2 damaged records. */
static void check(uint32_t kx, uint64_t what, uint64_t until, int expected)
{
    static struct pair p;

    start(&p, kx);
    p.what = what;
    pair_run(&p, until);
    assert_int_equal(p.end[PAIR_CLIENT].error, expected);
    finish(&p);
}

static void test_clean_end(void **state)
{
    (void)state;
    check(MPT_SECURE_X25519, 0, 200000 * PAIR_MS, 0);
    check(MPT_SECURE_PSK, 0, 200000 * PAIR_MS, 0);
}

static void test_handshake_failed(void **state)
{
    (void)state;
    check(MPT_SECURE_X25519, 1, 200000 * PAIR_MS, MPT_ESECURE);
}

/* Every record of some length is damaged: subflows come and go. */
static void test_subflows_lost(void **state)
{
    static struct pair p;

    (void)state;
    start(&p, MPT_SECURE_X25519);
    p.what = 2;
    pair_run(&p, 20000 * PAIR_MS);
    finish(&p);
}

/* The stack goes with its connections, in the middle of everything. */
static void test_stack_freed(void **state)
{
    static struct pair p;

    (void)state;
    for (uint64_t at = 5; at < 200; at += 10) {
        start(&p, MPT_SECURE_PSK);
        pair_run(&p, at * PAIR_MS);
        learn(&p);
        pair_end(&p);
        if (p.found)
            fail_msg("at %d ms, given back with its memory: %s", (int)at, p.found_name);
    }
}

/* The look does see: the IDSN (RFC 8684 3.1) was on the wire in the clear, and nobody wipes it. */
static void test_the_look_sees(void **state)
{
    static struct pair p;

    (void)state;
    start(&p, MPT_SECURE_X25519);
    pair_run(&p, 100 * PAIR_MS);
    know(&p, "IDSN", &p.end[PAIR_CLIENT].conn->idsn_remote, 8);
    pair_end(&p);
    assert_true(p.found > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean_end),
        cmocka_unit_test(test_handshake_failed),
        cmocka_unit_test(test_subflows_lost),
        cmocka_unit_test(test_stack_freed),
        cmocka_unit_test(test_the_look_sees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
