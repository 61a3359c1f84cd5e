/* SPDX-License-Identifier: MIT */
/* jwd/record.c - the join record on the wire (jwd/README.md 2.3): built and parsed, in both modes as sec/join.c has it, and
 * the tag of clear mode. Pure functions.
 *
 *     V=1 | BLEN16 | H8 | DSN64 | [ACK 20] | [CTL] | [PLEN16, PLEN zeros] | data | tag 16 */
#include "jwd/jwd.h"

uint32_t mpt_jwd_record_len(const uint8_t *p, size_t n)
{
    return mpt_sec_join_len(p, n);
}

/* CTL and CACK belong to secure mode: in the clear they are errors like every other bit ("parsers reject, never guess"). */
int mpt_jwd_record_parse(struct mpt_jwd_record *r, const uint8_t *p, size_t n, int secure)
{
    struct mpt_sec_record s;
    uint64_t dsn;

    if (mpt_sec_join_parse(&s, &dsn, p, n, JWD_RECORD_MAX) != MPT_SEC_OK || (!secure && ((s.h & JWD_H_CTL) || s.cack)))
        return MPT_EPROTO;
    *r = (struct mpt_jwd_record){ .h = s.h, .dsn = dsn, .ack = s.ack, .edge = s.edge, .cack = s.cack, .ctl = s.ctl,
                                  .ctl_len = s.ctl_len, .data = s.data, .len = s.len, .total = (uint32_t)n };
    return 0;
}

uint8_t *mpt_jwd_record_build(uint8_t *p, const struct mpt_jwd_record *r, uint32_t pad)
{
    struct mpt_sec_record s = { .h = r->h, .pad = (uint16_t)pad, .ack = r->ack, .edge = r->edge, .cack = r->cack,
                                .len = r->len };

    return mpt_sec_join_build(p, &s, r->dsn);
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
