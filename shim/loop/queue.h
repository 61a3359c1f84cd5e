/* SPDX-License-Identifier: MIT */
/* queue.h - the event queue: a binary heap of timers, ordered by time and then by when they were set.
 *
 * Intrusive: a timer knows its place (slot, 0 = not set), so that moving and cancelling need no search.
 * One entry per timer, one timer per path direction and per host: the heap stays small and in cache.
 * Used by loop.c and tun/tun.c. */
#ifndef LOOP_QUEUE_H
#define LOOP_QUEUE_H

#include "shim.h"

struct queue_entry {
    uint64_t at;
    uint64_t order;          /* of being set: breaks ties, so that runs repeat exactly */
    struct sim_timer *timer; /* NULL: the hole that queue_take left */
};

struct queue {
    struct queue_entry *heap; /* from index 1 */
    size_t n;                 /* entries, the hole included */
    size_t cap;
    uint64_t order; /* next */
    int hole;       /* heap[1] was taken and is not yet refilled */
};

void queue_init(struct queue *queue);
/* Frees the array; timers are their owners'. */
void queue_clear(struct queue *queue);
/* Sets or moves. Ends the program when memory is out: a timer that is lost would end the run silently. */
void queue_set(struct queue *queue, struct sim_timer *timer, uint64_t at);
/* A timer that is not set is left alone. */
void queue_cancel(struct queue *queue, struct sim_timer *timer);
/* Time of the first timer, or MPT_NEVER. */
uint64_t queue_due(struct queue *queue);
/* Takes the first timer (there is one: queue_due was not MPT_NEVER); it counts as not set. */
struct sim_timer *queue_take(struct queue *queue);

#endif
