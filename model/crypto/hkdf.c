/* SPDX-License-Identifier: MIT */
/* crypto/hkdf.c - HKDF with SHA-256 (RFC 5869; read 2.2, 2.3) on top of the HMAC of crypto.h. Called by
 * sec/schedule.c for every key of MPTCPsec. */
#include <assert.h>
#include <string.h>

#include "crypto/crypto.h"

/* 2.2: the salt is the HMAC's key. */
void mpt_crypto_hkdf_extract(uint8_t prk[32], const void *salt, size_t salt_len, const void *ikm, size_t ikm_len)
{
    const struct mpt_piece piece = { ikm, ikm_len };

    mpt_crypto_hmac(prk, salt, salt_len, &piece, 1);
}

/* 2.3: T(i) = HMAC(PRK, T(i-1) || info || i); T(0) is empty. */
void mpt_crypto_hkdf_expand(uint8_t *out, size_t n, const uint8_t prk[32], const struct mpt_piece *info, size_t pieces)
{
    struct mpt_piece part[MPT_HKDF_PARTS + 2];
    uint8_t t[32], i = 0;

    assert(pieces <= MPT_HKDF_PARTS && n <= 255 * sizeof t);
    memcpy(part + 1, info, pieces * sizeof *info);
    part[pieces + 1] = (struct mpt_piece){ &i, 1 };
    while (n) {
        size_t take = n < sizeof t ? n : sizeof t;

        part[0] = (struct mpt_piece){ t, i ? sizeof t : 0 };
        i++;
        mpt_crypto_hmac(t, prk, 32, part, pieces + 2);
        memcpy(out, t, take);
        out += take;
        n -= take;
    }
    mpt_crypto_wipe(t, sizeof t);
}
