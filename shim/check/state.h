/* SPDX-License-Identifier: MIT */
/* check/state.h - what the checker knows: the packet at hand, flows (TCP connections), connections (MPTCP).
 * Private to this room.
 *
 * Offsets: TCP's count from the sender's ISN (SYN 0, first octet 1, as SSNs do), data's from its IDSN (first
 * octet 1), both unwrapped to 64 bits. */
#ifndef CHECK_STATE_H
#define CHECK_STATE_H

#include "check/check.h"
#include "check/frame.h"
#include "check/octets.h"

enum clause {
#define X(name, kind, rfc, what) CLAUSE_##name,
#include "check/clause.def"
#undef X
    CLAUSE_COUNT
};

/* Why something could not be checked. */
#define UNCHECKED_LIST                                       \
    X(SNAPLEN, "octets that were not captured")              \
    X(NO_SYN, "segments of TCP connections older than the capture") \
    X(NO_KEYS, "HMACs and keys of connections older than the capture") \
    X(OLD, "octets sent again too late to compare")          \
    X(SUM, "DSS checksums of mappings not captured whole")   \
    X(SECRET_HMAC, "HMACs of MP_JOIN without the keys of MPTCPsec (--keys)") \
    X(SECRET, "records of MPTCPsec without their keys (--keys)") \
    X(BEHIND, "records behind octets that were not captured") \
    X(CAPABLE_0, "connections of MPTCP version 0")           \
    X(TAINTED, "checks that an error before made void")
enum unchecked {
#define X(name, what) UNCHECKED_##name,
    UNCHECKED_LIST
#undef X
    UNCHECKED_COUNT
};

enum { IDS_MAX = 64, REPEAT_MAX = 8 };
#define OCTETS_FLOW (UINT64_C(1) << 22)
#define OCTETS_DATA (UINT64_C(1) << 23)
#define MAP_FOREVER (UINT64_C(1) << 62)

/* A stretch of subflow offsets and what it means (RFC 8684 3.3.1). Neighbours that mean the same are one. */
struct mapping {
    uint64_t from, to; /* subflow offsets */
    uint64_t delta;    /* data offset - subflow offset */
};

/* A mapping whose checksum waits for its octets. */
struct waiting {
    uint64_t ssn, dsn64; /* subflow offset; the number itself */
    uint32_t wire;       /* the SSN as it was sent */
    uint32_t len, dll;   /* octets; with DATA_FIN */
    uint16_t checksum;
    struct place at;
};

/* Octets without a mapping so far. */
struct unmapped {
    uint64_t from, to;
    struct place at;
};

struct maps {
    struct mapping *map; /* sorted, apart */
    size_t maps, maps_room;
    struct waiting *wait;
    size_t waits, waits_room;
    struct unmapped *bare;
    size_t bares, bares_room;
    uint64_t infinite; /* offset of the segment that had an infinite mapping, 0 none */
};

/* The newest packet of a sender, by what only grows: tells the order of sending in spite of reordering. */
struct stamp {
    uint64_t ack, dack;
    uint32_t ts;
    uint8_t has, has_ts, has_dack;
};

/* One direction of a TCP connection: what its sender did. */
struct half {
    uint32_t isn;
    uint8_t syn;     /* its SYN was seen: isn is known */
    uint8_t fin_sent, rst_sent;
    uint8_t has_wscale, wscale, has_sack_ok, has_ts, has_mss; /* of its SYN */
    uint16_t mss;
    uint8_t ts_any;  /* a TSval was seen */
    uint8_t tfo;     /* its SYN has a Fast Open option */
    uint32_t ts_max; /* newest TSval */
    uint64_t end;    /* behind the highest offset sent */
    uint64_t fin;    /* offset of the FIN */
    uint64_t ack;    /* highest acknowledgement it sent, an offset of the other */
    uint64_t edge;   /* highest right edge it gave the other */
    uint64_t payload; /* octets of data it sent, repetitions too */
    struct spans seen; /* data offsets sent */
    struct octets octets;
    struct stamp newest;   /* highest acknowledgement */
    struct stamp top_dack; /* highest DATA_ACK */
    struct maps maps;
    uint8_t bare_first; /* its first octet came without a mapping */
    uint64_t packets;
};

enum flow_kind { FLOW_TCP, FLOW_FIRST, FLOW_JOIN };

