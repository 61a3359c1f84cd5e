/* SPDX-License-Identifier: MIT */
/* secure/shake.c - the handshake over the first subflow's ordinary mappings (sec/SPEC.md 3.3): frames of sec/handshake.c,
 * or the octets of a TLS that the host runs (kx 2). map.c brings octets in order, conn/send.c asks for the next frame.
 *
 * A mapping holds octets of one frame only, so a frame enters the stream when the one before has left; and a frame of
 * TLS is held back until the host has seen the one before: behind the last one records begin, which only it knows. */
#include "secure/private.h"

static const uint64_t LIMIT_NS = UINT64_C(10000000000); /* 3.3 */
enum { TLS_FRAME = 8192 /* octets of TLS in a frame of ours */, TLS_MOST = 262144 /* of ours, not sent yet */ };

static int is_tls(const struct mpt_secure *x)
{
    return x->neg.suite >> 4 == MPT_SEC_KX_TLS;
}

void mpt_secure_shake_free(struct mpt_conn *c)
{
    struct mpt_mem *mem = &c->stack->mem;
    struct mpt_secure_hand *h = c->secure->hand;

    if (!h)
        return;
    mpt_sec_hs_clear(&h->hs);
    mpt_mem_free(mem, h->tls.in, h->tls.in_room);
    mpt_mem_free(mem, h->tls.out, h->tls.out_room);
    mpt_crypto_wipe(h, sizeof *h);
    mpt_mem_free(mem, h, sizeof *h);
    c->secure->hand = NULL;
}

static void key_octets(uint8_t out[8], uint64_t key)
{
    mpt_bytes_put64(out, key);
}

static int init_built_in(struct mpt_conn *c)
{
    const struct mpt_secure_identity *id = c->stack->identity;
    struct mpt_secure *x = c->secure;
    uint8_t random[64];
    struct mpt_sec_hs_config config = { .role = c->passive ? MPT_SEC_B : MPT_SEC_A, .aead = x->aead, .random = random };
    int r;

    if (id) {
        config.seed = c->passive && id->has_seed ? id->seed : NULL;
        config.peer_key = !c->passive && id->has_expect ? id->expect : NULL;
        config.psk = id->psk_len ? id->psk : NULL;
        config.psk_len = id->psk_len;
        config.psk_id = id->psk_id;
        config.psk_id_len = id->psk_id_len;
    }
    c->stack->env.random(c->stack->env.random_ctx, random, sizeof random);
    r = mpt_sec_hs_init(&x->hand->hs, &config, &x->hand->names);
    mpt_crypto_wipe(random, sizeof random);
    return r;
}

/* Confirmed. DSS checksums are void (3.2), and nothing of the peer's is acknowledged or limited in the clear. */
int mpt_secure_shake(struct mpt_conn *c, uint64_t now)
{
    struct mpt_secure *x = c->secure;

    x->phase = MPT_SECURE_SHAKING;
    x->aead = mpt_crypto_aead(x->neg.suite & 15);
    x->handshake_at = now + LIMIT_NS;
    c->checksum = 0;
    c->sec_hold = 0;
    if (c->snd_edge > MPT_SECURE_UNVERIFIED) /* a third ACK without ENO has told a scaled window before this segment confirmed (3.8) */
        c->snd_edge = MPT_SECURE_UNVERIFIED;
    key_octets(x->hand->names.key_a, c->passive ? c->key_remote : c->key_local);
    MPT_TRACE(&c->stack->tracer, secure, c->number, 0, now, MPT_TRACE_SECURE_CONFIRMED, x->neg.suite, 0, 0);
    if (!x->aead || (!is_tls(x) && init_built_in(c) < 0)) {
        mpt_secure_abort(c, now);
        return MPT_ESECURE;
    }
    if (is_tls(x))
        mpt_conn_raise(c, MPT_EV_HANDSHAKE);
    mpt_conn_rearm(c);
    mpt_conn_kick(c);
    return 0;
}

/* Octets of the handshake that have left count as acknowledged at the data level when there are keys. */
void mpt_secure_shake_left(struct mpt_conn *c)
{
    if (mpt_secure_keyed(c) && c->stream.acked < c->secure->tx_start)
        mpt_stream_ack(&c->stream, &c->stack->mem, c->snd_nxt < c->secure->tx_start ? c->snd_nxt : c->secure->tx_start);
}

