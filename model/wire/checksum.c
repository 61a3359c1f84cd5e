/* SPDX-License-Identifier: MIT */
/* wire/checksum.c - one's complement sums: TCP (RFC 9293 3.1, RFC 1071) and DSS (RFC 8684 3.3.1).
 * Every octet that enters or leaves passes here once, so this is the loop that counts most in
 * wire/. */
#include <string.h>

#include "wire/tcp.h"

/* RFC 1071 2(B): the sum of byte-swapped words is the byte-swapped sum, so words are added as the
 * machine loads them and the folded result is swapped once. */
static uint16_t to_network(uint16_t v)
{
    uint8_t p[2];

    memcpy(p, &v, 2);
    return mpt_bytes_get16(p);
}

/* memcpy: segments lie at any address. It compiles to one load. */
static uint64_t load64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, 8);
    return v;
}

/* Adds with the carry kept apart: no dependency between the sum and its carries (RFC 1071 2(C)). */
#define ADD_WORD(sum, carry, word)                                                                 \
    do {                                                                                           \
        uint64_t w_ = (word);                                                                      \
        (sum) += w_;                                                                               \
        (carry) += (sum) < w_;                                                                     \
    } while (0)

/* One's complement addition: the carry comes back in at the low end (RFC 1071 1). */
static uint64_t add_with_carry(uint64_t a, uint64_t b)
{
    a += b;
    return a + (a < b);
}

/* The last 0..7 octets as one word, zeros behind them (RFC 1071 4.1: an odd octet is padded with
 * zero). */
static uint64_t load_rest(const uint8_t *p, size_t n)
{
    uint64_t v = 0;

    memcpy(&v, p, n);
    return v;
}

/* Four sums and two carry counters keep the adder busy: about 40 ns for a full segment, bounded by
 * three instructions a word. Carries cannot overflow: one per 8 octets. */
uint64_t mpt_checksum_add(uint64_t sum, const void *data, size_t n)
{
    const uint8_t *p = data;
    uint64_t a = 0, b = 0, c = 0, d = 0, ca = 0, cb = 0;

    for (; n >= 64; n -= 64, p += 64) {
        ADD_WORD(a, ca, load64(p));
        ADD_WORD(b, cb, load64(p + 8));
        ADD_WORD(c, ca, load64(p + 16));
        ADD_WORD(d, cb, load64(p + 24));
        ADD_WORD(a, ca, load64(p + 32));
        ADD_WORD(b, cb, load64(p + 40));
        ADD_WORD(c, ca, load64(p + 48));
        ADD_WORD(d, cb, load64(p + 56));
    }
    for (; n >= 8; n -= 8, p += 8)
        ADD_WORD(a, ca, load64(p));
    if (n)
        ADD_WORD(b, cb, load_rest(p, n));
    a = add_with_carry(add_with_carry(a, b), add_with_carry(c, d));
    a = add_with_carry(a, ca + cb);
    return sum + to_network(mpt_checksum_fold(a));
}

/* To 33 bits, to 18, to 17, to 16 (RFC 1071 2: the carries go back in at the low end). A sum that
 * is not 0 never folds to 0, so a good segment gives 0xffff. */
uint16_t mpt_checksum_fold(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

/* As 16-bit words in network order. */
static uint64_t sum_ip(const struct mpt_addr *addr)
{
    uint64_t sum = 0;

    for (int i = 0; i < (addr->family == 6 ? 16 : 4); i += 2)
        sum += mpt_bytes_get16(addr->ip + i);
    return sum;
}

/* RFC 9293 3.1 (IPv4) and RFC 8200 8.1 (IPv6): the same sum, as the added zeros do not count. */
uint64_t mpt_checksum_pseudo(const struct mpt_packet *packet)
{
    enum { IP_PROTOCOL_TCP = 6 };

    return sum_ip(&packet->local) + sum_ip(&packet->remote) + IP_PROTOCOL_TCP +
           (packet->len >> 16) + (packet->len & 0xffff);
}

/* The DSN is summed as 64 bits whatever the option carried (RFC 8684 3.3.1), so that a wrong guess
 * at its upper half shows as a wrong checksum. */
uint16_t mpt_checksum_dss(uint64_t dsn, uint32_t ssn, uint16_t dll, uint64_t payload_sum)
{
    uint64_t sum = payload_sum;

    sum += (dsn >> 48) + (dsn >> 32 & 0xffff) + (dsn >> 16 & 0xffff) + (dsn & 0xffff);
    sum += (ssn >> 16) + (ssn & 0xffff) + dll;
    return (uint16_t)~mpt_checksum_fold(sum);
}
