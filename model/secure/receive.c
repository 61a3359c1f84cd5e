/* SPDX-License-Identifier: MIT */
/* secure/receive.c - records in (sec/SPEC.md 3.5, 3.9): opened whole, parsed strictly, taken. map.c brings octets in subflow
 * order with their mapping; until a record is whole its octets stay with the flow, where TCP's window bounds them. */
#include "secure/private.h"

#include "pm/pm.h"

/* Opened in the scratch buffer: the flow's octets stay as they came. 1, or 0: not all there yet. */
static int gather(struct mpt_subflow *sf, const struct mpt_mapping *m, const uint8_t *data, size_t n, uint8_t *text)
{
    if (n >= m->len) {
        memcpy(text, data, m->len);
        return 1;
    }
    return sf->flow.rob.tail >= m->ssn + m->len && mpt_rob_copy(&sf->flow.rob, m->ssn, text, m->len) == m->len;
}

static struct mpt_sec_dir *keys(struct mpt_subflow *sf, uint64_t ssn)
{
    struct mpt_secure *c = sf->conn->secure;
    struct mpt_secure_flow *x = sf->secure;
    struct mpt_sec_sf_id id;

    if (!x->rx_made) {
        mpt_secure_sf_id(sf, &id);
        mpt_sec_dir_init(&x->rx, c->aead, c->keys.tx[sf->conn->passive ? MPT_SEC_A : MPT_SEC_B], &id, ssn);
        x->rx_made = 1;
    }
    return &x->rx;
}

/* A verified DATA_ACK and edge, of an AACK or an ACK prefix. 1: the peer is broken. */
int mpt_secure_ack_in(struct mpt_subflow *sf, uint64_t dack, uint64_t edge, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    uint64_t first = c->idsn_local + 1, top = c->snd_nxt + (c->fin_sent ? 1 : 0), old = c->stream.acked;
    struct mpt_sec_window w = { .una = first + c->stream.acked, .edge = first + c->snd_edge };

    if (mpt_sec_window_take(&w, dack, edge, first + top) != MPT_SEC_OK) {
        MPT_COUNT(c->stack, DSS_BAD_ACK);
        mpt_secure_broken(c, now);
        return 1;
    }
    if (mpt_serial_before(dack, first + old))
        return 0;
    mpt_dack_in(sf, dack - first, edge - dack, now);
    if (c->stream.acked != old) {
        c->secure->watch_at = MPT_NEVER;
        mpt_secure_watch(c, now);
    }
    mpt_conn_kick(c);
    return sf->dead; /* one that brings FASTCLOSE goes on: it needs its ACKs */
}

/* Before the peer has verified an edge of ours it goes by a TCP window, at most 64 KiB, that anybody can have written
 * (3.8): so much is taken, whatever our buffer, or a window raised in a SYN would make a good peer look broken. */
static void widen(struct mpt_conn *c, uint64_t end)
{
    if (end > c->rcv_edge && end <= MPT_SECURE_UNVERIFIED)
        c->rcv_edge = end;
}

/* What only the peer can have said: nothing beyond our edge or its DATA_FIN, the DATA_FIN always at one place. */
static int is_possible(struct mpt_conn *c, const struct mpt_sec_record *r, uint64_t at)
{
    uint64_t end = at + r->len;

    widen(c, end);
    if (mpt_serial_before(at, c->secure->rx_start) || end > c->rcv_edge)
        return 0;
    if (c->peer_fin && (end > c->rcv_fin || ((r->h & MPT_SEC_H_DFIN) && end != c->rcv_fin)))
        return 0;
    return 1;
}

static int take(struct mpt_subflow *sf, const struct mpt_sec_record *r, uint64_t at, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if ((r->h & MPT_SEC_H_ACK) && mpt_secure_ack_in(sf, r->ack, r->edge, now))
        return -1;
    if ((r->h & MPT_SEC_H_ACK) && mpt_secure_cack(c, r->cack, now)) {
        mpt_secure_broken(c, now);
        return -1;
    }
    if ((r->h & MPT_SEC_H_CTL) && mpt_secure_ctl_in(sf, r->ctl, r->ctl_len, now))
        return -1;
    if ((r->h & MPT_SEC_H_DFIN) && mpt_fin_in(sf, at + r->len, now))
        return -1;
    if (r->h & MPT_SEC_H_SFIN)
        sf->secure->sfin_in = 1;
    return 0;
}

/* PARAMS that say less count only behind their arrival (3.6). */
static uint32_t data_max(const struct mpt_stack *s)
{
    uint64_t max = s->config.sec_record;

    return max > MPT_SECURE_RECORD_LEAST ? (uint32_t)max : MPT_SECURE_RECORD_LEAST;
}

