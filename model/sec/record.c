/* SPDX-License-Identifier: MIT */
/* sec/record.c - records as DSS mappings with the tag at the end (sec/SPEC.md 3.5; read 3.4 on nonces first). Built, sealed
 * and opened in place in the caller's octets. Called by conn/send.c and conn/map.c; prefixes also by join.c.
 *
 *     ciphertext( H8 | [ACK 20] | [CTL] | [PLEN16, zeros] | data ) | tag 16 */
#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "sec/private.h"

/* What an AEAD does for a message of n octets: its blocks, one for the tag's mask and one for the lengths. */
static uint64_t blocks_of(uint32_t n)
{
    return n / 16 + (n % 16 != 0) + 2;
}

uint32_t mpt_sec_prefix_len(const struct mpt_sec_record *r)
{
    return 1 + (r->h & MPT_SEC_H_ACK ? MPT_SEC_ACK_LEN : 0) + (r->h & MPT_SEC_H_CTL ? r->ctl_len : 0) +
           (r->h & MPT_SEC_H_PAD ? 2u + r->pad : 0);
}

uint8_t *mpt_sec_prefix_build(uint8_t *p, const struct mpt_sec_record *r)
{
    *p++ = r->h;
    if (r->h & MPT_SEC_H_ACK)
        p = mpt_bytes_put32(mpt_bytes_put64(mpt_bytes_put64(p, r->ack), r->edge), r->cack);
    if (r->h & MPT_SEC_H_CTL) {
        memcpy(p, r->ctl, r->ctl_len);
        p += r->ctl_len;
    }
    if (r->h & MPT_SEC_H_PAD) {
        p = mpt_bytes_put16(p, r->pad);
        memset(p, 0, r->pad);
        p += r->pad;
    }
    return p;
}

/* Zeros are checked, so that padding carries nothing. */
static const uint8_t *parse_pad(struct mpt_sec_record *r, const uint8_t *p, const uint8_t *end)
{
    if (end - p < 2)
        return NULL;
    r->pad = mpt_bytes_get16(p);
    p += 2;
    if (r->pad > end - p)
        return NULL;
    for (uint32_t i = 0; i < r->pad; i++)
        if (p[i])
            return NULL;
    return p + r->pad;
}

enum mpt_sec_verdict mpt_sec_body_parse(struct mpt_sec_record *r, uint8_t h, const uint8_t *p, size_t n, uint8_t bits,
                                        uint32_t data_max)
{
    const uint8_t *end = p + n;

    memset(r, 0, sizeof *r);
    if (h & ~bits)
        return MPT_SEC_CLOSE;
    r->h = h;
    if (r->h & MPT_SEC_H_ACK) {
        if (end - p < MPT_SEC_ACK_LEN)
            return MPT_SEC_CLOSE;
        r->ack = mpt_bytes_get64(p);
        r->edge = mpt_bytes_get64(p + 8);
        r->cack = mpt_bytes_get32(p + 16);
        p += MPT_SEC_ACK_LEN;
    }
    if (r->h & MPT_SEC_H_CTL) {
        r->ctl = p;
        r->ctl_len = mpt_sec_ctl_len(p, (size_t)(end - p));
        if (!r->ctl_len)
            return MPT_SEC_CLOSE;
        p += r->ctl_len;
    }
    if ((r->h & MPT_SEC_H_PAD) && !(p = parse_pad(r, p, end)))
        return MPT_SEC_CLOSE;
    r->data = p;
    r->len = (uint32_t)(end - p);
    return r->len > data_max ? MPT_SEC_CLOSE : MPT_SEC_OK;
}

/* The tag was good, so whatever is wrong here the peer itself has written (3.9: close). */
enum mpt_sec_verdict mpt_sec_record_parse(struct mpt_sec_record *r, const uint8_t *p, size_t n, uint8_t bits,
                                          uint32_t data_max)
{
    return n < 1 ? MPT_SEC_CLOSE : mpt_sec_body_parse(r, p[0], p + 1, n - 1, bits, data_max);
}

/* Key and iv of the generation that a record at d->ssn belongs to; older secrets are gone with this. */
static void reach(struct mpt_sec_dir *d)
{
    while (d->generation < d->ssn >> MPT_SEC_GENERATION_SHIFT) {
        mpt_sec_sf_next(d->secret);
        d->generation++;
        d->blocks = 0;
        mpt_sec_kiv(d->kiv, d->secret);
    }
}

void mpt_sec_dir_init(struct mpt_sec_dir *d, const struct mpt_aead *aead, const uint8_t tx[32],
                      const struct mpt_sec_sf_id *id, uint64_t ssn)
{
    assert(aead && ssn >= 1 && aead->max_message >= MPT_SEC_DLL_MAX);
    memset(d, 0, sizeof *d);
    d->aead = aead;
    d->ssn = ssn;
    mpt_sec_sf_secret(d->secret, tx, id);
    mpt_sec_kiv(d->kiv, d->secret);
    reach(d);
}

void mpt_sec_dir_clear(struct mpt_sec_dir *d)
{
    mpt_crypto_wipe(d, sizeof *d);
}

/* nonce = iv xor (0^4 || SSN64); additional data = 0x01 || DSN64 || DLL16. */
static void names_of(const struct mpt_sec_dir *d, uint64_t dsn, uint32_t dll, uint8_t nonce[12], uint8_t ad[11])
{
    mpt_bytes_put64(nonce + 4, d->ssn);
    memset(nonce, 0, 4);
    for (size_t i = 0; i < MPT_AEAD_NONCE; i++)
        nonce[i] ^= d->kiv[32 + i];
    ad[0] = 0x01;
    mpt_bytes_put16(mpt_bytes_put64(ad + 1, dsn), (uint16_t)dll);
}

/* The position is no argument: it moves on by at least 17 with every seal, and with it the nonce. Sealing again with
 * other content under the same nonce cannot be said in this interface. */
enum mpt_sec_verdict mpt_sec_seal(struct mpt_sec_dir *d, uint64_t dsn, uint8_t *text, uint32_t n)
{
    uint8_t nonce[12], ad[11];

    assert(n >= 1 && n + MPT_SEC_TAG <= MPT_SEC_DLL_MAX);
    if (!d->aead)
        return MPT_SEC_LIMIT;
    reach(d);
    if (d->blocks + blocks_of(n) > d->aead->max_blocks)
        return MPT_SEC_LIMIT;
    d->blocks += blocks_of(n);
    names_of(d, dsn, n + MPT_SEC_TAG, nonce, ad);
    d->aead->seal(d->kiv, nonce, ad, sizeof ad, text, n);
    d->ssn += n + MPT_SEC_TAG;
    return MPT_SEC_OK;
}

/* Records follow one another without gap, and one failure is the last: the key is wiped with it (3.4). */
enum mpt_sec_verdict mpt_sec_open(struct mpt_sec_dir *d, uint64_t ssn, uint64_t dsn, uint8_t *text, uint32_t dll)
{
    uint8_t nonce[12], ad[11];

    if (!d->aead)
        return MPT_SEC_RESET;
    if (ssn == d->ssn && dll >= MPT_SEC_DLL_MIN && dll <= MPT_SEC_DLL_MAX) {
        reach(d);
        names_of(d, dsn, dll, nonce, ad);
        if (d->aead->open(d->kiv, nonce, ad, sizeof ad, text, dll - MPT_SEC_TAG) == 0) {
            d->ssn += dll;
            return MPT_SEC_OK;
        }
    }
    mpt_sec_dir_clear(d);
    return MPT_SEC_RESET;
}
