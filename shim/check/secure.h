/* SPDX-License-Identifier: MIT */
/* check/secure.h - what the checker knows of an MPTCPsec connection (model/sec/SPEC.md 3; read 3.2, 3.5, 3.8 first).
 * Private to secure.c (3.2), secrec.c (3.3, 3.5), secopen.c (3.5, 3.6), secack.c (3.8), seckeys.c (key log, 3.7).
 * Called by trace.c, conn.c, join.c, joinrec.c, dss.c, segment.c. */
#ifndef CHECK_SECURE_H
#define CHECK_SECURE_H

#include "check/state.h"
#include "sec/sec.h"

enum { SEC_ENO_MOST = 16, SEC_CTLS = 64, SEC_PIECES = 65536, SEC_DSN_EARLY = 65536 };
enum { KX_X25519 = 1, KX_TLS = 2, KX_PSK = 3 };

/* A mapping: a frame of the handshake, or a record. */
struct sec_piece {
    uint64_t ssn, dsn; /* offsets: subflow, data */
    uint32_t dll;
};

/* One direction of one subflow. */
struct sec_half {
    struct sec_piece *piece; /* sorted, apart */
    size_t pieces, room;
    uint64_t next;           /* behind the last piece that was judged; 0: none can be yet */
    uint64_t records;        /* where records begin, 0: not known yet */
    uint8_t dead;            /* an error: what follows is not judged */
    uint8_t made, sfin;      /* dir has a key; SFIN was seen */
    struct mpt_sec_dir dir;
    uint64_t ack, edge, top; /* of its last ACK prefix; behind its highest data */
    uint32_t cack;
    struct stamp dack_top, edge_top; /* of its AACKs: highest DACK, EDGE, and when they were sent */
};

/* A control message that was seen, to tell a repetition from another one with its number. */
struct sec_ctl {
    uint32_t csn;
    uint8_t hash[32];
};

/* One end. */
struct sec_end {
    uint8_t spoke;       /* ENO without SYN, or a whole frame, was seen of it */
    uint8_t frames;      /* whole frames of its handshake */
    uint64_t start;      /* data offset behind its handshake so far */
    uint64_t most;       /* no data of it can lie beyond this offset */
    struct spans csn;    /* of its control messages */
    uint32_t cack;       /* highest that it sent */
    uint16_t record_max; /* of its PARAMS, 0: not seen */
    uint8_t jwd;         /* its PARAMS offer join-with-data */
    struct sec_ctl ctl[SEC_CTLS];
};

/* A connection, from its confirmation on. */
struct secure {
    uint8_t suite, offers, offer[8];
    uint8_t loose;          /* a join record that was not opened: its data may lie anywhere */
    uint8_t looked, keyed;  /* the key log was asked; it had the keys */
    uint64_t records, opened;
    const struct mpt_aead *aead;
    struct mpt_sec_keys keys;
    struct sec_end end[2];
};

static inline uint64_t sec_get(const uint8_t *p, int octets)
{
    uint64_t x = 0;

    while (octets-- > 0)
        x = x << 8 | *p++;
    return x;
}

/* ---- secure.c ---- */
/* Of every segment, before anything else of MPTCP: ENO in its places, confirmation. */
void secure_eno(struct check *c, struct flow *f, int d, const struct frame *p);
/* Of every segment of a confirmed connection, in place of the rules of RFC 8684 3.3. */
void secure_segment(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off);
/* May end e send what needs the handshake, as far as was seen here? */
int secure_ready(const struct conn *k, int e);
/* A join by end `flip` (its SYN), or its answer. */
void secure_join(struct check *c, struct flow *f, int answer);
/* Has half d of this flow records at this offset? Then other octets there are a nonce used twice. */
int secure_is_record(const struct flow *f, int d, uint64_t off);
void secure_finish(struct check *c, struct conn *k);
void secure_free_flow(struct flow *f);
void secure_free(struct conn *k);

/* ---- secrec.c ---- */
struct sec_half *secrec_half(struct flow *f, int d);
/* A mapping of half d. 0, or -1: it contradicts. */
int secrec_add(struct check *c, struct flow *f, int d, uint64_t ssn, uint64_t dsn, uint32_t dll);
/* Judges, in order, the frames and records that are whole by now. */
void secrec_judge(struct check *c, struct flow *f, int d);
int secrec_copy(const struct flow *f, int d, uint64_t at, uint8_t *out, uint32_t n);

/* ---- secopen.c ---- */
/* The record out of octets r[0..dll) of half d, whole and in order. 0, or -1: nothing behind it can be judged. */
int secopen_record(struct check *c, struct flow *f, int d, const struct sec_piece *at, uint8_t *r);
/* A join record r[0..n) of half 0. */
void secopen_join(struct check *c, struct flow *f, uint8_t *r, uint32_t n);

/* ---- secack.c ---- */
void secack_option(struct check *c, struct flow *f, int d, const struct frame *p);
/* End e acknowledges up to ack and gives room up to edge, both offsets: 1, or 0 when that is impossible. */
int secack_take(struct check *c, struct conn *k, int e, uint64_t ack, uint64_t edge);

/* ---- seckeys.c ---- */
/* Reads the key log of the options: 0, or -1, told on standard error. */
int seckeys_read(struct check *c);
void seckeys_free(struct check *c);
/* Have we the keys of k? */
int seckeys_have(struct check *c, struct conn *k);
/* MP_JOIN of the SYN/ACK, or of the third ACK. */
void seckeys_join(struct check *c, struct flow *f, int third, const struct frame *p);

#endif
