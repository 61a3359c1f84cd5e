/* SPDX-License-Identifier: MIT */
/* sec/sec.h - MPTCPsec: what conn/ calls. Pure functions over small structs, no allocation; sections 3.x are those
 * of sec/SPEC.md. "a" opened the MPTCP connection, "b" accepted it; "I", "R": initiator, responder of one join. */
#ifndef SEC_SEC_H
#define SEC_SEC_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"
#include "mpt.h"

/* What the peer's octets cost; conn/perror.c carries it out. */
enum mpt_sec_verdict {
    MPT_SEC_OK = 0,
    MPT_SEC_IGNORE, /* not verified, harmless: leave it out, count it (3.8) */
    MPT_SEC_RESET,  /* bad tag or mapping: reset the subflow, reason 6, suspect the path (3.9) */
    MPT_SEC_CLOSE,  /* verified but malformed: the peer is broken, close the connection (3.9) */
    MPT_SEC_ABORT,  /* handshake: RST with reason 1 (3.3) */
    MPT_SEC_LIMIT   /* ours: this key may do no more; close the subflow (3.4) */
};
enum mpt_sec_role { MPT_SEC_A, MPT_SEC_B };

/* ---- eno.c: the option TCP-ENO (RFC 8547), 3.2 --------------------------------------------------------------- */
enum { MPT_SEC_ENO_KIND = 69, MPT_SEC_SUITES = 6, MPT_SEC_ENO_MAX = 5 + MPT_SEC_SUITES };
enum { MPT_SEC_KX_X25519 = 1, MPT_SEC_KX_TLS = 2, MPT_SEC_KX_PSK = 3 }; /* high nibble of a suite */
enum mpt_sec_eno_form { MPT_SEC_ENO_SYN, MPT_SEC_ENO_SYNACK, MPT_SEC_ENO_ACK };

struct mpt_sec_eno {
    uint8_t form;                  /* enum mpt_sec_eno_form */
    uint8_t count;                 /* suites: SYN 1 to 6, SYN/ACK 1, ACK 0 */
    uint8_t suite[MPT_SEC_SUITES]; /* in the order of the option, most wanted first */
};

/* One option o[0..len), len == o[1]. 0, or MPT_EPROTO: not exactly ours ("no usable ENO" in 3.2). */
int mpt_sec_eno_parse(struct mpt_sec_eno *e, const uint8_t *o, size_t len, uint8_t tcp_flags);
uint8_t *mpt_sec_eno_build(uint8_t *p, const struct mpt_sec_eno *e); /* the new end */
/* The suite of `mine` that stands first in `offer`; 0: none. */
uint8_t mpt_sec_eno_choose(const struct mpt_sec_eno *offer, const uint8_t *mine, size_t n);
/* The suites that this process can do, most wanted first, of the key exchanges in `kx` (bits 1 << MPT_SEC_KX_...). */
size_t mpt_sec_eno_suites(uint8_t out[MPT_SEC_SUITES], uint8_t kx);

/* ---- negotiate.c: the table of 3.2 ----------------------------------------------------------------------------- */
enum mpt_sec_policy { MPT_SEC_OFF, MPT_SEC_PREFER, MPT_SEC_REQUIRE };
enum mpt_sec_mode {
    MPT_SEC_UNDECIDED, /* SYNs under way; b: until a's first data */
    MPT_SEC_HOLD,      /* b, not secure: a's first octets are looked at before the application gets them */
    MPT_SEC_REGULAR,   /* regular MPTCP or TCP, for good; declined says whether there was a wish */
    MPT_SEC_CONFIRMED, /* handshake or abort */
    MPT_SEC_REFUSED    /* RST, error */
};
struct mpt_sec_neg {
    uint8_t policy;   /* enum mpt_sec_policy */
    uint8_t mode;     /* enum mpt_sec_mode */
    uint8_t suite;    /* agreed, or answered by b; 0: none */
    uint8_t declined; /* policy wanted it and it was not to be: event sec_declined */
    uint8_t confirms; /* own ENO goes on every non-SYN segment */
};

void mpt_sec_neg_init(struct mpt_sec_neg *n, enum mpt_sec_policy policy);
/* a, on SYN/ACK. eno: what came, NULL: none or not usable; offer: what the SYN had (NULL: nothing). */
enum mpt_sec_mode mpt_sec_neg_synack(struct mpt_sec_neg *n, int mptcp, const struct mpt_sec_eno *eno,
                                     const struct mpt_sec_eno *offer);
