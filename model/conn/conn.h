/* SPDX-License-Identifier: MIT */
/* conn/conn.h - the Multipath TCP connection (RFC 8684 section 3) and its subflows.
 *
 * Stream positions are 64-bit offsets from the first octet, in both directions: DSN = IDSN + 1 + offset.
 * Rooms: capable.c 3.1, join.c 3.2, map.c 3.3.1, dack.c 3.3.2-3.3.5, fin.c 3.3.3, send.c and reinject.c
 * 3.3.6, prio.c 3.3.8, addr.c 3.4, fastclose.c 3.5, reset.c 3.6, fallback.c 3.7, perror.c all of it.
 * api/ calls in; sched/, pm/ and jwd/ are plug-ins. */
#ifndef CONN_CONN_H
#define CONN_CONN_H

#include "base/stream.h"
#include "conn/perror.h"
#include "base/serial.h"
#include "conn/stack.h"
#include "crypto/crypto.h"

struct mpt_conn;
struct mpt_sched_ops;
struct mpt_pm_ops;
struct mpt_jwd_initiator;
struct mpt_jwd_responder;
struct mpt_secure;
struct mpt_secure_flow;

/* RFC 8684 3.3.1: SSN [ssn, ssn+len) of the subflow carries octets [dsn, dsn+len) of the stream. */
struct mpt_mapping {
    uint64_t ssn;
    uint64_t dsn;      /* offset */
    uint32_t len;
    uint16_t checksum; /* as on the wire */
    uint8_t has_checksum;
    uint8_t verified;
    uint8_t fin;       /* DATA_FIN followed: the DLL of the checksum counts it (3.3.3) */
};

/* How far a subflow has come in becoming part of the connection. */
enum mpt_member {
    MPT_MEMBER_HANDSHAKE,  /* SYN sent or received */
    MPT_MEMBER_EMBRYO,     /* responder of a join: SYN/ACK sent, third ACK not verified */
    MPT_MEMBER_THIRD,      /* initiator of a join: third ACK sent, fourth not seen (RFC 8684 3.2) */
    MPT_MEMBER_FULL
};

/* Fast Open (fastopen.c). */
enum mpt_tfo {
    MPT_TFO_NONE,
    MPT_TFO_ASKED, /* client: our SYN asks for a cookie */
    MPT_TFO_READY, /* client: it has one, and may have octets */
    MPT_TFO_SENT,  /* client: it has octets */
    MPT_TFO_TAKEN  /* server: octets of the SYN were taken, the third ACK has not come */
};

enum mpt_signal { MPT_SIG_PRIO = 1, MPT_SIG_ECHO = 2, MPT_SIG_ADD = 4, MPT_SIG_REMOVE = 8, MPT_SIG_DATA_FIN = 16,
                  MPT_SIG_FAIL = 32, MPT_SIG_FASTCLOSE = 64 };

/* A mapping whose segment was cut (cut.c): every piece repeats it. */
struct mpt_cut {
    uint64_t seq;   /* of the whole segment */
    uint64_t dsn;   /* stream offset */
    uint32_t len;
    uint16_t flags; /* of the whole: MPT_SEG_DFIN, MPT_SEG_PINNED (the note has that pin) */
};

/* What the oracle knows of a path (pm/oracle.c): totals at its last look, moving averages of what came between. */
struct mpt_path_watch {
    uint32_t segs, lost, octets, again; /* totals: data segments, of them lost; octets sent, of them again */
    uint64_t mean[4];                   /* moving averages in the same order, times 512 */
    uint32_t rate;                      /* lost a 1000 segments at the last look */
};

/* What the energy-aware path manager knows of one (pm/energyaware.c). */
struct mpt_path_rates {
    uint64_t sent, received;  /* octets acknowledged and received until its last look */
    uint64_t since;           /* its first look, 0: none yet */
    uint64_t up, down;        /* kbit/s expected; both 0: never measured */
};

