/* SPDX-License-Identifier: MIT */
/* conn/join.c - another subflow: MP_JOIN's four messages (RFC 8684 3.2; 3.7 and 3.9 for refusals). With
 * join-with-data (jwd/) the first carries data. pm/ and api/ start joins, api/ brings SYNs, hooks.c the rest. */
#include "conn/conn.h"

#include "jwd/jwd.h"
#include "pm/pm.h"
#include "secure/secure.h"

enum { THIRD_TRIES = 6, SECURE_JOINS = 65536 /* sec/SPEC.md 3.4: more are refused */ };
static const uint64_t THIRD_MIN_NS = 100000000; /* jwd 2.4.4 */
static const uint64_t EMBRYO_NS = UINT64_C(60000000000); /* the third ACK has come by then, or never comes */

/* Never drawn twice in a connection: one random is one record and one subflow key (jwd 2.4.1, 2.5.6). */
uint32_t mpt_join_random(struct mpt_conn *c)
{
    uint32_t r;
    int again;

    do {
        r = mpt_stack_random32(c->stack);
        again = 0;
        for (uint32_t i = 0; i < c->used_count; i++)
            again |= c->used_random[i] == r;
    } while (again);
    if (mpt_mem_grow(&c->stack->mem, &c->used_random, &c->used_room, c->used_count + 1, sizeof r) < 0)
        return r; /* not remembered: a repetition by chance is 2^-32 */
    return c->used_random[c->used_count++] = r;
}

void mpt_join_forget(struct mpt_conn *c, uint32_t r)
{
    for (uint32_t i = 0; i < c->used_count; i++)
        if (c->used_random[i] == r) {
            c->used_random[i] = c->used_random[--c->used_count];
            return;
        }
}

/* The sender's key and random come first: the responder's in the SYN/ACK, the initiator's in the third ACK. */
static void compute_hmac(const struct mpt_subflow *sf, int third, uint8_t out[32])
{
    const struct mpt_conn *c = sf->conn;

    if (mpt_secure_keyed(c)) /* by a key that no SYN has shown (sec/SPEC.md 3.7) */
        mpt_secure_join_hmac(sf, third, out);
    else if ((third && sf->initiator) || (!third && !sf->initiator))
        mpt_keys_join_hmac(out, c->key_local, c->key_remote, sf->r_local, sf->r_remote);
    else
        mpt_keys_join_hmac(out, c->key_remote, c->key_local, sf->r_remote, sf->r_local);
}

int mpt_join_hmac_ok(const struct mpt_subflow *sf, const struct mpt_mp_join *o, int third)
{
    uint8_t h[32];

    compute_hmac(sf, third, h);
    return mpt_crypto_compare(h, o->hmac, third ? 20 : 8) == 0;
}

/* Randoms name the keys of subflows: so many of ours, and no more (sec/SPEC.md 3.4). */
static int is_exhausted(const struct mpt_conn *c)
{
    return c->secure && c->used_count >= SECURE_JOINS;
}

/* Joins only after the connection is known to be MPTCP at both ends (RFC 8684 3.1, 3.2). */
static int check_start(struct mpt_conn *c, struct mpt_addr *from, const struct mpt_addr *to)
{
    if (!c->multipath || !c->confirmed || c->state == MPT_CONN_CLOSED || (c->fin_acked && c->peer_fin_taken) ||
        (c->secure && !mpt_secure_may_join(c)))
        return MPT_ENOTCONN;
    if (mpt_subflow_count(c) >= c->stack->config.max_subflows || is_exhausted(c))
        return MPT_ELIMIT;
    if (from->family != to->family)
        return MPT_EINVAL;
    if (!from->port)
        from->port = mpt_stack_port(c->stack, from, to);
    if (!from->port || mpt_stack_subflow(c->stack, from, to)) {
        MPT_COUNT(c->stack, MP_JOIN_NO_PORT);
        return MPT_EADDRINUSE;
    }
    return 0;
}

