/* SPDX-License-Identifier: MIT */
/* check/octets.h - the last octets of a sequence space, by their number, in a ring: to tell whether what is
 * sent again is the same, and to sum mappings that several segments carry. */
#ifndef CHECK_OCTETS_H
#define CHECK_OCTETS_H

#include "check/span.h"

struct octets {
    uint8_t *ring;       /* room octets; number n lies at n % room */
    uint64_t room, most; /* a power of two, grown to `most` at need */
    uint64_t low, high;  /* [low, high) can be there */
    struct spans known;  /* is there */
};

void octets_init(struct octets *o, uint64_t most);
void octets_clear(struct octets *o);
/* Keeps n octets from number `at` on. Returns the number of the first octet that was there with another value,
 * or UINT64_MAX; *old counts octets too old to compare. The first value stays. */
uint64_t octets_put(struct octets *o, uint64_t at, const uint8_t *data, size_t n, uint64_t *old);
/* The piece from `at` on that lies in one run of memory: its length, at most n; 0: not known. */
size_t octets_peek(const struct octets *o, uint64_t at, size_t n, const uint8_t **data);
/* Are all of [from, to) known? */
int octets_have(const struct octets *o, uint64_t from, uint64_t to);

#endif
