/* SPDX-License-Identifier: MIT */
/* tls/tls.c - TLS 1.3 over OpenSSL's memory BIOs; see tls.h. */
#include "tls/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tls/random.h"

/* Ciphertext that may wait before tls_write takes no more: one full record ahead of the transport. */
enum { BACKLOG = 16384 };

struct tls_context {
    SSL_CTX *ctx;
    int role; /* TLS_CLIENT or TLS_SERVER */
};

struct tls {
    SSL *ssl;
    BIO *in, *out;          /* owned by ssl */
    struct rng rng;         /* what this end draws */
    enum tls_state state;   /* see tls.h */
    enum tls_reason reason; /* likewise */
    uint32_t record;        /* plaintext octets of a record sent */
    uint32_t closed;        /* tls_close was called */
    uint32_t ended;         /* tls_end was called */
    int alert[2];           /* sent, received; -1: none */
    uint64_t plain[2];      /* octets in, out */
    uint64_t cipher[2];     /* likewise */
    char text[160];         /* the reason in words */
};

/* ---- contexts ----------------------------------------------------------------------------------- */

/* One suite, one group, one signature: nothing is left to the defaults of a version. No tickets: they carry
 * the wall clock. */
static int set_parameters(SSL_CTX *ctx, uint32_t cipher)
{
    const char *suite = cipher == TLS_AES_256_GCM ? "TLS_AES_256_GCM_SHA384" : "TLS_CHACHA20_POLY1305_SHA256";

    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) && SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) &&
           SSL_CTX_set_num_tickets(ctx, 0) && SSL_CTX_set_ciphersuites(ctx, suite) &&
           SSL_CTX_set1_groups_list(ctx, "X25519") && SSL_CTX_set1_sigalgs_list(ctx, "ed25519");
}

/* A client without a trusted authority would refuse everybody; one without verification would be worse. */
static int set_certificates(SSL_CTX *ctx, int role, const struct certificate *c)
{
    if (role == TLS_SERVER)
        return SSL_CTX_use_certificate(ctx, c->server) && SSL_CTX_use_PrivateKey(ctx, c->key) &&
               SSL_CTX_check_private_key(ctx);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    return X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), c->authority);
}

/* OpenSSL draws keys for tickets here even when there are none. */
struct tls_context *tls_context_new(int role, uint32_t cipher, const struct certificate *certificate, uint64_t seed)
{
    struct tls_context *c = calloc(1, sizeof *c);
    struct rng rng, *before;
    int ok;

    if (c == NULL || random_start() < 0) {
        free(c);
        return NULL;
    }
    rng_init(&rng, seed, role == TLS_SERVER ? "tls/context/server" : "tls/context/client");
    before = random_use(&rng);
    c->role = role;
    c->ctx = SSL_CTX_new(role == TLS_SERVER ? TLS_server_method() : TLS_client_method());
    ok = c->ctx != NULL && set_parameters(c->ctx, cipher) && set_certificates(c->ctx, role, certificate);
    random_use(before);
    if (ok)
        return c;
    tls_context_free(c);
    return NULL;
}

void tls_context_free(struct tls_context *c)
{
    if (c != NULL)
        SSL_CTX_free(c->ctx);
    free(c);
}

/* ---- failures ----------------------------------------------------------------------------------- */

/* Alerts of both directions, as OpenSSL sees them: level in the high octet, description in the low. */
static void on_info(const SSL *ssl, int where, int value)
{
    struct tls *t = SSL_get_app_data(ssl);

    if (where & SSL_CB_ALERT)
        t->alert[(where & SSL_CB_READ) != 0] = value & 0xff;
}

/* Words for a table: no comma, no line end. */
static void set_text(struct tls *t, const char *what, const char *detail)
{
    snprintf(t->text, sizeof t->text, "%s%s%s", what, detail[0] != '\0' ? ": " : "", detail);
    for (char *p = t->text; *p != '\0'; p++)
        if (*p == ',' || *p == '\n' || *p == '"')
            *p = ';';
}

