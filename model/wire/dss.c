/* SPDX-License-Identifier: MIT */
/* wire/dss.c - the data sequence signal (RFC 8684 3.3). On nearly every segment.
 *
 *     30 | len | 2, 0 | U 0 I F m M a A | [ack] | [DSN | SSN 32 | length 16 | [checksum 16]]
 *
 *     A, a: ack is there, has 64 bits, not 32.  M, m: the mapping from DSN on, and DSN likewise.
 *
 * U is join-with-data's: "your third ACK is still missing" (jwd/README.md 2.6). I is the idle bit (pm/README.md). */
#include "base/bytes.h"
#include "wire/mptcp.h"

enum { FLAGS_KNOWN = DSS_ACK | DSS_ACK64 | DSS_MAP | DSS_DSN64 | DSS_FIN | DSS_IDLE | DSS_U };

/* Without the checksum, whose presence no flag tells. */
static size_t length_of(uint8_t flags)
{
    size_t len = 4;

    if (flags & DSS_ACK)
        len += flags & DSS_ACK64 ? 8 : 4;
    if (flags & DSS_MAP)
        len += flags & DSS_DSN64 ? 14 : 10;
    return len;
}

/* RFC 8684 3.3: a and m say nothing without A and M, and F and I are about the mapping. Readers may then
 * test one bit. The other reserved bit is ignored. */
static uint8_t clean_flags(uint8_t flags)
{
    flags &= FLAGS_KNOWN;
    if (!(flags & DSS_ACK))
        flags &= (uint8_t)~DSS_ACK64;
    if (!(flags & DSS_MAP))
        flags &= (uint8_t) ~(DSS_DSN64 | DSS_FIN | DSS_IDLE);
    return flags;
}

/* Numbers stay as wide as they came; whoever knows the connection expands them (RFC 8684 3.3.1). */
int mpt_dss_parse(struct mpt_dss *o, const uint8_t *p, size_t len, uint8_t tcp_flags)
{
    size_t without;

    (void)tcp_flags;
    if (len < 4)
        return -1;
    o->flags = clean_flags(p[3]);
    without = length_of(o->flags);
    /* RFC 8684 3.3: the checksum is there if the length has room for it; it belongs to a
     * mapping. */
    o->has_checksum = len == without + 2 && o->flags & DSS_MAP;
    if (len != without && !o->has_checksum)
        return -1;
    p += 4;
    if (o->flags & DSS_ACK) {
        o->ack = o->flags & DSS_ACK64 ? mpt_bytes_get64(p) : mpt_bytes_get32(p);
        p += o->flags & DSS_ACK64 ? 8 : 4;
    }
    if (!(o->flags & DSS_MAP))
        return 0;
    o->dsn = o->flags & DSS_DSN64 ? mpt_bytes_get64(p) : mpt_bytes_get32(p);
    p += o->flags & DSS_DSN64 ? 8 : 4;
    o->ssn = mpt_bytes_get32(p);
    o->dll = mpt_bytes_get16(p + 4);
    o->checksum = o->has_checksum ? mpt_bytes_get16(p + 6) : 0;
    return 0;
}

/* The inverse: what the flags do not announce is not written. */
uint8_t *mpt_dss_build(uint8_t *p, const struct mpt_dss *o)
{
    uint8_t flags = clean_flags(o->flags);
    int checksum = flags & DSS_MAP && o->has_checksum;

    *p++ = MPT_OPT_MPTCP;
    *p++ = (uint8_t)(length_of(flags) + (checksum ? 2 : 0));
    *p++ = DSS << 4;
    *p++ = flags;
    if (flags & DSS_ACK)
        p = flags & DSS_ACK64 ? mpt_bytes_put64(p, o->ack) : mpt_bytes_put32(p, (uint32_t)o->ack);
    if (!(flags & DSS_MAP))
        return p;
    p = flags & DSS_DSN64 ? mpt_bytes_put64(p, o->dsn) : mpt_bytes_put32(p, (uint32_t)o->dsn);
    p = mpt_bytes_put16(mpt_bytes_put32(p, o->ssn), o->dll);
    return checksum ? mpt_bytes_put16(p, o->checksum) : p;
}
