/* SPDX-License-Identifier: MIT */
/* parsed.h - what holds of any segment that wire/ has read, whatever its octets were: used by the fuzzing targets of
 * options and segments, and by the bounded proof. */
#ifndef FUZZ_PARSED_H
#define FUZZ_PARSED_H

#include "fuzz.h"
#include "wire/tcp.h"

/* Counts within their arrays, forms that exist. */
static inline void claim_options(const struct mpt_segment *seg)
{
    const struct mpt_mptcp *mp = &seg->mp;

    CLAIM(seg->tcp.sacks <= MPT_TCP_SACKS_MAX);
    CLAIM(!seg->tcp.has_wscale || seg->tcp.wscale <= 14);
    CLAIM(!((mp->present | mp->malformed | mp->repeated) & ~0x181ffu));
    CLAIM(!(mp->repeated & ~mp->present));
    if (MPT_HAS(mp, MP_JOIN))
        CLAIM(mp->join.len == (seg->flags & MPT_TCP_SYN ? (seg->flags & MPT_TCP_ACK ? 16 : 12) : 24));
    if (MPT_HAS(mp, REMOVE_ADDR))
        CLAIM(mp->remove_addr.count >= 1 && mp->remove_addr.count <= sizeof mp->remove_addr.id);
    if (MPT_HAS(mp, ADD_ADDR))
        CLAIM(mp->add_addr.addr.family == 4 || mp->add_addr.addr.family == 6);
    if (MPT_HAS(mp, DSS) && mp->dss.has_checksum)
        CLAIM(mp->dss.flags & DSS_MAP);
    if (MPT_HAS(mp, MP_EXT))
        CLAIM(!(mp->ext & ~EXT_JWD));
}

#endif
