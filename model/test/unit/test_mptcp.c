/* SPDX-License-Identifier: MIT */
/* test_mptcp.c - every MPTCP option: round trips, octets as RFC 8684 section 3 draws them, every
 * other length refused, and the table of what is permitted where. Options lie in blocks of their
 * exact size, so that a sanitizer sees any read beyond. */
#include "draw.h"
#include "wire/mptcp.h"
#include "wire/tcp.h"

enum {
    SYN = MPT_TCP_SYN,
    SYNACK = MPT_TCP_SYN | MPT_TCP_ACK,
    ACK = MPT_TCP_ACK,
    RST = MPT_TCP_RST
};

/* Parses a copy of exactly n octets into mp, with everything else poisoned. */
static void parse_into(struct mpt_mptcp *mp, const uint8_t *o, size_t n, uint8_t tcp_flags)
{
    uint8_t *copy = malloc(n);

    memcpy(copy, o, n);
    memset(mp, 0xa5, sizeof *mp);
    mp->present = mp->malformed = mp->repeated = 0;
    mpt_mptcp_parse(mp, copy, n, tcp_flags);
    free(copy);
}

static struct mpt_mptcp parse_hex(const char *hex, uint8_t tcp_flags)
{
    struct mpt_mptcp mp;
    uint8_t o[64];
    size_t n = from_hex(o, hex);

    parse_into(&mp, o, n, tcp_flags);
    return mp;
}

static void assert_built(const uint8_t *p, const uint8_t *end, const char *hex)
{
    assert_int_equal(end - p, strlen(hex) / 2);
    assert_hex(p, hex);
}

/* Each length 3..40 of a subtype: present iff its bit is in `good`, else malformed. Octet 2 and 3
 * as given. */
static void assert_lengths(int sub, uint8_t octet2, uint8_t octet3, uint8_t tcp_flags,
                           uint64_t good)
{
    for (size_t n = 3; n <= 40; n++) {
        struct mpt_mptcp mp;
        uint8_t o[40] = {MPT_OPT_MPTCP, (uint8_t)n, octet2, octet3};
        uint32_t bit = 1u << sub;

        parse_into(&mp, o, n, tcp_flags);
        assert_int_equal(mp.present, good >> n & 1 ? bit : 0);
        assert_int_equal(mp.malformed, good >> n & 1 ? 0 : bit);
    }
}

#define LEN(n) ((uint64_t)1 << (n))

static void capable_forms(void **state)
{
    static const struct {
        const char *hex;
        uint8_t tcp_flags;
    } form[] = {
        {"1e0401a1", SYN},
        {"1e0c01011112131415161718", SYNACK},
        {"1e14010101020304050607081112131415161718", ACK},
        {"1e160101010203040506070811121314151617180020", ACK},
        {"1e1801810102030405060708111213141516171800201234", ACK},
    };
    uint8_t p[40];

    (void)state;
    for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
        struct mpt_mptcp mp = parse_hex(form[i].hex, form[i].tcp_flags);

        assert_true(MPT_HAS(&mp, MP_CAPABLE));
        assert_int_equal(mp.capable.version, 1);
        assert_int_equal(mp.capable.len, strlen(form[i].hex) / 2);
        assert_int_equal(mp.capable.has_checksum, i == 4);
        assert_built(p, mpt_mp_capable_build(p, &mp.capable), form[i].hex);
        assert_int_equal(mp.capable.key_receiver, i >= 2 ? 0x1112131415161718 : 0);
        assert_int_equal(mp.capable.dll, i >= 3 ? 0x20 : 0);
        assert_int_equal(mp.capable.checksum, i == 4 ? 0x1234 : 0);
    }
    assert_lengths(MP_CAPABLE, 0x01, 1, SYN, LEN(4));
    assert_lengths(MP_CAPABLE, 0x01, 1, SYNACK, LEN(12));
    assert_lengths(MP_CAPABLE, 0x01, 1, ACK, LEN(20) | LEN(22) | LEN(24));
}

/* RFC 8684 3.1: a SYN of another version is for conn/ to answer, not malformed. */
static void capable_of_another_version(void **state)
{
    struct mpt_mptcp mp = parse_hex("1e0c00810102030405060708", SYN);

    (void)state;
    assert_true(MPT_HAS(&mp, MP_CAPABLE));
    assert_int_equal(mp.capable.version, 0);
    assert_int_equal(mp.capable.flags, 0x81);
    assert_int_equal(mp.capable.key_sender, 0);
    mp = parse_hex("1e0302", SYN);
    assert_int_equal(mp.malformed, 1u << MP_CAPABLE);
}

