/* SPDX-License-Identifier: MIT */
/* flow/flow.h - one TCP connection, called a flow here: a subflow of MPTCP or a plain TCP connection
 * (read RFC 9293 3.3, 3.8, 3.10 first; then 6298, 2018, 6675, 8985, 7323, 5961, 3168).
 *
 * It knows nothing of Multipath TCP but the hooks of struct mpt_flow_ops. It owns sequence numbers, timers,
 * loss detection and congestion control. It does not own send data: the owner gives each new segment its
 * mapping (mpt_flow_send) and copies the octets in when asked (ops->copy), at first and at every
 * retransmission; a segment is released through ops->acked. Received octets go in order to ops->deliver;
 * what it does not take is held here until mpt_flow_redeliver.
 *
 * Sequence numbers are 64-bit offsets from the ISN: SYN is 0, the first octet 1. conn/ and api/ call. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"
#include "base/rob.h"
#include "cc/cc.h"
#include "wire/tcp.h"

struct mpt_flow;

/* RFC 9293 3.3.2. LISTEN has no flow. */
enum mpt_flow_state {
    MPT_FLOW_CLOSED, MPT_FLOW_SYN_SENT, MPT_FLOW_SYN_RCVD, MPT_FLOW_ESTABLISHED, MPT_FLOW_FIN_WAIT_1,
    MPT_FLOW_FIN_WAIT_2, MPT_FLOW_CLOSE_WAIT, MPT_FLOW_CLOSING, MPT_FLOW_LAST_ACK, MPT_FLOW_TIME_WAIT
};

enum mpt_seg_flags {
    MPT_SEG_SYN = 1, MPT_SEG_FIN = 2,
    MPT_SEG_SACKED = 4,   /* RFC 2018 */
    MPT_SEG_LOST = 8,     /* to be sent again */
    MPT_SEG_RETX = 16,    /* was sent again: Karn's rule, RACK */
    MPT_SEG_PSH = 32,
    MPT_SEG_SMALL = 128,  /* the owner says: less than fits (RFC 9293 3.7.4) */
    MPT_SEG_SYN_DATA = 64, /* octets that ride in the SYN (join-with-data); the SYN goes bare after its first time-out */
    /* the owner's */
    MPT_SEG_REINJECT = 256, /* octets were sent on another subflow before */
    MPT_SEG_RECORD = 512,   /* a join record: not mapped */
    MPT_SEG_INFINITE = 1024, /* fallback: sent without mapping */
    MPT_SEG_PINNED = 2048,  /* pins the send stream */
    MPT_SEG_SEALED = 16384, /* octets of a record (secure/) */
    MPT_SEG_PIECE = 8192    /* the flow's: part of what was one segment (icmp.c) */
};

/* One segment in sequence space, from its first transmission to its acknowledgement. */
struct mpt_seg {
    uint64_t seq;     /* offset of its first octet (or of SYN, FIN) */
    uint64_t sent_at; /* last transmission */
    uint64_t dsn;     /* the owner's: position in the send stream */
    uint32_t len;     /* octets of payload; SYN and FIN take one number with len 0 */
    uint16_t flags;   /* enum mpt_seg_flags */
    uint16_t sent;    /* transmissions */
    uint32_t next, prev; /* flow/'s: neighbours in order of sent_at (ring.c), numbers in the ring */
};

/* What leaves; the owner's options depend on it. */
enum mpt_flow_out { MPT_OUT_SYN, MPT_OUT_SYNACK, MPT_OUT_ACK, MPT_OUT_DATA, MPT_OUT_RST, MPT_OUT_PROBE };

