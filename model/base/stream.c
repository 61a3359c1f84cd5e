/* SPDX-License-Identifier: MIT */
/* base/stream.c - the send stream of a connection. Read stream.h and RFC 8684 3.3.1 and 3.3.6
 * first: data may be acknowledged at the data level through one subflow while another still has to
 * retransmit it, so a chunk goes only when it is acknowledged and no mapping pins it. Called by
 * conn/send.c and reinject.c. */
#include "base/stream.h"

#include <assert.h>
#include <string.h>

/* Nothing is allocated before the first octet is written. */
void mpt_stream_init(struct mpt_stream *s)
{
    memset(s, 0, sizeof *s);
}

/* Pins do not matter any more: the connection is gone, and its subflows are. */
void mpt_stream_clear(struct mpt_stream *s, struct mpt_mem *mem)
{
    mpt_chunks_clear(&s->chunks, mem);
    mpt_stream_init(s);
}

/* The chunk that the next octet goes to, or NULL when out of memory. */
static struct mpt_chunk *chunk_at_end(struct mpt_stream *s, struct mpt_mem *mem)
{
    uint64_t index = s->end / MPT_CHUNK;
    struct mpt_chunk **slot;

    if (mpt_chunks_reach(&s->chunks, mem, s->base / MPT_CHUNK, index) < 0)
        return NULL;
    slot = mpt_chunks_slot(&s->chunks, index);
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
    mpt_chunks_read(&s->chunks, x, out, n);
}

/* Frees chunk `index` if nobody needs it: what was written of it is acknowledged, and no pin is
 * left. */
static void free_if_done(struct mpt_stream *s, struct mpt_mem *mem, uint64_t index)
{
    struct mpt_chunk **slot = mpt_chunks_slot(&s->chunks, index);
    uint64_t written = (index + 1) * MPT_CHUNK;

    if (written > s->end)
        written = s->end;
    if (!*slot || (*slot)->pins || s->acked < written)
        return;
    mpt_chunks_free(&s->chunks, mem, index);
}

/* base follows the oldest chunk, over gaps that were freed early. A slow subflow that owes old
 * octets holds it back, and the ring grows meanwhile: flow/ and conn/ bound how long (reset reason
 * 4). */
static void move_base(struct mpt_stream *s)
{
    while (s->base / MPT_CHUNK < s->end / MPT_CHUNK && !*mpt_chunks_slot(&s->chunks, s->base / MPT_CHUNK))
        s->base += MPT_CHUNK;
}

/* Per chunk, not per octet: a mapping touches one or two chunks, and the count needs no list. */
void mpt_stream_pin(struct mpt_stream *s, uint64_t x, size_t n)
{
    if (n == 0)
        return;
    for (uint64_t i = x / MPT_CHUNK; i <= (x + n - 1) / MPT_CHUNK; i++) {
        assert(*mpt_chunks_slot(&s->chunks, i));
        (*mpt_chunks_slot(&s->chunks, i))->pins++;
    }
}

/* Call with just what was pinned. The last pin of an acknowledged chunk frees it, wherever it
 * lies. */
void mpt_stream_unpin(struct mpt_stream *s, struct mpt_mem *mem, uint64_t x, size_t n)
{
    if (n == 0)
        return;
    for (uint64_t i = x / MPT_CHUNK; i <= (x + n - 1) / MPT_CHUNK; i++) {
        struct mpt_chunk *chunk = *mpt_chunks_slot(&s->chunks, i);

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
