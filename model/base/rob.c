/* SPDX-License-Identifier: MIT */
/* base/rob.c - reassembly of octets that arrive in any order (RFC 9293 3.10.7.4; RFC 8684 3.3.1 for
 * the connection's own space). Read rob.h first. Called by flow/ and conn/ for each segment with
 * data, so the in-order case is the first line of put and touches one or two chunks.
 *
 * Invariant: a slot of the ring is not NULL only if its chunk holds a present octet at or behind
 * head. So with head == tail and no range beyond, no chunk is held at all. */
#include "base/rob.h"

#include <assert.h>
#include <string.h>

/* A flow begins behind its SYN, a connection at its first octet. */
void mpt_rob_init(struct mpt_rob *rob, uint64_t at)
{
    memset(rob, 0, sizeof *rob);
    rob->head = rob->tail = at;
    mpt_ranges_init(&rob->ofo);
}

/* Keeps its place: what was read stays read. */
void mpt_rob_clear(struct mpt_rob *rob, struct mpt_mem *mem)
{
    mpt_chunks_clear(&rob->chunks, mem);
    mpt_ranges_clear(&rob->ofo, mem);
    mpt_rob_init(rob, rob->head);
}

/* Gathers `missing` chunks before any is placed, so that running out changes nothing. */
static int take_chunks(struct mpt_mem *mem, struct mpt_chunk **list, uint32_t missing)
{
    *list = NULL;
    for (; missing; missing--) {
        struct mpt_chunk *chunk = mpt_mem_chunk(mem);

        if (!chunk) {
            while (*list) {
                chunk = *list;
                *list = chunk->next;
                mpt_mem_unchunk(mem, chunk);
            }
            return MPT_ENOMEM;
        }
        chunk->next = *list;
        *list = chunk;
    }
    return 0;
}

/* Sees to it that chunks first..last exist: 0, or MPT_ENOMEM with nothing placed. */
static int hold_chunks(struct mpt_rob *rob, struct mpt_mem *mem, uint64_t first, uint64_t last)
{
    struct mpt_chunk *list;
    uint32_t missing = 0;

    if (mpt_chunks_reach(&rob->chunks, mem, rob->head / MPT_CHUNK, last) < 0)
        return MPT_ENOMEM;
    for (uint64_t i = first; i <= last; i++)
        missing += *mpt_chunks_slot(&rob->chunks, i) == NULL;
    if (!missing)
        return 0;
    if (take_chunks(mem, &list, missing) < 0)
        return MPT_ENOMEM;
    for (uint64_t i = first; i <= last; i++) {
        struct mpt_chunk **slot = mpt_chunks_slot(&rob->chunks, i);

        if (*slot)
            continue;
        *slot = list;
        list = list->next;
        (*slot)->next = NULL;
    }
    return 0;
}

/* Copies only into the holes of [x, x + n): the first copy of an octet wins, whatever comes later,
 * so that nobody can change what an application may already have been promised (RFC 9293
 * 3.10.7.4). */
static uint64_t copy_holes(struct mpt_rob *rob, uint64_t x, const uint8_t *data, size_t n)
{
    const struct mpt_range *r = rob->ofo.at + mpt_ranges_find(&rob->ofo, x);
    const struct mpt_range *end = rob->ofo.at + rob->ofo.count;
    uint64_t to = x + n, fresh = 0;

    while (x < to) {
        uint64_t hole = r < end && r->from < to ? r->from : to;

        if (hole > x) {
            mpt_chunks_write(&rob->chunks, x, data, (size_t)(hole - x));
            data += hole - x;
            fresh += hole - x;
            x = hole;
        }
        if (x < to) { /* x == r->from, or x began inside r */
            uint64_t skip = (r->to < to ? r->to : to) - x;

            data += skip;
            x += skip;
            r++;
        }
    }
    return fresh;
}

/* Takes ranges that touch the tail into the in-order part. */
static void swallow_ranges(struct mpt_rob *rob)
{
    uint32_t i = 0;

    while (i < rob->ofo.count && rob->ofo.at[i].from <= rob->tail) {
        if (rob->ofo.at[i].to > rob->tail)
            rob->tail = rob->ofo.at[i].to;
        i++;
    }
    if (i)
        mpt_ranges_trim(&rob->ofo, rob->tail);
}

