/* SPDX-License-Identifier: MIT */
/* sec/private.h - what handshake.c and frame.c share (sec/SPEC.md 3.3); nobody else includes it. */
#ifndef SEC_PRIVATE_H
#define SEC_PRIVATE_H

#include "sec/sec.h"

int mpt_sec_names_parse(const struct mpt_sec_names *n, struct mpt_sec_eno *offer, struct mpt_sec_eno *answer);
void mpt_sec_names_add(struct mpt_sha256 *h, const struct mpt_sec_names *n);

#endif