/* b, on the first SYN: n->suite is the answer, 0 none. A repeated SYN gets the first answer again: do not call. */
enum mpt_sec_mode mpt_sec_neg_syn(struct mpt_sec_neg *n, int mptcp, const struct mpt_sec_eno *eno,
                                  const uint8_t *mine, size_t suites);
/* b, on a's segments without SYN while UNDECIDED or HOLD. mptcp: still MPTCP, this segment included; data: it has
 * payload; spoke: b's application has sent data. */
enum mpt_sec_mode mpt_sec_neg_segment(struct mpt_sec_neg *n, int mptcp, int has_eno, int data, int spoke);
/* b in HOLD: a's first octets p[0..n) as far as they are in order, dll: length of the first mapping (0: plain TCP);
 * last: no more will come (FIN, or the hold has lasted its time). HOLD on, REGULAR (release) or REFUSED. */
enum mpt_sec_mode mpt_sec_neg_look(struct mpt_sec_neg *n, const uint8_t *p, size_t len, uint32_t dll, int last);
void mpt_sec_neg_heard(struct mpt_sec_neg *n); /* ENO without SYN, or a frame, came: no more ENO from us */

/* ---- schedule.c: 3.3 (X, S0, S1), 3.4 ------------------------------------------------------------------------- */
struct mpt_sec_keys {
    uint8_t tx[2][32]; /* by sender: MPT_SEC_A, MPT_SEC_B */
    uint8_t jn[32];    /* MP_JOIN HMACs */
    uint8_t jr[32];    /* join records */
    uint8_t ak[2][16]; /* AACK, by its sender */
};
/* Names a subflow: role 0 the initial one (the rest zero), 1 join by a, 2 join by b. */
struct mpt_sec_sf_id {
    uint8_t role;
    uint8_t id_i, id_r; /* address ids of the two MP_JOINs */
    uint32_t r_i, r_r;  /* their randoms */
};

void mpt_sec_x(uint8_t *out, uint16_t n, const uint8_t secret[32], const char *label, const void *ctx, uint8_t ctx_len);
void mpt_sec_keys_make(struct mpt_sec_keys *k, const uint8_t master[32]);
void mpt_sec_sf_secret(uint8_t out[32], const uint8_t tx[32], const struct mpt_sec_sf_id *id);
void mpt_sec_sf_next(uint8_t secret[32]);                      /* one generation on, in place */
void mpt_sec_kiv(uint8_t kiv[44], const uint8_t secret[32]);   /* key 32 | iv 12 */

/* ---- record.c: 3.5 -------------------------------------------------------------------------------------------- */
enum { MPT_SEC_H_ACK = 0x01, MPT_SEC_H_CTL = 0x02, MPT_SEC_H_DFIN = 0x04, MPT_SEC_H_SFIN = 0x08, MPT_SEC_H_PAD = 0x10 };
enum { MPT_SEC_TAG = 16, MPT_SEC_ACK_LEN = 20, MPT_SEC_DLL_MIN = 17, MPT_SEC_DLL_MAX = 16640, MPT_SEC_DATA_MAX = 16384,
       MPT_SEC_RECORD_BITS = 0x1f, MPT_SEC_JOIN_BITS = 0x17, MPT_SEC_GENERATION_SHIFT = 34 };

/* The inside of a record; pointers into the caller's octets. */
struct mpt_sec_record {
    uint8_t h;           /* MPT_SEC_H_... */
    uint16_t pad;        /* MPT_SEC_H_PAD: zeros behind PLEN */
    uint32_t cack;       /* MPT_SEC_H_ACK: highest CSN processed in order */
    uint64_t ack, edge;  /* MPT_SEC_H_ACK: DATA_ACK64, EDGE64 */
    const uint8_t *ctl;  /* MPT_SEC_H_CTL: from CSN to the last TLV */
    uint32_t ctl_len;    /* of it, its 6 octets of head included */
    const uint8_t *data; /* parse only */
    uint32_t len;        /* of data */
};

/* One direction of one subflow: position, key, iv and generation secret. Sender and receiver have their own. Never
 * copied: position and key belong together, which is what makes nonces unique. */
struct mpt_sec_dir {
    const struct mpt_aead *aead; /* NULL: dead, wiped */
    uint64_t ssn;                /* of the next record's first octet */
    uint64_t generation;         /* ssn >> 34 that kiv is for */
    uint64_t blocks;             /* done under this key */
    uint8_t secret[32];          /* sf_g */
    uint8_t kiv[44];             /* key 32 | iv 12 */
};

