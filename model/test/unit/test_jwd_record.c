/* SPDX-License-Identifier: MIT */
/* test_jwd_record.c - join records (jwd/README.md 2.3): the two clear vectors, built and parsed by the functions that
 * the stack uses, and everything that a parser has to refuse. */
#include "jwd/jwd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint64_t KEY_A = UINT64_C(0x0102030405060708), KEY_B = UINT64_C(0x1112131415161718);
static const uint8_t MPJ[12] = { 0x1e, 0x0c, 0x18, 0x02, 0xcc, 0xad, 0x45, 0xac, 0xa1, 0xa2, 0xa3, 0xa4 };

/* 3.10 item 1, first: DSN 1122334455667788, "hello mptcp" */
static const uint8_t HELLO[] = {
    0x01, 0x00, 0x14, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x20, 0x6d,
    0x70, 0x74, 0x63, 0x70, 0x66, 0xbf, 0x10, 0xfb, 0x97, 0xdc, 0x96, 0xe9, 0xcb, 0xf6, 0xb5, 0xe4, 0x92, 0xd0, 0x58,
    0x63 };
/* second: no data, ACK (99aabbccddeeff00, 99aabbccddefff00, 0), 4 octets of PAD */
static const uint8_t PADDED[] = {
    0x01, 0x00, 0x23, 0x11, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
    0x00, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xef, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00,
    0x9c, 0x13, 0x5a, 0x00, 0xe0, 0x07, 0x1c, 0x6b, 0x4b, 0xe2, 0xea, 0xc8, 0x96, 0x5b, 0xb4, 0x44 };

static size_t build(uint8_t *out, const struct mpt_jwd_record *r, uint32_t pad, const void *data)
{
    uint8_t *p = mpt_jwd_record_build(out, r, pad);

    if (r->len)
        memcpy(p, data, r->len);
    p += r->len;
    mpt_jwd_record_tag(p, KEY_A, KEY_B, MPJ, out, (size_t)(p - out));
    return (size_t)(p - out) + JWD_TAG;
}

static void test_vector_hello(void **state)
{
    struct mpt_jwd_record r = { .dsn = UINT64_C(0x1122334455667788), .len = 11 }, got;
    uint8_t out[64];

    (void)state;
    assert_int_equal(build(out, &r, 0, "hello mptcp"), sizeof HELLO);
    assert_memory_equal(out, HELLO, sizeof HELLO);
    assert_int_equal(mpt_jwd_record_len(HELLO, 3), sizeof HELLO);
    assert_int_equal(mpt_jwd_record_parse(&got, HELLO, sizeof HELLO, 0), 0);
    assert_int_equal(got.h, 0);
    assert_true(got.dsn == UINT64_C(0x1122334455667788));
    assert_int_equal(got.len, 11);
    assert_memory_equal(got.data, "hello mptcp", 11);
    assert_true(mpt_jwd_record_verify(KEY_A, KEY_B, MPJ, HELLO, sizeof HELLO));
}

static void test_vector_padded(void **state)
{
    struct mpt_jwd_record r = { .h = JWD_H_ACK | JWD_H_PAD, .dsn = UINT64_C(0x1122334455667788),
                                .ack = UINT64_C(0x99aabbccddeeff00), .edge = UINT64_C(0x99aabbccddefff00) }, got;
    uint8_t out[64];

    (void)state;
    assert_int_equal(build(out, &r, 4, NULL), sizeof PADDED);
    assert_memory_equal(out, PADDED, sizeof PADDED);
    assert_int_equal(mpt_jwd_record_parse(&got, PADDED, sizeof PADDED, 0), 0);
    assert_int_equal(got.h, JWD_H_ACK | JWD_H_PAD);
    assert_true(got.ack == r.ack && got.edge == r.edge);
    assert_int_equal(got.len, 0);
    assert_true(mpt_jwd_record_verify(KEY_A, KEY_B, MPJ, PADDED, sizeof PADDED));
}

