/* SPDX-License-Identifier: MIT */
/* base/serial.h - wire sequence numbers to 64-bit ones (RFC 1982 arithmetic, RFC 8684 3.3.1 for
 * DSNs). Inside the library every sequence number is 64 bit and never wraps; only wire values are
 * serial. */
#ifndef BASE_SERIAL_H
#define BASE_SERIAL_H

#include <stdint.h>

/* The 64-bit value nearest to `near` whose low 32 bits are `wire`. */
static inline uint64_t mpt_serial_expand(uint64_t near, uint32_t wire)
{
    return near + (uint64_t)(int64_t)(int32_t)(wire - (uint32_t)near);
}

/* a < b where both are within 2^63 of each other: DSNs start anywhere, so plain < is wrong for
 * them. */
static inline int mpt_serial_before(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b) < 0;
}

#endif
