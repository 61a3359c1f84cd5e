/* SPDX-License-Identifier: MIT */
/* check/frame.c - link, IPv4 (RFC 791 3.1), IPv6 (RFC 8200 3) and TCP header (RFC 9293 3.1) of a captured
 * frame. Its own reader: shim/ip.c takes no packet that is cut off, and a capture has those. Called by trace.c. */
#include "check/frame.h"

#include <string.h>

#include "wire/tcp.h"

/* draft-ietf-opsawg-pcaplinktype */
enum { LINK_NULL = 0, LINK_ETHERNET = 1, LINK_RAW_BSD = 12, LINK_RAW_OPENBSD = 14, LINK_RAW = 101,
       LINK_LOOP = 108, LINK_SLL = 113, LINK_IPV4 = 228, LINK_IPV6 = 229, LINK_SLL2 = 276 };
enum { PROTO_TCP = 6, PROTO_FRAGMENT = 44 };

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) << 16 | get16(p + 2);
}

/* Octets before the IP header; -1: not IP, or an unknown type. */
static int link_length(const struct capture_frame *f)
{
    uint32_t n, at, type;

    switch (f->link) {
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_IPV4:
    case LINK_IPV6:
        return 0;
    case LINK_NULL:
    case LINK_LOOP:
        return 4; /* a family in somebody's byte order: the IP version says the same */
    case LINK_ETHERNET:
        n = 14, at = 12;
        break;
    case LINK_SLL:
        n = 16, at = 14;
        break;
    case LINK_SLL2:
        n = 20, at = 0;
        break;
    default:
        return -2;
    }
    if (f->have < n)
        return -1;
    type = get16(f->data + at);
    return type == 0x0800 || type == 0x86dd ? (int)n : -1;
}

/* The IP packet within the frame: 0, or an enum frame_kind. */
static int find_ip(const struct capture_frame *f, const uint8_t **ip, uint32_t *have)
{
    int n = link_length(f);

    if (n == -2)
        return FRAME_LINK;
    if (n < 0 || f->have <= (uint32_t)n)
        return n < 0 ? FRAME_OTHER : FRAME_CUT;
    *ip = f->data + n;
    *have = f->have - (uint32_t)n;
    return 0;
}

static void fill_address(struct address *a, uint8_t family, const uint8_t *ip)
{
    memset(a, 0, sizeof *a);
    a->family = family;
    memcpy(a->ip, ip, family == 4 ? 4 : 16);
}

/* The segment begins behind `header` octets; the sum over addresses, protocol and length is part of TCP's. */
static void fill_ip(struct frame *p, const uint8_t *ip, uint32_t have, uint32_t header, uint32_t total)
{
    int v6 = ip[0] >> 4 == 6;

    fill_address(&p->addr[0], v6 ? 6 : 4, ip + (v6 ? 8 : 12));
    fill_address(&p->addr[1], v6 ? 6 : 4, ip + (v6 ? 24 : 16));
    p->ip_len = total;
    p->tcp = ip + header;
    p->tcp_len = total - header;
    p->tcp_have = have < total ? have - header : total - header;
    p->pseudo = mpt_checksum_add(0, ip + (v6 ? 8 : 12), v6 ? 32 : 8) + PROTO_TCP + p->tcp_len;
}

/* A length of 0 is what a host says of a packet that off-load will cut (Linux); the frame's length then stands. */
static int read_v4(struct frame *p, const uint8_t *ip, uint32_t have, uint32_t wire)
{
    uint32_t header, total;

    if (have < 20)
        return FRAME_CUT;
    header = (ip[0] & 15u) * 4;
    total = get16(ip + 2) ? get16(ip + 2) : wire;
    if (header < 20 || total < header)
        return FRAME_OTHER;
    if (have < header)
        return FRAME_CUT;
    if (get16(ip + 6) & 0x3fff)
        return FRAME_FRAGMENT;
    if (ip[9] != PROTO_TCP)
        return FRAME_OTHER;
    p->bad_ip = mpt_checksum_fold(mpt_checksum_add(0, ip, header)) != 0xffff && get16(ip + 10) != 0;
    fill_ip(p, ip, have, header, total);
    return FRAME_TCP;
}

