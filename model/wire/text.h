/* SPDX-License-Identifier: MIT */
/* wire/text.h - text into a caller's buffer, cut to fit; the core has no stdio. Used by dump.c. */
#ifndef WIRE_TEXT_H
#define WIRE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct mpt_text {
    char *at;   /* where it goes; always ends with a 0 if cap > 0 */
    size_t cap; /* octets at `at`, with the final 0 */
    size_t len; /* written, without the final 0 */
};

void mpt_text_init(struct mpt_text *t, char *at, size_t cap);
void mpt_text_put(struct mpt_text *t, const char *s);
void mpt_text_put_dec(struct mpt_text *t, uint64_t v);
void mpt_text_put_hex(struct mpt_text *t, uint64_t v, int digits);
void mpt_text_put_octets(struct mpt_text *t, const uint8_t *p, size_t n); /* in hex */

#endif
