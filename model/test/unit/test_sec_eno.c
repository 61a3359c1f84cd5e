/* SPDX-License-Identifier: MIT */
/* test_sec_eno.c - TCP-ENO in its three forms and the negotiation table of sec/SPEC.md 3.2, row by row. */
#include "draw.h"
#include "sec/sec.h"
#include "wire/tcp.h"

enum { SYN = MPT_TCP_SYN, SYNACK = MPT_TCP_SYN | MPT_TCP_ACK, ACK = MPT_TCP_ACK };

static const uint8_t MINE[] = { 0x11, 0x12 };

static int init(void **state)
{
    (void)state;
    return mpt_crypto_init();
}

static int parse(struct mpt_sec_eno *e, const char *hex, uint8_t flags)
{
    uint8_t o[64];
    size_t n = from_hex(o, hex), i;
    uint8_t *exact = malloc(n ? n : 1); /* so that reading behind it is seen */
    int rc;

    for (i = 0; i < n; i++)
        exact[i] = o[i];
    rc = mpt_sec_eno_parse(e, exact, n, flags);
    free(exact);
    return rc;
}

/* The options of N in 3.10. */
static void forms(void **state)
{
    struct mpt_sec_eno e;
    uint8_t out[16];

    (void)state;
    assert_int_equal(parse(&e, "4507a04d531112", SYN), 0);
    assert_int_equal(e.count, 2);
    assert_int_equal(mpt_sec_eno_build(out, &e) - out, 7);
    assert_hex(out, "4507a04d531112");
    assert_int_equal(parse(&e, "450701a04d5311", SYNACK), 0);
    assert_int_equal(e.suite[0], 0x11);
    assert_int_equal(mpt_sec_eno_build(out, &e) - out, 7);
    assert_hex(out, "450701a04d5311");
    assert_int_equal(parse(&e, "4502", ACK), 0);
    assert_int_equal(mpt_sec_eno_build(out, &e) - out, 2);
    assert_hex(out, "4502");
    assert_int_equal(parse(&e, "450ba04d53111221223132", SYN), 0);
    assert_int_equal(e.count, 6);
    assert_int_equal(mpt_sec_eno_build(out, &e) - out, MPT_SEC_ENO_MAX);
}

static void refused(void **state)
{
    static const struct {
        const char *hex;
        uint8_t flags;
    } bad[] = {
        { "4505a04d53", SYN },               /* no suite */
        { "450ca04d5311122122313241", SYN }, /* seven */
        { "4507a04d531111", SYN },           /* one twice */
        { "4507a04d531100", SYN },           /* "none" */
        { "4507a04d531112", SYNACK },        /* form of a SYN */
        { "450701a04d5311", SYN },           /* b's role in a SYN: simultaneous open */
        { "450700a04d5311", SYNACK },        /* not b */
        { "450703a04d5311", SYNACK },        /* other global bits */
        { "450801a04d531112", SYNACK },      /* two answers */
        { "450601a04d53", SYNACK },          /* none */
        { "4507204d531112", SYN },           /* TEP without data */
        { "4507a14d531112", SYN },           /* tcpcrypt's TEP */
        { "4507a04d541112", SYN },           /* another experiment */
        { "4503a0", SYN }, { "4502", SYN }, { "4502", SYNACK }, { "45", SYN }, { "", SYN },
        { "450301", ACK },                   /* ACK with contents */
        { "4507a04d531112", ACK }, { "4607a04d531112", SYN }, { "4506a04d531112", SYN }, { "4508a04d531112", SYN },
    };
    struct mpt_sec_eno e;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(parse(&e, bad[i].hex, bad[i].flags), MPT_EPROTO);
}

/* What parses is built to the same octets: nothing is read that would be lost. */
static void random_options(void **state)
{
    struct draw d = { 4711 };
    unsigned good = 0;

    (void)state;
    for (unsigned i = 0; i < 300000; i++) {
        static const uint8_t flag[] = { SYN, SYNACK, ACK };
        uint8_t o[16], out[16], flags = flag[i % 3], *exact;
        size_t n = from_hex(o, i % 3 == 0 ? "4507a04d531112" : i % 3 == 1 ? "450701a04d5311" : "4502");
        struct mpt_sec_eno e;

        for (unsigned k = (unsigned)draw_below(&d, 3); k--;)
            o[draw_below(&d, n)] ^= (uint8_t)(1u << draw_below(&d, 8));
        n = draw_below(&d, 4) ? n : draw_below(&d, n + 1);
        exact = malloc(n ? n : 1);
        memcpy(exact, o, n);
        if (mpt_sec_eno_parse(&e, exact, n, flags) == 0) {
            good++;
            assert_int_equal(mpt_sec_eno_build(out, &e) - out, n);
            assert_memory_equal(out, exact, n);
        }
        free(exact);
    }
    assert_true(good > 30000);
}