struct mpt_subflow {
    struct mpt_flow flow;      /* first: ops get &flow */
    struct mpt_conn *conn;
    struct mpt_list link;      /* conn->subflows */
    struct mpt_map_node node;  /* stack->flows */
    uint32_t number;           /* from 1 */
    uint8_t local_id, remote_id; /* address ids (RFC 8684 3.2) */
    uint8_t joined;            /* by MP_JOIN, not the first subflow */
    uint8_t initiator;         /* of the join, or of the connection */
    uint8_t member;            /* enum mpt_member */
    uint8_t backup;            /* we asked: B bit or MP_PRIO sent */
    uint8_t peer_backup;       /* the peer asked */
    uint8_t peer_left;         /* by MP_PRIO, behind the join: it goes elsewhere */
    uint8_t stale;             /* timed out; nothing valid since: MPT_SILENT, or MPT_STALE (stale.c) */
    uint8_t signals;           /* enum mpt_signal to send on this subflow */
    uint8_t rst_reason;        /* MP_TCPRST of our RST, 255 = none */
    uint8_t rst_fastclose;     /* our RST carries MP_FASTCLOSE */
    uint8_t peer_reason;       /* MP_TCPRST of the peer's RST, 255 = none (3.6) */
    uint8_t peer_flags;        /* its flags */
    uint8_t seen_dss;          /* the peer has sent a DSS here */
    uint8_t wants_data;        /* this join carries a record if it can (plain otherwise) */
    uint8_t jwd_taken;         /* its join record was taken from the SYN */
    uint8_t rung;              /* of the fallback ladder: 0 record, 2 plain */
    uint8_t waits_rst;         /* carries MP_FASTCLOSE on ACKs until the peer resets it (3.5) */
    uint8_t dead;              /* to be freed */
    uint32_t r_local, r_remote; /* randoms of MP_JOIN */
    uint32_t third_count;      /* third ACKs sent by timer */
    uint64_t third_at;         /* next third ACK by timer */
    uint64_t syn_at;           /* first SYN left */
    uint64_t join_rtt;
    uint64_t penalised_at;     /* last penalisation */
    uint64_t delta_rx;         /* plain TCP: stream offset = subflow offset + this (-1 from the start) */
    uint64_t reinjected;       /* octets */
    union {
        struct mpt_path_watch watch; /* pm/oracle.c */
        struct mpt_path_rates rates; /* pm/energyaware.c */
    };
    uint64_t given;            /* end of the last octets it was given; the redundant scheduler goes on there */
    struct mpt_mapping map;    /* the mapping being delivered; len 0 = none */
    struct mpt_mapping *maps;  /* later ones, sorted by ssn */
    uint32_t maps_room, maps_count, maps_head;
    struct mpt_cut *cuts;      /* mappings in flight that were cut; NULL: none */
    uint32_t cuts_count, cuts_room;
    struct mpt_jwd_initiator *jwd_i; /* jwd/: NULL when not used */
    struct mpt_jwd_responder *jwd_r;
    struct mpt_secure_flow *secure;  /* secure/: NULL when not used */
};

enum { MPT_SILENT = 1, MPT_STALE = 2 }; /* mpt_subflow.stale */
enum { MPT_SEG_DFIN = 4096 }; /* owner's segment flag: DATA_FIN follows the octets (mpt_seg.flags) */

#define MPT_SUBFLOW(f) ((struct mpt_subflow *)(void *)(f))

/* A random R_I of the peer's joins (jwd/set.c). */
struct mpt_jwd_random {
    uint32_t r;
    uint32_t closed; /* validated: never again */
};

/* An address of the peer (ADD_ADDR), or one of ours being announced. */
struct mpt_known_addr {
    struct mpt_addr addr;
    uint8_t id;
    uint8_t used;
    uint8_t ported;   /* the peer's: with a port of its own */
};
enum { MPT_KNOWN = 8, MPT_ECHOES = 4, MPT_BARRED = 4 };

