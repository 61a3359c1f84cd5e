/* SPDX-License-Identifier: MIT */
/* conn/conn.c - life of a connection: made, its events, its deadlines, its end (RFC 8684 3.3.3, 3.4).
 * api/ makes connections; every entry point ends in mpt_conn_settle. */
#include "conn/conn.h"

#include "jwd/jwd.h"
#include "pm/pm.h"
#include "sched/sched.h"
#include "secure/secure.h"

struct mpt_conn *mpt_conn_new(struct mpt_stack *s, int passive)
{
    struct mpt_conn *c = mpt_mem_zalloc(&s->mem, sizeof *c);

    if (!c)
        return NULL;
    if (mpt_heap_reserve(&s->heap, &s->mem, s->heap_nodes + 1) < 0) {
        mpt_mem_free(&s->mem, c, sizeof *c);
        return NULL;
    }
    s->heap_nodes++;
    c->stack = s;
    c->number = ++s->next_number;
    c->passive = c->hidden = (uint8_t)passive;
    s->half_open += (uint32_t)passive;
    c->reset_reason = 255;
    c->timer.kind = MPT_TIMER_CONN;
    c->fin_at = c->linger_at = c->add_addr_at = c->pm_at = c->dack_at = c->retry_at = c->fail_at = MPT_NEVER;
    c->receive_at = MPT_NEVER;
    c->fastclose_at = c->hold_at = MPT_NEVER;
    mpt_list_append(&s->conns, &c->link);
    mpt_list_init(&c->output);
    mpt_list_init(&c->ready);
    mpt_list_init(&c->subflows);
    mpt_stream_init(&c->stream);
    mpt_ranges_init(&c->reinject);
    mpt_rob_init(&c->rob, 0);
    mpt_cc_group_init(&c->cc_group);
    c->sched = mpt_sched_find(s->config.sched);
    c->pm = mpt_pm_find(s->config.pm);
    c->rcv_edge = s->config.rcvbuf;
    return c;
}

void mpt_conn_free(struct mpt_conn *c)
{
    struct mpt_stack *s = c->stack;
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        mpt_subflow_free(sf);
    s->half_open -= c->hidden;
    mpt_fastopen_settled(c);
    s->counters[MPT_CNT_CURR_ESTAB] -= c->established;
    if (c->announced)
        mpt_map_remove(&s->tokens, &c->token_node);
    mpt_heap_remove(&s->heap, &c->timer);
    s->heap_nodes--;
    mpt_list_remove(&c->link);
    mpt_list_remove(&c->output);
    mpt_list_remove(&c->ready);
    mpt_stream_clear(&c->stream, &s->mem);
    mpt_ranges_clear(&c->reinject, &s->mem);
    mpt_rob_clear(&c->rob, &s->mem);
    mpt_jwd_set_free(c);
    mpt_secure_free(c);
    mpt_mem_free(&s->mem, c->tuning, c->tuning ? sizeof *c->tuning : 0);
    mpt_mem_free(&s->mem, c->used_random, c->used_room * sizeof *c->used_random);
    mpt_crypto_wipe(&c->key_local, sizeof c->key_local);
    mpt_crypto_wipe(&c->key_remote, sizeof c->key_remote);
    mpt_mem_free(&s->mem, c, sizeof *c);
}

/* Flags gather until they are pulled: no queue that could overflow, no call into the host. */
void mpt_conn_raise(struct mpt_conn *c, uint32_t events)
{
    if (c->closed_by_user || c->hidden)
        return;
    c->events |= events;
    if (mpt_list_empty(&c->ready))
        mpt_list_append(&c->stack->ready, &c->ready);
}

/* Cheap and idempotent: every entry point calls it, mpt_output finds out whether there is something. */
void mpt_conn_kick(struct mpt_conn *c)
{
    if (mpt_list_empty(&c->output))
        mpt_list_append(&c->stack->output, &c->output);
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Subflows have few deadlines beside their flow's own, so they share the connection's node of the heap. */
void mpt_conn_rearm(struct mpt_conn *c)
{
    struct mpt_subflow *sf;
    uint64_t at = earliest(earliest(c->fin_at, c->linger_at), earliest(c->add_addr_at, c->pm_at));

    at = earliest(earliest(at, c->fastclose_at), earliest(c->dack_at, earliest(c->retry_at, c->fail_at)));
    at = earliest(earliest(at, c->receive_at), earliest(c->hold_at, mpt_secure_deadline(c)));

    MPT_EACH_SUBFLOW(c, sf)
        at = earliest(at, earliest(sf->third_at, mpt_jwd_deadline(sf)));
    mpt_heap_set(&c->stack->heap, &c->timer, at);
}

/* Nothing else may happen to this connection: what could not leave leaves, what could not be taken is taken. */
void mpt_conn_starved(struct mpt_conn *c, uint64_t now)
{
    static const uint64_t AGAIN_NS = 100000000;

    if (c->retry_at == MPT_NEVER) {
        c->retry_at = now + AGAIN_NS;
        mpt_conn_rearm(c);
    }
}

static void try_again(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    c->retry_at = MPT_NEVER;
    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead && c->state != MPT_CONN_CLOSED)
            mpt_flow_redeliver(&sf->flow, now);
    mpt_conn_kick(c);
}

