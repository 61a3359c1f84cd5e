/* SPDX-License-Identifier: MIT */
/* secure/secure.c - life of the secure part of a connection and of its subflows (sec/SPEC.md 3.3, 3.9). conn/conn.c and
 * conn/subflow.c call. */
#include "secure/private.h"

#include "pm/pm.h"

int mpt_secure_new(struct mpt_conn *c)
{
    struct mpt_secure *x = mpt_mem_zalloc(&c->stack->mem, sizeof *x);

    if (!x)
        return MPT_ENOMEM;
    mpt_sec_neg_init(&x->neg, (enum mpt_sec_policy)c->stack->config.sec);
    mpt_sec_order_init(&x->order);
    x->tx_start = x->rx_start = UINT64_MAX;
    x->handshake_at = x->answer_at = x->watch_at = x->until_at = x->ctl_at = MPT_NEVER;
    x->record_max = MPT_SECURE_RECORD_LEAST;
    c->secure = x;
    return 0;
}

void mpt_secure_free(struct mpt_conn *c)
{
    struct mpt_secure *x = c->secure;

    if (!x)
        return;
    mpt_secure_shake_free(c);
    mpt_secure_ctl_free(c);
    mpt_crypto_wipe(&x->keys, sizeof x->keys);
    mpt_mem_free(&c->stack->mem, x, sizeof *x);
    c->secure = NULL;
}

int mpt_secure_flow_new(struct mpt_subflow *sf)
{
    sf->secure = mpt_mem_zalloc(&sf->conn->stack->mem, sizeof *sf->secure);
    if (!sf->secure)
        return MPT_ENOMEM;
    mpt_stream_init(&sf->secure->cipher);
    sf->flow.packs = 1;
    return 0;
}

void mpt_secure_flow_free(struct mpt_subflow *sf)
{
    struct mpt_mem *mem = &sf->conn->stack->mem;
    struct mpt_secure_flow *x = sf->secure;

    if (!x)
        return;
    mpt_secure_unsay(sf);
    mpt_sec_dir_clear(&x->tx);
    mpt_sec_dir_clear(&x->rx);
    mpt_stream_clear(&x->cipher, mem);
    mpt_mem_free(mem, x->records, x->room * sizeof *x->records);
    mpt_mem_free(mem, x, sizeof *x);
    sf->secure = NULL;
}

/* Records are opened here: the flow's octets must stay as they are until the whole record is there and good. */
uint8_t *mpt_secure_scratch(struct mpt_stack *s)
{
    if (!s->scratch)
        s->scratch = mpt_mem_alloc(&s->mem, MPT_SEC_DLL_MAX);
    return s->scratch;
}

void mpt_secure_stack_free(struct mpt_stack *s)
{
    if (s->scratch)
        mpt_crypto_wipe(s->scratch, MPT_SEC_DLL_MAX);
    mpt_mem_free(&s->mem, s->scratch, MPT_SEC_DLL_MAX);
    s->scratch = NULL;
    if (s->identity)
        mpt_crypto_wipe(s->identity, sizeof *s->identity);
    mpt_mem_free(&s->mem, s->identity, sizeof *s->identity);
    s->identity = NULL;
}

static void over(struct mpt_conn *c, uint8_t reason, int error, uint64_t now)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead)
            sf->rst_reason = reason;
    mpt_conn_over(c, error, now);
    mpt_conn_kick(c);
}

void mpt_secure_abort(struct mpt_conn *c, uint64_t now)
{
    if (c->state == MPT_CONN_CLOSED)
        return;
    MPT_COUNT(c->stack, SEC_ABORTED);
    MPT_TRACE(&c->stack->tracer, secure, c->number, 0, now, MPT_TRACE_SECURE_ABORTED, c->secure ? c->secure->phase : 0, 0, 0);
    over(c, MPT_RST_PROTOCOL, MPT_ESECURE, now);
}

void mpt_secure_broken(struct mpt_conn *c, uint64_t now)
{
    if (c->state == MPT_CONN_CLOSED)
        return;
    MPT_COUNT(c->stack, SEC_BROKEN);
    MPT_TRACE(&c->stack->tracer, secure, c->number, 0, now, MPT_TRACE_SECURE_BROKEN, 0, 0, 0);
    over(c, MPT_RST_PROTOCOL, MPT_EPROTO, now);
}

/* PARAMS are the first control message of each side (3.6). */
static void say_params(struct mpt_conn *c, uint64_t now)
{
    struct mpt_sec_tlv tlv = { .type = MPT_SEC_PARAMS, .record_max = (uint16_t)c->stack->config.sec_record };

    if (c->stack->config.jwd_accept != MPT_JWD_OFF)
        tlv.flags = MPT_SEC_PARAMS_JWD;
    if (mpt_secure_say(c, &tlv, now) < 0)
        mpt_secure_abort(c, now);
}

/* The handshake is done on this side; records begin where its octets end (3.5). What it sent counts as acknowledged at
 * the data level: TCP brings it, or the connection dies with its only subflow (3.3). */
void mpt_secure_set_keys(struct mpt_conn *c, uint64_t now)
{
    struct mpt_secure *x = c->secure;
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->secure && mpt_secure_flow_new(sf) < 0) {
            mpt_secure_abort(c, now);
            return;
        }
    x->phase = MPT_SECURE_KEYED;
    x->handshake_at = MPT_NEVER;
    x->tx_start = c->stream.end;
    x->rx_start = c->rob.head;
    x->told_edge = 0;
    mpt_secure_shake_left(c);
    mpt_secure_shake_free(c);
    MPT_COUNT(c->stack, SEC_KEYED);
    MPT_TRACE(&c->stack->tracer, secure, c->number, 0, now, MPT_TRACE_SECURE_KEYED, x->neg.suite, x->auth, 0);
    c->jwd = 0; /* EXT is ignored: the peer's PARAMS will tell (3.6) */
    say_params(c, now);
    if (c->state == MPT_CONN_CLOSED)
        return;
    mpt_secure_adopt(c);
    c->write_blocked = 0;
    mpt_conn_raise(c, MPT_EV_SECURE | MPT_EV_WRITABLE | (c->passive ? MPT_EV_ACCEPTED : MPT_EV_CONNECTED));
    if (c->passive && c->pm->confirmed) /* a: when b is heard, receive.c */
        c->pm->confirmed(c, now);
    mpt_conn_rearm(c);
    mpt_conn_kick(c);
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t mpt_secure_deadline(const struct mpt_conn *c)
{
    const struct mpt_secure *x = c->secure;

    if (!x || c->state == MPT_CONN_CLOSED)
        return MPT_NEVER;
    return earliest(earliest(earliest(x->handshake_at, x->answer_at), x->ctl_at), earliest(x->watch_at, x->until_at));
}

void mpt_secure_expire(struct mpt_conn *c, uint64_t now)
{
    struct mpt_secure *x = c->secure;

    if (!x)
        return;
    if (x->handshake_at <= now) {
        x->handshake_at = MPT_NEVER;
        mpt_secure_abort(c, now);
    }
    if (x->watch_at <= now)
        mpt_secure_watch_expire(c, now);
    if (x->ctl_at <= now)
        mpt_secure_ctl_expire(c, now);
    if (x->until_at <= now) { /* the path manager may join there again */
        x->until_at = MPT_NEVER;
        if (c->state != MPT_CONN_CLOSED && c->pm->timeout)
            c->pm->timeout(c, NULL, now);
    }
    if (x->answer_at <= now) {
        x->answer_at = MPT_NEVER;
        x->answer = MPT_SECURE_ANSWER_NOW;
    }
}