uint32_t mpt_sec_prefix_len(const struct mpt_sec_record *r); /* H and what stands before the data */
uint8_t *mpt_sec_prefix_build(uint8_t *p, const struct mpt_sec_record *r); /* where the data goes */
/* p[0..n): verified plaintext; bits: those permitted; data_max: own PARAMS. OK or CLOSE. */
enum mpt_sec_verdict mpt_sec_record_parse(struct mpt_sec_record *r, const uint8_t *p, size_t n, uint8_t bits,
                                          uint32_t data_max);
/* tx: of the sender of this direction. ssn: first octet behind handshake or join record, at least 1. */
void mpt_sec_dir_init(struct mpt_sec_dir *d, const struct mpt_aead *aead, const uint8_t tx[32],
                      const struct mpt_sec_sf_id *id, uint64_t ssn);
void mpt_sec_dir_clear(struct mpt_sec_dir *d);
/* Seals text[0..n) in place, tag behind it, at d->ssn, and moves d->ssn on by DLL = n + 16. OK or LIMIT. */
enum mpt_sec_verdict mpt_sec_seal(struct mpt_sec_dir *d, uint64_t dsn, uint8_t *text, uint32_t n);
/* The record text[0..dll) of a mapping (ssn, dsn, dll), in place: OK, or RESET and d is dead, text lost. */
enum mpt_sec_verdict mpt_sec_open(struct mpt_sec_dir *d, uint64_t ssn, uint64_t dsn, uint8_t *text, uint32_t dll);

/* ---- control.c: 3.6 ------------------------------------------------------------------------------------------- */
enum { MPT_SEC_CTL_HEAD = 6, MPT_SEC_CTL_HELD = 32 };
enum mpt_sec_tlv_type { MPT_SEC_PARAMS = 1, MPT_SEC_ADD_ADDR, MPT_SEC_REMOVE_ADDR, MPT_SEC_PRIO, MPT_SEC_FASTCLOSE };
enum { MPT_SEC_PARAMS_JWD = 0x01 };

struct mpt_sec_tlv {
    uint8_t type;         /* enum mpt_sec_tlv_type */
    uint8_t flags;        /* PARAMS: MPT_SEC_PARAMS_... */
    uint16_t record_max;  /* PARAMS: 1 to 16,384 octets of data */
    uint8_t id;           /* ADD_ADDR */
    struct mpt_addr addr; /* ADD_ADDR: family, address, port (0: none) */
    const uint8_t *ids;   /* REMOVE_ADDR */
    uint8_t count;        /* REMOVE_ADDR: at least 1 */
    uint8_t role;         /* PRIO: as in struct mpt_sec_sf_id */
    uint32_t r_i, r_r;    /* PRIO: with role, the subflow */
    uint8_t backup;       /* PRIO: 0 or 1 */
    uint8_t code;         /* FASTCLOSE */
};
/* CSNs that came out of order; the messages themselves lie with the caller, in 32 slots by csn % 32. */
struct mpt_sec_order {
    uint32_t next; /* CSN to process next; CACK = next - 1 */
    uint32_t held; /* bit csn % 32: it waits in that slot */
};
enum mpt_sec_order_verdict { MPT_SEC_ORDER_NOW, MPT_SEC_ORDER_HOLD, MPT_SEC_ORDER_OLD, MPT_SEC_ORDER_FAR };

uint8_t *mpt_sec_ctl_build(uint8_t *p, uint32_t csn, uint16_t tlvs_len); /* head; TLVs follow at the result */
uint8_t *mpt_sec_tlv_build(uint8_t *p, const struct mpt_sec_tlv *t);
/* The CTL that p begins with: its length, 0: impossible, or a TLV in it is. */
uint32_t mpt_sec_ctl_len(const uint8_t *p, size_t n);
uint32_t mpt_sec_ctl_csn(const uint8_t *ctl);
/* The TLV at *at (0: the first) of a CTL that mpt_sec_ctl_len() accepted: 1, or 0 behind the last. */
int mpt_sec_tlv_next(struct mpt_sec_tlv *t, const uint8_t *ctl, uint32_t ctl_len, uint32_t *at);
/* FASTCLOSE counts at once, whatever its CSN: 1 and its code, or 0. */
int mpt_sec_ctl_fastclose(const uint8_t *ctl, uint32_t ctl_len, uint8_t *code);
void mpt_sec_order_init(struct mpt_sec_order *o);
enum mpt_sec_order_verdict mpt_sec_order_take(struct mpt_sec_order *o, uint32_t csn);
int mpt_sec_order_pop(struct mpt_sec_order *o); /* slot of the message that is due next, or -1 */
/* CACK of the peer: moves *acked forward; CLOSE when it names a CSN that was never sent (sent: highest). */
enum mpt_sec_verdict mpt_sec_cack(uint32_t *acked, uint32_t sent, uint32_t cack);