enum mpt_flow_event {
    MPT_FLOW_EV_ESTABLISHED, /* SYN_SENT -> or SYN_RCVD -> ESTABLISHED */
    MPT_FLOW_EV_RTO,         /* time-out number f->rto_count of its data (or of its SYN) */
    MPT_FLOW_EV_ALIVE,       /* something valid arrived after an RTO */
    MPT_FLOW_EV_FIN,         /* the peer's FIN is in order */
    MPT_FLOW_EV_SENDABLE,    /* an ACK made room */
    MPT_FLOW_EV_CLOSED       /* over: f->error tells why (0 = both FINs acknowledged, TIME-WAIT over) */
};

/* Verdict of a hook on a segment. */
enum mpt_flow_verdict { MPT_FLOW_TAKE = 0, MPT_FLOW_DROP = 1 /* ignore the segment */,
                        MPT_FLOW_RESET = 2 /* send RST, close with MPT_EPROTO */,
                        MPT_FLOW_GONE = 3 /* the hook has closed the flow itself */ };

/* synack, third_ack, segment and blocked may be NULL. Only segments with payload are given to acked. A hook may
 * call reset or kill of its own flow; the flow must not be freed inside a hook. */
struct mpt_flow_ops {
    /* Options of the owner at p (room octets, after SYN options or timestamps); returns octets written. The
     * flow pads. seg: NULL without data. Must not fail. SACK gets what room is left afterwards. */
    uint32_t (*options)(struct mpt_flow *f, enum mpt_flow_out what, const struct mpt_seg *seg, uint8_t *p,
                        uint32_t room, uint64_t now);
    /* A segment in flight is too large for the path now. at 0: how many octets of payload may leave in one. Else it is to become [0, at) and [at, len): 1, or 0 when there is no memory for that.
     * A segment may be cut more than once; pieces have MPT_SEG_PIECE. May be NULL: MSS, no books. */
    uint32_t (*cut)(struct mpt_flow *f, const struct mpt_seg *seg, uint32_t at, uint64_t now);
    /* Octets [off, off+n) of the segment's payload. */
    void (*copy)(struct mpt_flow *f, const struct mpt_seg *seg, uint32_t off, uint8_t *out, uint32_t n);
    /* The segment is cumulatively acknowledged, or the flow is gone (gone=1). */
    void (*acked)(struct mpt_flow *f, const struct mpt_seg *seg, int gone, uint64_t now);
    /* SYN/ACK in SYN_SENT whose ACK number is acceptable: before anything changes. acked_data: octets of
     * SYN data it acknowledges. */
    enum mpt_flow_verdict (*synack)(struct mpt_flow *f, const struct mpt_segment *s, uint32_t acked_data, uint64_t now);
    /* Acceptable ACK in SYN_RCVD: TAKE establishes; DROP keeps SYN_RCVD, but the ACK number and (up to 10 MSS,
     * held) data are processed: join-with-data before validation. */
    enum mpt_flow_verdict (*third_ack)(struct mpt_flow *f, const struct mpt_segment *s, uint64_t now);
    /* Every acceptable segment of a synchronised flow, before its ACK and its payload: the owner's options. Not the
     * SYN/ACK that `synack` saw. */
    enum mpt_flow_verdict (*segment)(struct mpt_flow *f, const struct mpt_segment *s, uint64_t now);
    /* In-order octets, first at offset seq. Returns how many were taken (the rest is held), or <0: reset with
     * that error. */
    int64_t (*deliver)(struct mpt_flow *f, uint64_t seq, const uint8_t *data, size_t n, uint64_t now);
    /* Receive window to offer, octets (the flow scales and never shrinks its own right edge). */
    uint64_t (*window)(struct mpt_flow *f);
    /* The owner has octets for this flow that only the peer's window holds back (for the persist timer). */
    int (*blocked)(struct mpt_flow *f);
    /* Something the owner acts on; it may close the flow here. */
    void (*event)(struct mpt_flow *f, enum mpt_flow_event e, uint64_t now);
};

/* Fixed for a stack. */
struct mpt_flow_env {
    struct mpt_mem *mem;
    struct mpt_heap *heap;            /* deadlines of all flows */
    const struct mpt_config *config;
    uint64_t *counters;               /* by enum mpt_counter_id of trace/trace.h */
    struct mpt_tracer *tracer;        /* trace/trace.h */
};

