/* SPDX-License-Identifier: MIT */
/* attack/private.h - what the files of this room share: the attacker's knowledge and its tools. */
#ifndef ATTACK_PRIVATE_H
#define ATTACK_PRIVATE_H

#include "attack/attack.h"
#include "base/list.h"
#include "base/mem.h"
#include "wire/tcp.h"

enum {
    ATTACK_FLOWS = 64 /* 4-tuples kept */,
    ATTACK_CONNS = 16 /* connections kept */,
    ATTACK_ENDS = 8 /* TCP ends of the attacker's own */,
    ATTACK_QUEUE = 4096 /* packets waiting to be sent */,
    ATTACK_OPT_ENO = 69 /* RFC 8547 */
};

/* What MP_CAPABLE told (RFC 8684 3.1): side 0 is the phone's, 1 the server's. */
struct attack_conn {
    uint64_t key[2];
    uint64_t idsn[2];
    uint32_t token[2];
    uint8_t known[2]; /* the key was seen */
    uint8_t zero[6];
};

/* One sender of a flow, as far as its packets tell. */
struct attack_side {
    uint32_t isn;          /* initial sequence number */
    uint32_t nxt;          /* behind the highest octet seen */
    uint32_t ack;          /* its latest acknowledgement */
    uint32_t ts_val;       /* its latest timestamp (RFC 7323) */
    uint16_t window;       /* as on the wire */
    uint8_t has_syn;       /* isn is known */
    uint8_t has_ack;       /* ack is known */
    uint8_t has_ts;        /* sends timestamps */
    uint8_t id;            /* address id of its MP_JOIN; 0 of the first subflow */
    uint8_t has_map;       /* dsn.. are known */
    uint8_t has_dack;      /* dack is known */
    uint8_t checksum;      /* its mappings have checksums */
    uint8_t join_hmac;     /* its third ACK was seen */
    uint64_t dsn;          /* data sequence number that belongs to nxt; the upper half may be a guess */
    uint64_t dack;         /* its latest DATA_ACK, likewise */
    uint32_t random;       /* nonce of its MP_JOIN */
    uint32_t zero;
};

struct mpt_attack_flow {
    struct mpt_addr end[2];   /* phone, server */
    uint32_t path;            /* where it was seen first */
    uint8_t join;             /* began with MP_JOIN */
    uint8_t initiator;        /* side of the SYN */
    uint8_t mptcp;            /* has shown MPTCP options beyond its SYN */
    uint8_t dead;             /* RST was seen */
    uint32_t token;           /* of its MP_JOIN SYN */
    uint32_t zero;
    struct attack_conn *conn; /* NULL: began before the attacker looked, or is no MPTCP */
    struct attack_side side[2];
};

/* A play being carried out. */
struct mpt_attack_aim {
    struct mpt_attack_play play;
    const struct mpt_attack_row *row;
    uint64_t seen[2]; /* packets that suited it, by direction */
    uint64_t done[2]; /* times it acted */
    uint64_t next_at; /* tick; MPT_NEVER: none */
    uint32_t n;       /* the attack's own count: ports, ids */
    uint32_t kept_len;
    uint8_t kept[MPT_ATTACK_SEGMENT];  /* the attack's own octets: a half segment, an option */
    struct mpt_attack_view kept_view;  /* where they came from */
};

/* A packet under the knife: octets are in the attacker's buffer. */
struct mpt_attack_seg {
    struct mpt_attack_view v;
    struct mpt_segment s;         /* parsed from the buffer */
    struct mpt_attack_flow *flow; /* NULL: table full */
    uint8_t *opt;                 /* its options, writable */
    uint8_t *data;                /* its data, writable */
    int edited;                   /* checksums are due */
};

/* A packet that is to be sent. */
struct attack_out {
    struct attack_out *next;
    uint64_t at;
    struct mpt_attack_view v; /* tcp points behind this struct */
};

/* A TCP end that the attacker plays itself: enough to take part in a join and to swallow data. */
struct attack_end {
    struct mpt_addr local, remote;
    uint32_t path;   /* where it speaks */
    uint32_t dir;    /* of what it sends */
    uint32_t iss, snd, rcv;
    uint32_t random, peer_random;
    uint32_t state;  /* 0 free, 1 SYN sent, 2 open */
    uint8_t id;      /* address id */
    uint8_t poison;  /* sends forged data once open */
    uint8_t zero[2];
    struct attack_conn *conn;
    struct mpt_attack_aim *aim; /* on whose account */
    uint64_t dsn;    /* of what it forges */
};

struct mpt_attack {
    struct mpt_env env;
    struct mpt_mem mem;
    struct mpt_attack_config config;
    struct mpt_attack_aim *aim; /* config.plays */
    struct mpt_attack_flow flow[ATTACK_FLOWS];
    size_t flows;
    struct attack_conn conn[ATTACK_CONNS];
    size_t conns;
    struct attack_end end[ATTACK_ENDS];
    struct attack_out *queue; /* by time, equal times in order */
    struct attack_out *lent;  /* what output returned last */
    size_t queued;
    struct mpt_attack_stats stats;
    const struct mpt_attack_aim *acting; /* for the log */
    struct mpt_attack_seg seg;
    uint8_t buffer[MPT_ATTACK_SEGMENT];
};

