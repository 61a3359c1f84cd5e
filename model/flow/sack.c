/* SPDX-License-Identifier: MIT */
/* flow/sack.c - selective acknowledgement, both directions (RFC 2018, RFC 2883 for DSACK).
 * Called by ack.c for what the peer reports, by recv.c and emit.c for what we report.
 *
 * A peer repeats its blocks in every ACK. What was worked off already is remembered (sack_seen),
 * so that an ACK costs as much as it brings news, not as much as there are segments in flight. */
#include "flow/private.h"

/* Marks the segments that lie wholly inside [from, to) and reach into [x, end). */
static void mark_range(struct mpt_flow *f, uint64_t from, uint64_t to, uint64_t x, uint64_t end,
                       struct mpt_ack *a, uint64_t now)
{
    uint32_t last = f->ring.head + f->ring.count;

    for (uint32_t i = mpt_ring_find(&f->ring, x); i != last; i++) {
        struct mpt_seg *seg = mpt_ring_at(&f->ring, i);

        if (seg->seq >= end || mpt_seg_end(seg) > to)
            return;
        if (seg->seq < from || seg->flags & (MPT_SEG_SACKED | MPT_SEG_SYN))
            continue;
        mpt_ack_delivered(f, i, a, now);
        seg->flags |= MPT_SEG_SACKED;
        f->sacked_count++;
        a->sacked = 1;
    }
}

/* The part of sack_seen that covers x: its end; else x, and *next is where the next part begins. */
static uint64_t skip_seen(const struct mpt_flow *f, uint64_t x, uint64_t *next)
{
    for (uint32_t i = 0; i < MPT_TCP_SACKS_MAX; i++) {
        const uint64_t *seen = f->sack_seen[i];

        if (seen[0] <= x && x < seen[1])
            return seen[1];
        if (x < seen[0] && seen[0] < *next)
            *next = seen[0];
    }
    return x;
}

/* [from, to) less what earlier ACKs have shown, piece by piece; whole segments count, so each
 * piece is looked at from the segment that reaches into it. */
static void mark_news(struct mpt_flow *f, uint64_t from, uint64_t to, struct mpt_ack *a,
                      uint64_t now)
{
    uint64_t x = from;

    while (x < to) {
        uint64_t next = to, seen = skip_seen(f, x, &next);

        if (seen == x) {
            mark_range(f, from, to, x, next, a, now);
            x = next;
        } else {
            x = seen;
        }
    }
}

/* RFC 2883 4: the first block reports a duplicate if it is below the ACK or inside the second
 * block. */
static int is_dsack(const uint64_t block[][2], uint32_t n, uint64_t ack)
{
    return block[0][1] <= ack ||
           (n > 1 && block[1][0] <= block[0][0] && block[0][1] <= block[1][1]);
}

/* RFC 2018 5. What cannot be true is ignored, never an error: blocks may be old, and peers may
 * lie. */
void mpt_sack_process(struct mpt_flow *f, const struct mpt_segment *s, uint64_t ack,
                      struct mpt_ack *a, uint64_t now)
{
    uint64_t block[MPT_TCP_SACKS_MAX][2] = {{0}};
    uint32_t n = s->tcp.sacks < MPT_TCP_SACKS_MAX ? s->tcp.sacks : MPT_TCP_SACKS_MAX, first = 0;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < 2; k++)
            block[i][k] = mpt_serial_expand(f->snd_nxt, s->tcp.sack[i][k] - f->iss);
    if (is_dsack(block, n, ack)) {
        a->dsack = 1;
        first = 1;
        FLOW_COUNT(f, DSACK_RECV);
        mpt_rack_dsack(f);
        mpt_undo_dsack(f, block[0][1], now);
    }
    for (uint32_t i = first; i < n; i++) {
        if (block[i][0] < ack || block[i][0] >= block[i][1] || block[i][1] > f->snd_nxt)
            block[i][0] = block[i][1] = 0; /* old, or impossible: RFC 2018 8 allows to ignore it */
        else
            mark_news(f, block[i][0], block[i][1], a, now);
    }
    memset(f->sack_seen, 0, sizeof f->sack_seen);
    memcpy(f->sack_seen, block + first, (n - first) * sizeof block[0]);
}

/* RFC 2018 8: SACK is advisory; after a time-out with a SACKed head nothing of it is believed
 * any more. */
void mpt_sack_forget(struct mpt_flow *f)
{
    memset(f->sack_seen, 0, sizeof f->sack_seen);
}

/* The range held beyond a hole that x lies in, or NULL when it was filled meanwhile. */
static const struct mpt_range *range_of(const struct mpt_flow *f, uint64_t x)
{
    uint32_t i = mpt_ranges_find(&f->rob.ofo, x);

    return i < f->rob.ofo.count && f->rob.ofo.at[i].from <= x ? &f->rob.ofo.at[i] : NULL;
}

/* RFC 2018 4: the first block holds the newest segment, the others repeat what was reported most
 * recently. */
void mpt_sack_note(struct mpt_flow *f, uint64_t x)
{
    const struct mpt_range *mine = range_of(f, x);
    uint64_t recent[MPT_TCP_SACKS_MAX];
    uint32_t n = 1;

    recent[0] = x;
    for (uint32_t i = 0; i < f->rcv_recents && n < MPT_TCP_SACKS_MAX; i++) {
        const struct mpt_range *r = range_of(f, f->rcv_recent[i]);

        if (r && r != mine)
            recent[n++] = f->rcv_recent[i];
    }
    memcpy(f->rcv_recent, recent, n * sizeof recent[0]);
    f->rcv_recents = n;
}

/* Offsets to wire numbers (RFC 2018 3: left edge, and the number behind the last). */
static uint32_t put_block(const struct mpt_flow *f, uint32_t *block, uint64_t from, uint64_t to)
{
    block[0] = f->irs + (uint32_t)from;
    block[1] = f->irs + (uint32_t)to;
    return 1;
}

/* Blocks in the order of RFC 2018 4, a duplicate first (RFC 2883 4, reported once). Two notes
 * may by now lie in one range: it is reported once. */
uint32_t mpt_sack_blocks(struct mpt_flow *f, uint32_t block[][2], uint32_t max)
{
    uint32_t n = 0;

    if (max && f->dsack_to > f->dsack_from) {
        const struct mpt_range *around = range_of(f, f->dsack_from);

        n += put_block(f, block[n], f->dsack_from, f->dsack_to);
        f->dsack_from = f->dsack_to = 0;
        if (around && n < max) /* RFC 2883 4: and the block it lies in second */
            n += put_block(f, block[n], around->from, around->to);
    }
    for (uint32_t i = 0; i < f->rcv_recents && n < max; i++) {
        const struct mpt_range *r = range_of(f, f->rcv_recent[i]);
        uint32_t had = 0;

        for (uint32_t k = 0; r && k < n; k++)
            had |= block[k][0] == f->irs + (uint32_t)r->from;
        if (r && !had)
            n += put_block(f, block[n], r->from, r->to);
    }
    return n;
}