/* The first record is the key confirmation, and says that the handshake is done at the other end too. */
static void heard(struct mpt_subflow *sf)
{
    struct mpt_conn *c = sf->conn;

    mpt_sec_neg_heard(&c->secure->neg);
    c->secure->heard = 1;
    MPT_COUNT(c->stack, SEC_RECORDS_RX);
}

/* b has keys, and its PARAMS are read: a may join now, with data if b takes it (3.6). */
static void let_join(struct mpt_conn *c, uint64_t now)
{
    if (c->passive || c->secure->may_join || c->state == MPT_CONN_CLOSED)
        return;
    c->secure->may_join = 1;
    if (c->pm->confirmed)
        c->pm->confirmed(c, now);
}

/* Before the peer's first record has verified, keys may differ: the connection ends (3.3). Later it is the path. */
static int64_t bad_tag(struct mpt_subflow *sf, uint64_t now)
{
    if (!sf->conn->secure->heard) {
        mpt_secure_abort(sf->conn, now);
        return MPT_ESECURE;
    }
    mpt_secure_suspect(sf, now);
    mpt_perror(sf, MPT_PERR_SEC_TAG, now);
    return MPT_EPROTO;
}

int64_t mpt_secure_skip(struct mpt_subflow *sf, size_t n)
{
    uint32_t m = sf->secure ? sf->secure->skip : 0;

    m = m < n ? m : (uint32_t)n;
    if (m)
        sf->secure->skip -= m;
    return m;
}

/* Octets of the record that the flow may forget; it brings the rest yet. */
static int64_t taken(struct mpt_subflow *sf, const struct mpt_mapping *m, size_t n)
{
    sf->secure->skip = n < m->len ? m->len - (uint32_t)n : 0;
    return n < m->len ? (int64_t)n : (int64_t)m->len;
}

/* Both ends at once: then nobody waits for the other's RST (RFC 8684 3.5). */
static int64_t closed(struct mpt_subflow *sf, const struct mpt_sec_record *r, const struct mpt_mapping *m, size_t n,
                      uint64_t now)
{
    uint8_t code;

    if (!(r->h & MPT_SEC_H_CTL) || !mpt_sec_ctl_fastclose(r->ctl, r->ctl_len, &code))
        return taken(sf, m, n);
    mpt_reset_subflow(sf, 255, MPT_ECONNRESET, now);
    return MPT_ECONNRESET;
}

int64_t mpt_secure_deliver(struct mpt_subflow *sf, const struct mpt_mapping *m, const uint8_t *data, size_t n, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    uint8_t *text = mpt_secure_scratch(c->stack);
    struct mpt_sec_dir *d;
    struct mpt_sec_record r;
    uint64_t ssn;

    if (!text) {
        MPT_COUNT(c->stack, NO_MEMORY);
        mpt_conn_starved(c, now);
        return 0;
    }
    if (m->len < MPT_SEC_DLL_MIN || m->len > MPT_SEC_DLL_MAX)
        return bad_tag(sf, now);
    if (!gather(sf, m, data, n, text))
        return 0;
    d = keys(sf, m->ssn);
    ssn = d->ssn;
    if (mpt_sec_open(d, m->ssn, c->idsn_remote + 1 + m->dsn, text, m->len) != MPT_SEC_OK)
        return bad_tag(sf, now);
    heard(sf);
    if (mpt_sec_record_parse(&r, text, m->len - MPT_SEC_TAG, MPT_SEC_RECORD_BITS, data_max(c->stack)) != MPT_SEC_OK ||
        !is_possible(c, &r, m->dsn)) {
        mpt_secure_broken(c, now);
        return MPT_EPROTO;
    }
    if (c->state == MPT_CONN_CLOSED) /* we have said FASTCLOSE; so has the peer, or it has not heard ours yet */
        return closed(sf, &r, m, n, now);
    if (sf->secure->sfin_in) { /* there was to be no more (3.5) */
        mpt_secure_broken(c, now);
        return MPT_EPROTO;
    }
    if ((r.h & MPT_SEC_H_CTL) && mpt_secure_ctl_room(c, r.ctl, r.ctl_len) < 0) {
        mpt_conn_starved(c, now);
        d->ssn = ssn;
        return 0;
    }
    if (r.len) {
        int64_t fresh = mpt_recv_data(c, sf, m->dsn, r.data, r.len, now);

        if (fresh == MPT_ENOMEM) { /* opened again when there is memory: the same octets, the same nonce */
            d->ssn = ssn;
            return 0;
        }
        if (fresh < 0)
            return fresh;
    }
    if (take(sf, &r, m->dsn, now) < 0 || sf->dead) /* REMOVE_ADDR may have named the very subflow it came by */
        return MPT_EPROTO;
    let_join(c, now);
    return taken(sf, m, n);
}