static void append(struct mpt_conn *c, const uint8_t *p, size_t n, uint64_t now)
{
    if (mpt_stream_write(&c->stream, &c->stack->mem, p, n) != (int64_t)n) /* half a frame cannot be taken back */
        mpt_secure_abort(c, now);
}

static void keys_of(struct mpt_conn *c, uint64_t now)
{
    struct mpt_secure *x = c->secure;

    x->auth = x->hand->hs.auth;
    if (mpt_sec_hs_keys(&x->hand->hs, &x->keys) < 0)
        mpt_secure_abort(c, now);
    else
        mpt_secure_set_keys(c, now);
}

static void tls_out(struct mpt_conn *c, uint64_t now)
{
    struct mpt_secure_hand *h = c->secure->hand;
    struct mpt_secure_tls *t = &h->tls;
    uint32_t n = t->out_len - t->out_at;
    uint8_t head[MPT_SEC_FRAME_HEAD + MPT_SEC_MAGIC_LEN];
    uint8_t *end;

    if (n) {
        n = n < TLS_FRAME ? n : TLS_FRAME;
        end = mpt_sec_tls_build(head, (uint16_t)n, !c->passive && !t->first_out);
        t->first_out = 1;
        append(c, head, (size_t)(end - head), now);
        if (c->state != MPT_CONN_CLOSED)
            append(c, t->out + t->out_at, n, now);
        t->out_at += n;
    } else if (h->done) {
        mpt_sec_keys_make(&c->secure->keys, h->master);
        mpt_secure_set_keys(c, now);
    }
}

void mpt_secure_shake_out(struct mpt_conn *c, uint64_t now)
{
    struct mpt_secure *x = c->secure;
    uint8_t frame[MPT_SEC_FRAME_MAX];
    size_t n;

    if (x->phase != MPT_SECURE_SHAKING || c->snd_nxt < c->stream.end || c->state == MPT_CONN_CONNECTING ||
        c->state == MPT_CONN_CLOSED)
        return;
    if (is_tls(x)) {
        tls_out(c, now);
        return;
    }
    n = mpt_sec_hs_write(&x->hand->hs, frame, sizeof frame);
    if (n)
        append(c, frame, n, now);
    if (c->state != MPT_CONN_CLOSED && mpt_sec_hs_done(&x->hand->hs))
        keys_of(c, now);
}

/* Octets of the frame that has begun, by its head; before that is there, those of the head. */
static uint32_t frame_size(const struct mpt_secure_tls *t)
{
    return t->in_len < MPT_SEC_FRAME_HEAD ? MPT_SEC_FRAME_HEAD : MPT_SEC_FRAME_HEAD + mpt_bytes_get16(t->in + 1);
}

static int is_whole(const struct mpt_secure_tls *t)
{
    return t->in_len >= MPT_SEC_FRAME_HEAD && t->in_len == frame_size(t);
}

/* Octets of one frame, in any pieces; at its end the host is asked. */
static int tls_in(struct mpt_conn *c, const uint8_t *p, size_t n, size_t *used)
{
    struct mpt_secure_tls *t = &c->secure->hand->tls;
    const uint8_t *body;
    size_t m, len;

    for (*used = 0; *used < n && !is_whole(t); *used += m) {
        m = frame_size(t) - t->in_len;
        m = m < n - *used ? m : n - *used;
        if (mpt_mem_grow(&c->stack->mem, &t->in, &t->in_room, t->in_len + (uint32_t)m, 1) < 0)
            return MPT_ESECURE;
        memcpy(t->in + t->in_len, p + *used, m);
        t->in_len += (uint32_t)m;
    }
    if (!is_whole(t))
        return 0;
    if (mpt_sec_tls_parse(t->in, t->in_len, c->passive && !t->first_in, &body, &len) != MPT_SEC_OK)
        return MPT_ESECURE;
    t->first_in = 1;
    t->in_at = (uint32_t)(body - t->in);
    mpt_conn_raise(c, MPT_EV_HANDSHAKE);
    return 0;
}

/* A whole frame waits for the host: nothing behind it is looked at. */
int mpt_secure_shake_full(const struct mpt_conn *c)
{
    const struct mpt_secure *x = c->secure;

    return x->phase == MPT_SECURE_SHAKING && is_tls(x) && is_whole(&x->hand->tls);
}

