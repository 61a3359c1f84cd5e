/* SPDX-License-Identifier: MIT */
/* test_dump.c - one line of text about a segment, and that it is cut to fit without a missing 0. */
#include "draw.h"
#include "wire/tcp.h"

/* ports 5001 > 80, seq 1, ack 2, window 65535, with flags, hex options (padded) and n octets of
 * data. */
static size_t make_segment(uint8_t *p, uint8_t flags, const char *options, size_t n)
{
    size_t opt_len = from_hex(p + 20, options);
    uint8_t *end = mpt_options_pad(p + 20, p + 20 + opt_len);

    memset(p, 0, 20);
    mpt_bytes_put16(p, 5001);
    mpt_bytes_put16(p + 2, 80);
    mpt_bytes_put32(p + 4, 1);
    mpt_bytes_put32(p + 8, 2);
    p[12] = (uint8_t)((end - p) / 4 << 4);
    p[13] = flags;
    mpt_bytes_put16(p + 14, 65535);
    memset(end, 'x', n);
    return (size_t)(end - p) + n;
}

static void lines(void **state)
{
    enum { SYN = MPT_TCP_SYN, ACK = MPT_TCP_ACK, RST = MPT_TCP_RST };
    static const struct {
        uint8_t flags;
        const char *options;
        size_t n;
        const char *line;
    } row[] = {
        {ACK, "", 0, "5001 > 80 [.] seq 1 ack 2 win 65535 len 0"},
        {SYN,
         "020405b40402080a000000070000000801030307"
         "1e0401a1",
         0,
         "5001 > 80 [S] seq 1 win 65535 <mss 1460,sackOK,TS 7 8,nop,wscale 7,MP_CAPABLE v1 flags "
         "0xa1> len 0"},
        {0xff, "", 3, "5001 > 80 [SFRPUEW.] seq 1 ack 2 win 65535 len 3"},
        {SYN | ACK, "1e0c01011112131415161718", 0,
         "5001 > 80 [S.] seq 1 ack 2 win 65535 <MP_CAPABLE v1 flags 0x01 key 1112131415161718> len "
         "0"},
        {ACK, "1e1801810102030405060708111213141516171800201234", 32,
         "5001 > 80 [.] seq 1 ack 2 win 65535 <MP_CAPABLE v1 flags 0x81 key 0102030405060708 peer "
         "1112131415161718 "
         "dll 32 csum 0x1234> len 32"},
        {SYN,
         "1e0c1902ccad45aca1a2a3a4"
         "fe054a5701",
         5,
         "5001 > 80 [S] seq 1 win 65535 <MP_JOIN id 2 backup data token ccad45ac nonce "
         "a1a2a3a4,EXT flags 0x01,nop,nop,"
         "nop> len 5"},
        {SYN | ACK, "1e101000864b40428762fd06b1b2b3b4", 0,
         "5001 > 80 [S.] seq 1 ack 2 win 65535 <MP_JOIN id 0 hmac 864b40428762fd06 nonce b1b2b3b4> "
         "len 0"},
        {ACK, "1e18100053037f2899475529844115fd07e665d23d3554fb", 0,
         "5001 > 80 [.] seq 1 ack 2 win 65535 <MP_JOIN hmac "
         "53037f2899475529844115fd07e665d23d3554fb> len 0"},
        {ACK,
         "1e142095"
         "00000009"
         "0000000a"
         "0000000b"
         "000c"
         "beef",
         12,
         "5001 > 80 [.] seq 1 ack 2 win 65535 <DSS ack 9 dsn 10 ssn 11 dll 12 csum 0xbeef fin "
         "unvalidated> len 12"},
        {ACK, "1e1230020a0002011f90fdbd3c9ab593d9f8", 0,
         "5001 > 80 [.] seq 1 ack 2 win 65535 <ADD_ADDR id 2 10.0.2.1 port 8080 hmac "
         "fdbd3c9ab593d9f8,nop,nop> len 0"},
        {ACK, "1e14310220010db8000000000000000000000001", 0,
         "5001 > 80 [.] seq 1 ack 2 win 65535 <ADD_ADDR echo id 2 "
         "2001:0db8:0000:0000:0000:0000:0000:0001> len 0"},
        {ACK,
         "1e05400109"
         "1e0351",
         0, "5001 > 80 [.] seq 1 ack 2 win 65535 <REMOVE_ADDR ids 1 9,MP_PRIO backup> len 0"},
        {RST,
         "1e048106"
         "1e0c60000000000000000007"
         "1e0c70000102030405060708",
         0,
         "5001 > 80 [R] seq 1 win 65535 <MP_TCPRST flags 0x1 reason 6,MP_FAIL dsn 7,MP_FASTCLOSE "
         "key "
         "0102030405060708> len 0"},
        {ACK,
         "050a0000000100000002"
         "1e045100"
         "1e03f1"
         "4d0401ff"
         "0000",
         0,
         "5001 > 80 [.] seq 1 ack 2 win 65535 <sack 1:2,MP_PRIO malformed "
         "5100,MP_EXPERIMENTAL,kind 77 01ff,eol> len 0"},
        {SYN,
         "1e0351"
         "1e0490ff"
         "fe04f989",
         0,
         "5001 > 80 [S] seq 1 win 65535 <MP_PRIO malformed 51,kind 30 90ff,kind 254 f989,nop> len "
         "0"},
        {ACK,
         "0205000102"
         "030301",
         0, "5001 > 80 [.] seq 1 ack 2 win 65535 <kind 2 000102,wscale 1> len 0"},
        {ACK, "01080b00", 0, "5001 > 80 [.] seq 1 ack 2 win 65535 <nop,bad kind 8> len 0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        uint8_t p[128];
        char out[256];
        size_t n = make_segment(p, row[i].flags, row[i].options, row[i].n);

        assert_int_equal(mpt_dump(p, n, out, sizeof out), strlen(row[i].line));
        assert_string_equal(out, row[i].line);
    }
}

static void what_is_no_segment(void **state)
{
    char out[64];
    const uint8_t p[20] = {0};

    (void)state;
    mpt_dump(p, 7, out, sizeof out);
    assert_string_equal(out, "no TCP header in 7 octets");
    mpt_dump(p, 20, out, sizeof out);
    assert_string_equal(out, "no TCP header in 20 octets");
}

static void cut_to_fit(void **state)
{
    uint8_t p[128];
    char whole[256];
    size_t n = make_segment(p, MPT_TCP_ACK, "1e1230020a0002011f90fdbd3c9ab593d9f8", 0);
    size_t all = mpt_dump(p, n, whole, sizeof whole);

    (void)state;
    for (size_t cap = 0; cap <= all + 1; cap++) {
        char *out = malloc(cap ? cap : 1);
        size_t got = mpt_dump(p, n, out, cap);

        assert_int_equal(got, cap ? cap - 1 : 0);
        if (cap) {
            assert_int_equal(out[got], 0);
            assert_memory_equal(out, whole, got);
        }
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(what_is_no_segment),
        cmocka_unit_test(cut_to_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