/* The ring of segments in flight: segment number i (counted from the first ever, modulo 2^32) is at[i & (room - 1)],
 * so that numbers stay good when the ring grows. */
struct mpt_seg_ring {
    struct mpt_seg *at;
    uint32_t room; /* power of two; 0 when idle for long */
    uint32_t head, count; /* number of the oldest; how many there are */
    uint32_t flying_first, flying_last, flying_count; /* those neither SACKED nor LOST, by sent_at (RFC 8985 6.2) */
};

enum mpt_flow_pending {
    MPT_PEND_ACK = 1,      /* a pure ACK must leave now */
    MPT_PEND_SYN = 2,      /* SYN or SYN/ACK (again) */
    MPT_PEND_FIN = 4,      /* FIN to be sent once nothing unsent is before it */
    MPT_PEND_RST = 8,
    MPT_PEND_PROBE = 16,   /* zero-window probe: SEQ = SND.NXT - 1, no data */
    MPT_PEND_TLP = 32,     /* RFC 8985 7 */
    MPT_PEND_DUP = 64      /* pure ACKs for the owner's options; see mpt_flow_push_ack */
};

/* What a connection may have otherwise than its stack (mpt_conn_set). */
struct mpt_flow_tuning {
    uint64_t keepalive, keepalive_interval; /* ns, keepalive 0 = off */
    uint32_t keepalive_probes;
    uint32_t nagle;
};

/* What is agreed and owed of explicit congestion notification (RFC 3168 6.1; ecn.c). */
enum mpt_flow_ecn {
    MPT_FLOW_ECN_ASKED = 1, /* our last SYN had ECE and CWR */
    MPT_FLOW_ECN_OK = 2,    /* both ends agreed */
    MPT_FLOW_ECN_ECHO = 4,  /* CE came: ECE until CWR comes */
    MPT_FLOW_ECN_CWR = 8    /* the next new data carries CWR */
};

struct mpt_flow {
    /* who owns it, and what it may use */
    const struct mpt_flow_ops *ops;
    struct mpt_flow_env *env;
    void *owner;                /* struct mpt_subflow */
    uint32_t conn_number, number; /* for trace events */
    struct mpt_heap_node timer; /* earliest of the deadlines below */
    const struct mpt_flow_tuning *tuning; /* of the connection; NULL: as the stack is configured */
    struct mpt_addr local, remote;
    /* interface of the host; octets that an IP packet there may have */
    uint32_t ifid, mtu;
    uint8_t state;              /* enum mpt_flow_state */
    uint8_t passive;            /* we answered a SYN */
    uint8_t pending;            /* enum mpt_flow_pending */
    uint8_t closing;            /* mpt_flow_shutdown was called */
    uint8_t no_simultaneous;    /* the owner's: a SYN without ACK in SYN_SENT is dropped (a join) */
    uint8_t window_shared;      /* the owner's: ops->window is of a whole connection (RFC 8684 3.3.5) and told as it
                                   is, even if this flow's own right edge moves back by that */
    uint8_t packs;              /* the owner's: a SACK block beside its options is worth the loss of alignment */
    uint8_t hold_data;          /* the owner's: no retransmission of payload now (join-with-data's early budget) */
    uint8_t rst_bare;           /* the RST pending is <SEQ=rst_seq><CTL=RST>, without options */
    uint8_t was_reset;          /* closed by mpt_flow_reset: late segments are answered by RST */
    uint8_t stale;              /* a time-out, and nothing arrived since */
    uint8_t retx_free;          /* one retransmission may leave without regard to cwnd (RFC 6675 5 (4.3)) */
    uint8_t quick_acks;         /* segments still to be acknowledged at once (start of a connection) */
    /* why it is CLOSED: 0 or MPT_E... */
    int32_t error;

