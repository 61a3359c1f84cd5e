/* SPDX-License-Identifier: MIT */
/* secure/control.c - control messages in records (sec/SPEC.md 3.6): queued, carried until the peer's CACK, taken once and in
 * their order. They replace the options ADD_ADDR, REMOVE_ADDR, MP_PRIO and MP_FASTCLOSE (RFC 8684 3.4, 3.3.8, 3.5);
 * what is to be said stays with conn/addr.c and prio.c until there is a message for it. */
#include "secure/private.h"

#include "pm/pm.h"

static const uint64_t ANSWER_NS = 40000000; /* 3.6: a record with control is answered within 40 ms */

/* Messages of the peer that came before their turn, by csn % 32. */
struct mpt_secure_held {
    uint8_t *octets[MPT_SEC_CTL_HELD];
    uint32_t len[MPT_SEC_CTL_HELD];
};

/* ---- ours ---- */

int mpt_secure_say(struct mpt_conn *c, const struct mpt_sec_tlv *tlv, uint64_t now)
{
    struct mpt_secure *x = c->secure;
    struct mpt_secure_ctl *m, **last = &x->ctl;
    uint8_t text[2 + 255];
    uint16_t n = (uint16_t)(mpt_sec_tlv_build(text, tlv) - text);

    m = mpt_mem_zalloc(&c->stack->mem, sizeof *m + MPT_SEC_CTL_HEAD + n);
    if (!m) {
        MPT_COUNT(c->stack, NO_MEMORY);
        return MPT_ENOMEM;
    }
    m->csn = ++x->csn_sent;
    m->len = (uint16_t)(MPT_SEC_CTL_HEAD + n);
    memcpy(mpt_sec_ctl_build(m->octets, m->csn, n), text, n);
    while (*last)
        last = &(*last)->next;
    *last = m;
    MPT_COUNT(c->stack, SEC_CONTROL_TX);
    MPT_TRACE(&c->stack->tracer, secure_control, c->number, 0, now, tlv->type, m->csn, 1, 0);
    mpt_conn_kick(c);
    return 0;
}

struct mpt_secure_ctl *mpt_secure_unsent(const struct mpt_conn *c)
{
    for (struct mpt_secure_ctl *m = c->secure->ctl; m; m = m->next)
        if (!m->carrier)
            return m->csn <= c->secure->csn_acked + MPT_SEC_CTL_HELD ? m : NULL; /* the peer holds no more */
    return NULL;
}

int mpt_secure_unsent_behind(const struct mpt_secure_ctl *m)
{
    for (m = m->next; m; m = m->next)
        if (!m->carrier)
            return 1;
    return 0;
}

/* That subflow has lost them, or is too slow: they are said again, there only if nothing else is left (3.6). */
static void take_back(struct mpt_conn *c, uint32_t number)
{
    for (struct mpt_secure_ctl *m = c->secure->ctl; m; m = m->next)
        if (m->carrier == number) {
            m->carrier = 0;
            m->avoid = number;
        }
}

void mpt_secure_unsay(struct mpt_subflow *sf)
{
    if (!sf->conn->secure)
        return;
    take_back(sf->conn, sf->number);
    mpt_conn_kick(sf->conn);
}

/* Twice the longest RTO, at least 1 s, as for data that TCP has acknowledged and the peer has not (3.8). */
static void set_timer(struct mpt_conn *c, uint64_t now)
{
    struct mpt_secure *x = c->secure;

    x->ctl_csn = x->csn_acked;
    x->ctl_at = x->ctl && x->ctl->carrier && c->state != MPT_CONN_CLOSED ? now + mpt_secure_wait(c) : MPT_NEVER;
    mpt_conn_rearm(c);
}

void mpt_secure_ctl_sent(struct mpt_subflow *sf, struct mpt_secure_ctl *m, uint64_t now)
{
    m->carrier = sf->number;
    if (sf->conn->secure->ctl_at == MPT_NEVER)
        set_timer(sf->conn, now);
}

/* TCP may have delivered it into somebody else's hands. What is still in flight on the only subflow stays there: TCP
 * repeats it. */
