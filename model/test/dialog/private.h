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

/* text_sec.c */
struct mpt_sec_record;
void dialog_sec_note(struct dialog *d, const uint8_t *options, size_t n, uint8_t flags); /* SYNs of both, for N */
size_t dialog_sec_frame(struct dialog *d, uint8_t *out, uint64_t dsn); /* the peer's next frame */
uint32_t dialog_sec_seal(struct dialog *d, uint8_t *out, uint64_t ssn, uint64_t dsn, struct mpt_sec_record *r, int h);
uint64_t dialog_sec_start(struct dialog *d, int dir); /* of the application's octets in a stream */
uint8_t *dialog_sec_eno(uint8_t *o, const char *w, uint8_t flags);
uint8_t *dialog_sec_aack(struct dialog *d, uint8_t *o, uint64_t dack, uint64_t edge, int forged);
void dialog_sec_options(struct dialog *d, const uint8_t *options, size_t n, uint8_t flags, char *out);
int dialog_sec_mapped(struct dialog *d, const struct mpt_segment *s, uint64_t ssn, uint64_t dsn, char *out); /* 0: clear */
void dialog_sec_free(struct dialog *d);

/* proof.c */
void dialog_keys(uint64_t key, uint32_t *token, uint64_t *idsn);
/* HMAC of MP_JOIN by its sender: keys and randoms, the sender's first (RFC 8684 3.2). */
void dialog_join_hmac(const struct dialog *d, const struct dialog_tuple *t, int by_stack, uint8_t out[32]);
void dialog_add_hmac(const struct dialog *d, int by_stack, uint8_t id, const struct mpt_addr *addr, uint8_t out[8]);
void dialog_record_tag(const struct dialog *d, const struct dialog_tuple *t, const uint8_t *record, size_t n,
                       uint8_t tag[16]);
void dialog_addr(const struct dialog *d, struct mpt_addr *a, int stack, uint8_t host);

#endif
