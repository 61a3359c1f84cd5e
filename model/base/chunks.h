/* SPDX-License-Identifier: MIT */
/* base/chunks.h - a ring of chunks over a space of 64-bit offsets: what the send stream and reassembly
 * have in common. The chunk of offset x is number x / MPT_CHUNK and may be missing. The owner says which
 * span is alive; two chunks further apart than `room` would share a slot. */
#ifndef BASE_CHUNKS_H
#define BASE_CHUNKS_H

#include "base/mem.h"

struct mpt_chunks {
    struct mpt_chunk **at; /* chunk number i is at[i & (room - 1)], or NULL */
    uint32_t room;         /* power of two, grows; 0 at first */
    uint32_t zero;
};

static inline struct mpt_chunk **mpt_chunks_slot(const struct mpt_chunks *c, uint64_t index)
{
    return &c->at[index & (c->room - 1)];
}

/* Makes the ring reach from chunk `first`, the oldest alive, to chunk `last`. 0 or MPT_ENOMEM. */
int mpt_chunks_reach(struct mpt_chunks *c, struct mpt_mem *mem, uint64_t first, uint64_t last);
void mpt_chunks_free(struct mpt_chunks *c, struct mpt_mem *mem, uint64_t index); /* may be missing */
void mpt_chunks_clear(struct mpt_chunks *c, struct mpt_mem *mem);
/* Octets [x, x + n), whose chunks are there. */
void mpt_chunks_write(const struct mpt_chunks *c, uint64_t x, const uint8_t *data, size_t n);
void mpt_chunks_read(const struct mpt_chunks *c, uint64_t x, uint8_t *out, size_t n);

#endif
