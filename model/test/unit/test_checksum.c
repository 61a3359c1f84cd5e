/* SPDX-License-Identifier: MIT */
/* test_checksum.c - one's complement sums (RFC 1071) against two octets at a time, and known
 * values. */
#include "draw.h"
#include "wire/tcp.h"

static uint32_t naive_sum(const uint8_t *p, size_t n)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

/* RFC 1071 section 3: 00 01 f2 03 f4 f5 f6 f7 sums to ddf2. */
static void rfc_1071_example(void **state)
{
    static const uint8_t p[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

    (void)state;
    assert_int_equal(mpt_checksum_fold(mpt_checksum_add(0, p, sizeof p)), 0xddf2);
}

static void all_lengths_and_alignments(void **state)
{
    struct draw d = {17};
    uint8_t data[400];

    (void)state;
    for (int fill = 0; fill < 3; fill++) {
        for (size_t i = 0; i < sizeof data; i++)
            data[i] = fill == 0 ? 0xff : fill == 1 ? 0 : (uint8_t)draw_u64(&d);
        for (size_t at = 0; at < 8; at++)
            for (size_t n = 0; n + at <= sizeof data; n++)
                assert_int_equal(mpt_checksum_fold(mpt_checksum_add(0, data + at, n)),
                                 naive_sum(data + at, n));
    }
}

/* Pieces of even length add up, whatever the accumulator held. */
static void pieces_add_up(void **state)
{
    struct draw d = {19};
    uint8_t data[2000];

    (void)state;
    draw_octets(&d, data, sizeof data);
    for (int i = 0; i < 2000; i++) {
        size_t n = (size_t)draw_below(&d, sizeof data), a = (size_t)draw_below(&d, n / 2 + 1) * 2;
        uint64_t sum = mpt_checksum_add(mpt_checksum_add(0, data, a), data + a, n - a);

        assert_int_equal(mpt_checksum_fold(sum), naive_sum(data, n));
    }
}

static void fold_of_any_accumulator(void **state)
{
    struct draw d = {23};

    (void)state;
    assert_int_equal(mpt_checksum_fold(0), 0);
    assert_int_equal(mpt_checksum_fold(UINT64_MAX), 0xffff);
    assert_int_equal(mpt_checksum_fold(0xffff0000ffff0001), 1);
    for (int i = 0; i < 100000; i++) {
        uint64_t v = draw_u64(&d);
        uint64_t want =
            v % 0xffff; /* the sum is the residue, with ffff for a multiple that is not 0 */

        assert_int_equal(mpt_checksum_fold(v) % 0xffff, want);
    }
}

/* Vector of the project's protocol notes, computed independently. */
static void dss_vector(void **state)
{
    const char *text = "hello mptcp";
    uint64_t sum = mpt_checksum_add(0, text, 11);
    uint8_t covered[16 + 12] = {0};
    uint16_t checksum = mpt_checksum_dss(0x1122334455667788, 1, 11, sum);

    (void)state;
    assert_int_equal(checksum, 0x58d8);
    /* RFC 8684 3.3.1: over the whole mapping with its checksum the sum is all ones */
    mpt_bytes_put16(
        mpt_bytes_put16(mpt_bytes_put32(mpt_bytes_put64(covered, 0x1122334455667788), 1), 11),
        checksum);
    memcpy(covered + 16, text, 11);
    assert_int_equal(mpt_checksum_fold(mpt_checksum_add(0, covered, sizeof covered)), 0xffff);
}

static void pseudo_header_of_both_families(void **state)
{
    struct mpt_packet packet = {.len = 0x12345};
    uint32_t want = 0;

    (void)state;
    packet.local.family = packet.remote.family = 4;
    for (int i = 0; i < 16; i++)
        packet.local.ip[i] = (uint8_t)(200 + i), packet.remote.ip[i] = (uint8_t)(17 * i);
    want = naive_sum(packet.local.ip, 4) + naive_sum(packet.remote.ip, 4) + 6 + 1 + 0x2345;
    assert_int_equal(mpt_checksum_fold(mpt_checksum_pseudo(&packet)), mpt_checksum_fold(want));
    packet.local.family = packet.remote.family = 6;
    want = naive_sum(packet.local.ip, 16) + naive_sum(packet.remote.ip, 16) + 6 + 1 + 0x2345;
    assert_int_equal(mpt_checksum_fold(mpt_checksum_pseudo(&packet)), mpt_checksum_fold(want));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_1071_example), cmocka_unit_test(all_lengths_and_alignments),
        cmocka_unit_test(pieces_add_up),    cmocka_unit_test(fold_of_any_accumulator),
        cmocka_unit_test(dss_vector),       cmocka_unit_test(pseudo_header_of_both_families),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
