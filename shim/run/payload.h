/* SPDX-License-Identifier: MIT */
/* run/payload.h - what the applications send: a keyed function of the offset in the stream.
 *
 * The reader needs no stored copy, and because the function can be turned round, octets that arrive at
 * a wrong place say where they belong: lost, repeated and corrupted data are told apart.
 * Called by traffic.c. */
#ifndef RUN_PAYLOAD_H
#define RUN_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

struct payload {
    uint64_t key; /* of one direction of one connection */
};

enum payload_verdict {
    PAYLOAD_GOOD,
    PAYLOAD_CORRUPT,   /* these octets were never sent */
    PAYLOAD_LOST,      /* the stream jumps forward */
    PAYLOAD_REPEATED   /* the stream jumps back */
};

/* direction: 0 to the server, 1 to the phone. */
void payload_init(struct payload *p, uint64_t seed, uint64_t connection, unsigned direction);
/* Writes the octets of the stream from offset on. */
void payload_fill(const struct payload *p, uint64_t offset, uint8_t *out, size_t n);
/* Looks at n octets that were read at offset; *bad is the first wrong one. */
enum payload_verdict payload_check(const struct payload *p, uint64_t offset, const uint8_t *in, size_t n,
                                   uint64_t *bad);
const char *payload_verdict_name(enum payload_verdict verdict);

#endif
