/* SPDX-License-Identifier: MIT */
/* ip.c - IPv4 (RFC 791) and IPv6 (RFC 8200) headers without options or extension headers.
 * ip_parse() is called for every packet that reaches a host, ip_build() for every packet that leaves. */
#include "ip.h"

#include <arpa/inet.h>
#include <string.h>

/* Big-endian, as all of IP. */
static unsigned get16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static void put16(uint8_t *p, unsigned x)
{
    p[0] = (uint8_t)(x >> 8);
    p[1] = (uint8_t)x;
}

/* RFC 1071: the folded one's complement sum; 0xffff over a header whose checksum is right. */
static unsigned sum_header(const uint8_t *p, size_t n)
{
    uint32_t sum = 0;
    size_t i;

    for (i = 0; i < n; i += 2)
        sum += get16(p + i);
    sum = (sum & 0xffff) + (sum >> 16);
    return (sum & 0xffff) + (sum >> 16);
}

/* RFC 791 3.1. Options are skipped by their length; octets behind the total length are padding of
 * the link. */
static int parse_v4(const uint8_t *ip, size_t len, struct ip_view *view)
{
    size_t header = (size_t)(ip[0] & 15) * 4;
    size_t total = get16(ip + 2);
    unsigned fragment = get16(ip + 6);

    if (header < IP_V4_HEADER || total < header)
        return IP_EHEADER;
    if (total > len)
        return IP_ETRUNC;
    if (sum_header(ip, header) != 0xffff)
        return IP_ECHECKSUM;
    if (fragment & 0x3fff) /* MF or an offset, RFC 791 3.1 */
        return IP_EFRAGMENT;
    view->dscp = ip[1] >> 2;
    view->ecn = ip[1] & 3;
    view->id = (uint16_t)get16(ip + 4);
    view->df = (fragment & 0x4000) != 0;
    view->flow = 0;
    view->ttl = ip[8];
    view->proto = ip[9];
    view->src = ip + 12;
    view->dst = ip + 16;
    view->header_len = header;
    view->payload_len = total - header;
    return 0;
}

/* Next header values that are extension headers (RFC 8200 4.1, RFC 7045 4). */
static int is_extension(uint8_t next)
{
    return next == 0 || next == 43 || next == 44 || next == 50 || next == 51 || next == 60 ||
           next == 135 || next == 139 || next == 140 || next == 253 || next == 254;
}

/* RFC 8200 3. There is no checksum: TCP's covers the addresses (8.1). */
static int parse_v6(const uint8_t *ip, size_t len, struct ip_view *view)
{
    size_t payload = get16(ip + 4);

    if (payload > len - IP_V6_HEADER)
        return IP_ETRUNC;
    if (is_extension(ip[6]))
        return IP_EEXTENSION;
    view->dscp = (uint8_t)((get16(ip) >> 6) & 63);
    view->ecn = (ip[1] >> 4) & 3;
    view->flow = (uint32_t)(ip[1] & 15) << 16 | get16(ip + 2);
    view->id = 0;
    view->df = 1; /* RFC 8200 5: routers never fragment */
    view->proto = ip[6];
    view->ttl = ip[7];
    view->src = ip + 8;
    view->dst = ip + 24;
    view->header_len = IP_V6_HEADER;
    view->payload_len = payload;
    return 0;
}

/* The version decides; nothing is read before its length is known. */
int ip_parse(const uint8_t *ip, size_t len, struct ip_view *view)
{
    int error;

    if (len < 1)
        return IP_ETRUNC;
    view->version = ip[0] >> 4;
    if (view->version != 4 && view->version != 6)
        return IP_EVERSION;
    if (len < ip_header_len(view->version))
        return IP_ETRUNC;
    error = view->version == 4 ? parse_v4(ip, len, view) : parse_v6(ip, len, view);
    if (error == 0)
        view->payload = ip + view->header_len;
    return error;
}

/* For messages of tests and reports. */
const char *ip_strerror(int error)
{
    switch (error) {
    case 0:
        return "no error";
    case IP_ETRUNC:
        return "truncated";
    case IP_EVERSION:
        return "neither IPv4 nor IPv6";
    case IP_EHEADER:
        return "impossible header length";
    case IP_ECHECKSUM:
        return "wrong IPv4 header checksum";
    case IP_EFRAGMENT:
        return "a fragment";
    case IP_EEXTENSION:
        return "an IPv6 extension header";
    default:
        return "unknown error";
    }
}

/* Without options or extension headers, which is what we send. */
size_t ip_header_len(unsigned family)
{
    return family == 4 ? IP_V4_HEADER : IP_V6_HEADER;
}

