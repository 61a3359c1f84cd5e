/* SPDX-License-Identifier: MIT */
/* test_sec_record.c - key schedule and records (sec/SPEC.md 3.4, 3.5): vectors, every field refused in turn, altered records,
 * generations, limits, and that no nonce can be used twice. */
#include "fake_aead.h"
#include "sec_vectors.h"

static const struct mpt_aead *aead;

static int init(void **state)
{
    (void)state;
    aead = NULL;
    if (mpt_crypto_init() == 0)
        aead = mpt_crypto_aead(MPT_AEAD_CHACHA20_POLY1305);
    return aead ? 0 : -1;
}

static void key_schedule(void **state)
{
    struct mpt_sec_keys k;
    const struct mpt_sec_sf_id initial = { 0 };
    uint8_t sf[32], kiv[44];

    (void)state;
    vector_keys(&k);
    assert_hex(k.tx[MPT_SEC_A], V_TX_A);
    assert_hex(k.tx[MPT_SEC_B], V_TX_B);
    assert_hex(k.jn, V_JN);
    assert_hex(k.jr, V_JR);
    assert_hex(k.ak[MPT_SEC_A], V_AK_A);
    assert_hex(k.ak[MPT_SEC_B], V_AK_B);
    mpt_sec_sf_secret(sf, k.tx[MPT_SEC_A], &V_SF);
    assert_hex(sf, V_SF_0);
    mpt_sec_kiv(kiv, sf);
    assert_hex(kiv, V_KIV);
    mpt_sec_sf_next(sf);
    assert_hex(sf, V_SF_1);
    mpt_sec_sf_secret(sf, k.tx[MPT_SEC_A], &initial);
    mpt_sec_kiv(kiv, sf);
    assert_hex(kiv, V_KIV_I);
}

/* Role, ids and randoms all name another subflow. */
static void subflows_differ(void **state)
{
    struct mpt_sec_sf_id id[6] = { V_SF, V_SF, V_SF, V_SF, V_SF, V_SF };
    struct mpt_sec_keys k;
    uint8_t sf[6][32];

    (void)state;
    vector_keys(&k);
    id[1].role = 2;
    id[2].id_i = 3;
    id[3].id_r = 1;
    id[4].r_i++;
    id[5].r_r++;
    for (int i = 0; i < 6; i++) {
        mpt_sec_sf_secret(sf[i], k.tx[MPT_SEC_A], &id[i]);
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(sf[i], sf[j], 32);
    }
}

static void start(struct mpt_sec_dir *tx, struct mpt_sec_dir *rx, const struct mpt_aead *with, uint64_t ssn)
{
    struct mpt_sec_keys k;

    vector_keys(&k);
    mpt_sec_dir_init(tx, with, k.tx[MPT_SEC_A], &V_SF, ssn);
    mpt_sec_dir_init(rx, with, k.tx[MPT_SEC_A], &V_SF, ssn);
}

static void record_vector(void **state)
{
    struct mpt_sec_dir tx, rx;
    struct mpt_sec_record r = { .len = 11 }, got;
    uint8_t buf[64];
    uint8_t *p = mpt_sec_prefix_build(buf, &r);

    (void)state;
    start(&tx, &rx, aead, 1);
    memcpy(p, "hello mptcp", 11);
    assert_int_equal(mpt_sec_prefix_len(&r), 1);
    assert_int_equal(mpt_sec_seal(&tx, V_DSN, buf, 12), MPT_SEC_OK);
    assert_hex(buf, V_RECORD);
    assert_true(tx.ssn == 1 + 28);
    assert_int_equal(mpt_sec_open(&rx, 1, V_DSN, buf, 28), MPT_SEC_OK);
    assert_true(rx.ssn == 1 + 28);
    assert_int_equal(mpt_sec_record_parse(&got, buf, 12, MPT_SEC_RECORD_BITS, MPT_SEC_DATA_MAX), MPT_SEC_OK);
    assert_int_equal(got.len, 11);
    assert_memory_equal(got.data, "hello mptcp", 11);
}