/* OpenSSL reports a received alert as reason 1000 + description. */
static enum tls_reason classify(int reason)
{
    if (reason >= SSL_AD_REASON_OFFSET)
        return TLS_ALERTED;
    switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
        return TLS_BAD_CERTIFICATE;
    /* the first is RFC 8446 5.2's bad_record_mac; the others are what an altered record header looks like */
    case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
    case SSL_R_BAD_RECORD_TYPE:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
    case SSL_R_LENGTH_TOO_SHORT:
        return TLS_BAD_RECORD;
    default:
        return TLS_BROKEN;
    }
}

/* The first error of OpenSSL's queue is the cause, later ones its consequences. */
static void fail(struct tls *t)
{
    unsigned long e = ERR_peek_error();
    const char *words = ERR_reason_error_string(e);

    t->state = TLS_FAILED;
    t->reason = classify(ERR_GET_REASON(e));
    if (t->reason == TLS_BAD_CERTIFICATE)
        set_text(t, "certificate refused", X509_verify_cert_error_string(SSL_get_verify_result(t->ssl)));
    else if (t->reason == TLS_ALERTED)
        set_text(t, "alert received", SSL_alert_desc_string_long(t->alert[1]));
    else
        set_text(t, words != NULL ? words : "unknown error", "");
    ERR_clear_error();
}

/* ---- one end ------------------------------------------------------------------------------------ */

