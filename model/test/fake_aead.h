/* SPDX-License-Identifier: MIT */
/* test/fake_aead.h - an AEAD without cryptography whose work a test can read and watch: the text stays as it is, the tag is
 * a plain hash of key, nonce, additional data and text. It remembers every seal, and fails the test when a nonce
 * comes twice under one key with other content. */
#ifndef TEST_FAKE_AEAD_H
#define TEST_FAKE_AEAD_H

#include "crypto/crypto.h"

extern const struct mpt_aead fake_aead; /* id 3 */
/* Around the real one: the same watch. */
extern const struct mpt_aead watched_chacha;
extern const struct mpt_aead watched_aes;
const struct mpt_aead *watched_aead(const struct mpt_aead *real); /* the same, watched; NULL: NULL */

void fake_aead_reset(void);
size_t fake_aead_seals(void);   /* different (key, nonce) since the reset */
size_t fake_aead_reused(void);  /* seals that had an old (key, nonce) and other content */

#endif
