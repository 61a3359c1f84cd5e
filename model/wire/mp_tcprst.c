/* SPDX-License-Identifier: MIT */
/* wire/mp_tcprst.c - MP_TCPRST (RFC 8684 3.6): why a subflow was reset. Reasons beyond
 * the register are kept as they are; 3.6 lets the receiver treat them as unspecified.
 *
 *     30 | 4 | 8, U V W T | reason
 *
 * T: the condition is transient, another attempt may do; U, V and W are unassigned and kept. */
#include "wire/mptcp.h"

enum { LEN = 4 };

/* Any reason is taken: the register may have grown (RFC 8684 3.6). */
int mpt_mp_tcprst_parse(struct mpt_mp_tcprst *o, const uint8_t *p, size_t len, uint8_t tcp_flags)
{
    (void)tcp_flags;
    if (len != LEN)
        return -1;
    o->flags = p[2] & 0x0f;
    o->reason = p[3];
    return 0;
}

/* Four octets, no padding needed. */
uint8_t *mpt_mp_tcprst_build(uint8_t *p, const struct mpt_mp_tcprst *o)
{
    *p++ = MPT_OPT_MPTCP;
    *p++ = LEN;
    *p++ = (uint8_t)(MP_TCPRST << 4 | (o->flags & 0x0f));
    *p++ = o->reason;
    return p;
}