/* A TCP connection; half 0 is whoever sent the first SYN. */
struct flow {
    struct flow *hash_next; /* same bucket */
    struct flow *next;      /* all, in order of appearance */
    struct address addr[2]; /* of half 0 and 1 */
    uint16_t port[2];
    struct half half[2];
    struct place at;        /* first packet */
    uint64_t time;          /* of the last */
    uint32_t number;        /* of its connection's subflows, from 0 */
    uint8_t blind;          /* no SYN seen: offsets unknown */
    uint8_t kind;           /* enum flow_kind */
    uint8_t tainted;        /* an error hid something: completeness is not judged */
    uint8_t replaced;       /* the 4-tuple was used again */
    uint8_t flip;           /* half h belongs to end h ^ flip of the connection */
    uint8_t freed;          /* stores given back */
    struct conn *conn;
    /* MP_CAPABLE seen in SYN, SYN/ACK, later from the initiator; the newest SYN/ACK decides */
    uint8_t capable_syn, capable_synack, capable_ack, synack_bare;
    uint8_t capable_flags[2];
    /* MP_JOIN */
    uint8_t join_syn, join_synack, join_bare, join_ack, fourth, token_unknown;
    uint8_t join_id[2];
    uint32_t nonce[2], token;
    uint8_t join_hmac[8]; /* of the SYN/ACK */
    uint8_t mpj[12];      /* MP_JOIN of the SYN as it was (JWD 2.2) */
    struct place join_at;
    /* join-with-data: EXT in SYN, SYN/ACK; D in SYN, SYN/ACK; length of the record (0: not known yet) */
    uint8_t ext[2], d[2], record_done, record_bad;
    uint32_t record; /* of the first subflow: octets of a Fast Open SYN, outside of SSNs and DSNs (RFC 8684 B.2) */
    /* MPTCPsec: ENO of SYN and SYN/ACK as they were; low nibble of the SYN/ACK's MP_JOIN; its records */
    uint8_t eno[2][16], eno_len[2], join_bits;
    struct sec_half *sec; /* two, or NULL (secure.h) */
    uint64_t early_rx, early_tx; /* IP octets of its budget (JWD 2.6) */
};

/* An address identifier that an end used. */
struct used_id {
    uint8_t id, announced; /* announced by ADD_ADDR, not merely used by a join */
    struct address addr;
    uint16_t port;
};

/* One end of an MPTCP connection. */
struct end {
    uint64_t key;
    uint32_t token;
    uint64_t idsn;
    uint8_t has_key, has_idsn;
    uint8_t no_initial;   /* flag C */
    uint8_t spoke;        /* sent an MPTCP option that establishes the connection for the other */
    uint8_t has_fin;      /* DATA_FIN seen */
    uint8_t fell;         /* itself fell back (RFC 8684 3.7); the other may not know yet */
    uint64_t dend;        /* behind the highest data offset sent */
    uint64_t fin;         /* data offset of the DATA_FIN */
    uint64_t dack;        /* highest DATA_ACK it sent, an offset of the other */
    uint64_t dedge;       /* highest right edge it gave */
    uint8_t has_dedge;
    uint64_t window_most; /* the largest window it gave */
    struct address addr;  /* of its side of the first subflow */
    uint16_t port;
    struct spans seen;
    struct octets octets;
    struct used_id id[IDS_MAX];
    size_t ids;
    uint32_t nonce[IDS_MAX]; /* R of its joins with a record */
    uint16_t nonce_port[IDS_MAX];
    size_t nonces;
};

/* What is printed of one MPTCP connection, or of one plain TCP connection. */
struct tally {
    uint64_t checks, errors, warnings;
    uint64_t unchecked[UNCHECKED_COUNT];
    uint32_t told[CLAUSE_COUNT]; /* lines printed */
};

/* An MPTCP connection; end 0 sent the MP_CAPABLE SYN. */
struct conn {
    struct conn *next;
    struct end end[2];
    struct tally tally;
    struct place at;
    uint32_t number, flows;
    uint8_t blind;       /* its MP_CAPABLE was not seen */
    uint8_t checksum;    /* agreed */
    uint8_t agreed;      /* checksum is known */
    uint8_t established; /* third ACK seen */
    uint8_t fallback;
    uint8_t tainted;
    uint8_t jwd;         /* EXT both ways */
    struct secure *sec;  /* MPTCPsec, confirmed (secure.h), or NULL */
    uint64_t options[SUB_COUNT]; /* seen of each */
};

struct check {
    struct check_options options;
    char *const *name; /* of the files */
    struct sec_log *logs; /* keys (seckeys.c) */
    struct flow *bucket[4096];
    struct flow *flows, **flows_end;
    struct conn *conns, **conns_end;
    struct tally tally;     /* of packets that belong to nothing, and totals of those printed */
    struct frame *now;      /* the packet at hand */
    struct tally *tallying; /* of its connection */
    struct conn *conn;      /* its connection, or NULL */
    struct flow *flow;      /* its flow, or NULL */
    uint64_t packets, copies, fragments, other, damaged, partial_sums;
    uint32_t conn_count;
    uint64_t time;
};

