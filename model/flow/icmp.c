/* SPDX-License-Identifier: MIT */
/* flow/icmp.c - ICMP errors and the path MTU (RFC 9293 3.9.2.2, RFC 1191 6, RFC 8201 4, 5; read RFC
 * 5927 first: what an attacker can do with forged ones). Called by api/icmp.c, by timer.c after
 * ten minutes, by recovery.c at a time-out, by syn.c for the MSS.
 *
 * Packets leave with DF, so a router that cannot pass one drops it and says the MTU it has. What is
 * too large then is cut into pieces and sent again; the owner keeps its mappings (ops->cut). */
#include "flow/private.h"

enum { LEAST_V4 = 576, LEAST_V6 = 1280 /* RFC 8201 4 */, OPTIONS_MOST = 40 };
#define RAISE_NS (UINT64_C(600000) * MPT_MS) /* RFC 1191 6.3, RFC 8201 4: ten minutes */

/* RFC 1191 7.1, for routers that say no MTU: the usual sizes, largest first. */
static const uint16_t plateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, LEAST_V4};

/* Octets an IP packet may have, as far as is known. */
uint32_t mpt_icmp_mtu(const struct mpt_flow *f)
{
    return f->pmtu && f->pmtu < f->mtu ? f->pmtu : f->mtu;
}

/* Payload beside timestamps of a packet of so many octets, never more than the peer takes. */
static uint32_t mss_of(const struct mpt_flow *f, uint32_t mtu)
{
    uint32_t most = mtu - (f->local.family == 6 ? 40 : 20) - MPT_TCP_HEADER;

    /* RFC 6691: the MSS option does not count options, we have to */
    return (f->peer_mss < most ? f->peer_mss : most) - (f->ts_ok ? 12 : 0);
}

uint32_t mpt_icmp_mss(const struct mpt_flow *f)
{
    return mss_of(f, mpt_icmp_mtu(f));
}

/* The largest piece of it that a segment can carry now. */
static uint32_t limit_of(struct mpt_flow *f, const struct mpt_seg *seg, uint64_t now)
{
    if (!seg->len || seg->flags & MPT_SEG_SACKED)
        return UINT32_MAX;
    return f->ops->cut ? f->ops->cut(f, seg, 0, now) : f->mss;
}

/* Whatever is too large did not arrive: it is lost without having been lost to congestion. Returns
 * how many segments more there will be. */
static uint32_t lose_too_large(struct mpt_flow *f, uint64_t now)
{
    uint32_t more = 0;

    for (uint32_t i = f->ring.head; i != f->ring.head + f->ring.count; i++) {
        const struct mpt_seg *seg = mpt_ring_at(&f->ring, i);
        uint32_t limit = limit_of(f, seg, now);

        if (seg->len <= limit)
            continue;
        mpt_recovery_lose(f, i);
        more += (seg->len - 1) / limit;
    }
    return more;
}

/* One segment in its pieces. PSH stays with the last; each knows by its flag that it is part of a
 * mapping. When the owner is out of memory the rest stays whole and waits for the next time-out. */
static void push_pieces(struct mpt_flow *f, struct mpt_seg_ring *to, struct mpt_seg seg,
                        uint64_t now)
{
    uint32_t limit = limit_of(f, &seg, now);

    while (seg.len > limit && seg.flags & MPT_SEG_LOST &&
           (!f->ops->cut || f->ops->cut(f, &seg, limit, now))) {
        struct mpt_seg piece = seg;

        piece.len = limit;
        piece.flags = (uint16_t)((seg.flags | MPT_SEG_PIECE) & ~MPT_SEG_PSH);
        mpt_ring_place(to, &piece);
        f->lost_count++;
        seg.seq += limit;
        seg.dsn += limit;
        seg.len -= limit;
        seg.flags |= MPT_SEG_PIECE;
    }
    mpt_ring_place(to, &seg);
}

/* RFC 1191 6.4: sent again at once, smaller. The congestion window stays, as in Linux: nothing says
 * that there is congestion, and in segments it has shrunk already. */
void mpt_icmp_cut(struct mpt_flow *f, uint64_t now)
{
    uint32_t more = lose_too_large(f, now);
    struct mpt_seg_ring old = f->ring;

    if (!more || mpt_ring_rebuild(&f->ring, &old, f->env->mem, more) < 0)
        return;
    for (uint32_t i = old.head; i != old.head + old.count; i++) {
        mpt_ring_moves(&old, i, f->ring.head + f->ring.count);
        push_pieces(f, &f->ring, *mpt_ring_at(&old, i), now);
    }
    mpt_ring_rebuilt(&f->ring, &old, f->env->mem);
    f->lost_hint = f->ring.head;
    f->undo_end = 0;
}

