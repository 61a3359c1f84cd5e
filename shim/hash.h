/* SPDX-License-Identifier: MIT */
/* hash.h - the byte hash of a run: one number over every octet emitted and its time.
 *
 * Two runs with the same hash emitted the same packets at the same times: the free regression check in
 * run.json. It finds accidents, not adversaries. Made to cost less than the copy of a packet: four
 * lanes of multiply and rotate over 32-octet blocks. Octets are read little-endian everywhere. */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hash {
    uint64_t lane[4]; /* running state */
    uint64_t octets;  /* hashed so far */
};

void hash_init(struct hash *hash);
/* One piece. Pieces are framed: "ab","c" and "a","bc" differ, as packets should. */
void hash_bytes(struct hash *hash, const void *data, size_t n);
void hash_u64(struct hash *hash, uint64_t value);
/* The hash so far; more may be added. */
uint64_t hash_value(const struct hash *hash);

#ifdef __cplusplus
}
#endif
#endif
