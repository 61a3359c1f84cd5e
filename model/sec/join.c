/* SPDX-License-Identifier: MIT */
/* sec/join.c - joins and join records of a secure connection (sec/SPEC.md 3.7; framing: jwd/README.md 2.3; MP_JOIN: RFC 8684
 * 3.2). The HMACs' key comes from the handshake, not from MP_CAPABLE. Called by conn/join.c and jwd/.
 *
 *     V=1 | BLEN16 | sealed( H8 | DSN64 | [ACK 20] | [CTL] | [PAD] | data ) | tag 16 */
#include <string.h>

#include "base/bytes.h"
#include "sec/private.h"

enum { V = 1, BODY_MIN = 9, DSN_LEN = 8, FRAME = MPT_SEC_JOIN_HEAD + MPT_SEC_TAG };

void mpt_sec_join_hmac(uint8_t out[32], const uint8_t jn[32], int third, uint8_t role, const uint8_t mpj[MPT_SEC_MPJ],
                       uint8_t nibble, uint8_t id_r, uint32_t r_r)
{
    uint8_t tail[6] = { nibble & 0x0f, id_r };
    const struct mpt_piece piece[] = {
        { "mptsec1 mpj ", 12 }, { third ? "3" : "2", 1 }, { &role, 1 }, { mpj, MPT_SEC_MPJ }, { tail, sizeof tail } };

    mpt_bytes_put32(tail + 2, r_r);
    mpt_crypto_hmac(out, jn, 32, piece, 5);
}

void mpt_sec_join_init(struct mpt_sec_join *j, const struct mpt_aead *aead, const uint8_t jr[32], uint8_t role,
                       const uint8_t mpj[MPT_SEC_MPJ])
{
    uint8_t ctx[1 + MPT_SEC_MPJ];

    ctx[0] = role;
    memcpy(ctx + 1, mpj, MPT_SEC_MPJ);
    j->aead = aead;
    memcpy(j->mpj, mpj, MPT_SEC_MPJ);
    mpt_sec_x(j->kiv, sizeof j->kiv, jr, "jr", ctx, sizeof ctx);
}

/* The DSN stands between H and the other prefixes, which the records of 3.5 do not have: their DSS says it. */
uint8_t *mpt_sec_join_build(uint8_t *p, const struct mpt_sec_record *r, uint64_t dsn)
{
    uint32_t blen = mpt_sec_prefix_len(r) + DSN_LEN + r->len;
    uint8_t *end;

    if (blen + FRAME > MPT_SEC_JOIN_MAX)
        return NULL;
    *p++ = V;
    p = mpt_bytes_put16(p, (uint16_t)blen);
    end = mpt_sec_prefix_build(p + DSN_LEN, r);
    p[0] = p[DSN_LEN]; /* H moves to the front, the DSN takes its place */
    mpt_bytes_put64(p + 1, dsn);
    return end;
}

static void ad_of(uint8_t ad[MPT_SEC_MPJ + MPT_SEC_JOIN_HEAD], const struct mpt_sec_join *j, const uint8_t *record)
{
    memcpy(ad, j->mpj, MPT_SEC_MPJ);
    memcpy(ad + MPT_SEC_MPJ, record, MPT_SEC_JOIN_HEAD);
}

/* The key is wiped with its one message: one random, one record. */
enum mpt_sec_verdict mpt_sec_join_seal(struct mpt_sec_join *j, uint8_t *record, uint32_t n)
{
    uint8_t ad[MPT_SEC_MPJ + MPT_SEC_JOIN_HEAD];

    if (!j->aead)
        return MPT_SEC_LIMIT;
    ad_of(ad, j, record);
    j->aead->seal(j->kiv, j->kiv + 32, ad, sizeof ad, record + MPT_SEC_JOIN_HEAD, n - MPT_SEC_JOIN_HEAD);
    mpt_crypto_wipe(j, sizeof *j);
    return MPT_SEC_OK;
}

uint32_t mpt_sec_join_len(const uint8_t *p, size_t n)
{
    uint32_t blen;

    if (n < MPT_SEC_JOIN_HEAD || p[0] != V)
        return 0;
    blen = mpt_bytes_get16(p + 1);
    return blen < BODY_MIN || blen + FRAME > MPT_SEC_JOIN_MAX ? 0 : blen + FRAME;
}

enum mpt_sec_verdict mpt_sec_join_open(struct mpt_sec_join *j, uint8_t *record, size_t n)
{
    uint8_t ad[MPT_SEC_MPJ + MPT_SEC_JOIN_HEAD], *body = record + MPT_SEC_JOIN_HEAD;
    uint32_t total = mpt_sec_join_len(record, n);
    const struct mpt_aead *aead = j->aead;
    int rc;

    if (!total || total != n || !aead)
        return MPT_SEC_RESET;
    ad_of(ad, j, record);
    rc = aead->open(j->kiv, j->kiv + 32, ad, sizeof ad, body, total - FRAME);
    mpt_crypto_wipe(j, sizeof *j);
    return rc < 0 ? MPT_SEC_RESET : MPT_SEC_OK;
}

enum mpt_sec_verdict mpt_sec_join_parse(struct mpt_sec_record *r, uint64_t *dsn, const uint8_t *record, size_t n,
                                        uint32_t data_max)
{
    const uint8_t *body = record + MPT_SEC_JOIN_HEAD;
    uint32_t total = mpt_sec_join_len(record, n);

    if (!total || total != n)
        return MPT_SEC_RESET;
    *dsn = mpt_bytes_get64(body + 1);
    return mpt_sec_body_parse(r, body[0], body + BODY_MIN, total - FRAME - BODY_MIN, MPT_SEC_JOIN_BITS, data_max);
}
