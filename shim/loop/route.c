/* SPDX-License-Identifier: MIT */
/* route.c - the address plan (see loop.h): private IPv4 (RFC 1918) and unique local IPv6 (RFC 4193). */
#include "loop/route.h"

#include <string.h>

enum { SERVER_NET = 100 /* 10.100.x.1, fd00:100:x::1; paths are 1 to SHIM_PATHS_MAX */ };

static const uint8_t zeroes[8];

/* One address, whatever the family: 10.<net>.<host, two octets> or fd00:<net>:<sub>::<host>. For the
 * server, `sub` is the octet after the net in IPv4 as well. */
struct place {
    unsigned net;  /* path + 1, or SERVER_NET */
    unsigned sub;  /* server: the path it belongs to */
    uint32_t host; /* phone number, or 1 for the server */
};

/* Big-endian, as on the wire. */
static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

/* fd00:100 is written in hexadecimal digits, as a reader of traces expects: group 0x0100. */
static unsigned net_of_group(uint32_t group)
{
    return group == 0x100 ? SERVER_NET : group < SERVER_NET ? group : 0;
}

/* 1: an address of the plan. */
static int read_v4(const uint8_t *a, struct place *place)
{
    if (a[0] != 10)
        return 0;
    place->net = a[1];
    place->sub = a[1] == SERVER_NET ? a[2] : 0;
    place->host = a[1] == SERVER_NET ? a[3] : get16(a + 2);
    return 1;
}

/* The last 32 bits are the host; everything between the subnet and them is zero. */
static int read_v6(const uint8_t *a, struct place *place)
{
    if (a[0] != 0xfd || a[1] != 0 || memcmp(a + 6, zeroes, 6) != 0)
        return 0;
    place->net = net_of_group(get16(a + 2));
    place->sub = get16(a + 4);
    place->host = get16(a + 12) << 16 | get16(a + 14);
    return 1;
}

/* which: 0 source, 1 destination. */
static int read_place(const uint8_t *ip, size_t len, int which, struct place *place)
{
    if (len >= 20 && ip[0] >> 4 == 4)
        return read_v4(ip + 12 + 4 * which, place);
    if (len >= 40 && ip[0] >> 4 == 6)
        return read_v6(ip + 8 + 16 * which, place);
    return 0;
}

/* The inverse of reading. */
static void write_place(const struct place *place, int ipv6, struct mpt_addr *addr)
{
    uint8_t *a = addr->ip;

    memset(addr, 0, sizeof *addr);
    addr->family = ipv6 ? 6 : 4;
    if (ipv6) {
        a[0] = 0xfd;
        a[2] = place->net == SERVER_NET;
        a[3] = place->net == SERVER_NET ? 0 : (uint8_t)place->net;
        a[5] = (uint8_t)place->sub;
    } else {
        a[0] = 10;
        a[1] = (uint8_t)place->net;
    }
    a[ipv6 ? 14 : 2] =
        place->net == SERVER_NET && !ipv6 ? (uint8_t)place->sub : (uint8_t)(place->host >> 8);
    a[ipv6 ? 15 : 3] = (uint8_t)place->host;
}

/* Host 0 is the server, whose interfaces need not be as many as there are paths. */
int route_address(const struct topology *t, uint32_t host, uint32_t ifid, struct mpt_addr *addr)
{
    struct place place = {ifid, 0, host};
    size_t interfaces = host > 0 ? t->paths : topology_server_interfaces(t);

    if (host > t->phones || ifid < 1 || ifid > interfaces)
        return -1;
    if (host == 0) {
        place.net = SERVER_NET;
        place.sub = ifid - 1;
        place.host = 1;
    }
    write_place(&place, t->ipv6 != 0, addr);
    return 0;
}

/* Network n belongs to path n - 1. */
static int read_phone(const uint8_t *ip, size_t len, int which, uint32_t *phone, size_t *path)
{
    struct place place;

    if (!read_place(ip, len, which, &place) || place.net < 1 || place.net > SHIM_PATHS_MAX)
        return 0;
    *phone = place.host;
    *path = place.net - 1;
    return 1;
}

/* By destination: where the router sends a packet down. */
int route_phone(const uint8_t *ip, size_t len, uint32_t *phone, size_t *path)
{
    return read_phone(ip, len, 1, phone, path);
}

/* By source: which interface of a phone a packet leaves by. */
int route_phone_source(const uint8_t *ip, size_t len, uint32_t *phone, size_t *path)
{
    return read_phone(ip, len, 0, phone, path);
}

/* 0: not an address of the server. */
uint32_t route_server_ifid(const struct topology *t, const uint8_t *ip, size_t len)
{
    struct place place;

    if (!read_place(ip, len, 1, &place) || place.net != SERVER_NET || place.host != 1)
        return 0;
    return place.sub < topology_server_interfaces(t) ? place.sub + 1 : 0;
}