static void prepare(struct mpt_subflow *sf, uint8_t remote_id, uint32_t flags, uint8_t rung)
{
    sf->joined = sf->initiator = 1;
    sf->local_id = mpt_addr_local_id(sf->conn, &sf->flow.local);
    sf->remote_id = remote_id;
    sf->r_local = mpt_join_random(sf->conn);
    sf->wants_data = !!(flags & MPT_JOIN_DATA);
    sf->rung = rung;
    sf->flow.no_simultaneous = 1; /* jwd 2.4.6 */
    if (flags & MPT_JOIN_BACKUP)
        sf->backup = 1;
}

/* Number of the new subflow, or an error. */
int mpt_join_start(struct mpt_conn *c, const struct mpt_addr *local, const struct mpt_addr *remote, uint8_t remote_id,
                   uint32_t flags, uint8_t rung, uint64_t now)
{
    struct mpt_addr from = *local;
    struct mpt_subflow *sf;
    uint32_t record;
    int r = check_start(c, &from, remote);

    if (r < 0)
        return r;
    if (mpt_secure_suspected(c, mpt_addr_local_id(c, &from), remote_id, now))
        return MPT_EAGAIN;
    sf = mpt_subflow_new(c, &from, remote, now);
    if (!sf) {
        MPT_COUNT(c->stack, NO_MEMORY);
        MPT_COUNT(c->stack, MP_JOIN_NO_SOCKET);
        return MPT_ENOMEM;
    }
    prepare(sf, remote_id, flags, rung);
    MPT_TRACE(&c->stack->tracer, subflow_new, c->number, sf->number, now, sf->local_id, remote_id, sf->flow.ifid, 0);
    record = sf->wants_data ? mpt_jwd_prepare(sf, now) : 0;
    sf->syn_at = now;
    r = mpt_flow_connect(&sf->flow, record, MPT_SEG_RECORD, 0, now);
    if (r < 0) {
        MPT_COUNT(c->stack, MP_JOIN_NO_CONNECT);
        mpt_subflow_free(sf);
        return r;
    }
    MPT_COUNT(c->stack, MP_JOIN_SYN_TX);
    mpt_conn_rearm(c);
    mpt_conn_kick(c);
    return (int)sf->number;
}

/* ---- responder ---- */

/* Joins with data that are not validated have a limit of their own (jwd 2.5.2), or a stranger with a token could
 * keep everybody else out. */
static int is_full(const struct mpt_conn *c)
{
    return c->subflow_count - c->embryos >= c->stack->config.max_subflows || (c->pm->admits && !c->pm->admits(c));
}

/* RFC 8684 3.2: an unknown token, or a connection that takes no joins now. */
static int refusable(struct mpt_stack *s, const struct mpt_conn *c, const struct mpt_addr *local)
{
    if (!c) {
        MPT_COUNT(s, MP_JOIN_NO_TOKEN);
        return 1;
    }
    if (c->multipath && c->confirmed && c->state != MPT_CONN_CLOSED && !is_full(c) && !mpt_capable_no_join(c, local) &&
        (!c->secure || mpt_secure_keyed(c)) && !is_exhausted(c))
        return 0;
    MPT_COUNT(s, MP_JOIN_REFUSED);
    return 1;
}

static struct mpt_subflow *new_embryo(struct mpt_conn *c, const struct mpt_packet *p, const struct mpt_segment *seg,
                                      uint32_t take, uint64_t now)
{
    struct mpt_subflow *sf = mpt_subflow_new(c, &p->local, &p->remote, now);

    if (!sf)
        return NULL;
    sf->joined = 1;
    sf->member = MPT_MEMBER_EMBRYO;
    sf->peer_backup = !!(seg->mp.join.flags & MP_JOIN_B);
    sf->remote_id = seg->mp.join.id;
    sf->local_id = mpt_addr_local_id(c, &p->local);
    sf->r_remote = seg->mp.join.random;
    sf->r_local = mpt_join_random(c);
    if (sf->secure)
        memcpy(sf->secure->mpj, seg->mp.join.raw, sizeof sf->secure->mpj);
    if (mpt_flow_accept(&sf->flow, seg, take, now) == 0)
        return sf;
    mpt_subflow_free(sf);
    return NULL;
}

