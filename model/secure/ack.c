/* SPDX-License-Identifier: MIT */
/* secure/ack.c - authenticated acknowledgement and window in place of DATA_ACK and TCP's window (sec/SPEC.md 3.8). options.c
 * writes, hooks.c reads; conn/send.c and recv.c for what stands still. */
#include "secure/private.h"

static const uint64_t WATCH_LEAST_NS = 1000000000; /* 3.8: at least 1 s */

/* What there is to acknowledge and the right edge to offer, as offsets; a DATA_FIN that was taken has a number. */
void mpt_secure_standing(struct mpt_conn *c, uint64_t *ack, uint64_t *edge)
{
    *ack = c->rob.tail + (c->peer_fin_taken ? 1 : 0);
    *edge = c->rob.tail + mpt_dack_window(c);
    if (*edge < *ack)
        *edge = *ack;
}

/* On every pure ACK that has news; without news and with SACK blocks to report on every second one (3.8). */
uint32_t mpt_secure_aack(struct mpt_subflow *sf, uint8_t *p, uint32_t room)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_secure_flow *x = sf->secure;
    uint64_t ack, edge;
    int news;

    if (!x || room < MPT_SEC_AACK_LEN)
        return 0;
    mpt_secure_standing(c, &ack, &edge);
    news = ack != x->told_ack || edge != x->told_edge || x->bare_ack;
    x->bare_ack = !news && sf->flow.rob.ofo.count;
    if (x->bare_ack)
        return 0;
    x->told_ack = c->secure->told_ack = ack;
    x->told_edge = c->secure->told_edge = edge;
    MPT_COUNT(c->stack, SEC_AACK_TX);
    return (uint32_t)(mpt_sec_aack_build(p, c->secure->keys.ak[c->passive ? MPT_SEC_B : MPT_SEC_A],
                                         c->idsn_remote + 1 + ack, (uint32_t)(edge - ack)) - p);
}

int mpt_secure_aack_in(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    const uint8_t *o = MPT_HAS(&s->mp, MP_EXPERIMENTAL) ? mpt_tcp_option(s, MPT_OPT_MPTCP, MP_EXPERIMENTAL, NULL) : NULL;
    uint64_t dack, edge;

    if (!o)
        return 0;
    if (mpt_sec_aack_open(o, o[1], c->secure->keys.ak[c->passive ? MPT_SEC_A : MPT_SEC_B],
                          c->idsn_local + 1 + c->stream.acked, &dack, &edge) != MPT_SEC_OK) {
        MPT_COUNT(c->stack, SEC_AACK_BAD); /* ignored: the path can do no more by it than by dropping it */
        return 0;
    }
    MPT_COUNT(c->stack, SEC_AACK_RX);
    return mpt_secure_ack_in(sf, dack, edge, now);
}

/* The flow's window has slack for what records add, so the flow cannot tell when the peer waits for more (3.8). */
void mpt_secure_window_changed(struct mpt_conn *c)
{
    uint64_t half = c->stack->config.rcvbuf / 2, ack, edge, window, known;
    struct mpt_subflow *sf;

    mpt_secure_standing(c, &ack, &edge);
    window = edge - ack;
    known = c->secure->told_edge > ack ? c->secure->told_edge - ack : 0;
    MPT_EACH_SUBFLOW(c, sf) {
        uint64_t step = half < sf->flow.mss ? half : sf->flow.mss;

        if (mpt_flow_usable(&sf->flow) && sf->member == MPT_MEMBER_FULL && window >= known + step && window >= 2 * known)
            mpt_flow_push_ack(&sf->flow);
    }
}

uint64_t mpt_secure_wait(const struct mpt_conn *c)
{
    uint64_t most = c->stack->config.tcp_rto_min;
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead && sf->flow.rto > most)
            most = sf->flow.rto;
    return 2 * most > WATCH_LEAST_NS ? 2 * most : WATCH_LEAST_NS;
}

/* Who has had the octets at `at` TCP-acknowledged: the last one; NULL while somebody still has them in flight. */
static struct mpt_subflow *swallowed(const struct mpt_conn *c, uint64_t at, uint64_t *end)
{
    struct mpt_subflow *sf, *found = NULL;

    MPT_EACH_SUBFLOW(c, sf) {
        const struct mpt_secure_flow *x = sf->secure;

        if (!sf->dead && mpt_secure_holds(sf, at))
            return NULL;
        for (uint32_t i = 0; x && i < x->count; i++) {
            const struct mpt_secure_record *r = &x->records[x->head + i];

            if (r->dsn <= at && at < r->dsn + r->len) {
                found = sf;
                *end = r->dsn + r->len;
            }
        }
    }
    return found;
}

/* Called when nothing is left to leave now. */
void mpt_secure_watch(struct mpt_conn *c, uint64_t now)
{
    struct mpt_secure *x = c->secure;

    if (c->state == MPT_CONN_CLOSED || c->stream.acked >= c->snd_nxt) {
        x->watch_at = MPT_NEVER;
        return;
    }
    if (x->watch_at != MPT_NEVER && x->watch_una == c->stream.acked)
        return;
    x->watch_una = c->stream.acked;
    x->watch_at = now + mpt_secure_wait(c);
    mpt_conn_rearm(c);
}

/* A record that has begun, on a subflow whose TCP window is shut and with nothing in flight: no time-out will bring its rest
 * elsewhere (3.8: a subflow blocked by it is treated as failed). */
static void free_begun(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead && mpt_secure_backlog(sf) && !sf->flow.ring.count && mpt_secure_holds(sf, c->stream.acked))
            mpt_secure_reinject(sf, 5, now);
}

/* Octets that TCP has acknowledged and the peer has not: somebody else acknowledged them (3.8). They go elsewhere, all
 * that this subflow is said to have delivered, and the subflow is given up if there is another. */
void mpt_secure_watch_expire(struct mpt_conn *c, uint64_t now)
{
    struct mpt_secure *x = c->secure;
    struct mpt_subflow *sf, *other;
    uint64_t end = 0;
    int alone = 1;

    x->watch_at = MPT_NEVER;
    if (x->watch_una != c->stream.acked || c->stream.acked >= c->snd_nxt || !mpt_secure_keyed(c))
        return;
    sf = swallowed(c, c->stream.acked, &end);
    if (sf) {
        mpt_reinject_range(c, c->stream.acked, end, 5, now);
        mpt_secure_suspect(sf, now);
        MPT_EACH_SUBFLOW(c, other)
            alone &= other == sf || !mpt_subflow_usable(other) || other->stale;
        if (!alone && !sf->dead)
            mpt_reset_subflow(sf, MPT_RST_MIDDLEBOX, MPT_EPROTO, now);
    } else {
        free_begun(c, now);
    }
    mpt_secure_watch(c, now);
    mpt_conn_kick(c);
}
