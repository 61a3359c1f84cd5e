/* SPDX-License-Identifier: MIT */
/* wire/mp_prio.c - MP_PRIO (RFC 8684 3.3.8). Version 1 has no address identifier: it is
 * about the subflow it comes on.
 *
 *     30 | 3 | 5, 0 0 0 B */
#include "wire/mptcp.h"

enum { LEN = 3, FLAG_B = 0x01 };

/* The three reserved bits are not looked at. */
int mpt_mp_prio_parse(struct mpt_mp_prio *o, const uint8_t *p, size_t len, uint8_t tcp_flags)
{
    (void)tcp_flags;
    if (len != LEN)
        return -1;
    o->backup = p[2] & FLAG_B;
    return 0;
}

/* Three octets; the caller pads. */
uint8_t *mpt_mp_prio_build(uint8_t *p, const struct mpt_mp_prio *o)
{
    *p++ = MPT_OPT_MPTCP;
    *p++ = LEN;
    *p++ = (uint8_t)(MP_PRIO << 4 | (o->backup ? FLAG_B : 0));
    return p;
}
