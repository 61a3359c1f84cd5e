/* SPDX-License-Identifier: MIT */
/* run/payload.c - keyed payload; see payload.h. Octets 8i to 8i+7 are mix(key ^ i), little-endian. */
#include "run/payload.h"

#include <string.h>

#include "rng.h"

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* Its inverse: the multipliers are the inverses modulo 2^64. */
static uint64_t unmix(uint64_t x)
{
    x = (x ^ x >> 31 ^ x >> 62) * 0x319642b2d24d8ec3u;
    x = (x ^ x >> 27 ^ x >> 54) * 0x96de1b173f119089u;
    return x ^ x >> 30 ^ x >> 60;
}

/* Little-endian on every host, in one store: octet by octet this was half the time of a bulk run. */
static uint64_t to_little(uint64_t w)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(w);
#else
    return w;
#endif
}

/* memcpy: octets of a stream lie at any address. */
static void put_word(uint8_t out[8], uint64_t w)
{
    w = to_little(w);
    memcpy(out, &w, sizeof w);
}

static uint64_t get_word(const uint8_t in[8])
{
    uint64_t w;

    memcpy(&w, in, sizeof w);
    return to_little(w);
}

/* Another key for each connection and direction: octets of a wrong connection never pass for
 * right. */
void payload_init(struct payload *p, uint64_t seed, uint64_t connection, unsigned direction)
{
    struct rng rng;

    rng_init(&rng, seed, direction ? "payload/down" : "payload/up");
    p->key = mix(rng_u64(&rng) + connection);
}

/* The part of one word that is asked for, at the ends of a piece. */
static size_t fill_part(const struct payload *p, uint64_t offset, uint8_t *out, size_t n)
{
    size_t skip = offset % 8, part = 8 - skip < n ? 8 - skip : n;
    uint8_t word[8];

    put_word(word, mix(p->key ^ offset / 8));
    memcpy(out, word + skip, part);
    return part;
}

/* A part of a word at either end, whole words between them. */
void payload_fill(const struct payload *p, uint64_t offset, uint8_t *out, size_t n)
{
    size_t done = offset % 8 != 0 && n > 0 ? fill_part(p, offset, out, n) : 0;

    uint64_t key = p->key, word = (offset + done) / 8;

    for (; n - done >= 8; done += 8)
        put_word(out + done, mix(key ^ word++));
    if (done < n)
        fill_part(p, offset + done, out + done, n - done);
}

/* Do these octets belong to another place of the stream? Two neighbouring words must agree on it. */
static enum payload_verdict find_place(const struct payload *p, uint64_t offset, const uint8_t *in,
                                       size_t n)
{
    for (size_t s = 0; s < 8 && s + 16 <= n; s++) {
        uint64_t i = unmix(get_word(in + s)) ^ p->key;
        uint64_t j = unmix(get_word(in + s + 8)) ^ p->key;

        /* unmixed words of our own payload count up; of anything else they are noise */
        if (j != i + 1 || i >= UINT64_MAX / 8)
            continue;
        if (8 * i == offset + s)
            break; /* what follows is where it belongs: only octets before it are wrong */
        return 8 * i > offset + s ? PAYLOAD_LOST : PAYLOAD_REPEATED;
    }
    return PAYLOAD_CORRUPT;
}

/* Compared in pieces of half a kilobyte; the octets are searched only where memcmp found a
 * difference. */
enum payload_verdict payload_check(const struct payload *p, uint64_t offset, const uint8_t *in, size_t n,
                                   uint64_t *bad)
{
    uint8_t want[512];

    for (size_t done = 0; done < n;) {
        size_t part = n - done < sizeof want ? n - done : sizeof want;

        payload_fill(p, offset + done, want, part);
        for (size_t i = 0; memcmp(want, in + done, part) != 0 && i < part; i++)
            if (want[i] != in[done + i]) {
                *bad = offset + done + i;
                return find_place(p, *bad, in + done + i, n - done - i);
            }
        done += part;
    }
    return PAYLOAD_GOOD;
}

const char *payload_verdict_name(enum payload_verdict verdict)
{
    static const char *const names[] = {"good", "corrupted", "lost", "repeated"};

    return names[verdict];
}
