/* SPDX-License-Identifier: MIT */
/* tls/certificate.h - a certification authority and a server certificate, made at start (RFC 5280, Ed25519 by
 * RFC 8410).
 *
 * Keys come from a named stream and Ed25519 signs without random octets (RFC 8032): the same seed and names give
 * the same certificates, octet by octet. Called by run/apptls.c and the tests; tls.c reads the parts. */
#ifndef TLS_CERTIFICATE_H
#define TLS_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

struct x509_st;
struct evp_pkey_st;

/* What the server certificate says. */
struct certificate_names {
    const char *host;    /* subject alternative name, RFC 6125 */
    int64_t from, until; /* validity of both certificates, Unix seconds */
};

struct certificate {
    struct x509_st *authority; /* self-signed; what a client trusts */
    struct x509_st *server;    /* signed by it */
    struct evp_pkey_st *key;   /* of the server */
};

/* authority names the stream of keys: another name is another authority. 0, or -1: OpenSSL refused. */
int certificate_make(struct certificate *c, uint64_t seed, const char *authority,
                     const struct certificate_names *names);
void certificate_clear(struct certificate *c);

#endif
