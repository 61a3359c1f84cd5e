/* SPDX-License-Identifier: MIT */
/* jwd/record.c - the join record on the wire (jwd/README.md 2.3): built, parsed, tagged. Pure functions.
 *
 *     V=1 | BLEN16 | H8 | DSN64 | [ACK 20] | [PLEN16, PLEN zeros] | data | tag 16 */
#include "jwd/jwd.h"

enum { RECORD_V = 1, ACK_LEN = 20 };

uint32_t mpt_jwd_record_len(const uint8_t *p, size_t n)
{
    uint32_t blen;

    if (n < JWD_HEAD || p[0] != RECORD_V)
        return 0;
    blen = mpt_bytes_get16(p + 1);
    if (blen < JWD_BODY_MIN || blen + JWD_HEAD + JWD_TAG > JWD_RECORD_MAX)
        return 0;
    return blen + JWD_HEAD + JWD_TAG;
}

/* Zeros are checked: they may not become a channel for anything (2.3). */
static int skip_pad(const uint8_t *p, uint32_t *at, uint32_t end)
{
    uint32_t n;

    if (*at + 2 > end)
        return MPT_EPROTO;
    n = mpt_bytes_get16(p + *at);
    *at += 2;
    if (n > end - *at)
        return MPT_EPROTO;
    for (uint32_t i = 0; i < n; i++)
        if (p[*at + i])
            return MPT_EPROTO;
    *at += n;
    return 0;
}

/* CTL belongs to secure mode; like every other bit it is an error here ("parsers reject, never guess"). */
int mpt_jwd_record_parse(struct mpt_jwd_record *r, const uint8_t *p, size_t n)
{
    uint32_t at = JWD_HEAD + JWD_BODY_MIN, end;

    r->total = mpt_jwd_record_len(p, n);
    if (!r->total || r->total != n)
        return MPT_EPROTO;
    end = r->total - JWD_TAG;
    r->h = p[JWD_HEAD];
    r->dsn = mpt_bytes_get64(p + JWD_HEAD + 1);
    if (r->h & ~(JWD_H_ACK | JWD_H_DFIN | JWD_H_PAD))
        return MPT_EPROTO;
    if (r->h & JWD_H_ACK) {
        if (at + ACK_LEN > end || mpt_bytes_get32(p + at + 16)) /* CACK is 0 in clear mode */
            return MPT_EPROTO;
        r->ack = mpt_bytes_get64(p + at);
        r->edge = mpt_bytes_get64(p + at + 8);
        at += ACK_LEN;
    }
    if ((r->h & JWD_H_PAD) && skip_pad(p, &at, end) < 0)
        return MPT_EPROTO;
    r->data = p + at;
    r->len = end - at;
    return 0;
}

uint8_t *mpt_jwd_record_build(uint8_t *p, const struct mpt_jwd_record *r, uint32_t pad)
{
    uint32_t blen = JWD_BODY_MIN + (r->h & JWD_H_ACK ? ACK_LEN : 0) + (r->h & JWD_H_PAD ? 2 + pad : 0) + r->len;

    *p++ = RECORD_V;
    p = mpt_bytes_put16(p, (uint16_t)blen);
    *p++ = r->h;
    p = mpt_bytes_put64(p, r->dsn);
    if (r->h & JWD_H_ACK) {
        p = mpt_bytes_put64(p, r->ack);
        p = mpt_bytes_put64(p, r->edge);
        p = mpt_bytes_put32(p, r->cack);
    }
    if (r->h & JWD_H_PAD) {
        p = mpt_bytes_put16(p, (uint16_t)pad);
        memset(p, 0, pad);
        p += pad;
    }
    return p;
}

void mpt_jwd_record_tag(uint8_t tag[16], uint64_t key_i, uint64_t key_r, const uint8_t mpj[12], const uint8_t *record,
                        size_t n_without_tag)
{
    uint8_t key[16], h[32];
    struct mpt_piece piece[3] = { { "mpt jwd 1", 9 }, { mpj, 12 }, { record, n_without_tag } };

    mpt_bytes_put64(mpt_bytes_put64(key, key_i), key_r);
    mpt_crypto_hmac(h, key, sizeof key, piece, 3);
    memcpy(tag, h, JWD_TAG);
    mpt_crypto_wipe(key, sizeof key);
}

/* Constant time: the tag must not be found octet by octet. */
int mpt_jwd_record_verify(uint64_t key_i, uint64_t key_r, const uint8_t mpj[12], const uint8_t *record, size_t n)
{
    uint8_t tag[JWD_TAG];

    mpt_jwd_record_tag(tag, key_i, key_r, mpj, record, n - JWD_TAG);
    return mpt_crypto_compare(tag, record + n - JWD_TAG, JWD_TAG) == 0;
}