/* ---- ack.c: 3.8 ----------------------------------------------------------------------------------------------- */
enum { MPT_SEC_AACK_LEN = 20 };

/* What the sender of data knows of the peer; moves forward only. */
struct mpt_sec_window {
    uint64_t una;  /* highest verified DATA_ACK */
    uint64_t edge; /* highest verified EDGE64: no data at or beyond it */
};
/* ak: of the sender of the AACK. EDGE64 = dack + wnd. 20 octets, the new end. */
uint8_t *mpt_sec_aack_build(uint8_t *p, const uint8_t ak[16], uint64_t dack, uint32_t wnd);
/* One option o[0..len); near: a DSN in flight (snd_una), to which the 32 bits belong. OK and *dack, *edge; IGNORE. */
enum mpt_sec_verdict mpt_sec_aack_open(const uint8_t *o, size_t len, const uint8_t ak[16], uint64_t near,
                                       uint64_t *dack, uint64_t *edge);
/* A verified AACK or ACK prefix. OK, or CLOSE: it acknowledges what was never sent, or its edge lies before it. */
enum mpt_sec_verdict mpt_sec_window_take(struct mpt_sec_window *w, uint64_t dack, uint64_t edge, uint64_t snd_nxt);

/* ---- join.c: 3.7 ---------------------------------------------------------------------------------------------- */
enum { MPT_SEC_MPJ = 12, MPT_SEC_JOIN_HEAD = 3, MPT_SEC_JOIN_MAX = 16384 };

/* HMAC of the SYN/ACK (third 0: the first 8 octets) and of the third ACK (third 1: 20). nibble, id_r, r_r: of the
 * SYN/ACK; mpj: the SYN's option as sent. */
void mpt_sec_join_hmac(uint8_t out[32], const uint8_t jn[32], int third, uint8_t role, const uint8_t mpj[MPT_SEC_MPJ],
                       uint8_t nibble, uint8_t id_r, uint32_t r_r);

/* The key of one join record; gone after one use. */
struct mpt_sec_join {
    const struct mpt_aead *aead; /* NULL: used */
    uint8_t kiv[44];             /* key 32 | nonce 12 */
    uint8_t mpj[MPT_SEC_MPJ];    /* additional data, with V and BLEN */
};
void mpt_sec_join_init(struct mpt_sec_join *j, const struct mpt_aead *aead, const uint8_t jr[32], uint8_t role,
                       const uint8_t mpj[MPT_SEC_MPJ]);
/* V, BLEN, H, DSN and prefixes at p; r->len octets of data go to the result. NULL: more than 16,384 in all. */
uint8_t *mpt_sec_join_build(uint8_t *p, const struct mpt_sec_record *r, uint64_t dsn);
/* Seals what join_build began, n octets without tag: OK, or LIMIT: this random has had its record. */
enum mpt_sec_verdict mpt_sec_join_seal(struct mpt_sec_join *j, uint8_t *record, uint32_t n);
uint32_t mpt_sec_join_len(const uint8_t *p, size_t n); /* of the record that p begins with (3 octets are enough); 0: none */
/* A record of clear mode or an opened one, its tag left out of sight: OK, RESET (framing) or CLOSE; r points into it. */
enum mpt_sec_verdict mpt_sec_join_parse(struct mpt_sec_record *r, uint64_t *dsn, const uint8_t *record, size_t n,
                                        uint32_t data_max);
/* In place. OK, or RESET: tag or framing. */
enum mpt_sec_verdict mpt_sec_join_open(struct mpt_sec_join *j, uint8_t *record, size_t n);

/* ---- handshake.c, frame.c: 3.3 ---------------------------------------------------------------------------------- */
enum { MPT_SEC_HELLO = 1, MPT_SEC_REPLY = 2, MPT_SEC_AUTH = 3, MPT_SEC_FIN = 4, MPT_SEC_TLS = 9 };
enum { MPT_SEC_FRAME_HEAD = 3, MPT_SEC_FRAME_MAX = 3 + 8 + 32 + 32 + 1 + MPT_SEC_SUITES + 1 + 255, MPT_SEC_MAGIC_LEN = 8,
       MPT_SEC_PSK_MIN = 16 };
#define MPT_SEC_MAGIC "MPTSEC1" /* with its final zero: 8 octets */

