/* SPDX-License-Identifier: MIT */
/* hash.c - the byte hash of a run (see hash.h). Called by the recorder from the engine's tap. */
#include "hash.h"

#include <string.h>

#define HASH_P1 0x9e3779b185ebca87u /* odd, about 2^64 / golden ratio */
#define HASH_P2 0xc2b2ae3d27d4eb4fu /* odd, dense in ones and zeroes */

static uint64_t rotate_left(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

/* The same value on every machine; memcpy, since packets lie at any address. */
static uint64_t read_le64(const uint8_t *p)
{
    uint64_t x;

    memcpy(&x, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x;
}

/* One round: multiply, rotate, multiply. Both multipliers are odd, so that nothing is lost. */
static uint64_t mix(uint64_t lane, uint64_t x)
{
    return rotate_left(lane + x * HASH_P2, 31) * HASH_P1;
}

/* The four lanes do not wait for one another: a superscalar processor runs them side by side. */
static void add_block(struct hash *hash, const uint8_t *p)
{
    hash->lane[0] = mix(hash->lane[0], read_le64(p));
    hash->lane[1] = mix(hash->lane[1], read_le64(p + 8));
    hash->lane[2] = mix(hash->lane[2], read_le64(p + 16));
    hash->lane[3] = mix(hash->lane[3], read_le64(p + 24));
}

/* Lanes begin differently: the same words in other lanes give another hash. */
void hash_init(struct hash *hash)
{
    int i;

    for (i = 0; i < 4; i++)
        hash->lane[i] = HASH_P1 * (uint64_t)(i + 1);
    hash->octets = 0;
}

/* For times and numbers beside the octets. */
void hash_u64(struct hash *hash, uint64_t value)
{
    hash->lane[0] = mix(hash->lane[0], value);
    hash->octets += 8;
}

/* Blocks of 32 octets; the last is padded with zeroes. */
void hash_bytes(struct hash *hash, const void *data, size_t n)
{
    const uint8_t *p = data;
    uint8_t tail[32];
    size_t left = n;

    for (; left >= 32; left -= 32, p += 32)
        add_block(hash, p);
    if (left > 0) {
        memset(tail, 0, sizeof tail);
        memcpy(tail, p, left);
        add_block(hash, tail);
    }
    /* The length frames the piece: zeroes of the padding differ from zeroes of the data. */
    hash->lane[3] = mix(hash->lane[3], n);
    hash->octets += n;
}

/* May be asked at any time: it changes nothing. */
uint64_t hash_value(const struct hash *hash)
{
    uint64_t h = hash->octets;
    int i;

    for (i = 0; i < 4; i++)
        h = mix(h ^ hash->lane[i], rotate_left(hash->lane[i], 7 * (i + 1)));
    h = (h ^ (h >> 33)) * HASH_P2;
    return h ^ (h >> 29);
}
