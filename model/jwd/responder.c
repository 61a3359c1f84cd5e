/* SPDX-License-Identifier: MIT */
/* jwd/responder.c - the side that gets a join record in a SYN (jwd/README.md 2.5; RFC 8684 3.2).
 * conn/join.c calls for SYNs and the third ACK, conn/hooks.c for octets. set.c, early.c: its other halves. */
#include "jwd/private.h"

#include "jwd/set.h"
#include "secure/secure.h"

static const uint64_t EMBRYO_LIFE_NS = UINT64_C(10) * 1000000000; /* 2.5.2 */

static struct mpt_jwd_answer in_stream(void)
{
    struct mpt_jwd_answer a = { 0 };

    return a;
}

/* D=0: the initiator drops the record and joins from a new port. */
static struct mpt_jwd_answer plain(void)
{
    struct mpt_jwd_answer a = { .plain = 1 };

    return a;
}

static uint32_t twins(const struct mpt_conn *c, uint32_t r)
{
    struct mpt_subflow *sf;
    uint32_t n = 0;

    MPT_EACH_SUBFLOW(c, sf)
        n += sf->member == MPT_MEMBER_EMBRYO && !sf->dead && sf->r_remote == r;
    return n;
}

/* Somebody fills the places: one unvalidated embryo, drawn by lot, makes room (check 2). */
static void replace_embryo(struct mpt_conn *c, uint64_t now)
{
    uint32_t lot = mpt_stack_random32(c->stack) % c->embryos;
    struct mpt_subflow *sf;

    MPT_COUNT(c->stack, JWD_LIMIT);
    MPT_EACH_SUBFLOW(c, sf) {
        if (sf->dead || !sf->jwd_r || !sf->jwd_r->embryo)
            continue;
        if (lot-- == 0) {
            mpt_flow_kill(&sf->flow, MPT_ELIMIT, now);
            return;
        }
    }
}

/* Checks 5 and 6. */
static struct mpt_jwd_answer admit(struct mpt_conn *c, const struct mpt_segment *seg, const struct mpt_jwd_record *r)
{
    struct mpt_jwd_answer a = { .take = seg->len };
    uint64_t at = r->dsn - (c->idsn_remote + 1);
    int known = mpt_jwd_set_find(c, seg->mp.join.random);

    if (known == 2 || (known == 1 && twins(c, seg->mp.join.random) >= 2)) {
        MPT_COUNT(c->stack, JWD_REPLAY);
        a.refuse = 2;
        return a;
    }
    a.twin = known == 1;
    if ((!known && mpt_jwd_set_full(c)) || mpt_serial_before(at, 0) || at + r->len > c->rcv_edge) {
        MPT_COUNT(c->stack, JWD_LIMIT);
        return in_stream();
    }
    if (!known && mpt_jwd_set_add(c, seg->mp.join.random) < 0) {
        MPT_COUNT(c->stack, NO_MEMORY);
        return in_stream();
    }
    return a;
}

enum reading { GOOD, UNREADABLE, FORGED, BROKEN };

/* p[0..n): verified, and in secure mode opened in place; then it is read. */
static enum reading read_record(struct mpt_conn *c, const uint8_t mpj[12], uint8_t *p, size_t n, struct mpt_jwd_record *r)
{
    if (!mpt_secure_keyed(c)) {
        if (mpt_jwd_record_parse(r, p, n, 0) < 0)
            return UNREADABLE;
        return mpt_jwd_record_verify(c->key_remote, c->key_local, mpj, p, n) ? GOOD : FORGED;
    }
    if (mpt_jwd_record_len(p, n) != n)
        return UNREADABLE;
    if (mpt_secure_join_open(c, mpj, p, n) < 0)
        return FORGED;
    return mpt_jwd_record_parse(r, p, n, 1) < 0 ? BROKEN : GOOD; /* only the peer itself can have sealed it */
}

