/* SPDX-License-Identifier: MIT */
/* jwd/initiator.c - the side that puts a join record into its SYN (jwd/README.md 2.3, 2.4; RFC 8684 3.2, 3.9).
 * conn/join.c and conn/hooks.c call. */
#include "jwd/private.h"

#include "secure/secure.h"

static const uint64_t PATH_MEMORY_NS = UINT64_C(3600) * 1000000000; /* 2.4.5 */
enum { THIRD_OPTIONS = 36, COST = JWD_HEAD + JWD_BODY_MIN + JWD_TAG, COST_ACK = 20, COST_PAD = 2 };

int mpt_jwd_path_plain(struct mpt_stack *s, const struct mpt_addr *local, const struct mpt_addr *remote, uint64_t now)
{
    for (int i = 0; i < MPT_PATHS; i++)
        if (s->path[i].until > now && mpt_addr_same_ip(&s->path[i].local, local) &&
            mpt_addr_same_ip(&s->path[i].remote, remote))
            return 1;
    return 0;
}

static void remember_path(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_stack *s = sf->conn->stack;
    struct mpt_path_memory *m = &s->path[s->next_path++ % MPT_PATHS];

    m->local = sf->flow.local;
    m->remote = sf->flow.remote;
    m->until = now + PATH_MEMORY_NS;
}

/* The record must also fit the third ACK with its 36 octets of options (2.3). */
static uint32_t payload_limit(const struct mpt_subflow *sf)
{
    const struct mpt_conn *c = sf->conn;
    uint32_t mss = sf->flow.mtu - (sf->flow.local.family == 4 ? 20 : 40) - MPT_TCP_HEADER;

    if (c->peer_mss && c->peer_mss < mss)
        mss = c->peer_mss;
    return mss - THIRD_OPTIONS;
}

/* What the record says: the lowest octets not acknowledged, sent before or not; an ACK where it does not cost
 * data; nothing but an ACK and zeros when there is no data, for the responder's early budget (2.3, 2.6). */
static uint32_t choose(const struct mpt_subflow *sf, struct mpt_jwd_record *r)
{
    struct mpt_conn *c = sf->conn;
    uint32_t limit = payload_limit(sf);
    uint64_t from = c->stream.acked, to = c->stream.end < c->snd_edge ? c->stream.end : c->snd_edge;
    uint64_t len = to > from ? to - from : 0;
    uint32_t pad = 0;

    r->len = (uint32_t)(len < limit - COST ? len : limit - COST);
    r->dsn = c->idsn_local + 1 + from;
    r->h = r->len + COST + COST_ACK <= limit ? JWD_H_ACK : 0;
    r->ack = mpt_dack_out(c);
    r->edge = r->ack + mpt_dack_window(c);
    r->cack = mpt_secure_keyed(c) ? c->secure->order.next - 1 : 0;
    if (c->want_fin && from + r->len == c->stream.end && r->len)
        r->h |= JWD_H_DFIN;
    if (!r->len) {
        r->h |= JWD_H_PAD;
        pad = limit - COST - COST_ACK - COST_PAD;
    }
    return pad;
}

/* The option exactly as the SYN will carry it: the tag covers it (jwd 2.2, 2.3). */
static void set_mpj(const struct mpt_subflow *sf, uint8_t mpj[12])
{
    struct mpt_mp_join o = { .len = 12, .flags = (uint8_t)(MP_JOIN_D | (sf->backup ? MP_JOIN_B : 0)),
                             .id = sf->local_id, .token = sf->conn->token_remote, .random = sf->r_local };

    mpt_mp_join_build(mpj, &o);
}

/* The record counts as sent, like a mapping: what it carries is due again only when the join fails. */
static void note_sent(struct mpt_subflow *sf, const struct mpt_jwd_record *r, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_jwd_initiator *j = sf->jwd_i;
    int again = j->from < c->snd_nxt && r->len;

    mpt_ranges_trim(&c->reinject, j->to);
    if (j->to > c->snd_nxt)
        c->snd_nxt = j->to;
    if (r->h & JWD_H_DFIN) {
        c->fin_sent = 1;
        c->fin_at = now + 2 * c->stack->config.tcp_syn_rto;
    }
    if (again)
        sf->reinjected += r->len, c->reinjected += r->len;
    MPT_COUNT(c->stack, JWD_TX);
    MPT_TRACE(&c->stack->tracer, jwd_record, c->number, sf->number, now, j->from, r->len, 1, MPT_JWD_SENT);
    if (r->len)
        MPT_TRACE(&c->stack->tracer, data_sent, c->number, sf->number, now, j->from, r->len, 1, (uint64_t)again);
}

static int allocate(struct mpt_subflow *sf, uint32_t n)
{
    struct mpt_mem *mem = &sf->conn->stack->mem;
    struct mpt_jwd_initiator *j = mpt_mem_zalloc(mem, sizeof *j);

    if (!j)
        return MPT_ENOMEM;
    j->record = mpt_mem_alloc(mem, n);
    if (!j->record) {
        mpt_mem_free(mem, j, sizeof *j);
        return MPT_ENOMEM;
    }
    j->n = n;
    sf->jwd_i = j;
    return 0;
}

