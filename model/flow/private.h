/* SPDX-License-Identifier: MIT */
/* flow/private.h - what the files of flow/ share and nobody else sees. Read flow.h first.
 *
 * A segment comes in at input.c (RFC 9293 3.10.7), which asks syn.c, ack.c (sack.c, rtt.c,
 * rack.c, recovery.c) and recv.c in this order; output.c and emit.c build what leaves; timer.c
 * holds the deadlines. */
#ifndef FLOW_PRIVATE_H
#define FLOW_PRIVATE_H

#include "base/serial.h"
#include "flow/flow.h"
#include "trace/trace.h"

#define MPT_MS            UINT64_C(1000000) /* ns */
#define FLOW_COUNT(f, id) ((f)->env->counters[MPT_CNT_##id]++)
/* A setting that the connection may have changed (struct mpt_flow_tuning). */
#define FLOW_TUNED(f, key) ((f)->tuning ? (f)->tuning->key : (f)->env->config->tcp_##key)
#define FLOW_TRACE(f, name, now, v0, v1, v2, v3)                                                   \
    MPT_TRACE((f)->env->tracer, name, (f)->conn_number, (f)->number, (now), (v0), (v1), (v2), (v3))

enum {
    RETX_RTO = 1,
    RETX_LOSS = 2,
    RETX_TLP = 3,
    RETX_SYN = 4 /* causes in trace data_retransmitted */
};
enum { FLOW_QUICK_ACKS = 16 /* as Linux: the first segments are acknowledged at once */ };

/* What one incoming ACK told (ack.c fills it, the loss detectors read it). */
struct mpt_ack {
    uint64_t delivered;  /* octets cumulatively acknowledged or SACKed for the first time */
    uint64_t first_sent; /* sent_at of the first and the last segment of them never sent again */
    uint64_t last_sent;
    uint32_t ts_ecr; /* echoed timestamp, valid if has_ts */
    uint8_t has_ts;
    uint8_t samples;  /* first_sent and last_sent are there */
    uint8_t advanced; /* snd_una moved */
    uint8_t sacked;   /* something was SACKed for the first time */
    uint8_t dsack;    /* a DSACK block (RFC 2883) */
    uint8_t fin;      /* our FIN is acknowledged */
    uint8_t window;   /* the window grew */
    uint8_t retx;     /* of them some had been sent again */
};

/* Sequence numbers a segment in the ring takes. */
static inline uint64_t mpt_seg_end(const struct mpt_seg *s)
{
    return s->seq + s->len + ((s->flags & (MPT_SEG_SYN | MPT_SEG_FIN)) != 0);
}

static inline struct mpt_seg *mpt_ring_at(const struct mpt_seg_ring *r, uint32_t i)
{
    return &r->at[i & (r->room - 1)];
}

static inline int
mpt_flow_is_open(const struct mpt_flow *f) /* not CLOSED: after a hook, may we go on? */
{
    return f->state != MPT_FLOW_CLOSED;
}

/* Right edge of what is acceptable: a little beyond rcv_edge when the scaled window had to be
 * rounded up. */
static inline uint64_t mpt_flow_edge(const struct mpt_flow *f)
{
    return f->rcv_told > f->rcv_edge ? f->rcv_told : f->rcv_edge;
}

/* ring.c */
struct mpt_seg *mpt_ring_push(struct mpt_seg_ring *r, struct mpt_mem *mem,
                              const struct mpt_seg *seg);
void mpt_ring_clear(struct mpt_seg_ring *r, struct mpt_mem *mem);
void mpt_ring_idle(struct mpt_seg_ring *r, struct mpt_mem *mem); /* empty: gives a big array back */
void mpt_ring_fly(struct mpt_seg_ring *r, uint32_t i);           /* last in order of sent_at */
void mpt_ring_fly_again(struct mpt_seg_ring *r, uint32_t i); /* where its sent_at belongs */
void mpt_ring_land(struct mpt_seg_ring *r, uint32_t i);
uint32_t mpt_ring_find(const struct mpt_seg_ring *r,
                       uint64_t x); /* first number whose end is behind x */

