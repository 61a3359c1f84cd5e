/* SPDX-License-Identifier: MIT */
/* sec/handshake.c - the built-in handshake (sec/SPEC.md 3.3): X25519 (RFC 7748), with or without pre-shared key and Ed25519
 * signature (RFC 8032), both roles, bytes in and bytes out. Called by the owner of a connection, the same way as a
 * host's own handshake.
 *
 *     a                                                  b
 *     HELLO  magic, random, share, suites, psk id  -->
 *                        <--  REPLY  random, share, suite
 *                        <--  AUTH   sealed: atype [key, signature], fin_b
 *     FIN    sealed: fin_a                         -->          */
#include <string.h>

#include "base/bytes.h"
#include "sec/private.h"

enum {
    RANDOM_AT = MPT_SEC_MAGIC_LEN, SHARE_AT = RANDOM_AT + 32, COUNT_AT = SHARE_AT + 32, /* in HELLO */
    REPLY_LEN = 65, FIN_LEN = 32 + MPT_SEC_TAG, HELLO_MIN = COUNT_AT + 3,
    ATYPE_NONE = 0, ATYPE_KEY = 1, KEY_SIG_LEN = 96,
    AUTH_MIN = 1 + 32 + MPT_SEC_TAG, AUTH_MAX = AUTH_MIN + KEY_SIG_LEN
};

static uint8_t kx_of(const struct mpt_sec_hs *hs)
{
    return hs->suite >> 4;
}

/* ---- the schedule's side of it ----------------------------------------------------------------------------------- */

/* S0 = Extract(0^32, psk or 0^32), S1 = Extract(S0, X25519). RFC 7748 6.1: an all-zero result is refused. */
static int derive_s1(struct mpt_sec_hs *hs, const uint8_t peer_share[32])
{
    static const uint8_t zero[32];
    uint8_t s0[32], shared[32];
    int rc = mpt_crypto_x25519(shared, hs->secret, peer_share);

    if (kx_of(hs) == MPT_SEC_KX_PSK)
        mpt_crypto_hkdf_extract(s0, zero, sizeof zero, hs->config.psk, hs->config.psk_len);
    else
        mpt_crypto_hkdf_extract(s0, zero, sizeof zero, zero, sizeof zero);
    mpt_crypto_hkdf_extract(hs->s1, s0, sizeof s0, shared, sizeof shared);
    mpt_crypto_wipe(hs->secret, sizeof hs->secret);
    mpt_crypto_wipe(shared, sizeof shared);
    mpt_crypto_wipe(s0, sizeof s0);
    return rc;
}

/* SHA256 of the transcript so far and n octets more, which do not enter it. */
static void hash_with(const struct mpt_sec_hs *hs, const void *more, size_t n, uint8_t out[32])
{
    struct mpt_sha256 h = hs->transcript;

    mpt_crypto_sha256_add(&h, more, n);
    mpt_crypto_sha256_end(&h, out);
}

static void finished(const struct mpt_sec_hs *hs, const char *label, const uint8_t hash[32], uint8_t out[32])
{
    const struct mpt_piece piece = { hash, 32 };
    uint8_t key[32];

    mpt_sec_x(key, 32, hs->s1, label, NULL, 0);
    mpt_crypto_hmac(out, key, 32, &piece, 1);
    mpt_crypto_wipe(key, sizeof key);
}

/* P is known: it ends the transcript, and fin_a and master follow. */
static void end_transcript(struct mpt_sec_hs *hs, const uint8_t *p, size_t n)
{
    uint8_t hash[32];

    mpt_crypto_sha256_add(&hs->transcript, p, n);
    hash_with(hs, NULL, 0, hash);
    finished(hs, "fin a", hash, hs->fin_a);
    mpt_sec_x(hs->master, 32, hs->s1, "master", hash, sizeof hash);
}

/* "mptsec1 server sig" || 0 || SHA256(N || HELLO || REPLY || atype || key) */
static void signed_text(const struct mpt_sec_hs *hs, const uint8_t *atype_and_key, uint8_t out[51])
{
    memcpy(out, "mptsec1 server sig", 19);
    hash_with(hs, atype_and_key, 33, out + 19);
}

/* AUTH and FIN: one message for each key; the additional data is the frame's head. */
static void seal_frame(const struct mpt_sec_hs *hs, const char *label, uint8_t *frame, size_t n)
{
    uint8_t kiv[44];

    mpt_sec_x(kiv, sizeof kiv, hs->s1, label, hs->th, sizeof hs->th);
    hs->config.aead->seal(kiv, kiv + 32, frame, MPT_SEC_FRAME_HEAD, frame + MPT_SEC_FRAME_HEAD, n);
    mpt_crypto_wipe(kiv, sizeof kiv);
}

