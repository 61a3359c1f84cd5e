/* SPDX-License-Identifier: MIT */
/* secure/close.c - how subflows and connections end so that the peer can believe it (sec/SPEC.md 3.5, 3.6): a last record
 * with SFIN before FIN, and FASTCLOSE in a record in place of MP_FASTCLOSE (RFC 8684 3.5). conn/fin.c, fastclose.c and
 * hooks.c call. */
#include "secure/private.h"

enum { TRIES = 3 }; /* FASTCLOSE repeated before RSTs must do (3.6) */

/* ---- one subflow ---- */

/* What has begun there leaves whole, then a record with SFIN, then FIN: send.c. A join that is not complete has no
 * records to end. */
void mpt_secure_leave(struct mpt_subflow *sf, uint64_t now)
{
    if (sf->dead || sf->flow.closing || mpt_secure_leaves(sf))
        return;
    if (!sf->secure || sf->member != MPT_MEMBER_FULL || !mpt_flow_usable(&sf->flow)) {
        mpt_flow_shutdown(&sf->flow, now);
        return;
    }
    sf->secure->leaving = MPT_SECURE_LEAVES;
    mpt_secure_unsay(sf);
    mpt_conn_kick(sf->conn);
}

/* Both streams have ended and both sides know: nothing can be cut off any more. */
static int is_finished(const struct mpt_conn *c)
{
    return (c->fin_acked && c->peer_fin_taken) || c->state == MPT_CONN_CLOSED;
}

/* FIN without SFIN: somebody else's, or so it must be taken (3.6). */
void mpt_secure_peer_fin(struct mpt_subflow *sf, uint64_t now)
{
    if (is_finished(sf->conn) || sf->member != MPT_MEMBER_FULL)
        mpt_flow_shutdown(&sf->flow, now);
    else if (sf->secure && sf->secure->sfin_in)
        mpt_secure_leave(sf, now);
    else
        mpt_reset_subflow(sf, MPT_RST_MIDDLEBOX, MPT_ECONNRESET, now);
}

/* hooks.c reinjects and tells the host for every end. Lost like that again and again, a path is not asked at once: the
 * peer may have seen there what we have not (3.9), or somebody ends what is opened. */
void mpt_secure_flow_gone(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (!mpt_secure_keyed(c) || sf->member != MPT_MEMBER_FULL || sf->flow.error != MPT_ECONNRESET || is_finished(c) ||
        (sf->secure && sf->secure->sfin_in))
        return;
    MPT_COUNT(c->stack, SEC_LOST);
    MPT_TRACE(&c->stack->tracer, secure, c->number, sf->number, now, MPT_TRACE_SECURE_LOST, 0, 0, 0);
    mpt_secure_suspect(sf, now);
}

/* ---- the connection ---- */

static void set_timer(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;
    uint64_t rto = 0;

    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead && sf->waits_rst && (!rto || sf->flow.rto < rto))
            rto = sf->flow.rto;
    c->fastclose_at = now + ((rto ? rto : c->stack->config.tcp_syn_rto) << c->fastclose_tries);
    mpt_conn_rearm(c);
}

/* Every subflow that could bring it stays until the peer resets it. Before there are keys nothing can be said: RST. */
void mpt_secure_fastclose(struct mpt_conn *c, uint64_t now)
{
    struct mpt_sec_tlv t = { .type = MPT_SEC_FASTCLOSE };
    struct mpt_subflow *sf;
    uint8_t able = 0;

    if (c->state == MPT_CONN_CLOSED)
        return;
    if (mpt_secure_keyed(c) && mpt_secure_say_only(c, &t, now) == 0)
        MPT_EACH_SUBFLOW(c, sf)
            if (sf->member == MPT_MEMBER_FULL && mpt_subflow_usable(sf))
                able = sf->waits_rst = 1;
    if (able)
        MPT_COUNT(c->stack, FASTCLOSE_TX);
    mpt_conn_over(c, MPT_EABORTED, now);
    if (able)
        set_timer(c, now);
    mpt_conn_kick(c);
}

void mpt_secure_fastclose_expire(struct mpt_conn *c, uint64_t now)
{
    struct mpt_secure_ctl *m = c->secure->ctl;
    struct mpt_subflow *sf;

    if (++c->fastclose_tries <= TRIES) {
        if (m && m->carrier) {
            m->avoid = m->carrier;
            m->carrier = 0;
        }
        set_timer(c, now);
        mpt_conn_kick(c);
        return;
    }
    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead && sf->waits_rst)
            mpt_flow_reset(&sf->flow, MPT_EABORTED, now);
}

/* Every subflow is reset in answer (RFC 8684 3.5). */
void mpt_secure_fastclosed(struct mpt_conn *c, uint8_t code, uint64_t now)
{
    MPT_COUNT(c->stack, FASTCLOSE_RX);
    MPT_TRACE(&c->stack->tracer, secure_control, c->number, 0, now, MPT_SEC_FASTCLOSE, 0, 0, code);
    mpt_conn_over(c, MPT_ECONNRESET, now);
    mpt_conn_kick(c);
}
