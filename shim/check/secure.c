/* SPDX-License-Identifier: MIT */
/* check/secure.c - MPTCPsec as far as everybody can see it: TCP-ENO in its places and what confirms it (model/sec/SPEC.md
 * 3.2, RFC 8547), and what a confirmed connection may not send any more. Called by trace.c, dss.c, join.c. */
#include "check/secure.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run/pool.h"

enum { TEP = 0xa0, TEP_HIGH = 0x4d, TEP_LOW = 0x53, ROLE_B = 1, OFFERS = 6 };

/* ---- the option (3.2) -------------------------------------------------------------------------------- */

/* Other TEPs are none of ours (RFC 8547 4.1): ours is known by its identifier, wherever that stands. */
static int is_ours(const struct frame *p)
{
    for (unsigned i = 2; i + 3 <= p->eno_len; i++)
        if (p->eno[i] == TEP && p->eno[i + 1] == TEP_HIGH && p->eno[i + 2] == TEP_LOW)
            return 1;
    return 0;
}

/* Suites: at least one, each once, none of them 0. Returns how many, 0: the list is wrong. */
static unsigned read_suites(struct check *c, const uint8_t *s, unsigned n, unsigned most)
{
    if (!require(c, n >= 1 && n <= most, SEC_ENO, "%u suites, 1 to %u", n, most))
        return 0;
    for (unsigned i = 0; i < n; i++) {
        if (!require(c, s[i] != 0, SEC_ENO, "suite 0") ||
            !require(c, memchr(s, s[i], i) == NULL, SEC_ENO, "suite 0x%02x twice", s[i]))
            return 0;
    }
    return n;
}

/* 69 | len | A0 4D 53 | suites; in the SYN/ACK 01 stands before it, and one suite behind. */
static int read_form(struct check *c, const struct frame *p)
{
    unsigned answer = p->flags & TCP_ACK ? 1 : 0, at = 2 + answer + 3;
    const uint8_t *o = p->eno;

    if (!require(c, p->eno_len > at && p->eno_len <= SEC_ENO_MOST, SEC_ENO, "length %u", p->eno_len) ||
        !require(c, o[at - 3] == TEP && o[at - 2] == TEP_HIGH && o[at - 1] == TEP_LOW && (!answer || o[2] == ROLE_B),
                 SEC_ENO, "%02x %02x %02x %02x", o[2], o[3], o[4], o[5]))
        return 0;
    return read_suites(c, o + at, p->eno_len - at, answer ? 1 : OFFERS) > 0;
}

static int offered(const struct flow *f, uint8_t suite)
{
    return memchr(f->eno[0] + 5, suite, f->eno_len[0] - 5u) != NULL;
}

static void keep(struct flow *f, int d, const struct frame *p)
{
    f->eno_len[d] = p->eno_len;
    memcpy(f->eno[d], p->eno, p->eno_len);
}

/* A SYN is repeated as it was: without ENO, or without MP_CAPABLE, only from a new port. */
static void check_again(struct check *c, struct flow *f, const struct frame *p)
{
    if (p->seq != f->half[0].isn || !f->eno_len[0] || f->tainted)
        return;
    require(c, p->mp >> SUB_CAPABLE & 1, SEC_ENO_PLACE, "a SYN again, without MP_CAPABLE");
    require(c, p->eno_len == f->eno_len[0] && memcmp(p->eno, f->eno[0], p->eno_len) == 0, SEC_ENO_PLACE,
            "a SYN again, with another ENO or none");
}

static void eno_syn(struct check *c, struct flow *f, const struct frame *p)
{
    check_again(c, f, p);
    if (f->eno_len[0] || !p->eno || !is_ours(p))
        return;
    if (!require(c, p->mp >> SUB_CAPABLE & 1, SEC_ENO_PLACE, "in a SYN without MP_CAPABLE"))
        return;
    require(c, p->len == 0, SEC_ENO_PLACE, "beside %" PRIu32 " octets of data in a SYN", p->len);
    if (!read_form(c, p))
        report_taint(c);
    if (p->eno_len > 5 && p->eno_len <= SEC_ENO_MOST)
        keep(f, 0, p); /* a wrong one too: told once */
}

