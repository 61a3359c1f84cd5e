/* SPDX-License-Identifier: MIT */
/* test_icmp.c - ICMP errors read and made (RFC 792, RFC 4443, RFC 1191 4), marks of congestion (RFC 3168 5). */
#include "icmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HEADROOM = 48 };

static struct mpt_addr addr(unsigned family, uint8_t last, uint16_t port)
{
    struct mpt_addr a = {.family = (uint8_t)family, .port = port};

    memcpy(a.ip, family == 4 ? "\12\0\0" : "\375\0\0\1", family == 4 ? 3 : 4);
    a.ip[family == 4 ? 3 : 15] = last;
    return a;
}

/* A TCP segment of n octets in an IP packet from .1 to .2; the sequence number is 0x01020304. */
static uint8_t *packet(unsigned family, uint8_t *buffer, size_t n, size_t *len)
{
    struct mpt_packet p;
    uint8_t *ip;

    memset(&p, 0, sizeof p);
    p.local = addr(family, 1, 1000);
    p.remote = addr(family, 2, 80);
    p.ttl = 64;
    p.data = buffer + HEADROOM;
    p.len = n;
    memset(p.data, 7, n);
    memcpy(p.data, "\3\350\0\120\1\2\3\4", 8); /* as mpt_output left it */
    ip = ip_build(&p, 9, len);
    assert_non_null(ip);
    return ip;
}

static int read_message(const uint8_t *ip, size_t len, struct icmp_error *e)
{
    struct ip_view view;

    assert_int_equal(ip_parse(ip, len, &view), 0); /* the IP header is right in any case */
    return icmp_read(&view, e);
}

/* What a router sends back is about the segment, and comes to where that came from. */
static void check_round_trip(unsigned family, size_t size, size_t expected)
{
    uint8_t buffer[HEADROOM + 2000], message[ICMP_MAX];
    struct icmp_error e;
    size_t len, n;
    uint8_t *ip = packet(family, buffer, size, &len);

    n = icmp_too_big(ip, len, 1300, message);
    assert_int_equal(n, expected);
    assert_int_equal(read_message(message, n, &e), 0);
    assert_int_equal(e.kind, MPT_ICMP_TOO_BIG);
    assert_int_equal(e.mtu, 1300);
    assert_int_equal(e.seq, 0x01020304);
    assert_int_equal(e.local.port, 1000);
    assert_int_equal(e.remote.port, 80);
    assert_int_equal(e.local.family, family);
    assert_int_equal(e.local.ip[family == 4 ? 3 : 15], 1);
    assert_int_equal(e.remote.ip[family == 4 ? 3 : 15], 2);
}

static void test_round_trip(void **state)
{
    (void)state;
    check_round_trip(4, 1480, 576); /* RFC 1812 4.3.2.3 */
    check_round_trip(6, 1460, 1280);
    check_round_trip(4, 101, 20 + 8 + 121); /* an odd number of octets */
    check_round_trip(6, 101, 40 + 8 + 141);
}

/* Type and code of a message changed, its sum made right again. */
static int kind_of(unsigned family, uint8_t type, uint8_t code)
{
    uint8_t buffer[HEADROOM + 200], message[ICMP_MAX];
    struct icmp_error e;
    size_t len, n, at = family == 4 ? 20 : 40;
    uint8_t *ip = packet(family, buffer, 100, &len);
    uint32_t sum;

    n = icmp_too_big(ip, len, 1300, message);
    sum = (uint32_t)(message[at + 2] << 8 | message[at + 3]) + (uint32_t)(message[at] << 8 | message[at + 1]) +
          (0xffffu & ~(uint32_t)(type << 8 | code)); /* RFC 1624 */
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    message[at] = type;
    message[at + 1] = code;
    message[at + 2] = (uint8_t)(sum >> 8);
    message[at + 3] = (uint8_t)sum;
    return read_message(message, n, &e) < 0 ? -1 : (int)e.kind;
}

static void test_kinds(void **state)
{
    (void)state;
    assert_int_equal(kind_of(4, 3, 4), MPT_ICMP_TOO_BIG);
    assert_int_equal(kind_of(4, 3, 0), MPT_ICMP_SOFT); /* network */
    assert_int_equal(kind_of(4, 3, 1), MPT_ICMP_SOFT);
    assert_int_equal(kind_of(4, 3, 5), MPT_ICMP_SOFT);
    assert_int_equal(kind_of(4, 3, 2), MPT_ICMP_HARD); /* protocol, port: RFC 1122 4.2.3.9 */
    assert_int_equal(kind_of(4, 3, 3), MPT_ICMP_HARD);
    assert_int_equal(kind_of(4, 3, 13), MPT_ICMP_HARD);
    assert_int_equal(kind_of(4, 11, 0), MPT_ICMP_SOFT);
    assert_int_equal(kind_of(4, 4, 0), -1); /* source quench: RFC 6633 */
    assert_int_equal(kind_of(4, 0, 0), -1); /* echo reply */
    assert_int_equal(kind_of(6, 2, 0), MPT_ICMP_TOO_BIG);
    assert_int_equal(kind_of(6, 1, 0), MPT_ICMP_SOFT);
    assert_int_equal(kind_of(6, 1, 4), MPT_ICMP_HARD);
    assert_int_equal(kind_of(6, 3, 0), MPT_ICMP_SOFT);
    assert_int_equal(kind_of(6, 128, 0), -1);
}

