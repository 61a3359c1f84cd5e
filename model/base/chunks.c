/* SPDX-License-Identifier: MIT */
/* base/chunks.c - the ring behind stream.c and rob.c; read chunks.h first. */
#include "base/chunks.h"

#include <assert.h>
#include <string.h>

enum { CHUNKS_FIRST = 4 /* slots of the first ring */ };

/* Slots keep their chunks, at other places. The window of the peer or the send buffer bounds it: 8 octets
 * for each 4 KiB. The check is against a caller without one. */
int mpt_chunks_reach(struct mpt_chunks *c, struct mpt_mem *mem, uint64_t first, uint64_t last)
{
    uint32_t room = c->room ? c->room : CHUNKS_FIRST;
    struct mpt_chunk **at;

    if (last - first < c->room)
        return 0;
    if (last - first >= UINT32_MAX / 4)
        return MPT_ENOMEM;
    while (room <= last - first)
        room *= 2;
    at = mpt_mem_zalloc(mem, room * sizeof *at);
    if (!at)
        return MPT_ENOMEM;
    for (uint32_t i = 0; i < c->room; i++)
        at[(first + i) & (room - 1)] = *mpt_chunks_slot(c, first + i);
    mpt_mem_free(mem, c->at, c->room * sizeof *c->at);
    c->at = at;
    c->room = room;
    return 0;
}

/* To the spare list, where the next chunk is taken from. */
void mpt_chunks_free(struct mpt_chunks *c, struct mpt_mem *mem, uint64_t index)
{
    struct mpt_chunk **slot = mpt_chunks_slot(c, index);

    if (*slot)
        mpt_mem_unchunk(mem, *slot);
    *slot = NULL;
}

void mpt_chunks_clear(struct mpt_chunks *c, struct mpt_mem *mem)
{
    for (uint32_t i = 0; i < c->room; i++)
        mpt_chunks_free(c, mem, i);
    mpt_mem_free(mem, c->at, c->room * sizeof *c->at);
    c->at = NULL;
    c->room = 0;
}

void mpt_chunks_write(const struct mpt_chunks *c, uint64_t x, const uint8_t *data, size_t n)
{
    while (n) {
        size_t at = x % MPT_CHUNK, part = MPT_CHUNK - at;

        if (part > n)
            part = n;
        memcpy((*mpt_chunks_slot(c, x / MPT_CHUNK))->data + at, data, part);
        x += part;
        data += part;
        n -= part;
    }
}

void mpt_chunks_read(const struct mpt_chunks *c, uint64_t x, uint8_t *out, size_t n)
{
    while (n) {
        const struct mpt_chunk *chunk = *mpt_chunks_slot(c, x / MPT_CHUNK);
        size_t at = x % MPT_CHUNK, part = MPT_CHUNK - at;

        assert(chunk);
        if (part > n)
            part = n;
        memcpy(out, chunk->data + at, part);
        x += part;
        out += part;
        n -= part;
    }
}
