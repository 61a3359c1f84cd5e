/* SPDX-License-Identifier: MIT */
/* check/dss.c - the data sequence signal: mappings, DATA_ACK, DATA_FIN, the window of the connection, infinite
 * mappings (RFC 8684 3.3 to 3.3.5, 3.7). Called by trace.c for every segment of an MPTCP connection. */
#include <inttypes.h>
#include <string.h>

#include "check/secure.h"

/* Is everything that passed known, so that what is missing was never sent? */
static int is_whole(const struct check *c, const struct conn *k)
{
    return !k->blind && !k->tainted && !k->fallback && !c->options.partial && !(c->flow && c->flow->tainted);
}

/* The offset of a data sequence number of end e: 64 bits, or the nearest that ends in these 32 (3.3.1). A
 * connection whose keys are unknown counts from the first number seen. */
static uint64_t offset_of(struct conn *k, int e, uint64_t number, int wide)
{
    struct end *end = &k->end[e];

    if (!end->has_idsn && k->blind) {
        end->idsn = (uint32_t)number - 0x10000u;
        end->has_idsn = 1;
        end->dend = 0x10000;
    }
    if (wide && !k->blind)
        return number - end->idsn;
    return segment_expand(end->dend, (uint32_t)number - (uint32_t)end->idsn);
}

/* ---- data ------------------------------------------------------------------------------------------ */

/* 3.3.5: the window is the connection's, from the DATA_ACK on. One octet more is a probe of a closed one. Where a
 * receiver takes a window back, Linux counts a new DATA_ACK with a subflow's old window: odd, but never more than
 * the largest window there was. */
static int check_window(struct check *c, const struct end *other, uint64_t to, unsigned probe)
{
    uint64_t most = other->dack + other->window_most;

    most = most > other->dedge ? most : other->dedge;
    if (!require(c, to <= most + probe, DATA_WINDOW, "data offsets up to %" PRIu64 ", edge %" PRIu64, to, most))
        return 0;
    return require(c, to <= other->dedge + probe, DATA_WINDOW_SHRUNK, "data offsets up to %" PRIu64 ", edge %" PRIu64,
                   to, other->dedge) || 1;
}

/* What a receiver would not take is told once, and not counted as sent. */
static int check_sequence(struct check *c, struct conn *k, int e, uint64_t from, uint64_t to)
{
    struct end *end = &k->end[e], *other = &k->end[!e];

    if (end->has_fin && !require(c, to <= end->fin, DATA_FIN_BEYOND, "data offsets up to %" PRIu64 ", DATA_FIN at %" PRIu64,
                                 to, end->fin))
        return 0;
    if (to > end->dend && other->has_dedge && !k->blind && !k->fallback && !check_window(c, other, to, to - from == 1))
        return 0;
    span_add(&end->seen, from, to);
    if (to > end->dend)
        end->dend = to;
    return 1;
}

/* The same number has the same octets on every subflow (3.3.1, 3.3.6). Linux asks for the window by one octet at a number
 * that is acknowledged already, whatever the octet is: odd, but nobody takes it. */
void dss_data(struct check *c, struct flow *f, int d, uint64_t off, uint64_t len, uint64_t from)
{
    int e = d ^ f->flip;
    struct end *end = &f->conn->end[e];
    int probe = len == 1 && from < f->conn->end[!e].dack;

    if (!check_sequence(c, f->conn, e, from, from + len))
        return;
    while (len > 0) {
        const uint8_t *p;
        uint64_t old = 0, wrong;
        size_t n = octets_peek(&f->half[d].octets, off, len, &p);

        if (n == 0)
            return; /* not captured: told by segment.c */
        wrong = octets_put(&end->octets, from, p, n, &old);
        if (probe)
            require(c, wrong == UINT64_MAX, DSN_PROBE, "data offset %" PRIu64, wrong);
        else if (!f->conn->tainted && !require(c, wrong == UINT64_MAX, DSN_CONTENT, "data offset %" PRIu64, wrong))
            report_taint(c);
        if (old > 0)
            report_unchecked(c, UNCHECKED_OLD, old);
        off += n, from += n, len -= n;
    }
}

/* ---- DATA_FIN (3.3.3) -------------------------------------------------------------------------------- */

