/* SPDX-License-Identifier: MIT */
/* check/span.c - see span.h. Written apart from libmpt's base/ranges.c, so that one mistake is not made twice. */
#include "check/span.h"

#include <stdlib.h>
#include <string.h>

#include "run/pool.h"

/* The first piece that ends at or behind `at`. Nearly always the last one: data comes in order. */
static size_t find(const struct spans *s, uint64_t at)
{
    size_t low = 0, high = s->count;

    if (high > 0 && s->piece[high - 1].from <= at)
        return s->piece[high - 1].to >= at ? high - 1 : high;
    while (low < high) {
        size_t mid = (low + high) / 2;

        if (s->piece[mid].to < at)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Bounded memory: what lies lowest is the least likely to be asked for again. */
static void forget_gap(struct spans *s)
{
    s->piece[0].to = s->piece[1].to;
    memmove(s->piece + 1, s->piece + 2, (s->count - 2) * sizeof *s->piece);
    s->count--;
    s->overflow = 1;
}

static void insert(struct spans *s, size_t i, uint64_t from, uint64_t to)
{
    if (s->count == s->room) {
        s->room = s->room ? 2 * s->room : 8;
        s->piece = pool_grow(s->piece, s->room * sizeof *s->piece);
    }
    memmove(s->piece + i + 1, s->piece + i, (s->count - i) * sizeof *s->piece);
    s->piece[i].from = from;
    s->piece[i].to = to;
    if (++s->count > SPAN_MAX)
        forget_gap(s);
}

void span_add(struct spans *s, uint64_t from, uint64_t to)
{
    size_t i, n;

    if (from >= to)
        return;
    i = find(s, from);
    if (i == s->count || s->piece[i].from > to) {
        insert(s, i, from, to);
        return;
    }
    if (s->piece[i].from > from)
        s->piece[i].from = from;
    for (n = i; n + 1 < s->count && s->piece[n + 1].from <= to; n++)
        ;
    s->piece[i].to = s->piece[n].to > to ? s->piece[n].to : to;
    memmove(s->piece + i + 1, s->piece + n + 1, (s->count - n - 1) * sizeof *s->piece);
    s->count -= n - i;
}

uint64_t span_gap(const struct spans *s, uint64_t from)
{
    size_t i = find(s, from);

    return i < s->count && s->piece[i].from <= from ? s->piece[i].to : from;
}

int span_within(const struct spans *s, uint64_t from, uint64_t to, struct span *out)
{
    size_t i = find(s, from);

    if (i < s->count && s->piece[i].to == from)
        i++;
    if (from >= to || i == s->count || s->piece[i].from >= to)
        return 0;
    out->from = s->piece[i].from > from ? s->piece[i].from : from;
    out->to = s->piece[i].to < to ? s->piece[i].to : to;
    return 1;
}

void span_trim(struct spans *s, uint64_t below)
{
    size_t n = 0;

    while (n < s->count && s->piece[n].to <= below)
        n++;
    memmove(s->piece, s->piece + n, (s->count - n) * sizeof *s->piece);
    s->count -= n;
    if (s->count > 0 && s->piece[0].from < below)
        s->piece[0].from = below;
}

void span_clear(struct spans *s)
{
    free(s->piece);
    memset(s, 0, sizeof *s);
}