static void choosing(void **state)
{
    struct mpt_sec_eno offer;
    uint8_t all[MPT_SEC_SUITES], mine[] = { 0x31, 0x12, 0x21 };
    size_t n;

    (void)state;
    assert_int_equal(parse(&offer, "4509a04d53ff122131", SYN), 0);
    assert_int_equal(mpt_sec_eno_choose(&offer, mine, 3), 0x12); /* the offer's order; unknown ones passed over */
    assert_int_equal(mpt_sec_eno_choose(&offer, MINE, 1), 0);
    n = mpt_sec_eno_suites(all, 1 << MPT_SEC_KX_X25519);
    assert_int_equal(all[0], 0x11);
    assert_int_equal(n, mpt_crypto_aead(MPT_AEAD_AES_256_GCM) ? 2 : 1);
    assert_int_equal(mpt_sec_eno_suites(all, 0), 0);
    assert_int_equal(mpt_sec_eno_suites(all, 0x0e) / (mpt_crypto_aead(MPT_AEAD_AES_256_GCM) ? 2 : 1), 3);
}

static enum mpt_sec_mode synack(struct mpt_sec_neg *n, enum mpt_sec_policy policy, int mptcp, const char *hex)
{
    struct mpt_sec_eno offer, answer;
    int rc = parse(&answer, hex, SYNACK);

    parse(&offer, "4507a04d531112", SYN);
    mpt_sec_neg_init(n, policy);
    return mpt_sec_neg_synack(n, mptcp, rc == 0 ? &answer : NULL, policy == MPT_SEC_OFF ? NULL : &offer);
}

static void rows_of_a(void **state)
{
    struct mpt_sec_neg n;

    (void)state;
    assert_int_equal(synack(&n, MPT_SEC_PREFER, 1, "450701a04d5312"), MPT_SEC_CONFIRMED);
    assert_int_equal(n.suite, 0x12);
    assert_int_equal(n.confirms, 1);
    mpt_sec_neg_heard(&n);
    assert_int_equal(n.confirms, 0);
    assert_int_equal(synack(&n, MPT_SEC_PREFER, 1, ""), MPT_SEC_REGULAR);
    assert_int_equal(n.declined, 1);
    assert_int_equal(synack(&n, MPT_SEC_PREFER, 1, "450701a04d5321"), MPT_SEC_REGULAR); /* not offered */
    assert_int_equal(synack(&n, MPT_SEC_PREFER, 0, "450701a04d5312"), MPT_SEC_REGULAR); /* no MP_CAPABLE */
    assert_int_equal(n.confirms, 0);
    assert_int_equal(synack(&n, MPT_SEC_REQUIRE, 1, ""), MPT_SEC_REFUSED);
    assert_int_equal(synack(&n, MPT_SEC_REQUIRE, 0, "450701a04d5312"), MPT_SEC_REFUSED);
    assert_int_equal(synack(&n, MPT_SEC_REQUIRE, 1, "450701a04d5321"), MPT_SEC_REFUSED);
    assert_int_equal(synack(&n, MPT_SEC_OFF, 1, "450701a04d5312"), MPT_SEC_REGULAR);
    assert_int_equal(n.declined, 0);
    /* A second SYN/ACK changes nothing: confirmed is for good. */
    assert_int_equal(synack(&n, MPT_SEC_PREFER, 1, "450701a04d5311"), MPT_SEC_CONFIRMED);
    assert_int_equal(mpt_sec_neg_synack(&n, 1, NULL, NULL), MPT_SEC_CONFIRMED);
}

static enum mpt_sec_mode syn(struct mpt_sec_neg *n, enum mpt_sec_policy policy, int mptcp, const char *hex)
{
    struct mpt_sec_eno e;
    int rc = parse(&e, hex, SYN);

    mpt_sec_neg_init(n, policy);
    return mpt_sec_neg_syn(n, mptcp, rc == 0 ? &e : NULL, MINE, 2);
}

