/* SPDX-License-Identifier: MIT */
/* tls/random.h - where OpenSSL takes its random octets from: the named stream of whoever is calling it.
 *
 * Called by tls.c and certificate.c around every call that may draw. */
#ifndef TLS_RANDOM_H
#define TLS_RANDOM_H

#include "rng.h"

/* Sets OpenSSL up, once a process: no configuration file, our source of random octets. 0, or -1. */
int random_start(void);
/* From now on draws come from rng; NULL: drawing fails. Returns the one before, to be put back. */
struct rng *random_use(struct rng *rng);

#endif
