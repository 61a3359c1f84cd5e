/* SPDX-License-Identifier: MIT */
/* flow/input.c - a segment arrives (RFC 9293 3.10.7.4 in its order; RFC 5961 3-5 for blind
 * attacks; RFC 7323 5 for PAWS). Called by the demultiplexer for every segment of the 4-tuple.
 * Most segments are what was expected next: for them one test replaces all the checks (header
 * prediction). */
#include "flow/private.h"

#define CHALLENGE_PERIOD (5000 * MPT_MS)
enum { CHALLENGE_MOST = 10 /* per period, RFC 5961 7 */, TS_STALE_DAYS = 24 /* RFC 7323 5.5 */ };

/* Sequence numbers as differences: a segment may lie before the ISN. */
static int64_t ahead(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b);
}

/* Where RFC 9293 3.10.7.4 wants an ACK. Before the third ACK that is our SYN/ACK once more: it acknowledges
 * the same, and the peer, which may have sent its third ACK in vain, repeats it with the owner's options
 * (RFC 8684 3.1: an ACK with a DSS would tell it that they had come). */
static void acknowledge(struct mpt_flow *f)
{
    f->pending |= f->state == MPT_FLOW_SYN_RCVD && f->passive && !f->snd_una ? MPT_PEND_SYN : MPT_PEND_ACK;
}

/* RFC 5961 3.2, 4.2, 5.2: the real peer answers with a RST that hits, an attacker learns
 * nothing. Limited, so that nobody can make two ends talk to each other for ever (RFC 5961 7). */
static void challenge(struct mpt_flow *f, uint64_t now)
{
    if (now - f->challenge_at > CHALLENGE_PERIOD || !f->challenge_count) {
        f->challenge_at = now;
        f->challenge_count = 0;
    }
    if (f->challenge_count++ >= CHALLENGE_MOST)
        return;
    acknowledge(f);
    FLOW_COUNT(f, CHALLENGE_ACK);
}

/* What a bulk transfer consists of, in both directions. */
static int is_expected(const struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq,
                       uint64_t ack)
{
    const uint8_t control = MPT_TCP_ACK | MPT_TCP_SYN | MPT_TCP_FIN | MPT_TCP_RST;

    return (s->flags & control) == MPT_TCP_ACK && seq == f->rcv_nxt &&
           seq + s->len <= mpt_flow_edge(f) && ack >= f->snd_una && ack <= f->snd_nxt &&
           f->state >= MPT_FLOW_ESTABLISHED &&
           (!f->ts_ok || (s->tcp.has_ts && (int32_t)(s->tcp.ts_val - f->ts_recent) >= 0));
}

/* Something is wrong with its place; data is answered always, the rest under the limit (no ACK
 * wars). */
static int refuse(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq,
                  enum mpt_counter_id why, uint64_t now)
{
    f->env->counters[why]++;
    FLOW_TRACE(f, segment_dropped, now, why, seq, s->len, 0);
    if (s->flags & MPT_TCP_RST)
        return 0;
    if (s->len && ahead(seq, f->rcv_nxt) < 0) /* RFC 2883: a duplicate is reported */
        mpt_recv_duplicate(f, seq, ahead(seq + s->len, f->rcv_nxt) < 0 ? seq + s->len : f->rcv_nxt);
    if (s->len || seq == f->rcv_nxt - 1 ||
        s->flags & MPT_TCP_FIN) /* RCV.NXT - 1: probe or keep-alive */
        acknowledge(f);
    else
        challenge(f, now);
    return 0;
}

/* RFC 7323 5.3: 1 = older than what was seen. A segment without the option is dropped too (3.2),
 * but a RST. */
static int fails_paws(const struct mpt_flow *f, const struct mpt_segment *s, uint64_t now)
{
    if (!f->ts_ok || s->flags & (MPT_TCP_RST | MPT_TCP_SYN))
        return 0;
    if (!s->tcp.has_ts)
        return 1;
    return (int32_t)(s->tcp.ts_val - f->ts_recent) < 0 &&
           now - f->ts_recent_at < (uint64_t)TS_STALE_DAYS * 86400 * 1000 * MPT_MS;
}

