/* SPDX-License-Identifier: MIT */
/* secure/secure.h - MPTCPsec in a connection (sec/SPEC.md): conn/ calls at the places marked, the pure functions are
 * sec/'s. Everything is a no-op for a connection that is not secure. Rooms: secure.c life, opening.c 3.2, shake.c 3.3,
 * send.c and receive.c 3.5, ack.c 3.8, control.c 3.6, join.c 3.7, suspect.c 3.9. */
#ifndef SECURE_SECURE_H
#define SECURE_SECURE_H

#include "conn/conn.h"
#include "sec/sec.h"

enum mpt_secure_phase {
    MPT_SECURE_OPENING, /* SYNs; at the listener until the client's first data (3.2) */
    MPT_SECURE_SHAKING, /* confirmed: handshake or abort (3.3) */
    MPT_SECURE_KEYED    /* records (3.5) */
};

/* One record from its sealing to its DATA_ACK. Its octets lie in mpt_secure_flow.cipher until TCP has them. */
struct mpt_secure_record {
    uint64_t ssn;  /* of its first octet */
    uint64_t dsn;  /* stream offset of its data */
    uint32_t len;  /* octets of data */
    uint32_t dll;  /* octets on the subflow */
};

/* Of a subflow. */
struct mpt_secure_flow {
    struct mpt_sec_dir tx, rx;    /* keys and positions; never copied */
    struct mpt_stream cipher;     /* sealed octets that TCP may ask for; offset 0 is SSN `base` */
    uint64_t base;                /* SSN of the first record's first octet */
    struct mpt_secure_record *records; /* sorted; [head, head + count) */
    uint32_t head, count, room;
    uint32_t skip;                /* octets of a record that was opened whole and that the flow brings yet */
    uint64_t told_ack, told_edge; /* of the last AACK or ACK prefix here (offsets) */
    uint8_t tx_made, rx_made;     /* a wiped direction stays wiped */
    uint8_t bare_ack;             /* the last pure ACK had no AACK */
    uint8_t sfin_in;              /* the peer's last record here has come (3.5) */
    uint8_t leaving;              /* MPT_SECURE_STAYS ...: ours */
    uint8_t nibble;               /* of the SYN/ACK's MP_JOIN (3.7) */
    uint8_t has_mpj;              /* mpj is set */
    uint8_t mpj[MPT_SEC_MPJ];     /* MP_JOIN of the SYN as it was sent or came */
};

/* A control message, from its making to its CACK (3.6). */
struct mpt_secure_ctl {
    struct mpt_secure_ctl *next;
    uint32_t csn;
    uint16_t len;      /* head and TLVs */
    uint32_t carrier;  /* number of the subflow that has it in flight, 0 = to be sent */
    uint32_t avoid;    /* number of the one that had it in vain */
    uint8_t octets[];
};

/* A path that damaged records, or whose octets vanish behind its ACKs: no join there until then (3.9). */
struct mpt_secure_suspect {
    uint8_t local_id, remote_id, fails;
    uint64_t until;
};
enum { MPT_SECURE_SUSPECTS = 4,
       MPT_SECURE_UNVERIFIED = 65536, /* octets that may be sent, and are taken, before the first verified EDGE (3.8) */
       MPT_SECURE_RECORD_LEAST = 1460 /* octets of data that every receiver takes: PARAMS may be on their way */ };

enum { MPT_SECURE_STAYS, MPT_SECURE_LEAVES, MPT_SECURE_SFIN }; /* SFIN is due; has been sealed, FIN follows its octets */
enum { MPT_SECURE_ANSWER_NONE, MPT_SECURE_ANSWER_SOON, MPT_SECURE_ANSWER_NOW };

struct mpt_secure_hand; /* handshake under way: shake.c */
struct mpt_secure_held; /* control messages that came out of order: control.c */

/* Of a connection. */
struct mpt_secure {
    struct mpt_sec_neg neg;
    uint8_t phase;                /* enum mpt_secure_phase */
    uint8_t may_join;             /* a: the path manager was told */
    uint8_t heard;                /* a record of the peer has verified: key confirmation (3.3) */
    uint8_t auth;                 /* enum mpt_sec_auth bits */
    uint8_t first_sent;           /* our first record has left */
    uint8_t params_in;            /* the peer's PARAMS have come */
    uint8_t answer;               /* MPT_SECURE_ANSWER_...: control of the peer is to be answered, or must be now (3.6) */
    uint16_t record_max;          /* of the peer: octets of data */
    const struct mpt_aead *aead;
    struct mpt_sec_keys keys;
    uint64_t tx_start, rx_start;  /* stream offsets of the first octets of the applications */
    uint64_t told_ack, told_edge; /* of the last record or AACK on any subflow */
    uint64_t handshake_at;        /* limit of the handshake */
    uint64_t answer_at;           /* a record with control is answered by then (3.6) */
    uint64_t watch_at, watch_una; /* DATA_ACK stands still behind TCP's ACKs: 3.8 */
    uint64_t until_at;            /* a suspicion ends */
    uint64_t ctl_at;              /* control without CACK is said again then, elsewhere */
    uint32_t ctl_csn;             /* csn_acked when that was set */
    uint8_t untold;               /* addresses or priorities are to be put into control messages */
    struct mpt_sec_order order;   /* CSNs of the peer */
    uint32_t csn_sent, csn_acked;
    struct mpt_secure_ctl *ctl;   /* ours, not acknowledged; oldest first */
    struct mpt_secure_held *held;
    struct mpt_secure_hand *hand; /* until KEYED */
    struct mpt_secure_suspect suspect[MPT_SECURE_SUSPECTS];
    uint8_t suspect_next;
};

