/* SPDX-License-Identifier: MIT */
/* conn/fastopen.c - TCP Fast Open (RFC 7413) and what Multipath TCP makes of it (RFC 8684 appendix B).
 * capable.c and hooks.c call for both handshakes, send.c before the first SYN leaves, api/ when a connection begins.
 *
 * Octets of a SYN are not part of the data sequence space (appendix B.2): the SYN has the first number, the first octet
 * behind the SYN's octets the second one, and its subflow sequence number is 1 again. So stream offsets count them,
 * DSNs and SSNs do not: the IDSN is moved back by as much (idsn_local, idsn_remote), the SSN by tfo_tx and tfo_rx
 * (options.c, map.c). Linux counts the same way. What the peer does not take of them is ordinary data.
 *
 * A cookie is a truncated HMAC of both addresses: nothing is stored for a client. It has 8 octets, or 6 where beside
 * timestamps MP_CAPABLE leaves no more (appendix B.1). */
#include "conn/conn.h"

enum { COOKIE_LONG = 8, COOKIE_SHORT = 6, FAILS_MOST = 2, OPTIONS_MOST = 40, MSS_DEFAULT = 536 };

static int is_on(const struct mpt_stack *s, uint32_t role)
{
    return s->config.tcp_fastopen == role || s->config.tcp_fastopen == MPT_FASTOPEN_BOTH;
}

/* ---- client ---- */

static struct mpt_fastopen_peer *find_peer(struct mpt_stack *s, const struct mpt_addr *remote)
{
    for (int i = 0; i < MPT_FASTOPEN_PEERS; i++)
        if (s->fastopen_peer[i].addr.family && mpt_addr_same_ip(&s->fastopen_peer[i].addr, remote))
            return &s->fastopen_peer[i];
    return NULL;
}

/* A new one takes the oldest one's place: a host talks to few peers at a time. */
static void remember(struct mpt_stack *s, const struct mpt_addr *remote, const struct mpt_segment *seg)
{
    struct mpt_fastopen_peer *p = find_peer(s, remote);

    if (!p)
        p = &s->fastopen_peer[s->fastopen_next++ % MPT_FASTOPEN_PEERS];
    memset(p, 0, sizeof *p);
    p->addr = *remote;
    p->cookie = seg->tcp.cookie;
    p->mss = seg->tcp.has_mss && seg->tcp.mss >= 64 ? seg->tcp.mss : MSS_DEFAULT;
}

/* RFC 7413 4.1.3: a cookie that is known goes along, or one is asked for. Where SYNs with data do not get through, or
 * are never taken, plain SYNs are sent (4.1.3.1). */
void mpt_fastopen_connect(struct mpt_conn *c, struct mpt_subflow *sf)
{
    struct mpt_fastopen_peer *p = find_peer(c->stack, &c->remote);

    if (!is_on(c->stack, MPT_FASTOPEN_CLIENT) || (p && p->fails >= FAILS_MOST))
        return;
    sf->flow.cookie = p ? p->cookie : (struct mpt_tcp_cookie){ .has = 1 };
    c->tfo = p ? MPT_TFO_READY : MPT_TFO_ASKED;
}

/* Room that any options of a later segment leave too: what is not taken is sent again as it is. */
static uint32_t syn_room(const struct mpt_conn *c, const struct mpt_subflow *sf)
{
    const struct mpt_fastopen_peer *p = find_peer(c->stack, &c->remote);
    uint32_t own = sf->flow.mtu - (c->remote.family == 6 ? 40 : 20) - MPT_TCP_HEADER;
    uint32_t mss = p ? p->mss : MSS_DEFAULT;

    mss = mss < own ? mss : own;
    return (mss < MPT_CHUNK ? mss : MPT_CHUNK) - OPTIONS_MOST;
}

/* What the application has written before the SYN leaves goes with it, as far as one segment holds. */
void mpt_fastopen_attach(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf = MPT_LIST_OWNER(c->subflows.next, struct mpt_subflow, link);
    uint64_t n = c->stream.end;

    if (sf->joined || sf->flow.state != MPT_FLOW_SYN_SENT || sf->flow.syn_count)
        c->tfo = MPT_TFO_ASKED; /* the SYN has left with its cookie and nothing else */
    if (c->tfo != MPT_TFO_READY || !n)
        return;
    n = n < syn_room(c, sf) ? n : syn_room(c, sf);
    mpt_stream_pin(&c->stream, 0, n);
    if (mpt_syn_data(&sf->flow, (uint32_t)n, MPT_SEG_PINNED, 0, now) < 0) {
        mpt_stream_unpin(&c->stream, &c->stack->mem, 0, n);
        return;
    }
    c->snd_nxt = c->first_nxt = sf->given = n;
    c->tfo = MPT_TFO_SENT;
}

/* The SYN/ACK: a cookie is kept, and what it acknowledges of the SYN's octets has left the data sequence space. acked:
 * none, all or some of them (RFC 7413 4.2.1). */
