/* SPDX-License-Identifier: MIT */
/* base/mem.c - the allocator of a stack: env.alloc, counted, and a free list of data chunks.
 * Every room allocates through it, so that a test can fail the n-th call and count what leaks. */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* env.alloc NULL. The size 0 case is ours: realloc(p, 0) is implementation-defined (C11 7.22.3). */
static void *default_alloc(void *ctx, void *old, size_t old_size, size_t new_size)
{
    (void)ctx;
    (void)old_size;
    if (new_size == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, new_size);
}

/* Sizes are the caller's word for it; a wrong one shows as bytes left in the tests. */
static void count_bytes(struct mpt_mem *mem, size_t minus, size_t plus)
{
    mem->bytes += plus;
    mem->bytes -= minus;
    if (mem->bytes > mem->peak)
        mem->peak = mem->bytes;
}

/* Without env, or without its allocator, that of the C library. */
void mpt_mem_init(struct mpt_mem *mem, const struct mpt_env *env)
{
    memset(mem, 0, sizeof *mem);
    mem->alloc = env && env->alloc ? env->alloc : default_alloc;
    mem->ctx = env ? env->alloc_ctx : NULL;
}

/* Whoever still holds blocks keeps them: only the spare chunks are the allocator's own. */
void mpt_mem_clear(struct mpt_mem *mem)
{
    while (mem->spare) {
        struct mpt_chunk *chunk = mem->spare;

        mem->spare = chunk->next;
        mpt_mem_free(mem, chunk, sizeof *chunk);
    }
    mem->spares = 0;
}

/* A block that grew from nothing: one path through the host's allocator for both. */
void *mpt_mem_alloc(struct mpt_mem *mem, size_t n)
{
    return mpt_mem_resize(mem, NULL, 0, n);
}

/* For structs: a field that nobody sets is 0. */
void *mpt_mem_zalloc(struct mpt_mem *mem, size_t n)
{
    void *p = mpt_mem_alloc(mem, n);

    if (p)
        memset(p, 0, n);
    return p;
}

/* Every allocation passes here, so "fail the n-th" reaches all. Nothing is counted when the host
 * has nothing to give, and the old block stands. */
void *mpt_mem_resize(struct mpt_mem *mem, void *p, size_t old_size, size_t new_size)
{
    void *q;

    if (new_size == 0) {
        mpt_mem_free(mem, p, old_size);
        return NULL;
    }
    mem->calls++;
    q = mem->alloc(mem->ctx, p, old_size, new_size);
    if (q)
        count_bytes(mem, old_size, new_size);
    return q;
}

/* The one way that arrays of this library grow: by doubling, so that n elements cost n copies at most. */
int mpt_mem_grow(struct mpt_mem *mem, void *array, uint32_t *room, uint32_t need, size_t each)
{
    void *old, *p;
    uint32_t n = *room ? *room : MPT_GROW_FIRST;

    if (need <= *room)
        return 0;
    while (n < need)
        n *= 2;
    memcpy(&old, array, sizeof old);
    p = mpt_mem_resize(mem, old, *room * each, n * each);
    if (!p)
        return MPT_ENOMEM;
    memcpy(array, &p, sizeof p);
    *room = n;
    return 0;
}

/* A host's allocator gets the size back: it need not store it. */
void mpt_mem_free(struct mpt_mem *mem, void *p, size_t n)
{
    if (!p)
        return;
    count_bytes(mem, n, 0);
    mem->alloc(mem->ctx, p, n, 0);
}

/* Only the head is set: zeroing 4 KiB that are overwritten at once would cost more than the
 * copy. */
struct mpt_chunk *mpt_mem_chunk(struct mpt_mem *mem)
{
    struct mpt_chunk *chunk = mem->spare;

    if (chunk) {
        mem->spare = chunk->next;
        if (--mem->spares < mem->spares_unused)
            mem->spares_unused = mem->spares;
    } else {
        chunk = mpt_mem_alloc(mem, sizeof *chunk);
        if (!chunk)
            return NULL;
    }
    mem->taken = 1;
    chunk->next = NULL;
    chunk->pins = 0;
    chunk->zero = 0;
    return chunk;
}

/* The list is bounded: a burst that once filled megabytes of reassembly gives them back to the
 * host, while a steady transfer lives on the spare ones. Last in, first out: that chunk is in the
 * cache. */
void mpt_mem_unchunk(struct mpt_mem *mem, struct mpt_chunk *chunk)
{
    if (mem->spares >= MPT_CHUNK_SPARE) {
        mpt_mem_free(mem, chunk, sizeof *chunk);
        return;
    }
    chunk->next = mem->spare;
    mem->spare = chunk;
    mem->spares++;
}

/* While chunks come and go, those count that were spare over many calls: losses come back after seconds, and what waits
 * behind a hole then must not be asked of the host again. Half of them a time, for the same reason. */
void mpt_mem_trim(struct mpt_mem *mem)
{
    if (mem->taken && ++mem->waits < MPT_TRIM_WAITS) {
        mem->taken = 0;
        return;
    }
    mem->taken = mem->waits = 0;
    mem->spares_unused = (mem->spares_unused + 1) / 2;
    while (mem->spares_unused > 0 && mem->spare) {
        struct mpt_chunk *chunk = mem->spare;

        mem->spare = chunk->next;
        mem->spares--;
        mem->spares_unused--;
        mpt_mem_free(mem, chunk, sizeof *chunk);
    }
    mem->spares_unused = mem->spares;
}