static void join_forms(void **state)
{
    struct mpt_mptcp mp = parse_hex("1e0c1902ccad45aca1a2a3a4", SYN);
    uint8_t p[40];

    (void)state;
    assert_int_equal(mp.join.flags, MP_JOIN_B | MP_JOIN_D);
    assert_int_equal(mp.join.id, 2);
    assert_int_equal(mp.join.token, 0xccad45ac);
    assert_int_equal(mp.join.random, 0xa1a2a3a4);
    assert_hex(mp.join.raw, "1e0c1902ccad45aca1a2a3a4");
    assert_built(p, mpt_mp_join_build(p, &mp.join), "1e0c1902ccad45aca1a2a3a4");

    mp = parse_hex("1e101800864b40428762fd06b1b2b3b4", SYNACK);
    assert_int_equal(mp.join.flags, MP_JOIN_D);
    assert_hex(mp.join.hmac, "864b40428762fd06");
    assert_int_equal(mp.join.random, 0xb1b2b3b4);
    assert_built(p, mpt_mp_join_build(p, &mp.join), "1e101800864b40428762fd06b1b2b3b4");

    mp = parse_hex("1e18100053037f2899475529844115fd07e665d23d3554fb", ACK);
    assert_hex(mp.join.hmac, "53037f2899475529844115fd07e665d23d3554fb");
    assert_built(p, mpt_mp_join_build(p, &mp.join),
                 "1e18100053037f2899475529844115fd07e665d23d3554fb");

    mp = parse_hex("1e0c1602ccad45aca1a2a3a4", SYN); /* reserved bits: ignored, but kept in raw */
    assert_int_equal(mp.present, 1u << MP_JOIN);
    assert_int_equal(mp.join.flags, 0);
    assert_int_equal(mp.join.raw[2], 0x16);
    assert_lengths(MP_JOIN, 0x10, 0, SYN, LEN(12));
    assert_lengths(MP_JOIN, 0x10, 0, SYNACK, LEN(16));
    assert_lengths(MP_JOIN, 0x10, 0, ACK, LEN(24));
}

/* All 256 flag octets: the lengths they allow, what comes out, and the way back. */
static void dss_of_all_flags(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags < 256; flags++) {
        size_t n = 4u + (flags & DSS_ACK ? (flags & DSS_ACK64 ? 8 : 4) : 0) +
                   (flags & DSS_MAP ? (flags & DSS_DSN64 ? 14 : 10) : 0);

        assert_lengths(DSS, 0x20, (uint8_t)flags, ACK, LEN(n) | (flags & DSS_MAP ? LEN(n + 2) : 0));
    }
}

static void dss_round_trips(void **state)
{
    struct draw d = {29};

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct mpt_dss in = {.flags = (uint8_t)draw_below(&d, 256),
                             .has_checksum = (uint8_t)draw_below(&d, 2),
                             .dll = (uint16_t)draw_u64(&d),
                             .checksum = (uint16_t)draw_u64(&d),
                             .ack = draw_u64(&d),
                             .dsn = draw_u64(&d),
                             .ssn = (uint32_t)draw_u64(&d)};
        struct mpt_mptcp mp;
        uint8_t p[40];
        size_t n = (size_t)(mpt_dss_build(p, &in) - p);

        assert_int_equal(n, p[1]);
        parse_into(&mp, p, n, ACK);
        assert_int_equal(mp.present, 1u << DSS);
        assert_int_equal(mp.dss.flags & ~in.flags, 0);
        assert_int_equal(mp.dss.has_checksum, in.has_checksum && in.flags & DSS_MAP);
        if (in.flags & DSS_ACK)
            assert_int_equal(mp.dss.ack, in.flags & DSS_ACK64 ? in.ack : (uint32_t)in.ack);
        if (in.flags & DSS_MAP) {
            assert_int_equal(mp.dss.dsn, in.flags & DSS_DSN64 ? in.dsn : (uint32_t)in.dsn);
            assert_int_equal(mp.dss.ssn, in.ssn);
            assert_int_equal(mp.dss.dll, in.dll);
        }
        if (mp.dss.has_checksum)
            assert_int_equal(mp.dss.checksum, in.checksum);
    }
}

static void dss_flags_come_out_clean(void **state)
{
    struct mpt_mptcp mp =
        parse_hex("1e0420fa", ACK); /* all but A and M: nothing left that needs them */

    (void)state;
    assert_int_equal(mp.dss.flags, DSS_U);
    mp = parse_hex("1e0820e5"
                   "00000001",
                   ACK); /* M without its fields */
    assert_int_equal(mp.malformed, 1u << DSS);
    mp = parse_hex("1e122f15"
                   "01020304"
                   "05060708"
                   "0000000b"
                   "000c",
                   ACK); /* low nibble of octet 2: reserved */
    assert_int_equal(mp.dss.flags, DSS_ACK | DSS_MAP | DSS_FIN);
    assert_int_equal(mp.dss.ack, 0x01020304);
    assert_int_equal(mp.dss.dsn, 0x05060708);
    assert_int_equal(mp.dss.ssn, 0x0b);
    assert_int_equal(mp.dss.dll, 0x0c);
}