    /* sending (RFC 9293 3.3.1) */
    uint32_t iss;               /* initial send sequence number, as on the wire */
    uint32_t mss;               /* payload octets of a segment with timestamps and no other option:
                                   min(peer's MSS, MTU) - options every segment has */
    /* oldest not acknowledged; next to be sent (RFC 9293 3.3.1) */
    uint64_t snd_una, snd_nxt;
    uint64_t snd_wnd;           /* octets, scaled */
    /* SEQ and ACK of the segment that last set snd_wnd: an older one must not (RFC 9293 3.10.7.4) */
    uint64_t snd_wl1, snd_wl2;
    struct mpt_seg_ring ring;   /* snd_una .. snd_nxt */
    uint64_t in_flight;         /* octets neither acknowledged, SACKed nor lost ("pipe") */
    uint64_t recovery_end;      /* loss recovery until snd_una reaches it; 0 = none */
    uint64_t rto_end;           /* the same after a time-out (slow start goes on); 0 = none */
    uint64_t undo_cwnd, undo_ssthresh; /* before the last reduction, should it prove spurious (undo.c) */
    uint64_t undo_from, undo_end; /* sequence numbers it is about; undo_end 0 = none */
    uint32_t undo_retx;         /* retransmissions not reported as duplicates yet */
    uint32_t undo_clock;        /* our timestamp on the first of them */
    uint32_t undo_echo;         /* the next ACK that moves snd_una tells by its echo */
    uint64_t snd_small;         /* end of the last small segment (RFC 9293 A.3) */
    uint64_t ecn_end;           /* SND.NXT at the last reduction by ECE: no other until more than that arrived */
    uint64_t snd_wnd_max;       /* largest ever (RFC 5961 5, RFC 9293 3.8.6.2.1) */
    uint64_t flight_max;        /* most octets in flight in the present window: was cwnd in use? (RFC 7661) */
    uint64_t flight_max_end;    /* that window ends when snd_una reaches it */
    uint64_t sack_seen[MPT_TCP_SACKS_MAX][2]; /* SACK blocks worked off already */
    uint32_t lost_hint;         /* number in the ring: no LOST segment before it */
    uint32_t dupacks;           /* without SACK (RFC 5681 3.2) */
    uint32_t syn_data;          /* octets of SYN data in the ring */
    uint64_t rst_seq;           /* where the RST stands */
    uint32_t lost_count;        /* segments marked LOST and not sent again */
    uint32_t sacked_count;
    /* congestion control; cwnd and ssthresh live here */
    struct mpt_cc_state cc;

    /* RTT, RTO (RFC 6298) */
    uint64_t srtt, rttvar, rto, min_rtt;
    uint32_t rto_count;         /* consecutive time-outs */
    uint32_t syn_count;         /* transmissions of SYN or SYN/ACK */
    /* deadlines or MPT_NEVER */
    uint64_t rto_at, persist_at, delack_at, tlp_at, rack_at, wait_at, keep_at, pmtu_at;
    uint32_t persist_count;     /* probes since the window closed: back-off */
    uint32_t probes_out;        /* probes of either kind (window, keep-alive) unanswered */
    uint64_t min_rtt_at;        /* when min_rtt was taken */
    uint64_t challenge_at;      /* start of the present period of challenge ACKs (RFC 5961 7) */
    uint32_t challenge_count;   /* sent in it */

    /* RACK (RFC 8985) */
    /* RACK.xmit_ts, .end_seq, .rtt, .reo_wnd: the youngest segment that arrived, and the reordering window */
    uint64_t rack_sent_at, rack_end_seq, rack_rtt, rack_reo_wnd;
    /* width of the reordering window in quarters of min_rtt; recoveries it stays so; reordering
     * was seen; something arrived since the last detection */
    uint32_t rack_reo_mult, rack_reo_persist, rack_reordering, rack_advanced;
    /* SND.NXT at the last DSACK: one widening per round trip (RFC 8985 6.2 step 4) */
    uint64_t rack_dsack_round;
    /* highest end delivered; SND.NXT at the probe under way, 0 = none (RFC 8985 7.3) */
    uint64_t rack_fack, tlp_end_seq;

