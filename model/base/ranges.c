/* SPDX-License-Identifier: MIT */
/* base/ranges.c - a sorted set of half-open ranges. Users: rob.c (what lies beyond the tail) and
 * flow/'s SACK scoreboard (RFC 2018, RFC 6675 3). Touching ranges are always merged, so the number
 * of entries is the number of holes plus one. */
#include "base/ranges.h"

#include <string.h>


/* Empty: the array comes with the first range. */
void mpt_ranges_init(struct mpt_ranges *r)
{
    memset(r, 0, sizeof *r);
}

/* The array goes too; a set that is merely empty keeps it for the next loss. */
void mpt_ranges_clear(struct mpt_ranges *r, struct mpt_mem *mem)
{
    mpt_mem_free(mem, r->at, r->room * sizeof *r->at);
    mpt_ranges_init(r);
}

/* Doubling: an attacker who sends every other octet costs copies in proportion to his packets. */
int mpt_ranges_reserve(struct mpt_ranges *r, struct mpt_mem *mem, uint32_t n)
{
    return mpt_mem_grow(mem, &r->at, &r->room, n, sizeof *r->at);
}

/* First index in [low, count) whose range ends at or behind x: where [x, ...) would merge. */
static uint32_t find_touching(const struct mpt_ranges *r, uint64_t x)
{
    uint32_t low = 0, high = r->count;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (r->at[mid].to < x)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* A range that touches no other gets a place of its own: the only step that may need memory. */
static int64_t insert_at(struct mpt_ranges *r, struct mpt_mem *mem, uint32_t i, uint64_t from,
                         uint64_t to)
{
    if (mpt_ranges_reserve(r, mem, r->count + 1) < 0)
        return MPT_ENOMEM;
    memmove(r->at + i + 1, r->at + i, (r->count - i) * sizeof *r->at);
    r->at[i].from = from;
    r->at[i].to = to;
    r->count++;
    return (int64_t)(to - from);
}

/* Merges [from, to) with the ranges from i on, the first of which is known to touch it. */
static int64_t merge_at(struct mpt_ranges *r, uint32_t i, uint64_t from, uint64_t to)
{
    uint64_t had = 0;
    uint32_t j = i;

    if (r->at[i].from < from)
        from = r->at[i].from;
    for (; j < r->count && r->at[j].from <= to; j++) {
        had += r->at[j].to - r->at[j].from;
        if (r->at[j].to > to)
            to = r->at[j].to;
    }
    r->at[i].from = from;
    r->at[i].to = to;
    memmove(r->at + i + 1, r->at + j, (r->count - j) * sizeof *r->at);
    r->count -= j - i - 1;
    return (int64_t)(to - from - had);
}

/* Three cases by how often they come: the last range grows, a hole's edge moves or closes, a new
 * hole opens. Binary search, then at most one memmove. */
int64_t mpt_ranges_add(struct mpt_ranges *r, struct mpt_mem *mem, uint64_t from, uint64_t to)
{
    uint32_t i;

    if (from >= to)
        return 0;
    /* Behind one loss everything else arrives in order: the last range grows. */
    if (r->count && r->at[r->count - 1].to == from) {
        r->at[r->count - 1].to = to;
        return (int64_t)(to - from);
    }
    i = find_touching(r, from);
    if (i == r->count || r->at[i].from > to)
        return insert_at(r, mem, i, from, to);
    return merge_at(r, i, from, to);
}

/* A cumulative acknowledgement passed: ranges before it go, the one it cuts begins there. */
void mpt_ranges_trim(struct mpt_ranges *r, uint64_t to)
{
    uint32_t i = mpt_ranges_find(r, to);

    if (i < r->count && r->at[i].from < to)
        r->at[i].from = to;
    if (i == 0)
        return;
    memmove(r->at, r->at + i, (r->count - i) * sizeof *r->at);
    r->count -= i;
}

/* The same search as find_touching, but a range that ends at x does not contain it. */
uint32_t mpt_ranges_find(const struct mpt_ranges *r, uint64_t x)
{
    uint32_t low = 0, high = r->count;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (r->at[mid].to <= x)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}