struct mpt_conn {
    struct mpt_stack *stack;
    struct mpt_list link;          /* stack->conns */
    struct mpt_list output;        /* stack->output */
    struct mpt_list ready;         /* stack->ready */
    struct mpt_map_node token_node;
    struct mpt_heap_node timer;
    void *user;
    uint32_t number;
    uint32_t events;               /* enum mpt_event_flags not pulled yet */
    uint8_t state;                 /* enum mpt_conn_state */
    uint8_t passive;
    uint8_t multipath;             /* MPTCP; 0 = plain TCP */
    uint8_t confirmed;             /* the peer is known to speak MPTCP here: joins are allowed (3.1) */
    uint8_t announced;             /* in the token map */
    uint8_t hidden;                /* of a listener, third ACK not seen: the host does not know it */
    uint8_t closed_by_user;        /* mpt_close: free when over */
    uint8_t checksum;              /* DSS checksums agreed */
    uint8_t peer_no_join_initial;  /* C flag of the peer */
    uint8_t peer_initial_gone;     /* REMOVE_ADDR of id 0: no joins to the first subflow's address (3.4.2) */
    uint8_t ack64;                 /* the peer uses 64-bit DSNs: answer in kind (3.3.2) */
    uint8_t wide;                  /* our DSNs have 64 bits: 32 could wrap within the life of a segment (3.3.1) */
    uint8_t jwd;                   /* EXT with JWD, or PARAMS in its place, seen from both sides */
    uint8_t write_blocked;         /* MPT_EAGAIN was returned */
    uint8_t dirty;                 /* some subflow is dead */
    uint8_t want_fin;              /* mpt_shutdown */
    uint8_t fin_sent, fin_acked;   /* our DATA_FIN */
    uint8_t peer_fin, peer_fin_taken; /* the peer's DATA_FIN: known, in order */
    uint8_t say_infinite;          /* fell back after DSS was sent: data tells so by an infinite mapping (3.7); 2: told */
    uint8_t fail;                  /* MP_FAIL was sent, its answer not seen: nothing is delivered (3.7) */
    uint8_t say_dack;              /* fell back by MP_FAIL: DATA_ACKs until the peer's infinite mapping comes (3.7) */
    uint8_t fail_tries;            /* MP_FAIL repeated */
    uint8_t mixed_rx;              /* octets came by a join before it was one: no fallback is possible any more */
    uint8_t tfo;                   /* enum mpt_tfo */
    uint16_t tfo_tx, tfo_rx;       /* octets of the SYN, outside the data sequence space (appendix B.2) */
    uint8_t syn_bare;              /* MP_CAPABLE was left out of the later SYNs (3.9, heuristics.c) */
    uint8_t fin_tries;
    uint8_t joined_ever;           /* a second subflow was there once: no fallback is possible any more */
    uint8_t dack_tries;            /* mpt_dack_expire without a new DATA_ACK */
    uint8_t dack_busy;             /* dack_at was set while TCP was at work */
    uint8_t dss_in;                /* the peer has sent a DSS, not only MP_CAPABLE */
    uint8_t last_bare;             /* the last segment of the peer had no MPTCP option */
    uint8_t pm_fails;              /* joins that failed in a row */
    uint8_t reset_reason, reset_flags; /* last MP_TCPRST of the peer, 255 = none */
    uint8_t barred[MPT_BARRED][2]; /* local and remote address id between which the peer wants no subflow (3.6) */
    uint8_t barred_count;
    uint8_t fastclose_tries;
    uint8_t established;           /* counted in MPCurrEstab */
    uint8_t sec_hold;              /* the first octets are looked at before the host gets them (sec/SPEC.md 3.2) */
    uint8_t sec_declined;          /* MPTCPsec was preferred and is not to be */
    uint8_t heard_more;            /* the highest mapping was not the peer's last data */
    uint8_t pm_accepted;           /* endpoints: addresses of the peer that were joined */
    uint16_t pm_used, pm_signaled; /* endpoints: places of stack->address from which was joined, that were announced */
    int32_t error;
    uint64_t key_local, key_remote; /* as on the wire, big-endian value */
    uint32_t token_local, token_remote;
    uint64_t idsn_local, idsn_remote;
    /* sending */
    struct mpt_stream stream;      /* offsets; acked = DATA_ACK */
    uint64_t snd_nxt;              /* next offset never sent */
    uint64_t first_nxt;            /* next offset never sent on the first subflow */
    uint64_t dack_to;              /* octets before it are sent again although TCP has delivered them (dack.c) */
    uint64_t dack_from;            /* stream.acked when dack_at was set */
    uint64_t snd_edge;             /* right edge of the peer's window */
    uint64_t wide_from, wide_at;   /* offset and time from which send.c measures that */
    uint64_t fin_at;               /* DATA_FIN is repeated then */
    struct mpt_ranges reinject;    /* offsets to be sent again elsewhere */
    uint64_t opportune;            /* last offset sent by opportunistic retransmission + 1 */
    /* receiving */
    struct mpt_rob rob;            /* offsets; tail = next expected */
    uint64_t rcv_edge;             /* right edge ever offered */
    uint64_t rcv_fin;              /* offset of the peer's DATA_FIN */
    uint64_t duplicate;            /* octets */
    uint64_t reinjected;           /* octets */
    /* subflows */
    struct mpt_list subflows;
    uint32_t subflow_count;
    uint32_t next_subflow;
    struct mpt_subflow *last_rx;   /* last delivered new data or a new DATA_ACK (server scheduler) */
    struct mpt_flow_tuning *tuning; /* mpt_conn_set; NULL: as the stack is configured */
    struct mpt_cc_group cc_group;
    const struct mpt_sched_ops *sched;
    uint32_t sched_last;           /* roundrobin: number of the subflow that had the last turn */
    uint16_t blest_lambda;         /* blest: thousandths by which the fast one's octets are scaled, 0 = not yet used */
    uint16_t blest_held_up;        /* blest: the slow one held up a full window since lambda was set last */
    uint64_t blest_at;             /* blest: lambda is set again then */
    const struct mpt_pm_ops *pm;
    struct mpt_addr local, remote; /* of the first subflow */
    uint64_t linger_at;            /* without subflow: given up then */
    uint64_t add_addr_at;          /* ADD_ADDR is repeated then */
    uint64_t fastclose_at;         /* MP_FASTCLOSE is repeated then (3.5, option A) */
    uint64_t fail_at;              /* MP_FAIL is repeated then */
    uint64_t infinite;             /* offset where the infinite mapping begins: what was DATA_ACKed (3.7) */
    uint64_t dack_at;              /* acknowledged by TCP but not by DATA_ACK: looked at then */
    uint64_t hold_at;              /* sec_hold ends then */
    struct mpt_secure *secure;     /* secure/: NULL when the connection is regular */
    uint64_t retry_at;             /* memory was out: asked again then */
    uint64_t pm_at;                /* the path manager looks again then: after a join that failed, or because it looks at times */
    uint64_t pm_not_before;        /* a join was refused: looks of path managers join again from then on */
    uint64_t receive_at;           /* receiver timer (pm/receiver.c): looked at then */
    uint64_t heard_until;          /* it runs out then, unless more comes */
    uint64_t heard_dsn;            /* offset of the peer's highest mapping */
    struct mpt_known_addr peer_addr[MPT_KNOWN];  /* id 0 (the first subflow's) is `remote` */
    uint8_t announce_id[MPT_KNOWN];   /* local ids announced, 0 = free */
    uint8_t announce_tries[MPT_KNOWN];
    uint8_t announce_echoed[MPT_KNOWN];
    uint8_t remove_id[MPT_KNOWN];  /* REMOVE_ADDR to send */
    uint8_t removes;
    uint8_t echoes;                /* echoes to send */
    struct mpt_known_addr echo[MPT_ECHOES]; /* as they came, without HMAC */
    struct mpt_jwd_random *jwd_set; /* jwd/set.c: randoms of the peer's joins, verified ones */
    uint32_t jwd_count, jwd_room;
    uint32_t peer_mss;             /* least MSS the peer announced, 0 = none yet */
    uint32_t *used_random;         /* R of ours in this connection, never repeated (jwd 2.4.1, 2.5.6) */
    uint32_t used_count, used_room;
    uint32_t embryos;              /* unvalidated joins with data */
};

