/* SPDX-License-Identifier: MIT */
/* check/segment.c - TCP's rules (RFC 9293 3.4 to 3.10, RFC 7323, RFC 2018) for each segment. Called by trace.c.
 *
 * Only what is provable from where the capture was taken: a sender knows nothing that did not pass the capture
 * point before its own segment did. So the highest edge or acknowledgement seen so far bounds what it may do,
 * wherever that point lies; and what was acknowledged must have been seen, unless the capture lacks packets. */
#include <inttypes.h>
#include <string.h>

#include "check/secure.h"

enum { WINDOW_MOST = 1 << 24 };

/* The number nearest to `near` whose low 32 bits are x. */
uint64_t segment_expand(uint64_t near, uint32_t x)
{
    return near + (uint64_t)(int64_t)(int32_t)(x - (uint32_t)near);
}

/* ---- SYN ----------------------------------------------------------------------------------------- */

/* RFC 7323 2.2: a shift is used only when both SYNs have the option. */
static unsigned shift_of(const struct flow *f, int d)
{
    return f->half[0].has_wscale && f->half[1].has_wscale ? f->half[d].wscale : 0;
}

static void learn_syn(struct half *h, const struct frame *p)
{
    h->syn = 1;
    h->isn = p->seq;
    h->has_wscale = p->has_wscale;
    h->wscale = p->wscale > 14 ? 14 : p->wscale;
    h->has_sack_ok = p->has_sack_ok;
    h->has_ts = p->has_ts;
    h->has_mss = p->has_mss;
    h->mss = p->mss;
    h->tfo |= p->has_tfo;
}

/* A server that forgot may answer anew as long as nobody acknowledged its first answer. */
static void check_isn(struct check *c, struct flow *f, int d, const struct frame *p)
{
    struct half *h = &f->half[d];

    if (h->syn && h->isn == p->seq) {
        h->has_ts &= p->has_ts; /* what a repeated SYN leaves out is not agreed for sure */
        h->tfo |= p->has_tfo;
        return;
    }
    if (h->syn && !require(c, f->half[!d].ack == 0, ISN, "%" PRIu32 ", was %" PRIu32, p->seq, h->isn))
        return;
    learn_syn(h, p);
}

static void check_syn(struct check *c, struct flow *f, int d, const struct frame *p)
{
    int passive = (p->flags & TCP_ACK) != 0;

    require(c, !(p->flags & TCP_FIN), TCP_FLAGS, "SYN and FIN");
    if (passive && !require(c, f->half[!d].syn, HANDSHAKE, "SYN/ACK without a SYN"))
        return;
    check_isn(c, f, d, p);
    require(c, !p->has_wscale || p->wscale <= 14, WSCALE, "%u, at most 14", p->wscale);
    /* RFC 7323 1.3, RFC 2018 2: an answer has only what was offered. */
    if (passive && f->half[!d].syn) {
        require(c, !p->has_wscale || f->half[!d].has_wscale, WSCALE, "in the SYN/ACK, not in the SYN");
        require(c, !p->has_ts || f->half[!d].has_ts, TS, "in the SYN/ACK, not in the SYN");
    }
}

/* ---- acknowledgement, window, SACK --------------------------------------------------------------- */

/* What is below must have been seen; FIN and SYN take a number each. */
static uint64_t sent_without_gap(const struct half *h)
{
    uint64_t to = span_gap(&h->seen, 1);

    return h->fin_sent && to == h->fin ? to + 1 : to;
}

