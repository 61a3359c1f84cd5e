/* SPDX-License-Identifier: MIT */
/* base/ranges.h - a sorted set of half-open ranges of 64-bit sequence numbers, merged when they
 * touch. An array: few ranges are ever alive, and binary search over 16-byte entries beats any
 * tree. */
#ifndef BASE_RANGES_H
#define BASE_RANGES_H

#include "base/mem.h"

struct mpt_range {
    uint64_t from; /* first inside */
    uint64_t to;   /* first behind */
};

struct mpt_ranges {
    struct mpt_range *at; /* sorted, disjoint, not touching */
    /* ranges there are, and how many the array has room for */
    uint32_t count;
    uint32_t room;
};

void mpt_ranges_init(struct mpt_ranges *r);
void mpt_ranges_clear(struct mpt_ranges *r, struct mpt_mem *mem);
/* Room for n ranges, so that adds up to that count cannot fail: 0 or MPT_ENOMEM. */
int mpt_ranges_reserve(struct mpt_ranges *r, struct mpt_mem *mem, uint32_t n);
/* Adds [from, to). Octets that were new, or MPT_ENOMEM (set unchanged). */
int64_t mpt_ranges_add(struct mpt_ranges *r, struct mpt_mem *mem, uint64_t from, uint64_t to);
/* Drops everything before `to`. */
void mpt_ranges_trim(struct mpt_ranges *r, uint64_t to);
/* Index of the first range that ends behind x (contains x or lies after it); count when none. */
uint32_t mpt_ranges_find(const struct mpt_ranges *r, uint64_t x);

#endif
