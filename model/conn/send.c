/* SPDX-License-Identifier: MIT */
/* conn/send.c - what leaves next: handshakes and acknowledgements first, then octets to be sent again, then new
 * ones, then DATA_FIN (RFC 8684 3.3.1, 3.3.3, 3.3.5, 3.3.6). api/loop.c calls until there is nothing. */
#include "conn/conn.h"

#include "jwd/jwd.h"
#include "sched/sched.h"
#include "secure/secure.h"

int64_t mpt_send_write(struct mpt_conn *c, const uint8_t *data, size_t n, uint64_t now)
{
    uint64_t held = c->stream.end - c->stream.acked, room = c->stack->config.sndbuf;
    int64_t r;

    if (mpt_secure_waits(c)) { /* the handshake's octets come first in the stream */
        c->write_blocked = 1;
        return MPT_EAGAIN;
    }
    mpt_secure_spoke(c, now);
    room = held < room ? room - held : 0;
    if (!room) {
        c->write_blocked = 1;
        return MPT_EAGAIN;
    }
    r = mpt_stream_write(&c->stream, &c->stack->mem, data, n < room ? n : (size_t)room);
    if (r < 0)
        MPT_COUNT(c->stack, NO_MEMORY);
    if (r > 0)
        mpt_conn_kick(c);
    if (r >= 0 && (size_t)r < n)
        c->write_blocked = 1;
    return r;
}

/* Octets wait and no subflow has any window: the peer reads nothing. */
int mpt_send_shut(const struct mpt_conn *c)
{
    struct mpt_subflow *sf;

    if (c->snd_nxt >= c->stream.end)
        return 0;
    if (c->multipath && c->snd_nxt >= c->snd_edge)
        return 1;
    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_subflow_usable(sf) && sf->flow.snd_una + sf->flow.snd_wnd > sf->flow.snd_nxt)
            return 0;
    return 1;
}

/* New octets wait and only the peer's window holds them back. */
int mpt_send_blocked(const struct mpt_conn *c)
{
    return c->snd_nxt < c->stream.end && (c->multipath ? c->snd_nxt >= c->snd_edge : 1);
}

/* In plain TCP the FIN of the flow is the end of the stream. */
static int plain_fin(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    c->fin_sent = 1;
    MPT_EACH_SUBFLOW(c, sf)
        mpt_flow_shutdown(&sf->flow, now);
    return 1;
}

/* It needs no room in a window, so any subflow will do. */
static struct mpt_subflow *fin_carrier(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf = c->sched->pick(c, now), *best = sf;

    if (best)
        return best;
    MPT_EACH_SUBFLOW(c, sf)
        if (sf->member == MPT_MEMBER_FULL && mpt_subflow_usable(sf) && (!best || (best->stale && !sf->stale)))
            best = sf;
    return best;
}

/* wire=linux: on every subflow at once. */
static int fin_everywhere(struct mpt_conn *c)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (sf->member == MPT_MEMBER_FULL && mpt_subflow_usable(sf)) {
            sf->signals |= MPT_SIG_DATA_FIN;
            mpt_flow_push_ack(&sf->flow);
        }
    return 1;
}

/* DATA_FIN alone, when no data was left to carry it. */
static int send_fin(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    if (!c->want_fin || c->fin_sent || c->snd_nxt < c->stream.end || c->state == MPT_CONN_CONNECTING || mpt_secure_waits(c))
        return 0;
    if (!c->multipath)
        return plain_fin(c, now);
    sf = c->tfo == MPT_TFO_TAKEN ? NULL : fin_carrier(c, now);
    if (!sf)
        return 0;
    c->fin_sent = 1;
    c->fin_at = now + sf->flow.rto;
    mpt_conn_rearm(c);
    if (c->stack->config.wire == MPT_WIRE_LINUX)
        return fin_everywhere(c);
    sf->signals |= MPT_SIG_DATA_FIN;
    if (!mpt_secure_keyed(c)) /* else in a record */
        mpt_flow_push_ack(&sf->flow);
    return 1;
}

/* DATA_FIN rides on the last octets, except where MP_CAPABLE takes the place of the DSS. */
static void add_fin(struct mpt_conn *c, struct mpt_subflow *sf, struct mpt_seg *seg, uint64_t now)
{
    if (!c->want_fin || c->fin_sent || seg->dsn + seg->len != c->stream.end || !c->multipath || seg->len > 60000)
        return;
    if ((!c->confirmed && !c->passive) || mpt_secure_bound(c))
        return;
    seg->flags |= MPT_SEG_DFIN;
    c->fin_sent = 1;
    c->fin_at = now + 2 * sf->flow.rto;
    mpt_conn_rearm(c);
}

/* Nagle (RFC 9293 3.7.4). As in Linux the switch is the connection's, and the subflow that would carry the octets
 * decides, by what it has in flight. Ours stay unassigned meanwhile, so another may still get them. The end of the
 * stream does not wait, nor do octets that go a second time. */
