/* SPDX-License-Identifier: MIT */
/* flow/ring.c - the segments between SND.UNA and SND.NXT, and their order by time of
 * transmission, which RACK walks (RFC 8985 6.2 wants them in the order of their transmission). Called
 * by all of flow/ that sends or acknowledges. The links are numbers, not pointers, so that
 * growing is one copy; an end links to itself. */
#include "flow/private.h"

enum { RING_FIRST = 8 };

/* Twice the room. The flow holds at most a window of segments, so a transfer stops growing after
 * its slow start and allocates nothing from then on. */
static int grow_ring(struct mpt_seg_ring *r, struct mpt_mem *mem)
{
    uint32_t room = r->room ? 2 * r->room : RING_FIRST;
    struct mpt_seg *at = mpt_mem_alloc(mem, room * sizeof *at);

    if (!at)
        return MPT_ENOMEM;
    for (uint32_t i = r->head; i != r->head + r->count; i++)
        at[i & (room - 1)] = *mpt_ring_at(r, i);
    mpt_mem_free(mem, r->at, r->room * sizeof *at);
    r->at = at;
    r->room = room;
    return 0;
}

/* At the end in sequence space, and last by time: new segments are the youngest. The pointer is
 * good until the next push. NULL: out of memory, nothing changed. */
struct mpt_seg *mpt_ring_push(struct mpt_seg_ring *r, struct mpt_mem *mem,
                              const struct mpt_seg *seg)
{
    uint32_t i = r->head + r->count;
    struct mpt_seg *at;

    if (r->count == r->room && grow_ring(r, mem) < 0)
        return NULL;
    at = mpt_ring_at(r, i);
    *at = *seg;
    r->count++;
    mpt_ring_fly(r, i);
    return at;
}

/* head stays: numbers go on, so that one noted elsewhere is never taken for another segment. */
void mpt_ring_clear(struct mpt_seg_ring *r, struct mpt_mem *mem)
{
    mpt_mem_free(mem, r->at, r->room * sizeof *r->at);
    r->at = NULL;
    r->room = r->count = r->flying_count = 0;
}

/* An idle connection is to cost little (4 KiB in all); the first array is small enough to stay. */
void mpt_ring_idle(struct mpt_seg_ring *r, struct mpt_mem *mem)
{
    if (r->count == 0)
        mpt_ring_clear(r, mem);
}

/* Last in the order: it has just been sent. */
void mpt_ring_fly(struct mpt_seg_ring *r, uint32_t i)
{
    struct mpt_seg *seg = mpt_ring_at(r, i);

    seg->next = i;
    if (r->flying_count++ == 0) {
        r->flying_first = seg->prev = i;
    } else {
        seg->prev = r->flying_last;
        mpt_ring_at(r, r->flying_last)->next = i;
    }
    r->flying_last = i;
}

/* A walk from the oldest on: what comes back is mostly older than all the rest (undo.c). */
void mpt_ring_fly_again(struct mpt_seg_ring *r, uint32_t i)
{
    struct mpt_seg *seg = mpt_ring_at(r, i), *after;
    uint32_t k = r->flying_first, n = r->flying_count;

    while (n && mpt_ring_at(r, k)->sent_at < seg->sent_at) {
        k = mpt_ring_at(r, k)->next;
        n--;
    }
    if (!n) {
        mpt_ring_fly(r, i);
        return;
    }
    after = mpt_ring_at(r, k);
    seg->next = k;
    if (r->flying_first == k)
        r->flying_first = seg->prev = i;
    else
        mpt_ring_at(r, seg->prev = after->prev)->next = i;
    after->prev = i;
    r->flying_count++;
}

/* Out of the order by time: it arrived, or it counts as lost. The four cases are first, last,
 * both, neither. */
void mpt_ring_land(struct mpt_seg_ring *r, uint32_t i)
{
    const struct mpt_seg *seg = mpt_ring_at(r, i);
    int first = r->flying_first == i, last = r->flying_last == i;

    r->flying_count--;
    if (first && !last) {
        r->flying_first = seg->next;
        mpt_ring_at(r, seg->next)->prev = seg->next;
    } else if (last && !first) {
        r->flying_last = seg->prev;
        mpt_ring_at(r, seg->prev)->next = seg->prev;
    } else if (!first) {
        mpt_ring_at(r, seg->prev)->next = seg->next;
        mpt_ring_at(r, seg->next)->prev = seg->prev;
    }
}

/* Segments are sorted and gapless, so the search is binary: a SACK block finds its place without
 * a walk. */
uint32_t mpt_ring_find(const struct mpt_seg_ring *r, uint64_t x)
{
    uint32_t low = 0, high = r->count;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (mpt_seg_end(mpt_ring_at(r, r->head + mid)) > x)
            high = mid;
        else
            low = mid + 1;
    }
    return r->head + low;
}

/* The order by time (RFC 8985 6.2) is kept by numbers, and numbers change when segments are cut
 * (icmp.c). They begin where the old ones did. Nothing is changed when memory is out. */
int mpt_ring_rebuild(struct mpt_seg_ring *r, const struct mpt_seg_ring *old, struct mpt_mem *mem,
                     uint32_t more)
{
    uint32_t room = old->room;
    struct mpt_seg *at;

    while (room < old->count + more)
        room *= 2;
    at = mpt_mem_alloc(mem, room * sizeof *at);
    if (!at)
        return MPT_ENOMEM;
    r->at = at;
    r->room = room;
    r->count = r->flying_count = 0;
    return 0;
}

/* The back link of the old ring is not needed any more: the walk to come goes forward. */
void mpt_ring_moves(struct mpt_seg_ring *old, uint32_t i, uint32_t to)
{
    mpt_ring_at(old, i)->prev = to;
}

void mpt_ring_place(struct mpt_seg_ring *r, const struct mpt_seg *seg)
{
    *mpt_ring_at(r, r->head + r->count) = *seg;
    r->count++;
}

/* Those that fly were not cut, so each is one segment still; they fly in the old order. */
void mpt_ring_rebuilt(struct mpt_seg_ring *r, struct mpt_seg_ring *old, struct mpt_mem *mem)
{
    uint32_t i = old->flying_first;

    for (uint32_t n = old->flying_count; n; n--) {
        uint32_t next = mpt_ring_at(old, i)->next;

        mpt_ring_fly(r, mpt_ring_at(old, i)->prev);
        i = next;
    }
    mpt_mem_free(mem, old->at, old->room * sizeof *old->at);
}