/* The client checks name and date itself; both are what the caller says, never what the machine says. */
static int set_peer(struct tls *t, const struct tls_options *o)
{
    X509_VERIFY_PARAM_set_time(SSL_get0_param(t->ssl), (time_t)o->unix_time);
    SSL_set_hostflags(t->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return o->host == NULL || (SSL_set1_host(t->ssl, o->host) && SSL_set_tlsext_host_name(t->ssl, o->host));
}

/* As far as the octets that are there allow. */
static void shake(struct tls *t)
{
    int e;

    if (t->state != TLS_HANDSHAKE)
        return;
    ERR_clear_error();
    e = SSL_do_handshake(t->ssl);
    if (e == 1)
        t->state = TLS_OPEN;
    else if (SSL_get_error(t->ssl, e) != SSL_ERROR_WANT_READ)
        fail(t);
}

/* BIOs belong to the SSL once set. */
static int attach(struct tls *t, int role)
{
    t->in = BIO_new(BIO_s_mem());
    t->out = BIO_new(BIO_s_mem());
    if (t->in == NULL || t->out == NULL) {
        BIO_free(t->in);
        BIO_free(t->out);
        return 0;
    }
    BIO_set_mem_eof_return(t->in, -1); /* empty: come again */
    SSL_set_bio(t->ssl, t->in, t->out);
    SSL_set_app_data(t->ssl, t);
    SSL_set_info_callback(t->ssl, on_info);
    if (role == TLS_SERVER)
        SSL_set_accept_state(t->ssl);
    else
        SSL_set_connect_state(t->ssl);
    return SSL_set_max_send_fragment(t->ssl, t->record) == 1;
}

struct tls *tls_new(struct tls_context *c, const struct tls_options *o)
{
    struct tls *t = calloc(1, sizeof *t);
    struct rng *before;

    if (t == NULL || o->record < TLS_RECORD_LEAST || o->record > TLS_RECORD_MOST) {
        free(t);
        return NULL;
    }
    rng_init(&t->rng, o->seed, o->purpose);
    t->record = o->record;
    t->alert[0] = t->alert[1] = -1;
    before = random_use(&t->rng);
    t->ssl = SSL_new(c->ctx);
    if (t->ssl == NULL || !attach(t, c->role) || (c->role == TLS_CLIENT && !set_peer(t, o))) {
        tls_free(t);
        t = NULL;
    } else if (c->role == TLS_CLIENT) {
        shake(t);
    }
    random_use(before);
    return t;
}

void tls_free(struct tls *t)
{
    if (t != NULL)
        SSL_free(t->ssl);
    free(t);
}

void tls_feed(struct tls *t, const void *octets, size_t n)
{
    struct rng *before = random_use(&t->rng);

    t->cipher[0] += n;
    if (t->state != TLS_FAILED && n > 0) {
        BIO_write(t->in, octets, (int)n);
        shake(t);
    }
    random_use(before);
}

/* Whether it is a truncation is known when all that came was read: tls_read says it, or here when nothing is
 * left to read. */
void tls_end(struct tls *t)
{
    t->ended = 1;
    if (t->state == TLS_FAILED || SSL_get_shutdown(t->ssl) & SSL_RECEIVED_SHUTDOWN)
        return;
    if (t->state == TLS_OPEN && (SSL_pending(t->ssl) > 0 || BIO_pending(t->in) > 0))
        return;
    t->state = TLS_FAILED;
    t->reason = TLS_TRUNCATED;
    set_text(t, "truncated", "the stream ended without close_notify");
}

size_t tls_out(struct tls *t, const uint8_t **octets)
{
    char *p = NULL;
    long n = BIO_get_mem_data(t->out, &p);

    *octets = (const uint8_t *)p;
    return n > 0 ? (size_t)n : 0;
}

/* A memory BIO can only be read, so that is done. */
void tls_drop(struct tls *t, size_t n)
{
    uint8_t scrap[4096];

    t->cipher[1] += n;
    while (n > 0) {
        int got = BIO_read(t->out, scrap, (int)(n < sizeof scrap ? n : sizeof scrap));

        if (got <= 0)
            return;
        n -= (size_t)got;
    }
}

/* A memory BIO takes everything, so it is for us to stop when enough waits. */
int64_t tls_write(struct tls *t, const void *octets, size_t n)
{
    const uint8_t *p = octets;
    struct rng *before = random_use(&t->rng);
    size_t done = 0, part = 0;

    while (t->state == TLS_OPEN && !t->closed && done < n && BIO_pending(t->out) < BACKLOG) {
        ERR_clear_error();
        if (SSL_write_ex(t->ssl, p + done, n - done < t->record ? n - done : t->record, &part) != 1)
            fail(t);
        else
            done += part;
    }
    random_use(before);
    t->plain[1] += done;
    if (done > 0)
        return (int64_t)done;
    return t->state == TLS_FAILED || t->closed ? TLS_ERROR : TLS_AGAIN;
}

/* What SSL_read's lack of octets means. */
static int64_t nothing_read(struct tls *t, int e)
{
    switch (SSL_get_error(t->ssl, e)) {
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_WANT_READ:
        if (t->ended) {
            BIO_reset(t->in); /* half a record */
            tls_end(t);
        }
        break;
    default:
        fail(t);
    }
    return t->state == TLS_FAILED ? TLS_ERROR : TLS_AGAIN;
}

/* One record at most. */
int64_t tls_read(struct tls *t, void *out, size_t n)
{
    struct rng *before;
    size_t got = 0;
    int64_t e;

    if (t->state != TLS_OPEN)
        return t->state == TLS_FAILED ? TLS_ERROR : TLS_AGAIN;
    before = random_use(&t->rng);
    ERR_clear_error();
    if (SSL_read_ex(t->ssl, out, n, &got) == 1)
        e = (int64_t)got;
    else
        e = nothing_read(t, 0);
    random_use(before);
    t->plain[0] += got;
    return e;
}

/* OpenSSL's first call sends and does not wait for the peer's. */
void tls_close(struct tls *t)
{
    struct rng *before = random_use(&t->rng);

    if (t->state == TLS_OPEN && !t->closed) {
        ERR_clear_error();
        t->closed = 1;
        if (SSL_shutdown(t->ssl) < 0)
            fail(t);
    }
    random_use(before);
}

/* ---- looking at it ------------------------------------------------------------------------------ */

int tls_export(struct tls *t, const char *label, const void *context, size_t context_len, void *out, size_t n)
{
    if (t->state != TLS_OPEN)
        return -1;
    return SSL_export_keying_material(t->ssl, out, n, label, strlen(label), context, context_len,
                                      context != NULL) == 1 ? 0 : -1;
}

void tls_info(const struct tls *t, struct tls_info *info)
{
    const char *cipher = t->state == TLS_HANDSHAKE ? NULL : SSL_get_cipher_name(t->ssl);

    *info = (struct tls_info){
        .state = t->state, .reason = t->reason, .verify = SSL_get_verify_result(t->ssl),
        .alert_sent = t->alert[0], .alert_received = t->alert[1], .text = t->text,
        .cipher = cipher != NULL ? cipher : "", .plain_in = t->plain[0], .plain_out = t->plain[1],
        .cipher_in = t->cipher[0], .cipher_out = t->cipher[1],
    };
}

const char *tls_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
