/* SPDX-License-Identifier: MIT */
/* private.h - between the files of the dialogue harness: dialog.c (time and application), text_in.c (text to
 * segment), text_out.c (segment to text), proof.c (keys and tags, by their own formulas). */
#ifndef DIALOG_PRIVATE_H
#define DIALOG_PRIVATE_H

#include "dialog/dialog.h"

enum { DIALOG_TEXT = 512 };

/* text_in.c: builds the segment that the text says; sets *tuple. */
void dialog_parse(struct dialog *d, const char *text, struct mpt_packet *packet, size_t *tuple);
/* text_out.c */
void dialog_render(struct dialog *d, const struct dialog_segment *s, char *out);

/* proof.c */
void dialog_keys(uint64_t key, uint32_t *token, uint64_t *idsn);
/* HMAC of MP_JOIN by its sender: keys and randoms, the sender's first (RFC 8684 3.2). */
void dialog_join_hmac(const struct dialog *d, const struct dialog_tuple *t, int by_stack, uint8_t out[32]);
void dialog_add_hmac(const struct dialog *d, int by_stack, uint8_t id, const struct mpt_addr *addr, uint8_t out[8]);
void dialog_record_tag(const struct dialog *d, const struct dialog_tuple *t, const uint8_t *record, size_t n,
                       uint8_t tag[16]);
void dialog_addr(const struct dialog *d, struct mpt_addr *a, int stack, uint8_t host);

#endif
