/* SPDX-License-Identifier: MIT */
/* wire/mp_fail.c - MP_FAIL (RFC 8684 3.7): the DSN at which a mapping's checksum failed.
 *
 *     30 | 12 | 6, 0 | 0 | DSN 64
 *
 * On the RST of a subflow when others are left, else on a segment that goes on
 * (conn/fallback.c). */
#include "base/bytes.h"
#include "wire/mptcp.h"

enum { LEN = 12 };

/* The 12 bits behind the subtype are reserved and not looked at (RFC 8684 3.7). */
int mpt_mp_fail_parse(struct mpt_mp_fail *o, const uint8_t *p, size_t len, uint8_t tcp_flags)
{
    (void)tcp_flags;
    if (len != LEN)
        return -1;
    o->dsn = mpt_bytes_get64(p + 4);
    return 0;
}

/* Reserved bits are sent as zero. */
uint8_t *mpt_mp_fail_build(uint8_t *p, const struct mpt_mp_fail *o)
{
    p = mpt_bytes_put32(p, (uint32_t)MPT_OPT_MPTCP << 24 | LEN << 16 | MP_FAIL << 12);
    return mpt_bytes_put64(p, o->dsn);
}
