/* SPDX-License-Identifier: MIT */
/* rng.h - named substreams of random numbers.
 *
 * Every random choice of a run is ours and comes from the stream of one (seed, purpose): the same pair
 * gives the same draws on every engine, machine and compiler, so that the variants of a comparison see
 * the same luck and their differences are paired. Purposes are paths such as "lte/up/0/loss".
 * Not for keys of real connections: a TUN host fills mpt_env.random from the operating system. */
#ifndef RNG_H
#define RNG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One stream: the state of xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021). */
struct rng {
    uint64_t s[4]; /* never all zero */
};

/* purpose: a name like "wifi/up/1/loss"; streams of different names are independent. */
void rng_init(struct rng *rng, uint64_t seed, const char *purpose);
uint64_t rng_u64(struct rng *rng);
/* In [0, 1), a multiple of 2^-53. */
double rng_uniform(struct rng *rng);
/* In [0, n), without bias worth naming for n below 2^32; 0 when n is 0. */
uint64_t rng_below(struct rng *rng, uint64_t n);
/* Little-endian octets of as many draws as needed: the same on every machine. */
void rng_bytes(struct rng *rng, void *out, size_t n);
/* The same with the signature of mpt_env.random; ctx is a struct rng. */
void rng_random(void *ctx, void *out, size_t n);

#ifdef __cplusplus
}
#endif
#endif