void mpt_secure_ctl_expire(struct mpt_conn *c, uint64_t now)
{
    struct mpt_secure *x = c->secure;
    struct mpt_subflow *sf;

    x->ctl_at = MPT_NEVER;
    if (x->ctl && x->ctl->carrier && x->ctl_csn == x->csn_acked) {
        sf = mpt_subflow_find(c, x->ctl->carrier);
        if (!sf || mpt_subflow_count(c) > 1 || !sf->flow.ring.count)
            take_back(c, x->ctl->carrier);
    }
    set_timer(c, now);
    mpt_conn_kick(c);
}

static void drop(struct mpt_conn *c, struct mpt_secure_ctl *m)
{
    mpt_mem_free(&c->stack->mem, m, sizeof *m + m->len);
}

/* The first TLV is the only one: say() makes them so. */
static int is_add(const struct mpt_secure_ctl *m)
{
    return m->octets[MPT_SEC_CTL_HEAD] == MPT_SEC_ADD_ADDR;
}

int mpt_secure_cack(struct mpt_conn *c, uint32_t cack, uint64_t now)
{
    struct mpt_secure *x = c->secure;
    uint32_t old = x->csn_acked;

    if (mpt_sec_cack(&x->csn_acked, x->csn_sent, cack) != MPT_SEC_OK)
        return 1;
    while (x->ctl && x->ctl->csn <= x->csn_acked) {
        struct mpt_secure_ctl *m = x->ctl;

        x->ctl = m->next;
        if (is_add(m)) /* in place of the echo (RFC 8684 3.4.1) */
            mpt_addr_told(c, m->octets[MPT_SEC_CTL_HEAD + 2], now);
        drop(c, m);
    }
    if (x->csn_acked != old) {
        set_timer(c, now);
        mpt_conn_kick(c); /* more may be said now */
    }
    return 0;
}

static void ctl_free(struct mpt_conn *c)
{
    struct mpt_secure *x = c->secure;

    while (x->ctl) {
        struct mpt_secure_ctl *m = x->ctl;

        x->ctl = m->next;
        drop(c, m);
    }
}

/* Nothing is said any more but this (close.c). */
int mpt_secure_say_only(struct mpt_conn *c, const struct mpt_sec_tlv *tlv, uint64_t now)
{
    ctl_free(c);
    c->secure->ctl_at = MPT_NEVER;
    c->secure->csn_acked = c->secure->csn_sent; /* whatever the peer holds: it counts at once (3.6) */
    return mpt_secure_say(c, tlv, now);
}

void mpt_secure_ctl_free(struct mpt_conn *c)
{
    struct mpt_secure *x = c->secure;

    ctl_free(c);
    for (int i = 0; x->held && i < MPT_SEC_CTL_HELD; i++)
        mpt_mem_free(&c->stack->mem, x->held->octets[i], x->held->len[i]);
    mpt_mem_free(&c->stack->mem, x->held, sizeof *x->held);
    x->held = NULL;
}

/* ---- addresses and priorities, from where conn/ keeps them ---- */

void mpt_secure_tell(struct mpt_conn *c)
{
    c->secure->untold = 1;
    mpt_conn_kick(c);
}

static int say_removes(struct mpt_conn *c, uint64_t now)
{
    struct mpt_sec_tlv t = { .type = MPT_SEC_REMOVE_ADDR, .ids = c->remove_id, .count = c->removes };

    if (!c->removes)
        return 0;
    if (mpt_secure_say(c, &t, now) < 0)
        return MPT_ENOMEM;
    c->stack->counters[MPT_CNT_RM_ADDR_TX] += c->removes;
    c->removes = 0;
    return 0;
}