/* ---- report.c ---- */
/* An error or warning at a place; the clause decides. */
void report_at(struct check *c, struct place at, enum clause clause, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Counts a check of the packet at hand, and reports when it is not good. Returns good. */
#define require(c, good, clause, ...) \
    (report_count(c), (good) ? 1 : (report_at(c, (c)->now->at, CLAUSE_##clause, __VA_ARGS__), 0))
#define broken(c, clause, ...) (report_count(c), report_at(c, (c)->now->at, CLAUSE_##clause, __VA_ARGS__))
void report_count(struct check *c);
void report_unchecked(struct check *c, enum unchecked why, uint64_t n);
/* An error hid something of the flow at hand. */
void report_taint(struct check *c);
/* Summary lines; returns the number of errors. */
uint64_t report_summary(struct check *c);

/* ---- option.c: own table of lengths and places ---- */
void option_read(struct check *c, struct frame *p);
const char *option_name(int sub);

/* ---- flow.c ---- */
struct flow *flow_find(struct check *c, const struct frame *p, int *d);
/* The flow that is there, or NULL. */
struct flow *flow_known(struct check *c, const struct frame *p, int *d);
void flow_free_all(struct check *c);

/* ---- segment.c: TCP ---- */
/* 1: MPTCP may look at it, 0: not. *off is the offset of its first octet (the SYN's own not counted). */
int segment_check(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t *off);
uint64_t segment_expand(uint64_t near, uint32_t x);

/* ---- conn.c: MP_CAPABLE, fallback ---- */
struct conn *conn_new(struct check *c);
void conn_capable(struct check *c, struct flow *f, int d, const struct frame *p);
void conn_keys(struct end *e, uint64_t key);
/* The end that has this token, 0 or 1, or -1. */
int conn_find_token(struct check *c, uint32_t token, struct conn **conn);
void conn_attach(struct check *c, struct flow *f, struct conn *k, int flip);

/* ---- join.c ---- */
void join_check(struct check *c, struct flow *f, int d, const struct frame *p);

/* ---- dss.c, mapping.c ---- */
void dss_check(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off);
/* Octets of half d that stand for data [from, ..): sequence and content. off: where on the subflow. */
void dss_data(struct check *c, struct flow *f, int d, uint64_t off, uint64_t len, uint64_t from);
void dss_fin(struct check *c, struct conn *k, int e, uint64_t fin);
/* End e acknowledges, and gives the other room up to edge: 1, or 0 when that was never sent. */
int dss_ack(struct check *c, struct conn *k, int e, uint64_t ack, uint64_t edge);
void dss_finish(struct check *c, struct conn *k);
/* 1 or -1: the value fits those sent before and after p, or not; 0: nothing to compare with. Values only grow. */
int dss_stamp(struct flow *f, int d, const struct frame *p, struct stamp *s, uint64_t value);
/* A new mapping of half d; 0, or -1: it contradicts. */
int mapping_add(struct check *c, struct flow *f, int d, uint64_t ssn, uint64_t len, uint64_t dsn);
void mapping_wait(struct flow *f, int d, const struct waiting *w);
/* Octets [off, off+len) of half d came: to the data store, through the mappings. */
void mapping_data(struct check *c, struct flow *f, int d, uint64_t off, uint64_t len);
/* Verifies the checksums of mappings that are whole by now. */
void mapping_verify(struct check *c, struct flow *f, int d);
int mapping_covers(const struct maps *m, uint64_t ssn);
void mapping_clear(struct maps *m);

/* ---- keys.c: RFC 8684's formulas ---- */
struct digest { uint8_t octet[32]; };
uint32_t keys_token(uint64_t key);
uint64_t keys_idsn(uint64_t key);
/* HMAC of a join: key first||second, message of the nonces first, second (RFC 8684 3.2). */
struct digest keys_join(uint64_t first, uint64_t second, uint32_t nonce_first, uint32_t nonce_second);
struct digest keys_hmac(uint64_t first, uint64_t second, const void *message, size_t n);

/* ---- addr.c: ADD_ADDR, REMOVE_ADDR, MP_PRIO, MP_FASTCLOSE, MP_FAIL, MP_TCPRST ---- */
void addr_check(struct check *c, struct flow *f, int d, const struct frame *p);
void addr_use(struct check *c, struct conn *k, int e, uint8_t id, const struct address *a);

/* ---- joinrec.c: join-with-data ---- */
/* Of every SYN and SYN/ACK. */
void joinrec_syn(struct check *c, struct flow *f, int d, const struct frame *p);
/* Of every other segment of a join. */
void joinrec_segment(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off);

#endif
