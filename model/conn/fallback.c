/* SPDX-License-Identifier: MIT */
/* conn/fallback.c - plain TCP from now on, by missing options, by the infinite mapping or by MP_FAIL (RFC 8684 3.7;
 * read 3.1 and 3.3.1 first). Only one subflow is left then; its sequence numbers and the stream's offsets run in step
 * from where it happened. map.c, capable.c, heuristics.c and perror.c call. */
#include "conn/conn.h"

#include "secure/secure.h"

enum { FAIL_TRIES = 6 }; /* Linux waits for an answer as long as its largest RTO */

/* Fallback is possible with one subflow only (3.7): others are reset. */
static void only_first(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf, *kept = NULL;

    MPT_EACH_SUBFLOW(c, sf) {
        if (!kept && !sf->dead && sf->member == MPT_MEMBER_FULL)
            kept = sf;
        else if (!sf->dead && kept)
            mpt_reset_subflow(sf, MPT_RST_PROTOCOL, MPT_EPROTO, now);
    }
}

/* Joins under way do not count: they will not come about. */
int mpt_fallback_alone(const struct mpt_subflow *sf)
{
    struct mpt_subflow *other;

    MPT_EACH_SUBFLOW(sf->conn, other)
        if (other != sf && other->member == MPT_MEMBER_FULL && !other->dead)
            return 0;
    return 1;
}

/* 3.7: "if it is known that all unacknowledged data in flight is contiguous". That is so as long as there was never
 * another subflow, nothing was sent twice, and no octet has gone by the record of a join alone (as Linux decides). */
int mpt_fallback_possible(const struct mpt_subflow *sf)
{
    const struct mpt_conn *c = sf->conn;

    return c->multipath && !sf->joined && !c->joined_ever && !c->mixed_rx && !c->dack_to &&
           c->stream.acked <= c->first_nxt && mpt_fallback_alone(sf);
}

/* What TCP has acknowledged is acknowledged now, DATA_ACK or not: only the subflow's ACKs count (3.7). Octets that left
 * in the SYN of a join only (jwd/) leave here once more, in their order. */
static void settle_stream(struct mpt_conn *c, const struct mpt_subflow *sf)
{
    const struct mpt_seg_ring *r = &sf->flow.ring;
    uint64_t to = c->first_nxt;

    c->infinite = c->stream.acked;
    if (c->joined_ever || sf->joined)
        return;
    for (uint32_t i = r->count; i-- > 0;) {
        const struct mpt_seg *seg = &r->at[(r->head + i) & (r->room - 1)];

        if (seg->len)
            to = seg->dsn;
    }
    if (c->snd_nxt > c->first_nxt)
        c->snd_nxt = c->first_nxt;
    if (to > c->stream.acked)
        mpt_stream_ack(&c->stream, &c->stack->mem, to);
}

/* From here on sequence numbers and stream offsets differ by a constant, and the window is the flow's own. */
static void in_step(struct mpt_conn *c)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead) {
            settle_stream(c, sf);
            sf->delta_rx = c->rob.tail - sf->flow.rob.head;
            sf->signals = 0;
            sf->flow.window_shared = 0;
        }
}

static void count(struct mpt_stack *s, enum mpt_fallback_cause cause)
{
    if (cause == MPT_FALLBACK_INFINITE || cause == MPT_FALLBACK_LOST_DSS)
        MPT_COUNT(s, FALLBACK_DSS);
    if (cause == MPT_FALLBACK_FAIL)
        MPT_COUNT(s, FALLBACK_CORRUPTION);
    if (cause == MPT_FALLBACK_NO_DSS)
        MPT_COUNT(s, FALLBACK_DATA);
    if (cause == MPT_FALLBACK_SIMULTANEOUS)
        MPT_COUNT(s, FALLBACK_SIMULTANEOUS);
}

