/* SPDX-License-Identifier: MIT */
/* test_options.c - TCP's own options: what the builders write comes back, impossible lengths are
 * refused, and what means something only in a SYN is ignored elsewhere (RFC 9293 3.2, RFC 7323, RFC
 * 2018). */
#include "draw.h"
#include "wire/options.h"

static int parse(struct mpt_segment *seg, const uint8_t *o, size_t n, uint8_t tcp_flags)
{
    uint8_t *copy = malloc(n ? n : 1);
    int error;

    memset(seg, 0xa5, sizeof *seg);
    memcpy(copy, o, n);
    seg->flags = tcp_flags;
    seg->opt = copy;
    seg->opt_len = (uint32_t)n;
    error = mpt_options_parse(seg);
    free(copy);
    seg->opt = NULL;
    return error;
}

static int parse_hex(struct mpt_segment *seg, const char *hex, uint8_t tcp_flags)
{
    uint8_t o[64];

    return parse(seg, o, from_hex(o, hex), tcp_flags);
}

static void syn_options_of_every_combination(void **state)
{
    (void)state;
    for (unsigned mask = 0; mask < 16; mask++) {
        struct mpt_tcp_options in = {.has_mss = mask & 1,
                                     .has_sack_ok = mask >> 1 & 1,
                                     .has_ts = mask >> 2 & 1,
                                     .has_wscale = mask >> 3 & 1,
                                     .mss = 1460,
                                     .wscale = 7,
                                     .ts_val = 0x01020304,
                                     .ts_ecr = 0x05060708};
        struct mpt_segment seg;
        uint8_t p[40];
        size_t n = (size_t)(mpt_options_syn(p, &in) - p);

        assert_int_equal(n % 4, 0);
        assert_int_equal(parse(&seg, p, n, MPT_TCP_SYN), MPT_PARSE_OK);
        assert_int_equal(seg.tcp.has_mss | seg.tcp.has_sack_ok << 1 | seg.tcp.has_ts << 2 |
                             seg.tcp.has_wscale << 3,
                         mask);
        assert_int_equal(seg.tcp.sacks, 0);
        if (in.has_mss)
            assert_int_equal(seg.tcp.mss, 1460);
        if (in.has_wscale)
            assert_int_equal(seg.tcp.wscale, 7);
        if (in.has_ts)
            assert_int_equal(seg.tcp.ts_ecr, 0x05060708);
        assert_int_equal(parse(&seg, p, n, MPT_TCP_ACK), MPT_PARSE_OK);
        assert_int_equal(seg.tcp.has_mss | seg.tcp.has_sack_ok | seg.tcp.has_wscale, 0);
        assert_int_equal(seg.tcp.has_ts, in.has_ts);
    }
}

static void syn_options_in_the_usual_order(void **state)
{
    struct mpt_tcp_options in = {.has_mss = 1,
                                 .has_sack_ok = 1,
                                 .has_ts = 1,
                                 .has_wscale = 1,
                                 .mss = 1460,
                                 .wscale = 7,
                                 .ts_val = 1};
    uint8_t p[40];

    (void)state;
    assert_int_equal(mpt_options_syn(p, &in) - p, 20);
    assert_hex(p, "020405b4"
                  "0402"
                  "080a"
                  "00000001"
                  "00000000"
                  "01"
                  "030307");
}

static void window_scale_is_at_most_14(void **state)
{
    struct mpt_segment seg;

    (void)state;
    assert_int_equal(parse_hex(&seg, "03030f01", MPT_TCP_SYN), MPT_PARSE_OK);
    assert_int_equal(seg.tcp.wscale, 14);
    assert_int_equal(parse_hex(&seg, "03030e", MPT_TCP_SYN), MPT_PARSE_OK);
    assert_int_equal(seg.tcp.wscale, 14);
}

static void sack_of_one_to_four_blocks(void **state)
{
    const uint32_t block[4][2] = {{1, 2}, {3, 4}, {0xfffffff0, 5}, {7, 8}};

    (void)state;
    for (uint32_t n = 1; n <= 4; n++) {
        struct mpt_segment seg;
        uint8_t p[40];
        size_t len = (size_t)(mpt_options_sack(p, block, n) - p);

        assert_int_equal(len, 4 + 8 * n);
        assert_int_equal(parse(&seg, p, len, MPT_TCP_ACK), MPT_PARSE_OK);
        assert_int_equal(seg.tcp.sacks, n);
        assert_memory_equal(seg.tcp.sack, block, n * sizeof *block);
    }
}

