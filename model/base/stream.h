/* SPDX-License-Identifier: MIT */
/* base/stream.h - the send stream of a connection: octets by offset from 0, written once, kept in
 * chunks until acknowledged at the data level AND no mapping still owes them to a subflow ("owed
 * bytes", RFC 8684 3.3.1: a mapping once sent never changes). A mapping pins every chunk it
 * touches. */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include "base/chunks.h"

struct mpt_stream {
    struct mpt_chunks chunks; /* from base to end */
    uint64_t base;  /* first offset of the oldest chunk held (multiple of MPT_CHUNK) */
    uint64_t acked; /* acknowledged up to here */
    uint64_t end;   /* written up to here */
};

void mpt_stream_init(struct mpt_stream *s);
void mpt_stream_clear(struct mpt_stream *s, struct mpt_mem *mem);
/* Appends up to n octets: count (fewer when out of memory), or MPT_ENOMEM when none. */
int64_t mpt_stream_write(struct mpt_stream *s, struct mpt_mem *mem, const uint8_t *data, size_t n);
/* Copies octets [x, x+n), which must be held. */
void mpt_stream_copy(const struct mpt_stream *s, uint64_t x, uint8_t *out, size_t n);
/* A mapping of [x, x+n) was made / its octets are TCP-acknowledged or its subflow is gone. */
void mpt_stream_pin(struct mpt_stream *s, uint64_t x, size_t n);
void mpt_stream_unpin(struct mpt_stream *s, struct mpt_mem *mem, uint64_t x, size_t n);
/* Data-level acknowledgement up to x. Frees unpinned chunks from any position before x. */
void mpt_stream_ack(struct mpt_stream *s, struct mpt_mem *mem, uint64_t x);

#endif
