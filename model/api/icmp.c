/* SPDX-License-Identifier: MIT */
/* api/icmp.c - what the network says of our packets (mpt.h: mpt_icmp; RFC 9293 3.9.2.2, RFC 5927). The host reads the
 * quoted headers; flow/icmp.c judges. */
#include "conn/conn.h"

/* A message about no subflow of ours is counted as an error of the network, as Linux does; it costs nothing. */
int mpt_icmp(struct mpt_stack *s, const struct mpt_addr *local, const struct mpt_addr *remote, uint32_t seq,
             enum mpt_icmp_kind kind, uint32_t mtu, uint64_t now)
{
    struct mpt_subflow *sf;
    struct mpt_conn *c;

    if (local->family != remote->family || (local->family != 4 && local->family != 6) || (unsigned)kind > MPT_ICMP_HARD)
        return MPT_EINVAL;
    MPT_COUNT(s, ICMP_IN);
    sf = mpt_stack_subflow(s, local, remote);
    if (!sf || sf->dead) {
        MPT_COUNT(s, ICMP_NO_FLOW);
        return 0;
    }
    c = sf->conn;
    mpt_flow_icmp(&sf->flow, seq, kind, mtu, now);
    if (mpt_conn_settle(c, now))
        mpt_conn_kick(c);
    return 0;
}