static int open_frame(const struct mpt_sec_hs *hs, const char *label, uint8_t *frame, size_t n)
{
    uint8_t kiv[44];
    int rc;

    mpt_sec_x(kiv, sizeof kiv, hs->s1, label, hs->th, sizeof hs->th);
    rc = hs->config.aead->open(kiv, kiv + 32, frame, MPT_SEC_FRAME_HEAD, frame + MPT_SEC_FRAME_HEAD, n);
    mpt_crypto_wipe(kiv, sizeof kiv);
    return rc;
}

/* ---- begin and end ------------------------------------------------------------------------------------------------- */

void mpt_sec_hs_clear(struct mpt_sec_hs *hs)
{
    mpt_crypto_wipe(hs, sizeof *hs);
    hs->state = MPT_SEC_HS_FAILED;
}

static enum mpt_sec_verdict fail(struct mpt_sec_hs *hs)
{
    mpt_sec_hs_clear(hs);
    return MPT_SEC_ABORT;
}

static int config_fits(const struct mpt_sec_hs *hs)
{
    const struct mpt_sec_hs_config *c = &hs->config;

    if (!c->aead || c->aead->id != (hs->suite & 0x0f) || !c->random || c->role > MPT_SEC_B)
        return 0;
    if (kx_of(hs) == MPT_SEC_KX_PSK)
        return c->psk && c->psk_len >= MPT_SEC_PSK_MIN && c->psk_id && c->psk_id_len;
    return kx_of(hs) == MPT_SEC_KX_X25519;
}

int mpt_sec_hs_init(struct mpt_sec_hs *hs, const struct mpt_sec_hs_config *config, const struct mpt_sec_names *names)
{
    struct mpt_sec_eno offer, answer;

    memset(hs, 0, sizeof *hs);
    hs->state = MPT_SEC_HS_FAILED;
    if (mpt_sec_names_parse(names, &offer, &answer) < 0)
        return MPT_EINVAL;
    hs->config = *config;
    hs->suite = answer.suite[0];
    if (!config_fits(hs))
        return MPT_EINVAL;
    hs->count = offer.count;
    memcpy(hs->suites, offer.suite, sizeof hs->suites);
    memcpy(hs->random, config->random, 32);
    memcpy(hs->secret, config->random + 32, 32);
    hs->config.random = NULL; /* copied; the caller wipes its own */
    hs->state = config->role == MPT_SEC_A ? MPT_SEC_HS_SEND_HELLO : MPT_SEC_HS_WAIT_HELLO;
    mpt_crypto_sha256_init(&hs->transcript);
    mpt_sec_names_add(&hs->transcript, names);
    return 0;
}

/* Everything but master is gone as soon as it is no longer needed: forward secrecy rests on it. */
static void done(struct mpt_sec_hs *hs)
{
    mpt_crypto_wipe(hs->s1, sizeof hs->s1);
    mpt_crypto_wipe(hs->fin_a, sizeof hs->fin_a);
    mpt_crypto_wipe(hs->frame, sizeof hs->frame);
    mpt_crypto_wipe(&hs->transcript, sizeof hs->transcript);
    hs->state = MPT_SEC_HS_DONE;
}

int mpt_sec_hs_done(const struct mpt_sec_hs *hs)
{
    return hs->state == MPT_SEC_HS_DONE;
}

int mpt_sec_hs_keys(struct mpt_sec_hs *hs, struct mpt_sec_keys *keys)
{
    if (!mpt_sec_hs_done(hs))
        return MPT_EAGAIN;
    mpt_sec_keys_make(keys, hs->master);
    mpt_sec_hs_clear(hs);
    return 0;
}

/* ---- what is sent ---------------------------------------------------------------------------------------------------- */

static size_t end_frame(uint8_t *frame, uint8_t type, const uint8_t *end)
{
    size_t n = (size_t)(end - frame);

    frame[0] = type;
    mpt_bytes_put16(frame + 1, (uint16_t)(n - MPT_SEC_FRAME_HEAD));
    return n;
}

static size_t write_hello(struct mpt_sec_hs *hs, uint8_t *out)
{
    uint8_t *p = out + MPT_SEC_FRAME_HEAD, id_len = kx_of(hs) == MPT_SEC_KX_PSK ? hs->config.psk_id_len : 0;
    size_t n;

    memcpy(p, MPT_SEC_MAGIC, MPT_SEC_MAGIC_LEN);
    memcpy(p + RANDOM_AT, hs->random, 32);
    mpt_crypto_x25519_share(p + SHARE_AT, hs->secret);
    p += COUNT_AT;
    *p++ = hs->count;
    memcpy(p, hs->suites, hs->count);
    p += hs->count;
    *p++ = id_len;
    if (id_len)
        memcpy(p, hs->config.psk_id, id_len);
    n = end_frame(out, MPT_SEC_HELLO, p + id_len);
    mpt_crypto_sha256_add(&hs->transcript, out, n);
    hs->state = MPT_SEC_HS_WAIT_REPLY;
    return n;
}

