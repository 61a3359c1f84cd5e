/* SPDX-License-Identifier: MIT */
/* crypto/crypto.h - what the core needs of cryptography. Implemented by crypto/sodium.c, the only
 * file that includes <sodium.h>, and crypto/hkdf.c. Keys, tokens and HMACs of RFC 8684 3.1, 3.2; join
 * records of jwd/; everything of sec/ (sec/SPEC.md 3.2 to 3.8). Nothing here draws random octets: secrets
 * are made of what the caller got from env.random. */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

/* One piece of a message given in parts. */
struct mpt_piece {
    const void *data;
    size_t len;
};

/* SHA-256 under way; a copy of it branches the message. */
struct mpt_sha256 {
    uint64_t state[13]; /* libsodium's, opaque */
};

enum { MPT_AEAD_KEY = 32, MPT_AEAD_NONCE = 12, MPT_AEAD_TAG = 16 };
enum { MPT_AEAD_CHACHA20_POLY1305 = 1, MPT_AEAD_AES_256_GCM = 2 }; /* low nibble of a suite, sec/SPEC.md 3.2 */

/* An AEAD as pure functions (RFC 5116): key 32 octets, nonce 12, tag 16 behind the ciphertext. In place on
 * the caller's octets, no state, no allocation. A host may bring its own. */
struct mpt_aead {
    const char *name;
    uint8_t id;           /* MPT_AEAD_..., or 3 to 15: the host's own, between hosts that agree */
    /* Usage limits: blocks of 16 octets sealed under one key, and octets of one message. The blocks of a
     * message: its octets rounded up, and two more for tag and lengths. */
    uint64_t max_blocks;
    uint64_t max_message;
    uint32_t max_forged;  /* failed openings under one key, then it is given up */
    /* text[0..n) becomes ciphertext, text[n..n+16) the tag. */
    void (*seal)(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text, size_t n);
    /* text[0..n) ciphertext, the tag behind it: 0 and plaintext, or MPT_EPROTO and text is lost. */
    int (*open)(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text, size_t n);
};

int mpt_crypto_init(void); /* 0, or MPT_EINVAL; may be called again */
void mpt_crypto_sha256(uint8_t out[32], const void *data, size_t n);
/* HMAC-SHA256 (RFC 2104) over the pieces in order. */
void mpt_crypto_hmac(uint8_t out[32], const void *key, size_t key_len,
                     const struct mpt_piece *piece, size_t pieces);
/* The built-in AEAD of that id; NULL: unknown, or (AES-256-GCM) this CPU lacks its instructions. */
const struct mpt_aead *mpt_crypto_aead(uint8_t id);

void mpt_crypto_sha256_init(struct mpt_sha256 *h);
void mpt_crypto_sha256_add(struct mpt_sha256 *h, const void *data, size_t n);
void mpt_crypto_sha256_end(struct mpt_sha256 *h, uint8_t out[32]); /* and wipes h */

/* HKDF-SHA256 (RFC 5869). Expand: n <= 8160, info given in parts, at most MPT_HKDF_PARTS. */
enum { MPT_HKDF_PARTS = 6 };
void mpt_crypto_hkdf_extract(uint8_t prk[32], const void *salt, size_t salt_len, const void *ikm, size_t ikm_len);
void mpt_crypto_hkdf_expand(uint8_t *out, size_t n, const uint8_t prk[32], const struct mpt_piece *info, size_t pieces);

/* X25519 (RFC 7748 5). The secret is 32 random octets of the caller. MPT_EPROTO: the result is all zero. */
void mpt_crypto_x25519_share(uint8_t share[32], const uint8_t secret[32]);
int mpt_crypto_x25519(uint8_t out[32], const uint8_t secret[32], const uint8_t peer_share[32]);
/* Ed25519 (RFC 8032 5.1). The private key is its 32-octet seed. Verify: 0 or MPT_EPROTO. */
void mpt_crypto_ed25519_key(uint8_t key[32], const uint8_t seed[32]);
void mpt_crypto_ed25519_sign(uint8_t sig[64], const uint8_t seed[32], const void *data, size_t n);
int mpt_crypto_ed25519_verify(const uint8_t sig[64], const uint8_t key[32], const void *data, size_t n);
/* SipHash-2-4 of at most some hundred octets: a MAC of 64 bits (sec/SPEC.md 3.8). */
void mpt_crypto_siphash(uint8_t out[8], const uint8_t key[16], const void *data, size_t n);

/* 0 when equal; constant time. */
int mpt_crypto_compare(const void *a, const void *b, size_t n);
void mpt_crypto_wipe(void *p, size_t n);

#endif
