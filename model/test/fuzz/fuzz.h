/* SPDX-License-Identifier: MIT */
/* fuzz.h - what the fuzzing targets share: octets taken from the input, a claim that aborts, and an allocator that
 * fails on command and knows what is still out. A target is one file fuzz_X.c with LLVMFuzzerTestOneInput: libFuzzer
 * drives it (`make fuzz`), replay.c replays the corpus with it (`make check`). An input never decides how long a target
 * runs: all loops are bounded. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Both kinds of driver keep the input of whoever aborts. */
#define CLAIM(condition)                                                                               \
    do {                                                                                               \
        if (!(condition)) {                                                                            \
            fprintf(stderr, "%s:%d: %s: not so: %s\n", __FILE__, __LINE__, __func__, #condition);      \
            abort();                                                                                   \
        }                                                                                              \
    } while (0)

/* The rest of an input. What is behind its end reads as 0, so every input means something. */
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

static inline uint32_t fuzz_u8(struct fuzz_input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->at++;
}

static inline uint32_t fuzz_u16(struct fuzz_input *in)
{
    uint32_t high = fuzz_u8(in);

    return high << 8 | fuzz_u8(in);
}

static inline uint32_t fuzz_u32(struct fuzz_input *in)
{
    uint32_t high = fuzz_u16(in);

    return high << 16 | fuzz_u16(in);
}

static inline uint64_t fuzz_u64(struct fuzz_input *in)
{
    uint64_t high = fuzz_u32(in);

    return high << 32 | fuzz_u32(in);
}

/* Up to n octets; how many there were. */
static inline size_t fuzz_octets(struct fuzz_input *in, uint8_t *out, size_t n)
{
    n = n < in->left ? n : in->left;
    if (n)
        memcpy(out, in->at, n);
    in->at += n;
    in->left -= n;
    return n;
}

struct fuzz_memory {
    uint64_t bytes;   /* out, by the sizes the caller names */
    uint32_t blocks;  /* likewise */
    uint32_t fail_in; /* the allocation after so many others gets nothing; 0: none */
    uint32_t failed;  /* how many got nothing */
};

static inline void *fuzz_alloc(void *ctx, void *old, size_t old_size, size_t new_size)
{
    struct fuzz_memory *m = (struct fuzz_memory *)ctx;

    CLAIM((old == NULL) == (old_size == 0));
    if (new_size == 0) {
        m->blocks -= old != NULL;
        m->bytes -= old_size;
        free(old);
        return NULL;
    }
    if (m->fail_in && --m->fail_in == 0) {
        m->failed++;
        return NULL;
    }
    m->blocks += old == NULL;
    m->bytes += new_size - old_size;
    return realloc(old, new_size);
}

static inline void fuzz_mem(struct mpt_mem *mem, struct fuzz_memory *m)
{
    struct mpt_env env = { .size = sizeof env, .alloc = fuzz_alloc, .alloc_ctx = m };

    memset(m, 0, sizeof *m);
    mpt_mem_init(mem, &env);
}

static inline void fuzz_mem_end(struct mpt_mem *mem, const struct fuzz_memory *m)
{
    mpt_mem_clear(mem);
    CLAIM(m->blocks == 0 && m->bytes == 0 && mem->bytes == 0);
}

#endif
