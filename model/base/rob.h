/* SPDX-License-Identifier: MIT */
/* base/rob.h - reassembly: octets that arrive at any offset, read in order. Used twice: a subflow's
 * octets by SSN (flow/) and the connection's by offset from the first octet (conn/). Offsets are 64
 * bit from 0. Data lies in chunks at its final place, so it is copied once in and once out;
 * `ranges` say what is there beyond `tail`. Chunks beyond what was written are not allocated. */
#ifndef BASE_ROB_H
#define BASE_ROB_H

#include "base/chunks.h"
#include "base/ranges.h"

struct mpt_rob {
    struct mpt_chunks chunks; /* the octets at and behind head */
    uint64_t head;         /* read up to here */
    uint64_t tail;         /* in order up to here */
    struct mpt_ranges ofo; /* present beyond tail */
};

void mpt_rob_init(struct mpt_rob *rob, uint64_t at); /* head = tail = at */
void mpt_rob_clear(struct mpt_rob *rob, struct mpt_mem *mem);
/* Stores data at offset x; parts before tail or already there are dropped (first copy wins). Octets
 * that were new, or MPT_ENOMEM (nothing changed). Advances tail. The caller bounds x by its
 * window. */
int64_t mpt_rob_put(struct mpt_rob *rob, struct mpt_mem *mem, uint64_t x, const uint8_t *data,
                    size_t n);
/* The next contiguous readable piece: length (0 when none), *p points into a chunk until the next
 * call. */
size_t mpt_rob_peek(const struct mpt_rob *rob, const uint8_t **p);
/* Like peek at offset x in [head, tail). */
size_t mpt_rob_peek_at(const struct mpt_rob *rob, uint64_t x, const uint8_t **p);
/* Copies octets from offset x in [head, tail) on, at most n and not beyond tail: how many. */
size_t mpt_rob_copy(const struct mpt_rob *rob, uint64_t x, uint8_t *out, size_t n);
/* Drops n readable octets, freeing chunks that were read whole. When everything is read, all chunks
 * go. */
void mpt_rob_drop(struct mpt_rob *rob, struct mpt_mem *mem, uint64_t n);
/* Moves tail (and head) forward over octets that were delivered without being stored (fast path);
 * ranges and chunks before `to` are dropped, tail then swallows a range that touches it. Only when
 * head == tail. */
void mpt_rob_skip(struct mpt_rob *rob, struct mpt_mem *mem, uint64_t to);
static inline uint64_t mpt_rob_readable(const struct mpt_rob *rob)
{
    return rob->tail - rob->head;
}

#endif
