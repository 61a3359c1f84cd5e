/* SPDX-License-Identifier: MIT */
/* conn/hooks.c - what a flow asks of its connection (flow/flow.h, struct mpt_flow_ops), sent to the right room. */
#include "conn/conn.h"

#include "jwd/jwd.h"
#include "pm/pm.h"
#include "secure/secure.h"

enum { SECURE_SLACK = 65536 /* octets of a subflow's window beyond the connection's */ };

/* Octets are read from the send stream at every transmission: no second copy is kept for retransmissions. */
static void hook_copy(struct mpt_flow *f, const struct mpt_seg *seg, uint32_t off, uint8_t *out, uint32_t n)
{
    const struct mpt_subflow *sf = MPT_SUBFLOW(f);

    if (seg->flags & MPT_SEG_RECORD)
        mpt_jwd_copy(sf, (uint32_t)(seg->seq - 1) + off, out, n); /* it stands first; a piece of it begins later */
    else if (seg->flags & MPT_SEG_SEALED)
        mpt_secure_copy(sf, seg->seq + off, out, n);
    else
        mpt_stream_copy(&sf->conn->stream, seg->dsn + off, out, n);
}

/* In plain TCP the subflow's acknowledgement is the only one there is. */
static void plain_acked(struct mpt_conn *c, const struct mpt_seg *seg)
{
    if (seg->flags & MPT_SEG_INFINITE)
        c->say_infinite = 0;
    if (seg->dsn + seg->len <= c->stream.acked)
        return;
    mpt_stream_ack(&c->stream, &c->stack->mem, seg->dsn + seg->len);
    if (c->closed_by_user)
        c->linger_at = MPT_NEVER; /* mpt_fin_orphan */
    if (c->write_blocked) {
        c->write_blocked = 0;
        mpt_conn_raise(c, MPT_EV_WRITABLE);
    }
}

static void hook_acked(struct mpt_flow *f, const struct mpt_seg *seg, int gone, uint64_t now)
{
    struct mpt_subflow *sf = MPT_SUBFLOW(f);
    struct mpt_conn *c = sf->conn;

    (void)now;
    if (seg->flags & MPT_SEG_RECORD) {
        if (!gone)
            mpt_jwd_record_acked(sf, seg->seq - 1 + seg->len);
        return;
    }
    if (seg->flags & MPT_SEG_SEALED) {
        if (!gone)
            mpt_secure_acked(sf, seg);
        return;
    }
    if (seg->flags & MPT_SEG_PIECE)
        mpt_cut_acked(sf, seg);
    if (!(seg->flags & MPT_SEG_PINNED))
        return;
    mpt_stream_unpin(&c->stream, &c->stack->mem, seg->dsn, seg->len);
    if (!c->multipath && !gone)
        plain_acked(c, seg);
}

static enum mpt_flow_verdict hook_synack(struct mpt_flow *f, const struct mpt_segment *s, uint32_t acked, uint64_t now)
{
    struct mpt_subflow *sf = MPT_SUBFLOW(f);

    return sf->joined ? mpt_join_synack(sf, s, acked, now) : mpt_capable_synack(sf, s, acked, now);
}

static enum mpt_flow_verdict hook_third(struct mpt_flow *f, const struct mpt_segment *s, uint64_t now)
{
    struct mpt_subflow *sf = MPT_SUBFLOW(f);

    return sf->joined ? mpt_join_third(sf, s, now) : mpt_capable_third(sf, s, now);
}

static void count_odd(struct mpt_stack *s, const struct mpt_mptcp *mp)
{
    if (mp->malformed)
        MPT_COUNT(s, MALFORMED_OPTION);
    if (mp->repeated)
        MPT_COUNT(s, REPEATED_OPTION);
}