/* Beyond the tail there is always a hole in front, so tail does not move. */
static int64_t put_out_of_order(struct mpt_rob *rob, struct mpt_mem *mem, uint64_t x,
                                const uint8_t *data, size_t n)
{
    uint64_t fresh;

    /* Room for the range is taken before chunks are placed: after this point nothing can fail. */
    if (mpt_ranges_reserve(&rob->ofo, mem, rob->ofo.count + 1) < 0 ||
        hold_chunks(rob, mem, x / MPT_CHUNK, (x + n - 1) / MPT_CHUNK) < 0)
        return MPT_ENOMEM;
    fresh = copy_holes(rob, x, data, n);
    mpt_ranges_add(&rob->ofo, mem, x, x + n);
    return (int64_t)fresh;
}

/* Old octets are cut off first; what is left begins at the tail or beyond. At the tail no range is
 * stored, even when others wait: tail itself says what is there. */
int64_t mpt_rob_put(struct mpt_rob *rob, struct mpt_mem *mem, uint64_t x, const uint8_t *data,
                    size_t n)
{
    uint64_t fresh = n;

    if (x < rob->tail) {
        if (n <= rob->tail - x)
            return 0;
        data += rob->tail - x;
        n -= (size_t)(rob->tail - x);
        x = rob->tail;
        fresh = n;
    }
    if (n == 0)
        return 0;
    if (x > rob->tail)
        return put_out_of_order(rob, mem, x, data, n);
    if (hold_chunks(rob, mem, x / MPT_CHUNK, (x + n - 1) / MPT_CHUNK) < 0)
        return MPT_ENOMEM;
    if (rob->ofo.count == 0) {
        mpt_chunks_write(&rob->chunks, x, data, n);
        rob->tail += n;
        return (int64_t)fresh;
    }
    fresh = copy_holes(rob, x, data, n);
    rob->tail += n;
    swallow_ranges(rob);
    return (int64_t)fresh;
}

/* What the reader gets next. */
size_t mpt_rob_peek(const struct mpt_rob *rob, const uint8_t **p)
{
    return mpt_rob_peek_at(rob, rob->head, p);
}

/* A piece ends where its chunk ends: the caller loops, and nothing is copied to make it longer. */
size_t mpt_rob_peek_at(const struct mpt_rob *rob, uint64_t x, const uint8_t **p)
{
    size_t at = x % MPT_CHUNK, n = MPT_CHUNK - at;

    if (x < rob->head || x >= rob->tail)
        return 0;
    if (n > rob->tail - x)
        n = (size_t)(rob->tail - x);
    *p = (*mpt_chunks_slot(&rob->chunks, x / MPT_CHUNK))->data + at;
    return n;
}

size_t mpt_rob_copy(const struct mpt_rob *rob, uint64_t x, uint8_t *out, size_t n)
{
    size_t got = 0, m;
    const uint8_t *p;

    while (got < n && (m = mpt_rob_peek_at(rob, x + got, &p)) > 0) {
        m = m > n - got ? n - got : m;
        memcpy(out + got, p, m);
        got += m;
    }
    return got;
}

/* Frees chunks first..last-of-head; the one head lies in only if nothing at or behind head is in
 * it. */
static void free_before_head(struct mpt_rob *rob, struct mpt_mem *mem, uint64_t first)
{
    uint64_t last = rob->head / MPT_CHUNK;
    uint64_t end = (last + 1) * MPT_CHUNK;

    if (!rob->chunks.room)
        return;
    if (last - first >= rob->chunks.room)
        first = last - rob->chunks.room; /* once around the ring is everything */
    for (uint64_t i = first; i < last; i++)
        mpt_chunks_free(&rob->chunks, mem, i);
    if (rob->head == rob->tail && (rob->ofo.count == 0 || rob->ofo.at[0].from >= end))
        mpt_chunks_free(&rob->chunks, mem, last);
}

/* Chunks go as soon as their last octet is read. */
void mpt_rob_drop(struct mpt_rob *rob, struct mpt_mem *mem, uint64_t n)
{
    uint64_t first = rob->head / MPT_CHUNK;

    assert(n <= mpt_rob_readable(rob));
    rob->head += n;
    free_before_head(rob, mem, first);
}

/* What never was stored needs no chunk, so in order this is two assignments. */
void mpt_rob_skip(struct mpt_rob *rob, struct mpt_mem *mem, uint64_t to)
{
    uint64_t first = rob->head / MPT_CHUNK;

    assert(rob->head == rob->tail);
    if (to <= rob->tail)
        return;
    rob->head = rob->tail = to;
    if (rob->ofo.count == 0)
        return; /* by the invariant there is no chunk either */
    mpt_ranges_trim(&rob->ofo, to);
    swallow_ranges(rob);
    free_before_head(rob, mem, first);
}
