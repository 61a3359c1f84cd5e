/* SPDX-License-Identifier: MIT */
/* flow/close.c - the end of a flow: FIN from either side, TIME-WAIT, RST (RFC 9293 3.6, 3.5.2,
 * 3.10.4-3.10.7). Called by the owner, by input.c, recv.c and ack.c. A closed flow is inert;
 * only a RST may still leave. */
#include "flow/private.h"

/* Every way to the end leads here, once. Ring and rob stay until the owner clears: it may still
 * look at them. */
void mpt_close_done(struct mpt_flow *f, int error, uint64_t now)
{
    if (!mpt_flow_is_open(f))
        return;
    f->error = error;
    f->pending = 0;
    mpt_timer_stop(f);
    mpt_cc_stop(&f->cc);
    f->cc.established = 0;
    mpt_flow_set_state(f, MPT_FLOW_CLOSED, now);
    f->ops->event(f, MPT_FLOW_EV_CLOSED, now);
}

/* For an owner that knows that the peer will not hear of it, or need not. */
void mpt_flow_kill(struct mpt_flow *f, int error, uint64_t now)
{
    mpt_close_done(f, error, now);
}

/* RFC 9293 3.10.5: a RST is due where the peer may know of us; in SYN-SENT only in answer to its
 * SYN/ACK. */
static int owes_rst(const struct mpt_flow *f)
{
    return f->state != MPT_FLOW_TIME_WAIT && (f->state != MPT_FLOW_SYN_SENT || f->rst_seq);
}

/* The RST stands at SND.NXT. If the peer misses segments before that it challenges, and
 * mpt_flow_input answers with a bare RST at its own number (RFC 5961 3.2). */
void mpt_flow_reset(struct mpt_flow *f, int error, uint64_t now)
{
    int due = owes_rst(f);

    if (!mpt_flow_is_open(f))
        return;
    f->rst_bare = 0;
    if (f->state != MPT_FLOW_SYN_SENT)
        f->rst_seq = f->snd_nxt;
    f->was_reset = 1;
    mpt_close_done(f, error, now);
    if (due)
        f->pending = MPT_PEND_RST;
}

/* RFC 9293 3.10.7.3, 3.10.7.4: the answer takes its sequence number from the ACK that was
 * impossible. */
void mpt_close_bare_rst(struct mpt_flow *f, const struct mpt_segment *s)
{
    f->rst_seq = s->ack - f->iss; /* only its low 32 bits count */
    f->rst_bare = 1;
    f->pending |= MPT_PEND_RST;
}

/* RFC 9293 3.10.4. The owner calls when its last octet has left. Before ESTABLISHED the FIN waits: this
 * closes one direction, and the other may still carry an answer. Only a join that nobody has answered
 * ends at once; its connection does not need it any more. */
void mpt_flow_shutdown(struct mpt_flow *f, uint64_t now)
{
    if (f->closing || !mpt_flow_is_open(f))
        return;
    f->closing = 1;
    if (f->state == MPT_FLOW_SYN_SENT && f->no_simultaneous)
        mpt_close_done(f, 0, now);
    else
        f->pending |= MPT_PEND_FIN;
}

/* RFC 9293 3.6.1: only the end that closed first waits. */
static void wait_time(struct mpt_flow *f, uint64_t now)
{
    mpt_flow_set_state(f, MPT_FLOW_TIME_WAIT, now);
    f->rto_at = f->persist_at = f->tlp_at = f->rack_at = MPT_NEVER;
    f->wait_at = now + f->env->config->tcp_time_wait;
    mpt_timer_arm(f);
}

/* RFC 9293 3.10.7.4 fifth step, the states after our FIN. Nothing of ours will leave any more: coupled congestion control
 * (RFC 6356 3) would go on sharing with a flow that only waits. */
void mpt_close_fin_acked(struct mpt_flow *f, uint64_t now)
{
    mpt_cc_stop(&f->cc);
    if (f->state == MPT_FLOW_FIN_WAIT_1) {
        mpt_flow_set_state(f, MPT_FLOW_FIN_WAIT_2, now);
        if (f->window_shared) {
            f->wait_at = now + f->env->config->tcp_time_wait;
            mpt_timer_arm(f);
        }
    } else if (f->state == MPT_FLOW_CLOSING)
        wait_time(f, now);
    else if (f->state == MPT_FLOW_LAST_ACK)
        mpt_close_done(f, 0, now);
}

/* wait_at is due: TIME-WAIT is over, or FIN-WAIT-2 of a subflow, which is no half-closed connection
 * (RFC 8684 3.3.3: its FIN only ends the subflow). A peer that went away must not leave it there. */
void mpt_close_waited(struct mpt_flow *f, uint64_t now)
{
    uint64_t wait = f->env->config->tcp_time_wait;

    if (f->state == MPT_FLOW_FIN_WAIT_2 && now - f->last_recv_at < wait)
        f->wait_at = f->last_recv_at + wait;
    else
        mpt_close_done(f, 0, now);
}

/* RFC 9293 3.10.7.4 eighth step. In FIN-WAIT-1 our FIN is not acknowledged yet: the ACK is
 * processed before the FIN. */
void mpt_close_fin_received(struct mpt_flow *f, uint64_t now)
{
    if (f->state == MPT_FLOW_ESTABLISHED)
        mpt_flow_set_state(f, MPT_FLOW_CLOSE_WAIT, now);
    else if (f->state == MPT_FLOW_FIN_WAIT_1)
        mpt_flow_set_state(f, MPT_FLOW_CLOSING, now);
    else if (f->state == MPT_FLOW_FIN_WAIT_2)
        wait_time(f, now);
    f->ops->event(f, MPT_FLOW_EV_FIN, now);
}

/* RFC 9293 3.10.7.1. The caller has made sure that s is no RST itself. */
void mpt_flow_refuse(struct mpt_packet *packet, const struct mpt_segment *s, const uint8_t *opts,
                     uint32_t opts_len)
{
    struct mpt_tcp_out out = {.flags = MPT_TCP_RST};
    uint8_t *p = packet->data + MPT_TCP_HEADER;

    if (opts_len)
        memcpy(p, opts, opts_len);
    out.opt_len = (uint32_t)(mpt_options_pad(p, p + opts_len) - p);
    if (s->flags & MPT_TCP_ACK) {
        out.seq = s->ack;
    } else {
        out.flags |= MPT_TCP_ACK;
        out.ack = s->seq + s->len + !!(s->flags & MPT_TCP_SYN) + !!(s->flags & MPT_TCP_FIN);
    }
    packet->local.port = s->dport;
    packet->remote.port = s->sport;
    packet->ecn = packet->dscp = 0;
    packet->ttl = 64;
    mpt_tcp_build(packet, &out);
}
