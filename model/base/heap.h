/* SPDX-License-Identifier: MIT */
/* base/heap.h - deadlines: an intrusive binary min-heap on (time, insertion order). */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include "base/mem.h"

struct mpt_heap_node {
    uint64_t at;    /* deadline */
    uint64_t order; /* breaks ties: first set, first out */
    uint32_t index; /* position + 1 in the heap, 0 = not in it */
    uint32_t kind;  /* the owner's: what embeds this node; heap_set leaves it alone */
};

struct mpt_heap {
    /* the array; children of i are 2i + 1 and 2i + 2 */
    struct mpt_heap_node **at;
    /* nodes in it, and how many fit */
    uint32_t count;
    uint32_t room;
    /* of the node that is set next */
    uint64_t next_order;
};

void mpt_heap_init(struct mpt_heap *h);
void mpt_heap_clear(struct mpt_heap *h, struct mpt_mem *mem);
/* Room for n nodes from now on, so that set cannot fail: 0 or MPT_ENOMEM. */
int mpt_heap_reserve(struct mpt_heap *h, struct mpt_mem *mem, uint32_t n);
/* Inserts or moves. MPT_NEVER removes. Room must have been reserved. */
void mpt_heap_set(struct mpt_heap *h, struct mpt_heap_node *node, uint64_t at);
void mpt_heap_remove(struct mpt_heap *h, struct mpt_heap_node *node);
struct mpt_heap_node *mpt_heap_min(const struct mpt_heap *h); /* NULL when empty */

#endif