/* A connection that is over waits only so long for its subflows' last segments (RFC 9293 3.6.1 sets no limit). */
static void kill_rest(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    if (c->state == MPT_CONN_CLOSED)
        MPT_EACH_SUBFLOW(c, sf)
            if (!sf->dead && sf->flow.state != MPT_FLOW_TIME_WAIT)
                mpt_flow_kill(&sf->flow, MPT_ETIMEDOUT, now);
}

void mpt_conn_expire(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    if (c->linger_at <= now) {
        c->linger_at = MPT_NEVER;
        kill_rest(c, now);
        mpt_conn_over(c, c->fin_acked && c->peer_fin_taken ? 0 : c->error ? c->error : MPT_ETIMEDOUT, now);
    }
    if (c->fin_at <= now)
        mpt_fin_expire(c, now);
    if (c->add_addr_at <= now)
        mpt_addr_expire(c, now);
    if (c->fastclose_at <= now)
        mpt_fastclose_expire(c, now);
    if (c->retry_at <= now)
        try_again(c, now);
    if (c->fail_at <= now)
        mpt_fail_expire(c, now);
    if (c->dack_at <= now)
        mpt_dack_expire(c, now);
    if (mpt_secure_deadline(c) <= now)
        mpt_secure_expire(c, now);
    if (c->hold_at <= now) {
        c->hold_at = MPT_NEVER;
        mpt_secure_look(c, NULL, 1, now);
    }
    if (c->receive_at <= now)
        mpt_pm_heard_expire(c, now);
    if (c->pm_at <= now) {
        c->pm_at = MPT_NEVER;
        if (c->pm->timeout)
            c->pm->timeout(c, NULL, now);
    }
    MPT_EACH_SUBFLOW(c, sf) {
        if (sf->third_at <= now)
            mpt_join_expire(sf, now);
        if (mpt_jwd_deadline(sf) <= now)
            mpt_jwd_expire(sf, now);
    }
    mpt_conn_rearm(c);
    mpt_conn_kick(c);
}

/* Linux counts sockets of MPTCP in ESTABLISHED and CLOSE-WAIT, those that fell back included. */
void mpt_conn_gauge(struct mpt_conn *c)
{
    int open = (c->state == MPT_CONN_OPEN || c->state == MPT_CONN_CLOSING) && !c->want_fin &&
               (c->multipath || c->established || (!c->passive && c->stack->config.mptcp));

    if (open == c->established)
        return;
    c->established = (uint8_t)open;
    c->stack->counters[MPT_CNT_CURR_ESTAB] += open ? 1 : UINT64_MAX;
}

void mpt_conn_set_state(struct mpt_conn *c, enum mpt_conn_state state, int error, uint64_t now)
{
    if (c->state == state)
        return;
    c->state = (uint8_t)state;
    mpt_conn_gauge(c);
    MPT_TRACE(&c->stack->tracer, conn_state, c->number, 0, now, state, (uint64_t)-error, 0, 0);
}

/* The end, clean (error 0) or not. A connection is over for its user before its subflows leave TIME-WAIT. */
void mpt_conn_over(struct mpt_conn *c, int error, uint64_t now)
{
    struct mpt_subflow *sf;

    if (c->state == MPT_CONN_CLOSED)
        return;
    if (c->sec_hold)
        mpt_secure_look(c, NULL, 1, now);
    if (c->state == MPT_CONN_CLOSED)
        return;
    c->error = error;
    c->fin_at = c->add_addr_at = c->pm_at = c->dack_at = c->fail_at = c->hold_at = c->receive_at = MPT_NEVER;
    c->linger_at = now + c->stack->config.close_timeout; /* FIN-WAIT-2 has no end of its own */
    mpt_conn_set_state(c, MPT_CONN_CLOSED, error, now);
    MPT_EACH_SUBFLOW(c, sf)
        if ((error || sf->member != MPT_MEMBER_FULL) && !sf->dead && !sf->waits_rst)
            mpt_flow_reset(&sf->flow, error, now);
    if (c->announced) {
        mpt_map_remove(&c->stack->tokens, &c->token_node);
        c->announced = 0;
    }
    mpt_conn_rearm(c);
    mpt_conn_raise(c, MPT_EV_CLOSED | MPT_EV_READABLE);
}

/* A CLOSED flow with a RST still to leave is kept until it has left. */
static void sweep(struct mpt_conn *c)
{
    struct mpt_subflow *sf;

    if (!c->dirty)
        return;
    c->dirty = 0;
    MPT_EACH_SUBFLOW(c, sf) {
        if (!sf->dead)
            continue;
        if (sf->flow.pending & MPT_PEND_RST)
            c->dirty = 1;
        else
            mpt_subflow_free(sf);
    }
}

/* TIME-WAIT is the flow's business (RFC 9293 3.6.1); for the user the connection is over before. */
static int only_waiting(const struct mpt_conn *c)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead && sf->flow.state != MPT_FLOW_TIME_WAIT)
            return 0;
    return 1;
}

/* The one place where subflows and connections are freed: never inside a hook, where somebody still holds them. */
int mpt_conn_settle(struct mpt_conn *c, uint64_t now)
{
    sweep(c);
    if (!c->multipath && c->fin_sent && !c->fin_acked)
        mpt_fin_plain(c, now);
    if (c->state == MPT_CONN_CLOSING && c->peer_fin_taken && (c->fin_acked || !c->multipath) && only_waiting(c))
        mpt_conn_over(c, 0, now);
    if (c->state == MPT_CONN_CLOSED && (c->closed_by_user || c->hidden) && mpt_list_empty(&c->subflows)) {
        mpt_conn_free(c);
        return 0;
    }
    return 1;
}
