/* SPDX-License-Identifier: MIT */
/* sched/server.c - answer on the subflow that last delivered new data or a new DATA_ACK (De Coninck and Bonaventure,
 * "MultiMob", Networking 2018): the client has moved, and this is where it is. */
#include "sched/choose.h"

/* A client that makes a subflow a backup (MP_PRIO, RFC 8684 3.3.8) goes elsewhere, though its DATA_ACKs still come here; one that
 * joins with B has moved here. */
static int is_left(const struct mpt_conn *c, const struct mpt_subflow *sf)
{
    return sf->peer_left && mpt_choose_best(c) < mpt_choose_class(sf);
}

static struct mpt_subflow *pick(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf = c->last_rx;

    /* An embryo whose answers time out is left, though it was the last to speak. */
    if (sf && sf->member == MPT_MEMBER_EMBRYO && !sf->flow.rto_count)
        return mpt_subflow_usable(sf) && mpt_flow_room(&sf->flow, now) ? sf : NULL;
    if (sf && sf->member != MPT_MEMBER_EMBRYO && mpt_subflow_usable(sf) && !sf->stale && !is_left(c, sf))
        return mpt_flow_room(&sf->flow, now) ? sf : NULL;
    return mpt_choose_fastest(c, mpt_choose_best(c), NULL, now);
}

const struct mpt_sched_ops mpt_sched_server = { "server", pick, mpt_choose_again, NULL, NULL };
