/* SPDX-License-Identifier: MIT */
/* base/stream.c - the send stream of a connection. Read stream.h and RFC 8684 3.3.1 and 3.3.6
 * first: data may be acknowledged at the data level through one subflow while another still has to
 * retransmit it, so a chunk goes only when it is acknowledged and no mapping pins it. Called by
 * conn/send.c and reinject.c. */
#include "base/stream.h"

#include <assert.h>
#include <string.h>

enum { STREAM_FIRST = 4 /* slots of the first ring */ };

/* Nothing is allocated before the first octet is written. */
void mpt_stream_init(struct mpt_stream *s)
{
    memset(s, 0, sizeof *s);
}

/* Only for chunks from base to end: the ring covers just these. */
static struct mpt_chunk **slot_of(const struct mpt_stream *s, uint64_t index)
{
    return &s->chunk[index & (s->room - 1)];
}

/* Pins do not matter any more: the connection is gone, and its subflows are. */
void mpt_stream_clear(struct mpt_stream *s, struct mpt_mem *mem)
{
    for (uint32_t i = 0; i < s->room; i++)
        if (s->chunk[i])
            mpt_mem_unchunk(mem, s->chunk[i]);
    mpt_mem_free(mem, s->chunk, s->room * sizeof *s->chunk);
    mpt_stream_init(s);
}

/* A ring that reaches from the oldest chunk held to chunk `last`. */
static int grow_ring(struct mpt_stream *s, struct mpt_mem *mem, uint64_t last)
{
    uint64_t first = s->base / MPT_CHUNK;
    uint32_t room = s->room ? s->room : STREAM_FIRST;
    struct mpt_chunk **chunk;

    if (last - first >= UINT32_MAX / 4)
        return MPT_ENOMEM;
    while (room <= last - first)
        room *= 2;
    chunk = mpt_mem_zalloc(mem, room * sizeof *chunk);
    if (!chunk)
        return MPT_ENOMEM;
    for (uint32_t i = 0; i < s->room; i++)
        chunk[(first + i) & (room - 1)] = *slot_of(s, first + i);
    mpt_mem_free(mem, s->chunk, s->room * sizeof *s->chunk);
    s->chunk = chunk;
    s->room = room;
    return 0;
}

/* The chunk that the next octet goes to, or NULL when out of memory. */
static struct mpt_chunk *chunk_at_end(struct mpt_stream *s, struct mpt_mem *mem)
{
    uint64_t index = s->end / MPT_CHUNK;
    struct mpt_chunk **slot;

    if (index - s->base / MPT_CHUNK >= s->room && grow_ring(s, mem, index) < 0)
        return NULL;
    slot = slot_of(s, index);
    if (!*slot)
        *slot = mpt_mem_chunk(mem);
    return *slot;
}

/* The one copy of a send: what comes later (segments, retransmissions, reinjections) reads from
 * here. */
int64_t mpt_stream_write(struct mpt_stream *s, struct mpt_mem *mem, const uint8_t *data, size_t n)
{
    size_t done = 0;

    while (done < n) {
        struct mpt_chunk *chunk = chunk_at_end(s, mem);
        size_t at = s->end % MPT_CHUNK, part = MPT_CHUNK - at;

        if (!chunk)
            return done ? (int64_t)done : MPT_ENOMEM;
        if (part > n - done)
            part = n - done;
        memcpy(chunk->data + at, data + done, part);
        s->end += part;
        done += part;
    }
    return (int64_t)done;
}

/* Into the packet being built, or anywhere: x and n are what a mapping says, held by its pin. */
void mpt_stream_copy(const struct mpt_stream *s, uint64_t x, uint8_t *out, size_t n)
{
    assert(x >= s->base && x + n <= s->end);
    while (n) {
        const struct mpt_chunk *chunk = *slot_of(s, x / MPT_CHUNK);
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

/* Frees chunk `index` if nobody needs it: what was written of it is acknowledged, and no pin is
 * left. */
static void free_if_done(struct mpt_stream *s, struct mpt_mem *mem, uint64_t index)
{
    struct mpt_chunk **slot = slot_of(s, index);
    uint64_t written = (index + 1) * MPT_CHUNK;

    if (written > s->end)
        written = s->end;
    if (!*slot || (*slot)->pins || s->acked < written)
        return;
    mpt_mem_unchunk(mem, *slot);
    *slot = NULL;
}

/* base follows the oldest chunk, over gaps that were freed early. A slow subflow that owes old
 * octets holds it back, and the ring grows meanwhile: flow/ and conn/ bound how long (reset reason
 * 4). */
static void move_base(struct mpt_stream *s)
{
    while (s->base / MPT_CHUNK < s->end / MPT_CHUNK && !*slot_of(s, s->base / MPT_CHUNK))
        s->base += MPT_CHUNK;
}

/* Per chunk, not per octet: a mapping touches one or two chunks, and the count needs no list. */
void mpt_stream_pin(struct mpt_stream *s, uint64_t x, size_t n)
{
    if (n == 0)
        return;
    for (uint64_t i = x / MPT_CHUNK; i <= (x + n - 1) / MPT_CHUNK; i++) {
        assert(*slot_of(s, i));
        (*slot_of(s, i))->pins++;
    }
}

/* Call with just what was pinned. The last pin of an acknowledged chunk frees it, wherever it
 * lies. */
void mpt_stream_unpin(struct mpt_stream *s, struct mpt_mem *mem, uint64_t x, size_t n)
{
    if (n == 0)
        return;
    for (uint64_t i = x / MPT_CHUNK; i <= (x + n - 1) / MPT_CHUNK; i++) {
        struct mpt_chunk *chunk = *slot_of(s, i);

        assert(chunk && chunk->pins);
        if (--chunk->pins == 0)
            free_if_done(s, mem, i);
    }
    move_base(s);
}

/* Data-level acknowledgement (RFC 8684 3.3.2). Chunks that a subflow still owes stay. */
void mpt_stream_ack(struct mpt_stream *s, struct mpt_mem *mem, uint64_t x)
{
    uint64_t index = s->acked / MPT_CHUNK;

    assert(x <= s->end);
    if (x <= s->acked)
        return;
    s->acked = x;
    /* Chunks before the old mark are done or pinned; an unpin takes care of those. */
    for (; index <= x / MPT_CHUNK && index * MPT_CHUNK < s->end; index++)
        free_if_done(s, mem, index);
    move_base(s);
}
