/* SPDX-License-Identifier: MIT */
/* conn/prio.c - backup or regular, changed during the life of a subflow (RFC 8684 3.3.8). */
#include "conn/conn.h"

#include "secure/secure.h"

int mpt_prio_set(struct mpt_subflow *sf, int backup, uint64_t now)
{
    if (sf->dead || !sf->conn->multipath)
        return MPT_ENOTCONN;
    sf->backup = !!backup;
    sf->signals |= MPT_SIG_PRIO;
    MPT_TRACE(&sf->conn->stack->tracer, mp_prio, sf->conn->number, sf->number, now, sf->backup, 1, 0, 0);
    if (mpt_secure_bound(sf->conn))
        mpt_secure_tell(sf->conn); /* in a record: sec/SPEC.md 3.6 */
    else
        mpt_flow_push_ack(&sf->flow);
    mpt_conn_kick(sf->conn);
    return 0;
}

/* The host has changed what it thinks of an address: so every subflow from it is told of (Linux: endpoint change). */
void mpt_prio_address(struct mpt_conn *c, const struct mpt_address *a, uint64_t now)
{
    struct mpt_subflow *sf;
    int backup = !!(a->flags & MPT_ADDRESS_BACKUP);

    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_addr_same_ip(&sf->flow.local, &a->addr) && mpt_subflow_alive(sf) && sf->member == MPT_MEMBER_FULL)
            mpt_prio_set(sf, backup, now);
}

void mpt_prio_in(struct mpt_subflow *sf, const struct mpt_mp_prio *o, uint64_t now)
{
    MPT_COUNT(sf->conn->stack, MP_PRIO_RX);
    sf->peer_backup = o->backup;
    sf->peer_left = o->backup;
    MPT_TRACE(&sf->conn->stack->tracer, mp_prio, sf->conn->number, sf->number, now, o->backup, 0, 0, 0);
    mpt_conn_raise(sf->conn, MPT_EV_SUBFLOW);
}