/* Both units of measurement change: the segment and, with it, congestion control's. */
static void set_mtu(struct mpt_flow *f, uint32_t mtu, uint64_t now)
{
    f->pmtu = (uint16_t)mtu;
    f->pmtu_claim = 0;
    if (f->state == MPT_FLOW_SYN_SENT) /* syn.c reckons with it when the peer's MSS is known */
        return;
    f->mss = mpt_icmp_mss(f);
    f->cc.mss = f->mss;
    FLOW_TRACE(f, pmtu, now, mpt_icmp_mtu(f), f->mss, 0, 0);
}

static void lower_mtu(struct mpt_flow *f, uint32_t mtu, uint64_t now)
{
    set_mtu(f, mtu, now);
    f->mss_acked = 0;
    f->pmtu_at = now + RAISE_NS;
    FLOW_COUNT(f, PMTU_LOWERED);
    mpt_icmp_cut(f, now);
    mpt_timer_arm(f);
}

/* RFC 1191 6.3: the path may have changed; the next full segment finds out. */
void mpt_icmp_raise(struct mpt_flow *f, uint64_t now)
{
    set_mtu(f, 0, now);
}

/* RFC 8201 4: less than 1280 is discarded. RFC 1191 3: less than 576 is possible but no reason to
 * send tiny segments (RFC 5927 7.1); 0 is an old router. 0: not to be believed. */
static uint32_t plausible(const struct mpt_flow *f, uint32_t mtu)
{
    uint32_t now_is = mpt_icmp_mtu(f), i = 0;

    if (f->local.family == 6)
        return mtu < LEAST_V6 || mtu >= now_is ? 0 : mtu;
    if (!mtu) {
        while (plateaus[i] > LEAST_V4 && plateaus[i] >= now_is)
            i++;
        mtu = plateaus[i];
    }
    if (mtu < LEAST_V4)
        mtu = LEAST_V4;
    return mtu >= now_is ? 0 : mtu;
}

/* RFC 5927 7.2: a packet as large as the message says cannot pass may have been acknowledged. Then
 * the message waits for a time-out to confirm it; an acknowledgement refutes it. */
static void too_big(struct mpt_flow *f, uint32_t mtu, uint64_t now)
{
    mtu = plausible(f, mtu);
    if (!mtu)
        return;
    if (f->state != MPT_FLOW_SYN_SENT && f->mss_acked > mss_of(f, mtu) && !f->rto_count)
        f->pmtu_claim = (uint16_t)mtu;
    else
        lower_mtu(f, mtu, now);
}

/* The segments timed out: the claim is true, or the path is dead and it does not matter. Also
 * another chance for pieces that memory had prevented. */
void mpt_icmp_timeout(struct mpt_flow *f, uint64_t now)
{
    if (f->pmtu_claim)
        lower_mtu(f, f->pmtu_claim, now);
    else if (f->pmtu)
        mpt_icmp_cut(f, now);
}

/* RFC 5927 4.1: SND.UNA <= SEG.SEQ < SND.NXT. */
static int is_in_flight(const struct mpt_flow *f, uint32_t seq)
{
    uint64_t at = mpt_serial_expand(f->snd_nxt, seq - f->iss);

    return at >= f->snd_una && at < f->snd_nxt;
}

/* RFC 5927 5.2, RFC 5461 2.2: a hard error ends an attempt to connect only; in a synchronised state
 * every error is a soft one, and those only say what the time-out will say too. */
void mpt_flow_icmp(struct mpt_flow *f, uint32_t seq, enum mpt_icmp_kind kind, uint32_t mtu,
                   uint64_t now)
{
    if (!mpt_flow_is_open(f) || !is_in_flight(f, seq)) {
        FLOW_COUNT(f, ICMP_OUT_OF_WINDOW);
        return;
    }
    if (kind == MPT_ICMP_TOO_BIG)
        too_big(f, mtu, now);
    else if (kind == MPT_ICMP_HARD &&
             (f->state == MPT_FLOW_SYN_SENT || f->state == MPT_FLOW_SYN_RCVD))
        mpt_close_done(f, MPT_ECONNREFUSED, now);
}
