/* SPDX-License-Identifier: MIT */
/* test_ip.c - IP headers: built packets parse back, and what is wrong is refused by name. */
#include "ip.h"
#include "shim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The example header of RFC 1071's companion literature: checksum 0xb861 over these 20 octets. */
static const uint8_t known[20] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                                  0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};

static struct mpt_addr addr4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port)
{
    struct mpt_addr x = {4, 0, port, {a, b, c, d}};

    return x;
}

static struct mpt_addr addr6(uint8_t last, uint16_t port)
{
    struct mpt_addr x = {6, 0, port, {0xfd, 0}};

    x.ip[15] = last;
    return x;
}

/* A segment of 20 + n octets in a buffer with headroom. */
static struct mpt_packet segment(uint8_t *buffer, size_t n)
{
    struct mpt_packet p;

    memset(&p, 0, sizeof p);
    p.data = buffer + SHIM_HEADROOM;
    p.len = 20 + n;
    memset(p.data, 0xab, p.len);
    p.data[0] = 0x12, p.data[1] = 0x34; /* source port */
    p.data[2] = 0x00, p.data[3] = 0x50; /* destination port */
    p.ecn = 2;
    p.dscp = 46;
    p.ttl = 64;
    return p;
}

static void test_known_checksum(void **state)
{
    uint8_t ip[0x73] = {0};
    struct ip_view v;

    (void)state;
    memcpy(ip, known, sizeof known);
    assert_int_equal(ip_parse(ip, sizeof ip, &v), 0);
    assert_int_equal(v.proto, 17);
    assert_int_equal(v.payload_len, 0x73 - 20);
    ip[11] ^= 1;
    assert_int_equal(ip_parse(ip, sizeof ip, &v), IP_ECHECKSUM);
}

static void check_round_trip(struct mpt_packet *p, uint16_t id)
{
    struct ip_view v;
    struct mpt_packet q;
    size_t len;
    uint8_t *ip = ip_build(p, id, &len);

    assert_non_null(ip);
    assert_ptr_equal(ip + ip_header_len(p->local.family), p->data);
    assert_int_equal(ip_parse(ip, len, &v), 0);
    assert_int_equal(v.id, p->local.family == 4 ? id : 0);
    assert_int_equal(v.df, 1);
    assert_int_equal(v.flow, 0);
    assert_int_equal(ip_to_packet(&v, 3, &q), 0);
    assert_int_equal(q.ecn, 2);
    assert_int_equal(q.dscp, 46);
    assert_int_equal(q.ttl, 64);
    assert_int_equal(q.ifid, 3);
    assert_int_equal(q.len, p->len);
    assert_ptr_equal(q.data, p->data);
    /* The receiver is the other end. */
    assert_memory_equal(q.remote.ip, p->local.ip, 16);
    assert_memory_equal(q.local.ip, p->remote.ip, 16);
    assert_int_equal(q.remote.port, 0x1234);
    assert_int_equal(q.local.port, 80);
}

static void test_round_trip(void **state)
{
    uint8_t buffer[2048];
    struct mpt_packet p = segment(buffer, 1000);
    unsigned id;

    (void)state;
    p.local = addr4(10, 1, 0, 1, 0x1234);
    p.remote = addr4(10, 100, 0, 1, 80);
    for (id = 0; id < 65536; id += 255) /* checksums with and without carries */
        check_round_trip(&p, (uint16_t)id);
    p.local = addr6(1, 0x1234);
    p.remote = addr6(2, 80);
    check_round_trip(&p, 77);
}

static void test_build_refuses(void **state)
{
    uint8_t *buffer = calloc(1, 70000);
    struct mpt_packet p = segment(buffer, 0);
    size_t len;

    (void)state;
    p.local = addr4(10, 1, 0, 1, 1);
    p.remote = addr6(1, 1);
    assert_null(ip_build(&p, 1, &len));
    p.local.family = p.remote.family = 0;
    assert_null(ip_build(&p, 1, &len));
    p.local = p.remote = addr4(10, 1, 0, 1, 1);
    p.len = 65535 - 20;
    assert_non_null(ip_build(&p, 1, &len));
    p.len++;
    assert_null(ip_build(&p, 1, &len));
    free(buffer);
}

static void fix_checksum(uint8_t *ip)
{
    uint32_t sum = 0;
    int i;

    ip[10] = ip[11] = 0;
    for (i = 0; i < (ip[0] & 15) * 4; i += 2)
        sum += (uint32_t)ip[i] << 8 | ip[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16));
    ip[10] = (uint8_t)(sum >> 8);
    ip[11] = (uint8_t)sum;
}

