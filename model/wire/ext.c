/* SPDX-License-Identifier: MIT */
/* wire/ext.c - EXT, the option that agrees on join-with-data (jwd/README.md 2.1): TCP's
 * experimental kind 254 with a 16-bit identifier (RFC 6994 3). Ours, in no RFC. A set reserved bit
 * is an error, never guessed at.
 *
 *     254 | 5 | 0x4A57 | flags: JWD 0x01 */
#include "base/bytes.h"
#include "wire/mptcp.h"

enum { LEN = 5 };

/* Other experiments share the kind: the identifier decides (RFC 6994 3). */
int mpt_ext_parse(uint8_t *flags, const uint8_t *p, size_t len, uint8_t tcp_flags)
{
    (void)tcp_flags;
    if (len != LEN || mpt_bytes_get16(p + 2) != MPT_EXT_EXID || p[4] & ~EXT_JWD)
        return -1;
    *flags = p[4];
    return 0;
}

/* Five octets; the caller pads. */
uint8_t *mpt_ext_build(uint8_t *p, uint8_t flags)
{
    *p++ = MPT_OPT_EXP;
    *p++ = LEN;
    p = mpt_bytes_put16(p, MPT_EXT_EXID);
    *p++ = flags;
    return p;
}
