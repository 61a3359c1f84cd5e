/* SPDX-License-Identifier: MIT */
/* test_sec_downgrade.c - negotiation and handshake together (sec/SPEC.md 3.2, 3.3) against somebody on the path who strips,
 * adds, swaps and changes what SYN, SYN/ACK, third ACK and first data carry: every combination, every policy, with real
 * options and frames. The claims are those of test/promela/negotiate.pml:
 *   - `require` never ends regular; confirmed never ends regular
 *   - octets of a handshake never reach an application
 *   - both secure only when both know the same SYNs
 *   - left alone, both secure when both want it */
#include "sec_vectors.h"
#include "wire/tcp.h"

/* What happens to ENO on the way. */
enum { LEAVE, STRIP, FIRST_ONLY, INSERT, ENO_ACTS };

struct path {
    int syn, synack, ack, data;         /* ENO_ACTS */
    int syn_mpc, synack_mpc, later_mpc; /* 1: MP_CAPABLE stripped */
    int spoke;                          /* b's application speaks first */
};

struct outcome {
    enum mpt_sec_mode a, b;
    int secure;      /* both have the same keys */
    int leaked;      /* handshake octets at b's application */
    int a_confirmed, b_confirmed;
};

static const uint8_t MINE[] = { 0x11, 0x12 };
static unsigned seen_secure, seen_refused, seen_regular;

static int init(void **state)
{
    (void)state;
    return mpt_crypto_init();
}

/* o: the option as sent ("" none); the option as it arrives. */
static size_t pass(uint8_t *o, size_t n, int act, const char *inserted)
{
    if (act == STRIP)
        return 0;
    if (act == INSERT)
        return from_hex(o, inserted);
    if (act == FIRST_ONLY && n > 6) /* all suites but the first are cut away */
        return (size_t)(o[1] = 6);
    return n;
}

static const struct mpt_sec_eno *parse(struct mpt_sec_eno *e, const uint8_t *o, size_t n, uint8_t flags)
{
    return n && mpt_sec_eno_parse(e, o, n, flags) == 0 ? e : NULL;
}

static void names_of(struct mpt_sec_names *n, const uint8_t *syn, size_t syn_len, const uint8_t *synack, size_t synack_len)
{
    memset(n, 0, sizeof *n);
    memcpy(n->eno_syn, syn, syn_len);
    memcpy(n->eno_synack, synack, synack_len);
}

/* The frames to their end: 1 when both have keys, and the same. */
static int handshake(struct mpt_sec_hs *a, struct mpt_sec_hs *b, const uint8_t *hello, size_t n)
{
    struct mpt_sec_keys ka, kb;
    uint8_t f[MPT_SEC_FRAME_MAX];
    size_t used;

    if (mpt_sec_hs_read(b, hello, n, &used) != MPT_SEC_OK)
        return 0;
    while ((n = mpt_sec_hs_write(b, f, sizeof f)) != 0)
        if (mpt_sec_hs_read(a, f, n, &used) != MPT_SEC_OK)
            return 0;
    n = mpt_sec_hs_write(a, f, sizeof f);
    if (!n || mpt_sec_hs_read(b, f, n, &used) != MPT_SEC_OK)
        return 0;
    assert_int_equal(mpt_sec_hs_keys(a, &ka), 0);
    assert_int_equal(mpt_sec_hs_keys(b, &kb), 0);
    assert_memory_equal(&ka, &kb, sizeof ka);
    return 1;
}

static void hs_begin(struct mpt_sec_hs *hs, uint8_t role, const struct mpt_sec_names *names)
{
    uint8_t random[64];
    struct mpt_sec_hs_config c = { .role = role, .random = random };

    memset(random, 1 + role, sizeof random);
    c.aead = mpt_crypto_aead(names->eno_synack[6] & 0x0f);
    assert_non_null(c.aead); /* b answers only what it has */
    assert_int_equal(mpt_sec_hs_init(hs, &c, names), 0);
}

/* One connection, message by message. */
static struct outcome play(enum mpt_sec_policy pa, enum mpt_sec_policy pb, const struct path *p)
{
    struct mpt_sec_eno offer = { .form = MPT_SEC_ENO_SYN, .count = 2, .suite = { 0x11, 0x12 } }, answer, got, ack;
    uint8_t syn[16], syn_b[16], sa[16], sa_a[16], eno[16], data[MPT_SEC_FRAME_MAX] = "GET / HTTP/1.1";
    size_t syn_n = 0, syn_b_n, sa_n = 0, sa_a_n, n, data_n = 14, suites = mpt_sec_eno_suites(syn, 1 << MPT_SEC_KX_X25519);
    int mptcp_b = !p->syn_mpc, mptcp_a = mptcp_b && !p->synack_mpc;
    struct mpt_sec_neg na, nb;
    struct mpt_sec_names names;
    struct mpt_sec_hs a, b;
    struct outcome o = { .leaked = 0 };