void dss_fin(struct check *c, struct conn *k, int e, uint64_t fin)
{
    struct end *end = &k->end[e];

    if (end->has_fin) {
        require(c, fin == end->fin, DATA_FIN, "at data offset %" PRIu64 ", was at %" PRIu64, fin, end->fin);
        return;
    }
    if (!require(c, fin >= end->dend, DATA_FIN_BEYOND, "DATA_FIN at %" PRIu64 ", data offsets up to %" PRIu64, fin,
                 end->dend))
        return;
    end->has_fin = 1;
    end->fin = fin;
    end->dend = fin + 1;
}

/* ---- DATA_ACK (3.3.2) -------------------------------------------------------------------------------- */

int dss_ack(struct check *c, struct conn *k, int e, uint64_t ack, uint64_t edge)
{
    struct end *end = &k->end[e], *other = &k->end[!e];
    uint64_t gap;

    if (!k->blind && !k->fallback && !k->tainted && !c->options.partial &&
        !require(c, ack <= other->dend, DACK_UNSENT, "data offset %" PRIu64 ", sent up to %" PRIu64, ack, other->dend))
        return 0;
    if (ack > end->dack && is_whole(c, k)) {
        gap = span_gap(&other->seen, 1);
        gap += other->has_fin && gap == other->fin;
        if (!require(c, ack <= gap, DSN_GAP, "acknowledged up to %" PRIu64 ", sent without gap up to %" PRIu64, ack,
                     gap))
            k->tainted = 1; /* told once */
    }
    end->dack = ack > end->dack ? ack : end->dack;
    end->dedge = edge > end->dedge ? edge : end->dedge;
    end->has_dedge = 1;
    return 1;
}

static int is_later(const struct stamp *s, uint64_t ack, const struct frame *p)
{
    return ack > s->ack || (ack == s->ack && s->has_ts && p->has_ts && (int32_t)(p->ts - s->ts) > 0);
}

static int is_earlier(const struct stamp *s, uint64_t ack, const struct frame *p)
{
    return ack < s->ack || (ack == s->ack && s->has_ts && p->has_ts && (int32_t)(p->ts - s->ts) < 0);
}

/* DATA_ACKs only grow; TCP's acknowledgement and timestamp tell which of two packets was sent later, in whatever
 * order they came. */
int dss_stamp(struct flow *f, int d, const struct frame *p, struct stamp *s, uint64_t value)
{
    uint64_t ack = segment_expand(f->half[!d].end, p->ack - f->half[!d].isn);
    int r = 0;

    if (!(p->flags & TCP_ACK) || ack > f->half[!d].end)
        return 0;
    if (s->has && value != s->dack)
        r = (value < s->dack ? is_later(s, ack, p) : is_earlier(s, ack, p)) ? -1 : 1;
    if (s->has && value <= s->dack)
        return r;
    s->has = 1;
    s->dack = value;
    s->ack = ack;
    s->ts = p->ts;
    s->has_ts = p->has_ts;
    return r;
}

static void check_order(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t dack)
{
    uint64_t was = f->half[d].top_dack.dack;
    int r = dss_stamp(f, d, p, &f->half[d].top_dack, dack);

    if (r != 0)
        require(c, r > 0, DACK_BACK, "%" PRIu64 " and %" PRIu64 " in the wrong order", was, dack);
}

/* Every segment of an established connection moves the edge; without a DATA_ACK from the newest one on. */
static void take_ack(struct check *c, struct flow *f, int d, const struct frame *p)
{
    struct conn *k = f->conn;
    int e = d ^ f->flip;
    unsigned shift = f->half[0].has_wscale && f->half[1].has_wscale && !(p->flags & TCP_SYN) ? f->half[d].wscale : 0;
    uint64_t window = (uint64_t)p->window << shift, ack = k->end[e].dack;
    int named = 0;

    if (p->mp >> SUB_DSS & 1 && p->dss.flags & F_ACK && (k->end[!e].has_idsn || k->blind)) {
        ack = offset_of(k, !e, p->dss.ack, p->dss.flags & F_ACK64);
        if (!require(c, k->blind || (int64_t)ack >= 1, DACK_UNSENT, "before the first data sequence number"))
            return;
        named = 1;
    }
    if (window > k->end[e].window_most)
        k->end[e].window_most = window;
    if (dss_ack(c, k, e, ack, ack + window) && named)
        check_order(c, f, d, p, ack);
}