static void altered_records(void **state)
{
    struct mpt_sec_dir tx, rx;
    uint8_t sealed[64], buf[64];

    (void)state;
    from_hex(sealed, V_RECORD);
    for (size_t bit = 0; bit < 28 * 8; bit++) {
        start(&tx, &rx, aead, 1);
        memcpy(buf, sealed, 28);
        buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(mpt_sec_open(&rx, 1, V_DSN, buf, 28), MPT_SEC_RESET);
        memcpy(buf, sealed, 28); /* one forgery attempt a key: the true one comes too late */
        assert_int_equal(mpt_sec_open(&rx, 1, V_DSN, buf, 28), MPT_SEC_RESET);
        for (size_t i = 0; i < sizeof rx.kiv; i++)
            assert_int_equal(rx.kiv[i] | rx.secret[i % 32], 0); /* wiped */
    }
    for (int bit = 0; bit < 64; bit++) { /* the mapping is authenticated */
        start(&tx, &rx, aead, 1);
        memcpy(buf, sealed, 28);
        assert_int_equal(mpt_sec_open(&rx, 1, V_DSN ^ UINT64_C(1) << bit, buf, 28), MPT_SEC_RESET);
        start(&tx, &rx, aead, 1);
        memcpy(buf, sealed, 28);
        assert_int_equal(mpt_sec_open(&rx, 1 ^ UINT64_C(1) << bit, V_DSN, buf, 28), MPT_SEC_RESET);
    }
    for (uint32_t dll = 0; dll < 64; dll++) {
        uint8_t *exact = malloc(dll ? dll : 1);

        memset(exact, 0, dll);
        memcpy(exact, sealed, dll < 28 ? dll : 28);
        start(&tx, &rx, aead, 1);
        assert_int_equal(mpt_sec_open(&rx, 1, V_DSN, exact, dll), dll == 28 ? MPT_SEC_OK : MPT_SEC_RESET);
        free(exact);
    }
    start(&tx, &rx, aead, 1); /* longer than any record: not read */
    assert_int_equal(mpt_sec_open(&rx, 1, V_DSN, buf, MPT_SEC_DLL_MAX + 1), MPT_SEC_RESET);
}

/* All prefixes together, out and in again. */
static void every_prefix(void **state)
{
    uint8_t ctl[64], buf[256], *p;
    const struct mpt_sec_tlv params = { .type = MPT_SEC_PARAMS, .flags = MPT_SEC_PARAMS_JWD, .record_max = 16384 };
    struct mpt_sec_record r = { .ctl = ctl, .pad = 7, .cack = 9, .ack = 1, .edge = UINT64_MAX, .len = 5 }, got;

    (void)state;
    r.ctl_len = (uint32_t)(mpt_sec_tlv_build(mpt_sec_ctl_build(ctl, 1, 5), &params) - ctl);
    for (uint8_t h = 0; h <= MPT_SEC_RECORD_BITS; h++) {
        r.h = h;
        p = mpt_sec_prefix_build(buf, &r);
        assert_int_equal(p - buf, mpt_sec_prefix_len(&r));
        memcpy(p, "12345", 5);
        assert_int_equal(mpt_sec_record_parse(&got, buf, (size_t)(p + 5 - buf), MPT_SEC_RECORD_BITS, 5), MPT_SEC_OK);
        assert_int_equal(got.h, h);
        assert_int_equal(got.len, 5);
        assert_memory_equal(got.data, "12345", 5);
        if (h & MPT_SEC_H_ACK)
            assert_true(got.ack == r.ack && got.edge == r.edge && got.cack == r.cack);
        if (h & MPT_SEC_H_CTL)
            assert_memory_equal(got.ctl, ctl, r.ctl_len);
        if (h & MPT_SEC_H_PAD)
            assert_int_equal(got.pad, 7);
        /* more data than was agreed */
        assert_int_equal(mpt_sec_record_parse(&got, buf, (size_t)(p + 5 - buf), MPT_SEC_RECORD_BITS, 4), MPT_SEC_CLOSE);
        /* cut within the prefixes */
        for (uint8_t *end = buf; end < p; end++) {
            size_t n = (size_t)(end - buf);
            uint8_t *exact = malloc(n ? n : 1);

            memcpy(exact, buf, n);
            assert_int_equal(mpt_sec_record_parse(&got, exact, n, MPT_SEC_RECORD_BITS, 16384), MPT_SEC_CLOSE);
            free(exact);
        }
    }
}