/* The option exactly as sent, both keys in their order and every octet are covered. */
static void test_tag_covers_everything(void **state)
{
    uint8_t copy[sizeof PADDED], mpj[12];

    (void)state;
    for (size_t i = 0; i < sizeof PADDED * 8; i++) {
        memcpy(copy, PADDED, sizeof copy);
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_false(mpt_jwd_record_verify(KEY_A, KEY_B, MPJ, copy, sizeof copy));
    }
    for (size_t i = 0; i < 96; i++) {
        memcpy(mpj, MPJ, 12);
        mpj[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_false(mpt_jwd_record_verify(KEY_A, KEY_B, mpj, PADDED, sizeof PADDED));
    }
    assert_false(mpt_jwd_record_verify(KEY_B, KEY_A, MPJ, PADDED, sizeof PADDED));
    assert_false(mpt_jwd_record_verify(KEY_A, KEY_B ^ 1, MPJ, PADDED, sizeof PADDED));
}

static int parse(uint8_t *copy, size_t n)
{
    struct mpt_jwd_record r;
    uint8_t *exact = malloc(n); /* so that the sanitizer sees a read beyond the end */
    int result;

    memcpy(exact, copy, n);
    result = mpt_jwd_record_parse(&r, exact, n, 0);
    free(exact);
    return result;
}

static void test_refused(void **state)
{
    static const struct {
        const char *what;
        size_t at;
        uint8_t value;
    } edit[] = {
        { "version 0", 0, 0 },           { "version 2", 0, 2 },          { "one octet too many", 2, 0x22 },
        { "one too few", 2, 0x24 },      { "CTL, of secure mode", 3, 0x13 }, { "reserved 0x08", 3, 0x19 },
        { "reserved 0x20", 3, 0x31 },    { "reserved 0x40", 3, 0x51 },   { "reserved 0x80", 3, 0x91 },
        { "CACK not 0", 31, 1 },         { "CACK not 0", 28, 1 },        { "pad beyond the body", 33, 5 },
        { "pad beyond the body", 32, 1 }, { "pad not zero", 37, 1 },      { "pad not zero", 34, 0x80 },
        { "BLEN below 9", 2, 8 },
    };
    uint8_t copy[sizeof PADDED];

    (void)state;
    for (size_t i = 0; i < sizeof edit / sizeof edit[0]; i++) {
        memcpy(copy, PADDED, sizeof copy);
        copy[edit[i].at] = edit[i].value;
        if (parse(copy, sizeof copy) != MPT_EPROTO)
            fail_msg("taken: %s", edit[i].what);
    }
    for (size_t n = 0; n < sizeof PADDED; n++) {
        memcpy(copy, PADDED, n);
        if (n)
            assert_int_equal(parse(copy, n), MPT_EPROTO);
    }
}

/* An ACK or a pad that the body is too short for. */
static void test_short_bodies(void **state)
{
    (void)state;
    for (unsigned h = 0; h < 0x20; h++)
        for (uint32_t blen = 9; blen < 40; blen++) {
            uint8_t record[64] = { 1, 0, (uint8_t)blen, (uint8_t)h };
            uint32_t need = 9 + (h & 1 ? 20 : 0) + (h & 0x10 ? 2 : 0);
            int bad = (h & 0x0a) != 0 || blen < need; /* CTL and 0x08 are no bits of clear mode */

            assert_int_equal(parse(record, blen + 19), bad ? MPT_EPROTO : 0);
        }
}

static void test_largest(void **state)
{
    uint8_t head[3] = { 1 };

    (void)state;
    mpt_bytes_put16(head + 1, 16384 - 19);
    assert_int_equal(mpt_jwd_record_len(head, 3), 16384);
    mpt_bytes_put16(head + 1, 16384 - 18);
    assert_int_equal(mpt_jwd_record_len(head, 3), 0);
    mpt_bytes_put16(head + 1, 9);
    assert_int_equal(mpt_jwd_record_len(head, 3), 28);
    mpt_bytes_put16(head + 1, 8);
    assert_int_equal(mpt_jwd_record_len(head, 3), 0);
    assert_int_equal(mpt_jwd_record_len(head, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vector_hello), cmocka_unit_test(test_vector_padded),
        cmocka_unit_test(test_tag_covers_everything), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_short_bodies), cmocka_unit_test(test_largest),
    };

    if (mpt_crypto_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
