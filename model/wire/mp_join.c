/* SPDX-License-Identifier: MIT */
/* wire/mp_join.c - MP_JOIN in its three forms (RFC 8684 3.2). Bit D is
 * join-with-data's.
 *
 *     SYN      30 | 12 | 1, D 0 0 B | id | token 32 | nonce 32
 *     SYN/ACK  30 | 16 | 1, D 0 0 B | id | HMAC 64  | nonce 32
 *     ACK      30 | 24 | 1, 0       | 0  | HMAC 160 */
#include "base/bytes.h"
#include "wire/mptcp.h"
#include "wire/tcp.h"

enum { LEN_SYN = 12, LEN_SYNACK = 16, LEN_ACK = 24, HMAC_SYNACK = 8, HMAC_ACK = 20 };

/* A form on another segment than its own is nothing that RFC 8684 3.2 knows. */
static size_t length_for(uint8_t tcp_flags)
{
    if (!(tcp_flags & MPT_TCP_SYN))
        return LEN_ACK;
    return tcp_flags & MPT_TCP_ACK ? LEN_SYNACK : LEN_SYN;
}

/* The segment's flags decide the form; a length of another form is malformed. */
int mpt_mp_join_parse(struct mpt_mp_join *o, const uint8_t *p, size_t len, uint8_t tcp_flags)
{
    if (len != length_for(tcp_flags))
        return -1;
    o->len = (uint8_t)len;
    /* RFC 8684 3.2: reserved bits are zero when sent and not looked at when received. */
    o->flags = p[2] & (MP_JOIN_B | MP_JOIN_D);
    o->id = p[3];
    switch (len) {
    case LEN_SYN:
        o->token = mpt_bytes_get32(p + 4);
        o->random = mpt_bytes_get32(p + 8);
        memcpy(o->raw, p, LEN_SYN);
        break;
    case LEN_SYNACK:
        memcpy(o->hmac, p + 4, HMAC_SYNACK);
        o->random = mpt_bytes_get32(p + 12);
        break;
    default: /* octet 2's low bits and octet 3 are reserved in this form */
        o->flags = o->id = 0;
        memcpy(o->hmac, p + 4, HMAC_ACK);
    }
    return 0;
}

/* len names the form; the HMAC is cut to what the form has (RFC 8684 3.2). */
uint8_t *mpt_mp_join_build(uint8_t *p, const struct mpt_mp_join *o)
{
    *p++ = MPT_OPT_MPTCP;
    *p++ = o->len;
    *p++ = (uint8_t)(MP_JOIN << 4 | (o->len == LEN_ACK ? 0 : o->flags));
    *p++ = o->len == LEN_ACK ? 0 : o->id;
    if (o->len == LEN_ACK) {
        memcpy(p, o->hmac, HMAC_ACK);
        return p + HMAC_ACK;
    }
    if (o->len == LEN_SYNACK) {
        memcpy(p, o->hmac, HMAC_SYNACK);
        return mpt_bytes_put32(p + HMAC_SYNACK, o->random);
    }
    return mpt_bytes_put32(mpt_bytes_put32(p, o->token), o->random);
}
