/* SPDX-License-Identifier: MIT */
/* wire/table.h - the register of MPTCP options (RFC 8684 7) as code: one row per option,
 * its index being the subtype. Used inside wire/ only. */
#ifndef WIRE_TABLE_H
#define WIRE_TABLE_H

#include "wire/mptcp.h"

enum mpt_table_place {
    MPT_ON_SYN = 1,
    MPT_ON_SYNACK = 2,
    MPT_ON_ACK = 4 /* any later one, with data or without */,
    MPT_ON_RST = 8
};

struct mpt_table_row {
    const char *name; /* as RFC 8684 spells it */
    /* Fills its part of mp: 0 or -1 */
    int (*parse)(struct mpt_mptcp *mp, const uint8_t *o, size_t len, uint8_t tcp_flags);
    uint8_t permitted; /* enum mpt_table_place, or-ed */
};

/* enum mpt_sub of the option o[0..len), or -1: neither a known subtype nor EXT. */
int mpt_table_sub(const uint8_t *o, size_t len);
const struct mpt_table_row *mpt_table_row(int sub);

#endif
