/* SPDX-License-Identifier: MIT */
/* conn/subflow.c - subflows of a connection: made, found, freed (RFC 8684 2.2, 3.2). */
#include "conn/conn.h"

#include "jwd/jwd.h"
#include "secure/secure.h"

uint32_t mpt_subflow_isn(struct mpt_stack *s)
{
    return mpt_stack_random32(s); /* RFC 6528 asks for unpredictable; TIME-WAIT is kept, so random will do */
}

static void flow_address(struct mpt_subflow *sf, const struct mpt_addr *local)
{
    struct mpt_address *a = mpt_stack_address(sf->conn->stack, local);

    sf->flow.ifid = a ? a->ifid : 0;
    sf->flow.mtu = a ? a->mtu : MPT_MTU_MIN; /* of an address that nobody brought up nothing is known */
    sf->backup = a && (a->flags & MPT_ADDRESS_BACKUP);
}

struct mpt_subflow *mpt_subflow_new(struct mpt_conn *c, const struct mpt_addr *local, const struct mpt_addr *remote,
                                    uint64_t now)
{
    struct mpt_stack *s = c->stack;
    struct mpt_subflow *sf = mpt_mem_zalloc(&s->mem, sizeof *sf);

    if (!sf)
        return NULL;
    if (mpt_heap_reserve(&s->heap, &s->mem, s->heap_nodes + 1) < 0) {
        mpt_mem_free(&s->mem, sf, sizeof *sf);
        return NULL;
    }
    sf->conn = c;
    if (mpt_secure_keyed(c) && mpt_secure_flow_new(sf) < 0) {
        mpt_mem_free(&s->mem, sf, sizeof *sf);
        return NULL;
    }
    s->heap_nodes++;
    mpt_flow_init(&sf->flow, &mpt_conn_flow_ops, &s->flow_env, sf, local, remote, mpt_subflow_isn(s));
    sf->flow.packs = sf->secure != NULL;
    sf->flow.timer.kind = MPT_TIMER_FLOW;
    sf->flow.conn_number = c->number;
    sf->flow.number = sf->number = ++c->next_subflow;
    sf->flow.cc.group = &c->cc_group;
    sf->flow.tuning = c->tuning;
    /* RFC 7323 7.1: otherwise the clock tells how long we are up, and which connections are of one host. Keyed, as
     * Linux: of one 4-tuple it goes on, so that the next connection may reuse TIME-WAIT (RFC 6191). The ends are
     * swapped: this hash leaves, that of the map must not. */
    sf->flow.ts_offset = (uint32_t)(mpt_stack_hash(s, remote, local) >> 32);
    sf->flow.window_shared = s->config.mptcp != 0;
    sf->rst_reason = sf->peer_reason = 255;
    sf->delta_rx = (uint64_t)-1;
    sf->third_at = MPT_NEVER;
    flow_address(sf, local);
    mpt_list_append(&c->subflows, &sf->link);
    c->subflow_count++;
    mpt_map_add(&s->flows, &s->mem, &sf->node, mpt_stack_hash(s, local, remote));
    (void)now;
    return sf;
}

void mpt_subflow_free(struct mpt_subflow *sf)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_stack *s = c->stack;

    mpt_flow_clear(&sf->flow);
    mpt_heap_remove(&s->heap, &sf->flow.timer);
    s->heap_nodes--;
    mpt_map_remove(&s->flows, &sf->node);
    for (int i = 0; i < 4; i++)
        if (s->last[i] == sf)
            s->last[i] = NULL;
    if (c->last_rx == sf)
        c->last_rx = NULL;
    mpt_list_remove(&sf->link);
    c->subflow_count--;
    if (sf->joined && sf->member == MPT_MEMBER_EMBRYO && !mpt_jwd_was_early(sf))
        mpt_join_forget(c, sf->r_local); /* nothing was sealed or promised by it (jwd 2.5.6) */
    mpt_jwd_clear(sf);
    mpt_map_forget(sf);
    mpt_cut_forget(sf);
    mpt_secure_flow_free(sf);
    mpt_mem_free(&s->mem, sf, sizeof *sf);
}

struct mpt_subflow *mpt_subflow_find(const struct mpt_conn *c, uint32_t number)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (sf->number == number)
            return sf;
    return NULL;
}

/* The initiator of a join sends no data before the fourth ACK (RFC 8684 3.2), unless its SYN carried some. */
int mpt_subflow_usable(const struct mpt_subflow *sf)
{
    if (sf->dead || sf->flow.closing || mpt_secure_leaves(sf))
        return 0;
    if (sf->member == MPT_MEMBER_EMBRYO)
        return mpt_jwd_early_allowed(sf);
    if (sf->conn->tfo == MPT_TFO_TAKEN) /* a server may answer before the third ACK (RFC 7413 4.2.2) */
        return sf->flow.state == MPT_FLOW_SYN_RCVD;
    if (!mpt_flow_usable(&sf->flow))
        return 0;
    return sf->member == MPT_MEMBER_FULL || (sf->member == MPT_MEMBER_THIRD && mpt_jwd_both(sf));
}

/* Counts against limits, and keeps the connection from waiting for another. */
int mpt_subflow_alive(const struct mpt_subflow *sf)
{
    return !sf->dead && !sf->flow.closing && !mpt_secure_leaves(sf) && sf->flow.state != MPT_FLOW_CLOSED &&
           sf->flow.state != MPT_FLOW_TIME_WAIT;
}

/* Those in TIME-WAIT or waiting for their last RST do not count against max_subflows. */
uint32_t mpt_subflow_count(const struct mpt_conn *c)
{
    struct mpt_subflow *sf;
    uint32_t n = 0;

    MPT_EACH_SUBFLOW(c, sf)
        n += (uint32_t)mpt_subflow_alive(sf);
    return n;
}

/* Answers leave where the SYN came: a peer may be bound to that link (Linux: "endpoint ... dev"). */
void mpt_subflow_arrived(struct mpt_subflow *sf, const struct mpt_packet *p)
{
    if (p->ifid)
        sf->flow.ifid = p->ifid;
}
