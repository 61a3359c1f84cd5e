/* SPDX-License-Identifier: MIT */
/* test_wire_fuzz.c - 200,000 segments that no peer should send: random octets, random options, and
 * good segments with flipped, cut, grown and swapped octets. Each lies at the end of a block of its
 * exact size, so that under sanitizers any read beyond it ends the test; what comes out must be
 * within its contract. */
#include "draw.h"
#include "wire/tcp.h"

enum { SEGMENTS = 200000, SIZE_MAX_ = 120 };

/* Options of all kinds, to mutate. */
static const char *const seed[] = {
    "020405b40402080a0000000700000008010303071e0401a1fe054a5701",
    "020405b40402080a0000000700000008010303071e0c1902ccad45aca1a2a3a4",
    "1e101000864b40428762fd06b1b2b3b4",
    "0101080a01020304050607081e18100053037f2899475529844115fd07e665d23d3554fb",
    "0101080a01020304050607081e1801810102030405060708111213141516171800201234",
    "0101080a01020304050607081e1a200f00000000000000090000000000000a0000000b000c",
    "0101080a01020304050607081e122005000000090000000a0000000b000c",
    "0101080a01020304050607081e0831020a000201050a0000000100000002",
    "1e1e300220010db80000000000000000000000011f90669a7d267aca56dd1e03511e054001ff",
    "1e0481061e0c600000000000000000071e0c70000102030405060708",
    "1e14f10055667793000200001122334455667788",
};

static size_t random_octets(struct draw *d, uint8_t *p)
{
    size_t n = (size_t)draw_below(d, SIZE_MAX_);

    draw_octets(d, p, n);
    if (n > 12 && draw_below(d, 4))
        p[12] = (uint8_t)((5 + draw_below(d, n < 60 ? (n > 20 ? (n - 16) / 4 : 1) : 11)) << 4);
    return n;
}

/* A header, then kinds and lengths that mostly fit, with random content. */
static size_t random_options(struct draw *d, uint8_t *p)
{
    static const uint8_t kind[] = {0, 1, 2, 3, 4, 5, 8, 30, 30, 30, 30, 254, 69};
    size_t at = 20;

    draw_octets(d, p, SIZE_MAX_);
    while (at < 60) {
        p[at] = kind[draw_below(d, sizeof kind)];
        if (p[at] < 2 || at == 59) {
            at++;
            continue;
        }
        p[at + 1] = (uint8_t)(draw_below(d, 20) ? 2 + draw_below(d, 59 - at) : draw_below(d, 256));
        at += p[at + 1] ? p[at + 1] : 1;
    }
    p[12] = 0xf0;
    return 60 + (size_t)draw_below(d, SIZE_MAX_ - 60);
}

static size_t good_segment(struct draw *d, uint8_t *p)
{
    static const uint8_t flags[] = {MPT_TCP_SYN, MPT_TCP_SYN | MPT_TCP_ACK, MPT_TCP_ACK,
                                    MPT_TCP_RST};
    size_t n;
    uint8_t *end;

    draw_octets(d, p, SIZE_MAX_);
    n = from_hex(p + 20, seed[draw_below(d, sizeof seed / sizeof *seed)]);
    end = mpt_options_pad(p + 20, p + 20 + n);
    p[12] = (uint8_t)((end - p) / 4 << 4);
    p[13] = flags[draw_below(d, 4)];
    return (size_t)(end - p) + (size_t)draw_below(d, 40);
}

static size_t mutated_segment(struct draw *d, uint8_t *p)
{
    size_t n = good_segment(d, p);

    for (uint64_t times = draw_below(d, 4); times; times--) {
        size_t at = 12 + (size_t)draw_below(d, n - 12);

        switch (draw_below(d, 5)) {
        case 0:
            p[at] ^= (uint8_t)(1 << draw_below(d, 8));
            break;
        case 1:
            p[at] = (uint8_t)draw_u64(d);
            break;
        case 2: /* a little longer or shorter: most lengths are small numbers */
            p[at] = (uint8_t)(p[at] + draw_below(d, 5) - 2);
            break;
        case 3:
            memmove(p + at, p + at + 1, n - at - 1);
            break;
        default:
            n = at < 20 ? n : at;
        }
    }
    return n;
}

