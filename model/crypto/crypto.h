/* SPDX-License-Identifier: MIT */
/* crypto/crypto.h - what the core needs of cryptography. Implemented by crypto/sodium.c, the only
 * file that includes <sodium.h>. Keys, tokens and HMACs of RFC 8684 3.1, 3.2; join records of
 * jwd/. */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

/* One piece of a message given in parts. */
struct mpt_piece {
    const void *data;
    size_t len;
};

int mpt_crypto_init(void); /* 0, or MPT_EINVAL; may be called again */
void mpt_crypto_sha256(uint8_t out[32], const void *data, size_t n);
/* HMAC-SHA256 (RFC 2104) over the pieces in order. */
void mpt_crypto_hmac(uint8_t out[32], const void *key, size_t key_len,
                     const struct mpt_piece *piece, size_t pieces);
/* 0 when equal; constant time. */
int mpt_crypto_compare(const void *a, const void *b, size_t n);
void mpt_crypto_wipe(void *p, size_t n);

#endif