static void malformed_plaintext(void **state)
{
    static const char *const bad[] = {
        "", "20", "40", "80",                         /* reserved bits of H */
        "01" "00112233445566778899",                  /* ACK cut */
        "02" "0000000000050103014000",                /* CSN 0 */
        "02" "000000010000",                          /* no TLV */
        "02" "0000000100060103014000",                /* CLEN beyond the record */
        "02" "0000000100050603014000",                /* unknown TLV */
        "10", "1000", "100001", "10000101", "10000200", "100002000100", /* PAD cut, or not zero */
    };
    struct mpt_sec_record r;
    uint8_t buf[64];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(mpt_sec_record_parse(&r, buf, from_hex(buf, bad[i]), MPT_SEC_RECORD_BITS, 16384), MPT_SEC_CLOSE);
    buf[0] = MPT_SEC_H_SFIN; /* no SFIN in a join record */
    assert_int_equal(mpt_sec_record_parse(&r, buf, 1, MPT_SEC_JOIN_BITS, 16384), MPT_SEC_CLOSE);
    assert_int_equal(mpt_sec_record_parse(&r, buf, 1, MPT_SEC_RECORD_BITS, 16384), MPT_SEC_OK);
}

/* Any octets: what is parsed lies within them, and is built to the same octets again. */
static void random_plaintext(void **state)
{
    struct draw d = { 31 };
    unsigned good = 0;

    (void)state;
    for (unsigned i = 0; i < 300000; i++) {
        size_t n = draw_below(&d, 60);
        uint8_t *p = malloc(n ? n : 1), out[64];
        struct mpt_sec_record r;

        draw_octets(&d, p, n);
        if (n)
            p[0] &= MPT_SEC_RECORD_BITS;
        for (size_t k = 1; k < n && draw_below(&d, 2); k++)
            p[k] = 0;
        if (n > 11 && draw_below(&d, 2))
            memcpy(p + 1, "\0\0\0\1\0\5\1\3\1\x40\0", 11);
        if (mpt_sec_record_parse(&r, p, n, MPT_SEC_RECORD_BITS, 16384) == MPT_SEC_OK) {
            uint8_t *end = mpt_sec_prefix_build(out, &r);

            good++;
            assert_true(r.data >= p && r.data + r.len == p + n);
            assert_int_equal(end - out, n - r.len);
            assert_memory_equal(out, p, n - r.len);
        }
        free(p);
    }
    assert_true(good > 10000);
}

/* 16 GiB: a record belongs to the generation of its first octet, both ends change without a word. */
static void generations(void **state)
{
    struct mpt_sec_dir tx, rx;
    uint64_t border = UINT64_C(1) << MPT_SEC_GENERATION_SHIFT;
    uint8_t buf[64], old[32];

    (void)state;
    start(&tx, &rx, aead, border - 20);
    assert_true(tx.generation == 0);
    memcpy(old, tx.secret, 32);
    for (int i = 0; i < 3; i++) {
        memset(buf, i, 12);
        buf[0] = 0;
        assert_int_equal(mpt_sec_seal(&tx, 100, buf, 12), MPT_SEC_OK);
        assert_int_equal(mpt_sec_open(&rx, rx.ssn, 100, buf, 28), MPT_SEC_OK);
        assert_true(tx.generation == (uint64_t)(i > 0)); /* the first one only crosses the border */
        assert_true(rx.generation == tx.generation);
    }
    assert_true(tx.blocks == 2 * 3); /* a new key, counted anew */
    assert_hex(tx.secret, V_SF_1);
    assert_memory_not_equal(tx.secret, old, 32);
    start(&tx, &rx, aead, 3 * border + 5);
    assert_true(tx.generation == 3);
}

/* The AEAD's limit of blocks ends a key; 17 octets at a time fill 16 GiB with fewer than 2^32 (3.4). */
static void block_limit(void **state)
{
    struct mpt_aead small = *aead;
    struct mpt_sec_dir tx, rx;
    uint8_t buf[64] = { 0 };
    uint64_t ssn;

    (void)state;
    small.max_blocks = 3 * 5;
    start(&tx, &rx, &small, 1);
    for (int i = 0; i < 5; i++)
        assert_int_equal(mpt_sec_seal(&tx, 1, buf, 1), MPT_SEC_OK);
    ssn = tx.ssn;
    assert_int_equal(mpt_sec_seal(&tx, 1, buf, 1), MPT_SEC_LIMIT);
    assert_true(tx.ssn == ssn);
    mpt_sec_dir_clear(&tx);
    assert_int_equal(mpt_sec_seal(&tx, 1, buf, 1), MPT_SEC_LIMIT); /* nothing is sealed without a key */
    assert_true((UINT64_C(1) << 34) / 17 * 3 < UINT64_C(1) << 32);
}

