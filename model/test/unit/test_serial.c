/* SPDX-License-Identifier: MIT */
/* test_serial.c - expanding wire sequence numbers (RFC 1982, RFC 8684 3.3.1) and the octet
 * helpers. */
#include "base/bytes.h"
#include "base/serial.h"
#include "draw.h"

static void expand_finds_the_nearest(void **state)
{
    struct draw d = {5};

    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint64_t near = draw_u64(&d) >> draw_below(&d, 40);
        int64_t offset = (int32_t)draw_u64(&d);
        uint64_t x = near + (uint64_t)offset;

        assert_int_equal(mpt_serial_expand(near, (uint32_t)x), x);
    }
    /* numbered edges: near, wire, result */
    assert_int_equal(mpt_serial_expand(0xffffffff, 0), 0x100000000);
    assert_int_equal(mpt_serial_expand(0x100000000, 0xffffffff), 0xffffffff);
    assert_int_equal(mpt_serial_expand(0x180000000, 0xffffffff), 0x1ffffffff);
    assert_int_equal(mpt_serial_expand(UINT64_MAX, 0), 0);
}

static void before_is_serial(void **state)
{
    (void)state;
    assert_true(mpt_serial_before(1, 2));
    assert_false(mpt_serial_before(2, 2));
    assert_false(mpt_serial_before(3, 2));
    assert_true(mpt_serial_before(UINT64_MAX, 0));
    assert_false(mpt_serial_before(0, UINT64_MAX));
    assert_true(mpt_serial_before(UINT64_MAX - 5, 5));
}

static void octets_are_big_endian(void **state)
{
    uint8_t p[14];

    (void)state;
    assert_ptr_equal(mpt_bytes_put64(mpt_bytes_put32(mpt_bytes_put16(p, 0x0102), 0x03040506),
                                     0x0708090a0b0c0d0e),
                     p + 14);
    for (int i = 0; i < 14; i++)
        assert_int_equal(p[i], i + 1);
    assert_int_equal(mpt_bytes_get16(p), 0x0102);
    assert_int_equal(mpt_bytes_get32(p + 2), 0x03040506);
    assert_int_equal(mpt_bytes_get64(p + 6), 0x0708090a0b0c0d0e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expand_finds_the_nearest),
        cmocka_unit_test(before_is_serial),
        cmocka_unit_test(octets_are_big_endian),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
