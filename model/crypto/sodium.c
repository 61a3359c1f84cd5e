/* SPDX-License-Identifier: MIT */
/* crypto/sodium.c - the cryptography of the core by libsodium; the only file that includes its
 * header. SHA-256 makes tokens and IDSNs (RFC 8684 3.1), HMAC-SHA256 (RFC 2104, RFC 6234)
 * authenticates joins and addresses (RFC 8684 3.2, 3.4.1) and join records; AEADs (RFC 8439, RFC 5116),
 * X25519 (RFC 7748), Ed25519 (RFC 8032) and SipHash are MPTCPsec's. Called by conn/, jwd/ and sec/. */
#include <assert.h>
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

static_assert(sizeof(struct mpt_sha256) >= sizeof(crypto_hash_sha256_state), "SHA-256 state");

void mpt_crypto_sha256_init(struct mpt_sha256 *h)
{
    crypto_hash_sha256_init((crypto_hash_sha256_state *)h->state);
}

void mpt_crypto_sha256_add(struct mpt_sha256 *h, const void *data, size_t n)
{
    crypto_hash_sha256_update((crypto_hash_sha256_state *)h->state, data, n);
}

void mpt_crypto_sha256_end(struct mpt_sha256 *h, uint8_t out[32])
{
    crypto_hash_sha256_final((crypto_hash_sha256_state *)h->state, out);
    sodium_memzero(h, sizeof *h);
}

static void chacha_seal(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text,
                        size_t n)
{
    crypto_aead_chacha20poly1305_ietf_encrypt_detached(text, text + n, NULL, text, n, ad, ad_len, NULL, nonce, key);
}

static int chacha_open(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text,
                       size_t n)
{
    return crypto_aead_chacha20poly1305_ietf_decrypt_detached(text, NULL, text, n, text + n, ad, ad_len, nonce, key)
               ? MPT_EPROTO : 0;
}

static void aes_seal(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text,
                     size_t n)
{
    crypto_aead_aes256gcm_encrypt_detached(text, text + n, NULL, text, n, ad, ad_len, NULL, nonce, key);
}

static int aes_open(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text,
                    size_t n)
{
    return crypto_aead_aes256gcm_decrypt_detached(text, NULL, text, n, text + n, ad, ad_len, nonce, key)
               ? MPT_EPROTO : 0;
}

/* Messages: RFC 8439 2.8 (32-bit block counter), RFC 5116 5.2. Blocks of one key: sec/SPEC.md 3.4; ChaCha20 has no
 * limit of its own there, so it gets what generations of 16 GiB can never reach. */
static const struct mpt_aead chacha = {
    "chacha20-poly1305", MPT_AEAD_CHACHA20_POLY1305, UINT64_C(1) << 48, UINT64_C(0xffffffff) * 64, 1,
    chacha_seal, chacha_open };
static const struct mpt_aead aes = {
    "aes-256-gcm", MPT_AEAD_AES_256_GCM, UINT64_C(1) << 32, (UINT64_C(1) << 36) - 32, 1, aes_seal, aes_open };

const struct mpt_aead *mpt_crypto_aead(uint8_t id)
{
    if (id == MPT_AEAD_CHACHA20_POLY1305)
        return &chacha;
    return id == MPT_AEAD_AES_256_GCM && crypto_aead_aes256gcm_is_available() ? &aes : NULL;
}

void mpt_crypto_x25519_share(uint8_t share[32], const uint8_t secret[32])
{
    crypto_scalarmult_curve25519_base(share, secret);
}

int mpt_crypto_x25519(uint8_t out[32], const uint8_t secret[32], const uint8_t peer_share[32])
{
    return crypto_scalarmult_curve25519(out, secret, peer_share) ? MPT_EPROTO : 0;
}

/* libsodium's secret key is seed || key; it is made anew for each use, so that only seeds are kept. */
void mpt_crypto_ed25519_key(uint8_t key[32], const uint8_t seed[32])
{
    uint8_t both[64];

    crypto_sign_ed25519_seed_keypair(key, both, seed);
    sodium_memzero(both, sizeof both);
}

void mpt_crypto_ed25519_sign(uint8_t sig[64], const uint8_t seed[32], const void *data, size_t n)
{
    uint8_t both[64], key[32];

    crypto_sign_ed25519_seed_keypair(key, both, seed);
    crypto_sign_ed25519_detached(sig, NULL, data, n, both);
    sodium_memzero(both, sizeof both);
}

int mpt_crypto_ed25519_verify(const uint8_t sig[64], const uint8_t key[32], const void *data, size_t n)
{
    return crypto_sign_ed25519_verify_detached(sig, data, n, key) ? MPT_EPROTO : 0;
}

void mpt_crypto_siphash(uint8_t out[8], const uint8_t key[16], const void *data, size_t n)
{
    crypto_shorthash_siphash24(out, data, n, key);
}