/* b's secret is used up when HELLO came; its share was made before and lies in fin_a, which is free until P. */
static size_t write_reply(struct mpt_sec_hs *hs, uint8_t *out)
{
    uint8_t *p = out + MPT_SEC_FRAME_HEAD;
    size_t n;

    memcpy(p, hs->random, 32);
    memcpy(p + 32, hs->fin_a, 32);
    p[64] = hs->suite;
    n = end_frame(out, MPT_SEC_REPLY, p + REPLY_LEN);
    mpt_crypto_sha256_add(&hs->transcript, out, n);
    hash_with(hs, NULL, 0, hs->th);
    hs->state = MPT_SEC_HS_SEND_AUTH;
    return n;
}

static size_t write_auth(struct mpt_sec_hs *hs, uint8_t *out)
{
    uint8_t *p = out + MPT_SEC_FRAME_HEAD, *at = p, text[51], hash[32];
    size_t n;

    *at++ = hs->config.seed ? ATYPE_KEY : ATYPE_NONE;
    if (hs->config.seed) {
        mpt_crypto_ed25519_key(hs->key, hs->config.seed);
        memcpy(at, hs->key, 32);
        signed_text(hs, p, text);
        mpt_crypto_ed25519_sign(at + 32, hs->config.seed, text, sizeof text);
        at += KEY_SIG_LEN;
        hs->auth |= MPT_SEC_AUTH_KEY;
    }
    hash_with(hs, p, (size_t)(at - p), hash);
    finished(hs, "fin b", hash, at);
    at += 32;
    end_transcript(hs, p, (size_t)(at - p));
    n = end_frame(out, MPT_SEC_AUTH, at + MPT_SEC_TAG);
    seal_frame(hs, "hs b", out, (size_t)(at - p));
    hs->state = MPT_SEC_HS_WAIT_FIN;
    return n;
}

static size_t write_fin(struct mpt_sec_hs *hs, uint8_t *out)
{
    size_t n = end_frame(out, MPT_SEC_FIN, out + MPT_SEC_FRAME_HEAD + FIN_LEN);

    memcpy(out + MPT_SEC_FRAME_HEAD, hs->fin_a, 32);
    seal_frame(hs, "hs a", out, 32);
    done(hs);
    return n;
}

size_t mpt_sec_hs_write(struct mpt_sec_hs *hs, uint8_t *out, size_t cap)
{
    if (cap < MPT_SEC_FRAME_MAX)
        return 0;
    switch (hs->state) {
    case MPT_SEC_HS_SEND_HELLO:
        return write_hello(hs, out);
    case MPT_SEC_HS_SEND_REPLY:
        return write_reply(hs, out);
    case MPT_SEC_HS_SEND_AUTH:
        return write_auth(hs, out);
    case MPT_SEC_HS_SEND_FIN:
        return write_fin(hs, out);
    default:
        return 0;
    }
}

/* ---- what is read: f is the whole frame, n its body; 0 or MPT_EPROTO ----------------------------------------------------- */

static int read_hello(struct mpt_sec_hs *hs, const uint8_t *f, size_t n)
{
    const uint8_t *b = f + MPT_SEC_FRAME_HEAD, *id = b + COUNT_AT + 1 + hs->count + 1;
    uint8_t id_len = kx_of(hs) == MPT_SEC_KX_PSK ? hs->config.psk_id_len : 0;

    if (memcmp(b, MPT_SEC_MAGIC, MPT_SEC_MAGIC_LEN) != 0)
        return MPT_EPROTO;
    /* Both lengths are known from ENO and configuration, so that the whole frame is checked against one shape. */
    if (n != (size_t)COUNT_AT + 1 + hs->count + 1 + id_len || b[COUNT_AT] != hs->count || id[-1] != id_len)
        return MPT_EPROTO;
    if (memcmp(b + COUNT_AT + 1, hs->suites, hs->count) != 0 || (id_len && memcmp(id, hs->config.psk_id, id_len) != 0))
        return MPT_EPROTO;
    mpt_crypto_sha256_add(&hs->transcript, f, MPT_SEC_FRAME_HEAD + n);
    mpt_crypto_x25519_share(hs->fin_a, hs->secret);
    hs->state = MPT_SEC_HS_SEND_REPLY;
    return derive_s1(hs, b + SHARE_AT);
}

static int read_reply(struct mpt_sec_hs *hs, const uint8_t *f, size_t n)
{
    const uint8_t *b = f + MPT_SEC_FRAME_HEAD;

    if (b[64] != hs->suite)
        return MPT_EPROTO;
    mpt_crypto_sha256_add(&hs->transcript, f, MPT_SEC_FRAME_HEAD + n);
    hash_with(hs, NULL, 0, hs->th);
    hs->state = MPT_SEC_HS_WAIT_AUTH;
    return derive_s1(hs, b + 32);
}

