/* SPDX-License-Identifier: MIT */
/* queue.c - the event queue (see queue.h).
 *
 * Taking the first entry leaves a hole at the root instead of refilling it: the timer that fired is
 * mostly set again at once, and then goes into the hole with one sift instead of two. The hole keeps the
 * key of the entry taken, which is not later than any other, so that the heap stays a heap. */
#include "loop/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Equal times in the order of setting: no two entries are equal, so the heap's shape never shows. */
static int is_before(const struct queue_entry *a, const struct queue_entry *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

/* A timer knows its place, so that it can be moved without a search. The hole has no timer. */
static void place(struct queue *queue, size_t i, struct queue_entry entry)
{
    queue->heap[i] = entry;
    if (entry.timer)
        entry.timer->slot = i;
}

/* The heap counts from 1: the parent of i is i / 2. */
static void sift_up(struct queue *queue, size_t i, struct queue_entry entry)
{
    for (; i > 1 && is_before(&entry, &queue->heap[i / 2]); i /= 2)
        place(queue, i, queue->heap[i / 2]);
    place(queue, i, entry);
}

/* Towards the smaller child. */
static void sift_down(struct queue *queue, size_t i, struct queue_entry entry)
{
    for (;;) {
        size_t child = 2 * i;

        if (child > queue->n)
            break;
        if (child < queue->n && is_before(&queue->heap[child + 1], &queue->heap[child]))
            child++;
        if (is_before(&entry, &queue->heap[child]))
            break;
        place(queue, i, queue->heap[child]);
        i = child;
    }
    place(queue, i, entry);
}

/* Puts an entry at place i, whose former content does not matter. */
static void settle(struct queue *queue, size_t i, struct queue_entry entry)
{
    if (i > 1 && is_before(&entry, &queue->heap[i / 2]))
        sift_up(queue, i, entry);
    else
        sift_down(queue, i, entry);
}

/* The last entry takes the place, unless it was the one to go. */
static void remove_at(struct queue *queue, size_t i)
{
    struct queue_entry last = queue->heap[queue->n--];

    if (i <= queue->n)
        settle(queue, i, last);
}

/* Nobody set a timer after the last one fired. */
static void fill_hole(struct queue *queue)
{
    if (queue->hole) {
        queue->hole = 0;
        remove_at(queue, 1);
    }
}

/* No event may be lost, and no caller could go on without: there is no error to return. */
static void grow(struct queue *queue)
{
    size_t cap = queue->cap ? 2 * queue->cap : 64;
    struct queue_entry *heap = realloc(queue->heap, cap * sizeof *heap);

    if (!heap) {
        fputs("event queue: out of memory\n", stderr);
        abort();
    }
    queue->heap = heap;
    queue->cap = cap;
}

/* Order 0 would be before any entry. */
void queue_init(struct queue *queue)
{
    memset(queue, 0, sizeof *queue);
    queue->order = 1;
}

void queue_clear(struct queue *queue)
{
    free(queue->heap);
    queue_init(queue);
}

/* Three cases: it was set and moves; it goes into the hole; it is new. */
void queue_set(struct queue *queue, struct sim_timer *timer, uint64_t at)
{
    struct queue_entry entry = {at, queue->order++, timer};

    timer->at = at;
    if (timer->slot) {
        settle(queue, timer->slot, entry);
    } else if (queue->hole) {
        queue->hole = 0;
        sift_down(queue, 1, entry);
    } else {
        if (queue->n + 1 >= queue->cap)
            grow(queue);
        sift_up(queue, ++queue->n, entry);
    }
}

void queue_cancel(struct queue *queue, struct sim_timer *timer)
{
    size_t i = timer->slot;

    if (i == 0)
        return;
    timer->slot = 0;
    remove_at(queue, i);
}

/* The hole has the key of what was taken: it must be gone before the first entry says anything. */
uint64_t queue_due(struct queue *queue)
{
    fill_hole(queue);
    return queue->n ? queue->heap[1].at : MPT_NEVER;
}

/* There must be an entry: the caller has asked queue_due. */
struct sim_timer *queue_take(struct queue *queue)
{
    struct sim_timer *timer;

    fill_hole(queue);
    timer = queue->heap[1].timer;
    timer->slot = 0;
    queue->heap[1].timer = NULL;
    queue->hole = 1;
    return timer;
}
