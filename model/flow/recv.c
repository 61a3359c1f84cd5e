/* SPDX-License-Identifier: MIT */
/* flow/recv.c - payload and FIN of an acceptable segment (RFC 9293 3.10.7.4 seventh and eighth
 * step), and when to acknowledge (RFC 5681 4.2, RFC 9293 3.8.6.3). Called by input.c; hands
 * octets to ops->deliver.
 *
 * In order and wanted: straight from the packet to the owner, no copy. All else goes through
 * f->rob, whose offsets are sequence offsets: [rob.head, rob.tail) is held for an owner that
 * does not take it yet, the rest is beyond a hole. RCV.NXT = rob.tail, plus one behind the
 * peer's FIN. */
#include "flow/private.h"

enum { EARLY_MSS = 10 /* payload held before the third ACK is validated (jwd) */ };

/* RFC 2883 4: the next ACK says which octets came in vain; it leaves at once, the sender may be
 * undoing a reduction. */
void mpt_recv_duplicate(struct mpt_flow *f, uint64_t from, uint64_t to)
{
    f->env->counters[MPT_CNT_DUPLICATE_IN] += to - from;
    f->dsack_from = from;
    f->dsack_to = to;
    f->pending |= MPT_PEND_ACK;
}

/* RFC 5681 4.2: at least every second full-sized segment at once; what fills a hole at once. */
static void plan_ack(struct mpt_flow *f, uint32_t n, int hole, uint64_t now)
{
    if (n > f->rcv_mss)
        f->rcv_mss = n < f->mss ? n : f->mss;
    if (hole || f->quick_acks || f->rcv_nxt - f->ts_last_ack > f->rcv_mss) {
        f->pending |= MPT_PEND_ACK;
        f->quick_acks -= f->quick_acks > 0;
    } else if (f->delack_at == MPT_NEVER) {
        f->delack_at = now + f->env->config->tcp_delack;
        mpt_timer_arm(f);
    }
}

/* Stores; out of memory means not received: nothing is acknowledged, the peer sends it again. */
static int hold(struct mpt_flow *f, uint64_t seq, const uint8_t *data, size_t n)
{
    int64_t fresh = mpt_rob_put(&f->rob, f->env->mem, seq, data, n);

    if (fresh < 0) {
        FLOW_COUNT(f, NO_MEMORY);
        return 0;
    }
    f->bytes_received += (uint64_t)fresh;
    if ((size_t)fresh < n && fresh == 0)
        mpt_recv_duplicate(f, seq, seq + n);
    return 1;
}

/* The owner's answer to octets: how many it took, or 0 with the flow closed. */
static size_t offer(struct mpt_flow *f, uint64_t seq, const uint8_t *data, size_t n, uint64_t now)
{
    int64_t took = f->ops->deliver(f, seq, data, n, now);

    if (took < 0)
        mpt_flow_reset(f, (int)took, now);
    return took < 0 || !mpt_flow_is_open(f) ? 0 : (size_t)took;
}

/* As much as the owner takes. It may take less (a mapping is missing) and is offered the rest
 * with the next octets, or when it asks for it. */
void mpt_flow_redeliver(struct mpt_flow *f, uint64_t now)
{
    const uint8_t *data;
    size_t n, took;

    while (f->state >= MPT_FLOW_ESTABLISHED && (n = mpt_rob_peek(&f->rob, &data)) > 0) {
        took = offer(f, f->rob.head, data, n, now);
        if (!mpt_flow_is_open(f) || !took)
            return;
        mpt_rob_drop(&f->rob, f->env->mem, took);
        if (took < n)
            return;
    }
}

/* RCV.NXT follows the rob; the peer's FIN takes one number behind it. */
static void advance(struct mpt_flow *f)
{
    f->rcv_nxt = f->rob.tail + (f->fin_seq && f->rcv_nxt > f->fin_seq);
}