/* A ring that gets more segments in its middle: rebuild gives an empty one with room, moves notes where an old
 * segment went, place appends without room to look after, rebuilt frees the old one. */
int mpt_ring_rebuild(struct mpt_seg_ring *r, const struct mpt_seg_ring *old, struct mpt_mem *mem, uint32_t more);
void mpt_ring_moves(struct mpt_seg_ring *old, uint32_t i, uint32_t to);
void mpt_ring_place(struct mpt_seg_ring *r, const struct mpt_seg *seg);
void mpt_ring_rebuilt(struct mpt_seg_ring *r, struct mpt_seg_ring *old, struct mpt_mem *mem);

/* flow.c */
void mpt_flow_set_state(struct mpt_flow *f, enum mpt_flow_state state, uint64_t now);
void mpt_flow_start_cc(struct mpt_flow *f, uint64_t now);
int mpt_flow_obey(struct mpt_flow *f, enum mpt_flow_verdict v,
                  uint64_t now); /* 1: go on with the segment */

/* syn.c */
void mpt_syn_sent_input(struct mpt_flow *f, const struct mpt_segment *s, uint64_t now);
void mpt_syn_adopt(struct mpt_flow *f, const struct mpt_segment *s); /* the peer's SYN options */
void mpt_syn_options(const struct mpt_flow *f, struct mpt_tcp_options *o, uint64_t now);
int mpt_syn_timeout(struct mpt_flow *f, uint64_t now); /* 1: the SYN was what timed out */

/* emit.c */
uint32_t mpt_emit_clock(const struct mpt_flow *f, uint64_t now); /* our timestamp clock: ms */
void mpt_emit_control(struct mpt_flow *f, struct mpt_packet *packet, enum mpt_flow_out what,
                      uint64_t seq, uint8_t flags, uint64_t now);
void mpt_emit_syn(struct mpt_flow *f, struct mpt_packet *packet, const struct mpt_seg *data,
                  uint64_t now);
void mpt_emit_data(struct mpt_flow *f, struct mpt_packet *packet, const struct mpt_seg *seg,
                   uint64_t now);
void mpt_emit_bare_rst(struct mpt_flow *f, struct mpt_packet *packet);

/* ack.c */
void mpt_ack_process(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq, uint64_t ack,
                     uint64_t now);
void mpt_ack_delivered(struct mpt_flow *f, uint32_t i, struct mpt_ack *a,
                       uint64_t now); /* segment i arrived */
void mpt_ack_release(struct mpt_flow *f, uint64_t ack, struct mpt_ack *a, uint64_t now);

/* sack.c */
void mpt_sack_process(struct mpt_flow *f, const struct mpt_segment *s, uint64_t ack,
                      struct mpt_ack *a, uint64_t now);
void mpt_sack_forget(struct mpt_flow *f);
void mpt_sack_note(struct mpt_flow *f, uint64_t x); /* receiver: x arrived out of order */
uint32_t mpt_sack_blocks(struct mpt_flow *f, uint32_t block[][2], uint32_t max);

/* rtt.c */
void mpt_rtt_sample(struct mpt_flow *f, uint64_t rtt, uint64_t now);
void mpt_rtt_update(struct mpt_flow *f, const struct mpt_ack *a, uint64_t now);
void mpt_rtt_back_off(struct mpt_flow *f);

/* rack.c */
void mpt_rack_delivered(struct mpt_flow *f, const struct mpt_seg *seg, const struct mpt_ack *a,
                        uint64_t now);
int mpt_rack_detect(struct mpt_flow *f, uint64_t now); /* 1: segments were marked LOST */
void mpt_rack_dsack(struct mpt_flow *f);
void mpt_rack_recovered(struct mpt_flow *f);

/* tlp.c */
void mpt_tlp_schedule(struct mpt_flow *f, uint64_t now);
void mpt_tlp_ack(struct mpt_flow *f, uint64_t ack, const struct mpt_ack *a, uint64_t now);
void mpt_tlp_timeout(struct mpt_flow *f, uint64_t now);