static int holds_back(const struct mpt_conn *c, const struct mpt_subflow *sf, uint64_t end, uint16_t flags)
{
    return !(flags & MPT_SEG_REINJECT) && end == c->stream.end && !c->want_fin && mpt_flow_holds_small(&sf->flow);
}

/* 3.3.1: 64-bit numbers once 32 bits could wrap within the life of a segment (RFC 9293 3.4.3: two minutes). Half of that
 * space within it says so, long before the first wrap; slower connections keep the short form. */
static void watch_rate(struct mpt_conn *c, uint64_t from, uint64_t now)
{
    const uint64_t half = UINT64_C(1) << 31, lifetime = UINT64_C(120000000000);

    if (!from)
        c->wide_at = now;
    if (c->snd_nxt - c->wide_from < half)
        return;
    c->wide |= now - c->wide_at < lifetime;
    c->wide_from = c->snd_nxt;
    c->wide_at = now;
}

/* Octets [from, from + len) of the stream left at ssn of that subflow: what is known and counted of them. */
void mpt_send_note(struct mpt_subflow *sf, uint64_t from, uint32_t len, uint64_t ssn, int again, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    uint64_t to = from + len;

    if (to > c->snd_nxt)
        c->snd_nxt = to;
    if (to > sf->given)
        sf->given = to;
    if (!sf->joined && to > c->first_nxt)
        c->first_nxt = to;
    if (again) {
        sf->reinjected += len;
        c->reinjected += len;
        c->stack->counters[MPT_CNT_REINJECTED] += len;
        MPT_COUNT(c->stack, MPTCP_RETRANS);
    }
    MPT_TRACE(&c->stack->tracer, data_sent, c->number, sf->number, now, from, len, ssn, (uint64_t)again);
}

static int transmit(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t from, uint64_t to, uint16_t flags,
                    struct mpt_packet *packet, uint64_t now)
{
    uint64_t full = mpt_flow_payload_max(&sf->flow, mpt_options_data_len(sf)), room = mpt_flow_room(&sf->flow, now);
    struct mpt_seg seg = { .dsn = from, .flags = (uint16_t)(flags | MPT_SEG_PINNED) };
    uint64_t n = full < to - from ? full : to - from;
    int r;

    if (mpt_secure_bound(c)) {
        if (from >= c->secure->tx_start)
            return mpt_secure_transmit(sf, from, to, flags, packet, now);
        if (sf->joined) /* the handshake stays where it began (sec/SPEC.md 3.3) */
            return 0;
        n = to > c->secure->tx_start ? c->secure->tx_start - from : to - from;
        n = full < n ? full : n;
    }
    if (sf->member == MPT_MEMBER_EMBRYO && n > mpt_jwd_early_room(sf))
        n = mpt_jwd_early_room(sf);
    seg.len = (uint32_t)(n < room ? n : room);
    if (!seg.len || (seg.len < full && holds_back(c, sf, from + seg.len, flags)))
        return 0;
    if (seg.len < full)
        seg.flags |= MPT_SEG_SMALL;
    if (!c->multipath)
        seg.flags |= MPT_SEG_INFINITE;
    if (from + seg.len == c->stream.end)
        seg.flags |= MPT_SEG_PSH;
    if (!(flags & MPT_SEG_REINJECT))
        add_fin(c, sf, &seg, now);
    mpt_stream_pin(&c->stream, from, seg.len);
    r = mpt_flow_send(&sf->flow, &seg, packet, now);
    if (r != 1) {
        mpt_stream_unpin(&c->stream, &c->stack->mem, from, seg.len);
        if (seg.flags & MPT_SEG_DFIN)
            c->fin_sent = 0;
        MPT_COUNT(c->stack, NO_MEMORY);
        return 0;
    }
    mpt_send_note(sf, from, seg.len, seg.seq, (flags & MPT_SEG_REINJECT) != 0, now);
    watch_rate(c, from, now);
    if (mpt_secure_bound(c))
        mpt_secure_shake_left(c);
    mpt_jwd_sent(sf, packet);
    return (int)seg.len;
}

/* The only subflow there ever was has these octets already: TCP brings them. A peer that may have fallen back unseen
 * (3.7), because its segments lack options, would read them twice. */
static uint64_t has_until(const struct mpt_conn *c, const struct mpt_subflow *sf, uint64_t from)
{
    uint64_t held;

    if (mpt_secure_keyed(c))
        return mpt_secure_holds(sf, from);
    if (sf->joined || c->joined_ever)
        return 0;
    held = mpt_reinject_holds(sf, from);
    if (held)
        return held;
    return (c->last_bare || !c->dss_in) && from < c->first_nxt && from >= c->dack_to ? c->first_nxt : 0;
}

/* Octets that must go elsewhere, lowest first. */
static int send_again(struct mpt_conn *c, struct mpt_packet *packet, uint64_t now)
{
    while (c->reinject.count) {
        uint64_t from = c->reinject.at[0].from, to = c->reinject.at[0].to;
        struct mpt_subflow *sf;
        int n;

        if (from < c->stream.acked) {
            mpt_ranges_trim(&c->reinject, c->stream.acked);
            continue;
        }
        sf = c->sched->pick_again(c, from, now);
        if (!sf)
            return 0;
        if (has_until(c, sf, from)) {
            mpt_ranges_trim(&c->reinject, has_until(c, sf, from));
            continue;
        }
        n = transmit(c, sf, from, to, MPT_SEG_REINJECT, packet, now);
        if (n) /* negative: in a record that leaves later */
            mpt_ranges_trim(&c->reinject, from + (uint64_t)(n > 0 ? n : -n));
        return n > 0;
    }
    return 0;
}

