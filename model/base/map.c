/* SPDX-License-Identifier: MIT */
/* base/map.c - hash map by chaining, hashed with SipHash-1-3 (Aumasson, Bernstein, "SipHash: a fast
 * short-input PRF", 2012): keyed, so that a peer who picks ports or tokens cannot pile them into
 * one bucket. Used by api/ to find the subflow of a 4-tuple for each packet, and the connection of
 * a token. */
#include "base/map.h"

#include <string.h>

enum { MAP_FIRST = 16 /* buckets at first */ };

/* The first buckets come with the map: without them nothing could be added, later growth is
 * optional. */
int mpt_map_init(struct mpt_map *m, struct mpt_mem *mem, const uint64_t key[2])
{
    memset(m, 0, sizeof *m);
    m->bucket = mpt_mem_zalloc(mem, MAP_FIRST * sizeof *m->bucket);
    if (!m->bucket)
        return MPT_ENOMEM;
    m->buckets = MAP_FIRST;
    m->key[0] = key[0];
    m->key[1] = key[1];
    return 0;
}

/* Nodes are their owners'; only the buckets go. */
void mpt_map_clear(struct mpt_map *m, struct mpt_mem *mem)
{
    mpt_mem_free(mem, m->bucket, m->buckets * sizeof *m->bucket);
    memset(m, 0, sizeof *m);
}

/* n is 1 to 63. */
static uint64_t rotate(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

/* SipRound of the paper, section 2. */
static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* Little-endian by shifts, so that the hash is the same on every machine. */
static uint64_t get_le64(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

/* One word in, c = 1 round (section 2.2 of the paper). */
static void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

/* SipHash-1-3 rather than 2-4: enough for hash tables, and half the time for a 4-tuple. */
uint64_t mpt_map_hash(const struct mpt_map *m, const void *data, size_t n)
{
    uint64_t v[4] = {m->key[0] ^ 0x736f6d6570736575u, m->key[1] ^ 0x646f72616e646f6du,
                     m->key[0] ^ 0x6c7967656e657261u, m->key[1] ^ 0x7465646279746573u};
    uint64_t last = (uint64_t)n << 56;
    const uint8_t *p = data;

    for (; n >= 8; n -= 8, p += 8)
        sip_word(v, get_le64(p));
    while (n--)
        last |= (uint64_t)p[n] << (8 * n);
    sip_word(v, last);
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The low bits: SipHash has mixed them as well as the others. */
static struct mpt_map_node **bucket_of(const struct mpt_map *m, uint64_t hash)
{
    return &m->bucket[hash & (m->buckets - 1)];
}

/* Twice the buckets. Failure is harmless: the old ones still work. */
static void grow_buckets(struct mpt_map *m, struct mpt_mem *mem)
{
    uint32_t old = m->buckets;
    struct mpt_map_node **from = m->bucket;
    struct mpt_map_node **to =
        old < UINT32_MAX / 4 ? mpt_mem_zalloc(mem, 2u * old * sizeof *to) : NULL;

    /* longer chains are slower, never wrong */
    if (!to)
        return;
    m->bucket = to;
    m->buckets = 2 * old;
    for (uint32_t i = 0; i < old; i++) {
        while (from[i]) {
            struct mpt_map_node *node = from[i], **bucket = bucket_of(m, node->hash);

            from[i] = node->next;
            node->next = *bucket;
            *bucket = node;
        }
    }
    mpt_mem_free(mem, from, old * sizeof *from);
}

/* One node per bucket on average at most, if memory allows. */
void mpt_map_add(struct mpt_map *m, struct mpt_mem *mem, struct mpt_map_node *node, uint64_t hash)
{
    struct mpt_map_node **bucket;

    if (m->count >= m->buckets)
        grow_buckets(m, mem);
    bucket = bucket_of(m, hash);
    node->hash = hash;
    node->next = *bucket;
    *bucket = node;
    m->count++;
}

/* A node that is not in the map is left alone. */
void mpt_map_remove(struct mpt_map *m, struct mpt_map_node *node)
{
    struct mpt_map_node **at = bucket_of(m, node->hash);

    while (*at && *at != node)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = node->next;
    node->next = NULL;
    m->count--;
}

/* Chains are short; equal 64-bit hashes are nearly always equal keys, but the caller compares. */
static struct mpt_map_node *skip_others(struct mpt_map_node *node, uint64_t hash)
{
    while (node && node->hash != hash)
        node = node->next;
    return node;
}

/* There may be several with the hash: the caller compares keys. */
struct mpt_map_node *mpt_map_first(const struct mpt_map *m, uint64_t hash)
{
    return skip_others(*bucket_of(m, hash), hash);
}

struct mpt_map_node *mpt_map_next(const struct mpt_map_node *node)
{
    return skip_others(node->next, node->hash);
}