/* The fast path: no copy. What the owner leaves is held. */
static void take_direct(struct mpt_flow *f, uint64_t seq, const uint8_t *data, uint32_t n,
                        uint64_t now)
{
    size_t took = offer(f, seq, data, n, now);

    if (!mpt_flow_is_open(f))
        return;
    f->bytes_received += took;
    mpt_rob_skip(&f->rob, f->env->mem, seq + took);
    if (took < n)
        hold(f, seq + took, data + took, n - took);
}

/* A segment that ends inside or behind a range we hold goes through the rob, where the first
 * copy of an octet wins. */
static void take_in_order(struct mpt_flow *f, uint64_t seq, const uint8_t *data, uint32_t n,
                          uint64_t now)
{
    const struct mpt_rob *rob = &f->rob;
    int hole = rob->ofo.count > 0;
    int direct = f->state >= MPT_FLOW_ESTABLISHED && rob->head == rob->tail &&
                 (!hole || seq + n <= rob->ofo.at[0].from);

    if (direct)
        take_direct(f, seq, data, n, now);
    else
        hold(f, seq, data, n);
    if (!mpt_flow_is_open(f))
        return;
    if (rob->tail > rob->head && (!direct || hole)) {
        advance(f); /* the owner may look at RCV.NXT */
        mpt_flow_redeliver(f, now);
    }
    if (!mpt_flow_is_open(f))
        return;
    advance(f);
    plan_ack(f, n, hole, now);
}

/* RFC 5681 4.2: a duplicate ACK at once, it carries the SACK block. */
static void take_out_of_order(struct mpt_flow *f, uint64_t seq, const uint8_t *data, uint32_t n)
{
    f->pending |= MPT_PEND_ACK;
    if (!hold(f, seq, data, n))
        return;
    FLOW_COUNT(f, OFO_QUEUED);
    mpt_sack_note(f, seq);
}

/* What may be stored ends here. */
static uint64_t limit_of(const struct mpt_flow *f)
{
    uint64_t limit = mpt_flow_edge(f), early = f->rob.head + (uint64_t)EARLY_MSS * f->mss;

    if (f->state == MPT_FLOW_SYN_RCVD && early < limit)
        limit = early;
    if (f->fin_seq && f->fin_seq < limit)
        limit = f->fin_seq;
    return limit;
}

/* Behind the peer's FIN there is nothing (RFC 9293 3.10.7.4 seventh step: "this should not
 * occur"). */
static int still_receiving(const struct mpt_flow *f)
{
    return f->state == MPT_FLOW_SYN_RCVD || f->state == MPT_FLOW_ESTABLISHED ||
           f->state == MPT_FLOW_FIN_WAIT_1 || f->state == MPT_FLOW_FIN_WAIT_2;
}

/* Cuts what is old and what is beyond the window, then in order or not. */
void mpt_recv_payload(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq, uint64_t now)
{
    const uint8_t *data = s->data;
    uint64_t end = seq + s->len, limit = limit_of(f);

    if (!still_receiving(f)) {
        f->pending |= MPT_PEND_ACK;
        return;
    }
    /* begins before RCV.NXT: the known part is reported by DSACK and cut off */
    if ((int64_t)(seq - f->rcv_nxt) < 0) {
        uint64_t known = end < f->rcv_nxt ? end : f->rcv_nxt;

        mpt_recv_duplicate(f, seq, known);
        data += known - seq;
        seq = known;
    }
    /* beyond the window: RFC 9293 3.10.7.4 trims it; the ACK tells the sender where the edge is */
    if (end > limit) {
        f->pending |= MPT_PEND_ACK;
        end = limit;
    }
    if (end <= seq)
        return;
    if (seq == f->rcv_nxt)
        take_in_order(f, seq, data, (uint32_t)(end - seq), now);
    else
        take_out_of_order(f, seq, data, (uint32_t)(end - seq));
}

/* Also called when a hole in front of a FIN that came early was filled. */
void mpt_recv_fin(struct mpt_flow *f, uint64_t now)
{
    if (!f->fin_seq || f->rcv_nxt != f->fin_seq || f->state < MPT_FLOW_ESTABLISHED)
        return;
    f->rcv_nxt++;
    f->pending |= MPT_PEND_ACK;
    mpt_close_fin_received(f, now);
}