    /* receiving */
    uint32_t irs;               /* the peer's initial sequence number, as on the wire */
    struct mpt_rob rob;         /* by offset (first octet 1); head = taken by the owner, tail = RCV.NXT (held octets between) */
    uint64_t rcv_nxt;           /* includes FIN */
    uint64_t rcv_edge;          /* right edge offered */
    uint64_t fin_seq;           /* of the peer's FIN, 0 = not seen */
    uint64_t rcv_told;          /* right edge told last (behind rcv_edge only when window_shared) */
    uint64_t rcv_recent[MPT_TCP_SACKS_MAX]; /* inside the ranges beyond rob.tail, newest first: SACK blocks (RFC 2018 4) */
    uint32_t rcv_recents;       /* how many */
    uint32_t rcv_mss;           /* largest payload seen: what "full-sized" is to delayed ACKs */
    struct mpt_tcp_cookie cookie; /* of our SYN or SYN/ACK (RFC 7413): set by the owner, sent the first time only */
    uint32_t syn_take;          /* octets of SYN data taken: the SYN/ACK is repeated unchanged */
    uint64_t dsack_from, dsack_to; /* RFC 2883: reported once, 0 = none */

    /* options agreed */
    uint8_t snd_wscale, rcv_wscale; /* shifts: of the window we are told, of the one we tell (RFC 7323 2) */
    /* both SYNs had timestamps, SACK-permitted, window scale */
    uint8_t ts_ok, sack_ok, wscale_ok;
    uint8_t ecn;                /* enum mpt_flow_ecn */
    /* of the peer's SYN, or 536 (RFC 9293 3.7.1) */
    uint16_t peer_mss;
    uint16_t pmtu;              /* path MTU by ICMP, 0: that of the interface (icmp.c) */
    uint16_t pmtu_claim;        /* a smaller one that a time-out has to confirm, 0 = none (RFC 5927 7.2) */
    uint16_t mss_acked;         /* largest payload acknowledged since pmtu was lowered */
    uint32_t ts_recent;         /* RFC 7323 4.3 */
    uint32_t ts_offset;         /* of our clock */
    /* when ts_recent was taken: after 24 days it says nothing (RFC 7323 5.5) */
    uint64_t ts_recent_at;
    uint64_t ts_last_ack;       /* Last.ACK.sent as offset */

    /* of data out (idle restart, RFC 5681 4.1), of any acceptable segment in */
    uint64_t last_send_at, last_recv_at;
    /* totals for info */
    uint64_t bytes_sent, bytes_retx, bytes_received, segs_out, segs_in, segs_lost, data_segs;
};

/* All of it zero but what is given; no allocation. isn: from the owner (RFC 6528). Before connect or accept the
 * owner sets ifid, mtu, numbers, and may set cc.group, cc.ops (else config->cc), ts_offset, no_simultaneous,
 * window_shared. */
void mpt_flow_init(struct mpt_flow *f, const struct mpt_flow_ops *ops, struct mpt_flow_env *env, void *owner,
                   const struct mpt_addr *local, const struct mpt_addr *remote, uint32_t isn);
void mpt_flow_clear(struct mpt_flow *f); /* frees; calls ops->acked(gone) for the segments left; no events */

/* Active open. syn_data: payload of the SYN (0 = none); its segment gets `flags` and `dsn` (ops->copy fills it) and the
 * SYN carries it until its first time-out. 0 or MPT_ENOMEM. */
int mpt_flow_connect(struct mpt_flow *f, uint32_t syn_data, uint16_t flags, uint64_t dsn, uint64_t now);
/* SYN data that came up after mpt_flow_connect, before the SYN left (RFC 7413 4.2.1). 0 or MPT_ENOMEM. */
int mpt_syn_data(struct mpt_flow *f, uint32_t len, uint16_t flags, uint64_t dsn, uint64_t now);
/* Passive open from a SYN. take: octets of its payload that count as received (RCV.NXT = 1 + take); the
 * owner has them. 0 or MPT_ENOMEM. */
