/* SPDX-License-Identifier: MIT */
/* pattern.h - the payload of the kernel cases: an octet for every (direction, offset), so that
 * losses, duplicates and swaps are seen without a stored copy. Included by both peers. */
#ifndef PATTERN_H
#define PATTERN_H

#include <stddef.h>
#include <stdint.h>

/* direction 0: from the client; 1: from the server. The period of 251 * 65536 octets is longer than any
 * test, and neighbours 2^k apart differ. */
static inline uint8_t pattern_octet(int direction, uint64_t offset)
{
    return (uint8_t)(offset % 251 + (offset >> 8) * 7 + (offset >> 16) * 13 +
                     (unsigned)direction * 101);
}

static inline void pattern_fill(int direction, uint64_t offset, uint8_t *out, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        out[i] = pattern_octet(direction, offset + i);
}

/* Index of the first octet that is wrong, or n. */
static inline size_t pattern_check(int direction, uint64_t offset, const uint8_t *in, size_t n)
{
    size_t i;

    for (i = 0; i < n && in[i] == pattern_octet(direction, offset + i); i++)
        ;
    return i;
}

/* How many of n octets are wrong. */
static inline size_t pattern_wrong(int direction, uint64_t offset, const uint8_t *in, size_t n)
{
    size_t i, wrong = 0;

    for (i = 0; i < n; i++)
        wrong += in[i] != pattern_octet(direction, offset + i);
    return wrong;
}

#endif