/* recovery.c */
void mpt_recovery_lose(struct mpt_flow *f, uint32_t i);
void mpt_recovery_enter(struct mpt_flow *f, uint64_t now);
void mpt_recovery_ack(struct mpt_flow *f, const struct mpt_segment *s, uint64_t ack,
                      const struct mpt_ack *a, uint64_t now);
void mpt_recovery_timeout(struct mpt_flow *f, uint64_t now);
int mpt_recovery_may_send(const struct mpt_flow *f); /* a LOST segment may leave */
uint32_t
mpt_recovery_next(struct mpt_flow *f); /* number of the first LOST segment; there must be one */
uint64_t mpt_recovery_pipe(const struct mpt_flow *f);

/* undo.c */
void mpt_undo_begin(struct mpt_flow *f);              /* cwnd is going to be reduced */
void mpt_undo_sent(struct mpt_flow *f, uint64_t now); /* a segment was sent again */
void mpt_undo_dsack(struct mpt_flow *f, uint64_t to, uint64_t now); /* it was a duplicate */
void mpt_undo_ack(struct mpt_flow *f, const struct mpt_ack *a, uint64_t now);

/* recv.c */
void mpt_recv_payload(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq, uint64_t now);
void mpt_recv_fin(struct mpt_flow *f, uint64_t now); /* RCV.NXT may have reached the peer's FIN */
void mpt_recv_duplicate(struct mpt_flow *f, uint64_t from,
                        uint64_t to); /* to be reported by DSACK */

/* window.c */
uint16_t mpt_window_tell(struct mpt_flow *f, int scaled);
uint8_t mpt_window_scale(const struct mpt_flow *f);
void mpt_window_persist(struct mpt_flow *f, uint64_t now); /* arms or stops the persist timer */
void mpt_window_probe(struct mpt_flow *f, uint64_t now);   /* its expiry */

/* icmp.c */
uint32_t mpt_icmp_mtu(const struct mpt_flow *f);
uint32_t mpt_icmp_mss(const struct mpt_flow *f);
void mpt_icmp_cut(struct mpt_flow *f, uint64_t now);
void mpt_icmp_raise(struct mpt_flow *f, uint64_t now);
void mpt_icmp_timeout(struct mpt_flow *f, uint64_t now);

/* keepalive.c */
void mpt_keepalive_start(struct mpt_flow *f, uint64_t now);
void mpt_keepalive_timeout(struct mpt_flow *f, uint64_t now);

/* ecn.c */
uint8_t mpt_ecn_syn(struct mpt_flow *f);                            /* flags of our SYN or SYN/ACK */
void mpt_ecn_adopt(struct mpt_flow *f, const struct mpt_segment *s); /* the peer's SYN or SYN/ACK */
uint8_t mpt_ecn_flags(struct mpt_flow *f, int fresh); /* flags of any other; fresh: data never sent before */
void mpt_ecn_arrival(struct mpt_flow *f, const struct mpt_segment *s); /* acceptable payload */
void mpt_ecn_echo(struct mpt_flow *f, uint64_t now);                /* an ACK with ECE */
void mpt_ecn_reduced(struct mpt_flow *f);                           /* cwnd was reduced, for whatever reason */
/* Between a reduction by ECE and the ACK of something sent after it. */
static inline int mpt_ecn_in_cwr(const struct mpt_flow *f)
{
    return f->ecn_end && f->snd_una <= f->ecn_end;
}

/* close.c */
void mpt_close_done(struct mpt_flow *f, int error,
                    uint64_t now); /* CLOSED, event; nothing is sent */
void mpt_close_waited(struct mpt_flow *f, uint64_t now);
void mpt_close_fin_acked(struct mpt_flow *f, uint64_t now);
void mpt_close_fin_received(struct mpt_flow *f, uint64_t now);
void mpt_close_bare_rst(struct mpt_flow *f,
                        const struct mpt_segment *s); /* <SEQ=SEG.ACK><CTL=RST> */

/* timer.c */
void mpt_timer_arm(struct mpt_flow *f); /* after any of the deadlines moved */
void mpt_timer_stop(struct mpt_flow *f);

#endif
