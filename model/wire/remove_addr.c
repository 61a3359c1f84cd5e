/* SPDX-License-Identifier: MIT */
/* wire/remove_addr.c - REMOVE_ADDR (RFC 8684 3.4.2): a list of address identifiers.
 *
 *     30 | 3 + n | 4, 0 | id | id .. */
#include "base/bytes.h"
#include "wire/mptcp.h"

enum { LEN_HEAD = 3 };

/* An empty list says nothing and is refused; the low nibble of octet 2 is reserved and ignored. */
int mpt_remove_addr_parse(struct mpt_remove_addr *o, const uint8_t *p, size_t len,
                          uint8_t tcp_flags)
{
    (void)tcp_flags;
    if (len <= LEN_HEAD || len > LEN_HEAD + sizeof o->id)
        return -1;
    o->count = (uint8_t)(len - LEN_HEAD);
    memcpy(o->id, p + LEN_HEAD, o->count);
    return 0;
}

/* count is at least 1 and at most what fits the options. */
uint8_t *mpt_remove_addr_build(uint8_t *p, const struct mpt_remove_addr *o)
{
    *p++ = MPT_OPT_MPTCP;
    *p++ = (uint8_t)(LEN_HEAD + o->count);
    *p++ = REMOVE_ADDR << 4;
    memcpy(p, o->id, o->count);
    return p + o->count;
}
