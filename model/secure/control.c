/* SPDX-License-Identifier: MIT */
/* secure/control.c - control messages in records (sec/SPEC.md 3.6): queued, carried until the peer's CACK, taken once and in
 * their order. They replace the options ADD_ADDR, REMOVE_ADDR, MP_PRIO and MP_FASTCLOSE (RFC 8684 3.4, 3.3.8, 3.5). */
#include "secure/private.h"

#include "pm/pm.h"

static const uint64_t ANSWER_NS = 40000000; /* 3.6: a record with control is answered within 40 ms */

/* Messages of the peer that came before their turn, by csn % 32. */
struct mpt_secure_held {
    uint8_t *octets[MPT_SEC_CTL_HELD];
    uint32_t len[MPT_SEC_CTL_HELD];
};

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
    (void)now;
    mpt_conn_kick(c);
    return 0;
}

struct mpt_secure_ctl *mpt_secure_unsent(struct mpt_conn *c)
{
    for (struct mpt_secure_ctl *m = c->secure->ctl; m; m = m->next)
        if (!m->carrier)
            return m->csn <= c->secure->csn_acked + MPT_SEC_CTL_HELD ? m : NULL; /* the peer holds no more */
    return NULL;
}

void mpt_secure_unsay(struct mpt_subflow *sf)
{
    if (!sf->conn->secure)
        return;
    for (struct mpt_secure_ctl *m = sf->conn->secure->ctl; m; m = m->next)
        if (m->carrier == sf->number)
            m->carrier = 0;
}

static void drop(struct mpt_conn *c, struct mpt_secure_ctl *m)
{
    mpt_mem_free(&c->stack->mem, m, sizeof *m + m->len);
}

int mpt_secure_cack(struct mpt_conn *c, uint32_t cack)
{
    struct mpt_secure *x = c->secure;

    if (mpt_sec_cack(&x->csn_acked, x->csn_sent, cack) != MPT_SEC_OK)
        return 1;
    while (x->ctl && x->ctl->csn <= x->csn_acked) {
        struct mpt_secure_ctl *m = x->ctl;

        x->ctl = m->next;
        drop(c, m);
    }
    return 0;
}

void mpt_secure_ctl_free(struct mpt_conn *c)
{
    struct mpt_secure *x = c->secure;

    while (x->ctl) {
        struct mpt_secure_ctl *m = x->ctl;

        x->ctl = m->next;
        drop(c, m);
    }
    for (int i = 0; x->held && i < MPT_SEC_CTL_HELD; i++)
        mpt_mem_free(&c->stack->mem, x->held->octets[i], x->held->len[i]);
    mpt_mem_free(&c->stack->mem, x->held, sizeof *x->held);
    x->held = NULL;
}

/* The first of each side, and only once (3.6). */
static int params_in(struct mpt_conn *c, const struct mpt_sec_tlv *t)
{
    struct mpt_secure *x = c->secure;

    if (x->params_in)
        return 1;
    x->params_in = 1;
    x->record_max = t->record_max;
    x->jwd_in = (t->flags & MPT_SEC_PARAMS_JWD) != 0;
    c->jwd = x->jwd_in && c->stack->config.jwd_accept != MPT_JWD_OFF; /* 3.6, in place of EXT */
    return 0;
}

static int tlv_in(struct mpt_subflow *sf, const struct mpt_sec_tlv *t, uint64_t now)
{
    (void)now;
    if (t->type == MPT_SEC_PARAMS)
        return params_in(sf->conn, t);
    return !sf->conn->secure->params_in;
}

/* 1: the peer is broken, or the connection over. */
static int process(struct mpt_subflow *sf, const uint8_t *ctl, uint32_t len, uint64_t now)
{
    struct mpt_sec_tlv t;
    uint32_t at = 0;

    while (mpt_sec_tlv_next(&t, ctl, len, &at))
        if (tlv_in(sf, &t, now)) {
            mpt_secure_broken(sf->conn, now);
            return 1;
        }
    return sf->conn->state == MPT_CONN_CLOSED;
}

static int hold(struct mpt_conn *c, const uint8_t *ctl, uint32_t len)
{
    struct mpt_secure *x = c->secure;
    uint32_t slot = mpt_sec_ctl_csn(ctl) % MPT_SEC_CTL_HELD;

    if (!x->held)
        x->held = mpt_mem_zalloc(&c->stack->mem, sizeof *x->held);
    if (!x->held)
        return MPT_ENOMEM;
    mpt_mem_free(&c->stack->mem, x->held->octets[slot], x->held->len[slot]);
    x->held->octets[slot] = mpt_mem_alloc(&c->stack->mem, len);
    x->held->len[slot] = len;
    if (!x->held->octets[slot])
        return MPT_ENOMEM;
    memcpy(x->held->octets[slot], ctl, len);
    return 0;
}

int mpt_secure_ctl_in(struct mpt_subflow *sf, const uint8_t *ctl, uint32_t len, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_secure *x = c->secure;
    int slot;

    if (!x->answer) {
        x->answer = MPT_SECURE_ANSWER_SOON;
        x->answer_at = now + ANSWER_NS;
        mpt_conn_rearm(c);
    }
    switch (mpt_sec_order_take(&x->order, mpt_sec_ctl_csn(ctl))) {
    case MPT_SEC_ORDER_NOW:
        break;
    case MPT_SEC_ORDER_HOLD:
        if (hold(c, ctl, len) < 0) { /* a promise that cannot be kept: the peer will not say it again */
            mpt_conn_over(c, MPT_ENOMEM, now);
            return 1;
        }
        return 0;
    case MPT_SEC_ORDER_OLD:
        return 0;
    default:
        mpt_secure_broken(c, now);
        return 1;
    }
    if (process(sf, ctl, len, now))
        return 1;
    while ((slot = mpt_sec_order_pop(&x->order)) >= 0)
        if (process(sf, x->held->octets[slot], x->held->len[slot], now))
            return 1;
    return 0;
}
