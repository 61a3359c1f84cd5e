/* SPDX-License-Identifier: MIT */
/* run/pool.c - memory freed at once; see pool.h. One block per allocation: scenarios are small. */
#include "run/pool.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pool_block {
    struct pool_block *next;
    max_align_t data[]; /* what the caller sees */
};

/* A command line program cannot go on without memory; no caller has to check. */
void *pool_grow(void *old, size_t n)
{
    void *p = realloc(old, n ? n : 1);

    if (p == NULL) {
        fputs("mpsim: out of memory\n", stderr);
        exit(1);
    }
    return p;
}

/* Zeroed, and aligned for any type. */
void *pool_alloc(struct pool *pool, size_t n)
{
    struct pool_block *b = pool_grow(NULL, sizeof *b + n);

    memset(b->data, 0, n);
    b->next = pool->blocks;
    pool->blocks = b;
    return b->data;
}

/* Twice: the first print only measures. */
char *pool_format(struct pool *pool, const char *format, ...)
{
    char first[256];
    va_list ap;
    char *s;
    int n;

    assert(format != NULL); /* gcc with -fsanitize=undefined warns without it */
    va_start(ap, format);
    n = vsnprintf(first, sizeof first, format, ap);
    va_end(ap);
    s = pool_alloc(pool, (size_t)n + 1);
    va_start(ap, format);
    vsnprintf(s, (size_t)n + 1, format, ap);
    va_end(ap);
    return s;
}

void pool_clear(struct pool *pool)
{
    while (pool->blocks != NULL) {
        struct pool_block *b = pool->blocks;

        pool->blocks = b->next;
        free(b);
    }
}