/* The sender's interface has no argument for key, nonce or position: whatever is sealed, in whatever order and size, on
 * however many subflows, has its own. Seen by an AEAD that remembers. */
static void no_nonce_twice(void **state)
{
    struct mpt_sec_dir tx[8], rx[8];
    struct mpt_sec_sf_id id = V_SF;
    struct mpt_sec_keys k;
    struct draw d = { 77 };
    uint8_t buf[512];

    (void)state;
    fake_aead_reset();
    vector_keys(&k);
    for (uint32_t i = 0; i < 8; i++) {
        id.r_i = i / 2; /* one side fresh is enough */
        id.r_r = (i + 1) / 2;
        mpt_sec_dir_init(&tx[i], &fake_aead, k.tx[i & 1], &id, 1 + draw_below(&d, 400));
        mpt_sec_dir_init(&rx[i], &fake_aead, k.tx[i & 1], &id, tx[i].ssn);
    }
    for (unsigned n = 0; n < 50000; n++) {
        size_t i = draw_below(&d, 8);
        uint32_t len = 1 + (uint32_t)draw_below(&d, 300);
        uint64_t dsn = draw_below(&d, 5); /* the same DSN again and again: reinjection */

        memset(buf, (int)draw_below(&d, 2), len);
        assert_int_equal(mpt_sec_seal(&tx[i], dsn, buf, len), MPT_SEC_OK);
        assert_int_equal(mpt_sec_open(&rx[i], rx[i].ssn, dsn, buf, len + 16), MPT_SEC_OK);
    }
    assert_int_equal(fake_aead_seals(), 50000);
    assert_int_equal(fake_aead_reused(), 0);
    fake_aead_reset();
}

/* Whatever a path makes of a stream of records, only true ones in their order are taken. */
static void random_paths(void **state)
{
    struct draw d = { 99 };

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        struct mpt_sec_dir tx, rx;
        uint8_t a[64], b[64], was[64];
        uint32_t n = 1 + (uint32_t)draw_below(&d, 40), at;

        start(&tx, &rx, aead, 1);
        draw_octets(&d, a, n);
        memcpy(was, a, n);
        mpt_sec_seal(&tx, 7, a, n);
        memset(b, 3, n);
        mpt_sec_seal(&tx, 7 + n, b, n);
        at = (uint32_t)draw_below(&d, n + 16);
        switch (draw_below(&d, 5)) {
        case 0: /* as it was */
            assert_int_equal(mpt_sec_open(&rx, 1, 7, a, n + 16), MPT_SEC_OK);
            assert_memory_equal(a, was, n);
            assert_int_equal(mpt_sec_open(&rx, 1 + n + 16, 7 + n, b, n + 16), MPT_SEC_OK);
            break;
        case 1: /* octets */
            a[at] ^= (uint8_t)(1 + draw_below(&d, 255));
            assert_int_equal(mpt_sec_open(&rx, 1, 7, a, n + 16), MPT_SEC_RESET);
            break;
        case 2: /* swapped */
            assert_int_equal(mpt_sec_open(&rx, 1, 7 + n, b, n + 16), MPT_SEC_RESET);
            break;
        case 3: /* replayed behind itself */
            memcpy(b, a, n + 16);
            assert_int_equal(mpt_sec_open(&rx, 1, 7, a, n + 16), MPT_SEC_OK);
            assert_int_equal(mpt_sec_open(&rx, 1 + n + 16, 7, b, n + 16), MPT_SEC_RESET);
            break;
        default: /* shortened */
            assert_int_equal(mpt_sec_open(&rx, 1, 7, a, at), MPT_SEC_RESET);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_schedule),        cmocka_unit_test(subflows_differ),  cmocka_unit_test(record_vector),
        cmocka_unit_test(altered_records),     cmocka_unit_test(every_prefix),     cmocka_unit_test(malformed_plaintext),
        cmocka_unit_test(random_plaintext),    cmocka_unit_test(generations),      cmocka_unit_test(block_limit),
        cmocka_unit_test(no_nonce_twice),      cmocka_unit_test(random_paths),
    };

    return cmocka_run_group_tests(tests, init, NULL);
}