int mpt_flow_accept(struct mpt_flow *f, const struct mpt_segment *syn, uint32_t take, uint64_t now);
/* A segment of this 4-tuple. */
void mpt_flow_input(struct mpt_flow *f, const struct mpt_segment *s, uint64_t now);
/* Builds the next due segment that is not new data (handshake, retransmission, ACK, FIN, RST, probe) in packet->data
 * and returns 1; 0 when there is none. Call until 0. */
int mpt_flow_output(struct mpt_flow *f, struct mpt_packet *packet, uint64_t now);
int mpt_flow_has_output(const struct mpt_flow *f); /* cheap: pending bits, or lost segments that cwnd lets go */
/* Octets of new data that cwnd and window let go now (0: none; less than an MSS only when the window ends). */
uint64_t mpt_flow_room(const struct mpt_flow *f, uint64_t now);
/* The largest payload beside `opts` octets of owner's options (padded). */
uint32_t mpt_flow_payload_max(const struct mpt_flow *f, uint32_t opts);
/* Sends new data: seg->len, ->dsn, ->flags are given, seq is set here. Builds the packet, acknowledges on the way.
 * 1, or MPT_ENOMEM. Allowed in SYN_RCVD (early data) too. */
int mpt_flow_send(struct mpt_flow *f, struct mpt_seg *seg, struct mpt_packet *packet, uint64_t now);
/* Queues data that leaves as soon as possible as a retransmission would (the record after a SYN whose data was
 * not taken is already in the ring: the flow marks it lost by itself). */
void mpt_flow_push_ack(struct mpt_flow *f);     /* a pure ACK as soon as possible, for the owner's options */
void mpt_flow_shutdown(struct mpt_flow *f, uint64_t now); /* FIN after what was sent */
void mpt_flow_reset(struct mpt_flow *f, int error, uint64_t now); /* queues a RST (options by ops), state CLOSED, event CLOSED */
void mpt_flow_kill(struct mpt_flow *f, int error, uint64_t now);  /* as reset, nothing is sent */
void mpt_flow_establish(struct mpt_flow *f, uint64_t now);        /* SYN_RCVD -> ESTABLISHED by the owner (validated later) */
/* Offers held octets to ops->deliver again (a mapping came, or validation). */
void mpt_flow_redeliver(struct mpt_flow *f, uint64_t now);
void mpt_flow_window_changed(struct mpt_flow *f, uint64_t now);   /* the reader made room: window update when it matters */
void mpt_flow_blocked_changed(struct mpt_flow *f, uint64_t now);  /* re-evaluates the persist timer */
void mpt_flow_expire(struct mpt_flow *f, uint64_t now);           /* timer.at is due */
/* RST in answer to a segment without flow (RFC 9293 3.10.7.1); opts: raw options to add (padded). */
void mpt_flow_refuse(struct mpt_packet *packet, const struct mpt_segment *s, const uint8_t *opts, uint32_t opts_len);
uint64_t mpt_flow_first_rto(const struct mpt_flow *f); /* before any back-off; 0: no sample yet */
int mpt_flow_holds_small(const struct mpt_flow *f); /* Nagle: less than fits has to wait for an ACK */
void mpt_flow_tuned(struct mpt_flow *f, uint64_t now); /* f->tuning was set or changed */
/* An ICMP error quotes sequence number seq of ours (wire value). */
void mpt_flow_icmp(struct mpt_flow *f, uint32_t seq, enum mpt_icmp_kind kind, uint32_t mtu, uint64_t now);
int mpt_flow_usable(const struct mpt_flow *f); /* ESTABLISHED or CLOSE_WAIT */

#endif