/* Joins come to the port of the connection or to one that was announced (3.4.1); at all others nobody listens. */
static int wrong_port(struct mpt_conn *c, const struct mpt_addr *local)
{
    int takes = mpt_addr_takes_joins(c, local);

    if (takes == 2)
        MPT_COUNT(c->stack, MP_JOIN_PORT_SYN);
    if (!takes)
        MPT_COUNT(c->stack, PORT_MISMATCH);
    return !takes;
}

void mpt_join_syn(struct mpt_stack *s, const struct mpt_packet *p, const struct mpt_segment *seg, uint64_t now)
{
    struct mpt_conn *c = mpt_join_conn(s, seg->mp.join.token);
    struct mpt_jwd_answer a;
    struct mpt_subflow *sf;

    MPT_COUNT(s, MP_JOIN_SYN_RX);
    s->counters[MPT_CNT_MP_JOIN_SYN_BACKUP] += !!(seg->mp.join.flags & MP_JOIN_B);
    if (refusable(s, c, &p->local) || wrong_port(c, &p->local)) {
        /* before there are keys: later, not never (sec/SPEC.md 3.2) */
        mpt_stack_refuse(s, p, seg, !c ? MPT_RST_PROTOCOL
                                    : c->secure && !mpt_secure_keyed(c) ? MPT_RST_UNSPECIFIED : MPT_RST_PROHIBITED);
        return;
    }
    a = mpt_jwd_syn(s, c, seg, now);
    if (a.refuse == 1)
        mpt_stack_refuse(s, p, seg, MPT_RST_PROTOCOL);
    if (a.refuse)
        return;
    sf = new_embryo(c, p, seg, a.take, now);
    if (!sf) {
        MPT_COUNT(s, NO_MEMORY);
        mpt_stack_refuse(s, p, seg, MPT_RST_RESOURCES); /* transient: a later attempt may find some */
        return;
    }
    mpt_subflow_arrived(sf, p);
    MPT_TRACE(&s->tracer, subflow_new, c->number, sf->number, now, sf->local_id, sf->remote_id, p->ifid, 1);
    if (mpt_jwd_embryo(sf, &a, p, seg, now) < 0) {
        MPT_COUNT(s, NO_MEMORY);
        mpt_subflow_free(sf);
        return;
    }
    sf->third_at = now + EMBRYO_NS;
    mpt_conn_rearm(c);
    mpt_conn_kick(c);
}

/* Only the third ACK validates; data before it is held (3.2, jwd 2.5.4). */
enum mpt_flow_verdict mpt_join_third(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (!MPT_HAS(&s->mp, MP_JOIN) || s->mp.join.len != 24) /* it is repeated until the fourth ACK (3.2) */
        return s->len && mpt_map_early(sf, s) < 0 ? MPT_FLOW_GONE : MPT_FLOW_DROP;
    if (!mpt_join_hmac_ok(sf, &s->mp.join, 1))
        return mpt_perror(sf, MPT_PERR_JOIN_HMAC, now) ? MPT_FLOW_GONE : MPT_FLOW_DROP;
    if (c->state == MPT_CONN_CLOSED || !c->multipath)
        return MPT_FLOW_RESET;
    if (sf->jwd_r && is_full(c)) { /* it was not counted as long as it was an embryo */
        MPT_COUNT(c->stack, MP_JOIN_REFUSED);
        mpt_reset_subflow(sf, MPT_RST_PROHIBITED, MPT_ELIMIT, now);
        return MPT_FLOW_GONE;
    }
    if (!mpt_addr_takes_joins(c, &sf->flow.local)) { /* withdrawn since the SYN */
        MPT_COUNT(c->stack, PORT_MISMATCH_ACK);
        mpt_reset_subflow(sf, MPT_RST_PROHIBITED, MPT_EADDRNOTAVAIL, now);
        return MPT_FLOW_GONE;
    }
    c->stack->counters[MPT_CNT_MP_JOIN_PORT_ACK] += sf->flow.local.port != c->local.port;
    MPT_COUNT(c->stack, MP_JOIN_ACK_RX);
    return MPT_FLOW_TAKE;
}

