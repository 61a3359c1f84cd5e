/* SPDX-License-Identifier: MIT */
/* icmp.c - ICMP errors (see icmp.h). */
#include "icmp.h"

#include <string.h>

enum {
    QUOTED_TCP = 8,        /* ports and sequence number: all that RFC 792 promises */
    V4_UNREACHABLE = 3,    /* RFC 792 */
    V4_TOO_BIG = 4,        /* its code: fragmentation needed and DF set */
    V4_TIME = 11,
    V6_UNREACHABLE = 1,    /* RFC 4443 3.1 */
    V6_TOO_BIG = 2,        /* RFC 4443 3.2 */
    V6_TIME = 3,
    V4_QUOTE = 576 - IP_V4_HEADER - 8, /* RFC 1812 4.3.2.3: as much as fits 576 octets */
    V6_QUOTE = ICMP_MAX - IP_V6_HEADER - 8 /* RFC 4443 3.2: as much as fits the least MTU */
};

static unsigned get16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, unsigned x)
{
    p[0] = (uint8_t)(x >> 8);
    p[1] = (uint8_t)x;
}

/* RFC 1071; an odd octet at the end counts as the high one. */
static uint32_t sum(uint32_t s, const uint8_t *p, size_t n)
{
    for (; n > 1; n -= 2, p += 2)
        s += get16(p);
    return n ? s + ((uint32_t)p[0] << 8) : s;
}

static unsigned fold(uint32_t s)
{
    s = (s & 0xffff) + (s >> 16);
    return (s & 0xffff) + (s >> 16);
}

/* RFC 4443 2.3: IPv6 sums its addresses too, IPv4 the message alone (RFC 792). */
static unsigned sum_message(unsigned version, const uint8_t *src, const uint8_t *dst, const uint8_t *m, size_t n)
{
    uint32_t s = 0;

    if (version == 6)
        s = sum(sum((uint32_t)n + IP_ICMP6, src, 16), dst, 16);
    return fold(sum(s, m, n));
}

/* Which unreachables will not go away by waiting: protocol, port (RFC 1122 4.2.3.9), and what an administrator forbids,
 * as Linux counts it. */
static int is_hard(unsigned version, unsigned code)
{
    if (version == 4)
        return code == 2 || code == 3 || code == 9 || code == 10 || code == 13;
    return code == 1 || code == 4 || code == 5 || code == 6;
}

/* 0, or MPT_EINVAL. Source quench is dead (RFC 6633); the rest says nothing to TCP. */
static int read_kind(const struct ip_view *view, struct icmp_error *error)
{
    unsigned type = view->payload[0], code = view->payload[1];
    int v4 = view->version == 4;

    if (v4 ? type == V4_UNREACHABLE && code == V4_TOO_BIG : type == V6_TOO_BIG) {
        error->kind = MPT_ICMP_TOO_BIG;
        error->mtu = v4 ? get16(view->payload + 6) : get32(view->payload + 4);
    } else if (type == (v4 ? V4_UNREACHABLE : V6_UNREACHABLE)) {
        error->kind = is_hard(view->version, code) ? MPT_ICMP_HARD : MPT_ICMP_SOFT;
    } else if (type == (v4 ? V4_TIME : V6_TIME)) {
        error->kind = MPT_ICMP_SOFT;
    } else {
        return MPT_EINVAL;
    }
    return 0;
}

static void set_addr(struct mpt_addr *addr, unsigned version, const uint8_t *ip, const uint8_t *port)
{
    memset(addr, 0, sizeof *addr);
    addr->family = (uint8_t)version;
    addr->port = (uint16_t)get16(port);
    memcpy(addr->ip, ip, version == 4 ? 4 : 16);
}

/* Octets of the quoted IP header, or 0: not TCP, a later fragment, or cut too short. Its checksum is not looked at,
 * since routers change what it covers. */
