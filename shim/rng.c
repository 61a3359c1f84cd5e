/* SPDX-License-Identifier: MIT */
/* rng.c - named substreams: FNV-1a of the purpose and the seed start SplitMix64, which fills the state
 * of xoshiro256** (as its authors advise). Called by box/, loop/, the recorder and the traffic. */
#include "rng.h"

static uint64_t rotate_left(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
static uint64_t next_splitmix(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* FNV-1a, 64 bits: names differ in few letters, and SplitMix64 after it spreads them. */
static uint64_t hash_name(const char *name)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *name; name++)
        h = (h ^ (uint8_t)*name) * 0x100000001b3u;
    return h;
}

/* The same seed and purpose give the same stream, whatever else is drawn. */
void rng_init(struct rng *rng, uint64_t seed, const char *purpose)
{
    uint64_t from_seed = seed;
    /* The seed passes SplitMix64 before it meets the name, so that seed 1 of one purpose cannot be
     * seed 2 of another. */
    uint64_t x = next_splitmix(&from_seed) ^ hash_name(purpose);
    int i;

    for (i = 0; i < 4; i++)
        rng->s[i] = next_splitmix(&x);
}

/* xoshiro256** (Blackman, Vigna, ACM TOMS 2021). */
uint64_t rng_u64(struct rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/* In [0, 1). */
double rng_uniform(struct rng *rng)
{
    /* 53 bits fit a double exactly: no rounding that could differ or give 1. */
    return (double)(rng_u64(rng) >> 11) * 0x1p-53;
}

/* The remainder favours small numbers by n / 2^64, which nothing here can notice. */
uint64_t rng_below(struct rng *rng, uint64_t n)
{
    return n ? rng_u64(rng) % n : 0;
}

/* Little-endian words; the rest of the last one is thrown away. */
void rng_bytes(struct rng *rng, void *out, size_t n)
{
    uint8_t *to = out;

    while (n > 0) {
        uint64_t x = rng_u64(rng);
        size_t k;

        for (k = 0; k < 8 && n > 0; k++, n--, x >>= 8)
            *to++ = (uint8_t)x;
    }
}

void rng_random(void *ctx, void *out, size_t n)
{
    rng_bytes(ctx, out, n);
}
