/* SPDX-License-Identifier: MIT */
/* check/secrec.c - frames and records of MPTCPsec in their order on a subflow (model/sec/SPEC.md 3.3, 3.5): mappings that never
 * change and never overlap, the handshake's frames, where records begin. Called by secure.c and conn.c. */
#include "check/secure.h"

#include <inttypes.h>
#include <string.h>

#include "run/pool.h"

enum { HEAD = 3, DLL_LEAST = 17, DLL_MOST = 16640, FRAME_MOST = 65535 + HEAD };
enum { HELLO = 1, REPLY, AUTH, FIN, TLS = 9 };

struct sec_half *secrec_half(struct flow *f, int d)
{
    if (f->sec == NULL) {
        f->sec = pool_grow(NULL, 2 * sizeof *f->sec);
        memset(f->sec, 0, 2 * sizeof *f->sec);
    }
    return &f->sec[d];
}

int secrec_copy(const struct flow *f, int d, uint64_t at, uint8_t *out, uint32_t n)
{
    if (f->half[d].octets.ring == NULL || !octets_have(&f->half[d].octets, at, at + n))
        return 0;
    for (uint32_t i = 0; i < n;) {
        const uint8_t *p;
        size_t piece = octets_peek(&f->half[d].octets, at + i, n - i, &p);

        memcpy(out + i, p, piece);
        i += (uint32_t)piece;
    }
    return 1;
}

/* ---- mappings (3.5) ------------------------------------------------------------------------------------ */