/* ---- mappings (3.3.1) -------------------------------------------------------------------------------- */

/* 3.7: without length, for ever. What was sent first behind the segment that says so, at `off`, is plain TCP. */
static void infinite(struct check *c, struct flow *f, int d, uint64_t ssn, uint64_t dsn, uint64_t off)
{
    int others = 0;

    for (const struct flow *o = c->flows; o != NULL; o = o->next)
        others += o->conn == f->conn && o != f && !o->replaced && !o->half[0].rst_sent && !o->half[1].rst_sent &&
                  !o->half[0].fin_sent && !o->half[1].fin_sent && (o->kind == FLOW_FIRST || o->join_ack);
    require(c, others == 0, INFINITE, "with %d other subflow%s", others, others == 1 ? "" : "s");
    f->conn->fallback = f->conn->end[d ^ f->flip].fell = 1;
    if (f->half[d].maps.infinite == 0)
        f->half[d].maps.infinite = off;
    mapping_add(c, f, d, ssn, MAP_FOREVER - ssn, dsn);
}

/* 3.3.3: without octets SSN 0 and length 1; else the last number of the mapping. Returns octets mapped. */
static uint32_t take_fin(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t dsn)
{
    if (!(p->dss.flags & F_FIN))
        return p->dss.dll;
    if (p->dss.dll == 1)
        require(c, p->dss.ssn == 0, DATA_FIN, "without octets, SSN %" PRIu32 " and not 0", p->dss.ssn);
    dss_fin(c, f->conn, d ^ f->flip, dsn + p->dss.dll - 1);
    return p->dss.dll - 1u;
}

static void wait_for_sum(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t ssn, uint64_t dsn,
                         uint32_t len)
{
    const struct end *end = &f->conn->end[d ^ f->flip];
    struct waiting w = {len > 0 ? ssn : 0, end->idsn + dsn, p->dss.ssn, len, p->dss.dll, p->dss.checksum, p->at};

    if (f->conn->agreed &&
        !require(c, p->dss.has_checksum == f->conn->checksum, DSS_CHECKSUM_FORM, "it is%s there, agreed was %s",
                 p->dss.has_checksum ? "" : " not", f->conn->checksum ? "one" : "none"))
        return;
    if (p->dss.has_checksum && f->conn->checksum && end->has_key)
        mapping_wait(f, d, &w);
}

static void take_map(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off)
{
    struct half *h = &f->half[d];
    struct conn *k = f->conn;
    uint32_t len, before = f->kind == FLOW_FIRST && d == 0 ? f->record : 0;
    uint64_t dsn, ssn = segment_expand(h->end - before, p->dss.ssn) + before;

    if (!k->end[d ^ f->flip].has_idsn && !k->blind)
        return; /* the third ACK with the key was not seen */
    dsn = offset_of(k, d ^ f->flip, p->dss.dsn, p->dss.flags & F_DSN64);
    if (!require(c, k->blind || (int64_t)dsn >= 1, DSN_BEFORE, "offset %" PRId64, (int64_t)dsn)) {
        report_taint(c);
        return;
    }
    if (p->dss.dll == 0) {
        infinite(c, f, d, ssn, dsn, off);
        return;
    }
    require(c, h->maps.infinite == 0 || ssn < h->maps.infinite, FALLBACK, "a mapping behind the infinite one");
    len = take_fin(c, f, d, p, dsn);
    if (len > 0 && !require(c, (int64_t)ssn >= 1, MAP_SSN, "%" PRIu32, p->dss.ssn)) {
        report_taint(c);
        return;
    }
    if (len > 0 && !require(c, ssn > f->record || d != 0, JWD_OVERLAP, "SSN %" PRIu64 ", record of %" PRIu32, ssn,
                            f->record)) {
        report_taint(c);
        return;
    }
    if (len == 0 || mapping_add(c, f, d, ssn, len, dsn) == 0)
        wait_for_sum(c, f, d, p, ssn, dsn, len);
}

/* ---- a segment --------------------------------------------------------------------------------------- */

