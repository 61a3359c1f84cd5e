/* SPDX-License-Identifier: MIT */
/* run/range.h - the values of one axis: a list, or a range that becomes one.
 *
 *     [10ms, 50ms, 200ms]
 *     [10ms, {50ms: {stack.cc: lia}}]       a value with what else is set with it
 *     {from: 10ms, to: 200ms, step: 10ms}   from, from + step, ... up to `to`, which is met or not
 *     {from: 1MB, to: 1GB, log: 7}          seven points, both ends among them, each the same factor from the
 *                                           one before; those between are rounded to three digits
 * Called by choices.c. */
#ifndef RUN_RANGE_H
#define RUN_RANGE_H

#include "run/diag.h"
#include "run/doc.h"
#include "run/pool.h"

/* One value, where it was written. */
struct point {
    const char *text; /* in the pool */
    struct place at;
    const struct node *more; /* map of further settings; NULL: none */
};

/* 1: a map with `from` is a range. */
int range_is(const struct node *n);
/* Points of a list or range; key decides the units. Number of points, 0: messages in d. `most` fit. */
size_t range_read(struct pool *pool, const struct node *n, const char *key, struct point *out, size_t most,
                  struct diag *d);

#endif
