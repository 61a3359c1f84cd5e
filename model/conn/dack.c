/* SPDX-License-Identifier: MIT */
/* conn/dack.c - DATA_ACK and the shared receive window (RFC 8684 3.3.2, 3.3.4, 3.3.5).
 * map.c and jwd/ call mpt_dack_in; options.c asks for what to send. */
#include "conn/conn.h"

#include "secure/secure.h"

/* What is acknowledged here leaves the send buffer, wherever TCP stands with it (RFC 8684 3.3.2). */
static void take_ack(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t ack, uint64_t now)
{
    uint64_t data = ack > c->stream.end ? c->stream.end : ack;

    c->last_rx = sf;
    c->dack_tries = 0;
    mpt_stream_ack(&c->stream, &c->stack->mem, data);
    mpt_ranges_trim(&c->reinject, data);
    if (ack > c->stream.end)
        mpt_fin_acked(c, now);
    if (c->stream.acked - c->stream.base > c->stack->config.sndbuf)
        mpt_reinject_owed(c, now);
    if (c->write_blocked && c->stream.end - c->stream.acked < c->stack->config.sndbuf) {
        c->write_blocked = 0;
        mpt_conn_raise(c, MPT_EV_WRITABLE);
    }
}

/* ack: offset acknowledged (DATA_FIN counts one). A DATA_ACK of what was never sent is a broken peer; an old one
 * says nothing, not even about the window (3.3.4: the right edge never moves back). */
void mpt_dack_in(struct mpt_subflow *sf, uint64_t ack, uint64_t window, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    uint64_t top = c->snd_nxt + (c->fin_sent ? 1 : 0);
    uint64_t una = c->stream.acked + (c->fin_acked ? 1 : 0);

    if (mpt_serial_before(ack, una))
        return;
    if (ack > top) {
        mpt_perror(sf, MPT_PERR_ACK_UNSENT, now);
        return;
    }
    if (ack > una)
        take_ack(c, sf, ack, now);
    if (ack + window > c->snd_edge) {
        c->snd_edge = ack + window;
        if (c->closed_by_user && !c->fin_acked)
            c->linger_at = MPT_NEVER; /* not blocked any more: mpt_fin_orphan */
        MPT_TRACE(&c->stack->tracer, data_acked, c->number, sf->number, now, ack, c->snd_edge, 0, 0);
    } else if (ack > una) {
        MPT_TRACE(&c->stack->tracer, data_acked, c->number, sf->number, now, ack, c->snd_edge, 0, 0);
    }
}

/* Is TCP still at work somewhere? Also the longest RTO of the subflows, then without those that time out. */
static int with_tcp(const struct mpt_conn *c, uint64_t *rto)
{
    uint64_t all = c->stack->config.tcp_rto_min, well = 0;
    struct mpt_subflow *sf;
    int busy = 0;

    MPT_EACH_SUBFLOW(c, sf) {
        if (sf->dead)
            continue;
        if (sf->flow.ring.count)
            busy = 1;
        all = sf->flow.rto > all ? sf->flow.rto : all;
        if (!sf->flow.rto_count)
            well = sf->flow.rto > well ? sf->flow.rto : well;
    }
    *rto = busy && well ? well : all;
    return busy;
}

/* An ACK without room for a DSS, or a box that answers for the peer, may have released octets that no DATA_ACK has
 * covered: they are kept and sent again, at the same DSN (3.3.2, 3.3.6). With TCP idle two of the longest RTO decide. While
 * it is busy, which one subflow with a forged ACK in it is for ever, a slower look: nothing new was acknowledged since the
 * last one, and nobody has the first octet in flight. */
void mpt_dack_watch(struct mpt_conn *c, uint64_t now)
{
    enum { IDLE = 2, BUSY = 4 };
    uint64_t rto;
    uint8_t busy;

    if (mpt_secure_bound(c)) { /* no option in the clear counts: secure/ack.c */
        if (mpt_secure_keyed(c))
            mpt_secure_watch(c, now);
        return;
    }
    busy = (uint8_t)with_tcp(c, &rto);
    if (!c->multipath || c->stream.acked >= c->snd_nxt || (c->reinject.count && !busy) || c->state == MPT_CONN_CLOSED) {
        c->dack_at = MPT_NEVER;
        return;
    }
    if (c->dack_at != MPT_NEVER && c->dack_busy == busy)
        return;
    c->dack_busy = busy;
    c->dack_from = c->stream.acked;
    c->dack_at = now + (busy ? BUSY : IDLE) * rto;
    mpt_conn_rearm(c);
}

/* The slower look. */
static int on_its_way(const struct mpt_conn *c)
{
    uint64_t end;

    return c->stream.acked != c->dack_from || c->reinject.count || mpt_reinject_holder(c, c->stream.acked, &end) != NULL;
}

/* For schedulers: where a try came to nothing the next one goes another way. */
int mpt_dack_elsewhere(const struct mpt_conn *c, uint64_t at)
{
    return c->dack_tries && c->dack_tries % 2 == 0 && at < c->dack_to;
}

/* The last segment of a peer with one subflow had no option: it may have fallen back unseen (3.7), and octets sent
 * twice would reach its application twice. It is
 * asked for an ACK instead, by a segment that every TCP answers (RFC 9293 3.8.6.1). */
static void ask_ack(struct mpt_conn *c)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_subflow_usable(sf))
            sf->flow.pending |= MPT_PEND_PROBE;
}

void mpt_dack_expire(struct mpt_conn *c, uint64_t now)
{
    uint64_t rto;

    c->dack_at = MPT_NEVER;
    if (!c->multipath || c->stream.acked >= c->snd_nxt)
        return;
    if (with_tcp(c, &rto) && (!c->dack_busy || on_its_way(c))) {
        mpt_dack_watch(c, now);
        return;
    }
    if (c->dack_tries++ >= c->stack->config.tcp_retries) /* DATA_ACKs vanish: nothing is known any more */
        mpt_conn_over(c, MPT_ETIMEDOUT, now);
    else if (!c->joined_ever && c->last_bare)
        ask_ack(c);
    else {
        c->dack_to = c->snd_nxt;
        mpt_reinject_range(c, c->stream.acked, c->snd_nxt, 5, now);
    }
}

uint64_t mpt_dack_out(const struct mpt_conn *c)
{
    return c->idsn_remote + 1 + c->rob.tail + (c->peer_fin_taken ? 1 : 0);
}

/* Octets the reader has room for behind the DATA_ACK (3.3.5: one window for all subflows). */
uint64_t mpt_dack_window(struct mpt_conn *c)
{
    uint64_t edge = c->rob.head + c->stack->config.rcvbuf;

    if (edge > c->rcv_edge)
        c->rcv_edge = edge;
    return c->rcv_edge - c->rob.tail;
}