/* attack.c */
/* This packet suits the attack: 1 when it is its turn (every n-th, at most count times), which is then counted. */
int mpt_attack_turn(struct mpt_attack_aim *m, uint32_t dir);
/* Sends a segment (copied) at a time: 0, or MPT_ENOMEM / MPT_ELIMIT, counted. Its checksum must be right. */
int mpt_attack_send(struct mpt_attack *a, const struct mpt_attack_view *v, uint64_t at, uint64_t now);
/* Takes the packet and sends it on at `at`: MPT_ATTACK_TAKEN. */
int mpt_attack_hold(struct mpt_attack *a, struct mpt_attack_seg *p, uint64_t at, uint64_t now);
/* Takes it for good: MPT_ATTACK_TAKEN. */
int mpt_attack_drop(struct mpt_attack *a, struct mpt_attack_seg *p, uint64_t now);
uint32_t mpt_attack_random(struct mpt_attack *a);

/* learn.c */
void mpt_learn_packet(struct mpt_attack *a, struct mpt_attack_seg *p);
/* Where nonce, id and token of a join stand. */
struct attack_conn *mpt_learn_token(struct mpt_attack *a, uint32_t token);
/* A flow of the attacker's knowledge whose keys are both known, or NULL. */
struct mpt_attack_flow *mpt_learn_keyed(struct mpt_attack *a);
/* 1: both SYNs were seen and the flow has not been reset. */
int mpt_learn_open(const struct mpt_attack_flow *f);

/* edit.c */
/* Reads the buffer again after its length or header changed: 0, or -1: no segment any more. */
int mpt_edit_parse(struct mpt_attack_seg *p);
/* The TCP checksum of a view. */
void mpt_edit_checksum(struct mpt_attack_view *v);
/* First option of a kind, MPTCP subtype sub (kind 30; -1: any); NULL: absent. */
uint8_t *mpt_edit_find(struct mpt_attack_seg *p, uint8_t kind, int sub);
/* Overwrites it with NOPs: 1, or 0 when absent. All of them. */
int mpt_edit_strip(struct mpt_attack_seg *p, uint8_t kind, int sub);
/* Offsets of DSN, SSN, DLL, checksum in the DSS option at o; 0: absent. */
struct attack_dss { uint8_t *ack, *dsn, *ssn, *dll, *checksum; };
int mpt_edit_dss(struct mpt_attack_seg *p, struct attack_dss *d);
/* Recomputes the DSS checksum when the whole mapping is in this segment: 1, else 0. */
int mpt_edit_dss_checksum(struct mpt_attack_seg *p);
/* Adds to a big-endian number of n octets. */
void mpt_edit_add(uint8_t *p, int n, uint64_t by);

/* forge.c */
struct attack_forge {
    uint8_t flags;      /* of the TCP header; ACK is added */
    uint8_t opts;       /* octets in opt */
    uint8_t keep_window; /* 1: window stands, 0: the sender's latest */
    uint8_t has_ack;    /* 1: ack stands */
    uint16_t window;
    uint16_t len;       /* octets of data */
    uint32_t ack;
    uint8_t opt[40];    /* without timestamps */
    const uint8_t *data;
};
/* A segment that seems to come from the sender of dir, right behind its last one: 1, or 0. */
int mpt_forge_send(struct mpt_attack *a, const struct mpt_attack_flow *f, uint32_t dir, const struct attack_forge *g,
                   uint64_t now);
/* DATA_ACK part and, with a mapping, DSN, SSN, DLL: writes a DSS into g. Lower halves only: they need no key. */
void mpt_forge_dss(struct attack_forge *g, const struct mpt_attack_flow *f, uint32_t dir, const struct mpt_dss *d);
/* A segment out of nothing. */
int mpt_forge_raw(struct mpt_attack *a, const struct mpt_attack_view *v, const struct mpt_tcp_out *out,
                  const uint8_t *opt, const uint8_t *data, uint64_t at, uint64_t now);

/* end.c */
/* A host of the attacker for the family of addr, with a port. */
struct mpt_addr mpt_end_host(const struct mpt_attack *a, const struct mpt_addr *addr, uint16_t port);
/* The packet is for an end or a host of the attacker: 1, and it was answered. */
int mpt_end_take(struct mpt_attack *a, struct mpt_attack_seg *p, uint64_t now);
/* A new end that begins a join towards f->end[1] from the phone's address and a port of its own; NULL: no room. */
struct attack_end *mpt_end_join(struct mpt_attack *a, struct mpt_attack_aim *m, const struct mpt_attack_flow *f,
                                uint16_t port, uint64_t now);

/* Catalogue parts, each ended by a row without a name. */
extern const struct mpt_attack_row mpt_attack_payload[], mpt_attack_tcp[], mpt_attack_data[], mpt_attack_control[],
    mpt_attack_strip[], mpt_attack_deny[], mpt_attack_replay[], mpt_attack_negotiation[], mpt_attack_join[],
    mpt_attack_middlebox[];

#endif
