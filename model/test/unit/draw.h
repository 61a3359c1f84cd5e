/* SPDX-License-Identifier: MIT */
/* test/unit/draw.h - what the unit tests of base/ and wire/ share: cmocka, reproducible draws, and
 * an allocator that fails on command and knows what is still out. */
#ifndef TEST_UNIT_DRAW_H
#define TEST_UNIT_DRAW_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

struct draw {
    uint64_t state; /* not 0 */
};

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016). */
static inline uint64_t draw_u64(struct draw *d)
{
    d->state ^= d->state >> 12;
    d->state ^= d->state << 25;
    d->state ^= d->state >> 27;
    return d->state * 0x2545f4914f6cdd1du;
}

/* 0 .. n-1 */
static inline uint64_t draw_below(struct draw *d, uint64_t n)
{
    return (draw_u64(d) >> 11) % n;
}

static inline void draw_octets(struct draw *d, uint8_t *p, size_t n)
{
    while (n--)
        *p++ = (uint8_t)(draw_u64(d) >> 32);
}

struct tight {
    int64_t left;   /* allocations that still succeed; -1: all */
    int64_t blocks; /* handed out and not given back */
    size_t bytes;   /* likewise, by the sizes the caller names */
};

static inline void *tight_alloc(void *ctx, void *old, size_t old_size, size_t new_size)
{
    struct tight *t = ctx;

    if (new_size == 0) {
        t->blocks--;
        t->bytes -= old_size;
        free(old);
        return NULL;
    }
    if (t->left == 0)
        return NULL;
    if (t->left > 0)
        t->left--;
    t->blocks += old == NULL;
    t->bytes += new_size - old_size;
    return realloc(old, new_size);
}

static inline void tight_mem(struct mpt_mem *mem, struct tight *t)
{
    struct mpt_env env = {.size = sizeof env, .alloc = tight_alloc, .alloc_ctx = t};

    t->left = -1;
    t->blocks = 0;
    t->bytes = 0;
    mpt_mem_init(mem, &env);
}

/* Gives the spare chunks back and sees that nothing is left. */
static inline void tight_end(struct mpt_mem *mem, const struct tight *t)
{
    mpt_mem_clear(mem);
    assert_int_equal(t->blocks, 0);
    assert_int_equal(t->bytes, 0);
    assert_int_equal(mem->bytes, 0);
}

/* Octets from hex digits; returns how many. */
static inline size_t from_hex(uint8_t *out, const char *hex)
{
    size_t n = 0;

    for (; hex[0] && hex[1]; hex += 2) {
        char digits[3] = {hex[0], hex[1], 0};

        out[n++] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return n;
}

static inline void assert_hex(const uint8_t *p, const char *hex)
{
    uint8_t want[256];
    size_t n = from_hex(want, hex);

    assert_memory_equal(p, want, n);
}

#endif
