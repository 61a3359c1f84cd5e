/* SPDX-License-Identifier: MIT */
/* flow/output.c - what leaves next, and may new data leave (RFC 9293 3.8.4, 3.10.2; RFC 5681
 * 3.1; RFC 6675 5 for the order: lost segments before new ones). Called by the owner's output
 * loop. */
#include "flow/private.h"

/* RFC 5681 4.1: after an idle RTO the old window says nothing. */
static int is_restart(const struct mpt_flow *f, uint64_t now)
{
    return f->ring.count == 0 && f->bytes_sent && now - f->last_send_at > f->rto;
}

/* RFC 5681 4.1: RW = min(IW, cwnd). */
static uint64_t restart_window(const struct mpt_flow *f)
{
    uint64_t initial = (uint64_t)f->env->config->tcp_initial_window * f->mss;

    return f->cc.cwnd < initial ? f->cc.cwnd : initial;
}

/* Whole segments only: a sliver of cwnd waits until an ACK makes a segment of it. An empty pipe
 * may always send one. */
static uint64_t cwnd_room(const struct mpt_flow *f, uint64_t now)
{
    uint64_t cwnd = is_restart(f, now) ? restart_window(f) : f->cc.cwnd,
             pipe = mpt_recovery_pipe(f);

    if (pipe == 0 && cwnd < f->mss)
        return f->mss;
    return cwnd >= pipe + f->mss ? cwnd - pipe : 0;
}

/* RFC 9293 3.8.6.2.1: no silly little segments while an ACK may bring more window. */
static uint64_t window_room(const struct mpt_flow *f)
{
    uint64_t edge = f->snd_una + f->snd_wnd, left = edge > f->snd_nxt ? edge - f->snd_nxt : 0;

    return left < f->mss && f->ring.count && left < f->snd_wnd_max / 2 ? 0 : left;
}

/* Lost segments go first (RFC 6675 4), so with any of them waiting there is no room for new
 * ones. */
uint64_t mpt_flow_room(const struct mpt_flow *f, uint64_t now)
{
    uint64_t cwnd, window;

    if (!(mpt_flow_usable(f) || f->state == MPT_FLOW_SYN_RCVD) || f->closing || f->lost_count)
        return 0;
    cwnd = cwnd_room(f, now);
    window = window_room(f);
    return cwnd < window ? cwnd : window;
}

/* f->mss already leaves room for timestamps; options are padded to 32-bit words (RFC 9293 3.1). */
uint32_t mpt_flow_payload_max(const struct mpt_flow *f, uint32_t opts)
{
    return f->mss - ((opts + 3) & ~3u);
}

/* RFC 9293 3.7.4 (Nagle) with the change of appendix A.3, as Linux has it: less than a full segment
 * waits while another such is not acknowledged. Full segments in flight do not hold it back, so a
 * message that ends in a small piece meets no delayed ACK. */
int mpt_flow_holds_small(const struct mpt_flow *f)
{
    return FLOW_TUNED(f, nagle) && f->snd_small > f->snd_una;
}

/* RFC 7661, as Linux: how much of cwnd was used during this window of data. */
static void note_flight(struct mpt_flow *f)
{
    if (f->snd_una >= f->flight_max_end || f->in_flight > f->flight_max) {
        f->flight_max = f->in_flight;
        f->flight_max_end = f->snd_nxt;
    }
}

/* RFC 6298 5.1; data in flight makes the persist timer superfluous. */
static void arm_after_send(struct mpt_flow *f, uint64_t now)
{
    if (f->rto_at == MPT_NEVER)
        f->rto_at = now + f->rto;
    f->persist_at = MPT_NEVER;
    f->persist_count = 0;
    mpt_tlp_schedule(f, now);
    mpt_timer_arm(f);
}

/* Nothing is changed when memory is out: the owner keeps its octets and asks again. */
int mpt_flow_send(struct mpt_flow *f, struct mpt_seg *seg, struct mpt_packet *packet, uint64_t now)
{
    seg->seq = f->snd_nxt;
    seg->sent_at = now;
    seg->sent = 1;
    if (is_restart(f, now)) {
        f->cc.cwnd = restart_window(f);
        if (f->cc.ops->idle)
            f->cc.ops->idle(&f->cc, now - f->last_send_at, now);
    }
    if (!mpt_ring_push(&f->ring, f->env->mem, seg)) {
        FLOW_COUNT(f, NO_MEMORY);
        return MPT_ENOMEM;
    }
    f->snd_nxt += seg->len;
    if (seg->flags & MPT_SEG_SMALL)
        f->snd_small = f->snd_nxt;
    f->in_flight += seg->len;
    note_flight(f);
    arm_after_send(f, now);
    mpt_emit_data(f, packet, seg, now);
    return 1;
}