static int say_adds(struct mpt_conn *c, uint64_t now)
{
    for (int i = 0; i < MPT_KNOWN; i++) {
        const struct mpt_address *a = c->announce_id[i] ? mpt_stack_address_id(c->stack, c->announce_id[i]) : NULL;
        struct mpt_sec_tlv t = { .type = MPT_SEC_ADD_ADDR, .id = c->announce_id[i] };

        if (!a || c->announce_tries[i] || c->announce_echoed[i])
            continue;
        t.addr = a->addr;
        t.addr.port = a->port;
        if (mpt_secure_say(c, &t, now) < 0)
            return MPT_ENOMEM;
        c->announce_tries[i] = 1;
        MPT_COUNT(c->stack, ADD_ADDR_TX);
        MPT_TRACE(&c->stack->tracer, add_addr, c->number, 0, now, t.id, 1, 0, 0);
    }
    return 0;
}

/* A join has its name when both randoms are known, and its B bit until it is full (RFC 8684 3.2). */
static int say_prio(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_sec_tlv t = { .type = MPT_SEC_PRIO, .backup = sf->backup };
    struct mpt_sec_sf_id id;

    if (!(sf->signals & MPT_SIG_PRIO) || sf->dead || sf->member != MPT_MEMBER_FULL)
        return 0;
    mpt_secure_sf_id(sf, &id);
    t.role = id.role;
    t.r_i = id.r_i;
    t.r_r = id.r_r;
    if (mpt_secure_say(sf->conn, &t, now) < 0)
        return MPT_ENOMEM;
    sf->signals &= (uint8_t)~MPT_SIG_PRIO;
    MPT_COUNT(sf->conn->stack, MP_PRIO_TX);
    return 0;
}

/* REMOVE_ADDR before the ADD_ADDR that may reuse its id (RFC 8684 3.4.2). What finds no memory stays untold. */
void mpt_secure_translate(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;
    int r;

    if (c->state == MPT_CONN_CLOSED)
        return;
    r = say_removes(c, now) < 0 || say_adds(c, now) < 0;
    MPT_EACH_SUBFLOW(c, sf)
        r = r || say_prio(sf, now) < 0;
    c->secure->untold = (uint8_t)r;
}

/* What the options were to say before both sides were known to be secure: once more, by messages (3.2). */
void mpt_secure_adopt(struct mpt_conn *c)
{
    struct mpt_subflow *sf;

    c->echoes = 0;
    c->add_addr_at = MPT_NEVER;
    memset(c->announce_tries, 0, sizeof c->announce_tries);
    MPT_EACH_SUBFLOW(c, sf)
        sf->signals &= MPT_SIG_DATA_FIN | MPT_SIG_PRIO;
    mpt_secure_tell(c);
}

/* ---- the peer's ---- */

/* The first of each side, and only once (3.6). */
static int params_in(struct mpt_conn *c, const struct mpt_sec_tlv *t)
{
    struct mpt_secure *x = c->secure;

    if (x->params_in)
        return 1;
    x->params_in = 1;
    x->record_max = t->record_max;
    c->jwd = (t->flags & MPT_SEC_PARAMS_JWD) && c->stack->config.jwd_accept != MPT_JWD_OFF; /* in place of EXT */
    return 0;
}

static void add_in(struct mpt_conn *c, const struct mpt_sec_tlv *t, uint64_t now)
{
    struct mpt_add_addr o = { .id = t->id, .addr = t->addr, .has_port = t->addr.port != 0 };

    mpt_addr_take(c, &o, now);
}

/* A subflow that is not known may be gone, or not be there yet: then its MP_JOIN said what counts (3.6). */
static void prio_in(struct mpt_conn *c, const struct mpt_sec_tlv *t, uint64_t now)
{
    struct mpt_mp_prio o = { .backup = t->backup };
    struct mpt_sec_sf_id id;
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf) {
        mpt_secure_sf_id(sf, &id);
        if (sf->dead || id.role != t->role || id.r_i != t->r_i || id.r_r != t->r_r)
            continue;
        mpt_prio_in(sf, &o, now);
        return;
    }
}

/* 1: that cannot be. */
static int tlv_in(struct mpt_conn *c, const struct mpt_sec_tlv *t, uint64_t now)
{
    if (t->type == MPT_SEC_PARAMS)
        return params_in(c, t);
    if (!c->secure->params_in)
        return 1;
    switch (t->type) {
    case MPT_SEC_ADD_ADDR:
        add_in(c, t, now);
        break;
    case MPT_SEC_REMOVE_ADDR:
        mpt_addr_gone(c, t->ids, t->count, now);
        break;
    case MPT_SEC_PRIO:
        prio_in(c, t, now);
        break;
    default: /* FASTCLOSE: before its turn */
        break;
    }
    return 0;
}