/* The newest SYN/ACK decides. */
static void eno_synack(struct check *c, struct flow *f, const struct frame *p)
{
    f->eno_len[1] = f->half[0].ack > 1 ? f->eno_len[1] : 0;
    if (!p->eno || !is_ours(p))
        return;
    if (!require(c, f->eno_len[0] > 0 || f->tainted, SEC_ENO_PLACE, "in the SYN/ACK, not in the SYN") ||
        !require(c, p->mp >> SUB_CAPABLE & 1, SEC_ENO_PLACE, "in a SYN/ACK without MP_CAPABLE"))
        return;
    require(c, !p->has_ext, SEC_ENO_EXT, "%u octets of options", p->opts_len);
    if (!read_form(c, p) || (!f->tainted && !require(c, offered(f, p->eno[6]), SEC_ENO, "suite 0x%02x was not offered",
                                                     p->eno[6])))
        report_taint(c);
    if (p->eno_len == 7 && f->eno_len[0])
        keep(f, 1, p);
}

/* ---- confirmation ---------------------------------------------------------------------------------- */

static void confirm(struct flow *f)
{
    struct conn *k = f->conn;
    struct secure *s = pool_grow(NULL, sizeof *s);

    memset(s, 0, sizeof *s);
    s->suite = f->eno[1][6];
    s->offers = (uint8_t)(f->eno_len[0] - 5);
    memcpy(s->offer, f->eno[0] + 5, s->offers);
    k->sec = s;
    k->tainted |= f->tainted;
    k->checksum = 0; /* flag A is void */
    for (int e = 0; e < 2; e++) {
        s->end[e].start = s->end[e].most = 1;
        k->end[e].has_dedge = 0; /* TCP's window no more: the EDGE */
        k->end[e].dedge = k->end[e].window_most = 0;
    }
}

/* Until it can have heard of the other: what passed here is all that it can have. */
static void check_heard(struct check *c, struct flow *f, int d, const struct frame *p)
{
    struct secure *s = f->conn->sec;

    if (s->end[!d].spoke || c->options.partial || p->bad || f->conn->tainted)
        return;
    require(c, p->eno != NULL, SEC_ENO_HEARD, "%c", d ? 'b' : 'a');
}

static void eno_later(struct check *c, struct flow *f, int d, const struct frame *p)
{
    if (p->eno && f->eno_len[0]) {
        if (!require(c, f->eno_len[1] > 0, SEC_ENO_PLACE, "without SYN, though the SYN/ACK had none") ||
            !require(c, p->eno_len == 2, SEC_ENO, "length %u without SYN, 2 octets", p->eno_len))
            return;
    } else if (p->eno) {
        require(c, !is_ours(p), SEC_ENO_PLACE, "without SYN, though the SYN had none");
    }
    if (f->kind != FLOW_FIRST || !f->eno_len[1] || f->conn == NULL || f->conn->blind)
        return;
    if (p->eno && d == 0 && f->conn->sec == NULL)
        confirm(f);
    if (f->conn->sec == NULL)
        return;
    check_heard(c, f, d, p);
    f->conn->sec->end[d].spoke |= p->eno != NULL;
}

void secure_eno(struct check *c, struct flow *f, int d, const struct frame *p)
{
    if (p->flags & TCP_RST)
        return;
    if (p->flags & TCP_SYN && f->kind == FLOW_JOIN && p->eno)
        require(c, !is_ours(p), SEC_ENO_PLACE, "beside MP_JOIN");
    else if (p->flags & TCP_SYN && p->flags & TCP_ACK && d == 1)
        eno_synack(c, f, p);
    else if (p->flags & TCP_SYN && !(p->flags & TCP_ACK) && d == 0)
        eno_syn(c, f, p);
    else if (!(p->flags & TCP_SYN))
        eno_later(c, f, d, p);
}

/* ---- a segment of a confirmed connection --------------------------------------------------------------- */