/* The signature binds key and transcript; whether the key is b's, peer_key or the host says. */
static int check_key(struct mpt_sec_hs *hs, const uint8_t *p)
{
    uint8_t text[51];

    memcpy(hs->key, p + 1, 32);
    if (hs->config.peer_key && mpt_crypto_compare(hs->key, hs->config.peer_key, 32) != 0)
        return MPT_EPROTO;
    signed_text(hs, p, text);
    hs->auth |= MPT_SEC_AUTH_KEY;
    return mpt_crypto_ed25519_verify(p + 33, hs->key, text, sizeof text);
}

static int read_auth(struct mpt_sec_hs *hs, uint8_t *f, size_t n)
{
    uint8_t *p = f + MPT_SEC_FRAME_HEAD, hash[32], fin_b[32];
    size_t len = n - MPT_SEC_TAG, without_fin = len - 32;

    if (open_frame(hs, "hs b", f, len) < 0)
        return MPT_EPROTO;
    if (p[0] > ATYPE_KEY || without_fin != 1u + (p[0] == ATYPE_KEY ? KEY_SIG_LEN : 0))
        return MPT_EPROTO;
    if (p[0] == ATYPE_KEY ? check_key(hs, p) < 0 : hs->config.peer_key != NULL)
        return MPT_EPROTO;
    hash_with(hs, p, without_fin, hash);
    finished(hs, "fin b", hash, fin_b);
    if (mpt_crypto_compare(fin_b, p + without_fin, 32) != 0)
        return MPT_EPROTO;
    end_transcript(hs, p, len);
    if (kx_of(hs) == MPT_SEC_KX_PSK)
        hs->auth |= MPT_SEC_AUTH_PSK;
    hs->state = MPT_SEC_HS_SEND_FIN;
    return 0;
}

static int read_fin(struct mpt_sec_hs *hs, uint8_t *f)
{
    if (open_frame(hs, "hs a", f, 32) < 0 || mpt_crypto_compare(f + MPT_SEC_FRAME_HEAD, hs->fin_a, 32) != 0)
        return MPT_EPROTO;
    if (kx_of(hs) == MPT_SEC_KX_PSK)
        hs->auth |= MPT_SEC_AUTH_PSK;
    done(hs);
    return 0;
}

/* Which frame is next, and how long its body may be; 0: none is awaited. */
static uint8_t awaited(const struct mpt_sec_hs *hs, size_t *min, size_t *max)
{
    switch (hs->state) {
    case MPT_SEC_HS_WAIT_HELLO:
        *min = HELLO_MIN;
        *max = MPT_SEC_FRAME_MAX - MPT_SEC_FRAME_HEAD;
        return MPT_SEC_HELLO;
    case MPT_SEC_HS_WAIT_REPLY:
        *min = *max = REPLY_LEN;
        return MPT_SEC_REPLY;
    case MPT_SEC_HS_WAIT_AUTH:
        *min = AUTH_MIN;
        *max = AUTH_MAX;
        return MPT_SEC_AUTH;
    case MPT_SEC_HS_WAIT_FIN:
        *min = *max = FIN_LEN;
        return MPT_SEC_FIN;
    default:
        return 0;
    }
}

static int read_frame(struct mpt_sec_hs *hs, size_t n)
{
    hs->have = 0;
    switch (hs->state) {
    case MPT_SEC_HS_WAIT_HELLO:
        return read_hello(hs, hs->frame, n);
    case MPT_SEC_HS_WAIT_REPLY:
        return read_reply(hs, hs->frame, n);
    case MPT_SEC_HS_WAIT_AUTH:
        return read_auth(hs, hs->frame, n);
    default:
        return read_fin(hs, hs->frame);
    }
}

/* A wrong type or length is known from the head: nothing more is waited for. */
enum mpt_sec_verdict mpt_sec_hs_read(struct mpt_sec_hs *hs, const uint8_t *p, size_t n, size_t *used)
{
    size_t min, max, body;
    uint8_t type;

    *used = 0;
    if (hs->state == MPT_SEC_HS_FAILED)
        return MPT_SEC_ABORT;
    while (*used < n && (type = awaited(hs, &min, &max)) != 0) {
        hs->frame[hs->have++] = p[(*used)++];
        if (hs->frame[0] != type)
            return fail(hs);
        if (hs->have < MPT_SEC_FRAME_HEAD)
            continue;
        body = mpt_bytes_get16(hs->frame + 1);
        if (body < min || body > max)
            return fail(hs);
        if (hs->have == MPT_SEC_FRAME_HEAD + body && read_frame(hs, body) < 0)
            return fail(hs);
    }
    return MPT_SEC_OK;
}