static void check_ack(struct check *c, struct flow *f, int d, const struct frame *p)
{
    struct half *h = &f->half[d], *other = &f->half[!d];
    uint64_t ack, edge, sent;

    if (!(p->flags & TCP_ACK) && 1u + p->window > h->edge) /* of a SYN: unscaled (RFC 7323 2.2) */
        h->edge = 1u + p->window;
    if (!(p->flags & TCP_ACK) || !other->syn)
        return;
    ack = segment_expand(other->end, p->ack - other->isn);
    if ((int64_t)ack < 0 || ack > other->end) {
        if (!f->tainted && !c->options.partial)
            broken(c, ACK_UNSENT, "%" PRIu64 " octets beyond what was seen", ack - other->end);
        f->tainted = 1;
        return;
    }
    if (ack > h->ack && !c->options.partial && !f->tainted) {
        sent = sent_without_gap(other);
        if (!require(c, ack <= sent, ACK_UNSENT, "offset %" PRIu64 ", sent without gap up to %" PRIu64, ack, sent))
            f->tainted = 1; /* packets are missing: told once */
    }
    edge = ack + ((uint64_t)p->window << (p->flags & TCP_SYN ? 0 : shift_of(f, d)));
    h->ack = ack > h->ack ? ack : h->ack;
    h->edge = edge > h->edge ? edge : h->edge;
}

/* RFC 2018 3 and 4; the first block may report a duplicate (RFC 2883 4): at or below the acknowledgement, or
 * within the second. */
static void check_sack(struct check *c, struct flow *f, int d, const struct frame *p)
{
    struct half *other = &f->half[!d];

    if (p->sacks == 0 || !other->syn)
        return;
    require(c, f->half[0].has_sack_ok && f->half[1].has_sack_ok, SACK, "but not permitted by both SYNs");
    for (unsigned i = 0; i < p->sacks; i++) {
        uint64_t from = segment_expand(other->end, p->sack[i][0] - other->isn);
        uint64_t to = segment_expand(other->end, p->sack[i][1] - other->isn);
        uint64_t ack = segment_expand(other->end, p->ack - other->isn);
        int duplicate = i == 0 && (to <= ack || p->sacks > 1);

        require(c, from < to && (int64_t)from >= 0, SACK, "%u: left edge %" PRIu64 ", right edge %" PRIu64, i + 1,
                from, to);
        require(c, to <= other->end || f->tainted || c->options.partial, SACK,
                "%u ends at %" PRIu64 ", sent up to %" PRIu64, i + 1, to, other->end);
        require(c, duplicate || from > ack || i == 0, SACK, "%u begins at %" PRIu64 ", acknowledged %" PRIu64,
                i + 1, from, ack);
    }
}

/* ---- timestamps ---------------------------------------------------------------------------------- */

static int later(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}

/* RFC 7323 3.2: once agreed, in every segment but RSTs; the echo is of something that passed here. */
static void check_ts(struct check *c, struct flow *f, int d, const struct frame *p)
{
    struct half *h = &f->half[d], *other = &f->half[!d];
    int agreed = f->half[0].has_ts && f->half[1].has_ts;

    if (!(p->flags & TCP_SYN) && f->half[0].syn && f->half[1].syn && !p->bad) {
        if (!require(c, p->has_ts || !agreed || p->flags & TCP_RST, TS, "missing, though agreed on"))
            f->tainted = 1;
        require(c, !p->has_ts || agreed || f->half[0].has_ts, TS, "not agreed on");
    }
    if (!p->has_ts)
        return;
    if (p->flags & TCP_ACK && p->ts_echo != 0 && other->ts_any && !c->options.partial && !f->tainted)
        require(c, !later(p->ts_echo, other->ts_max), TS_ECHO, "%" PRIu32 ", newest is %" PRIu32, p->ts_echo,
                other->ts_max);
    if (!h->ts_any || later(p->ts, h->ts_max))
        h->ts_max = p->ts;
    h->ts_any = 1;
}

/* Acknowledgements only grow, and the timestamp clock does: two packets that contradict each other show that one
 * went back, in whatever order they came (RFC 7323 5.4). dss.c does the same with DATA_ACKs. */
