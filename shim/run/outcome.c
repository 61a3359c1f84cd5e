/* SPDX-License-Identifier: MIT */
/* run/outcome.c - see outcome.h. */
#include "run/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "run/pool.h"

/* Longer than what a moved segment border or one packet more in a queue cost, shorter than any time-out. */
static const uint64_t tolerance = 50000000; /* ns */

/* Wrong octets are worse than none: who reads them does not know. An error after all octets and both ends of the stream
 * were read is nobody's loss. */
enum outcome outcome_of(const struct outcome_facts *f)
{
    if (f->wrong)
        return OUTCOME_WRONG;
    if (f->complete)
        return f->late ? OUTCOME_RECOVERED : OUTCOME_UNAFFECTED;
    return f->broken ? OUTCOME_LOST : OUTCOME_STALLED;
}

const char *outcome_name(enum outcome outcome)
{
    static const char *const name[OUTCOMES] = {"unaffected", "recovered", "stalled", "lost", "wrong"};

    return name[outcome];
}

/* Relative as well: a transfer of a minute that ends 5 s later was not held up anywhere, it went a little slower. */
uint64_t outcome_late(uint64_t at, uint64_t twin, uint64_t start)
{
    if (at <= twin || at - twin <= tolerance || at - twin <= (twin - start) / 10)
        return 0;
    return at - twin;
}

void outcome_note(struct outcome_curve *c, uint64_t upto, uint64_t now)
{
    if (c->points == c->room) {
        c->room = c->room ? c->room * 2 : 64;
        c->point = pool_grow(c->point, c->room * sizeof *c->point);
    }
    c->point[c->points++] = (struct outcome_point){upto, now};
}

/* The first point beyond the offset, by halves. */
uint64_t outcome_when(const struct outcome_curve *c, uint64_t offset)
{
    size_t low = 0, high = c->points;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (c->point[middle].upto > offset)
            high = middle;
        else
            low = middle + 1;
    }
    return low < c->points ? c->point[low].at : UINT64_MAX;
}

void outcome_clear(struct outcome_curve *c)
{
    free(c->point);
    memset(c, 0, sizeof *c);
}