    mpt_sec_neg_init(&na, pa);
    mpt_sec_neg_init(&nb, pb);
    if (pa != MPT_SEC_OFF)
        syn_n = (size_t)(mpt_sec_eno_build(syn, &offer) - syn);
    memcpy(syn_b, syn, sizeof syn_b);
    syn_b_n = pass(syn_b, syn_n, p->syn, "4506a04d5311");
    o.b = mpt_sec_neg_syn(&nb, mptcp_b, parse(&got, syn_b, syn_b_n, MPT_TCP_SYN), MINE, suites);
    if (nb.suite) {
        answer = (struct mpt_sec_eno){ .form = MPT_SEC_ENO_SYNACK, .count = 1, .suite = { nb.suite } };
        sa_n = (size_t)(mpt_sec_eno_build(sa, &answer) - sa);
    }
    memcpy(sa_a, sa, sizeof sa_a);
    sa_a_n = pass(sa_a, sa_n, p->synack, "450701a04d5311");
    o.a = mpt_sec_neg_synack(&na, mptcp_a, parse(&got, sa_a, sa_a_n, MPT_TCP_SYN | MPT_TCP_ACK), syn_n ? &offer : NULL);
    o.a_confirmed = o.a == MPT_SEC_CONFIRMED;
    if (o.a == MPT_SEC_REFUSED || o.b == MPT_SEC_REFUSED)
        return o;
    if (o.a == MPT_SEC_CONFIRMED) {
        names_of(&names, syn, syn_n, sa_a, sa_a_n);
        hs_begin(&a, MPT_SEC_A, &names);
        data_n = mpt_sec_hs_write(&a, data, sizeof data);
    }
    for (int first = 0; first < 2; first++) { /* third ACK, first data */
        ack = (struct mpt_sec_eno){ .form = MPT_SEC_ENO_ACK };
        n = na.confirms ? (size_t)(mpt_sec_eno_build(eno, &ack) - eno) : 0;
        n = pass(eno, n, first ? p->data : p->ack, "4502");
        o.b = mpt_sec_neg_segment(&nb, mptcp_a && !p->later_mpc, parse(&got, eno, n, MPT_TCP_ACK) != NULL, first, p->spoke);
        if (o.b == MPT_SEC_CONFIRMED)
            o.b_confirmed = 1;
    }
    if (o.b == MPT_SEC_HOLD)
        o.b = mpt_sec_neg_look(&nb, data, data_n, mptcp_a && !p->later_mpc ? (uint32_t)data_n : 0, 0);
    if (o.b == MPT_SEC_REGULAR)
        o.leaked = o.a == MPT_SEC_CONFIRMED;
    if (o.b != MPT_SEC_CONFIRMED)
        return o;
    names_of(&names, syn_b, syn_b_n, sa, sa_n);
    hs_begin(&b, MPT_SEC_B, &names);
    o.secure = o.a == MPT_SEC_CONFIRMED ? handshake(&a, &b, data, data_n) : 0;
    if (o.a != MPT_SEC_CONFIRMED) { /* a's clear request is no frame */
        size_t used;

        assert_int_equal(mpt_sec_hs_read(&b, data, data_n, &used), MPT_SEC_ABORT);
    }
    if (o.secure)
        assert_true(syn_n == syn_b_n && memcmp(syn, syn_b, syn_n) == 0 && sa_n == sa_a_n && memcmp(sa, sa_a, sa_n) == 0);
    return o;
}

static void claims(enum mpt_sec_policy pa, enum mpt_sec_policy pb, const struct path *p)
{
    static const struct path clear;
    struct outcome o = play(pa, pb, p);

    assert_false(o.leaked);
    assert_false(pa == MPT_SEC_REQUIRE && o.a == MPT_SEC_REGULAR);
    assert_false(pb == MPT_SEC_REQUIRE && (o.b == MPT_SEC_REGULAR || o.b == MPT_SEC_HOLD));
    assert_false(o.a_confirmed && o.a != MPT_SEC_CONFIRMED);
    assert_false(o.b_confirmed && o.b != MPT_SEC_CONFIRMED && o.b != MPT_SEC_REFUSED);
    assert_true(o.b != MPT_SEC_HOLD && o.b != MPT_SEC_UNDECIDED ? 1 : o.a == MPT_SEC_REFUSED); /* decided */
    if (memcmp(p, &clear, sizeof clear) == 0) {
        if (pa != MPT_SEC_OFF && pb != MPT_SEC_OFF)
            assert_true(o.secure);
        else if (pa == MPT_SEC_REQUIRE || pb == MPT_SEC_REQUIRE)
            assert_true(o.a == MPT_SEC_REFUSED || o.b == MPT_SEC_REFUSED);
        else
            assert_true(o.a == MPT_SEC_REGULAR && o.b == MPT_SEC_REGULAR);
    }
    seen_secure += (unsigned)o.secure;
    seen_refused += o.a == MPT_SEC_REFUSED || o.b == MPT_SEC_REFUSED;
    seen_regular += o.a == MPT_SEC_REGULAR && o.b == MPT_SEC_REGULAR;
}

static void every_combination(void **state)
{
    (void)state;
    for (int i = 0; i < 3 * 3 * ENO_ACTS * ENO_ACTS * ENO_ACTS * ENO_ACTS * 16; i++) {
        struct path p = { 0 };
        int k = i, pa, pb;

        pa = k % 3, k /= 3;
        pb = k % 3, k /= 3;
        p.syn = k % ENO_ACTS, k /= ENO_ACTS;
        p.synack = k % ENO_ACTS, k /= ENO_ACTS;
        p.ack = k % ENO_ACTS, k /= ENO_ACTS;
        p.data = k % ENO_ACTS, k /= ENO_ACTS;
        p.syn_mpc = k & 1;
        p.synack_mpc = k >> 1 & 1;
        p.later_mpc = k >> 2 & 1;
        p.spoke = k >> 3 & 1;
        claims((enum mpt_sec_policy)pa, (enum mpt_sec_policy)pb, &p);
    }
    /* The claims are not empty. */
    assert_true(seen_secure > 100 && seen_refused > 100 && seen_regular > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_combination) };

    return cmocka_run_group_tests(tests, init, NULL);
}
