/* SPDX-License-Identifier: MIT */
/* pm/receiver.c - MultiMob's receiver timer (De Coninck and Bonaventure, Networking 2018): whoever only receives has no
 * time-out of its own when a path dies. The peer says with each mapping whether it was its last data (idle bit, DSS
 * flag 0x20); while it was not, or while octets before it are missing, silence for the peer's RTO makes a phone join.
 *
 * Ours: the peer's RTO is not told but taken from this side's samples of the same path, before any back-off.
 * conn/map.c calls for every mapping, in the clear or of a record. The timer is not moved for each: it looks when it
 * ends whether more has come meanwhile. An attacker on the path can turn the bit over, and so make a phone join or wait;
 * octets are not at stake. */
#include "pm/private.h"

static uint64_t delay(const struct mpt_subflow *sf)
{
    const struct mpt_config *k = &sf->conn->stack->config;
    uint64_t rto = mpt_flow_first_rto(&sf->flow);

    rto = rto ? rto : k->pm_receiver_default;
    return rto > k->pm_receiver_floor ? rto : k->pm_receiver_floor;
}

void mpt_pm_heard(struct mpt_subflow *sf, uint64_t dsn, int more, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (dsn >= c->heard_dsn) {
        c->heard_dsn = dsn;
        c->heard_more = !!more;
    }
    if (!c->stack->config.pm_receiver_timer || !c->pm->silent || !c->jwd)
        return;
    c->heard_until = now + delay(sf);
    if (c->receive_at != MPT_NEVER || (!c->heard_more && c->rob.tail >= dsn))
        return;
    c->receive_at = c->heard_until;
    mpt_conn_rearm(c);
}

/* Our application does not read: the peer has no room for another segment (RFC 9293 3.8.6.2.1). */
static int we_hold_it_back(const struct mpt_conn *c)
{
    return c->rcv_edge < c->rob.tail + c->peer_mss;
}

/* With everything up to the last data, silence is as it should be. A record of MPTCPsec may hold no data: then nothing is missing
 * when nothing is held that waits for more. */
static int has_all(const struct mpt_conn *c)
{
    struct mpt_subflow *sf;

    if (c->heard_more || c->rob.tail != c->heard_dsn)
        return !c->heard_more && c->rob.tail > c->heard_dsn;
    MPT_EACH_SUBFLOW(c, sf)
        if (sf->flow.rob.head != sf->flow.rob.tail || sf->flow.rob.ofo.count)
            return 0;
    return 1;
}

void mpt_pm_heard_expire(struct mpt_conn *c, uint64_t now)
{
    c->receive_at = MPT_NEVER;
    if (has_all(c))
        return;
    if (we_hold_it_back(c))
        c->heard_until = now + c->stack->config.pm_receiver_floor;
    if (now < c->heard_until)
        c->receive_at = c->heard_until;
    else
        c->pm->silent(c, now);
}

/* Subflows on which nothing at all came count as timed out until something valid arrives. */
void mpt_pm_silent(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    if (!mpt_pm_may_join(c))
        return;
    MPT_EACH_SUBFLOW(c, sf)
        if (sf->member == MPT_MEMBER_FULL && mpt_subflow_alive(sf) && now - sf->flow.last_recv_at >= delay(sf))
            mpt_stale_silence(sf);
    if (mpt_pm_join_fresh(c, now))
        MPT_TRACE(&c->stack->tracer, pm_trigger, c->number, 0, now, MPT_TRIGGER_RECEIVER, 0, 0, 0);
}