static void check_order(struct check *c, struct flow *f, int d, const struct frame *p)
{
    struct half *h = &f->half[d];
    struct stamp *s = &h->newest;
    uint64_t ack;

    if (!f->half[!d].syn || !(p->flags & TCP_ACK) || p->flags & (TCP_SYN | TCP_RST))
        return;
    ack = segment_expand(f->half[!d].end, p->ack - f->half[!d].isn);
    if (ack > f->half[!d].end)
        return;
    if (s->has && s->has_ts && p->has_ts && ack != s->ack &&
        !require(c, ack > s->ack ? !later(s->ts, p->ts) : !later(p->ts, s->ts), TS_BACK,
                 "%" PRIu32 " acknowledges %s than %" PRIu32, p->ts, ack > s->ack ? "more" : "less", s->ts))
        f->tainted = 1;
    if (!s->has || ack > s->ack || (ack == s->ack && p->has_ts && later(p->ts, s->ts))) {
        s->has = 1;
        s->ack = ack;
        s->has_ts = p->has_ts;
        s->ts = p->ts;
    }
}

/* ---- data ---------------------------------------------------------------------------------------- */

/* RFC 9293 3.8.6.1: a probe of a closed window is one octet; a FIN takes a number without an octet. With MPTCP
 * the window is that of the connection (RFC 8684 3.3.5): dss.c. */
static int check_window(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off)
{
    struct half *h = &f->half[d], *other = &f->half[!d];
    uint64_t end = off + p->len, slack = p->len == 1 || end <= h->end ? 1 : 0;

    if (p->len == 0 || other->edge == 0 || p->flags & TCP_SYN ||
        (f->conn != NULL && !f->conn->fallback && f->conn->sec == NULL)) /* MPTCPsec 3.8: it limits its own subflow */
        return 1;
    return require(c, end <= other->edge + slack, WINDOW, "octets up to %" PRIu64 ", edge %" PRIu64, end, other->edge);
}

static void check_fin(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off)
{
    struct half *h = &f->half[d];
    uint64_t end = off + p->len;

    if (h->fin_sent && p->len > 0)
        require(c, end <= h->fin, AFTER_FIN, "octets up to %" PRIu64 ", FIN at %" PRIu64, end, h->fin);
    if (!(p->flags & TCP_FIN))
        return;
    if (h->fin_sent) {
        require(c, end == h->fin, AFTER_FIN, "FIN at %" PRIu64 ", was at %" PRIu64, end, h->fin);
        return;
    }
    if (!require(c, end >= h->end, AFTER_FIN, "FIN at %" PRIu64 ", octets up to %" PRIu64 " were sent", end, h->end))
        return;
    h->fin_sent = 1;
    h->fin = end;
}

/* A keep-alive may carry one octet of anything below the window (RFC 9293 3.8.4). */
static void check_content(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off)
{
    struct half *h = &f->half[d];
    uint64_t old = 0, wrong;

    if (p->len == 0 || (p->len == 1 && off + 1 == f->half[!d].ack))
        return;
    if (p->have < p->len)
        report_unchecked(c, UNCHECKED_SNAPLEN, p->len - p->have);
    wrong = octets_put(&h->octets, off, p->data, p->have, &old);
    if (wrong != UINT64_MAX && secure_is_record(f, d, wrong))
        broken(c, SEC_NONCE, "other octets at offset %" PRIu64, wrong);
    else
        require(c, wrong == UINT64_MAX, CONTENT, "at offset %" PRIu64, wrong);
    if (old > 0)
        report_unchecked(c, UNCHECKED_OLD, old);
}

/* RFC 9293 3.7.1: options count, as RFC 6691 says. Longer ones are seen before an off-load cuts them. */
static void check_mss(struct check *c, struct flow *f, int d, const struct frame *p)
{
    const struct half *other = &f->half[!d];

    if (p->len == 0 || p->partial || c->options.no_checksum || !other->syn || p->flags & TCP_SYN)
        return;
    require(c, p->len + p->opts_len <= (other->has_mss ? other->mss : 536u + 40u), MSS,
            "%" PRIu32 " octets and %" PRIu32 " of options, MSS %u", p->len, p->opts_len, other->mss);
}

