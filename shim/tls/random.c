/* SPDX-License-Identifier: MIT */
/* tls/random.c - deterministic random octets for OpenSSL; see random.h.
 *
 * RAND_set_rand_method is deprecated in OpenSSL 3.0 in favour of a provider; it is a tenth of the code and is
 * asked first by RAND_bytes and RAND_priv_bytes of every library context. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tls/random.h"

#include <openssl/rand.h>
#include <openssl/ssl.h>

static struct rng *current; /* of the endpoint that is running; one thread */

/* A draw that nobody answers for must fail loudly: it would make two runs differ. */
static int draw(unsigned char *out, int n)
{
    if (current == NULL || n < 0)
        return 0;
    rng_bytes(current, out, (size_t)n);
    return 1;
}

/* OpenSSL asks before it draws. */
static int status(void)
{
    return current != NULL;
}

/* The machine's openssl.cnf may change protocols, ciphers and so every byte: it is not read. */
int random_start(void)
{
    static const RAND_METHOD method = {.bytes = draw, .pseudorand = draw, .status = status};
    uint64_t what = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS;

    if (OPENSSL_init_ssl(what, NULL) != 1)
        return -1;
    return RAND_set_rand_method(&method) == 1 ? 0 : -1;
}

struct rng *random_use(struct rng *rng)
{
    struct rng *before = current;

    current = rng;
    return before;
}