/* The first piece that ends behind `at`. */
static size_t find(const struct sec_half *h, uint64_t at)
{
    size_t low = 0, high = h->pieces;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (h->piece[mid].ssn + h->piece[mid].dll <= at)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void insert(struct sec_half *h, size_t i, const struct sec_piece *p)
{
    if (h->pieces == SEC_PIECES && i >= SEC_PIECES / 2) { /* the oldest are forgotten */
        memmove(h->piece, h->piece + SEC_PIECES / 2, SEC_PIECES / 2 * sizeof *p);
        h->pieces -= SEC_PIECES / 2;
        i -= SEC_PIECES / 2;
    }
    if (h->pieces == h->room) {
        h->room = h->room ? 2 * h->room : 16;
        h->piece = pool_grow(h->piece, h->room * sizeof *p);
    }
    memmove(h->piece + i + 1, h->piece + i, (h->pieces - i) * sizeof *p);
    h->piece[i] = *p;
    h->pieces++;
}

/* What an error hid: the rest of this direction. */
static int give_up(struct check *c, struct flow *f, int d)
{
    f->sec[d].dead = 1;
    report_taint(c);
    return -1;
}

static int check_length(struct check *c, uint32_t dll)
{
    return require(c, dll >= DLL_LEAST && dll <= DLL_MOST, SEC_DLL, "%" PRIu32 ", %d to %d", dll, DLL_LEAST, DLL_MOST);
}

int secrec_add(struct check *c, struct flow *f, int d, uint64_t ssn, uint64_t dsn, uint32_t dll)
{
    struct sec_half *h = secrec_half(f, d);
    struct sec_end *end = &f->conn->sec->end[d ^ f->flip];
    struct sec_piece new = {ssn, dsn, dll};
    size_t i = find(h, ssn);

    if (h->dead)
        return 0;
    report_count(c);
    if (i < h->pieces && h->piece[i].ssn == ssn && h->piece[i].dsn == dsn && h->piece[i].dll == dll)
        return 0;
    if (i < h->pieces && !require(c, h->piece[i].ssn >= ssn + dll, SEC_MAPPING,
                                  "offset %" PRIu64 ", data offset %" PRIu64 ", length %" PRIu32 "; there was %" PRIu64
                                  ", %" PRIu64 ", %" PRIu32, ssn, dsn, dll, h->piece[i].ssn, h->piece[i].dsn, h->piece[i].dll))
        return give_up(c, f, d);
    if (!require(c, ssn > f->record || d != 0 || f->kind != FLOW_JOIN || f->tainted, JWD_OVERLAP, "SSN %" PRIu64 ", record of %" PRIu32,
                 ssn, f->record))
        return give_up(c, f, d);
    if (h->next && ssn < h->next)
        return 0; /* too old to be known */
    if (h->records && !check_length(c, dll))
        return give_up(c, f, d);
    if (dsn + dll > end->most + DLL_LEAST)
        end->most = dsn + dll - (dll < DLL_LEAST ? dll : DLL_LEAST);
    insert(h, i, &new);
    return 0;
}

/* ---- the handshake (3.3) ----------------------------------------------------------------------------- */

/* HELLO: magic, random, share, suites as in ENO, name of the pre-shared key. */
static int hello_is_right(struct check *c, const struct secure *s, int sure, const uint8_t *b, uint32_t n)
{
    uint32_t suites = n > 72 ? b[72] : 0, id = n > 73 + suites ? b[73 + suites] : 0;

    return require(c, n >= 8 && memcmp(b, "MPTSEC1", 8) == 0, SEC_FRAME, "HELLO without its magic") &&
           require(c, n == 74 + suites + id, SEC_FRAME, "HELLO of %" PRIu32 " octets with %" PRIu32 " suites, name of %" PRIu32,
                   n, suites, id) &&
           require(c, !sure || (suites == s->offers && memcmp(b + 73, s->offer, suites) == 0), SEC_FRAME,
                   "HELLO has other suites than ENO") &&
           require(c, !sure || (s->suite >> 4 == KX_PSK) == (id > 0), SEC_FRAME, "HELLO with a name of %" PRIu32 " octets", id);
}

static int frame_is_right(struct check *c, const struct secure *s, int sure, const uint8_t *r, uint32_t n)
{
    const uint8_t *b = r + HEAD;

    switch (r[0]) {
    case HELLO:
        return hello_is_right(c, s, sure, b, n);
    case REPLY:
        return require(c, n == 65, SEC_FRAME, "REPLY of %" PRIu32 " octets", n) &&
               require(c, !sure || b[64] == s->suite, SEC_FRAME, "REPLY says suite 0x%02x, ENO 0x%02x", b[64], s->suite);
    case AUTH:
        return require(c, n == 49 || n == 145, SEC_FRAME, "AUTH of %" PRIu32 " octets", n);
    default:
        return require(c, n == 48, SEC_FRAME, "FIN of %" PRIu32 " octets", n);
    }
}

/* HELLO, FIN by a; REPLY, AUTH by b; each of b's behind HELLO, FIN behind AUTH. */
static int is_sure(const struct check *c, const struct flow *f)
{
    return !c->options.partial && !f->conn->tainted;
}

static int check_built_in(struct check *c, struct flow *f, int e, const uint8_t *r, uint32_t dll)
{
    static const uint8_t order[2][2] = {{HELLO, FIN}, {REPLY, AUTH}};
    struct secure *s = f->conn->sec;
    unsigned i = s->end[e].frames, need = e == 0 ? (i ? 2 : 0) : 1;

    return require(c, r[0] == order[e][i], SEC_ORDER, "frame %u of %c is of type %u", i + 1, 'a' + e, r[0]) &&
           require(c, sec_get(r + 1, 2) + HEAD == dll, SEC_FRAME, "LEN %" PRIu64 " in a mapping of %" PRIu32,
                   sec_get(r + 1, 2), dll) &&
           require(c, s->end[!e].frames >= need || !is_sure(c, f), SEC_ORDER, "type %u before what it answers", r[0]) &&
           frame_is_right(c, s, !f->conn->tainted, r, dll - HEAD);
}

static int check_tls(struct check *c, struct flow *f, int e, const uint8_t *r, uint32_t dll)
{
    struct secure *s = f->conn->sec;

    return require(c, e == 1 || s->end[0].frames > 0 || (dll >= HEAD + 8 && memcmp(r + HEAD, "MPTSEC1", 8) == 0), SEC_FRAME,
                   "the first TLS frame without its magic") &&
           require(c, e == 0 || s->end[0].frames > 0 || !is_sure(c, f), SEC_ORDER, "type 9 before what it answers");
}

/* 1: the piece is a frame, 0: records begin here, -1: wrong. */
static int judge_frame(struct check *c, struct flow *f, int d, const struct sec_piece *at)
{
    static uint8_t r[FRAME_MOST];
    int e = d ^ f->flip, tls = f->conn->sec->suite >> 4 == KX_TLS;
    struct sec_end *end = &f->conn->sec->end[e];

    if (!tls && end->frames == 2)
        return 0;
    if (!require(c, at->dll > HEAD, SEC_FRAME, "a mapping of %" PRIu32, at->dll) || !secrec_copy(f, d, at->ssn, r, at->dll))
        return -1;
    if (tls && end->frames > 0 && (r[0] != TLS || sec_get(r + 1, 2) + HEAD != at->dll))
        return 0;
    if (tls && !require(c, r[0] == TLS && sec_get(r + 1, 2) + HEAD == at->dll, SEC_FRAME, "type %u, LEN %" PRIu64, r[0],
                        sec_get(r + 1, 2)))
        return -1;
    if (!(tls ? check_tls(c, f, e, r, at->dll) : check_built_in(c, f, e, r, at->dll)))
        return -1;
    if (!require(c, at->dsn == end->start, SEC_FRAME, "at data offset %" PRIu64 ", the last one ended at %" PRIu64, at->dsn,
                 end->start))
        return -1;
    end->frames++;
    end->spoke = 1;
    end->start += at->dll;
    end->most = end->most > end->start ? end->most : end->start;
    dss_data(c, f, d, at->ssn, at->dll, at->dsn);
    return 1;
}

/* ---- in order ---------------------------------------------------------------------------------------- */

/* Where records begin on this half: behind the handshake, or behind the join record (3.5). */
static void begin(struct flow *f, int d)
{
    struct sec_half *h = &f->sec[d];

    if (h->next)
        return;
    if (f->kind == FLOW_FIRST)
        h->next = 1;
    else if (d == 1 || !f->d[0] || !f->d[1])
        h->next = h->records = 1;
    else if (f->record_done)
        h->next = h->records = 1 + f->record;
}

static int judge_record(struct check *c, struct flow *f, int d, const struct sec_piece *at)
{
    uint8_t r[DLL_MOST];
    int e = d ^ f->flip;
    struct secure *s = f->conn->sec;

    if (!check_length(c, at->dll))
        return -1;
    if (f->kind == FLOW_FIRST && e == 1 && s->suite >> 4 != KX_TLS &&
        !require(c, s->end[0].frames >= 2 || !is_sure(c, f), SEC_ORDER, "a record of b before a's FIN"))
        return -1;
    if (!require(c, at->dsn >= s->end[e].start, SEC_RECORD, "data offset %" PRIu64 ", the handshake ended at %" PRIu64,
                 at->dsn, s->end[e].start))
        return -1;
    s->records++;
    if (!seckeys_have(c, f->conn))
        return 0;
    return secrec_copy(f, d, at->ssn, r, at->dll) ? secopen_record(c, f, d, at, r) : 0;
}

void secrec_judge(struct check *c, struct flow *f, int d)
{
    struct sec_half *h = secrec_half(f, d);

    begin(f, d);
    while (h->next && !h->dead) {
        size_t i = find(h, h->next);
        struct sec_piece at = i < h->pieces ? h->piece[i] : (struct sec_piece){0};
        int r = 0;

        if (i == h->pieces || at.ssn != h->next || !octets_have(&f->half[d].octets, at.ssn, at.ssn + at.dll))
            return;
        if (!h->records) {
            r = judge_frame(c, f, d, &at);
            h->records = r == 0 ? h->next : 0;
        }
        if (h->records)
            r = judge_record(c, f, d, &at);
        if (r < 0) {
            give_up(c, f, d);
            return;
        }
        h->next += at.dll;
        if (!h->records && f->conn->sec->suite >> 4 != KX_TLS && f->conn->sec->end[d ^ f->flip].frames == 2)
            h->records = h->next;
    }
}