static void add_addr_forms(void **state)
{
    static const char *const form[] = {
        "1e1030020a000201669a7d267aca56dd",
        "1e1230020a0002011f90fdbd3c9ab593d9f8",
        "1e0831020a000201",
        "1e0a31020a0002011f90",
        "1e1c300220010db8000000000000000000000001669a7d267aca56dd",
        "1e1e300220010db80000000000000000000000011f90669a7d267aca56dd",
        "1e14310220010db8000000000000000000000001",
        "1e16310220010db80000000000000000000000011f90",
    };

    (void)state;
    for (int i = 0; i < 8; i++) {
        struct mpt_mptcp mp = parse_hex(form[i], ACK);
        uint8_t p[40];

        assert_int_equal(mp.present, 1u << ADD_ADDR);
        assert_int_equal(mp.add_addr.id, 2);
        assert_int_equal(mp.add_addr.echo, i / 2 % 2);
        assert_int_equal(mp.add_addr.has_hmac, !mp.add_addr.echo);
        assert_int_equal(mp.add_addr.has_port, i % 2);
        assert_int_equal(mp.add_addr.addr.port, i % 2 ? 8080 : 0);
        assert_int_equal(mp.add_addr.addr.family, i < 4 ? 4 : 6);
        assert_hex(mp.add_addr.addr.ip, i < 4 ? "0a000201"
                                                "000000000000000000000000"
                                              : "20010db8");
        assert_built(p, mpt_add_addr_build(p, &mp.add_addr), form[i]);
    }
    assert_lengths(ADD_ADDR, 0x30, 1, ACK, LEN(16) | LEN(18) | LEN(28) | LEN(30));
    assert_lengths(ADD_ADDR, 0x31, 1, ACK, LEN(8) | LEN(10) | LEN(20) | LEN(22));
}

static void remove_addr_of_each_count(void **state)
{
    (void)state;
    for (uint8_t n = 1; n <= 37; n++) {
        struct mpt_remove_addr in = {.count = n};
        struct mpt_mptcp mp;
        uint8_t p[40];

        for (uint8_t i = 0; i < n; i++)
            in.id[i] = (uint8_t)(200 - i);
        assert_int_equal(mpt_remove_addr_build(p, &in) - p, n + 3);
        parse_into(&mp, p, n + 3u, ACK);
        assert_int_equal(mp.remove_addr.count, n);
        assert_memory_equal(mp.remove_addr.id, in.id, n);
    }
    assert_lengths(REMOVE_ADDR, 0x40, 1, ACK, ((LEN(40) - 1) | LEN(40)) & ~(LEN(4) - 1));
}

static void small_options(void **state)
{
    struct mpt_mptcp mp = parse_hex("1e0351", ACK);
    uint8_t p[40];

    (void)state;
    assert_int_equal(mp.prio.backup, 1);
    assert_built(p, mpt_mp_prio_build(p, &mp.prio), "1e0351");
    mp = parse_hex("1e0350", ACK);
    assert_int_equal(mp.present, 1u << MP_PRIO);
    assert_int_equal(mp.prio.backup, 0);
    assert_lengths(MP_PRIO, 0x51, 0, ACK, LEN(3));

    mp = parse_hex("1e0c60001122334455667788", ACK);
    assert_int_equal(mp.fail.dsn, 0x1122334455667788);
    assert_built(p, mpt_mp_fail_build(p, &mp.fail), "1e0c60001122334455667788");
    assert_lengths(MP_FAIL, 0x60, 0, ACK, LEN(12));

    mp = parse_hex("1e0c70000102030405060708", RST);
    assert_int_equal(mp.fastclose.key, 0x0102030405060708);
    assert_built(p, mpt_mp_fastclose_build(p, &mp.fastclose), "1e0c70000102030405060708");
    assert_lengths(MP_FASTCLOSE, 0x70, 0, ACK, LEN(12));

    mp = parse_hex("1e048106", RST);
    assert_int_equal(mp.tcprst.flags, MP_TCPRST_T);
    assert_int_equal(mp.tcprst.reason, MPT_RST_MIDDLEBOX);
    assert_built(p, mpt_mp_tcprst_build(p, &mp.tcprst), "1e048106");
    assert_lengths(MP_TCPRST, 0x80, 0, RST, LEN(4));
}