static void check_data(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off)
{
    struct half *h = &f->half[d];
    uint64_t end = off + p->len;

    if (!check_window(c, f, d, p, off))
        return; /* nobody takes it */
    check_fin(c, f, d, p, off);
    check_content(c, f, d, p, off);
    check_mss(c, f, d, p);
    span_add(&h->seen, off, end);
    if (p->flags & TCP_FIN && end + 1 > h->end && h->fin == end)
        h->end = end + 1;
    if (p->len > 0 && end > h->end)
        h->end = end;
    h->payload += p->len;
}

/* The furthest number that makes sense. What a connection's window is on this subflow, only its ends know. */
static uint64_t most_of(const struct flow *f, int d)
{
    const struct half *h = &f->half[d], *other = &f->half[!d];
    uint64_t most = other->edge > h->end ? other->edge : h->end;

    return f->conn != NULL ? most + WINDOW_MOST : most;
}

/* ---- RST ----------------------------------------------------------------------------------------- */

/* RFC 9293 3.10.7.1: an answer to a segment of no connection takes its number from that, or is 0. Else it lies in
 * the peer's window, or nobody would believe it (3.5.3). */
static void check_rst(struct check *c, struct flow *f, int d, const struct frame *p)
{
    struct half *h = &f->half[d], *other = &f->half[!d];
    uint64_t off;

    if (h->syn) {
        off = segment_expand(h->end, p->seq - h->isn);
        if ((p->seq != 0 || !(p->flags & TCP_ACK)) && !c->options.partial)
            require(c, (int64_t)off >= 0 && off <= most_of(f, d) + 1, RST_SEQ,
                    "offset %" PRId64 ", sent up to %" PRIu64 ", edge %" PRIu64, (int64_t)off, h->end, other->edge);
    }
    h->rst_sent = 1;
}

/* ---- a segment ----------------------------------------------------------------------------------- */

/* Sequence numbers of segments without octets as well: below the ISN nothing was ever, beyond the window nothing
 * is taken. */
static int check_sequence(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off)
{
    struct half *h = &f->half[d], *other = &f->half[!d];

    if ((int64_t)off <= 0)
        return require(c, off == 0 && p->len <= 1, SEQUENCE, "before the first octet");
    return require(c, off <= most_of(f, d) + 1 || c->options.partial, SEQUENCE,
                   "offset %" PRIu64 ", sent up to %" PRIu64 ", edge %" PRIu64, off, h->end, other->edge);
}

static int check_state(struct check *c, struct flow *f, int d, const struct frame *p)
{
    if (!require(c, p->flags & TCP_ACK, TCP_FLAGS, "neither SYN, RST nor ACK"))
        return 0;
    if (d == 0 && !c->options.partial)
        return require(c, f->half[1].syn, HANDSHAKE, "a segment before the SYN/ACK");
    return require(c, f->half[d].syn || c->options.partial, HANDSHAKE, "a segment before the SYN/ACK");
}

int segment_check(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t *off)
{
    struct half *h = &f->half[d];

    h->packets++;
    if (f->blind) {
        report_unchecked(c, UNCHECKED_NO_SYN, 1);
        return 0;
    }
    if (p->flags & TCP_RST) {
        check_rst(c, f, d, p);
        return f->half[0].syn && f->half[1].syn;
    }
    if (p->flags & TCP_SYN)
        check_syn(c, f, d, p);
    else if (!check_state(c, f, d, p))
        return 0;
    if (!h->syn)
        return 0;
    *off = p->flags & TCP_SYN ? 1 : segment_expand(h->end, p->seq - h->isn);
    check_ack(c, f, d, p);
    check_sack(c, f, d, p);
    check_ts(c, f, d, p);
    check_order(c, f, d, p);
    if (!check_sequence(c, f, d, p, *off))
        return 0;
    if (!(p->flags & TCP_SYN) || p->len > 0)
        check_data(c, f, d, p, *off);
    return 1;
}