/* Options that are no mapping and no acknowledgement; each is judged by its own file. */
static void signals_in(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now)
{
    const uint32_t handshake = 1u << MP_CAPABLE | 1u << MP_JOIN | 1u << MP_EXPERIMENTAL;
    struct mpt_conn *c = sf->conn;

    if (mpt_secure_bound(c)) { /* anybody could have written them: sec/SPEC.md 3.2, 3.6 */
        c->stack->counters[MPT_CNT_SEC_CLEAR_CONTROL] += (s->mp.present & ~handshake) != 0;
        return;
    }
    if (MPT_HAS(&s->mp, ADD_ADDR))
        mpt_addr_in(c, &s->mp.add_addr, now);
    if (MPT_HAS(&s->mp, REMOVE_ADDR))
        mpt_addr_remove_in(c, &s->mp.remove_addr, now);
    if (MPT_HAS(&s->mp, MP_PRIO))
        mpt_prio_in(sf, &s->mp.prio, now);
    if (MPT_HAS(&s->mp, MP_FASTCLOSE))
        mpt_fastclose_in(sf, &s->mp.fastclose, 0, now);
    if (MPT_HAS(&s->mp, MP_FAIL) && !sf->dead)
        mpt_fail_in(sf, now);
}

static enum mpt_flow_verdict plain_segment(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now)
{
    if (sf->conn->say_dack)
        mpt_map_after(sf, s, now);
    return sf->dead ? MPT_FLOW_GONE : MPT_FLOW_TAKE;
}

/* The order matters: a join may become full by this very segment, and an option may end the subflow. */
static enum mpt_flow_verdict hook_segment(struct mpt_flow *f, const struct mpt_segment *s, uint64_t now)
{
    struct mpt_subflow *sf = MPT_SUBFLOW(f);
    struct mpt_conn *c = sf->conn;
    const uint32_t common = 1u << DSS;

    if (c->secure && !sf->joined && mpt_secure_segment(sf, s, now))
        return MPT_FLOW_GONE;
    if (!c->multipath)
        return plain_segment(sf, s, now);
    if (sf->joined && (sf->member != MPT_MEMBER_FULL || !sf->initiator))
        mpt_join_segment(sf, s, now);
    if (s->mp.malformed | s->mp.repeated)
        count_odd(c->stack, &s->mp);
    if (s->mp.present & ~common)
        signals_in(sf, s, now);
    if (sf->dead || f->state == MPT_FLOW_CLOSED)
        return MPT_FLOW_GONE;
    if (!c->multipath) /* by this very segment's MP_FAIL */
        return plain_segment(sf, s, now);
    if (mpt_secure_keyed(c) && mpt_secure_aack_in(sf, s, now))
        return MPT_FLOW_GONE;
    return mpt_map_dss(sf, s, now);
}

/* Record first, then mappings: a join record is not mapped by any DSS (jwd 2.3). */
static int64_t hook_deliver(struct mpt_flow *f, uint64_t seq, const uint8_t *data, size_t n, uint64_t now)
{
    struct mpt_subflow *sf = MPT_SUBFLOW(f);
    int64_t r = 0, m;

    if (!sf->conn->multipath) {
        r = mpt_recv_data(sf->conn, sf, seq + sf->delta_rx, data, n, now);
        return r == MPT_ENOMEM ? 0 : r < 0 ? r : (int64_t)n;
    }
    if (sf->jwd_r) {
        r = mpt_jwd_deliver(sf, seq, data, n, now);
        if (r < 0 || (size_t)r == n || mpt_jwd_overlaps(sf, seq + (uint64_t)r))
            return r;
    }
    m = mpt_map_deliver(sf, seq + (uint64_t)r, data + r, n - (size_t)r, now);
    return m < 0 ? m : r + m;
}

static uint64_t hook_window(struct mpt_flow *f)
{
    struct mpt_conn *c = MPT_SUBFLOW(f)->conn;
    uint64_t window = mpt_dack_window(c), held = f->rob.tail - f->rob.head;

    if (mpt_secure_keyed(c)) /* records are longer than their data, which EDGE bounds (sec/SPEC.md 3.8) */
        return window + SECURE_SLACK;
    /* Plain TCP counts from RCV.NXT: what the flow still holds for us takes room too. */
    return c->multipath ? window : window > held ? window - held : 0;
}

static int hook_blocked(struct mpt_flow *f)
{
    const struct mpt_subflow *sf = MPT_SUBFLOW(f);

    const struct mpt_conn *c = sf->conn;

    if (!mpt_subflow_usable(sf))
        return 0;
    if (mpt_secure_backlog(sf))
        return f->snd_una + f->snd_wnd <= f->snd_nxt;
    if (c->snd_nxt >= c->stream.end && !c->reinject.count)
        return 0;
    /* The connection's window is closed, or this subflow's: what opened it again may have been lost. */
    return mpt_send_blocked(c) || f->snd_una + f->snd_wnd <= f->snd_nxt;
}