/* conn.c: life */
struct mpt_conn *mpt_conn_new(struct mpt_stack *s, int passive); /* NULL: out of memory */
void mpt_conn_free(struct mpt_conn *c);
void mpt_conn_raise(struct mpt_conn *c, uint32_t events);
void mpt_conn_kick(struct mpt_conn *c);               /* may have something to send */
void mpt_conn_rearm(struct mpt_conn *c);              /* sets the timer to the earliest deadline */
void mpt_conn_expire(struct mpt_conn *c, uint64_t now);
void mpt_conn_gauge(struct mpt_conn *c);              /* is it established? */
void mpt_conn_set_state(struct mpt_conn *c, enum mpt_conn_state state, int error, uint64_t now);
void mpt_conn_over(struct mpt_conn *c, int error, uint64_t now); /* CLOSED: kills subflows, event */
/* After any input or timer: frees dead subflows, closes when done. May free c: returns 0 then. */
int mpt_conn_settle(struct mpt_conn *c, uint64_t now);

/* subflow.c */
struct mpt_subflow *mpt_subflow_new(struct mpt_conn *c, const struct mpt_addr *local, const struct mpt_addr *remote,
                                    uint64_t now); /* in the maps; NULL: out of memory */
void mpt_subflow_free(struct mpt_subflow *sf);
struct mpt_subflow *mpt_subflow_find(const struct mpt_conn *c, uint32_t number);
void mpt_subflow_arrived(struct mpt_subflow *sf, const struct mpt_packet *p); /* by a SYN */
int mpt_subflow_usable(const struct mpt_subflow *sf);  /* may carry DSS data now */
int mpt_subflow_alive(const struct mpt_subflow *sf);   /* not dead, not closing */
uint32_t mpt_subflow_count(const struct mpt_conn *c);  /* alive */
uint32_t mpt_subflow_isn(struct mpt_stack *s);
#define MPT_EACH_SUBFLOW(c, sf)                                                                       \
    for (struct mpt_list *sf##_l = (c)->subflows.next, *sf##_n = sf##_l->next;                        \
         sf##_l != &(c)->subflows && ((sf) = MPT_LIST_OWNER(sf##_l, struct mpt_subflow, link), 1);    \
         sf##_l = sf##_n, sf##_n = sf##_l->next)

/* keys.c */
int mpt_keys_local(struct mpt_conn *c);      /* draws a key whose token is free: 0 or MPT_ELIMIT */
void mpt_keys_remote(struct mpt_conn *c, uint64_t key);
void mpt_keys_derive(uint64_t key, uint32_t *token, uint64_t *idsn);
/* HMAC-SHA256 with key a||b over the randoms r1||r2 (RFC 8684 3.2). */
void mpt_keys_join_hmac(uint8_t out[32], uint64_t a, uint64_t b, uint32_t r1, uint32_t r2);

/* hooks.c: the flow's view of us */
extern const struct mpt_flow_ops mpt_conn_flow_ops;

/* options.c: mpt_flow_ops.options */
uint32_t mpt_options_write(struct mpt_flow *f, enum mpt_flow_out what, const struct mpt_seg *seg, uint8_t *p,
                           uint32_t room, uint64_t now);
uint32_t mpt_options_data_len(const struct mpt_subflow *sf); /* octets of options beside new data */

/* cut.c: mpt_flow_ops.cut, and what a piece has to say */
uint32_t mpt_cut_segment(struct mpt_flow *f, const struct mpt_seg *seg, uint32_t at, uint64_t now);
struct mpt_seg mpt_cut_whole(const struct mpt_subflow *sf, const struct mpt_seg *seg);
void mpt_cut_acked(struct mpt_subflow *sf, const struct mpt_seg *seg);
void mpt_cut_forget(struct mpt_subflow *sf);

/* capable.c */
void mpt_capable_syn(struct mpt_stack *s, struct mpt_listener *l, const struct mpt_packet *p,
                     const struct mpt_segment *seg, uint64_t now);
enum mpt_flow_verdict mpt_capable_synack(struct mpt_subflow *sf, const struct mpt_segment *s, uint32_t acked,
                                         uint64_t now);
enum mpt_flow_verdict mpt_capable_third(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now);
uint32_t mpt_capable_write(struct mpt_subflow *sf, enum mpt_flow_out what, const struct mpt_seg *seg, uint8_t *p,
                           uint32_t room);

int mpt_capable_no_join(const struct mpt_conn *c, const struct mpt_addr *local); /* C forbids it */

/* join.c */
int mpt_join_start(struct mpt_conn *c, const struct mpt_addr *local, const struct mpt_addr *remote, uint8_t remote_id,
                   uint32_t flags, uint8_t rung, uint64_t now);
void mpt_join_syn(struct mpt_stack *s, const struct mpt_packet *p, const struct mpt_segment *seg, uint64_t now);
enum mpt_flow_verdict mpt_join_synack(struct mpt_subflow *sf, const struct mpt_segment *s, uint32_t acked,
                                      uint64_t now);
enum mpt_flow_verdict mpt_join_third(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now);
uint32_t mpt_join_write(struct mpt_subflow *sf, enum mpt_flow_out what, const struct mpt_seg *seg, uint8_t *p,
                        uint32_t room);
void mpt_join_segment(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now); /* fourth ACK, repeated third */
void mpt_join_third_sent(struct mpt_subflow *sf, uint64_t now);
void mpt_join_expire(struct mpt_subflow *sf, uint64_t now); /* third-ACK timer */
int mpt_join_full(struct mpt_subflow *sf, uint64_t now);    /* member -> FULL */
uint32_t mpt_join_random(struct mpt_conn *c);               /* never used before in this connection */
void mpt_join_forget(struct mpt_conn *c, uint32_t r);        /* it may be drawn again */
int mpt_join_hmac_ok(const struct mpt_subflow *sf, const struct mpt_mp_join *o, int third);
struct mpt_conn *mpt_join_conn(struct mpt_stack *s, uint32_t token); /* by local token */

/* map.c */
enum mpt_flow_verdict mpt_map_dss(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now);
void mpt_map_after(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now); /* plain TCP, and say_dack */
int mpt_map_early(struct mpt_subflow *sf, const struct mpt_segment *s); /* before validation; <0: drop the segment */
int64_t mpt_map_deliver(struct mpt_subflow *sf, uint64_t ssn, const uint8_t *data, size_t n, uint64_t now);
void mpt_map_forget(struct mpt_subflow *sf);

/* dack.c */
void mpt_dack_in(struct mpt_subflow *sf, uint64_t ack, uint64_t window, uint64_t now); /* offsets */
uint64_t mpt_dack_out(const struct mpt_conn *c);  /* DSN to acknowledge */
uint64_t mpt_dack_window(struct mpt_conn *c);
void mpt_dack_watch(struct mpt_conn *c, uint64_t now);  /* nothing is to leave now */
void mpt_dack_expire(struct mpt_conn *c, uint64_t now);
int mpt_dack_elsewhere(const struct mpt_conn *c, uint64_t at); /* octet `at` is not for the first choice this time */
void mpt_conn_starved(struct mpt_conn *c, uint64_t now); /* memory was out: a timer asks again */

/* recv.c: octets at a stream offset; new octets, or negative: reset the subflow */
int64_t mpt_recv_data(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t at, const uint8_t *data, size_t n,
                      uint64_t now);
int64_t mpt_recv_read(struct mpt_conn *c, uint8_t *out, size_t n, uint64_t now);
int64_t mpt_recv_peek(const struct mpt_conn *c, uint8_t *out, size_t n);

/* send.c */
int mpt_send_output(struct mpt_conn *c, struct mpt_packet *packet, uint64_t now);
int64_t mpt_send_write(struct mpt_conn *c, const uint8_t *data, size_t n, uint64_t now);
void mpt_send_note(struct mpt_subflow *sf, uint64_t from, uint32_t len, uint64_t ssn, int again, uint64_t now);
int mpt_send_blocked(const struct mpt_conn *c);
int mpt_send_shut(const struct mpt_conn *c);

/* reinject.c */
void mpt_reinject_subflow(struct mpt_subflow *sf, uint32_t cause, uint64_t now); /* all it has in flight */
void mpt_reinject_range(struct mpt_conn *c, uint64_t from, uint64_t to, uint32_t cause, uint64_t now);
void mpt_reinject_owed(struct mpt_conn *c, uint64_t now); /* bounds what a silent subflow keeps alive */
uint64_t mpt_reinject_oldest(const struct mpt_subflow *sf); /* offset; UINT64_MAX: nothing in flight */
uint64_t mpt_reinject_holds(const struct mpt_subflow *sf, uint64_t at);
struct mpt_subflow *mpt_reinject_holder(const struct mpt_conn *c, uint64_t at, uint64_t *end);

/* stale.c */
void mpt_stale_timeout(struct mpt_subflow *sf, uint64_t now);
void mpt_stale_silence(struct mpt_subflow *sf);
void mpt_stale_alive(struct mpt_subflow *sf, uint64_t now);

/* fin.c */
int mpt_fin_in(struct mpt_subflow *sf, uint64_t at, uint64_t now); /* 1: the subflow is gone */
void mpt_fin_acked(struct mpt_conn *c, uint64_t now);
void mpt_fin_subflow(struct mpt_subflow *sf, uint64_t now); /* one subflow's end, not the stream's */
void mpt_fin_leave(struct mpt_subflow *sf, uint64_t now);   /* the same, and what it has in flight goes elsewhere */
void mpt_fin_plain(struct mpt_conn *c, uint64_t now);
void mpt_fin_orphan(struct mpt_conn *c, uint64_t now); /* mpt_close: the peer may take close_timeout to end */
void mpt_fin_check(struct mpt_conn *c, uint64_t now);
void mpt_fin_expire(struct mpt_conn *c, uint64_t now);

/* prio.c, addr.c, fastclose.c, reset.c, fallback.c */
int mpt_prio_set(struct mpt_subflow *sf, int backup, uint64_t now);
void mpt_prio_address(struct mpt_conn *c, const struct mpt_address *a, uint64_t now); /* its BACKUP flag changed */
void mpt_prio_in(struct mpt_subflow *sf, const struct mpt_mp_prio *o, uint64_t now);
void mpt_addr_announce(struct mpt_conn *c, uint32_t slot, uint64_t now);  /* of stack->address */
void mpt_addr_withdraw(struct mpt_conn *c, uint8_t id, uint64_t now);
void mpt_addr_in(struct mpt_conn *c, const struct mpt_add_addr *o, uint64_t now);
void mpt_addr_take(struct mpt_conn *c, const struct mpt_add_addr *o, uint64_t now); /* known to be the peer's */
void mpt_addr_told(struct mpt_conn *c, uint8_t id, uint64_t now); /* the peer has our announcement */
void mpt_addr_remove_in(struct mpt_conn *c, const struct mpt_remove_addr *o, uint64_t now);
void mpt_addr_gone(struct mpt_conn *c, const uint8_t *ids, uint8_t count, uint64_t now); /* known to be the peer's */
void mpt_addr_resume(struct mpt_conn *c); /* a subflow is there again: what could not be told */
void mpt_addr_expire(struct mpt_conn *c, uint64_t now);
uint32_t mpt_addr_write(struct mpt_subflow *sf, uint8_t *p, uint32_t room, uint64_t now);
uint8_t mpt_addr_local_id(const struct mpt_conn *c, const struct mpt_addr *local);
const struct mpt_addr *mpt_addr_remote(const struct mpt_conn *c, uint8_t id); /* NULL: unknown, removed */
int mpt_addr_takes_joins(const struct mpt_conn *c, const struct mpt_addr *local);
int mpt_addr_announcing(const struct mpt_conn *c);
void mpt_addr_retire(struct mpt_conn *c, const struct mpt_addr *local, uint64_t now);
void mpt_addr_lost(struct mpt_conn *c, const struct mpt_addr *local, uint64_t now);
void mpt_fastclose_send(struct mpt_conn *c, uint64_t now);
void mpt_fastclose_in(struct mpt_subflow *sf, const struct mpt_mp_fastclose *o, int rst, uint64_t now);
void mpt_reset_subflow(struct mpt_subflow *sf, uint8_t reason, int error, uint64_t now); /* RST with MP_TCPRST */
void mpt_fastclose_expire(struct mpt_conn *c, uint64_t now);
void mpt_reset_in(struct mpt_subflow *sf, const struct mpt_segment *s); /* a RST arrives: what it says */
void mpt_reset_taken(struct mpt_subflow *sf, uint64_t now);             /* and it ended the subflow */
int mpt_reset_barred(const struct mpt_conn *c, uint8_t local_id, uint8_t remote_id);
void mpt_reset_unbar(struct mpt_conn *c, uint8_t remote_id);
uint8_t mpt_reset_flags(uint8_t reason); /* of MP_TCPRST */
void mpt_fallback(struct mpt_conn *c, enum mpt_fallback_cause cause, uint64_t now);
int mpt_fallback_possible(const struct mpt_subflow *sf);  /* this one alone, and both streams are in step with it */
int mpt_fallback_alone(const struct mpt_subflow *sf);     /* no other subflow is a member */
void mpt_fail_start(struct mpt_subflow *sf, uint64_t now); /* a checksum failed on the only subflow */
void mpt_fail_in(struct mpt_subflow *sf, uint64_t now);    /* MP_FAIL, not on a RST */
void mpt_fail_expire(struct mpt_conn *c, uint64_t now);

/* fastopen.c: appendix B */
void mpt_fastopen_connect(struct mpt_conn *c, struct mpt_subflow *sf);
void mpt_fastopen_attach(struct mpt_conn *c, uint64_t now); /* the first SYN is about to leave */
void mpt_fastopen_synack(struct mpt_conn *c, const struct mpt_segment *s, uint32_t acked);
void mpt_fastopen_timeout(struct mpt_conn *c);
uint32_t mpt_fastopen_take(struct mpt_stack *s, struct mpt_subflow *sf, const struct mpt_packet *p,
                           const struct mpt_segment *seg);
void mpt_fastopen_accepted(struct mpt_conn *c, uint32_t taken, uint64_t now);
int mpt_fastopen_settled(struct mpt_conn *c);

/* heuristics.c: 3.9 */
int mpt_heuristics_offer(struct mpt_stack *s, uint64_t now);  /* 1: an active open may offer MP_CAPABLE */
void mpt_heuristics_timeout(struct mpt_conn *c, uint64_t now); /* the first SYN timed out */
void mpt_heuristics_opened(struct mpt_conn *c, uint64_t now);  /* the first subflow is established */

#endif
