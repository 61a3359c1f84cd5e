/* SPDX-License-Identifier: MIT */
/* conn/reinject.c - octets of one subflow sent again on another (RFC 8684 3.3.6; 3.3.1: a new mapping each time).
 * Called on a time-out, when a subflow ends, and by opportunistic retransmission. */
#include "conn/conn.h"

#include "jwd/jwd.h"
#include "sched/sched.h"
#include "secure/secure.h"

/* Only offsets are noted: who sends them, in what pieces, is decided when there is room. */
void mpt_reinject_range(struct mpt_conn *c, uint64_t from, uint64_t to, uint32_t cause, uint64_t now)
{
    if (from < c->stream.acked)
        from = c->stream.acked;
    if (mpt_secure_bound(c) && from < c->secure->tx_start) /* the handshake: TCP brings it, or it fails */
        from = c->secure->tx_start;
    if (from >= to)
        return;
    if (mpt_ranges_add(&c->reinject, &c->stack->mem, from, to) < 0) {
        MPT_COUNT(c->stack, NO_MEMORY); /* the subflow still owes the octets, or the next time-out asks again */
        return;
    }
    MPT_TRACE(&c->stack->tracer, reinject, c->number, 0, now, from, to, cause, 0);
}

static struct mpt_seg *ring_at(const struct mpt_seg_ring *r, uint32_t i)
{
    return &r->at[(r->head + i) & (r->room - 1)];
}

/* All that is in flight there, whether SACKed or not: a SACK does not reach the data level (3.3.6). */
void mpt_reinject_subflow(struct mpt_subflow *sf, uint32_t cause, uint64_t now)
{
    const struct mpt_seg_ring *r = &sf->flow.ring;
    uint64_t from = 0, to = 0;

    if (!sf->conn->multipath)
        return;
    mpt_jwd_reinject(sf, sf->dead, cause, now);
    if (mpt_secure_keyed(sf->conn)) {
        mpt_secure_reinject(sf, cause, now);
        return;
    }
    for (uint32_t i = 0; i < r->count; i++) {
        const struct mpt_seg *seg = ring_at(r, i);

        if (!seg->len || (seg->flags & MPT_SEG_RECORD))
            continue;
        if (seg->dsn != to) { /* neighbours are joined first: one trace event, one insertion */
            mpt_reinject_range(sf->conn, from, to, cause, now);
            from = seg->dsn;
        }
        to = seg->dsn + seg->len;
    }
    mpt_reinject_range(sf->conn, from, to, cause, now);
}

/* Has this subflow itself octet `at` in flight, not as a join record? Its TCP brings it: the end of that segment,
 * else 0. */
uint64_t mpt_reinject_holds(const struct mpt_subflow *sf, uint64_t at)
{
    const struct mpt_seg_ring *r = &sf->flow.ring;

    if (mpt_secure_keyed(sf->conn))
        return mpt_secure_holds(sf, at);
    for (uint32_t i = 0; i < r->count && i < 64; i++) {
        const struct mpt_seg *seg = ring_at(r, i);

        if (seg->len && !(seg->flags & MPT_SEG_RECORD) && seg->dsn <= at && at < seg->dsn + seg->len)
            return seg->dsn + seg->len;
    }
    return 0;
}

/* Who has offset `at` in flight: the last one to be given it, and the end of that segment. */
struct mpt_subflow *mpt_reinject_holder(const struct mpt_conn *c, uint64_t at, uint64_t *end)
{
    struct mpt_subflow *sf, *found = NULL;

    MPT_EACH_SUBFLOW(c, sf) {
        const struct mpt_seg_ring *r = &sf->flow.ring;

        if (!sf->dead && mpt_jwd_holds(sf, at, end))
            found = sf;
        if (mpt_secure_keyed(c)) {
            if (!sf->dead && mpt_secure_holds(sf, at)) {
                *end = mpt_secure_holds(sf, at);
                found = sf;
            }
            continue;
        }
        for (uint32_t i = 0; !sf->dead && i < r->count && i < 64; i++) {
            const struct mpt_seg *seg = ring_at(r, i);

            if (seg->len && !(seg->flags & MPT_SEG_RECORD) && seg->dsn <= at && at < seg->dsn + seg->len) {
                *end = seg->dsn + seg->len;
                found = sf;
            }
        }
    }
    return found;
}

/* Offset of the oldest octets that this subflow has to bring, acknowledged by DATA_ACK or not; UINT64_MAX: none. */
uint64_t mpt_reinject_oldest(const struct mpt_subflow *sf)
{
    const struct mpt_seg_ring *r = &sf->flow.ring;

    for (uint32_t i = 0; i < r->count; i++)
        if (ring_at(r, i)->flags & MPT_SEG_PINNED)
            return ring_at(r, i)->dsn;
    return UINT64_MAX;
}

/* A mapping never changes (3.3.1), so a subflow owes its octets even when the peer has them by another way. A subflow
 * that owes octets from further back than OWED send buffers, and is silent, is ended: MP_TCPRST reason 4 (3.6). */
void mpt_reinject_owed(struct mpt_conn *c, uint64_t now)
{
    enum { OWED = 4, OWED_COPIES = 64, OWED_LEAST = 262144 /* a small buffer is no reason to lose a path */ };
    uint64_t oldest = UINT64_MAX, most = c->stack->config.sndbuf;
    struct mpt_subflow *sf, *worst = NULL;

    /* Copies lag behind by nature, and their scheduler bounds what they pin: only the list of chunks grows. */
    most *= c->sched->copy ? OWED_COPIES : OWED;
    if (c->stream.acked - c->stream.base < (most > OWED_LEAST ? most : OWED_LEAST))
        return;
    MPT_EACH_SUBFLOW(c, sf) {
        uint64_t at = sf->dead || !sf->stale ? UINT64_MAX : mpt_reinject_oldest(sf);

        if (at < oldest) {
            oldest = at;
            worst = sf;
        }
    }
    if (worst && oldest < c->stream.base + MPT_CHUNK)
        mpt_reset_subflow(worst, MPT_RST_OUTSTANDING, MPT_ETIMEDOUT, now);
}