static int take(struct mpt_conn *c, const uint8_t *p, size_t n, size_t *used)
{
    struct mpt_secure *x = c->secure;

    if (is_tls(x))
        return tls_in(c, p, n, used);
    if (mpt_sec_hs_read(&x->hand->hs, p, n, used) != MPT_SEC_OK)
        return MPT_ESECURE;
    return 0;
}

int mpt_secure_shake_in(struct mpt_conn *c, uint64_t now)
{
    struct mpt_secure *x = c->secure;

    while (x->phase == MPT_SECURE_SHAKING && !mpt_secure_shake_full(c)) {
        const uint8_t *p;
        size_t n = mpt_rob_peek(&c->rob, &p), used = 0;

        if (!n)
            break;
        mpt_sec_neg_heard(&x->neg);
        if (take(c, p, n, &used) < 0) {
            mpt_secure_abort(c, now);
            return MPT_ESECURE;
        }
        mpt_rob_drop(&c->rob, &c->stack->mem, used);
        if (c->passive && !is_tls(x) && mpt_sec_hs_done(&x->hand->hs))
            keys_of(c, now);
        else if (!used)
            break;
    }
    mpt_conn_kick(c);
    return c->state == MPT_CONN_CLOSED ? MPT_ESECURE : 0;
}

/* ---- the host's side of kx 2 (mpt.h) ---- */

static struct mpt_secure_hand *under_way(const struct mpt_conn *c)
{
    return c->secure && c->secure->phase == MPT_SECURE_SHAKING && is_tls(c->secure) && c->state != MPT_CONN_CLOSED &&
           !c->secure->hand->done ? c->secure->hand : NULL;
}

static void resume(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead && c->state != MPT_CONN_CLOSED)
            mpt_flow_redeliver(&sf->flow, now);
    mpt_conn_kick(c);
}

int64_t mpt_handshake_read(struct mpt_conn *c, void *out, size_t n, uint64_t now)
{
    struct mpt_secure_hand *h = under_way(c);
    struct mpt_secure_tls *t;

    if (!h)
        return MPT_ENOTCONN;
    t = &h->tls;
    if (is_whole(t) && t->in_at == t->in_len) { /* the host has seen everything and wants more: the next frame */
        t->in_at = t->in_len = 0;
        resume(c, now);
        if (!under_way(c))
            return MPT_ENOTCONN;
    }
    if (!is_whole(t))
        return MPT_EAGAIN;
    n = n < t->in_len - t->in_at ? n : t->in_len - t->in_at;
    memcpy(out, t->in + t->in_at, n);
    t->in_at += (uint32_t)n;
    return (int64_t)n;
}

int64_t mpt_handshake_write(struct mpt_conn *c, const void *data, size_t n, uint64_t now)
{
    struct mpt_secure_hand *h = under_way(c);
    struct mpt_secure_tls *t;

    (void)now;
    if (!h)
        return MPT_ENOTCONN;
    t = &h->tls;
    if (t->out_at == t->out_len)
        t->out_at = t->out_len = 0;
    if (n > TLS_MOST - t->out_len || mpt_mem_grow(&c->stack->mem, &t->out, &t->out_room, t->out_len + (uint32_t)n, 1) < 0)
        return MPT_ENOMEM;
    memcpy(t->out + t->out_len, data, n);
    t->out_len += (uint32_t)n;
    mpt_conn_kick(c);
    return (int64_t)n;
}

int mpt_handshake_context(const struct mpt_conn *c, uint8_t out[32])
{
    const struct mpt_secure_hand *h = under_way(c);

    return h ? mpt_sec_names_hash(&h->names, out) : MPT_ENOTCONN;
}

int mpt_handshake_finish(struct mpt_conn *c, const uint8_t master[32], uint64_t now)
{
    struct mpt_secure_hand *h = under_way(c);

    if (!h)
        return MPT_ENOTCONN;
    memcpy(h->master, master, 32);
    h->done = 1;
    mpt_secure_shake_out(c, now); /* nothing left to say: records from here on */
    resume(c, now);
    return 0;
}

int mpt_handshake_fail(struct mpt_conn *c, uint64_t now)
{
    if (!under_way(c))
        return MPT_ENOTCONN;
    mpt_secure_abort(c, now);
    return 0;
}