/* RFC 5961 3.2: only a RST that hits RCV.NXT resets. */
static void take_rst(struct mpt_flow *f, uint64_t seq, uint64_t now)
{
    if (seq != f->rcv_nxt)
        challenge(f, now);
    else if (f->state == MPT_FLOW_TIME_WAIT || f->state == MPT_FLOW_LAST_ACK ||
             f->state == MPT_FLOW_CLOSING)
        mpt_close_done(f, f->state == MPT_FLOW_TIME_WAIT ? 0 : MPT_ECONNRESET, now);
    else
        mpt_close_done(f, f->state == MPT_FLOW_SYN_RCVD ? MPT_ECONNREFUSED : MPT_ECONNRESET, now);
}

/* RFC 7323 4.3, of a segment whose place is right. */
static void take_stamp(struct mpt_flow *f, const struct mpt_segment *s, uint64_t now)
{
    if (f->ts_ok && s->tcp.has_ts && (int32_t)(s->tcp.ts_val - f->ts_recent) >= 0) {
        f->ts_recent = s->tcp.ts_val;
        f->ts_recent_at = now;
    }
}

/* RFC 9293 3.10.7.4 fourth step with RFC 5961 4.2; in SYN-RCVD the peer may not have our
 * SYN/ACK. */
static void take_syn(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq, uint64_t now)
{
    if (f->state == MPT_FLOW_SYN_RCVD && seq == 0) {
        mpt_ecn_adopt(f, s);
        take_stamp(f, s, now); /* else the peer takes the first SYN's age for the RTT */
        f->pending |= MPT_PEND_SYN;
        return;
    }
    FLOW_COUNT(f, SYN_CHALLENGE);
    challenge(f, now);
}

/* Our SYN crossed the peer's, and this is its SYN/ACK: an ACK to us. */
static int is_crossed_synack(const struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq)
{
    const uint8_t both = MPT_TCP_SYN | MPT_TCP_ACK;

    return f->state == MPT_FLOW_SYN_RCVD && !f->passive && (s->flags & both) == both && seq == 0;
}

/* RFC 9293 3.10.7.4 fifth step, RFC 5961 5.2. */
static int is_ack_possible(struct mpt_flow *f, const struct mpt_segment *s, uint64_t ack,
                           uint64_t now)
{
    if (!(s->flags & MPT_TCP_ACK))
        return 0;
    if (f->state == MPT_FLOW_SYN_RCVD &&
        (ack == 0 || ahead(ack, f->snd_nxt) > 0 || ahead(ack, f->snd_una) < 0)) {
        mpt_close_bare_rst(f, s);
        return 0;
    }
    if (ahead(ack, f->snd_nxt) > 0 || ahead(ack, f->snd_una) < -(int64_t)f->snd_wnd_max) {
        challenge(f, now);
        return 0;
    }
    return 1;
}

/* RFC 9293 3.10.7.4 first to fifth step. SYN comes before the window: it is challenged wherever
 * it stands (RFC 5961 4.2). The left edge is what was acknowledged last, so that retransmissions
 * that cross an ACK still carry theirs. */
static int is_acceptable(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq,
                         uint64_t ack, uint64_t now)
{
    uint64_t end = seq + s->len + ((s->flags & MPT_TCP_FIN) != 0);

    if (s->flags & MPT_TCP_SYN && !is_crossed_synack(f, s, seq)) {
        take_syn(f, s, seq, now);
        return 0;
    }
    if (fails_paws(f, s, now))
        return refuse(f, s, seq, MPT_CNT_PAWS, now);
    if (ahead(seq, mpt_flow_edge(f)) > 0 ||
        (ahead(end, f->ts_last_ack) < 0 && !is_crossed_synack(f, s, seq)))
        return refuse(f, s, seq, MPT_CNT_OUT_OF_WINDOW, now);
    if (s->flags & MPT_TCP_RST) {
        take_rst(f, seq, now);
        return 0;
    }
    return is_ack_possible(f, s, ack, now);
}