/* Whatever the octets were: lengths within the packet, counts within the arrays, forms that
 * exist. */
static void assert_contract(const struct mpt_segment *seg, const uint8_t *p, size_t n)
{
    const struct mpt_mptcp *mp = &seg->mp;

    assert_true(seg->opt_len <= MPT_TCP_OPTIONS_MAX && seg->opt == p + MPT_TCP_HEADER);
    assert_true(seg->data == seg->opt + seg->opt_len && seg->data + seg->len == p + n);
    assert_true(seg->tcp.sacks <= MPT_TCP_SACKS_MAX);
    assert_true(!seg->tcp.has_wscale || seg->tcp.wscale <= 14);
    assert_int_equal(mp->present & ~0x181ffu, 0);
    assert_int_equal(mp->malformed & ~0x181ffu, 0);
    assert_int_equal(mp->repeated & ~mp->present, 0);
    if (MPT_HAS(mp, MP_JOIN))
        assert_int_equal(mp->join.len,
                         seg->flags & MPT_TCP_SYN ? (seg->flags & MPT_TCP_ACK ? 16 : 12) : 24);
    if (MPT_HAS(mp, REMOVE_ADDR))
        assert_true(mp->remove_addr.count >= 1 &&
                    mp->remove_addr.count <= sizeof mp->remove_addr.id);
    if (MPT_HAS(mp, ADD_ADDR))
        assert_true(mp->add_addr.addr.family == 4 || mp->add_addr.addr.family == 6);
    if (MPT_HAS(mp, DSS) && mp->dss.has_checksum)
        assert_true(mp->dss.flags & DSS_MAP);
    if (MPT_HAS(mp, MP_EXT))
        assert_int_equal(mp->ext & ~EXT_JWD, 0);
}

/* Half of the segments get a good checksum, or nothing would ever reach the options through
 * parse. */
static int parse_one(const uint8_t *p, size_t n, int mend)
{
    uint8_t *copy = malloc(n ? n : 1);
    struct mpt_packet packet = {
        .local = {.family = 4}, .remote = {.family = 6}, .data = copy, .len = n};
    struct mpt_segment seg;
    char line[512];
    int error;

    memcpy(copy, p, n);
    if (mend && n >= 20) {
        mpt_bytes_put16(copy + 16, 0);
        mpt_bytes_put16(copy + 16, (uint16_t)~mpt_checksum_fold(
                                       mpt_checksum_add(mpt_checksum_pseudo(&packet), copy, n)));
    }
    error = mpt_tcp_parse(&seg, &packet);
    if (error == MPT_PARSE_OK)
        assert_contract(&seg, copy, n);
    assert_true(mpt_dump(copy, n, line, sizeof line) < sizeof line);
    assert_non_null(memchr(line, 0, sizeof line));
    free(copy);
    return error;
}

static void two_hundred_thousand_segments(void **state)
{
    static size_t (*const make[])(struct draw *, uint8_t *) = {
        random_octets, random_options, good_segment, mutated_segment, mutated_segment};
    struct draw d = {0x5eed};
    unsigned seen[4] = {0};

    (void)state;
    for (int i = 0; i < SEGMENTS; i++) {
        uint8_t p[SIZE_MAX_];
        size_t n = make[draw_below(&d, 5)](&d, p);
        int error = parse_one(p, n, draw_below(&d, 8) != 0);

        assert_true(error <= 0 && error > -4);
        seen[-error]++;
    }
    /* the mix reaches every outcome often */
    for (int e = 0; e < 4; e++)
        assert_true(seen[e] > SEGMENTS / 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_hundred_thousand_segments)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