static inline int mpt_secure_keyed(const struct mpt_conn *c)
{
    return c->secure && c->secure->phase == MPT_SECURE_KEYED;
}
/* Confirmed: no fallback, no clear control any more (3.2). */
static inline int mpt_secure_bound(const struct mpt_conn *c)
{
    return c->secure && c->secure->phase != MPT_SECURE_OPENING;
}

/* May we join? a only when b has answered in a record: a join could be faster than the last frame of the handshake, and
 * would be refused (3.2). */
static inline int mpt_secure_may_join(const struct mpt_conn *c)
{
    return mpt_secure_keyed(c) && (c->passive || c->secure->heard);
}
/* Nothing new may leave there. */
static inline int mpt_secure_leaves(const struct mpt_subflow *sf)
{
    return sf->secure && sf->secure->leaving;
}

/* secure.c */
int mpt_secure_new(struct mpt_conn *c);        /* 0 or MPT_ENOMEM */
void mpt_secure_free(struct mpt_conn *c);
int mpt_secure_flow_new(struct mpt_subflow *sf);
void mpt_secure_flow_free(struct mpt_subflow *sf);
void mpt_secure_abort(struct mpt_conn *c, uint64_t now);  /* MPT_ESECURE: RST with reason 1 (3.3) */
void mpt_secure_broken(struct mpt_conn *c, uint64_t now); /* verified but impossible: MPT_EPROTO (3.9) */
uint64_t mpt_secure_deadline(const struct mpt_conn *c);
void mpt_secure_expire(struct mpt_conn *c, uint64_t now);
void mpt_secure_set_keys(struct mpt_conn *c, uint64_t now); /* handshake done */
uint8_t *mpt_secure_scratch(struct mpt_stack *s);          /* 16,640 octets; NULL: out of memory */
void mpt_secure_stack_free(struct mpt_stack *s);

/* opening.c: TCP-ENO beside MP_CAPABLE */
int mpt_secure_connect(struct mpt_conn *c);     /* active open: 0, MPT_ENOMEM, MPT_ESECURE */
int mpt_secure_syn(struct mpt_conn *c, const struct mpt_segment *s, uint64_t now);   /* listener: 0, or refuse */
int mpt_secure_synack(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now); /* 1: the subflow is gone */
int mpt_secure_segment(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now); /* no SYN; 1: gone */
uint32_t mpt_secure_eno(struct mpt_subflow *sf, enum mpt_flow_out what, uint8_t *p, uint32_t room);
int mpt_secure_answers(const struct mpt_conn *c); /* ENO is in our SYN/ACK: no room for EXT (3.1) */
void mpt_secure_look(struct mpt_conn *c, const struct mpt_subflow *sf, int last, uint64_t now); /* while c->sec_hold */
void mpt_secure_note_capable(struct mpt_conn *c, enum mpt_flow_out what, const uint8_t *option, uint32_t n);
void mpt_secure_spoke(struct mpt_conn *c, uint64_t now); /* the application writes */
int mpt_secure_waits(const struct mpt_conn *c); /* the host must not be told yet, and may not write */

/* shake.c */
int mpt_secure_shake(struct mpt_conn *c, uint64_t now);       /* begins: 0, or the connection is gone */
void mpt_secure_shake_out(struct mpt_conn *c, uint64_t now);  /* the next frame goes into the stream */
int mpt_secure_shake_full(const struct mpt_conn *c); /* a whole frame waits for the host: nothing more now */
int mpt_secure_shake_in(struct mpt_conn *c, uint64_t now);    /* octets in order came; <0: the connection is gone */
void mpt_secure_shake_left(struct mpt_conn *c);               /* some of its octets were sent */
void mpt_secure_shake_free(struct mpt_conn *c);

/* send.c */
int mpt_secure_transmit(struct mpt_subflow *sf, uint64_t from, uint64_t to, uint16_t flags, struct mpt_packet *packet,
                        uint64_t now); /* as transmit() of conn/send.c */
int mpt_secure_output(struct mpt_conn *c, struct mpt_packet *packet, int idle, uint64_t now); /* begun records, empty
                                                       records; idle: no data wants to leave */
