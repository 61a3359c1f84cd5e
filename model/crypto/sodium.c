/* SPDX-License-Identifier: MIT */
/* crypto/sodium.c - the cryptography of the core by libsodium; the only file that includes its
 * header. SHA-256 makes tokens and IDSNs (RFC 8684 3.1), HMAC-SHA256 (RFC 2104, RFC 6234)
 * authenticates joins and addresses (RFC 8684 3.2, 3.4.1) and join records. Called by conn/ and
 * jwd/. */
#include <sodium.h>

#include "crypto/crypto.h"
#include "mpt.h"

/* The one global of the core that is tolerated is libsodium's own: it picks its CPU code here. */
int mpt_crypto_init(void)
{
    return sodium_init() < 0 ? MPT_EINVAL : 0;
}

void mpt_crypto_sha256(uint8_t out[32], const void *data, size_t n)
{
    crypto_hash_sha256(out, data, n);
}

void mpt_crypto_hmac(uint8_t out[32], const void *key, size_t key_len,
                     const struct mpt_piece *piece, size_t pieces)
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, key, key_len);
    for (size_t i = 0; i < pieces; i++)
        crypto_auth_hmacsha256_update(&state, piece[i].data, piece[i].len);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state); /* it holds the key's pads */
}

int mpt_crypto_compare(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n);
}

void mpt_crypto_wipe(void *p, size_t n)
{
    sodium_memzero(p, n);
}
