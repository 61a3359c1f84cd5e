/* SPDX-License-Identifier: MIT */
/* conn/stale.c - subflows that time out (RFC 8684 3.3.6 leaves it to the sender when and where octets go again; 3.3.8:
 * what is not regular is used when nothing else is left). hooks.c calls.
 *
 * After a first time-out a subflow is silent: what it has in flight goes elsewhere, and new octets, too, as long as
 * another one works (sched/choose.c, class 2). After stale_loss_count time-outs in a row, while another one works, it
 * is declared stale, as Linux does (net.mptcp.stale_loss_cnt): counted and told. Anything valid that arrives ends both;
 * it is trusted with new octets again when some of its own are acknowledged. */
#include "conn/conn.h"

/* Another subflow that carries octets: only beside that is silence a fault of the path and not of the peer. */
static int another_works(const struct mpt_subflow *than)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(than->conn, sf)
        if (sf != than && sf->member == MPT_MEMBER_FULL && mpt_subflow_usable(sf) && !sf->stale)
            return 1;
    return 0;
}

static void declare(struct mpt_subflow *sf, int stale, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (stale)
        MPT_COUNT(c->stack, SUBFLOW_STALE);
    else
        MPT_COUNT(c->stack, SUBFLOW_RECOVER);
    MPT_TRACE(&c->stack->tracer, subflow_stale, c->number, sf->number, now, (uint64_t)stale, sf->flow.rto_count, 0, 0);
    mpt_conn_raise(c, MPT_EV_SUBFLOW);
}

/* The only subflow there is keeps its octets after the first time-out: TCP repeats them there anyway. */
void mpt_stale_timeout(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    uint32_t limit = c->stack->config.stale_loss_count;

    if (!sf->stale || c->subflow_count > 1)
        mpt_reinject_subflow(sf, 1, now);
    if (!sf->stale)
        sf->stale = MPT_SILENT;
    if (sf->stale == MPT_STALE || !limit || sf->flow.rto_count < limit || !c->multipath || !another_works(sf))
        return;
    sf->stale = MPT_STALE;
    declare(sf, 1, now);
}

/* The receiver timer (pm/receiver.c): nothing came here, and nothing of ours is in flight that would time out. */
void mpt_stale_silence(struct mpt_subflow *sf)
{
    sf->flow.stale = 1; /* whatever arrives is told */
    sf->stale = sf->stale ? sf->stale : MPT_SILENT;
}

/* What it holds itself it repeats itself: the scheduler's pick_again passes over the holder. */
void mpt_stale_alive(struct mpt_subflow *sf, uint64_t now)
{
    if (sf->stale == MPT_STALE)
        declare(sf, 0, now);
    sf->stale = 0;
}
