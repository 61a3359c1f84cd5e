/* SPDX-License-Identifier: MIT */
/* conn/recv.c - octets of the stream in, in any order, and out in order (RFC 8684 3.3.1, 3.3.5).
 * map.c (mapped octets), jwd/ (records) and fallback call mpt_recv_data; api/ reads. */
#include "conn/conn.h"

#include "secure/secure.h"

/* Octets of a handshake, or first ones that may be (sec/SPEC.md 3.2). */
static int is_hidden(const struct mpt_conn *c)
{
    return c->sec_hold || (c->secure && c->secure->phase == MPT_SECURE_SHAKING);
}

static int check_bounds(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t at, size_t n, uint64_t now)
{
    if (c->peer_fin && at + n > c->rcv_fin)
        return mpt_perror(sf, MPT_PERR_BEYOND_FIN, now);
    if (c->multipath && at + n > c->rcv_edge) /* plain TCP: the flow keeps its own window */
        return mpt_perror(sf, MPT_PERR_BEYOND_WINDOW, now);
    return -1;
}

/* What Linux counts of its queue; the ranges are those before the octets came. */
static void count_queued(struct mpt_conn *c, uint32_t ranges, uint64_t last, uint64_t at)
{
    MPT_COUNT(c->stack, OFO_DATA);
    if (!ranges)
        return;
    c->stack->counters[MPT_CNT_OFO_TAIL] += at >= last;
    c->stack->counters[MPT_CNT_OFO_MERGE] += c->rob.ofo.count <= ranges;
}

int64_t mpt_recv_data(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t at, const uint8_t *data, size_t n,
                      uint64_t now)
{
    const struct mpt_ranges *ofo = &c->rob.ofo;
    uint64_t tail = c->rob.tail, last = ofo->count ? ofo->at[ofo->count - 1].to : 0;
    uint32_t ranges = ofo->count;
    int64_t fresh;
    int bad = check_bounds(c, sf, at, n, now);

    if (bad >= 0)
        return bad ? MPT_EPROTO : 0;
    fresh = mpt_rob_put(&c->rob, &c->stack->mem, at, data, n);
    if (fresh < 0) {
        MPT_COUNT(c->stack, NO_MEMORY);
        mpt_conn_starved(c, now);
        return fresh;
    }
    c->duplicate += n - (uint64_t)fresh;
    c->stack->counters[MPT_CNT_DUPLICATE_DATA] += n && !fresh;
    MPT_TRACE(&c->stack->tracer, data_received, c->number, sf->number, now, at, n, (uint64_t)fresh, 0);
    if (fresh > 0)
        c->last_rx = sf;
    if (fresh > 0 && sf->joined && !c->joined_ever)
        c->mixed_rx = 1;
    if (c->rob.tail == tail) {
        if (fresh > 0)
            count_queued(c, ranges, last, at);
        return fresh;
    }
    MPT_TRACE(&c->stack->tracer, data_delivered, c->number, 0, now, c->rob.tail, 0, 0, 0);
    if (c->sec_hold)
        mpt_secure_look(c, sf, 0, now);
    if (!is_hidden(c))
        mpt_conn_raise(c, MPT_EV_READABLE);
    mpt_fin_check(c, now);
    return fresh;
}

/* The window is shared, so every subflow may tell (3.3.5); the flow decides whether it is worth a segment. */
static void window_update(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    if (mpt_secure_keyed(c))
        mpt_secure_window_changed(c);
    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_flow_usable(&sf->flow))
            mpt_flow_window_changed(&sf->flow, now);
    mpt_conn_kick(c);
}

/* Why there is nothing to read: the end of the stream, the connection's error, or not yet. */
static int64_t nothing_left(const struct mpt_conn *c)
{
    if (c->peer_fin_taken && c->rob.head == c->rcv_fin)
        return 0;
    if (c->state == MPT_CONN_CLOSED)
        return c->error;
    return MPT_EAGAIN;
}

int64_t mpt_recv_read(struct mpt_conn *c, uint8_t *out, size_t n, uint64_t now)
{
    size_t got = 0;
    int64_t r;

    while (got < n && !is_hidden(c)) {
        const uint8_t *p;
        size_t m = mpt_rob_peek(&c->rob, &p);

        if (!m)
            break;
        if (m > n - got)
            m = n - got;
        memcpy(out + got, p, m);
        mpt_rob_drop(&c->rob, &c->stack->mem, m);
        got += m;
    }
    if (got) {
        window_update(c, now);
        return (int64_t)got;
    }
    r = nothing_left(c);
    return n || r != MPT_EAGAIN ? r : 0;
}

/* The same octets as mpt_recv_read would give now, and nothing changes. */
int64_t mpt_recv_peek(const struct mpt_conn *c, uint8_t *out, size_t n)
{
    size_t got = is_hidden(c) ? 0 : mpt_rob_copy(&c->rob, c->rob.head, out, n);

    return got || !n ? (int64_t)got : nothing_left(c);
}