static void check_flags(struct check *c, struct flow *f, const struct frame *p)
{
    unsigned flags = p->dss.flags;

    require(c, p->dss.reserved == 0, DSS_FLAGS, "reserved bits 0x0%x beside the subtype", p->dss.reserved);
    require(c, (flags & 0x40) == 0, DSS_FLAGS, "reserved bit 0x40");
    require(c, !(flags & (F_U | F_IDLE)) || f->conn->jwd || f->conn->blind, DSS_FLAGS, "reserved bits 0x%02x",
            flags & (F_U | F_IDLE));
    require(c, flags & F_MAP || !(flags & (F_FIN | F_IDLE | F_DSN64)), DSS_FLAGS, "0x%02x without a mapping", flags);
    require(c, flags & F_ACK || !(flags & F_ACK64), DSS_FLAGS, "0x%02x without a DATA_ACK", flags);
}

/* What a SYN/ACK takes of a Fast Open SYN is delivered before everything that has a number: SSN 1 and the first DSN
 * come behind it (RFC 8684 appendix B.2; so does Linux). */
static void take_open_data(struct flow *f, int d)
{
    if (f->kind == FLOW_FIRST && d == 1 && f->half[1].ack > 1)
        f->record = (uint32_t)f->half[1].ack - 1;
}

/* The first data of a side without a mapping, or its FIN in place of data, makes the connection TCP (3.7); a mapping
 * may still come, until the end. */
static void note_bare(struct flow *f, int d, const struct frame *p, uint64_t off)
{
    struct half *h = &f->half[d];

    int bare = p->len > 0 || (p->flags & TCP_FIN && p->mp == 0);

    if (f->kind == FLOW_FIRST && bare && off == 1 && !p->bad && !mapping_covers(&h->maps, 1))
        h->bare_first = f->conn->tainted = 1;
    else if (h->bare_first && mapping_covers(&h->maps, 1))
        h->bare_first = 0;
}

void dss_check(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off)
{
    int e = d ^ f->flip, has = p->mp >> SUB_DSS & 1;
    uint64_t skip = d == 0 && off <= f->record ? f->record + 1 - off : 0;

    if (p->flags & TCP_RST)
        return;
    if (p->flags & TCP_SYN) {
        take_ack(c, f, d, p);
        take_open_data(f, d);
        return;
    }
    if (has) {
        check_flags(c, f, p);
        f->conn->end[e].spoke = 1;
    }
    if (f->kind == FLOW_JOIN)
        joinrec_segment(c, f, d, p, off);
    skip = d == 0 && off <= f->record ? f->record + 1 - off : skip;
    take_ack(c, f, d, p);
    if (has && p->dss.flags & F_MAP)
        take_map(c, f, d, p, off);
    note_bare(f, d, p, off);
    if (p->len > skip)
        mapping_data(c, f, d, off + skip, p->len - skip);
    if (f->half[d].maps.waits > 0)
        mapping_verify(c, f, d);
}

/* ---- the end ----------------------------------------------------------------------------------------- */

/* Octets whose mapping never came. The first subflow without any mapping from one side was TCP (3.7). */
static void finish_half(struct check *c, struct flow *f, int d)
{
    struct maps *m = &f->half[d].maps;

    if (f->half[d].bare_first || (f->kind == FLOW_FIRST && f->conn->fallback))
        return;
    for (size_t i = 0; i < m->bares; i++) {
        uint64_t from = m->bare[i].from;

        if (d == 0 && from <= f->record)
            from = f->record + 1;
        if (from >= m->bare[i].to)
            continue;
        report_count(c);
        report_at(c, m->bare[i].at, CLAUSE_MAP_MISSING, "offsets %" PRIu64 " to %" PRIu64, from, m->bare[i].to - 1);
        return;
    }
}

/* Judged only of a connection in which nothing else was wrong: one mistake is told once. */
void dss_finish(struct check *c, struct conn *k)
{
    c->conn = k;
    c->tallying = &k->tally;
    for (struct flow *f = c->flows; f != NULL; f = f->next)
        if (f->conn == k && (f->half[0].bare_first || f->half[1].bare_first))
            k->fallback = 1;
    if (k->sec != NULL) {
        secure_finish(c, k);
        return;
    }
    if (k->blind || k->tainted || k->tally.errors > 0 || c->options.partial)
        return;
    for (struct flow *f = c->flows; f != NULL; f = f->next)
        if (f->conn == k && !f->freed)
            for (int d = 0; d < 2; d++)
                finish_half(c, f, d);
}
