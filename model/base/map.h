/* SPDX-License-Identifier: MIT */
/* base/map.h - intrusive hash map with chaining; the caller hashes (mpt_map_hash is keyed) and
 * compares. Iteration order is never used for anything that reaches the wire. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/mem.h"

struct mpt_map_node {
    /* in its bucket */
    struct mpt_map_node *next;
    /* all 64 bits: growing needs no second hashing, looking few comparisons of keys */
    uint64_t hash;
};

struct mpt_map {
    /* heads of the chains */
    struct mpt_map_node **bucket;
    uint32_t buckets; /* power of two */
    uint32_t count;
    uint64_t key[2]; /* of mpt_map_hash, from env.random: a peer cannot aim at one bucket */
};

int mpt_map_init(struct mpt_map *m, struct mpt_mem *mem,
                 const uint64_t key[2]); /* 0 or MPT_ENOMEM */
void mpt_map_clear(struct mpt_map *m, struct mpt_mem *mem);
uint64_t mpt_map_hash(const struct mpt_map *m, const void *data, size_t n);
/* Adds (grows when it can; a failed growth only makes chains longer). */
void mpt_map_add(struct mpt_map *m, struct mpt_mem *mem, struct mpt_map_node *node, uint64_t hash);
void mpt_map_remove(struct mpt_map *m, struct mpt_map_node *node);
/* First node of the chain with that hash, and the next such node. */
struct mpt_map_node *mpt_map_first(const struct mpt_map *m, uint64_t hash);
struct mpt_map_node *mpt_map_next(const struct mpt_map_node *node);

#endif
