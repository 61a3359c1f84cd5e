/* SPDX-License-Identifier: MIT */
/* wire/mp_fastclose.c - MP_FASTCLOSE (RFC 8684 3.5): ends the connection if the key is
 * the receiver's.
 *
 *     30 | 12 | 7, 0 | 0 | key 64
 *
 * On an ACK, which the peer answers with RST, or on a RST for all at once: RFC 8684 3.5, options A
 * and R. */
#include "base/bytes.h"
#include "wire/mptcp.h"

enum { LEN = 12 };

/* Whether the key is ours is conn/fastclose.c's question. */
int mpt_mp_fastclose_parse(struct mpt_mp_fastclose *o, const uint8_t *p, size_t len,
                           uint8_t tcp_flags)
{
    (void)tcp_flags;
    if (len != LEN)
        return -1;
    o->key = mpt_bytes_get64(p + 4);
    return 0;
}

/* Reserved bits are sent as zero. */
uint8_t *mpt_mp_fastclose_build(uint8_t *p, const struct mpt_mp_fastclose *o)
{
    p = mpt_bytes_put32(p, (uint32_t)MPT_OPT_MPTCP << 24 | LEN << 16 | MP_FASTCLOSE << 12);
    return mpt_bytes_put64(p, o->key);
}