/* The peer's window is scaled from now on (RFC 7323 2.2): the edge known from its SYN was the unscaled one. */
static void first_established(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    int known;

    sf->member = MPT_MEMBER_FULL;
    c->stack->half_open -= c->hidden;
    c->hidden = 0;
    if (!mpt_secure_bound(c))
        c->snd_edge = sf->flow.snd_wnd > c->snd_edge ? sf->flow.snd_wnd : c->snd_edge;
    mpt_conn_set_state(c, c->want_fin ? MPT_CONN_CLOSING : MPT_CONN_OPEN, 0, now);
    mpt_heuristics_opened(c, now);
    known = mpt_fastopen_settled(c);
    if (mpt_secure_waits(c)) /* the host hears of it when the handshake is done */
        return;
    mpt_conn_raise(c, (known ? MPT_EV_WRITABLE : c->passive ? MPT_EV_ACCEPTED : MPT_EV_CONNECTED) |
                      (c->multipath ? 0 : MPT_EV_FALLBACK) |
                      (c->passive && c->sec_declined ? MPT_EV_DECLINED : 0)); /* nobody could hear of it while hidden */
    if (c->passive && c->multipath && c->pm->confirmed)
        c->pm->confirmed(c, now);
}

static void established(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (sf->flow.peer_mss && (!c->peer_mss || sf->flow.peer_mss < c->peer_mss))
        c->peer_mss = sf->flow.peer_mss;
    if (!sf->joined) {
        first_established(sf, now);
    } else if (!sf->initiator) {
        if (mpt_jwd_validated(sf, now))
            return;
        sf->join_rtt = sf->flow.srtt;
        mpt_join_full(sf, now);
        mpt_flow_redeliver(&sf->flow, now);
    } else { /* the third ACK is due anyway, as an ACK or with a record that was not taken */
        mpt_join_third_sent(sf, now);
    }
    mpt_conn_kick(sf->conn);
}

/* A subflow that timed out carries nothing new until something valid arrives (RFC 8684 3.3.6 leaves when and where to
 * us; everything it has in flight goes to the others). */
static void timed_out(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (sf->member == MPT_MEMBER_FULL || sf->member == MPT_MEMBER_THIRD) {
        mpt_stale_timeout(sf, now);
    } else {
        if (sf->jwd_i && sf->flow.rto_count == 1) /* the SYN goes bare now (jwd 2.4.2) */
            MPT_TRACE(&c->stack->tracer, jwd_ladder, c->number, sf->number, now, 1, 0, 0, 0);
        if (sf->joined) { /* a SYN's record, early data behind a SYN/ACK */
            mpt_reinject_subflow(sf, 1, now);
        } else {
            mpt_fastopen_timeout(c);
            mpt_heuristics_timeout(c, now);
        }
    }
    if (c->multipath && c->pm->timeout)
        c->pm->timeout(c, sf, now);
}

/* Joins under way do not count: they may fail one after the other for ever. */
static int others_alive(const struct mpt_conn *c)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (sf->member == MPT_MEMBER_FULL && mpt_subflow_alive(sf))
            return 1;
    return 0;
}

/* The last subflow is gone: the connection waits for another for a while (RFC 8684 3.4 allows break before make). */
static void last_gone(struct mpt_conn *c, int error, uint64_t now)
{
    int finished = (c->fin_acked || (c->want_fin && !error && !mpt_secure_bound(c))) && c->peer_fin_taken;

    if (c->state == MPT_CONN_CLOSED)
        return;
    if (mpt_secure_bound(c) && !c->secure->heard) { /* before key confirmation any failure is the end (sec/SPEC.md 3.3) */
        mpt_secure_abort(c, now);
        return;
    }
    if (c->multipath && c->confirmed && !finished) {
        c->error = error ? error : MPT_ECONNRESET;
        if (c->linger_at == MPT_NEVER) /* joins that fail meanwhile do not begin it anew */
            c->linger_at = now + c->stack->config.close_timeout;
        mpt_conn_rearm(c);
        return;
    }
    mpt_conn_over(c, finished ? 0 : error ? error : MPT_ECONNRESET, now);
}