/* 1: the peer is broken, or the connection over. */
static int process(struct mpt_conn *c, const uint8_t *ctl, uint32_t len, uint64_t now)
{
    struct mpt_sec_tlv t;
    uint32_t at = 0;

    MPT_COUNT(c->stack, SEC_CONTROL_RX);
    while (c->state != MPT_CONN_CLOSED && mpt_sec_tlv_next(&t, ctl, len, &at)) {
        MPT_TRACE(&c->stack->tracer, secure_control, c->number, 0, now, t.type, mpt_sec_ctl_csn(ctl), 0, 0);
        if (tlv_in(c, &t, now))
            mpt_secure_broken(c, now);
    }
    return c->state == MPT_CONN_CLOSED;
}

/* Before anything of the record counts: what has no room now comes again with it. */
int mpt_secure_ctl_room(struct mpt_conn *c, const uint8_t *ctl, uint32_t len)
{
    struct mpt_secure *x = c->secure;
    uint32_t csn = mpt_sec_ctl_csn(ctl), slot = csn % MPT_SEC_CTL_HELD;
    uint8_t *p;

    if (csn <= x->order.next || csn - x->order.next >= MPT_SEC_CTL_HELD || (x->order.held >> slot & 1))
        return 0;
    if (!x->held)
        x->held = mpt_mem_zalloc(&c->stack->mem, sizeof *x->held);
    if (x->held && x->held->len[slot] == len)
        return 0;
    p = x->held ? mpt_mem_alloc(&c->stack->mem, len) : NULL;
    if (!p) {
        MPT_COUNT(c->stack, NO_MEMORY);
        return MPT_ENOMEM;
    }
    mpt_mem_free(&c->stack->mem, x->held->octets[slot], x->held->len[slot]);
    x->held->octets[slot] = p;
    x->held->len[slot] = len;
    return 0;
}

static int process_held(struct mpt_conn *c, uint32_t slot, uint64_t now)
{
    struct mpt_secure_held *h = c->secure->held;
    int gone = process(c, h->octets[slot], h->len[slot], now);

    mpt_mem_free(&c->stack->mem, h->octets[slot], h->len[slot]);
    h->octets[slot] = NULL;
    h->len[slot] = 0;
    return gone;
}

static void owe_answer(struct mpt_conn *c, uint64_t now)
{
    if (c->secure->answer)
        return;
    c->secure->answer = MPT_SECURE_ANSWER_SOON;
    c->secure->answer_at = now + ANSWER_NS;
    mpt_conn_rearm(c);
}

int mpt_secure_ctl_in(struct mpt_subflow *sf, const uint8_t *ctl, uint32_t len, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_secure *x = c->secure;
    uint32_t csn = mpt_sec_ctl_csn(ctl);
    uint8_t code;
    int slot;

    if (mpt_sec_ctl_fastclose(ctl, len, &code)) { /* at once, whatever its CSN */
        mpt_secure_fastclosed(c, code, now);
        return 1;
    }
    owe_answer(c, now);
    if (mpt_secure_ctl_room(c, ctl, len) < 0) { /* of a join record, which does not come again */
        mpt_conn_over(c, MPT_ENOMEM, now);
        return 1;
    }
    switch (mpt_sec_order_take(&x->order, csn)) {
    case MPT_SEC_ORDER_NOW:
        break;
    case MPT_SEC_ORDER_HOLD:
        memcpy(x->held->octets[csn % MPT_SEC_CTL_HELD], ctl, len);
        return 0;
    case MPT_SEC_ORDER_OLD:
        return 0;
    default:
        mpt_secure_broken(c, now);
        return 1;
    }
    if (process(c, ctl, len, now))
        return 1;
    while ((slot = mpt_sec_order_pop(&x->order)) >= 0)
        if (process_held(c, (uint32_t)slot, now))
            return 1;
    return 0;
}