/* A sealed one is opened beside the packet, which is the host's. */
static uint8_t *readable(struct mpt_conn *c, const struct mpt_segment *seg)
{
    uint8_t *p = mpt_secure_keyed(c) ? mpt_secure_scratch(c->stack) : (uint8_t *)(uintptr_t)seg->data;

    if (p && p != seg->data && seg->len <= MPT_SEC_DLL_MAX)
        memcpy(p, seg->data, seg->len);
    return p;
}

static struct mpt_jwd_answer judge(struct mpt_stack *s, struct mpt_conn *c, const struct mpt_segment *seg, uint64_t now)
{
    enum reading reading;
    struct mpt_jwd_answer a;
    struct mpt_jwd_record r;
    uint8_t *p;

    if (!(seg->mp.join.flags & MP_JOIN_D) || !c->jwd || s->config.jwd_accept == MPT_JWD_OFF ||
        s->embryos >= JWD_EMBRYOS_STACK)
        return plain();
    MPT_COUNT(s, JWD_RX);
    p = readable(c, seg);
    reading = p ? read_record(c, seg->mp.join.raw, p, seg->len, &r) : UNREADABLE;
    if (reading == UNREADABLE) {
        if (seg->len)
            MPT_COUNT(s, JWD_BAD_RECORD);
        return in_stream();
    }
    if (reading == FORGED || reading == BROKEN) {
        struct mpt_jwd_answer refused = { .refuse = 1 };

        MPT_COUNT(s, JWD_BAD_TAG);
        if (reading == BROKEN)
            mpt_secure_broken(c, now);
        return refused;
    }
    a = admit(c, seg, &r);
    a.record = p;
    return a;
}

static void trace_verdict(struct mpt_conn *c, const struct mpt_segment *seg, const struct mpt_jwd_answer *a,
                          uint64_t now)
{
    enum mpt_jwd_verdict v = a->refuse == 1 ? MPT_JWD_BAD_TAG : a->refuse ? MPT_JWD_REPLAYED
                             : a->twin ? MPT_JWD_TWIN : MPT_JWD_NOT_NOW;

    if (!a->plain && (a->refuse || a->twin || !a->take))
        MPT_TRACE(&c->stack->tracer, jwd_record, c->number, 0, now, 0, seg->len, 0, v);
}

/* Checks 2 to 6; 0 and 1 were the caller's. Room is made last: what is refused anyway pushes nobody out. */
struct mpt_jwd_answer mpt_jwd_syn(struct mpt_stack *s, struct mpt_conn *c, const struct mpt_segment *seg, uint64_t now)
{
    struct mpt_jwd_answer a = judge(s, c, seg, now);

    trace_verdict(c, seg, &a, now);
    if (!a.refuse && !a.plain && c->embryos >= JWD_EMBRYOS_CONN)
        replace_embryo(c, now);
    return a;
}

/* The record as an authenticated DSS: ACK prefix as DATA_ACK and window, data at its DSN, however old (2.5.3). */
static int take_record(struct mpt_subflow *sf, const uint8_t *p, uint32_t n, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_jwd_record r;
    uint64_t at;
    int64_t fresh = 0;

    if (mpt_jwd_record_parse(&r, p, n, mpt_secure_keyed(c)) < 0)
        return MPT_EPROTO;
    at = r.dsn - (c->idsn_remote + 1);
    if (mpt_serial_before(at, 0))
        return MPT_EPROTO;
    if (mpt_secure_keyed(c)) {
        if (mpt_secure_join_take(sf, &r, now))
            return MPT_EPROTO;
    } else if (r.h & JWD_H_ACK)
        mpt_dack_in(sf, r.ack - (c->idsn_local + 1), mpt_serial_before(r.edge, r.ack) ? 0 : r.edge - r.ack, now);
    if (r.len)
        fresh = mpt_recv_data(c, sf, at, r.data, r.len, now);
    if (fresh < 0)
        return (int)fresh;
    if ((uint64_t)fresh < r.len)
        MPT_COUNT(c->stack, JWD_OLD);
    if ((r.h & JWD_H_DFIN) && mpt_fin_in(sf, at + r.len, now))
        return MPT_EPROTO;
    MPT_TRACE(&c->stack->tracer, jwd_record, c->number, sf->number, now, at, r.len, 0, MPT_JWD_TAKEN);
    return 0;
}