/* 3.3: a has all of AUTH, b all of FIN. Where TLS ends nobody sees: the other must have spoken. */
int secure_ready(const struct conn *k, int e)
{
    return k->sec->end[!e].frames >= (k->sec->suite >> 4 == KX_TLS ? 1 : 2);
}

/* 3.2: everything that steers comes in records. */
static void check_clear(struct check *c, const struct frame *p)
{
    static const uint8_t gone[] = {SUB_ADD_ADDR, SUB_REMOVE_ADDR, SUB_PRIO, SUB_FAIL, SUB_FASTCLOSE};

    for (unsigned i = 0; i < sizeof gone; i++)
        if (p->mp >> gone[i] & 1)
            broken(c, SEC_CLEAR, "%s", option_name(gone[i]));
    if (p->mp >> SUB_TCPRST & 1)
        require(c, p->rst.reason <= 6, TCPRST_REASON, "%u", p->rst.reason);
}

/* 3.5: F is never set, the DSN is that of the first data octet; 3.2: no checksum, no infinite mapping. */
static int take_map(struct check *c, struct flow *f, int d, const struct frame *p)
{
    struct end *end = &f->conn->end[d ^ f->flip];
    uint64_t ssn = segment_expand(f->half[d].end, p->dss.ssn), dsn = p->dss.dsn - end->idsn;

    if (!end->has_idsn)
        return 0;
    if (!(p->dss.flags & F_DSN64))
        dsn = segment_expand(f->conn->sec->end[d ^ f->flip].most, (uint32_t)p->dss.dsn - (uint32_t)end->idsn);
    require(c, !p->dss.has_checksum, SEC_CHECKSUM, "0x%04x", p->dss.checksum);
    if (!require(c, p->dss.dll > 0, SEC_CLEAR, "infinite mapping") ||
        !require(c, !(p->dss.flags & F_FIN), SEC_DSS, "F is set") ||
        !require(c, (int64_t)ssn >= 1 && (int64_t)dsn >= 1, SEC_MAPPING, "offset %" PRId64 ", data offset %" PRId64,
                 (int64_t)ssn, (int64_t)dsn)) {
        report_taint(c);
        return 0;
    }
    return secrec_add(c, f, d, ssn, dsn, p->dss.dll) == 0;
}

/* 3.5: a segment holds octets of one record and repeats its DSS. Frames are ordinary mappings (3.3). */
static void check_within(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off)
{
    const struct sec_half *h = &f->sec[d];
    uint64_t ssn = segment_expand(f->half[d].end, p->dss.ssn);

    if (p->len == 0 || h->dead || !h->records || off + p->len <= h->records || p->bad)
        return;
    if (require(c, p->mp >> SUB_DSS & 1 && p->dss.flags & F_MAP, SEC_SEGMENT, "offset %" PRIu64 ", no mapping", off))
        require(c, off >= ssn && off + p->len <= ssn + p->dss.dll, SEC_SEGMENT, "offsets %" PRIu64 " to %" PRIu64
                ", the record has %" PRIu64 " to %" PRIu64, off, off + p->len - 1, ssn, ssn + p->dss.dll - 1);
}

/* The idle bit is for a peer whose PARAMS offer join-with-data (3.6), as far as those were opened. */
static void check_flags(struct check *c, struct flow *f, int d, const struct frame *p)
{
    const struct sec_end *other = &f->conn->sec->end[!(d ^ f->flip)];
    unsigned flags = p->dss.flags;

    require(c, p->dss.reserved == 0, DSS_FLAGS, "reserved bits 0x0%x beside the subtype", p->dss.reserved);
    require(c, (flags & 0x40) == 0, DSS_FLAGS, "reserved bit 0x40");
    require(c, !(flags & F_IDLE) || other->jwd || !other->record_max, DSS_FLAGS, "reserved bit 0x20");
    require(c, flags & F_MAP || !(flags & (F_DSN64 | F_IDLE)), DSS_FLAGS, "0x%02x without a mapping", flags);
    require(c, flags & F_ACK || !(flags & F_ACK64), DSS_FLAGS, "0x%02x without a DATA_ACK", flags);
}

