/* SPDX-License-Identifier: MIT */
/* check/span.h - a set of numbers as sorted half-open pieces, bounded: what was seen of a sequence space. */
#ifndef CHECK_SPAN_H
#define CHECK_SPAN_H

#include <stddef.h>
#include <stdint.h>

enum { SPAN_MAX = 8192 };

struct span {
    uint64_t from, to; /* [from, to) */
};

struct spans {
    struct span *piece; /* sorted, never touching each other */
    size_t count, room;
    uint8_t overflow;    /* more pieces than SPAN_MAX: the lowest gap was forgotten */
};

void span_add(struct spans *s, uint64_t from, uint64_t to);
/* The first number >= from that is not in the set. */
uint64_t span_gap(const struct spans *s, uint64_t from);
/* The first piece of the set within [from, to): 1 and *out, or 0. */
int span_within(const struct spans *s, uint64_t from, uint64_t to, struct span *out);
/* Forgets what is below. */
void span_trim(struct spans *s, uint64_t below);
void span_clear(struct spans *s);

#endif