/* RFC 7323 4.3 */
static void note_arrival(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq,
                         uint64_t now)
{
    f->last_recv_at = now;
    if (ahead(seq, f->ts_last_ack) <= 0)
        take_stamp(f, s, now);
    if (f->stale) {
        f->stale = 0;
        f->ops->event(f, MPT_FLOW_EV_ALIVE, now);
    }
}

/* A FIN counts when all before it is there; until then only its place is known. The first one
 * decides. */
static void take_fin(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq, uint64_t now)
{
    uint64_t at = seq + s->len;

    if (f->fin_seq ? at == f->fin_seq : ahead(at, f->rcv_nxt) < 0) {
        f->pending |= MPT_PEND_ACK;         /* again */
        if (f->state == MPT_FLOW_TIME_WAIT) /* RFC 9293 3.10.7.4 eighth step: 2 MSL anew */
            f->wait_at = now + f->env->config->tcp_time_wait;
    } else if (!f->fin_seq && ahead(at, mpt_flow_edge(f)) <= 0) {
        f->fin_seq = at;
    }
}

/* A join's early stage: the ACK and the payload count, its options are not read, the state
 * stays. */
static void take_early(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq, uint64_t ack,
                       uint64_t now)
{
    mpt_ack_process(f, s, seq, ack, now);
    if (mpt_flow_is_open(f) && s->len)
        mpt_recv_payload(f, s, seq, now);
}

/* RFC 9293 3.10.7.4: an acceptable ACK in SYN-RCVD. 1: established, go on. */
static int take_third_ack(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq,
                          uint64_t ack, uint64_t now)
{
    enum mpt_flow_verdict v = f->ops->third_ack ? f->ops->third_ack(f, s, now) : MPT_FLOW_TAKE;

    if (v == MPT_FLOW_DROP && f->state == MPT_FLOW_SYN_RCVD) {
        take_early(f, s, seq, ack, now);
        return 0;
    }
    if (!mpt_flow_obey(f, v, now))
        return 0;
    mpt_flow_establish(f, now);
    return mpt_flow_is_open(f);
}

/* RFC 9293 3.10.7.4 seventh and eighth step. */
static void take_text(struct mpt_flow *f, const struct mpt_segment *s, uint64_t seq, uint64_t now)
{
    mpt_ecn_arrival(f, s);
    if (s->len)
        mpt_recv_payload(f, s, seq, now);
    if (s->flags & MPT_TCP_FIN && mpt_flow_is_open(f))
        take_fin(f, s, seq, now);
    if (f->fin_seq && mpt_flow_is_open(f))
        mpt_recv_fin(f, now);
}

/* Options before the ACK: the ACK of our FIN may end the flow, and the same segment may carry
 * the last DATA_ACK. Each step looks whether a hook has ended the flow. */
void mpt_flow_input(struct mpt_flow *f, const struct mpt_segment *s, uint64_t now)
{
    uint64_t seq = mpt_serial_expand(f->rcv_nxt, s->seq - f->irs);
    uint64_t ack = mpt_serial_expand(f->snd_nxt, s->ack - f->iss);
    int held;

    f->segs_in++;
    if (f->state == MPT_FLOW_SYN_SENT) {
        mpt_syn_sent_input(f, s, now);
        return;
    }
    if (!mpt_flow_is_open(f)) {
        if (f->was_reset && (s->flags & (MPT_TCP_ACK | MPT_TCP_RST)) == MPT_TCP_ACK)
            mpt_close_bare_rst(f, s);
        return;
    }
    if (!is_expected(f, s, seq, ack) && !is_acceptable(f, s, seq, ack, now))
        return;
    seq += (s->flags & MPT_TCP_SYN) != 0; /* a crossed SYN/ACK */
    note_arrival(f, s, seq, now);
    held = f->state == MPT_FLOW_SYN_RCVD;
    if (held && !take_third_ack(f, s, seq, ack, now))
        return;
    if (f->ops->segment && !mpt_flow_obey(f, f->ops->segment(f, s, now), now))
        return;
    mpt_ack_process(f, s, seq, ack, now);
    if (held && mpt_flow_is_open(f))
        mpt_flow_redeliver(f, now);
    if (mpt_flow_is_open(f))
        take_text(f, s, seq, now);
}