/* A join that was refused, or so young when one of us reset it that it comes to the same. */
static int was_refused(const struct mpt_subflow *sf, uint64_t now)
{
    int error = sf->flow.error;

    if (!sf->joined || !sf->initiator)
        return 0;
    if (sf->member != MPT_MEMBER_FULL)
        return 1;
    return (error == MPT_EPROTO || error == MPT_ECONNRESET) && now - sf->syn_at < sf->conn->stack->config.tcp_syn_rto;
}

/* A path that refuses is not asked again at once, or a peer that has forgotten us, or whose DATA_ACKs are wrong
 * (RFC 8684 3.6: reason 1), would be asked once per round trip. */
static void tell_pm(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (!c->pm->timeout)
        return;
    if (!was_refused(sf, now)) {
        c->pm->timeout(c, sf, now);
        return;
    }
    c->pm_not_before = now + (c->stack->config.tcp_syn_rto << (c->pm_fails < 6 ? c->pm_fails++ : 6));
    if (c->pm_at == MPT_NEVER)
        c->pm_at = c->pm_not_before;
    mpt_conn_rearm(c);
}

/* Reinjection comes before the path manager: a join it starts may carry those octets in its SYN. */
static void closed(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    int error = sf->flow.error;

    /* who requires MPTCPsec says so by the reason of its RST; nobody believes it more than any RST */
    if (!sf->joined && c->secure && error == MPT_ECONNREFUSED && sf->peer_reason == MPT_RST_PROHIBITED)
        error = MPT_ESECURE;
    sf->dead = 1;
    c->dirty = 1;
    mpt_fastopen_settled(c);
    sf->third_at = MPT_NEVER;
    mpt_reset_taken(sf, now);
    mpt_secure_flow_gone(sf, now);
    mpt_reinject_subflow(sf, 2, now);
    mpt_addr_resume(c); /* it may have had something to tell */
    mpt_conn_raise(c, MPT_EV_SUBFLOW);
    if (sf->joined && sf->initiator && sf->member != MPT_MEMBER_FULL)
        mpt_jwd_failed(sf, now);
    if (c->multipath && c->confirmed && error && c->state != MPT_CONN_CLOSED)
        tell_pm(sf, now);
    else if (c->multipath && c->state != MPT_CONN_CLOSED && c->pm->progress)
        c->pm->progress(c, now);
    if (!others_alive(c))
        last_gone(c, error, now);
    mpt_conn_kick(c);
}

static void peer_fin(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (!c->multipath)
        mpt_fin_in(sf, sf->flow.fin_seq + sf->delta_rx, now);
    else if (mpt_secure_keyed(c))
        mpt_secure_peer_fin(sf, now);
    else /* the end of the subflow, not of the stream (RFC 8684 3.3.3) */
        mpt_fin_subflow(sf, now);
    mpt_conn_kick(c);
}

static void hook_event(struct mpt_flow *f, enum mpt_flow_event e, uint64_t now)
{
    struct mpt_subflow *sf = MPT_SUBFLOW(f);

    switch (e) {
    case MPT_FLOW_EV_ESTABLISHED:
        established(sf, now);
        break;
    case MPT_FLOW_EV_RTO:
        timed_out(sf, now);
        break;
    case MPT_FLOW_EV_ALIVE:
        mpt_stale_alive(sf, now);
        break;
    case MPT_FLOW_EV_FIN:
        peer_fin(sf, now);
        break;
    case MPT_FLOW_EV_SENDABLE:
        break;
    case MPT_FLOW_EV_CLOSED:
        closed(sf, now);
        break;
    }
}

const struct mpt_flow_ops mpt_conn_flow_ops = {
    .options = mpt_options_write,
    .cut = mpt_cut_segment,
    .copy = hook_copy,
    .acked = hook_acked,
    .synack = hook_synack,
    .third_ack = hook_third,
    .segment = hook_segment,
    .deliver = hook_deliver,
    .window = hook_window,
    .blocked = hook_blocked,
    .event = hook_event,
};