static void timestamps_then_anything(void **state)
{
    struct mpt_segment seg;
    uint8_t p[40], *end = mpt_options_ts(p, 0x01020304, 0x05060708);
    struct mpt_dss dss = {.flags = DSS_ACK, .ack = 9};

    (void)state;
    assert_int_equal(end - p, 12);
    end = mpt_options_pad(p, mpt_dss_build(end, &dss));
    assert_int_equal((end - p) % 4, 0);
    assert_int_equal(parse(&seg, p, (size_t)(end - p), MPT_TCP_ACK), MPT_PARSE_OK);
    assert_int_equal(seg.tcp.ts_val, 0x01020304);
    assert_int_equal(seg.tcp.ts_ecr, 0x05060708);
    assert_int_equal(seg.mp.present, 1u << DSS);
    assert_int_equal(seg.mp.dss.ack, 9);
    /* the same in another order, without the aligned beginning */
    assert_int_equal(parse_hex(&seg,
                               "1e082001"
                               "00000009"
                               "080a"
                               "01020304"
                               "05060708"
                               "0101",
                               MPT_TCP_ACK),
                     MPT_PARSE_OK);
    assert_int_equal(seg.tcp.ts_ecr, 0x05060708);
    assert_int_equal(seg.mp.dss.ack, 9);
}

static void padding(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 40; n++) {
        uint8_t p[48];
        size_t padded = (size_t)(mpt_options_pad(p, p + n) - p);

        assert_int_equal(padded, (n + 3) / 4 * 4);
        for (size_t i = n; i < padded; i++)
            assert_int_equal(p[i], MPT_OPT_NOP);
    }
}

/* Every length octet of every kind that has a fixed size, with 40 octets behind it. */
static void impossible_lengths(void **state)
{
    static const struct {
        uint8_t kind;
        uint64_t good; /* bit per length */
    } row[] = {
        {MPT_OPT_MSS, 1 << 4},     {MPT_OPT_WSCALE, 1 << 3},
        {MPT_OPT_SACK_OK, 1 << 2}, {MPT_OPT_SACK, 1 << 10 | 1 << 18 | 1 << 26 | (uint64_t)1 << 34},
        {MPT_OPT_TS, 1 << 10},     {77, (((uint64_t)1 << 41) - 1) & ~(uint64_t)3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        for (unsigned n = 0; n < 256; n++) {
            struct mpt_segment seg;
            uint8_t o[40] = {row[i].kind, (uint8_t)n};
            int good = n <= 40 && row[i].good >> n & 1;

            assert_int_equal(parse(&seg, o, sizeof o, MPT_TCP_SYN),
                             good ? MPT_PARSE_OK : MPT_PARSE_OPTION);
        }
    }
}

static void truncated_options(void **state)
{
    static const char *const whole[] = {
        "020405b4", "030307",     "0402",      "080a0102030405060708", "050a0102030405060708",
        "1e0351",   "fe054a5701", "4d05010203"};
    struct mpt_segment seg;

    (void)state;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        uint8_t o[40];
        size_t n = from_hex(o, whole[i]);

        assert_int_equal(parse(&seg, o, n, MPT_TCP_SYN), MPT_PARSE_OK);
        for (size_t cut = 1; cut < n; cut++)
            assert_int_equal(parse(&seg, o, cut, MPT_TCP_SYN), MPT_PARSE_OPTION);
    }
    assert_int_equal(parse(&seg, (const uint8_t *)"", 0, MPT_TCP_SYN), MPT_PARSE_OK);
}

/* RFC 9293 3.2: nothing behind the end-of-list counts. */
static void end_of_list_ends(void **state)
{
    struct mpt_segment seg;

    (void)state;
    assert_int_equal(parse_hex(&seg,
                               "0100"
                               "020405b4"
                               "ff",
                               MPT_TCP_SYN),
                     MPT_PARSE_OK);
    assert_int_equal(seg.tcp.has_mss, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syn_options_of_every_combination),
        cmocka_unit_test(syn_options_in_the_usual_order),
        cmocka_unit_test(window_scale_is_at_most_14),
        cmocka_unit_test(sack_of_one_to_four_blocks),
        cmocka_unit_test(timestamps_then_anything),
        cmocka_unit_test(padding),
        cmocka_unit_test(impossible_lengths),
        cmocka_unit_test(truncated_options),
        cmocka_unit_test(end_of_list_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
