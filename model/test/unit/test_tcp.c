/* SPDX-License-Identifier: MIT */
/* test_tcp.c - the TCP header (RFC 9293 3.1): build, parse, and what is refused. */
#include "draw.h"
#include "wire/tcp.h"

static void set_ends(struct mpt_packet *packet, uint8_t family, uint8_t *data, size_t cap)
{
    memset(packet, 0, sizeof *packet);
    packet->local.family = packet->remote.family = family;
    for (uint8_t i = 0; i < (family == 6 ? 16 : 4); i++) {
        packet->local.ip[i] = (uint8_t)(10 + i);
        packet->remote.ip[i] = (uint8_t)(100 + 3 * i);
    }
    packet->local.port = 40000;
    packet->remote.port = 443;
    packet->data = data;
    packet->cap = cap;
    packet->ecn = 3;
}

/* As the peer sees it. */
static struct mpt_packet turned(const struct mpt_packet *packet)
{
    struct mpt_packet other = *packet;

    other.local = packet->remote;
    other.remote = packet->local;
    return other;
}

static void built_segments_parse(void **state)
{
    struct draw d = {31};
    uint8_t data[1600];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        struct mpt_packet packet, in;
        struct mpt_segment seg;
        struct mpt_tcp_out out = {.seq = (uint32_t)draw_u64(&d),
                                  .ack = (uint32_t)draw_u64(&d),
                                  .window = (uint16_t)draw_u64(&d),
                                  .flags = (uint8_t)draw_u64(&d),
                                  .len = (uint32_t)draw_below(&d, 1500)};
        int ts = (int)draw_below(&d, 2);

        set_ends(&packet, draw_below(&d, 2) ? 4 : 6, data, sizeof data);
        out.opt_len = ts ? (uint32_t)(mpt_options_ts(data + 20, 1, 2) - data - 20) : 0;
        draw_octets(&d, data + 20 + out.opt_len, out.len);
        mpt_tcp_build(&packet, &out);
        assert_int_equal(packet.len, 20 + out.opt_len + out.len);
        in = turned(&packet);
        memset(&seg, 0xa5, sizeof seg);
        assert_int_equal(mpt_tcp_parse(&seg, &in), MPT_PARSE_OK);
        assert_int_equal(seg.sport, 40000);
        assert_int_equal(seg.dport, 443);
        assert_int_equal(seg.seq, out.seq);
        assert_int_equal(seg.ack, out.ack);
        assert_int_equal(seg.window, out.window);
        assert_int_equal(seg.flags, out.flags);
        assert_int_equal(seg.ecn, 3);
        assert_int_equal(seg.len, out.len);
        assert_ptr_equal(seg.data, data + 20 + out.opt_len);
        assert_int_equal(seg.tcp.has_ts, ts);
        assert_int_equal(seg.mp.present | seg.mp.malformed | seg.mp.repeated, 0);
        assert_int_equal(seg.mp.ext, 0);
    }
}

/* A segment of another implementation: SYN 192.0.2.1:54321 > 198.51.100.2:80; checksum computed
 * apart. */
static void known_segment(void **state)
{
    static const char hex[] = "d4310050"
                              "12345678"
                              "00000000"
                              "a002faf0"
                              "23a90000"
                              "020405b4"
                              "0402080a"
                              "0000000100000000"
                              "01030307";
    uint8_t data[40];
    struct mpt_packet packet = {.local = {.family = 4, .ip = {198, 51, 100, 2}},
                                .remote = {.family = 4, .ip = {192, 0, 2, 1}},
                                .data = data};
    struct mpt_segment seg;

    (void)state;
    packet.len = from_hex(data, hex);
    assert_int_equal(mpt_tcp_parse(&seg, &packet), MPT_PARSE_OK);
    assert_int_equal(seg.seq, 0x12345678);
    assert_int_equal(seg.window, 64240);
    assert_int_equal(seg.flags, MPT_TCP_SYN);
    assert_int_equal(seg.tcp.mss, 1460);
    assert_int_equal(seg.tcp.wscale, 7);
}

static void every_flipped_bit_fails_the_checksum(void **state)
{
    uint8_t data[120];
    struct mpt_packet packet;
    struct mpt_segment seg;
    const struct mpt_tcp_out out = {
        .seq = 1, .ack = 2, .window = 3, .flags = MPT_TCP_ACK, .len = 99};

    (void)state;
    set_ends(&packet, 4, data, sizeof data);
    for (uint8_t i = 0; i < 99; i++)
        data[20 + i] = i;
    mpt_tcp_build(&packet, &out);
    assert_int_equal(mpt_tcp_parse(&seg, &packet), MPT_PARSE_OK);
    for (size_t bit = 0; bit < packet.len * 8; bit++) {
        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(mpt_tcp_parse(&seg, &packet), MPT_PARSE_CHECKSUM);
        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    packet.remote.ip[3] ^= 1;
    assert_int_equal(mpt_tcp_parse(&seg, &packet), MPT_PARSE_CHECKSUM);
}

/* Every length 0..80 with every data offset, in a block of the exact size. */
static void short_segments_and_bad_offsets(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 80; len++) {
        for (unsigned offset = 0; offset < 16; offset++) {
            uint8_t *data = calloc(1, len ? len : 1);
            struct mpt_packet packet;
            struct mpt_segment seg;
            int whole = offset >= 5 && offset * 4 <= len;

            set_ends(&packet, 4, data, len);
            packet.len = len;
            if (len >= 20) {
                data[12] = (uint8_t)(offset << 4);
                mpt_bytes_put16(data + 16, (uint16_t)~mpt_checksum_fold(mpt_checksum_add(
                                               mpt_checksum_pseudo(&packet), data, len)));
            }
            assert_int_equal(mpt_tcp_parse(&seg, &packet), whole ? MPT_PARSE_OK : MPT_PARSE_SHORT);
            assert_int_equal(mpt_tcp_read(&seg, data, len), whole ? MPT_PARSE_OK : MPT_PARSE_SHORT);
            if (whole)
                assert_int_equal(seg.len, len - 4 * offset);
            free(data);
        }
    }
}

static void a_bad_option_is_told_apart(void **state)
{
    uint8_t data[24] = {0};
    struct mpt_packet packet;
    struct mpt_segment seg;
    struct mpt_tcp_out out = {.flags = MPT_TCP_SYN, .opt_len = 4};

    (void)state;
    set_ends(&packet, 6, data, sizeof data);
    mpt_bytes_put32(data + 20, 0x02050000); /* MSS of 5 octets */
    mpt_tcp_build(&packet, &out);
    assert_int_equal(mpt_tcp_parse(&seg, &packet), MPT_PARSE_OPTION);
    mpt_bytes_put32(data + 20, 0x1e045000); /* MP_PRIO of 4: only that option is left out */
    out.flags = MPT_TCP_ACK;
    mpt_tcp_build(&packet, &out);
    assert_int_equal(mpt_tcp_parse(&seg, &packet), MPT_PARSE_OK);
    assert_int_equal(seg.mp.malformed, 1u << MP_PRIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_segments_parse),
        cmocka_unit_test(known_segment),
        cmocka_unit_test(every_flipped_bit_fails_the_checksum),
        cmocka_unit_test(short_segments_and_bad_offsets),
        cmocka_unit_test(a_bad_option_is_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
