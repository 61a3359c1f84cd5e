/* SPDX-License-Identifier: MIT */
/* base/bytes.h - big-endian integers in octet arrays (network order, RFC 791 appendix B).
 * Used wherever wire bytes are read or written; callers have checked the bounds. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Octet by octet: no alignment is asked for, and compilers make one load and a swap of it. */
static inline uint16_t mpt_bytes_get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t mpt_bytes_get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t mpt_bytes_get64(const uint8_t *p)
{
    return (uint64_t)mpt_bytes_get32(p) << 32 | mpt_bytes_get32(p + 4);
}

/* Writers return the octet behind, so that a header reads as a chain of calls. */
static inline uint8_t *mpt_bytes_put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
    return p + 2;
}

static inline uint8_t *mpt_bytes_put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
    return p + 4;
}

static inline uint8_t *mpt_bytes_put64(uint8_t *p, uint64_t v)
{
    mpt_bytes_put32(p, (uint32_t)(v >> 32));
    mpt_bytes_put32(p + 4, (uint32_t)v);
    return p + 8;
}

#endif
