/* SPDX-License-Identifier: MIT */
/* run/pool.h - memory that lives as long as a loaded scenario and is freed at once.
 * Out of memory ends the program: mpsim is a command, not a library. Called by everything in run/. */
#ifndef RUN_POOL_H
#define RUN_POOL_H

#include <stddef.h>

struct pool {
    struct pool_block *blocks; /* newest first */
};

void *pool_alloc(struct pool *pool, size_t n); /* zeroed */
char *pool_format(struct pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Frees every block at once. */
void pool_clear(struct pool *pool);
/* realloc() that never fails, for growing arrays outside pools. */
void *pool_grow(void *old, size_t n);

#endif
