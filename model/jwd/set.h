/* SPDX-License-Identifier: MIT */
/* jwd/set.h - the randoms R_I that initiators have used in a connection (jwd/README.md 2.5.2, check 5). */
#ifndef JWD_SET_H
#define JWD_SET_H

#include "conn/conn.h"

int mpt_jwd_set_find(const struct mpt_conn *c, uint32_t r); /* 0 unknown, 1 open, 2 closed (validated) */
int mpt_jwd_set_full(const struct mpt_conn *c);
int mpt_jwd_set_add(struct mpt_conn *c, uint32_t r);        /* 0 or MPT_ENOMEM */

#endif