void mpt_fastopen_synack(struct mpt_conn *c, const struct mpt_segment *s, uint32_t acked)
{
    struct mpt_fastopen_peer *p;

    if (c->tfo == MPT_TFO_NONE)
        return;
    if (s->tcp.cookie.len)
        remember(c->stack, &c->remote, s);
    p = find_peer(c->stack, &c->remote);
    if (c->tfo != MPT_TFO_SENT)
        return;
    if (p && !s->tcp.cookie.len)
        p->fails = acked ? 0 : (uint8_t)(p->fails + 1);
    if (acked)
        MPT_COUNT(c->stack, FASTOPEN_ACTIVE);
    else
        MPT_COUNT(c->stack, FASTOPEN_ACTIVE_FAIL);
    if (acked && acked < c->first_nxt) /* one segment becomes two; a SYN's octets lie in the stream's first chunk */
        mpt_stream_pin(&c->stream, acked, c->first_nxt - acked);
    if (!c->multipath)
        return; /* plain TCP: the flow tells what is acknowledged */
    c->tfo_tx = (uint16_t)acked;
    c->idsn_local -= acked;
    mpt_stream_ack(&c->stream, &c->stack->mem, acked);
}

/* The SYN with its octets timed out; it is repeated without them and without cookie (RFC 7413 4.2.1). */
void mpt_fastopen_timeout(struct mpt_conn *c)
{
    struct mpt_subflow *sf = MPT_LIST_OWNER(c->subflows.next, struct mpt_subflow, link);
    struct mpt_fastopen_peer *p = find_peer(c->stack, &c->remote);

    if (c->tfo != MPT_TFO_SENT || sf->flow.syn_count != 1)
        return;
    MPT_COUNT(c->stack, FASTOPEN_ACTIVE_FAIL);
    if (p)
        p->fails++;
}

/* ---- server ---- */

/* RFC 7413 4.1.2: only this host can make it, and it serves this client alone. */
static void make_cookie(struct mpt_stack *s, const struct mpt_packet *p, uint8_t out[32])
{
    struct mpt_piece piece[] = { { "mpt tfo", 7 }, { &p->remote.family, 1 }, { p->remote.ip, sizeof p->remote.ip },
                                 { p->local.ip, sizeof p->local.ip } };

    if (!s->fastopen_keyed)
        s->env.random(s->env.random_ctx, s->fastopen_key, sizeof s->fastopen_key);
    s->fastopen_keyed = 1;
    mpt_crypto_hmac(out, s->fastopen_key, sizeof s->fastopen_key, piece, 4);
}

static int is_ours(const struct mpt_tcp_cookie *c, const uint8_t made[32])
{
    return (c->len == COOKIE_LONG || c->len == COOKIE_SHORT) && !mpt_crypto_compare(c->octets, made, c->len);
}

/* Octets of the SYN that may be taken: with a good cookie, and as long as not too many connections wait for their third
 * ACK with data taken (5.1: what an attacker with cookies can use up). A SYN that asks, or asks in vain, gets a cookie
 * with its SYN/ACK. */
uint32_t mpt_fastopen_take(struct mpt_stack *s, struct mpt_subflow *sf, const struct mpt_packet *p,
                           const struct mpt_segment *seg)
{
    const struct mpt_tcp_cookie *got = &seg->tcp.cookie;
    int tight = sf->conn->multipath && seg->tcp.has_ts && s->config.tcp_timestamps;
    uint8_t made[32];

    if (!got->has || !is_on(s, MPT_FASTOPEN_SERVER))
        return 0;
    make_cookie(s, p, made);
    if (is_ours(got, made)) {
        if (s->fastopen_pending < s->config.tcp_fastopen_queue)
            return seg->len < sf->conn->rcv_edge ? seg->len : (uint32_t)sf->conn->rcv_edge;
        MPT_COUNT(s, FASTOPEN_OVERFLOW);
        return 0;
    }
    if (got->len)
        MPT_COUNT(s, FASTOPEN_PASSIVE_FAIL);
    else
        MPT_COUNT(s, FASTOPEN_COOKIE_REQD);
    sf->flow.cookie.has = 1;
    sf->flow.cookie.len = tight ? COOKIE_SHORT : COOKIE_LONG;
    memcpy(sf->flow.cookie.octets, made, sf->flow.cookie.len);
    return 0;
}

/* The octets are the application's before the third ACK comes, and it may answer: it hears of the connection now. */
void mpt_fastopen_accepted(struct mpt_conn *c, uint32_t taken, uint64_t now)
{
    MPT_COUNT(c->stack, FASTOPEN_PASSIVE);
    c->tfo = MPT_TFO_TAKEN;
    c->tfo_rx = (uint16_t)taken;
    c->stack->fastopen_pending++;
    c->stack->half_open -= c->hidden;
    c->hidden = 0;
    mpt_conn_set_state(c, MPT_CONN_OPEN, 0, now);
    mpt_conn_raise(c, MPT_EV_ACCEPTED | MPT_EV_READABLE);
}

/* The third ACK, or the end before it. 1: the application knows the connection already. */
int mpt_fastopen_settled(struct mpt_conn *c)
{
    if (c->tfo != MPT_TFO_TAKEN)
        return 0;
    c->stack->fastopen_pending--;
    c->tfo = MPT_TFO_NONE;
    return 1;
}
