/* SPDX-License-Identifier: MIT */
/* base/heap.c - the deadlines of a stack. One node per connection or box; set is called for most
 * packets, so an unchanged deadline costs one comparison. Equal times come out in the order they
 * were set, so that a run does not depend on the shape of the heap. */
#include "base/heap.h"

#include <assert.h>
#include <string.h>

/* The first array comes with the first reserve. */
void mpt_heap_init(struct mpt_heap *h)
{
    memset(h, 0, sizeof *h);
}

/* Nodes are their owners' and are not looked at. */
void mpt_heap_clear(struct mpt_heap *h, struct mpt_mem *mem)
{
    mpt_mem_free(mem, h->at, h->room * sizeof *h->at);
    mpt_heap_init(h);
}

/* Called when a node's owner is made: running out then refuses a connection, not a deadline. */
int mpt_heap_reserve(struct mpt_heap *h, struct mpt_mem *mem, uint32_t n)
{
    return mpt_mem_grow(mem, &h->at, &h->room, n, sizeof *h->at);
}

/* A total order: no two nodes have the same `order`, so the heap's shape never shows. */
static int is_before(const struct mpt_heap_node *a, const struct mpt_heap_node *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

/* A node knows its place, so that it can be moved without a search; 0 is kept for "not in the
 * heap". */
static void place_node(struct mpt_heap *h, uint32_t i, struct mpt_heap_node *node)
{
    h->at[i] = node;
    node->index = i + 1;
}

/* Moves the hole at i up until node fits there. */
static uint32_t sift_up(struct mpt_heap *h, uint32_t i, const struct mpt_heap_node *node)
{
    while (i > 0 && is_before(node, h->at[(i - 1) / 2])) {
        place_node(h, i, h->at[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    return i;
}

/* Likewise down, towards the smaller child. */
static uint32_t sift_down(struct mpt_heap *h, uint32_t i, const struct mpt_heap_node *node)
{
    for (;;) {
        uint32_t child = 2 * i + 1;

        if (child >= h->count)
            return i;
        if (child + 1 < h->count && is_before(h->at[child + 1], h->at[child]))
            child++;
        if (!is_before(h->at[child], node))
            return i;
        place_node(h, i, h->at[child]);
        i = child;
    }
}

/* A later deadline may move up to the leaves, an earlier one to the top; one of the two sifts does
 * nothing. */
void mpt_heap_set(struct mpt_heap *h, struct mpt_heap_node *node, uint64_t at)
{
    uint32_t i;

    if (at == MPT_NEVER) {
        mpt_heap_remove(h, node);
        return;
    }
    if (node->index && node->at == at)
        return;
    if (!node->index) {
        assert(h->count < h->room);
        i = h->count++;
    } else {
        i = node->index - 1;
    }
    node->at = at;
    node->order = h->next_order++;
    i = sift_up(h, i, node);
    place_node(h, sift_down(h, i, node), node);
}

/* The last leaf fills the hole; it may belong above or below it, as it comes from another
 * branch. */
void mpt_heap_remove(struct mpt_heap *h, struct mpt_heap_node *node)
{
    struct mpt_heap_node *last;
    uint32_t i;

    if (!node->index)
        return;
    i = node->index - 1;
    node->index = 0;
    last = h->at[--h->count];
    if (last == node)
        return;
    i = sift_up(h, i, last);
    place_node(h, sift_down(h, i, last), last);
}

/* What is due next; NULL: nothing is. */
struct mpt_heap_node *mpt_heap_min(const struct mpt_heap *h)
{
    return h->count ? h->at[0] : NULL;
}
