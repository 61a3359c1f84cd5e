/* SPDX-License-Identifier: MIT */
/* wire/table.c - the register of MPTCP options and its dispatch (RFC 8684 7; where each may
 * appear: 3.1 capable, 3.2 join, 3.3 DSS, 3.4 addresses, 3.3.8 priority, 3.5 fast close, 3.6 reset,
 * 3.7 fail). A new option is a file with its parser and builder, and a row here. */
#include "wire/table.h"

#include "base/bytes.h"
#include "wire/tcp.h"

enum { HANDSHAKE = MPT_ON_SYN | MPT_ON_SYNACK | MPT_ON_ACK };

/* File name of the parser, member of struct mpt_mptcp. */
#define MEMBERS(X)                                                                                 \
    X(mp_capable, capable)                                                                         \
    X(mp_join, join)                                                                               \
    X(dss, dss)                                                                                    \
    X(add_addr, add_addr)                                                                          \
    X(remove_addr, remove_addr)                                                                    \
    X(mp_prio, prio)                                                                               \
    X(mp_fail, fail)                                                                               \
    X(mp_fastclose, fastclose)                                                                     \
    X(mp_tcprst, tcprst)                                                                           \
    X(ext, ext)

/* One signature for all rows; the parsers proper take their own struct. */
#define PARSER(file, member)                                                                       \
    static int parse_##file(struct mpt_mptcp *mp, const uint8_t *o, size_t len, uint8_t tcp_flags) \
    {                                                                                              \
        return mpt_##file##_parse(&mp->member, o, len, tcp_flags);                                 \
    }
MEMBERS(PARSER)

/* Private use (RFC 8684 7): only noted; whoever agreed on it reads the raw option. */
static int parse_experimental(struct mpt_mptcp *mp, const uint8_t *o, size_t len, uint8_t tcp_flags)
{
    (void)mp, (void)o, (void)len, (void)tcp_flags;
    return 0;
}

/* Subtypes 9 to 14 are not assigned: no row, skipped. An option on a segment where it has no place
 * is left out like a malformed one (RFC 8684 3.7 wants unexpected options ignored), but conn/ sees
 * the bit and can count it. */
static const struct mpt_table_row table[] = {
    [MP_CAPABLE] = {"MP_CAPABLE", parse_mp_capable, HANDSHAKE},
    [MP_JOIN] = {"MP_JOIN", parse_mp_join, HANDSHAKE},
    [DSS] = {"DSS", parse_dss, MPT_ON_ACK},
    [ADD_ADDR] = {"ADD_ADDR", parse_add_addr, MPT_ON_ACK},
    [REMOVE_ADDR] = {"REMOVE_ADDR", parse_remove_addr, MPT_ON_ACK},
    [MP_PRIO] = {"MP_PRIO", parse_mp_prio, MPT_ON_ACK},
    [MP_FAIL] = {"MP_FAIL", parse_mp_fail, MPT_ON_ACK | MPT_ON_RST},
    [MP_FASTCLOSE] = {"MP_FASTCLOSE", parse_mp_fastclose, MPT_ON_ACK | MPT_ON_RST},
    [MP_TCPRST] = {"MP_TCPRST", parse_mp_tcprst, MPT_ON_RST},
    [MP_EXPERIMENTAL] = {"MP_EXPERIMENTAL", parse_experimental, HANDSHAKE | MPT_ON_RST},
    [MP_EXT] = {"EXT", parse_ext, MPT_ON_SYN | MPT_ON_SYNACK},
};

/* The subtype is the upper half of the third octet (RFC 8684 3). */
int mpt_table_sub(const uint8_t *o, size_t len)
{
    int sub;

    if (o[0] == MPT_OPT_EXP) /* RFC 6994 3: the experiment's identifier follows the length */
        return len >= 4 && mpt_bytes_get16(o + 2) == MPT_EXT_EXID ? MP_EXT : -1;
    if (len < 3)
        return -1;
    sub = o[2] >> 4;
    return table[sub].parse ? sub : -1;
}

/* sub must come from mpt_table_sub. */
const struct mpt_table_row *mpt_table_row(int sub)
{
    return &table[sub];
}

/* RST first: a RST may have any other flag (RFC 9293 3.10.7). */
static uint8_t place_of(uint8_t tcp_flags)
{
    if (tcp_flags & MPT_TCP_RST)
        return MPT_ON_RST;
    if (tcp_flags & MPT_TCP_SYN)
        return tcp_flags & MPT_TCP_ACK ? MPT_ON_SYNACK : MPT_ON_SYN;
    return MPT_ON_ACK;
}

/* The first of a kind counts. A second one can only be a mistake or an attempt to confuse whoever
 * takes the last, so it is noted and left out. */
void mpt_mptcp_parse(struct mpt_mptcp *mp, const uint8_t *o, size_t len, uint8_t tcp_flags)
{
    int sub = mpt_table_sub(o, len);
    uint32_t bit;

    if (sub < 0)
        return;
    bit = 1u << sub;
    if (mp->present & bit)
        mp->repeated |= bit;
    else if (!(table[sub].permitted & place_of(tcp_flags)) ||
             table[sub].parse(mp, o, len, tcp_flags) < 0)
        mp->malformed |= bit;
    else
        mp->present |= bit;
}
