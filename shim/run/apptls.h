/* SPDX-License-Identifier: MIT */
/* run/apptls.h - TLS between the applications and a connection (`traffic.tls`), on any engine.
 *
 * What is below need not be Multipath TCP. Ends are opened by traffic.c with the connection and closed with it;
 * harness.c owns what is common to a run, tables.c and runjson.c ask how it went. */
#ifndef RUN_APPTLS_H
#define RUN_APPTLS_H

#include "run/config.h"
#include "tls/tls.h"

struct run;
struct session;

/* Common to all connections of a run. */
struct apptls_common {
    struct certificate certificate[2]; /* 0 what the server shows; 1 another authority, for tls.certificate: ca */
    struct tls_context *context[SIDES];
};

/* One end of one connection; tls is NULL before it and after it. */
struct apptls {
    struct tls *tls;      /* owned */
    struct tls *handshake; /* owned: TLS as MPTCPsec's handshake, until it is done */
    uint64_t done_at;     /* the handshake was done at this end; 0: never */
    uint64_t octets[2];   /* ciphertext in, out; when the end is closed */
    uint32_t fin;         /* mpt_shutdown was called, all ciphertext before it */
    uint32_t failed;      /* for good; text says why */
    int alert[2];         /* sent, received; -1 none (RFC 8446 6) */
    char text[160];       /* "" while good */
};

/* Certificates and contexts. 0, or -1 with a line in err. */
int apptls_init(struct run *r, char *err, size_t cap);
void apptls_clear(struct run *r);
/* The end of a side, when its connection is there; 0 or MPT_ENOMEM. */
int apptls_open(struct session *s, int side, uint64_t now);
/* Sends what waits, then as much payload as the connection takes. */
void apptls_push(struct session *s, int side, uint64_t now);
/* As mpt_read, of plaintext; MPT_EPROTO once TLS failed. */
int64_t apptls_read(struct session *s, int side, void *out, size_t n, uint64_t now);
/* close_notify, then mpt_shutdown as soon as everything before it was taken. */
void apptls_shutdown(struct session *s, int side, uint64_t now);
/* One end of TLS for session and side, its random octets named by `use`; NULL: no memory. */
struct tls *apptls_new(struct session *s, int side, const char *use, uint64_t now);
/* Keeps what is known and frees the end. */
void apptls_release(struct session *s, int side);

#endif
