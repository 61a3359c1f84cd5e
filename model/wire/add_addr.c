/* SPDX-License-Identifier: MIT */
/* wire/add_addr.c - ADD_ADDR and its echo (RFC 8684 3.4.1). No field names the family:
 * the length does, and the echo's lengths differ from the others because it has no HMAC.
 *
 *     30 | len | 3, 0 0 0 E | id | address 32, 128 | [port 16] | [HMAC 64, unless E]
 *
 *     length    IPv4   with port   IPv6   with port
 *     E = 0       16          18     28          30
 *     E = 1        8          10     20          22 */
#include "base/bytes.h"
#include "wire/mptcp.h"

enum { FLAG_E = 0x01, LEN_HMAC = 8 };

/* Octets of an address. */
static size_t ip_length(uint8_t family)
{
    return family == 6 ? 16 : 4;
}

/* The table above, as arithmetic. */
static size_t length_of(const struct mpt_add_addr *o)
{
    return 4 + ip_length(o->addr.family) + (o->has_port ? 2 : 0) + (o->echo ? 0 : LEN_HMAC);
}

/* Tries the four forms (family, port) of the E bit; their lengths are all different. */
static int find_form(struct mpt_add_addr *o, size_t len)
{
    for (int i = 0; i < 4; i++) {
        o->addr.family = i & 1 ? 6 : 4;
        o->has_port = (uint8_t)(i >> 1);
        if (length_of(o) == len)
            return 0;
    }
    return -1;
}

/* The HMAC is judged by conn/, which has the keys (RFC 8684 3.4.1). */
int mpt_add_addr_parse(struct mpt_add_addr *o, const uint8_t *p, size_t len, uint8_t tcp_flags)
{
    size_t n;

    (void)tcp_flags;
    if (len < 4)
        return -1;
    memset(o, 0, sizeof *o);
    o->echo = p[2] & FLAG_E;
    o->has_hmac = !o->echo;
    o->id = p[3];
    if (find_form(o, len) < 0)
        return -1;
    p += 4;
    n = ip_length(o->addr.family);
    memcpy(o->addr.ip, p, n);
    p += n;
    if (o->has_port) {
        o->addr.port = mpt_bytes_get16(p);
        p += 2;
    }
    if (o->has_hmac)
        memcpy(o->hmac, p, LEN_HMAC);
    return 0;
}

/* An echo repeats address and port and has no HMAC (RFC 8684 3.4.1). */
uint8_t *mpt_add_addr_build(uint8_t *p, const struct mpt_add_addr *o)
{
    size_t n = ip_length(o->addr.family);

    *p++ = MPT_OPT_MPTCP;
    *p++ = (uint8_t)length_of(o);
    *p++ = (uint8_t)(ADD_ADDR << 4 | (o->echo ? FLAG_E : 0));
    *p++ = o->id;
    memcpy(p, o->addr.ip, n);
    p += n;
    if (o->has_port)
        p = mpt_bytes_put16(p, o->addr.port);
    if (o->echo)
        return p;
    memcpy(p, o->hmac, LEN_HMAC);
    return p + LEN_HMAC;
}