/* accept=validated, and twins: the record waits for the third ACK. */
static int keep(struct mpt_subflow *sf, const struct mpt_jwd_answer *a)
{
    struct mpt_jwd_responder *j = sf->jwd_r;

    j->buffer = mpt_mem_alloc(&sf->conn->stack->mem, a->take);
    if (!j->buffer)
        return MPT_ENOMEM;
    memcpy(j->buffer, a->record, a->take);
    return 0;
}

static int accept_record(struct mpt_subflow *sf, const struct mpt_jwd_answer *a, uint64_t now)
{
    struct mpt_jwd_responder *j = sf->jwd_r;
    int immediate = sf->conn->stack->config.jwd_accept == MPT_JWD_IMMEDIATE && !a->twin;

    j->total = a->take;
    j->verified = 1;
    MPT_COUNT(sf->conn->stack, JWD_ACCEPTED);
    sf->jwd_taken = 1;
    if (!immediate)
        return keep(sf, a);
    j->early = 1;
    return take_record(sf, a->record, a->take, now);
}

/* Makes the embryo of an answer with D=1: 0, or the subflow cannot be had. */
int mpt_jwd_embryo(struct mpt_subflow *sf, const struct mpt_jwd_answer *a, const struct mpt_packet *p,
                   const struct mpt_segment *seg, uint64_t now)
{
    struct mpt_jwd_responder *j;

    if (a->plain)
        return 0;
    j = sf->jwd_r = mpt_mem_zalloc(&sf->conn->stack->mem, sizeof *j);
    if (!j)
        return MPT_ENOMEM;
    memcpy(j->mpj, seg->mp.join.raw, sizeof j->mpj);
    j->dies_at = now + EMBRYO_LIFE_NS;
    j->embryo = 1;
    sf->conn->embryos++;
    sf->conn->stack->embryos++;
    j->expect = !a->take;
    if (a->take && accept_record(sf, a, now) < 0)
        return MPT_ENOMEM;
    mpt_jwd_again(sf, p);
    return 0;
}

/* The limits count embryos only until they are validated or gone. */
static void no_embryo(struct mpt_subflow *sf)
{
    struct mpt_jwd_responder *j = sf->jwd_r;

    if (!j || !j->embryo)
        return;
    j->embryo = 0;
    j->dies_at = MPT_NEVER;
    sf->conn->embryos--;
    sf->conn->stack->embryos--;
}

static void drop_buffer(struct mpt_subflow *sf)
{
    mpt_mem_free(&sf->conn->stack->mem, sf->jwd_r->buffer, sf->jwd_r->total);
    sf->jwd_r->buffer = NULL;
}

/* Of two embryos of one R_I only one can be the initiator's (jwd 2.5.4). */
static void reset_siblings(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_subflow *x;

    MPT_EACH_SUBFLOW(sf->conn, x)
        if (x != sf && x->member == MPT_MEMBER_EMBRYO && x->r_remote == sf->r_remote && !x->dead)
            mpt_reset_subflow(x, MPT_RST_PROHIBITED, MPT_EPROTO, now);
}

/* Third ACK good (2.5.4): R_I is closed for ever, the limits end, a held record is delivered. */
int mpt_jwd_validated(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_jwd_responder *j = sf->jwd_r;
    int r = 0;

    if (sf->conn->jwd && mpt_jwd_set_close(sf->conn, sf->r_remote) < 0)
        MPT_COUNT(sf->conn->stack, NO_MEMORY);
    reset_siblings(sf, now);
    if (!j)
        return 0;
    no_embryo(sf);
    mpt_conn_rearm(sf->conn);
    sf->flow.hold_data = 0;
    if (j->buffer && !j->expect) {
        r = take_record(sf, j->buffer, j->total, now);
        drop_buffer(sf);
    }
    return r < 0 && mpt_perror(sf, MPT_PERR_JWD_RECORD, now);
}

