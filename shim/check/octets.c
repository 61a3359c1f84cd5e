/* SPDX-License-Identifier: MIT */
/* check/octets.c - see octets.h. Memory: at most `most` octets for each, whatever a capture holds. */
#include "check/octets.h"

#include <stdlib.h>
#include <string.h>

#include "run/pool.h"

enum { ROOM_FIRST = 4096 };

void octets_init(struct octets *o, uint64_t most)
{
    memset(o, 0, sizeof *o);
    o->most = most;
}

void octets_clear(struct octets *o)
{
    uint64_t most = o->most;

    free(o->ring);
    span_clear(&o->known);
    octets_init(o, most);
}

/* Every number that was there goes to its place in the larger ring. */
static void grow(struct octets *o, uint64_t room)
{
    uint8_t *ring = pool_grow(NULL, room);
    uint64_t at = o->low;

    while (at < o->high) {
        uint64_t n = o->room - (at & (o->room - 1));

        if (n > room - (at & (room - 1)))
            n = room - (at & (room - 1));
        if (n > o->high - at)
            n = o->high - at;
        memcpy(ring + (at & (room - 1)), o->ring + (at & (o->room - 1)), n);
        at += n;
    }
    free(o->ring);
    o->ring = ring;
    o->room = room;
}

/* Makes [.., to) fit, dropping what lies lowest once the ring may not grow. */
static void reach(struct octets *o, uint64_t at, uint64_t to)
{
    uint64_t room = o->room ? o->room : ROOM_FIRST;

    if (o->ring == NULL || o->low == o->high)
        o->low = o->high = at;
    if (at < o->low && o->high - at <= o->most)
        o->low = at;
    if (to < o->high)
        to = o->high;
    while (room < to - o->low && room < o->most)
        room *= 2;
    if (to - o->low > room) {
        o->low = to - room;
        if (o->high < o->low)
            o->high = o->low;
        span_trim(&o->known, o->low);
    }
    if (room != o->room)
        grow(o, room);
    o->high = to;
}

/* Compares where something is known, then writes where nothing was. */
static uint64_t merge(struct octets *o, uint64_t at, const uint8_t *data, size_t n)
{
    uint64_t mask = o->room - 1, wrong = UINT64_MAX;
    struct span was;

    for (uint64_t x = at; x < at + n;) {
        int known = span_within(&o->known, x, at + n, &was) && was.from == x;
        uint64_t end = known ? was.to : span_within(&o->known, x, at + n, &was) ? was.from : at + n;
        uint64_t piece = o->room - (x & mask) < end - x ? o->room - (x & mask) : end - x;
        uint8_t *here = o->ring + (x & mask);

        if (!known)
            memcpy(here, data + (x - at), piece);
        else if (wrong == UINT64_MAX && memcmp(here, data + (x - at), piece) != 0)
            for (wrong = x; here[wrong - x] == data[wrong - at]; wrong++)
                ;
        x += piece;
    }
    span_add(&o->known, at, at + n);
    return wrong;
}

uint64_t octets_put(struct octets *o, uint64_t at, const uint8_t *data, size_t n, uint64_t *old)
{
    uint64_t skip;

    if (n == 0)
        return UINT64_MAX;
    reach(o, at, at + n);
    skip = at < o->low ? o->low - at : 0;
    if (skip > n)
        skip = n;
    *old += skip;
    return skip == n ? UINT64_MAX : merge(o, at + skip, data + skip, n - skip);
}

size_t octets_peek(const struct octets *o, uint64_t at, size_t n, const uint8_t **data)
{
    struct span is;

    if (!span_within(&o->known, at, at + n, &is) || is.from != at)
        return 0;
    if (is.to - at > o->room - (at & (o->room - 1)))
        is.to = at + o->room - (at & (o->room - 1));
    *data = o->ring + (at & (o->room - 1));
    return is.to - at;
}

int octets_have(const struct octets *o, uint64_t from, uint64_t to)
{
    return from >= to || (from >= o->low && span_gap(&o->known, from) >= to);
}