/* Zeroed first: an IPv4 address uses four of the sixteen octets. */
static void fill_addr(struct mpt_addr *addr, unsigned version, const uint8_t *ip, unsigned port)
{
    memset(addr, 0, sizeof *addr);
    addr->family = (uint8_t)version;
    addr->port = (uint16_t)port;
    memcpy(addr->ip, ip, version == 4 ? 4 : 16);
}

/* Ports are read here, since libmpt's packets carry them beside the addresses. */
int ip_to_packet(const struct ip_view *view, uint32_t ifid, struct mpt_packet *packet)
{
    if (view->proto != IP_TCP || view->payload_len < 20) /* RFC 9293 3.1: no shorter header */
        return MPT_EINVAL;
    fill_addr(&packet->remote, view->version, view->src, get16(view->payload));
    fill_addr(&packet->local, view->version, view->dst, get16(view->payload + 2));
    packet->ifid = ifid;
    packet->ecn = view->ecn;
    packet->dscp = view->dscp;
    packet->ttl = view->ttl;
    packet->zero = 0;
    packet->data = (uint8_t *)(uintptr_t)view->payload; /* read only by mpt_input */
    packet->len = packet->cap = view->payload_len;
    packet->seg_size = 0;
    return 0;
}

/* RFC 791 3.1. The checksum is summed over its own field as 0. */
static void build_v4(uint8_t *ip, const struct mpt_packet *packet, uint16_t id)
{
    ip[0] = 0x45;
    ip[1] = (uint8_t)(packet->dscp << 2 | (packet->ecn & 3));
    put16(ip + 2, (unsigned)(packet->len + IP_V4_HEADER));
    put16(ip + 4, id);
    put16(ip + 6, 0x4000); /* DF: TCP's path MTU discovery needs it (RFC 1191 3) */
    ip[8] = packet->ttl;
    ip[9] = IP_TCP;
    put16(ip + 10, 0);
    memcpy(ip + 12, packet->local.ip, 4);
    memcpy(ip + 16, packet->remote.ip, 4);
    put16(ip + 10, ~sum_header(ip, IP_V4_HEADER) & 0xffff);
}

/* RFC 8200 3; the traffic class lies across two octets. */
static void build_v6(uint8_t *ip, const struct mpt_packet *packet)
{
    unsigned class = (unsigned)packet->dscp << 2 | (packet->ecn & 3u);

    ip[0] = (uint8_t)(0x60 | class >> 4);
    ip[1] = (uint8_t)(class << 4); /* flow label 0: not labelled (RFC 6437 2) */
    put16(ip + 2, 0);
    put16(ip + 4, (unsigned)packet->len);
    ip[6] = IP_TCP;
    ip[7] = packet->ttl;
    memcpy(ip + 8, packet->local.ip, 16);
    memcpy(ip + 24, packet->remote.ip, 16);
}

/* The header goes in front of the segment, in the headroom: the segment is not moved. */
uint8_t *ip_build(const struct mpt_packet *packet, uint16_t id, size_t *len)
{
    unsigned family = packet->local.family;
    size_t header = ip_header_len(family);
    uint8_t *ip = packet->data - header;

    if ((family != 4 && family != 6) || family != packet->remote.family)
        return NULL;
    if (packet->len + header > 65535)
        return NULL;
    if (family == 4)
        build_v4(ip, packet, id);
    else
        build_v6(ip, packet);
    *len = packet->len + header;
    return ip;
}

/* RFC 3168 5: only those who said that they understand. IPv4's header sum is taken anew. */
int ip_mark_ce(uint8_t *ip, size_t len)
{
    size_t header = len ? (size_t)(ip[0] & 15) * 4 : 0;

    if (len >= IP_V6_HEADER && ip[0] >> 4 == 6) {
        unsigned ecn = (ip[1] >> 4) & 3;

        if (ecn == 1 || ecn == 2)
            ip[1] |= 0x30;
        return ecn == 1 || ecn == 2;
    }
    if (len < IP_V4_HEADER || ip[0] >> 4 != 4 || header < IP_V4_HEADER || header > len)
        return 0;
    if ((ip[1] & 3) != 1 && (ip[1] & 3) != 2)
        return 0;
    ip[1] |= 3;
    put16(ip + 10, 0);
    put16(ip + 10, ~sum_header(ip, header) & 0xffff);
    return 1;
}

size_t ip_format(const struct mpt_addr *addr, char *out, size_t cap)
{
    if (cap == 0)
        return 0;
    out[0] = 0;
    if (addr->family == 4 || addr->family == 6)
        inet_ntop(addr->family == 4 ? AF_INET : AF_INET6, addr->ip, out, (socklen_t)cap);
    return strlen(out);
}