/* Segment i once more, the same octets with the same borders (RFC 8684 3.3.1: a mapping never
 * changes). */
static void send_again(struct mpt_flow *f, struct mpt_packet *packet, uint32_t i, uint64_t cause,
                       uint64_t now)
{
    struct mpt_seg *seg = mpt_ring_at(&f->ring, i);

    /* a LOST segment is out of the pipe; a probe sends one that still flies */
    if (seg->flags & MPT_SEG_LOST) {
        seg->flags &= (uint16_t)~MPT_SEG_LOST;
        f->lost_count--;
        f->in_flight += seg->len;
    } else {
        mpt_ring_land(&f->ring, i);
    }
    mpt_ring_fly(&f->ring, i);
    seg->flags |= MPT_SEG_RETX;
    seg->sent_at = now;
    seg->sent++;
    f->bytes_retx += seg->len;
    f->retx_free = 0;
    if (cause != RETX_TLP)
        mpt_undo_sent(f, now);
    FLOW_COUNT(f, RETRANS_SEGS);
    FLOW_TRACE(f, data_retransmitted, now, seg->seq, seg->len, seg->sent, cause);
    arm_after_send(f, now);
    if (seg->flags & MPT_SEG_FIN)
        mpt_emit_control(f, packet, MPT_OUT_ACK, seg->seq, MPT_TCP_FIN | MPT_TCP_ACK, now);
    else
        mpt_emit_data(f, packet, seg, now);
}

/* The trace tells why: a time-out, a loss found by ACKs, or SYN data that was not taken. */
static void send_lost(struct mpt_flow *f, struct mpt_packet *packet, uint64_t now)
{
    uint32_t i = mpt_recovery_next(f);
    uint64_t cause = f->rto_end ? RETX_RTO : RETX_LOSS;

    if (mpt_ring_at(&f->ring, i)->flags & MPT_SEG_SYN_DATA && mpt_ring_at(&f->ring, i)->sent == 1)
        cause = RETX_SYN;
    send_again(f, packet, i, cause, now);
}

/* RFC 8985 7.3: the last segment again, unless an ACK has settled the matter meanwhile. */
static int send_probe(struct mpt_flow *f, struct mpt_packet *packet, uint64_t now)
{
    uint32_t last = f->ring.head + f->ring.count - 1;
    const struct mpt_seg *seg;

    f->pending &= (uint8_t)~MPT_PEND_TLP;
    if (!f->ring.count || mpt_ring_at(&f->ring, last)->flags & (MPT_SEG_SACKED | MPT_SEG_LOST))
        return 0;
    seg = mpt_ring_at(&f->ring, last);
    FLOW_TRACE(f, tlp, now, seg->seq, seg->len, 0, 0);
    send_again(f, packet, last, RETX_TLP, now);
    return 1;
}

/* First, again by the timer, or again because the peer repeated its SYN: only the first starts
 * the timer and carries data. */
static void send_syn(struct mpt_flow *f, struct mpt_packet *packet, uint64_t now)
{
    struct mpt_seg *syn = NULL, *data = NULL;

    f->pending &= (uint8_t)~MPT_PEND_SYN;
    if (f->ring.count && mpt_ring_at(&f->ring, f->ring.head)->flags & MPT_SEG_SYN)
        syn = mpt_ring_at(&f->ring, f->ring.head);
    if (f->syn_count++ == 0) {
        f->rto_at = now + f->rto;
        mpt_timer_arm(f);
        data = f->syn_data ? mpt_ring_at(&f->ring, f->ring.head + 1) : NULL;
    } else {
        FLOW_COUNT(f, RETRANS_SEGS);
        FLOW_TRACE(f, data_retransmitted, now, 0, 0, f->syn_count, RETX_SYN);
        if (syn)
            syn->flags |= MPT_SEG_RETX;
    }
    if (syn) {
        mpt_ring_land(&f->ring, f->ring.head);
        mpt_ring_fly(&f->ring, f->ring.head);
        syn->sent_at = now;
        syn->sent++;
    }
    if (data) {
        data->sent_at = now;
        data->sent++;
    }
    mpt_emit_syn(f, packet, data, now);
}