/* Extension headers: TCP behind one is nothing that these stacks send. */
static int read_v6(struct frame *p, const uint8_t *ip, uint32_t have, uint32_t wire)
{
    uint32_t payload;

    if (have < 40)
        return FRAME_CUT;
    payload = get16(ip + 4) ? get16(ip + 4) : wire - 40;
    if (ip[6] == PROTO_FRAGMENT)
        return FRAME_FRAGMENT;
    if (ip[6] != PROTO_TCP)
        return FRAME_OTHER;
    fill_ip(p, ip, have, 40, payload + 40);
    return FRAME_TCP;
}

/* Cut off within the header: nothing can be said of the segment. */
static int read_tcp(struct frame *p)
{
    const uint8_t *t = p->tcp;
    uint32_t header;

    if (p->tcp_len < 20)
        return FRAME_SHORT;
    if (p->tcp_have < 20)
        return FRAME_CUT;
    header = (t[12] >> 4) * 4u;
    if (header < 20 || header > p->tcp_len)
        return FRAME_SHORT;
    if (header > p->tcp_have)
        return FRAME_CUT;
    p->port[0] = (uint16_t)get16(t);
    p->port[1] = (uint16_t)get16(t + 2);
    p->seq = get32(t + 4);
    p->ack = get32(t + 8);
    p->flags = t[13];
    p->window = (uint16_t)get16(t + 14);
    p->opts = t + 20;
    p->opts_len = header - 20;
    p->data = t + header;
    p->len = p->tcp_len - header;
    p->have = p->tcp_have - header;
    return FRAME_TCP;
}

int frame_read(struct frame *p, const struct capture_frame *f)
{
    const uint8_t *ip = NULL;
    uint32_t have = 0, wire;
    int kind = find_ip(f, &ip, &have);

    if (kind != 0)
        return kind;
    wire = f->len - (f->have - have);
    p->time = f->time;
    if (ip[0] >> 4 == 4)
        kind = read_v4(p, ip, have, wire);
    else
        kind = ip[0] >> 4 == 6 ? read_v6(p, ip, have, wire) : FRAME_OTHER;
    kind = kind == FRAME_TCP ? read_tcp(p) : kind;
    return kind == FRAME_TCP && p->bad_ip ? FRAME_IP_SUM : kind;
}

/* Off-load: the field holds the pseudo header's sum, and a card was to add the rest (Linux CHECKSUM_PARTIAL). */
int frame_checksum(const struct frame *p)
{
    uint16_t half = mpt_checksum_fold(p->pseudo);

    if (p->tcp_have == p->tcp_len &&
        mpt_checksum_fold(mpt_checksum_add(p->pseudo, p->tcp, p->tcp_len)) == 0xffff)
        return 0;
    if (get16(p->tcp + 16) == half)
        return 1;
    return p->tcp_have < p->tcp_len ? 2 : -1;
}

/* Not cryptographic: a collision only passes over a packet. */
static uint64_t mix(uint64_t h, const uint8_t *p, size_t n)
{
    while (n >= 8) {
        uint64_t x;

        memcpy(&x, p, 8);
        h = (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
        p += 8, n -= 8;
    }
    while (n-- > 0)
        h = (h ^ *p++) * UINT64_C(0x100000001b3);
    return h ^ h >> 32;
}

/* Hop count, ECN and IP checksum change on the way. */
uint64_t frame_hash(const struct capture_frame *f)
{
    const uint8_t *ip = NULL;
    uint32_t have = 0, n;

    if (find_ip(f, &ip, &have) != 0 || have < 40)
        return 0;
    if (ip[0] >> 4 == 6) {
        n = get16(ip + 4) + 40;
        return mix(mix(6, ip + 4, 3), ip + 8, (n < have ? n : have) - 8) | 1;
    }
    n = get16(ip + 2);
    n = n >= 20 && n < have ? n : have;
    return mix(mix(4, ip + 2, 6), ip + 12, n - 12) | 1;
}
