/* SPDX-License-Identifier: MIT */
/* check/keys.c - tokens, initial data sequence numbers and HMACs, written from the formulas of RFC 8684 3.1, 3.2
 * and 3.4.1 (hash functions: crypto/). Called by conn.c, join.c, addr.c. */
#include "check/state.h"
#include "crypto/crypto.h"

static void put(uint8_t *p, uint64_t x, int octets)
{
    while (octets-- > 0) {
        p[octets] = (uint8_t)x;
        x >>= 8;
    }
}

static uint64_t get(const uint8_t *p, int octets)
{
    uint64_t x = 0;

    while (octets-- > 0)
        x = x << 8 | *p++;
    return x;
}

/* RFC 8684 3.2: the most significant 32 bits of SHA-256 of the key. */
uint32_t keys_token(uint64_t key)
{
    struct digest h;
    uint8_t k[8];

    put(k, key, 8);
    mpt_crypto_sha256(h.octet, k, sizeof k);
    return (uint32_t)get(h.octet, 4);
}

/* RFC 8684 3.1: the least significant 64 bits. */
uint64_t keys_idsn(uint64_t key)
{
    struct digest h;
    uint8_t k[8];

    put(k, key, 8);
    mpt_crypto_sha256(h.octet, k, sizeof k);
    return get(h.octet + 24, 8);
}

struct digest keys_hmac(uint64_t first, uint64_t second, const void *message, size_t n)
{
    struct mpt_piece piece = {message, n};
    struct digest h;
    uint8_t k[16];

    put(k, first, 8);
    put(k + 8, second, 8);
    mpt_crypto_hmac(h.octet, k, sizeof k, &piece, 1);
    return h;
}

struct digest keys_join(uint64_t first, uint64_t second, uint32_t nonce_first, uint32_t nonce_second)
{
    uint8_t m[8];

    put(m, nonce_first, 4);
    put(m + 4, nonce_second, 4);
    return keys_hmac(first, second, m, sizeof m);
}