static void test_bad_v4(void **state)
{
    uint8_t ip[115];
    struct ip_view v;

    (void)state;
    memset(ip, 0, sizeof ip);
    memcpy(ip, known, sizeof known);
    assert_int_equal(ip_parse(ip, 0, &v), IP_ETRUNC);
    assert_int_equal(ip_parse(ip, 19, &v), IP_ETRUNC);
    assert_int_equal(ip_parse(ip, 114, &v), IP_ETRUNC); /* total length 115 */
    ip[0] = 0x35;
    assert_int_equal(ip_parse(ip, sizeof ip, &v), IP_EVERSION);
    ip[0] = 0x44; /* 16 octets of header */
    assert_int_equal(ip_parse(ip, sizeof ip, &v), IP_EHEADER);
    ip[0] = 0x45;
    ip[6] = 0x20; /* more fragments */
    fix_checksum(ip);
    assert_int_equal(ip_parse(ip, sizeof ip, &v), IP_EFRAGMENT);
    ip[6] = 0x40, ip[7] = 1; /* offset 8 */
    fix_checksum(ip);
    assert_int_equal(ip_parse(ip, sizeof ip, &v), IP_EFRAGMENT);
    ip[7] = 0, ip[0] = 0x4f; /* options: taken, and skipped */
    fix_checksum(ip);
    assert_int_equal(ip_parse(ip, sizeof ip, &v), 0);
    assert_int_equal(v.header_len, 60);
    ip[0] = 0x46, ip[3] = 23; /* total length inside the header */
    fix_checksum(ip);
    assert_int_equal(ip_parse(ip, sizeof ip, &v), IP_EHEADER);
}

static void test_bad_v6(void **state)
{
    uint8_t ip[60] = {0x60};
    struct ip_view v;
    struct mpt_packet p;

    (void)state;
    ip[5] = 20;
    ip[6] = IP_TCP;
    assert_int_equal(ip_parse(ip, 60, &v), 0);
    assert_int_equal(ip_to_packet(&v, 1, &p), 0);
    assert_int_equal(ip_parse(ip, 59, &v), IP_ETRUNC);
    assert_int_equal(ip_parse(ip, 39, &v), IP_ETRUNC);
    ip[6] = 0; /* hop-by-hop options */
    assert_int_equal(ip_parse(ip, 60, &v), IP_EEXTENSION);
    ip[6] = 44; /* fragment */
    assert_int_equal(ip_parse(ip, 60, &v), IP_EEXTENSION);
    ip[6] = 58; /* ICMPv6 is no error, but no TCP either */
    assert_int_equal(ip_parse(ip, 60, &v), 0);
    assert_int_equal(ip_to_packet(&v, 1, &p), MPT_EINVAL);
    ip[6] = IP_TCP, ip[5] = 19; /* shorter than a TCP header */
    assert_int_equal(ip_parse(ip, 60, &v), 0);
    assert_int_equal(ip_to_packet(&v, 1, &p), MPT_EINVAL);
}

/* Padding after the packet (Ethernet's 60 octets) is not payload. */
static void test_padding(void **state)
{
    uint8_t buffer[256];
    struct mpt_packet p = segment(buffer, 0);
    struct ip_view v;
    size_t len;
    uint8_t *ip;

    (void)state;
    p.local = addr4(1, 2, 3, 4, 5);
    p.remote = addr4(6, 7, 8, 9, 10);
    ip = ip_build(&p, 1, &len);
    assert_int_equal(len, 40);
    assert_int_equal(ip_parse(ip, 46, &v), 0);
    assert_int_equal(v.payload_len, 20);
}

static void test_format(void **state)
{
    struct mpt_addr a = addr4(10, 1, 0, 1, 5), b = addr6(9, 0), none = {0};
    char text[46];

    (void)state;
    assert_int_equal(ip_format(&a, text, sizeof text), 8);
    assert_string_equal(text, "10.1.0.1");
    ip_format(&b, text, sizeof text);
    assert_string_equal(text, "fd00::9");
    assert_int_equal(ip_format(&none, text, sizeof text), 0);
    assert_string_equal(ip_strerror(IP_EFRAGMENT), "a fragment");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_checksum), cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_build_refuses),  cmocka_unit_test(test_bad_v4),
        cmocka_unit_test(test_bad_v6),         cmocka_unit_test(test_padding),
        cmocka_unit_test(test_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