/* Every octet of the message counts in its sum; cut short it is not read at all. */
static void test_damaged(void **state)
{
    uint8_t buffer[HEADROOM + 200], message[ICMP_MAX];
    struct icmp_error e;
    struct ip_view view;
    size_t len, n;

    (void)state;
    for (unsigned family = 4; family <= 6; family += 2) {
        uint8_t *ip = packet(family, buffer, 100, &len);

        n = icmp_too_big(ip, len, 1300, message);
        for (size_t i = family == 4 ? 20 : 40; i < n; i++) {
            message[i] ^= 0x10;
            assert_int_equal(read_message(message, n, &e), MPT_EINVAL);
            message[i] ^= 0x10;
        }
        assert_int_equal(ip_parse(message, n, &view), 0);
        for (size_t short_of = 0; short_of < view.payload_len; short_of++) {
            struct ip_view cut = view;

            cut.payload_len = short_of;
            assert_int_equal(icmp_read(&cut, &e), MPT_EINVAL); /* the sum is wrong, or too little is quoted */
        }
    }
}

/* About something that this host did not send, about another protocol, about a later fragment. */
static void test_not_ours(void **state)
{
    uint8_t buffer[HEADROOM + 200], message[ICMP_MAX];
    struct icmp_error e;
    size_t len, n;
    uint8_t *ip = packet(4, buffer, 100, &len);

    (void)state;
    ip[15] = 77; /* the quoted source; the message still comes to .1 */
    n = icmp_too_big(ip, len, 1300, message);
    message[19] = 1;
    message[11] = (uint8_t)(message[11] + 76);
    assert_int_equal(read_message(message, n, &e), MPT_EINVAL);
    ip = packet(4, buffer, 100, &len);
    ip[9] = 17;
    n = icmp_too_big(ip, len, 1300, message);
    assert_int_equal(read_message(message, n, &e), MPT_EINVAL);
    ip = packet(4, buffer, 100, &len);
    ip[7] = 5;
    n = icmp_too_big(ip, len, 1300, message);
    assert_int_equal(read_message(message, n, &e), MPT_EINVAL);
    ip = packet(6, buffer, 100, &len);
    ip[6] = 17;
    n = icmp_too_big(ip, len, 1300, message);
    assert_int_equal(read_message(message, n, &e), MPT_EINVAL);
}

/* No errors about errors, none about packets that a router would fragment (RFC 1122 3.2.2, RFC 1191 3). */
static void test_not_due(void **state)
{
    uint8_t buffer[HEADROOM + 200], message[ICMP_MAX], again[ICMP_MAX];
    size_t len, n;
    uint8_t *ip = packet(4, buffer, 100, &len);

    (void)state;
    n = icmp_too_big(ip, len, 1300, message);
    assert_int_equal(icmp_too_big(message, n, 50, again), 0);
    ip[6] = 0;
    assert_int_equal(icmp_too_big(ip, len, 1300, message), 0);
    ip = packet(6, buffer, 100, &len);
    n = icmp_too_big(ip, len, 1300, message);
    assert_int_equal(icmp_too_big(message, n, 50, again), 0);
    assert_int_equal(icmp_too_big(message, 0, 50, again), 0);
    assert_int_equal(icmp_too_big((const uint8_t *)"\120", 1, 50, again), 0);
}

/* RFC 3168 5: ECT becomes CE, the header stays right; not-ECT and CE stay what they are. */
static void test_mark_ce(void **state)
{
    uint8_t buffer[HEADROOM + 200];
    struct ip_view view;
    size_t len;

    (void)state;
    for (unsigned family = 4; family <= 6; family += 2)
        for (unsigned ecn = 0; ecn < 4; ecn++) {
            uint8_t *ip = packet(family, buffer, 100, &len);
            struct mpt_packet p;

            memset(&p, 0, sizeof p);
            p.local = addr(family, 1, 1000);
            p.remote = addr(family, 2, 80);
            p.data = buffer + HEADROOM;
            p.len = 100;
            p.ecn = (uint8_t)ecn;
            p.dscp = 46;
            ip = ip_build(&p, 1, &len);
            assert_int_equal(ip_mark_ce(ip, len), ecn == 1 || ecn == 2);
            assert_int_equal(ip_parse(ip, len, &view), 0);
            assert_int_equal(view.ecn, ecn ? 3 : 0);
            assert_int_equal(view.dscp, 46);
        }
    assert_int_equal(ip_mark_ce(buffer, 0), 0);
    assert_int_equal(ip_mark_ce((uint8_t *)buffer + HEADROOM, 19), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_kinds),   cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_not_ours),   cmocka_unit_test(test_not_due), cmocka_unit_test(test_mark_ce),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