/* RFC 9293 3.10.4: the FIN takes its number when it leaves. */
static int send_fin(struct mpt_flow *f, struct mpt_packet *packet, uint64_t now)
{
    struct mpt_seg fin = {.seq = f->snd_nxt, .sent_at = now, .flags = MPT_SEG_FIN, .sent = 1};

    if (!mpt_ring_push(&f->ring, f->env->mem, &fin)) {
        FLOW_COUNT(f, NO_MEMORY);
        return 0;
    }
    f->pending &= (uint8_t)~MPT_PEND_FIN;
    f->snd_nxt++;
    mpt_flow_set_state(f, f->state == MPT_FLOW_CLOSE_WAIT ? MPT_FLOW_LAST_ACK : MPT_FLOW_FIN_WAIT_1,
                       now);
    arm_after_send(f, now);
    mpt_emit_control(f, packet, MPT_OUT_ACK, fin.seq, MPT_TCP_FIN | MPT_TCP_ACK, now);
    return 1;
}

/* With our options where the peer may read them (RFC 8684 3.6), bare where it only corrects a
 * number. */
static int send_rst(struct mpt_flow *f, struct mpt_packet *packet, uint64_t now)
{
    int bare = f->rst_bare;

    f->pending &= (uint8_t)~MPT_PEND_RST;
    f->rst_bare = 0;
    FLOW_COUNT(f, OUT_RSTS);
    if (bare)
        mpt_emit_bare_rst(f, packet);
    else
        mpt_emit_control(f, packet, MPT_OUT_RST, f->rst_seq, MPT_TCP_RST | MPT_TCP_ACK, now);
    return 1;
}

/* One segment serves whatever asked for it: an update, a probe, the owner's signal. */
static int send_ack(struct mpt_flow *f, struct mpt_packet *packet, uint64_t now)
{
    /* A probe is one octet before SND.NXT, so that it is never acceptable and always answered
     * (as Linux). */
    int probe = (f->pending & MPT_PEND_PROBE) != 0;

    f->pending &= (uint8_t)~(MPT_PEND_PROBE | MPT_PEND_DUP | MPT_PEND_ACK);
    mpt_emit_control(f, packet, probe ? MPT_OUT_PROBE : MPT_OUT_ACK, f->snd_nxt - (uint64_t)probe,
                     MPT_TCP_ACK, now);
    return 1;
}

/* A flow whose handshake is not over keeps its FIN until then. */
static int may_send_fin(const struct mpt_flow *f)
{
    return f->pending & MPT_PEND_FIN && mpt_flow_usable(f);
}

/* Must agree with mpt_flow_output: owners loop on it. */
int mpt_flow_has_output(const struct mpt_flow *f)
{
    if (!mpt_flow_is_open(f))
        return (f->pending & MPT_PEND_RST) != 0;
    if (f->state == MPT_FLOW_SYN_SENT)
        return (f->pending & (MPT_PEND_SYN | MPT_PEND_RST)) != 0;
    return (f->pending & (uint8_t)~MPT_PEND_FIN) || may_send_fin(f) || mpt_recovery_may_send(f);
}

/* In order of urgency. A pure ACK comes last: each of the others carries the acknowledgement
 * anyway. */
int mpt_flow_output(struct mpt_flow *f, struct mpt_packet *packet, uint64_t now)
{
    if (!(f->pending | f->lost_count))
        return 0;
    if (f->pending & MPT_PEND_RST)
        return send_rst(f, packet, now);
    if (!mpt_flow_is_open(f))
        return 0;
    if (f->pending & MPT_PEND_SYN) {
        send_syn(f, packet, now);
        return 1;
    }
    if (f->state == MPT_FLOW_SYN_SENT)
        return 0;
    if (mpt_recovery_may_send(f)) {
        send_lost(f, packet, now);
        return 1;
    }
    if (f->pending & MPT_PEND_TLP && send_probe(f, packet, now))
        return 1;
    if (may_send_fin(f) && send_fin(f, packet, now))
        return 1;
    return f->pending & (MPT_PEND_PROBE | MPT_PEND_DUP | MPT_PEND_ACK) ? send_ack(f, packet, now)
                                                                       : 0;
}

/* Not satisfied by data segments: their options may have had no room for the owner's signal. */
void mpt_flow_push_ack(struct mpt_flow *f)
{
    f->pending |= MPT_PEND_DUP;
}
