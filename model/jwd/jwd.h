/* SPDX-License-Identifier: MIT */
/* jwd/jwd.h - join-with-data: data inside SYN+MP_JOIN (jwd/README.md is the wire specification, clear mode).
 * conn/join.c calls at the places marked; everything is a no-op for a subflow without join-with-data. */
#ifndef JWD_JWD_H
#define JWD_JWD_H

#include "conn/conn.h"
#include "sec/sec.h"

enum { JWD_HEAD = MPT_SEC_JOIN_HEAD, JWD_TAG = MPT_SEC_TAG, JWD_BODY_MIN = 9, JWD_RECORD_MAX = MPT_SEC_JOIN_MAX, JWD_SET_MAX = 1024,
       JWD_EMBRYOS_CONN = 8, JWD_EMBRYOS_STACK = 1024 };
enum { JWD_H_ACK = MPT_SEC_H_ACK, JWD_H_CTL = MPT_SEC_H_CTL, JWD_H_DFIN = MPT_SEC_H_DFIN, JWD_H_PAD = MPT_SEC_H_PAD };

enum mpt_jwd_verdict { MPT_JWD_SENT, MPT_JWD_TAKEN, MPT_JWD_BAD_TAG, MPT_JWD_REPLAYED,
                       MPT_JWD_TWIN, MPT_JWD_NOT_NOW };

/* A parsed record; data points into it. */
struct mpt_jwd_record {
    uint8_t h;           /* JWD_H_... */
    uint64_t dsn;        /* of the first octet of data */
    uint64_t ack, edge;  /* JWD_H_ACK */
    uint32_t cack;       /* JWD_H_ACK; 0 in clear mode */
    const uint8_t *ctl;  /* JWD_H_CTL: secure mode only (sec/SPEC.md 3.6) */
    uint32_t ctl_len;    /* of it */
    const uint8_t *data;
    uint32_t len;        /* of data */
    uint32_t total;      /* of the record */
};

/* What was answered to a SYN with D. */
struct mpt_jwd_answer {
    uint8_t refuse;      /* 0 no, 1 RST, 2 drop silently */
    uint8_t plain;       /* go on as a plain join */
    uint8_t twin;        /* second embryo of the same R_I: no early data */
    uint32_t take;       /* octets of the SYN's payload that count as received */
    uint8_t *record;     /* those octets, opened if they were sealed; lives for the call */
};

/* record.c */
/* Total length by its first JWD_HEAD octets, 0 when they cannot begin a record. */
uint32_t mpt_jwd_record_len(const uint8_t *p, size_t n);
/* 0 or MPT_EPROTO; the tag is not looked at. secure: an opened record, which may have CTL and CACK (sec/SPEC.md 3.7). */
int mpt_jwd_record_parse(struct mpt_jwd_record *r, const uint8_t *p, size_t n, int secure);
/* body: H, DSN, ack when h has JWD_H_ACK, pad octets, then room for data at the returned place. */
uint8_t *mpt_jwd_record_build(uint8_t *p, const struct mpt_jwd_record *r, uint32_t pad);
/* Tag over MPJ, V, BLEN and body (2.3); key is Key_I || Key_R. */
void mpt_jwd_record_tag(uint8_t tag[16], uint64_t key_i, uint64_t key_r, const uint8_t mpj[12], const uint8_t *record,
                        size_t n_without_tag);
int mpt_jwd_record_verify(uint64_t key_i, uint64_t key_r, const uint8_t mpj[12], const uint8_t *record, size_t n);

/* initiator.c */
uint32_t mpt_jwd_prepare(struct mpt_subflow *sf, uint64_t now); /* record for the SYN: its length, 0 = join plainly */
void mpt_jwd_copy(const struct mpt_subflow *sf, uint32_t off, uint8_t *out, uint32_t n);
enum mpt_flow_verdict mpt_jwd_synack(struct mpt_subflow *sf, const struct mpt_segment *s, uint32_t acked, uint64_t now);
uint8_t mpt_jwd_bits(const struct mpt_subflow *sf);  /* initiator: B and D of the SYN that the record's tag covers */
int mpt_jwd_both(const struct mpt_subflow *sf);      /* initiator, D=1 both ways: data before the fourth ACK */
void mpt_jwd_failed(struct mpt_subflow *sf, uint64_t now); /* closed before the fourth ACK: next rung of the ladder */
/* Its octets go elsewhere too: when the subflow is gone, or (gone 0) when TCP has no answer about the record yet. */
void mpt_jwd_reinject(struct mpt_subflow *sf, int gone, uint32_t cause, uint64_t now);
int mpt_jwd_holds(const struct mpt_subflow *sf, uint64_t at, uint64_t *end); /* is `at` in the record under way? */
void mpt_jwd_record_acked(struct mpt_subflow *sf, uint64_t to); /* TCP has so many octets of it; all: frees the copy */
int mpt_jwd_path_plain(struct mpt_stack *s, const struct mpt_addr *local, const struct mpt_addr *remote, uint64_t now);

/* responder.c */
struct mpt_jwd_answer mpt_jwd_syn(struct mpt_stack *s, struct mpt_conn *c, const struct mpt_segment *seg, uint64_t now);
int mpt_jwd_embryo(struct mpt_subflow *sf, const struct mpt_jwd_answer *a, const struct mpt_packet *p,
                   const struct mpt_segment *seg, uint64_t now); /* 0 or negative: no embryo */
void mpt_jwd_again(struct mpt_subflow *sf, const struct mpt_packet *p); /* another SYN of the same 4-tuple */
int mpt_jwd_validated(struct mpt_subflow *sf, uint64_t now); /* third ACK good: 0, or 1 = the subflow is gone */
int64_t mpt_jwd_deliver(struct mpt_subflow *sf, uint64_t ssn, const uint8_t *data, size_t n, uint64_t now);
                                                     /* octets that are the record's; 0 = none */
int mpt_jwd_early_allowed(const struct mpt_subflow *sf);
uint64_t mpt_jwd_early_room(const struct mpt_subflow *sf); /* octets of payload the limit lets go now */
void mpt_jwd_sent(struct mpt_subflow *sf, const struct mpt_packet *packet); /* any output of a flow */
int mpt_jwd_was_early(const struct mpt_subflow *sf);       /* early data was allowed on it */
/* early.c is the amplification limit, set.c the replay set. */
int mpt_jwd_overlaps(const struct mpt_subflow *sf, uint64_t ssn);
uint64_t mpt_jwd_deadline(const struct mpt_subflow *sf); /* life of an embryo */
void mpt_jwd_expire(struct mpt_subflow *sf, uint64_t now);
void mpt_jwd_clear(struct mpt_subflow *sf);
int mpt_jwd_set_close(struct mpt_conn *c, uint32_t r);   /* R of a validated join: closed. 0 or MPT_ENOMEM */
void mpt_jwd_set_free(struct mpt_conn *c);

#endif