/* The first octets at SSN 1 after D=1 both ways are a record, in any segmentation (2.5.5). */
static int64_t collect(struct mpt_subflow *sf, const uint8_t *data, size_t n)
{
    struct mpt_jwd_responder *j = sf->jwd_r;
    size_t used = 0, m;

    while (used < n && j->got < JWD_HEAD)
        j->head[j->got++] = data[used++];
    if (j->got < JWD_HEAD)
        return (int64_t)used;
    if (!j->total) {
        j->total = mpt_jwd_record_len(j->head, JWD_HEAD);
        if (!j->total)
            return MPT_EPROTO;
        j->buffer = mpt_mem_alloc(&sf->conn->stack->mem, j->total);
        if (!j->buffer) {
            j->total = 0;
            return MPT_ENOMEM;
        }
        memcpy(j->buffer, j->head, JWD_HEAD);
    }
    m = n - used < j->total - j->got ? n - used : j->total - j->got;
    memcpy(j->buffer + j->got, data + used, m);
    j->got += (uint32_t)m;
    return (int64_t)(used + m);
}

static int finish(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_jwd_responder *j = sf->jwd_r;
    struct mpt_conn *c = sf->conn;
    struct mpt_jwd_record r;
    enum reading reading = read_record(c, j->mpj, j->buffer, j->total, &r);
    int ok = reading == GOOD && take_record(sf, j->buffer, j->total, now) == 0;

    if (reading == BROKEN)
        mpt_secure_broken(c, now);
    drop_buffer(sf);
    j->expect = 0;
    if (ok)
        MPT_COUNT(c->stack, JWD_IN_STREAM);
    return ok ? 0 : MPT_EPROTO;
}

int64_t mpt_jwd_deliver(struct mpt_subflow *sf, uint64_t ssn, const uint8_t *data, size_t n, uint64_t now)
{
    struct mpt_jwd_responder *j = sf->jwd_r;
    int64_t used;

    (void)ssn;
    if (!j->expect)
        return 0;
    used = collect(sf, data, n);
    if (used == MPT_ENOMEM) {
        mpt_reset_subflow(sf, MPT_RST_RESOURCES, MPT_ENOMEM, now);
        return MPT_ENOMEM;
    }
    if (used >= 0 && (!j->total || j->got < j->total))
        return used;
    if (used < 0 || finish(sf, now) < 0) {
        mpt_perror(sf, MPT_PERR_JWD_RECORD, now);
        return MPT_EPROTO;
    }
    return used;
}

/* Does a mapping at ssn fall into the record (2.3)? */
int mpt_jwd_overlaps(const struct mpt_subflow *sf, uint64_t ssn)
{
    const struct mpt_jwd_responder *j = sf->jwd_r;
    uint32_t n = j ? (j->total ? j->total : JWD_HEAD + JWD_BODY_MIN + JWD_TAG) : 0;

    return ssn < 1 + (uint64_t)n;
}

uint64_t mpt_jwd_deadline(const struct mpt_subflow *sf)
{
    return sf->jwd_r && sf->jwd_r->embryo && !sf->dead ? sf->jwd_r->dies_at : MPT_NEVER;
}

void mpt_jwd_expire(struct mpt_subflow *sf, uint64_t now)
{
    no_embryo(sf);
    mpt_flow_kill(&sf->flow, MPT_ETIMEDOUT, now);
}

void mpt_jwd_clear(struct mpt_subflow *sf)
{
    struct mpt_mem *mem = &sf->conn->stack->mem;

    if (sf->jwd_i) {
        mpt_jwd_record_acked(sf, UINT64_MAX);
        mpt_mem_free(mem, sf->jwd_i, sizeof *sf->jwd_i);
        sf->jwd_i = NULL;
    }
    if (sf->jwd_r) {
        no_embryo(sf);
        if (sf->jwd_r->buffer)
            drop_buffer(sf);
        mpt_mem_free(mem, sf->jwd_r, sizeof *sf->jwd_r);
        sf->jwd_r = NULL;
    }
}