/* The tag behind the record; in secure mode it is sealed (sec/SPEC.md 3.7). */
static void finish(struct mpt_subflow *sf, uint32_t n)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_jwd_initiator *j = sf->jwd_i;

    if (mpt_secure_keyed(c))
        mpt_secure_join_seal(sf, j->mpj, j->record, n);
    else
        mpt_jwd_record_tag(j->record + n, c->key_local, c->key_remote, j->mpj, j->record, n);
}

/* One random, one record: both are made here, once, and kept as they are (jwd 2.4.1). */
uint32_t mpt_jwd_prepare(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_jwd_record r = { 0 };
    uint32_t pad, n;
    uint8_t *data;

    if (!c->jwd || sf->rung || mpt_jwd_path_plain(c->stack, &sf->flow.local, &sf->flow.remote, now))
        return 0;
    pad = choose(sf, &r);
    n = COST + (r.h & JWD_H_ACK ? COST_ACK : 0) + (r.h & JWD_H_PAD ? COST_PAD + pad : 0) + r.len;
    if (allocate(sf, n) < 0) {
        MPT_COUNT(c->stack, NO_MEMORY);
        return 0;
    }
    set_mpj(sf, sf->jwd_i->mpj);
    data = mpt_jwd_record_build(sf->jwd_i->record, &r, pad);
    if (r.len)
        mpt_stream_copy(&c->stream, c->stream.acked, data, r.len);
    finish(sf, n - JWD_TAG);
    sf->jwd_i->from = c->stream.acked;
    sf->jwd_i->to = c->stream.acked + r.len;
    note_sent(sf, &r, now);
    return n;
}

void mpt_jwd_copy(const struct mpt_subflow *sf, uint32_t off, uint8_t *out, uint32_t n)
{
    memcpy(out, sf->jwd_i->record + off, n);
}

/* The ladder goes on from a new port: other octets at these sequence numbers would break TCP (jwd 2.4.3). */
static enum mpt_flow_verdict give_up(struct mpt_subflow *sf, int eaten, uint64_t now)
{
    sf->jwd_i->eaten = (uint8_t)eaten;
    mpt_reset_subflow(sf, MPT_RST_MIDDLEBOX, MPT_EPROTO, now);
    return MPT_FLOW_GONE;
}

/* The table of 2.4.3. */
enum mpt_flow_verdict mpt_jwd_synack(struct mpt_subflow *sf, const struct mpt_segment *s, uint32_t acked, uint64_t now)
{
    struct mpt_jwd_initiator *j = sf->jwd_i;

    if (!MPT_HAS(&s->mp, MP_JOIN))
        return give_up(sf, 1, now);
    if (!(s->mp.join.flags & MP_JOIN_D))
        return give_up(sf, 0, now);
    if (acked && acked != j->n)
        return give_up(sf, 0, now);
    /* A record that was not taken must fit this path's MSS, which only now is known. */
    if (!acked && s->tcp.has_mss && j->n + THIRD_OPTIONS > s->tcp.mss)
        return give_up(sf, 0, now);
    j->both = 1;
    sf->jwd_taken = acked == j->n;
    return MPT_FLOW_TAKE;
}

uint8_t mpt_jwd_bits(const struct mpt_subflow *sf)
{
    return sf->jwd_i->mpj[2] & 0x0f;
}

int mpt_jwd_both(const struct mpt_subflow *sf)
{
    return sf->jwd_i && sf->jwd_i->both;
}

void mpt_jwd_reinject(struct mpt_subflow *sf, int gone, uint32_t cause, uint64_t now)
{
    const struct mpt_jwd_initiator *j = sf->jwd_i;

    if (j && (gone || j->record))
        mpt_reinject_range(sf->conn, j->from, j->to, cause, now);
}

int mpt_jwd_holds(const struct mpt_subflow *sf, uint64_t at, uint64_t *end)
{
    const struct mpt_jwd_initiator *j = sf->jwd_i;

    if (!j || !j->record || at < j->from || at >= j->to)
        return 0;
    *end = j->to;
    return 1;
}

/* The ladder (2.4.5). The record may have been delivered all the same: same octets, same DSN, elsewhere. A join that
 * the host itself has given up is no reason to try again. */
void mpt_jwd_failed(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_jwd_initiator *j = sf->jwd_i;

    if (!j || c->state == MPT_CONN_CLOSED || sf->flow.error == MPT_EADDRNOTAVAIL)
        return;
    if (!sf->flow.error || sf->flow.closing)
        return;
    remember_path(sf, now);
    MPT_COUNT(c->stack, JWD_LADDER);
    MPT_TRACE(&c->stack->tracer, jwd_ladder, c->number, sf->number, now, j->eaten ? 3 : 2, 0, 0, 0);
    if (!j->eaten) {
        struct mpt_addr from = sf->flow.local;

        from.port = 0;
        mpt_join_start(c, &from, &sf->flow.remote, sf->remote_id, sf->backup ? MPT_JOIN_BACKUP : 0, 2, now);
    }
}

/* TCP has the record; the octets stay in the send stream until they are DATA_ACKed (jwd 2.4.5). */
void mpt_jwd_record_acked(struct mpt_subflow *sf, uint64_t to)
{
    struct mpt_jwd_initiator *j = sf->jwd_i;

    if (!j || !j->record || to < j->n)
        return;
    mpt_mem_free(&sf->conn->stack->mem, j->record, j->n);
    j->record = NULL;
}