static size_t quoted_header(unsigned version, const uint8_t *q, size_t n)
{
    size_t header = version == 4 && n ? (size_t)(q[0] & 15) * 4 : IP_V6_HEADER;

    if (header < IP_V4_HEADER || n < header + QUOTED_TCP || q[0] >> 4 != (int)version)
        return 0;
    if (version == 4 && (q[9] != IP_TCP || get16(q + 6) & 0x1fff))
        return 0;
    return version == 6 && q[6] != IP_TCP ? 0 : header;
}

int icmp_read(const struct ip_view *view, struct icmp_error *error)
{
    unsigned version = view->version;
    size_t size = version == 4 ? 4 : 16, n = view->payload_len, header;
    const uint8_t *m = view->payload, *q = m + 8, *src, *tcp;

    if (view->proto != (version == 4 ? IP_ICMP : IP_ICMP6) || n < 8)
        return MPT_EINVAL;
    if (sum_message(version, view->src, view->dst, m, n) != 0xffff)
        return MPT_EINVAL;
    memset(error, 0, sizeof *error);
    header = quoted_header(version, q, n - 8);
    if (read_kind(view, error) < 0 || !header)
        return MPT_EINVAL;
    src = q + (version == 4 ? 12 : 8);
    if (memcmp(src, view->dst, size) != 0) /* what we sent comes back to where we sent it from */
        return MPT_EINVAL;
    tcp = q + header;
    set_addr(&error->local, version, src, tcp);
    set_addr(&error->remote, version, src + size, tcp + 2);
    error->seq = get32(tcp + 4);
    return 0;
}

/* No errors about errors (RFC 1122 3.2.2, RFC 4443 2.4); a packet without DF would be fragmented. */
static int is_due(const uint8_t *ip, size_t len)
{
    if (len >= IP_V4_HEADER && ip[0] >> 4 == 4)
        return (ip[6] & 0x40) && ip[9] != IP_ICMP;
    return len >= IP_V6_HEADER && ip[0] >> 4 == 6 && ip[6] != IP_ICMP6;
}

static void build_v4(const uint8_t *ip, size_t n, uint8_t *out)
{
    memset(out, 0, IP_V4_HEADER);
    out[0] = 0x45;
    put16(out + 2, (unsigned)n);
    out[8] = 64;
    out[9] = IP_ICMP;
    memcpy(out + 12, ip + 16, 4);
    memcpy(out + 16, ip + 12, 4);
    put16(out + 10, ~fold(sum(0, out, IP_V4_HEADER)) & 0xffff);
}

static void build_v6(const uint8_t *ip, size_t n, uint8_t *out)
{
    memset(out, 0, IP_V6_HEADER);
    out[0] = 0x60;
    put16(out + 4, (unsigned)(n - IP_V6_HEADER));
    out[6] = IP_ICMP6;
    out[7] = 64;
    memcpy(out + 8, ip + 24, 16);
    memcpy(out + 24, ip + 8, 16);
}

size_t icmp_too_big(const uint8_t *ip, size_t len, uint32_t mtu, uint8_t *out)
{
    int v4 = len && ip[0] >> 4 == 4;
    size_t header = v4 ? IP_V4_HEADER : IP_V6_HEADER, most = v4 ? V4_QUOTE : V6_QUOTE, quote = len < most ? len : most;
    uint8_t *m = out + header;

    if (!is_due(ip, len))
        return 0;
    memset(m, 0, 8);
    m[0] = v4 ? V4_UNREACHABLE : V6_TOO_BIG;
    m[1] = v4 ? V4_TOO_BIG : 0;
    put16(m + 6, mtu & 0xffff); /* RFC 1191 4; RFC 4443 3.2: 32 bits, of which the low ones are enough here */
    memcpy(m + 8, ip, quote);
    if (v4)
        build_v4(ip, header + 8 + quote, out);
    else
        build_v6(ip, header + 8 + quote, out);
    put16(m + 2, ~sum_message(v4 ? 4 : 6, v4 ? out + 12 : out + 8, v4 ? out + 16 : out + 24, m, 8 + quote) & 0xffff);
    return header + 8 + quote;
}