/* ---- initiator ---- */

enum mpt_flow_verdict mpt_join_synack(struct mpt_subflow *sf, const struct mpt_segment *s, uint32_t acked,
                                      uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (MPT_HAS(&s->mp, MP_JOIN) && s->mp.join.len == 16) {
        MPT_COUNT(c->stack, MP_JOIN_SYNACK_RX);
        c->stack->counters[MPT_CNT_MP_JOIN_PORT_SYNACK] += sf->flow.remote.port != c->remote.port;
        c->stack->counters[MPT_CNT_MP_JOIN_SYNACK_BACKUP] += !!(s->mp.join.flags & MP_JOIN_B);
        sf->r_remote = s->mp.join.random;
        sf->remote_id = s->mp.join.id;
        if (sf->secure)
            sf->secure->nibble = s->mp.join.flags & 0x0f;
        if (!mpt_join_hmac_ok(sf, &s->mp.join, 0)) {
            mpt_perror(sf, MPT_PERR_SYNACK_HMAC, now);
            return MPT_FLOW_GONE;
        }
        sf->peer_backup = !!(s->mp.join.flags & MP_JOIN_B);
    } else if (!sf->jwd_i) {
        mpt_perror(sf, MPT_PERR_SYNACK_NO_JOIN, now);
        return MPT_FLOW_GONE;
    }
    if (sf->jwd_i) {
        enum mpt_flow_verdict v = mpt_jwd_synack(sf, s, acked, now);

        if (v != MPT_FLOW_TAKE)
            return v;
    }
    sf->join_rtt = now - sf->syn_at;
    sf->member = MPT_MEMBER_THIRD;
    return MPT_FLOW_TAKE;
}

/* The third ACK on a timer until the fourth comes (3.2): RTT + 2 x its variance at first (srtt/2 after one sample,
 * RFC 6298 2.2), doubling, six times. */
static uint64_t third_wait(const struct mpt_subflow *sf)
{
    return sf->join_rtt * 2 > THIRD_MIN_NS ? sf->join_rtt * 2 : THIRD_MIN_NS;
}

/* The third ACK is about to leave. The flow's sample is better than ours when the SYN was repeated. */
void mpt_join_third_sent(struct mpt_subflow *sf, uint64_t now)
{
    if (sf->flow.srtt)
        sf->join_rtt = sf->flow.srtt;
    sf->third_at = now + third_wait(sf);
    mpt_conn_rearm(sf->conn);
}

void mpt_join_expire(struct mpt_subflow *sf, uint64_t now)
{
    uint64_t wait = third_wait(sf);

    sf->third_at = MPT_NEVER;
    if (sf->member == MPT_MEMBER_EMBRYO && !sf->dead)
        mpt_reset_subflow(sf, MPT_RST_PERFORMANCE, MPT_ETIMEDOUT, now);
    if (sf->member != MPT_MEMBER_THIRD || sf->dead)
        return;
    if (++sf->third_count > THIRD_TRIES) {
        mpt_reset_subflow(sf, MPT_RST_PERFORMANCE, MPT_ETIMEDOUT, now);
        return;
    }
    sf->third_at = now + (wait << sf->third_count);
    mpt_flow_push_ack(&sf->flow);
}

