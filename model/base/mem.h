/* SPDX-License-Identifier: MIT */
/* base/mem.h - the allocator behind everything in model/: env.alloc, counted, with a free list of
 * chunks so that a steady transfer allocates nothing. One per stack; every room gets it by
 * pointer. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "mpt.h"

enum {
    MPT_CHUNK = 4096 /* octets of one data chunk */,
    MPT_CHUNK_SPARE = 1024 /* kept free at most */,
    MPT_TRIM_WAITS = 16 /* calls of mpt_mem_trim that look at one stretch of a busy stack */,
    MPT_GROW_FIRST = 4 /* elements of a growing array at first */
};

/* A piece of stream or reassembly data. */
struct mpt_chunk {
    struct mpt_chunk *next; /* the owner's list, or the free list */
    uint32_t pins;          /* mappings that still owe octets of it (send side) */
    uint32_t zero;
    uint8_t data[MPT_CHUNK];
};

struct mpt_mem {
    /* env.alloc and its first argument (mpt.h) */
    void *(*alloc)(void *ctx, void *old, size_t old_size, size_t new_size);
    void *ctx;
    struct mpt_chunk *spare; /* free chunks */
    uint32_t spares;         /* how many */
    uint32_t spares_unused;  /* fewest in the present stretch: nobody needed these */
    uint32_t taken;          /* 1: a chunk was taken since the last trim */
    uint32_t waits;          /* trims since this stretch began */
    uint64_t bytes;          /* allocated now, spare chunks included */
    uint64_t peak;           /* most ever */
    uint64_t calls;          /* allocations asked of the host */
};

void mpt_mem_init(struct mpt_mem *mem, const struct mpt_env *env); /* env->alloc NULL: malloc */
void mpt_mem_clear(struct mpt_mem *mem);                           /* gives the spare chunks back */
void *mpt_mem_alloc(struct mpt_mem *mem, size_t n);                /* not zeroed; NULL when out */
void *mpt_mem_zalloc(struct mpt_mem *mem, size_t n);
void *mpt_mem_resize(struct mpt_mem *mem, void *p, size_t old_size,
                     size_t new_size);                     /* NULL: p is unchanged */
/* Makes an array of *room elements take `need`: 0, or MPT_ENOMEM with nothing changed. array: address of the
 * pointer to it (NULL and room 0 at first). */
int mpt_mem_grow(struct mpt_mem *mem, void *array, uint32_t *room, uint32_t need, size_t each);
void mpt_mem_free(struct mpt_mem *mem, void *p, size_t n); /* p may be NULL */
struct mpt_chunk *mpt_mem_chunk(struct mpt_mem *mem);      /* next NULL, pins 0; NULL when out */
/* Call it every second. Gives back spare chunks that were not needed lately: at once those of a stack that takes none
 * now, after MPT_TRIM_WAITS calls those of a busy one. */
void mpt_mem_trim(struct mpt_mem *mem);
void mpt_mem_unchunk(struct mpt_mem *mem, struct mpt_chunk *chunk);

#endif
