/* SPDX-License-Identifier: MIT */
/* conn/fin.c - DATA_FIN: the end of the stream in each direction, and the end of the subflows after both
 * (RFC 8684 3.3.3). In plain TCP the flow's FIN is the end of the stream. */
#include "conn/conn.h"

#include "secure/secure.h"

static const uint64_t THIRD_FIRST_NS = 1000000; /* between the third ACK repeated and DATA_FIN */

/* Ends one subflow in the middle of the stream. As long as it is the only one there ever was, or the last one again, the
 * peer may have fallen back unseen (3.7) and would take a FIN for the end of the stream: then it is a RST. */
void mpt_fin_subflow(struct mpt_subflow *sf, uint64_t now)
{
    const struct mpt_conn *c = sf->conn;
    int said_all = c->want_fin && c->stream.acked >= c->stream.end;
    int alone = !c->joined_ever || mpt_fallback_alone(sf);

    if (mpt_secure_keyed(c)) { /* no fallback there, and a last record first (sec/SPEC.md 3.5) */
        mpt_secure_leave(sf, now);
        return;
    }
    if (!sf->joined && alone && !said_all && c->state != MPT_CONN_CONNECTING)
        mpt_reset_subflow(sf, MPT_RST_MIDDLEBOX, MPT_ECONNRESET, now);
    else
        mpt_flow_shutdown(&sf->flow, now);
}

/* Its octets go elsewhere first: after the FIN nothing new may leave there (3.3.3). */
void mpt_fin_leave(struct mpt_subflow *sf, uint64_t now)
{
    mpt_reinject_subflow(sf, 2, now);
    mpt_fin_subflow(sf, now);
    mpt_conn_kick(sf->conn);
}

static void close_subflows(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead)
            mpt_flow_shutdown(&sf->flow, now);
    mpt_conn_kick(c);
}

/* Once both DATA_FINs are acknowledged, the subflows are closed by FIN (3.3.3). */
static void both_done(struct mpt_conn *c, uint64_t now)
{
    if (!c->fin_acked || !c->peer_fin_taken || !c->multipath)
        return;
    if (c->linger_at == MPT_NEVER) /* a FIN that never comes does not matter any more */
        c->linger_at = now + c->stack->config.close_timeout;
    mpt_conn_rearm(c);
    close_subflows(c, now);
}

static uint64_t last_received(const struct mpt_conn *c)
{
    return c->rob.ofo.count ? c->rob.ofo.at[c->rob.ofo.count - 1].to : c->rob.tail;
}

/* The peer's DATA_FIN stands at offset `at`: always the same, and never before octets that came. 1: the subflow that
 * said otherwise is gone. */
int mpt_fin_in(struct mpt_subflow *sf, uint64_t at, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (c->peer_fin ? at != c->rcv_fin : at < last_received(c))
        return mpt_perror(sf, MPT_PERR_FIN_MOVED, now);
    if (c->peer_fin)
        return 0;
    c->peer_fin = 1;
    c->rcv_fin = at;
    if (c->state == MPT_CONN_OPEN)
        mpt_conn_set_state(c, MPT_CONN_CLOSING, 0, now);
    mpt_fin_check(c, now);
    return 0;
}

void mpt_fin_check(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    if (!c->peer_fin || c->peer_fin_taken || c->rob.tail != c->rcv_fin)
        return;
    c->peer_fin_taken = 1;
    if (c->sec_hold) /* no more will come (sec/SPEC.md 3.2) */
        mpt_secure_look(c, NULL, 1, now);
    mpt_conn_raise(c, MPT_EV_READABLE);
    if (c->multipath)
        MPT_EACH_SUBFLOW(c, sf)
            if (mpt_flow_usable(&sf->flow))
                mpt_flow_push_ack(&sf->flow);
    mpt_conn_kick(c);
    both_done(c, now);
}

/* The user has gone and the peer has everything: it gets a while to end its half. The same when the peer's window is
 * closed: it may be waiting for a window of ours that nobody will open (RFC 9293 3.8.6.1 would probe for ever). */
void mpt_fin_orphan(struct mpt_conn *c, uint64_t now)
{
    int waits = c->fin_acked ? !c->peer_fin_taken : mpt_send_shut(c);

    if (!c->closed_by_user || !waits || c->state == MPT_CONN_CLOSED || c->linger_at != MPT_NEVER)
        return;
    c->linger_at = now + c->stack->config.close_timeout;
    mpt_conn_rearm(c);
}

void mpt_fin_acked(struct mpt_conn *c, uint64_t now)
{
    if (c->fin_acked)
        return;
    c->fin_acked = 1;
    c->fin_at = MPT_NEVER;
    mpt_fin_orphan(c, now);
    mpt_conn_rearm(c);
    both_done(c, now);
}

/* Plain TCP: the flow's state tells that its FIN is acknowledged (RFC 9293 3.3.2). */
void mpt_fin_plain(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (sf->flow.state == MPT_FLOW_FIN_WAIT_2 || sf->flow.state == MPT_FLOW_TIME_WAIT)
            mpt_fin_acked(c, now);
}

static uint64_t fin_wait(const struct mpt_conn *c, uint64_t rto)
{
    uint64_t most = c->stack->config.tcp_rto_max;

    for (int i = 0; i < c->fin_tries && rto < most; i++)
        rto *= 2;
    return rto < most ? rto : most;
}

/* Without data before it, DATA_FIN may meet a peer that has not got the third ACK: MP_CAPABLE is repeated too
 * (3.1). */
static int repeats_third(const struct mpt_conn *c)
{
    return !c->confirmed && !c->passive && !c->snd_nxt && c->fin_tries % 2 == 0;
}

/* DATA_FIN is not covered by a subflow's sequence numbers when it travels alone, so it is repeated here: on one
 * subflow first, on all later; as often as a segment would be (RFC 9293 3.8.3), then the peer is gone. */
void mpt_fin_expire(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;
    uint64_t rto = 0;
    int third = repeats_third(c);

    c->fin_at = MPT_NEVER;
    if (c->fin_acked || !c->fin_sent)
        return;
    MPT_EACH_SUBFLOW(c, sf) {
        if (!mpt_flow_usable(&sf->flow) || sf->member != MPT_MEMBER_FULL)
            continue;
        sf->signals |= third ? 0 : MPT_SIG_DATA_FIN;
        mpt_flow_push_ack(&sf->flow);
        rto = sf->flow.rto > rto ? sf->flow.rto : rto;
    }
    if (!rto)
        rto = c->stack->config.tcp_syn_rto;
    if (c->stream.acked < c->stream.end)
        c->fin_tries = 0; /* octets before it are on their way: their subflows' timers decide */
    else if (c->fin_tries++ >= c->stack->config.tcp_retries) {
        mpt_conn_over(c, MPT_ETIMEDOUT, now);
        return;
    }
    c->fin_at = now + (third ? THIRD_FIRST_NS : fin_wait(c, rto));
    mpt_conn_rearm(c);
    mpt_conn_kick(c);
}