static void ext_of_join_with_data(void **state)
{
    struct mpt_mptcp mp = parse_hex("fe054a5701", SYN);
    uint8_t p[8];

    (void)state;
    assert_int_equal(mp.present, 1u << MP_EXT);
    assert_int_equal(mp.ext, EXT_JWD);
    assert_built(p, mpt_ext_build(p, EXT_JWD), "fe054a5701");
    mp = parse_hex("fe054a5703", SYN); /* a reserved bit */
    assert_int_equal(mp.malformed, 1u << MP_EXT);
    mp = parse_hex("fe044a57", SYN);
    assert_int_equal(mp.malformed, 1u << MP_EXT);
    mp = parse_hex("fe064a570100", SYN);
    assert_int_equal(mp.malformed, 1u << MP_EXT);
    mp = parse_hex("fe05f98901", SYN); /* somebody else's experiment */
    assert_int_equal(mp.present | mp.malformed, 0);
    mp = parse_hex("fe02", SYN);
    assert_int_equal(mp.present | mp.malformed, 0);
}

/* One line per option: where it counts. */
static void permitted_places(void **state)
{
    static const struct {
        int sub;
        const char *hex;
        const char *places; /* of SYN, SYN/ACK, ACK, RST; - = not */
    } row[] = {
        {MP_CAPABLE, "1e0401a1", "S---"},
        {MP_CAPABLE, "1e0c01011112131415161718", "-Y--"},
        {MP_CAPABLE, "1e14010101020304050607081112131415161718", "--A-"},
        {MP_JOIN, "1e0c1002ccad45aca1a2a3a4", "S---"},
        {MP_JOIN, "1e101000864b40428762fd06b1b2b3b4", "-Y--"},
        {MP_JOIN, "1e18100053037f2899475529844115fd07e665d23d3554fb", "--A-"},
        {DSS,
         "1e082001"
         "00000001",
         "--A-"},
        {ADD_ADDR, "1e0831020a000201", "--A-"},
        {REMOVE_ADDR, "1e044001", "--A-"},
        {MP_PRIO, "1e0351", "--A-"},
        {MP_FAIL, "1e0c60001122334455667788", "--AR"},
        {MP_FASTCLOSE, "1e0c70000102030405060708", "--AR"},
        {MP_TCPRST, "1e048106", "---R"},
        {MP_EXT, "fe054a5701", "SY--"},
        {MP_EXPERIMENTAL, "1e03f1", "SYAR"},
    };
    static const uint8_t flags[4] = {SYN, SYNACK, ACK, RST};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        for (int k = 0; k < 4; k++) {
            struct mpt_mptcp mp = parse_hex(row[i].hex, flags[k]);
            uint32_t bit = 1u << row[i].sub;

            assert_int_equal(mp.present, row[i].places[k] != '-' ? bit : 0);
            assert_int_equal(mp.malformed, row[i].places[k] == '-' ? bit : 0);
        }
        assert_int_equal(parse_hex(row[i].hex, RST | ACK).present,
                         parse_hex(row[i].hex, RST).present);
    }
}

static void unknown_subtypes_are_skipped(void **state)
{
    (void)state;
    for (unsigned sub = 9; sub < 15; sub++) {
        struct mpt_mptcp mp;
        uint8_t o[4] = {MPT_OPT_MPTCP, 4, (uint8_t)(sub << 4), 0};

        parse_into(&mp, o, 4, ACK);
        assert_int_equal(mp.present | mp.malformed | mp.repeated, 0);
    }
    assert_int_equal(parse_hex("1e02", ACK).malformed, 0);
}

/* The first of two counts; a good one after a bad one counts as well. */
static void second_of_a_kind_is_left_out(void **state)
{
    struct mpt_mptcp mp = parse_hex("1e0350", ACK);
    const uint8_t backup[3] = {MPT_OPT_MPTCP, 3, 0x51}, bad[4] = {MPT_OPT_MPTCP, 4, 0x51};

    (void)state;
    mpt_mptcp_parse(&mp, backup, 3, ACK);
    assert_int_equal(mp.repeated, 1u << MP_PRIO);
    assert_int_equal(mp.prio.backup, 0);
    mp.present = mp.repeated = 0;
    mpt_mptcp_parse(&mp, bad, 4, ACK);
    mpt_mptcp_parse(&mp, backup, 3, ACK);
    assert_int_equal(mp.present, 1u << MP_PRIO);
    assert_int_equal(mp.malformed, 1u << MP_PRIO);
    assert_int_equal(mp.repeated, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capable_forms),
        cmocka_unit_test(capable_of_another_version),
        cmocka_unit_test(join_forms),
        cmocka_unit_test(dss_of_all_flags),
        cmocka_unit_test(dss_round_trips),
        cmocka_unit_test(dss_flags_come_out_clean),
        cmocka_unit_test(add_addr_forms),
        cmocka_unit_test(remove_addr_of_each_count),
        cmocka_unit_test(small_options),
        cmocka_unit_test(ext_of_join_with_data),
        cmocka_unit_test(permitted_places),
        cmocka_unit_test(unknown_subtypes_are_skipped),
        cmocka_unit_test(second_of_a_kind_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
