/* SPDX-License-Identifier: MIT */
/* simsec.h - MPTCPsec in the random transfers (sec/SPEC.md 3): policies, key exchange, AEAD and record sizes of both
 * ends, boxes that eat ENO or flip octets of the payload. Drawn beside the case of the same seed: the cases of
 * sim_transfers stay what they are. */
#ifndef SIM_SIMSEC_H
#define SIM_SIMSEC_H

#include "simcase.h"

#include "box/path.h"

/* simcase_draw, and MPTCPsec over it. */
void simsec_draw(struct sim_case *c, uint64_t seed);
/* Seed, key and pre-shared key of the case into a stack: 0 or an error of mpt.h. */
int simsec_identify(const struct sim_case *c, uint32_t host, struct mpt_stack *stack);
/* What was drawn, as text. */
size_t simsec_print(const struct sim_case *c, char *out, size_t cap);
/* A box that changes an octet of the payload of so many of 1000 segments and repairs the checksum, from `from` on: TCP
 * takes them, records must not. NULL: memory. The path owns it. */
struct box *simsec_flip(struct box_pool *pool, uint32_t permille, uint64_t from, uint64_t seed);

#endif