const struct mpt_secure_record *mpt_secure_find(const struct mpt_subflow *sf, uint64_t ssn); /* NULL: not of a record */
void mpt_secure_copy(const struct mpt_subflow *sf, uint64_t ssn, uint8_t *out, uint32_t n);
void mpt_secure_acked(struct mpt_subflow *sf, const struct mpt_seg *seg);
void mpt_secure_reinject(struct mpt_subflow *sf, uint32_t cause, uint64_t now);
uint64_t mpt_secure_holds(const struct mpt_subflow *sf, uint64_t at); /* as mpt_reinject_holds */
uint64_t mpt_secure_backlog(const struct mpt_subflow *sf);           /* sealed octets that have not left yet */

/* receive.c */
int64_t mpt_secure_deliver(struct mpt_subflow *sf, const struct mpt_mapping *m, const uint8_t *data, size_t n,
                           uint64_t now); /* octets of the record at m taken, 0 = wait, <0: reset */
int64_t mpt_secure_skip(struct mpt_subflow *sf, size_t n); /* rest of a record opened whole */
int mpt_secure_ack_in(struct mpt_subflow *sf, uint64_t dack, uint64_t edge, uint64_t now); /* verified; 1: gone */

/* ack.c */
void mpt_secure_standing(struct mpt_conn *c, uint64_t *ack, uint64_t *edge);
uint32_t mpt_secure_aack(struct mpt_subflow *sf, uint8_t *p, uint32_t room); /* on a pure ACK */
int mpt_secure_aack_in(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now); /* 1: gone */
void mpt_secure_window_changed(struct mpt_conn *c); /* the reader made room */
uint64_t mpt_secure_wait(const struct mpt_conn *c); /* so long something may stand still (3.8) */
void mpt_secure_watch(struct mpt_conn *c, uint64_t now);
void mpt_secure_watch_expire(struct mpt_conn *c, uint64_t now);

/* control.c */
int mpt_secure_say(struct mpt_conn *c, const struct mpt_sec_tlv *tlv, uint64_t now); /* queues: 0 or MPT_ENOMEM */
struct mpt_secure_ctl *mpt_secure_unsent(const struct mpt_conn *c);  /* the next to go into a record; NULL: none */
int mpt_secure_unsent_behind(const struct mpt_secure_ctl *m);  /* another waits behind it */
void mpt_secure_unsay(struct mpt_subflow *sf);                 /* its messages are to be sent again */
int mpt_secure_ctl_in(struct mpt_subflow *sf, const uint8_t *ctl, uint32_t len, uint64_t now); /* 1: gone */
int mpt_secure_cack(struct mpt_conn *c, uint32_t cack, uint64_t now); /* 1: the peer is broken */
void mpt_secure_tell(struct mpt_conn *c);                      /* announcements, priorities: soon */
int mpt_secure_say_only(struct mpt_conn *c, const struct mpt_sec_tlv *tlv, uint64_t now); /* all others are dropped */
int mpt_secure_ctl_room(struct mpt_conn *c, const uint8_t *ctl, uint32_t len); /* memory for one before its turn: 0 or MPT_ENOMEM */
void mpt_secure_ctl_sent(struct mpt_subflow *sf, struct mpt_secure_ctl *m, uint64_t now);
void mpt_secure_ctl_expire(struct mpt_conn *c, uint64_t now);
void mpt_secure_adopt(struct mpt_conn *c);                     /* keyed: what waited for it */
void mpt_secure_translate(struct mpt_conn *c, uint64_t now);   /* untold */

/* close.c: SFIN, FASTCLOSE */
void mpt_secure_leave(struct mpt_subflow *sf, uint64_t now);   /* a last record, then FIN */
void mpt_secure_peer_fin(struct mpt_subflow *sf, uint64_t now);
void mpt_secure_flow_gone(struct mpt_subflow *sf, uint64_t now); /* by RST, perhaps by nobody's */
void mpt_secure_fastclose(struct mpt_conn *c, uint64_t now);
void mpt_secure_fastclosed(struct mpt_conn *c, uint8_t code, uint64_t now); /* by the peer */
void mpt_secure_fastclose_expire(struct mpt_conn *c, uint64_t now);
void mpt_secure_ctl_free(struct mpt_conn *c);

/* join.c */
uint8_t mpt_secure_role(const struct mpt_subflow *sf);         /* of struct mpt_sec_sf_id */
void mpt_secure_sf_id(const struct mpt_subflow *sf, struct mpt_sec_sf_id *id);
struct mpt_jwd_record;
void mpt_secure_join_seal(const struct mpt_subflow *sf, const uint8_t mpj[MPT_SEC_MPJ], uint8_t *record, uint32_t n);
int mpt_secure_join_open(struct mpt_conn *c, const uint8_t mpj[MPT_SEC_MPJ], uint8_t *record, size_t n);
int mpt_secure_join_take(struct mpt_subflow *sf, const struct mpt_jwd_record *r, uint64_t now); /* prefixes; 1: gone */
void mpt_secure_join_hmac(const struct mpt_subflow *sf, int third, uint8_t out[32]);

/* suspect.c: 3.9 */
void mpt_secure_suspect(struct mpt_subflow *sf, uint64_t now);
int mpt_secure_suspected(struct mpt_conn *c, uint8_t local_id, uint8_t remote_id, uint64_t now);

#endif
