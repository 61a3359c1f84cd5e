/* SPDX-License-Identifier: MIT */
/* tls/tls.h - one end of TLS 1.3 (RFC 8446; read 4, 6 and 7.5 first) by OpenSSL, sans-IO and in virtual time.
 *
 *     tls_feed(t, ciphertext)  ->  tls_read(t, plaintext)       from the peer
 *     tls_write(t, plaintext)  ->  tls_out / tls_drop           to the peer; also after tls_feed and tls_close
 *
 * No socket, no clock, no random octet but those of the stream that is handed in: two runs give the same bytes.
 * TLS 1.3 only, X25519, Ed25519, no tickets, no early data. Called by run/apptls.c and the tests. */
#ifndef TLS_TLS_H
#define TLS_TLS_H

#include <stddef.h>
#include <stdint.h>

#include "tls/certificate.h"

enum { TLS_CLIENT, TLS_SERVER };
enum { TLS_CHACHA20_POLY1305, TLS_AES_256_GCM };
enum { TLS_RECORD_LEAST = 512, TLS_RECORD_MOST = 16384 /* RFC 8446 5.1 */ };
enum { TLS_AGAIN = -1, TLS_ERROR = -2 };

/* OPEN: the handshake is done, octets may be read and written. FAILED is for good. */
enum tls_state { TLS_HANDSHAKE, TLS_OPEN, TLS_FAILED };

/* Why an end failed. */
enum tls_reason {
    TLS_GOOD,
    TLS_BAD_RECORD,      /* a record that does not decrypt: altered, lost or repeated octets */
    TLS_BAD_CERTIFICATE, /* the client refuses the server; verify says why */
    TLS_ALERTED,         /* the peer sent a fatal alert */
    TLS_TRUNCATED,       /* the transport ended without close_notify (RFC 8446 6.1) */
    TLS_BROKEN           /* anything else: not TLS, not our version, a broken handshake */
};

/* What is the same for all connections of one role. */
struct tls_context;
/* server: certificate is its own; client: the authority in it is trusted. seed: of the draws of the context
 * itself. NULL: OpenSSL refused. */
struct tls_context *tls_context_new(int role, uint32_t cipher, const struct certificate *certificate, uint64_t seed);
void tls_context_free(struct tls_context *c);

struct tls_options {
    uint64_t seed;        /* of the run */
    const char *purpose;  /* stream of this end's random octets: "tls/3/client" */
    const char *host;     /* client: whom it wants to talk to */
    int64_t unix_time;    /* client: when certificates must be valid */
    uint32_t record;      /* most plaintext octets of a record sent */
};

struct tls;
/* A client's first message is ready at once. NULL: no memory, or record out of range. */
struct tls *tls_new(struct tls_context *c, const struct tls_options *o);
void tls_free(struct tls *t);

/* Octets from the transport, all of them taken; after a failure they are ignored. */
void tls_feed(struct tls *t, const void *octets, size_t n);
/* The transport's stream is over. Without a close_notify before it the end fails: TLS_TRUNCATED. */
void tls_end(struct tls *t);
/* Octets for the transport, in place until the next call with t; 0: none. */
size_t tls_out(struct tls *t, const uint8_t **octets);
/* The first n of tls_out are gone. */
void tls_drop(struct tls *t, size_t n);
/* Plaintext: how many octets were taken, TLS_AGAIN (handshake, or enough waits in tls_out), TLS_ERROR. */
int64_t tls_write(struct tls *t, const void *octets, size_t n);
/* Plaintext: count, 0 after the peer's close_notify, TLS_AGAIN, TLS_ERROR. */
int64_t tls_read(struct tls *t, void *out, size_t n);
/* No more writes: close_notify. Reading goes on (RFC 8446 6.1). */
void tls_close(struct tls *t);
/* Keying material of this connection (RFC 8446 7.5), the same at both ends; context NULL: none. 0, or -1: the
 * handshake is not done. */
int tls_export(struct tls *t, const char *label, const void *context, size_t context_len, void *out, size_t n);

struct tls_info {
    enum tls_state state;
    enum tls_reason reason;      /* GOOD unless FAILED */
    long verify;                 /* X509_V_ERR_... of the certificate; 0: accepted */
    int alert_sent, alert_received; /* RFC 8446 6; -1: none. close_notify is 0 */
    const char *text;            /* the reason in words, "" when good; lives as long as t */
    const char *cipher;          /* agreed, "" before */
    uint64_t plain_in, plain_out;   /* octets of the application */
    uint64_t cipher_in, cipher_out; /* octets fed, octets made for the transport */
};
void tls_info(const struct tls *t, struct tls_info *info);
/* "OpenSSL 3.0.x ...": its version is part of what decides the bytes. */
const char *tls_version(void);

#endif
