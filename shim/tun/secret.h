/* SPDX-License-Identifier: MIT */
/* secret.h - MPTCPsec at a TUN host: keys from files and words of the command line (model/mpt.h, mpt_secure_...).
 * Called by options.c and host.c. */
#ifndef TUN_SECRET_H
#define TUN_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "mpt.h"

struct tun_secret {
    uint8_t identity[32], expect[32], psk[64]; /* --identity, --expect, --psk */
    size_t psk_len;
    int has_identity, has_expect;
};

/* The value of --identity FILE, --expect KEY or --psk FILE: 0, or -1 with words in err. */
int secret_take(struct tun_secret *s, const char *option, const char *value, char *err, size_t cap);
/* What cannot be: NULL, or words. */
const char *secret_check(const struct tun_secret *s, const struct mpt_config *config, int serve);
int secret_apply(const struct tun_secret *s, struct mpt_stack *stack); /* 0 or an error of mpt.h */
/* The public key of --identity, for the peer's --expect: 64 digits. */
void secret_public(const struct tun_secret *s, char out[65]);
void secret_wipe(struct tun_secret *s);

#endif