/* N: what the SYNs said. Each side puts in what it sent and what it received, octet by octet. */
struct mpt_sec_names {
    uint8_t capable_syn[4], capable_synack[12], key_a[8];
    uint8_t eno_syn[MPT_SEC_ENO_MAX], eno_synack[7];
};
/* Pointers must live as long as the handshake. */
struct mpt_sec_hs_config {
    uint8_t role;                /* enum mpt_sec_role */
    const struct mpt_aead *aead; /* of the agreed suite */
    const uint8_t *psk;          /* kx 3: psk_len octets, at least MPT_SEC_PSK_MIN */
    size_t psk_len;
    const uint8_t *psk_id;       /* kx 3: its public name */
    uint8_t psk_id_len;
    const uint8_t *seed;         /* b: Ed25519 private key, NULL: atype 0 */
    const uint8_t *peer_key;     /* a: b's Ed25519 key must be this one; NULL: any, or none */
    const uint8_t *random;       /* 64 octets of env.random: hello random, X25519 secret. Copied */
};
enum mpt_sec_auth { MPT_SEC_AUTH_NONE = 0, MPT_SEC_AUTH_KEY = 1, MPT_SEC_AUTH_PSK = 2 }; /* bits: how b is known to a */
enum mpt_sec_hs_state { MPT_SEC_HS_SEND_HELLO, MPT_SEC_HS_WAIT_REPLY, MPT_SEC_HS_WAIT_AUTH, MPT_SEC_HS_SEND_FIN,
                        MPT_SEC_HS_WAIT_HELLO, MPT_SEC_HS_SEND_REPLY, MPT_SEC_HS_SEND_AUTH, MPT_SEC_HS_WAIT_FIN,
                        MPT_SEC_HS_DONE, MPT_SEC_HS_FAILED };

/* One handshake; wiped when it is done or has failed. */
struct mpt_sec_hs {
    struct mpt_sec_hs_config config; /* as given */
    uint8_t state;               /* enum mpt_sec_hs_state */
    uint8_t suite;               /* kx << 4 | aead */
    uint8_t count;               /* suites offered */
    uint8_t suites[MPT_SEC_SUITES];
    uint8_t auth;                /* DONE: bits of enum mpt_sec_auth */
    uint8_t key[32];             /* b's Ed25519 key; a: valid with MPT_SEC_AUTH_KEY */
    uint8_t random[32];          /* own */
    uint8_t secret[32];          /* own X25519 secret, until S1 */
    uint8_t s1[32];              /* until master */
    uint8_t th[32];              /* SHA256(N || HELLO || REPLY) */
    uint8_t fin_a[32];           /* expected or to be sent */
    uint8_t master[32];          /* from fin_b on, until mpt_sec_hs_keys() */
    struct mpt_sha256 transcript; /* N, then HELLO, REPLY, P */
    uint16_t have;               /* octets of frame[] */
    uint8_t frame[MPT_SEC_FRAME_MAX]; /* the peer's frame as far as it has come */
};

/* 0 or MPT_EINVAL: config without what the suite asks for, or N without a valid ENO pair; kx 2 is the host's own. */
int mpt_sec_hs_init(struct mpt_sec_hs *hs, const struct mpt_sec_hs_config *config, const struct mpt_sec_names *names);
/* The next frame to send, at most one (a mapping holds octets of one frame only): its length; 0: nothing now, or
 * cap is below MPT_SEC_FRAME_MAX. */
size_t mpt_sec_hs_write(struct mpt_sec_hs *hs, uint8_t *out, size_t cap);
/* The peer's octets in order, in any pieces. *used: how many belonged to a frame (what is behind the last frame is
 * left: records). OK, or ABORT: everything is wiped. */
enum mpt_sec_verdict mpt_sec_hs_read(struct mpt_sec_hs *hs, const uint8_t *p, size_t n, size_t *used);
int mpt_sec_hs_done(const struct mpt_sec_hs *hs);
int mpt_sec_hs_keys(struct mpt_sec_hs *hs, struct mpt_sec_keys *keys); /* DONE: keys, once; hs is wiped. 0 or MPT_EAGAIN */
void mpt_sec_hs_clear(struct mpt_sec_hs *hs);

/* kx 2: SHA256(N), the context of the TLS exporter, which gives master; frames around the TLS octets. */
int mpt_sec_names_hash(const struct mpt_sec_names *names, uint8_t out[32]);
/* Head (and magic, when first: a's first one) for n octets of TLS: the new end; those octets follow there. */
uint8_t *mpt_sec_tls_build(uint8_t *p, uint16_t n, int first);
/* p[0..n) is one whole frame: OK and the octets inside, or ABORT. */
enum mpt_sec_verdict mpt_sec_tls_parse(const uint8_t *p, size_t n, int first, const uint8_t **body, size_t *len);

#endif
