/* SPDX-License-Identifier: MIT */
/* tls/certificate.c - certificates of the experiment; see certificate.h. */
#include "tls/certificate.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "tls/random.h"

/* An Ed25519 private key is 32 random octets (RFC 8032 5.1.5). */
static EVP_PKEY *make_key(uint64_t seed, const char *authority, const char *whose)
{
    uint8_t secret[32];
    char purpose[96];
    struct rng rng;

    snprintf(purpose, sizeof purpose, "tls/%s/%s", authority, whose);
    rng_init(&rng, seed, purpose);
    rng_bytes(&rng, secret, sizeof secret);
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, sizeof secret);
}

/* value as in OpenSSL's configuration files. */
static int add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509_EXTENSION *e;
    X509V3_CTX ctx;
    int ok;

    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    ok = e != NULL && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

/* Fields that both certificates have (RFC 5280 4.1). */
static X509 *make_certificate(const char *name, long serial, EVP_PKEY *key, const struct certificate_names *names)
{
    X509 *x = X509_new();
    X509_NAME *subject;
    int ok;

    if (x == NULL)
        return NULL;
    subject = X509_get_subject_name(x);
    ok = X509_set_version(x, 2 /* v3 */) && ASN1_INTEGER_set(X509_get_serialNumber(x), serial) &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0) &&
         ASN1_TIME_set(X509_getm_notBefore(x), names->from) != NULL &&
         ASN1_TIME_set(X509_getm_notAfter(x), names->until) != NULL && X509_set_pubkey(x, key);
    if (ok)
        return x;
    X509_free(x);
    return NULL;
}

/* Self-signed, and marked as an authority: a client takes no other one (RFC 5280 4.2.1.9). */
static int make_authority(struct certificate *c, EVP_PKEY *key, const char *authority,
                          const struct certificate_names *names)
{
    char name[64];
    X509 *x;

    snprintf(name, sizeof name, "mpsim %s", authority);
    x = c->authority = make_certificate(name, 1, key, names);
    return x != NULL && X509_set_issuer_name(x, X509_get_subject_name(x)) &&
           add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           add_extension(x, x, NID_key_usage, "critical,keyCertSign") &&
           add_extension(x, x, NID_subject_key_identifier, "hash") && X509_sign(x, key, NULL) > 0;
}

/* The host name stands in the subject alternative name; the common name is no longer looked at
 * (RFC 6125 6.4.4). */
static int make_server(struct certificate *c, EVP_PKEY *authority, const struct certificate_names *names)
{
    char alternative[300];
    X509 *x;

    snprintf(alternative, sizeof alternative, "DNS:%s", names->host);
    x = c->server = make_certificate("server", 2, c->key, names);
    return x != NULL && X509_set_issuer_name(x, X509_get_subject_name(c->authority)) &&
           add_extension(x, c->authority, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(x, c->authority, NID_key_usage, "critical,digitalSignature") &&
           add_extension(x, c->authority, NID_ext_key_usage, "serverAuth") &&
           add_extension(x, c->authority, NID_subject_alt_name, alternative) &&
           add_extension(x, c->authority, NID_authority_key_identifier, "keyid") &&
           X509_sign(x, authority, NULL) > 0;
}

/* The authority's key is not needed any more once both are signed. */
int certificate_make(struct certificate *c, uint64_t seed, const char *authority,
                     const struct certificate_names *names)
{
    EVP_PKEY *key;
    int ok;

    memset(c, 0, sizeof *c);
    if (random_start() < 0)
        return -1;
    key = make_key(seed, authority, "authority");
    c->key = make_key(seed, authority, "server");
    ok = key != NULL && c->key != NULL && make_authority(c, key, authority, names) && make_server(c, key, names);
    EVP_PKEY_free(key);
    if (!ok)
        certificate_clear(c);
    return ok ? 0 : -1;
}

void certificate_clear(struct certificate *c)
{
    X509_free(c->authority);
    X509_free(c->server);
    EVP_PKEY_free(c->key);
    memset(c, 0, sizeof *c);
}
