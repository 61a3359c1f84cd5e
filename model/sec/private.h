/* SPDX-License-Identifier: MIT */
/* sec/private.h - what the files of sec/ share; nobody else includes it. */
#ifndef SEC_PRIVATE_H
#define SEC_PRIVATE_H

#include "sec/sec.h"

/* frame.c, for handshake.c (sec/SPEC.md 3.3) */
int mpt_sec_names_parse(const struct mpt_sec_names *n, struct mpt_sec_eno *offer, struct mpt_sec_eno *answer);
void mpt_sec_names_add(struct mpt_sha256 *h, const struct mpt_sec_names *n);

/* record.c, for join.c: what stands behind H (3.5), and in a join record behind H and DSN (jwd/README.md 2.3). */
enum mpt_sec_verdict mpt_sec_body_parse(struct mpt_sec_record *r, uint8_t h, const uint8_t *p, size_t n, uint8_t bits,
                                        uint32_t data_max);

#endif
