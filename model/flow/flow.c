/* SPDX-License-Identifier: MIT */
/* flow/flow.c - the life of a flow: begin, open on either side, end (RFC 9293 3.3.2, 3.10.1).
 * Called by conn/ and api/. Sending is in output.c, receiving in input.c, the end of a
 * connection in close.c. */
#include "flow/private.h"

/* CLOSED until connect or accept. No timer runs, so the heap does not know of it yet. */
void mpt_flow_init(struct mpt_flow *f, const struct mpt_flow_ops *ops, struct mpt_flow_env *env,
                   void *owner, const struct mpt_addr *local, const struct mpt_addr *remote,
                   uint32_t isn)
{
    memset(f, 0, sizeof *f);
    f->ops = ops;
    f->env = env;
    f->owner = owner;
    f->local = *local;
    f->remote = *remote;
    f->iss = isn;
    f->mtu = 1500;
    f->rto = env->config->tcp_syn_rto;
    f->rto_at = f->persist_at = f->delack_at = f->tlp_at = f->rack_at = f->wait_at = f->keep_at =
        f->pmtu_at = MPT_NEVER;
    f->quick_acks = FLOW_QUICK_ACKS;
    f->rack_reo_mult = 1;
    mpt_list_init(&f->cc.sibling);
    mpt_rob_init(&f->rob, 1);
}

/* The owner hears of each segment that was never acknowledged: it pinned send data for it. */
void mpt_flow_clear(struct mpt_flow *f)
{
    struct mpt_mem *mem = f->env->mem;

    mpt_timer_stop(f);
    while (f->ring.count) {
        const struct mpt_seg *seg = mpt_ring_at(&f->ring, f->ring.head++);

        f->ring.count--;
        if (seg->len)
            f->ops->acked(f, seg, 1, 0);
    }
    mpt_ring_clear(&f->ring, mem);
    mpt_rob_clear(&f->rob, mem);
    mpt_cc_stop(&f->cc);
    f->state = MPT_FLOW_CLOSED;
    f->pending = 0;
}

/* The one place where the state changes, so that the trace misses none. */
void mpt_flow_set_state(struct mpt_flow *f, enum mpt_flow_state state, uint64_t now)
{
    if (f->state == state)
        return;
    f->state = (uint8_t)state;
    FLOW_TRACE(f, subflow_state, now, state, (uint64_t)-(int64_t)f->error, 0, 0);
}

/* RFC 9293 3.3.2: in these two states alone new data may leave. */
int mpt_flow_usable(const struct mpt_flow *f)
{
    return f->state == MPT_FLOW_ESTABLISHED || f->state == MPT_FLOW_CLOSE_WAIT;
}

/* As soon as the MSS is known: all of congestion control counts in it. */
void mpt_flow_start_cc(struct mpt_flow *f, uint64_t now)
{
    const struct mpt_cc_ops *ops = f->cc.ops ? f->cc.ops : mpt_cc_find(f->env->config->cc);
    uint64_t segments = f->env->config->tcp_initial_window;

    /* RFC 5681 3.1 wants one segment after a lost SYN; like Linux we forgive the first. */
    if (f->syn_count > 2)
        segments = 1;
    mpt_cc_stop(&f->cc);
    mpt_cc_start(&f->cc, ops, f->cc.group, f->mss, segments, now);
}

/* What a hook decided about a segment. Also a hook that says TAKE may have closed the flow. */
int mpt_flow_obey(struct mpt_flow *f, enum mpt_flow_verdict v, uint64_t now)
{
    if (v == MPT_FLOW_RESET)
        mpt_flow_reset(f, MPT_EPROTO, now);
    return v == MPT_FLOW_TAKE && mpt_flow_is_open(f);
}

/* The SYN lies in the ring like data: sequence number 0, retransmitted by its own rules (syn.c). */
static int push_syn(struct mpt_flow *f, uint64_t now)
{
    struct mpt_seg syn = {.seq = 0, .sent_at = now, .flags = MPT_SEG_SYN};

    if (!mpt_ring_push(&f->ring, f->env->mem, &syn))
        return MPT_ENOMEM;
    f->snd_nxt = 1;
    f->pending |= MPT_PEND_SYN;
    f->rto_at = now + f->rto;
    mpt_timer_arm(f);
    return 0;
}

/* RFC 9293 3.10.1. SYN data lies in the ring behind the SYN: it is acknowledged and sent again
 * like any other segment. */
int mpt_flow_connect(struct mpt_flow *f, uint32_t syn_data, uint16_t flags, uint64_t dsn,
                     uint64_t now)
{
    struct mpt_seg data = {.seq = 1,
                           .sent_at = now,
                           .dsn = dsn,
                           .len = syn_data,
                           .flags = (uint16_t)(flags | MPT_SEG_SYN_DATA)};

    if (push_syn(f, now) < 0)
        return MPT_ENOMEM;
    /* The first two segments lie in the first array of the ring: this cannot fail. */
    if (syn_data && mpt_ring_push(&f->ring, f->env->mem, &data)) {
        f->snd_nxt += syn_data;
        f->in_flight = f->syn_data = syn_data;
    }
    mpt_flow_set_state(f, MPT_FLOW_SYN_SENT, now);
    return 0;
}

/* RFC 9293 3.10.7.2. Payload that was not taken is forgotten, the peer sends it again. */
int mpt_flow_accept(struct mpt_flow *f, const struct mpt_segment *syn, uint32_t take, uint64_t now)
{
    if (push_syn(f, now) < 0)
        return MPT_ENOMEM;
    f->passive = 1;
    mpt_syn_adopt(f, syn);
    f->syn_take = take;
    f->rcv_nxt = f->rcv_edge = f->rcv_told = f->ts_last_ack = 1 + (uint64_t)take;
    f->bytes_received = take;
    f->last_recv_at = now;
    f->segs_in++;
    mpt_rob_init(&f->rob, f->rcv_nxt);
    mpt_flow_start_cc(f, now);
    mpt_flow_set_state(f, MPT_FLOW_SYN_RCVD, now);
    return 0;
}

/* RFC 9293 3.10.7.4, or the owner's own time (join-with-data, validated later): then redeliver
 * follows. */
void mpt_flow_establish(struct mpt_flow *f, uint64_t now)
{
    if (f->state != MPT_FLOW_SYN_RCVD && f->state != MPT_FLOW_SYN_SENT)
        return;
    f->cc.established = 1;
    f->pending &= (uint8_t)~MPT_PEND_SYN;
    /* RFC 6298 5.7: a handshake whose SYN timed out and that gave no sample begins with 3 s. */
    if (!f->srtt && f->syn_count > 1)
        f->rto = 3000 * MPT_MS;
    mpt_flow_set_state(f, MPT_FLOW_ESTABLISHED, now);
    mpt_tlp_schedule(f, now);
    mpt_keepalive_start(f, now);
    f->ops->event(f, MPT_FLOW_EV_ESTABLISHED, now);
}