/* A peer that has seen no join yet may fall back unseen (3.7), and then takes what comes on the first subflow as one
 * stream: there nothing is left out, even if a join's SYN has carried it already (jwd/). */
static uint64_t next_on(const struct mpt_conn *c, const struct mpt_subflow *sf)
{
    int in_order = !mpt_secure_keyed(c) && !sf->joined && !c->joined_ever && c->first_nxt >= c->stream.acked;

    return in_order && c->first_nxt < c->snd_nxt ? c->first_nxt : c->snd_nxt;
}

/* Never beyond the connection-level window (3.3.5), on whatever subflow. */
static int send_new(struct mpt_conn *c, struct mpt_packet *packet, uint64_t now)
{
    uint64_t to = c->stream.end;
    struct mpt_subflow *sf;

    if (c->snd_nxt >= to || c->state == MPT_CONN_CONNECTING || c->state == MPT_CONN_CLOSED)
        return 0;
    if (c->multipath && to > c->snd_edge)
        to = c->snd_edge;
    if (c->snd_nxt >= to)
        return 0;
    sf = c->sched->pick(c, now);
    return sf && transmit(c, sf, next_on(c, sf), to, 0, packet, now) > 0;
}

/* The window is full and a faster subflow is idle: send again what holds the window (Raiciu et al., NSDI 2012). */
static int send_rescue(struct mpt_conn *c, struct mpt_packet *packet, uint64_t now)
{
    uint64_t from, to;
    struct mpt_subflow *sf;

    if (!c->multipath || !c->sched->rescue || c->snd_nxt < c->snd_edge || c->snd_nxt >= c->stream.end)
        return 0;
    sf = c->sched->rescue(c, &from, &to, now);
    if (!sf)
        return 0;
    MPT_TRACE(&c->stack->tracer, reinject, c->number, sf->number, now, from, to, 3, 0);
    return transmit(c, sf, from, to, MPT_SEG_REINJECT, packet, now) > 0;
}

/* What others were given goes on this subflow too: the redundant scheduler's. */
static int send_copy(struct mpt_conn *c, struct mpt_packet *packet, uint64_t now)
{
    uint64_t from, to;
    struct mpt_subflow *sf;

    if (!c->multipath || !c->sched->copy || c->state == MPT_CONN_CONNECTING || c->state == MPT_CONN_CLOSED)
        return 0;
    sf = c->sched->copy(c, &from, &to, now);
    return sf && transmit(c, sf, from, to, MPT_SEG_REINJECT, packet, now) > 0;
}

static int flows_output(struct mpt_conn *c, struct mpt_packet *packet, uint64_t now)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf) {
        if (!mpt_flow_has_output(&sf->flow))
            continue;
        if (mpt_flow_output(&sf->flow, packet, now) == 1) {
            mpt_jwd_sent(sf, packet);
            return 1;
        }
    }
    return 0;
}

/* Only the flow has a persist timer (RFC 9293 3.8.6.1); only we know that octets wait. */
static void tell_blocked(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    if (c->snd_nxt >= c->stream.end && !c->reinject.count && !mpt_secure_keyed(c))
        return;
    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_subflow_usable(sf))
            mpt_flow_blocked_changed(&sf->flow, now);
}

int mpt_send_output(struct mpt_conn *c, struct mpt_packet *packet, uint64_t now)
{
    const uint64_t *starved = &c->stack->counters[MPT_CNT_NO_MEMORY], before = *starved;

    if (c->state == MPT_CONN_CLOSED) /* what its subflows still have to say, of ours at most FASTCLOSE */
        return flows_output(c, packet, now) ||
               (c->fastclose_at != MPT_NEVER && mpt_secure_keyed(c) && mpt_secure_output(c, packet, 1, now));
    if (c->tfo == MPT_TFO_READY)
        mpt_fastopen_attach(c, now);
    if (flows_output(c, packet, now))
        return 1;
    if (mpt_secure_bound(c)) {
        mpt_secure_shake_out(c, now);
        if (mpt_secure_keyed(c) && mpt_secure_output(c, packet, 0, now))
            return 1;
    }
    if (send_again(c, packet, now) || send_new(c, packet, now) ||
        send_copy(c, packet, now) || send_rescue(c, packet, now))
        return 1;
    if (send_fin(c, now) && flows_output(c, packet, now))
        return 1;
    if (mpt_secure_keyed(c) && mpt_secure_output(c, packet, 1, now))
        return 1;
    tell_blocked(c, now);
    mpt_dack_watch(c, now);
    mpt_fin_orphan(c, now);
    if (*starved != before)
        mpt_conn_starved(c, now);
    return 0;
}