/* ---- both ---- */

int mpt_join_full(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    sf->member = MPT_MEMBER_FULL;
    sf->third_at = MPT_NEVER;
    c->pm_fails = 0;
    c->joined_ever = 1;
    if (!c->fin_acked || !c->peer_fin_taken)
        c->linger_at = MPT_NEVER;
    mpt_fin_orphan(c, now);
    if (c->fin_acked && c->peer_fin_taken) /* too late: all that was to be said is said (3.3.3) */
        mpt_flow_shutdown(&sf->flow, now);
    MPT_TRACE(&c->stack->tracer, subflow_joined, c->number, sf->number, now, sf->join_rtt, sf->jwd_taken, 0, 0);
    mpt_addr_resume(c);
    if (c->pm->progress)
        c->pm->progress(c, now);
    mpt_conn_raise(c, MPT_EV_SUBFLOW);
    mpt_conn_rearm(c);
    mpt_conn_kick(c);
    return 0;
}

/* The fourth ACK is any segment of the responder that does not ask for the third again (U, jwd 2.6). */
void mpt_join_segment(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now)
{
    int u = MPT_HAS(&s->mp, DSS) && (s->mp.dss.flags & DSS_U);

    if (sf->member == MPT_MEMBER_THIRD && (s->flags & MPT_TCP_ACK) && !(s->flags & (MPT_TCP_SYN | MPT_TCP_RST)) && !u)
        mpt_join_full(sf, now);
    /* Every good third ACK is answered, also a repeated one: our fourth may have been lost (jwd 2.5.4). */
    if (!sf->initiator && sf->member == MPT_MEMBER_FULL && MPT_HAS(&s->mp, MP_JOIN) && s->mp.join.len == 24 &&
        mpt_join_hmac_ok(sf, &s->mp.join, 1))
        mpt_flow_push_ack(&sf->flow);
}

/* A record's tag covers the SYN's option (jwd 2.3): a repeated SYN has the same B, and MP_PRIO tells what changed. */
static uint8_t join_flags(const struct mpt_subflow *sf, int syn)
{
    uint8_t d = sf->initiator ? sf->jwd_i != NULL : sf->jwd_r != NULL;

    if (syn && sf->jwd_i)
        return mpt_jwd_bits(sf);
    return (uint8_t)((sf->backup ? MP_JOIN_B : 0) | (d ? MP_JOIN_D : 0));
}

uint32_t mpt_join_write(struct mpt_subflow *sf, enum mpt_flow_out what, const struct mpt_seg *seg, uint8_t *p,
                        uint32_t room)
{
    struct mpt_mp_join o = { .flags = join_flags(sf, what == MPT_OUT_SYN), .id = sf->local_id, .token = sf->conn->token_remote,
                             .random = sf->r_local };
    uint8_t h[32];

    (void)seg;
    if (what == MPT_OUT_SYN) {
        o.len = 12;
    } else if (what == MPT_OUT_SYNACK) {
        o.len = 16;
    } else {
        o.len = 24;
        o.flags = 0;
        o.id = 0;
    }
    if (room < o.len)
        return 0;
    if (what == MPT_OUT_SYNACK && sf->secure)
        sf->secure->nibble = o.flags & 0x0f;
    if (what != MPT_OUT_SYN) {
        compute_hmac(sf, what != MPT_OUT_SYNACK, h);
        memcpy(o.hmac, h, what == MPT_OUT_SYNACK ? 8 : 20);
    }
    mpt_mp_join_build(p, &o);
    if (what == MPT_OUT_SYN && sf->secure) { /* the HMACs cover it: repeated as it was */
        if (sf->secure->has_mpj)
            memcpy(p, sf->secure->mpj, sizeof sf->secure->mpj);
        memcpy(sf->secure->mpj, p, sizeof sf->secure->mpj);
        sf->secure->has_mpj = 1;
    }
    return o.len;
}