/* Once there, nothing brings Multipath TCP back (3.7). */
void mpt_fallback(struct mpt_conn *c, enum mpt_fallback_cause cause, uint64_t now)
{
    if (!c->multipath && !c->announced)
        return;
    if (mpt_secure_bound(c) || (c->secure && c->secure->neg.policy == MPT_SECURE_REQUIRE)) {
        mpt_secure_abort(c, now); /* sec/SPEC.md 3.2: no way back, or none wanted */
        return;
    }
    MPT_TRACE(&c->stack->tracer, fallback, c->number, 0, now, cause, 0, 0, 0);
    count(c->stack, cause);
    c->multipath = c->jwd = c->fail = 0;
    /* The peer may have seen our DSS while its own are eaten: it must hear that no more will come (3.7). */
    c->say_infinite = cause == MPT_FALLBACK_NO_DSS || cause == MPT_FALLBACK_LOST_DSS || cause == MPT_FALLBACK_FAIL;
    mpt_ranges_trim(&c->reinject, UINT64_MAX);
    c->fin_at = c->add_addr_at = c->fail_at = MPT_NEVER;
    if (c->announced)
        mpt_map_remove(&c->stack->tokens, &c->token_node);
    c->announced = 0;
    only_first(c, now);
    in_step(c);
    if (c->fin_sent && !(c->fin_acked && c->peer_fin_taken))
        c->fin_sent = c->fin_acked = 0; /* DATA_FIN or not, the flow's FIN says it now; it leaves after both anyway */
    mpt_conn_rearm(c);
    if (c->state != MPT_CONN_CONNECTING)
        mpt_conn_raise(c, MPT_EV_FALLBACK);
    mpt_conn_kick(c);
}

/* ---- MP_FAIL ---- */

static void say_fail(struct mpt_subflow *sf)
{
    sf->signals |= MPT_SIG_FAIL;
    mpt_flow_push_ack(&sf->flow);
    mpt_conn_kick(sf->conn);
}

/* A checksum failed and this is the only subflow: MP_FAIL goes back, what came since is held and not DATA_ACKed, until
 * the peer answers by MP_FAIL or by the infinite mapping (3.7). */
void mpt_fail_start(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (c->fail)
        return;
    c->fail = 1;
    c->fail_tries = 0;
    c->fail_at = now + sf->flow.rto;
    mpt_conn_rearm(c);
    say_fail(sf);
}

/* An option on a pure ACK may be lost: it is repeated like a segment (RFC 6298 5.5); a peer that never answers loses
 * the subflow, as Linux does it. */
void mpt_fail_expire(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    c->fail_at = MPT_NEVER;
    if (!c->fail)
        return;
    c->fail_tries++;
    MPT_EACH_SUBFLOW(c, sf) {
        if (sf->dead || !mpt_flow_usable(&sf->flow))
            continue;
        if (c->fail_tries >= FAIL_TRIES) {
            mpt_reset_subflow(sf, MPT_RST_MIDDLEBOX, MPT_EPROTO, now);
            continue;
        }
        c->fail_at = now + (sf->flow.rto << c->fail_tries);
        say_fail(sf);
    }
    if (c->fail_at == MPT_NEVER)
        c->fail = 0;
}

/* The answer to ours ends it. Otherwise the peer could not use our octets: MP_FAIL goes back once, and the infinite
 * mapping with the next octets (3.7). With other subflows it should have been a RST: then it says nothing (as Linux). */
void mpt_fail_in(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    int answer = c->fail;

    MPT_COUNT(c->stack, MP_FAIL_RX);
    if (!c->multipath || !mpt_fallback_alone(sf))
        return;
    if (!answer && !mpt_fallback_possible(sf)) {
        MPT_COUNT(c->stack, FALLBACK_FAILED);
        mpt_reset_subflow(sf, MPT_RST_MIDDLEBOX, MPT_EPROTO, now);
        return;
    }
    mpt_fallback(c, MPT_FALLBACK_FAIL, now);
    c->say_dack = 1;
    if (!answer)
        say_fail(sf);
    mpt_flow_redeliver(&sf->flow, now);
    mpt_flow_push_ack(&sf->flow);
}
