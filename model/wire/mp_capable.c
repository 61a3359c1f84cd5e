/* SPDX-License-Identifier: MIT */
/* wire/mp_capable.c - MP_CAPABLE (RFC 8684 3.1). Its length says which of the handshake's
 * segments it belongs to; conn/capable.c judges version and flags, because both have their own
 * rules there.
 *
 *     octets  0    1      2            3      4            12             20       22
 *             30 | len | 0, version | flags | sender key | receiver key | length | checksum
 *     SYN          4                        .
 *     SYN/ACK     12                                     .
 *     ACK         20                                                    .
 *     data        22, 24                                                         .          . */
#include "base/bytes.h"
#include "wire/mptcp.h"
#include "wire/tcp.h"

enum { VERSION = 1, LEN_SYN = 4, LEN_SYNACK = 12, LEN_ACK = 20, LEN_DATA = 22, LEN_CHECKSUM = 24 };

/* RFC 8684 3.1: the third ACK has both keys, and data with it a length (checksum if one side asked
 * for it). Whether data is there is not known here. */
static int is_length_of(size_t len, uint8_t tcp_flags)
{
    if (!(tcp_flags & MPT_TCP_SYN))
        return len == LEN_ACK || len == LEN_DATA || len == LEN_CHECKSUM;
    return len == (tcp_flags & MPT_TCP_ACK ? LEN_SYNACK : LEN_SYN);
}

/* Fields that the form has not are 0, never stale. */
int mpt_mp_capable_parse(struct mpt_mp_capable *o, const uint8_t *p, size_t len, uint8_t tcp_flags)
{
    if (len < LEN_SYN)
        return -1;
    o->len = (uint8_t)len;
    o->version = p[2] & 0x0f;
    o->flags = p[3];
    o->has_checksum = len == LEN_CHECKSUM;
    o->key_sender = o->key_receiver = 0;
    o->dll = o->checksum = 0;
    /* RFC 8684 3.1, version negotiation: the answer to another version is ours to give, so a SYN of
     * one (RFC 6824 has the key in it) is not malformed; nothing behind the flags is known of
     * it. */
    if (o->version != VERSION)
        return 0;
    if (!is_length_of(len, tcp_flags))
        return -1;
    if (len >= LEN_SYNACK)
        o->key_sender = mpt_bytes_get64(p + 4);
    if (len >= LEN_ACK)
        o->key_receiver = mpt_bytes_get64(p + 12);
    if (len >= LEN_DATA)
        o->dll = mpt_bytes_get16(p + 20);
    if (o->has_checksum)
        o->checksum = mpt_bytes_get16(p + 22);
    return 0;
}

/* The caller sets len to the form; a field that the form has not is not looked at. */
uint8_t *mpt_mp_capable_build(uint8_t *p, const struct mpt_mp_capable *o)
{
    *p++ = MPT_OPT_MPTCP;
    *p++ = o->len;
    *p++ = (uint8_t)(MP_CAPABLE << 4 | o->version);
    *p++ = o->flags;
    if (o->len >= LEN_SYNACK)
        p = mpt_bytes_put64(p, o->key_sender);
    if (o->len >= LEN_ACK)
        p = mpt_bytes_put64(p, o->key_receiver);
    if (o->len >= LEN_DATA)
        p = mpt_bytes_put16(p, o->dll);
    if (o->len >= LEN_CHECKSUM)
        p = mpt_bytes_put16(p, o->checksum);
    return p;
}