/* 3.2: b, which has taken nothing of a's data, may not have seen its ENO: what it sends is regular until it answers HELLO.
 * Application data then ends the connection when ENO comes. */
static int is_undecided(struct flow *f, int d, const struct frame *p)
{
    if (f->kind != FLOW_FIRST || d == 0 || f->conn->sec->end[1].frames > 0 || f->half[1].ack > 1 ||
        (p->len > 0 && p->have > 0 && p->data[0] == (f->conn->sec->suite >> 4 == KX_TLS ? 9 : 2)))
        return 0;
    if (p->len > 0 || (p->mp >> SUB_DSS & 1 && p->dss.flags & F_MAP))
        secrec_half(f, d)->dead = 1;
    return 1;
}

void secure_segment(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off)
{
    int has = p->mp >> SUB_DSS & 1, fine = 1;

    if (is_undecided(f, d, p))
        return;
    check_clear(c, p);
    secack_option(c, f, d, p);
    if (p->flags & (TCP_SYN | TCP_RST))
        return;
    secrec_half(f, d);
    if (has) {
        check_flags(c, f, d, p);
        f->conn->end[d ^ f->flip].spoke = 1;
    }
    if (f->kind == FLOW_JOIN)
        joinrec_segment(c, f, d, p, off);
    secrec_judge(c, f, d);
    if (has && p->dss.flags & F_MAP)
        fine = take_map(c, f, d, p);
    if (fine)
        check_within(c, f, d, p, off);
    secrec_judge(c, f, d);
}

int secure_is_record(const struct flow *f, int d, uint64_t off)
{
    return f->conn != NULL && f->conn->sec != NULL && f->sec != NULL && f->sec[d].records && off >= f->sec[d].records;
}

/* ---- joins (3.2, 3.4) ---------------------------------------------------------------------------------- */

/* Who joins, or answers, has done its part of the handshake. One name, one subflow: the name makes the key. */
void secure_join(struct check *c, struct flow *f, int answer)
{
    struct conn *k = f->conn;
    int e = answer ? !f->flip : f->flip;

    if (!c->options.partial && !k->tainted && (e == 0 || k->sec->end[1].frames > 0)) /* b: else it may be regular */
        require(c, secure_ready(k, e), SEC_JOIN_EARLY, "%s", answer ? "accepted" : "asked for");
    if (!answer)
        return;
    for (const struct flow *o = c->flows; o != NULL; o = o->next)
        if (o != f && o->conn == k && o->kind == FLOW_JOIN && o->flip == f->flip && o->join_synack)
            require(c, o->nonce[0] != f->nonce[0] || o->nonce[1] != f->nonce[1] || o->join_id[0] != f->join_id[0] ||
                           o->join_id[1] != f->join_id[1], SEC_NONCE, "randoms and identifiers of subflow %" PRIu32
                    " again", o->number);
}

/* ---- the end ----------------------------------------------------------------------------------------- */

/* Records that lie behind a hole of the capture were never opened. */
void secure_finish(struct check *c, struct conn *k)
{
    if (k->sec->records > 0 && !k->sec->keyed)
        report_unchecked(c, UNCHECKED_SECRET, k->sec->records);
    for (struct flow *f = c->flows; f != NULL; f = f->next)
        for (int d = 0; d < 2 && f->conn == k && f->sec; d++)
            for (size_t i = f->sec[d].pieces; i-- > 0 && f->sec[d].piece[i].ssn >= f->sec[d].next;)
                if (octets_have(&f->half[d].octets, f->sec[d].piece[i].ssn, f->sec[d].piece[i].ssn + f->sec[d].piece[i].dll))
                    report_unchecked(c, UNCHECKED_BEHIND, 1);
}

void secure_free_flow(struct flow *f)
{
    for (int d = 0; d < 2 && f->sec; d++)
        free(f->sec[d].piece);
    free(f->sec);
    f->sec = NULL;
}

void secure_free(struct conn *k)
{
    for (int e = 0; e < 2 && k->sec; e++)
        span_clear(&k->sec->end[e].csn);
    free(k->sec);
}