static void rows_of_b(void **state)
{
    struct mpt_sec_neg n;

    (void)state;
    /* SYN */
    assert_int_equal(syn(&n, MPT_SEC_PREFER, 1, "4507a04d531211"), MPT_SEC_UNDECIDED);
    assert_int_equal(n.suite, 0x12);
    assert_int_equal(syn(&n, MPT_SEC_REQUIRE, 1, ""), MPT_SEC_REFUSED);
    assert_int_equal(syn(&n, MPT_SEC_REQUIRE, 0, "4507a04d531211"), MPT_SEC_REFUSED);
    assert_int_equal(syn(&n, MPT_SEC_REQUIRE, 1, "4506a04d5321"), MPT_SEC_REFUSED);
    assert_int_equal(syn(&n, MPT_SEC_OFF, 1, "4507a04d531211"), MPT_SEC_UNDECIDED);
    assert_int_equal(n.suite, 0);
    /* ENO without SYN confirms: on the third ACK, or on the first data */
    for (int data = 0; data < 2; data++) {
        syn(&n, MPT_SEC_PREFER, 1, "4507a04d531211");
        assert_int_equal(mpt_sec_neg_segment(&n, 1, 1, data, 0), MPT_SEC_CONFIRMED);
        assert_int_equal(mpt_sec_neg_segment(&n, 1, 0, 1, 0), MPT_SEC_CONFIRMED);
        syn(&n, MPT_SEC_PREFER, 1, "4507a04d531211");
        assert_int_equal(mpt_sec_neg_segment(&n, 0, 1, data, 0), MPT_SEC_REFUSED); /* MP_CAPABLE missing */
        syn(&n, MPT_SEC_PREFER, 1, "4507a04d531211");
        assert_int_equal(mpt_sec_neg_segment(&n, 1, 1, data, 1), MPT_SEC_REFUSED); /* b spoke in the clear */
    }
    /* third ACK without ENO: still undecided; then data */
    syn(&n, MPT_SEC_PREFER, 1, "4507a04d531211");
    assert_int_equal(mpt_sec_neg_segment(&n, 1, 0, 0, 0), MPT_SEC_UNDECIDED);
    assert_int_equal(mpt_sec_neg_segment(&n, 1, 0, 1, 0), MPT_SEC_HOLD);
    assert_int_equal(mpt_sec_neg_segment(&n, 1, 1, 1, 0), MPT_SEC_CONFIRMED); /* a later ENO, nothing released yet */
    syn(&n, MPT_SEC_REQUIRE, 1, "4507a04d531211");
    assert_int_equal(mpt_sec_neg_segment(&n, 1, 0, 1, 0), MPT_SEC_REFUSED);
    /* b never answered: an ENO put in by somebody confirms nothing, and policy off looks, too */
    syn(&n, MPT_SEC_OFF, 1, "4507a04d531211");
    assert_int_equal(mpt_sec_neg_segment(&n, 1, 1, 1, 0), MPT_SEC_HOLD);
}

static enum mpt_sec_mode look(struct mpt_sec_neg *n, const char *hex, uint32_t dll, int last)
{
    uint8_t p[64];
    size_t len = from_hex(p, hex);
    uint8_t *exact = malloc(len ? len : 1);
    enum mpt_sec_mode mode;

    if (len)
        memcpy(exact, p, len);
    syn(n, MPT_SEC_PREFER, 1, "");
    mpt_sec_neg_segment(n, 1, 0, 1, 0);
    mode = mpt_sec_neg_look(n, exact, len, dll, last);
    free(exact);
    return mode;
}

/* HELLO of 3.10: 79 octets of body, 82 in all. */
static void held_octets(void **state)
{
    struct mpt_sec_neg n;

    (void)state;
    assert_int_equal(look(&n, "01004d4d50545345433100", 80, 0), MPT_SEC_REFUSED);
    assert_int_equal(look(&n, "09004d4d50545345433100", 80, 0), MPT_SEC_REFUSED); /* TLS */
    assert_int_equal(look(&n, "01004d4d505453454331", 80, 0), MPT_SEC_HOLD);      /* ten octets of it */
    assert_int_equal(look(&n, "", 80, 0), MPT_SEC_HOLD);
    assert_int_equal(look(&n, "01", 80, 0), MPT_SEC_HOLD);
    assert_int_equal(look(&n, "01", 10, 0), MPT_SEC_REGULAR);                     /* a short request */
    assert_int_equal(n.declined, 1);
    assert_int_equal(look(&n, "474554", 80, 0), MPT_SEC_REGULAR);
    assert_int_equal(look(&n, "0101", 80, 0), MPT_SEC_REGULAR);                   /* length is not DLL - 3 */
    assert_int_equal(look(&n, "01004e", 80, 0), MPT_SEC_REGULAR);
    assert_int_equal(look(&n, "01004d4d50545345433101", 80, 0), MPT_SEC_REGULAR); /* an octet of the magic */
    assert_int_equal(look(&n, "01004d4d51", 80, 0), MPT_SEC_REGULAR);
    /* plain TCP: no mapping says how long; the caller's clock does */
    assert_int_equal(look(&n, "01ffff4d50545345433100", 0, 0), MPT_SEC_REFUSED);
    assert_int_equal(look(&n, "01ffff4d50", 0, 0), MPT_SEC_HOLD);
    assert_int_equal(look(&n, "01ffff4d50", 0, 1), MPT_SEC_REGULAR);
    assert_int_equal(look(&n, "02ffff4d50", 0, 0), MPT_SEC_REGULAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),     cmocka_unit_test(refused),   cmocka_unit_test(random_options),
        cmocka_unit_test(choosing),  cmocka_unit_test(rows_of_a), cmocka_unit_test(rows_of_b),
        cmocka_unit_test(held_octets),
    };

    return cmocka_run_group_tests(tests, init, NULL);
}
