/* SPDX-License-Identifier: MIT */
/* flow/window.c - flow control: the window we offer (RFC 9293 3.8.6, silly window 3.8.6.2.2; RFC
 * 7323 2), and probing the window that the peer has closed (RFC 9293 3.8.6.1). Called by emit.c
 * for every segment, by ack.c, by timer.c and by the owner when its reader made room. */
#include "flow/private.h"

/* RFC 7323 2.3: the smallest shift that can express our buffer. */
uint8_t mpt_window_scale(const struct mpt_flow *f)
{
    uint8_t shift = 0;

    while (shift < 14 && f->env->config->rcvbuf >> shift > 65535)
        shift++;
    return shift;
}

/* RFC 9293 3.8.6.2.2: less room than this is not worth telling. */
static uint64_t worth_telling(const struct mpt_flow *f)
{
    uint64_t half = f->env->config->rcvbuf / 2;

    return half < f->mss ? half : f->mss;
}

/* The right edge to offer now. A connection's window is told as it is: the peer takes the
 * largest DATA_ACK + window (RFC 8684 3.3.1), so a smaller one takes nothing back. A plain flow
 * must not shrink (RFC 9293 3.8.6). */
static uint64_t choose_edge(struct mpt_flow *f)
{
    uint64_t window = f->ops->window(f), edge = f->rcv_nxt + window;

    if (f->window_shared)
        return window < worth_telling(f) ? f->rcv_nxt : edge;
    return edge < f->rcv_edge + worth_telling(f) ? f->rcv_edge : edge;
}

/* The field of a segment about to leave, and from then on a promise. In a SYN it is never scaled
 * (RFC 7323 2.2). */
uint16_t mpt_window_tell(struct mpt_flow *f, int scaled)
{
    uint64_t edge = choose_edge(f), step = UINT64_C(1) << (scaled ? f->rcv_wscale : 0), field;

    field = edge > f->rcv_nxt ? edge - f->rcv_nxt : 0;
    if (!f->window_shared && edge == f->rcv_edge)
        field += step - 1; /* rounding down would shrink: RFC 7323 2.4 */
    field /= step;
    if (field > 65535)
        field = 65535;
    f->rcv_told = f->rcv_nxt + field * step;
    if (edge > f->rcv_edge) /* without what rounding up added, or that would add up */
        f->rcv_edge = edge < f->rcv_told ? edge : f->rcv_told;
    return (uint16_t)field;
}

/* As Linux: an update leaves when it at least doubles what the peer knows; otherwise the next
 * ACK tells it. */
void mpt_flow_window_changed(struct mpt_flow *f, uint64_t now)
{
    uint64_t window, known;

    (void)now;
    if (f->state < MPT_FLOW_ESTABLISHED || f->fin_seq || f->pending & MPT_PEND_ACK)
        return;
    window = f->ops->window(f);
    known = f->rcv_told > f->rcv_nxt ? f->rcv_told - f->rcv_nxt : 0;
    if (window >= known + worth_telling(f) && window >= 2 * known)
        f->pending |= MPT_PEND_ACK;
}

/* Only with nothing in flight: otherwise the RTO keeps asking. */
void mpt_window_persist(struct mpt_flow *f, uint64_t now)
{
    if (f->ring.count == 0 && mpt_flow_usable(f) && f->ops->blocked && f->ops->blocked(f)) {
        if (f->persist_at == MPT_NEVER) {
            f->persist_at = now + f->rto;
            mpt_timer_arm(f);
        }
        return;
    }
    f->persist_at = MPT_NEVER;
    f->persist_count = 0;
}

/* The owner's octets for this flow came or went. */
void mpt_flow_blocked_changed(struct mpt_flow *f, uint64_t now)
{
    mpt_window_persist(f, now);
}

/* RFC 9293 3.8.6.1: backs off like the RTO, and never gives up while answers come. */
void mpt_window_probe(struct mpt_flow *f, uint64_t now)
{
    uint64_t wait = f->rto, most = f->env->config->tcp_rto_max;

    if (f->ring.count || !mpt_flow_usable(f) || !f->ops->blocked || !f->ops->blocked(f)) {
        f->persist_count = 0;
        return;
    }
    if (f->probes_out >
        f->env->config->tcp_retries) { /* RFC 1122 4.2.2.17: only while the peer answers */
        mpt_close_done(f, MPT_ETIMEDOUT, now);
        return;
    }
    f->pending |= MPT_PEND_PROBE;
    FLOW_COUNT(f, ZERO_PROBES);
    f->probes_out++;
    f->persist_count++;
    for (uint32_t i = 0; i < f->persist_count && wait < most; i++)
        wait *= 2;
    f->persist_at = now + (wait < most ? wait : most);
    mpt_timer_arm(f);
}
