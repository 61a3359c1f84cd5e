/* SPDX-License-Identifier: MIT */
/* check/secopen.c - what is inside records and join records, when the key log has their keys (model/sec/SPEC.md 3.5, 3.6, 3.7):
 * tag, prefixes, control messages, data at its DSN, DFIN. The key schedule is model/sec's, which its vectors hold to the
 * text; the plaintext is read here. Called by secrec.c and joinrec.c. */
#include "check/secure.h"

#include <inttypes.h>
#include <string.h>

#include "crypto/crypto.h"

enum { TAG = 16, H_ACK = 1, H_CTL = 2, H_DFIN = 4, H_SFIN = 8, H_PAD = 16, DATA_MOST = 16384, HELD = 32 };
enum { PARAMS = 1, ADD_ADDR, REMOVE_ADDR, PRIO, FASTCLOSE };

/* ---- data (3.5) -------------------------------------------------------------------------------------- */

/* One number, one octet, on every subflow; none at or beyond the edge; none behind the DFIN. */
static void take_data(struct check *c, struct flow *f, int e, uint64_t dsn, const uint8_t *p, uint32_t n)
{
    struct conn *k = f->conn;
    struct end *end = &k->end[e], *other = &k->end[!e];
    uint64_t old = 0, wrong, edge = other->has_dedge ? other->dedge : k->sec->end[e].start + SEC_DSN_EARLY;

    require(c, !end->has_fin || dsn + n <= end->fin, SEC_DFIN, "data offsets up to %" PRIu64 ", DFIN at %" PRIu64, dsn + n,
            end->fin);
    if (dsn + n > end->dend && !k->tainted && !c->options.partial &&
        !require(c, dsn + n <= edge, SEC_EDGE, "data offsets up to %" PRIu64 ", edge %" PRIu64, dsn + n, edge)) {
        report_taint(c); /* nobody takes it */
        return;
    }
    span_add(&end->seen, dsn, dsn + n);
    end->dend = dsn + n > end->dend ? dsn + n : end->dend;
    wrong = octets_put(&end->octets, dsn, p, n, &old);
    require(c, wrong == UINT64_MAX, SEC_CONTENT, "data offset %" PRIu64, wrong);
    if (old > 0)
        report_unchecked(c, UNCHECKED_OLD, old);
}

static void take_fin(struct check *c, struct conn *k, int e, uint64_t fin)
{
    struct end *end = &k->end[e];

    if (end->has_fin) {
        require(c, fin == end->fin, SEC_DFIN, "at data offset %" PRIu64 ", was at %" PRIu64, fin, end->fin);
        return;
    }
    if (!require(c, fin >= end->dend, SEC_DFIN, "at data offset %" PRIu64 ", data offsets up to %" PRIu64, fin, end->dend))
        return;
    end->has_fin = 1;
    end->fin = fin;
    end->dend = fin + 1;
}

/* ---- control (3.6) ----------------------------------------------------------------------------------- */

static void take_params(struct check *c, struct sec_end *s, uint32_t csn, int first, const uint8_t *v)
{
    uint32_t max = (uint32_t)sec_get(v + 1, 2);

    require(c, csn == 1 && first, SEC_CTL, "PARAMS in message %" PRIu32, csn);
    require(c, (v[0] & ~1) == 0, SEC_CTL, "PARAMS with flags 0x%02x", v[0]);
    require(c, max >= 1 && max <= DATA_MOST, SEC_CTL, "record_max %" PRIu32, max);
    s->record_max = (uint16_t)max;
    s->jwd = v[0] & 1;
}

/* The forms of the table in 3.6. */
static int tlv_is_right(struct check *c, uint8_t type, const uint8_t *v, uint32_t n)
{
    static const uint8_t length[] = {0, 3, 0, 0, 10, 1};

    if (!require(c, type >= PARAMS && type <= FASTCLOSE, SEC_CTL, "TLV of type %u", type))
        return 0;
    if (type == ADD_ADDR)
        return require(c, n == 7 || n == 19, SEC_CTL, "ADD_ADDR of %" PRIu32 " octets", n);
    if (type == REMOVE_ADDR)
        return require(c, n >= 1, SEC_CTL, "REMOVE_ADDR of nothing");
    if (!require(c, n == length[type], SEC_CTL, "TLV of type %u with %" PRIu32 " octets", type, n))
        return 0;
    return type != PRIO || require(c, v[0] <= 2 && v[9] <= 1 && (v[0] > 0 || sec_get(v + 1, 8) == 0), SEC_CTL,
                                   "PRIO with role %u, backup %u", v[0], v[9]);
}

/* A number is said again with the same octets; at most 31 wait behind the one that is due. */
static void take_csn(struct check *c, struct secure *s, int e, uint32_t csn, const uint8_t *ctl, uint32_t n)
{
    struct sec_ctl *kept = &s->end[e].ctl[csn % SEC_CTLS];
    uint8_t h[32];

    mpt_crypto_sha256(h, ctl, n);
    require(c, kept->csn != csn || memcmp(h, kept->hash, sizeof h) == 0, SEC_CTL, "another message %" PRIu32, csn);
    if (!c->options.partial)
        require(c, csn <= s->end[!e].cack + HELD, SEC_CTL, "message %" PRIu32 ", CACK is %" PRIu32, csn, s->end[!e].cack);
    if (csn > kept->csn) {
        kept->csn = csn;
        memcpy(kept->hash, h, sizeof h);
    }
    span_add(&s->end[e].csn, csn, (uint64_t)csn + 1);
}

/* CTL = CSN32 | CLEN16 | TLVs. Its length, 0: malformed. */
static uint32_t take_ctl(struct check *c, struct secure *s, int e, const uint8_t *p, uint32_t n)
{
    uint32_t csn = n >= 6 ? (uint32_t)sec_get(p, 4) : 0, end = n >= 6 ? 6 + (uint32_t)sec_get(p + 4, 2) : 0, at = 6;

    if (!require(c, end > 6 && end <= n && csn > 0, SEC_CTL, "message %" PRIu32 ", length %" PRIu32 " with %" PRIu32 " left",
                 csn, end, n))
        return 0;
    for (; at < end; at += 2u + p[at + 1]) {
        if (!require(c, end - at >= 2 && end - at >= 2u + p[at + 1], SEC_CTL, "a TLV does not fit") ||
            !tlv_is_right(c, p[at], p + at + 2, p[at + 1]))
            return 0;
        if (p[at] == PARAMS)
            take_params(c, &s->end[e], csn, at == 6, p + at + 2);
        else if (at == 6)
            require(c, csn > 1, SEC_CTL, "message 1 begins with type %u, not PARAMS", p[at]);
    }
    take_csn(c, s, e, csn, p, end);
    return end;
}

/* CACK: of what was sent, without a gap. */
static void take_cack(struct check *c, struct conn *k, int e, uint32_t cack)
{
    struct secure *s = k->sec;
    uint64_t most = span_gap(&s->end[!e].csn, 1) - 1;

    if (!c->options.partial && !k->tainted &&
        !require(c, cack <= most, SEC_CACK, "%" PRIu32 ", messages up to %" PRIu64 " were sent", cack, most)) {
        report_taint(c);
        return;
    }
    if (cack > s->end[e].cack)
        s->end[e].cack = cack;
}

/* ---- plaintext (3.5) ----------------------------------------------------------------------------------- */

/* What stands behind H, and a DSN that is known already. */
struct inside {
    uint64_t dsn, ack, edge;
    const uint8_t *data;
    uint32_t len, cack;
    uint8_t h;
};

static const uint8_t *skip_pad(struct check *c, const uint8_t *p, const uint8_t *end)
{
    uint32_t n;

    if (!require(c, end - p >= 2 && (uint64_t)(end - p) >= 2 + sec_get(p, 2), SEC_RECORD, "PAD does not fit"))
        return NULL;
    n = (uint32_t)sec_get(p, 2);
    for (uint32_t i = 0; i < n; i++)
        if (!require(c, p[2 + i] == 0, SEC_RECORD, "PAD is not 0"))
            return NULL;
    return p + 2 + n;
}

/* [ACK 20] | [CTL] | [PAD] | data. The end sees what this says of the connection, as it is read. */
static int read_inside(struct check *c, struct conn *k, int e, struct inside *x, const uint8_t *p, const uint8_t *end)
{
    if (x->h & H_ACK) {
        if (!require(c, end - p >= 20, SEC_RECORD, "ACK does not fit"))
            return -1;
        x->ack = sec_get(p, 8) - k->end[!e].idsn;
        x->edge = sec_get(p + 8, 8) - k->end[!e].idsn;
        x->cack = (uint32_t)sec_get(p + 16, 4);
        p += 20;
    }
    if (x->h & H_CTL) {
        uint32_t n = take_ctl(c, k->sec, e, p, (uint32_t)(end - p));

        if (n == 0)
            return -1;
        p += n;
    }
    if (x->h & H_PAD && (p = skip_pad(c, p, end)) == NULL)
        return -1;
    x->data = p;
    x->len = (uint32_t)(end - p);
    return 0;
}

static void take_inside(struct check *c, struct flow *f, int e, const struct inside *x, int join)
{
    struct conn *k = f->conn;
    const struct sec_end *other = &k->sec->end[!e];

    if (x->h & H_ACK && secack_take(c, k, e, x->ack, x->edge))
        take_cack(c, k, e, x->cack);
    require(c, x->len <= DATA_MOST, SEC_RECORD, "%" PRIu32 " octets of data", x->len);
    if (k->sec->end[e].cack >= 1 && other->record_max && !join) /* it has the other's PARAMS; joins: JWD 2.3 */
        require(c, x->len <= other->record_max, SEC_RECORD, "%" PRIu32 " octets of data, record_max %u", x->len,
                other->record_max);
    if (x->len > 0)
        take_data(c, f, e, x->dsn, x->data, x->len);
    if (x->h & H_DFIN)
        take_fin(c, k, e, x->dsn + x->len);
}

/* ---- records ------------------------------------------------------------------------------------------- */

/* Records of a subflow were sealed one behind the other: what only grows, grew. */
static void check_grows(struct check *c, struct sec_half *h, const struct inside *x)
{
    if (x->h & H_ACK && !c->conn->tainted) {
        require(c, x->ack >= h->ack && x->edge >= h->edge && x->cack >= h->cack, SEC_BACK,
                "ACK %" PRIu64 ", %" PRIu64 ", %" PRIu32 " behind %" PRIu64 ", %" PRIu64 ", %" PRIu32, x->ack, x->edge,
                x->cack, h->ack, h->edge, h->cack);
        h->ack = x->ack;
        h->edge = x->edge;
        h->cack = x->cack;
    }
    if (x->len == 0)
        require(c, x->dsn >= h->top, SEC_RECORD, "no data, data offset %" PRIu64 ", %" PRIu64 " was used here", x->dsn,
                h->top);
    h->top = x->dsn + x->len > h->top ? x->dsn + x->len : h->top;
}

/* 3.4: role 0 has no names, 1 is a join by a, 2 by b. */
static void name_of(const struct flow *f, struct mpt_sec_sf_id *id)
{
    memset(id, 0, sizeof *id);
    if (f->kind == FLOW_FIRST)
        return;
    id->role = f->flip ? 2 : 1;
    id->id_i = f->join_id[0];
    id->id_r = f->join_id[1];
    id->r_i = f->nonce[0];
    id->r_r = f->nonce[1];
}

static int open_record(struct flow *f, int d, const struct sec_piece *at, uint8_t *r)
{
    struct sec_half *h = &f->sec[d];
    struct secure *s = f->conn->sec;
    int e = d ^ f->flip;
    struct mpt_sec_sf_id id;

    if (!h->made) {
        name_of(f, &id);
        mpt_sec_dir_init(&h->dir, s->aead, s->keys.tx[e], &id, at->ssn);
        h->made = 1;
    }
    h->dir.ssn = at->ssn;
    return mpt_sec_open(&h->dir, at->ssn, f->conn->end[e].idsn + at->dsn, r, at->dll) == MPT_SEC_OK;
}

int secopen_record(struct check *c, struct flow *f, int d, const struct sec_piece *at, uint8_t *r)
{
    struct sec_half *h = &f->sec[d];
    int e = d ^ f->flip, first = f->kind == FLOW_FIRST && at->ssn == h->records;
    struct inside x = {.dsn = at->dsn};

    if (!require(c, open_record(f, d, at, r), SEC_TAG, "offset %" PRIu64 ", data offset %" PRIu64 ", length %" PRIu32,
                 at->ssn, at->dsn, at->dll))
        return -1;
    f->conn->sec->opened++;
    x.h = r[0];
    if (!require(c, (x.h & ~(H_ACK | H_CTL | H_DFIN | H_SFIN | H_PAD)) == 0, SEC_RECORD, "H 0x%02x", x.h) ||
        !require(c, !h->sfin, SEC_RECORD, "behind SFIN"))
        return -1;
    if (first && !require(c, (x.h & (H_ACK | H_CTL)) == (H_ACK | H_CTL), SEC_PARAMS, "H 0x%02x", x.h))
        report_taint(c);
    if (read_inside(c, f->conn, e, &x, r + 1, r + at->dll - TAG) < 0)
        return -1;
    check_grows(c, h, &x);
    take_inside(c, f, e, &x, 0);
    h->sfin = (x.h & H_SFIN) != 0;
    return 0;
}

/* ---- join records (3.7; framing: JWD 2.3) ------------------------------------------------------------ */

static int open_join(struct flow *f, uint8_t *r, uint32_t n)
{
    struct secure *s = f->conn->sec;
    struct mpt_sec_join j;
    uint8_t ad[15];

    mpt_sec_join_init(&j, s->aead, s->keys.jr, f->flip ? 2 : 1, f->mpj);
    memcpy(ad, f->mpj, 12);
    memcpy(ad + 12, r, 3);
    return s->aead->open(j.kiv, j.kiv + 32, ad, sizeof ad, r + 3, n - 3 - TAG) == 0;
}

/* body = H8 | DSN64 | [ACK 20] | [CTL] | [PAD] | data */
void secopen_join(struct check *c, struct flow *f, uint8_t *r, uint32_t n)
{
    struct inside x = {0};
    int e = f->flip;

    f->conn->sec->records++;
    if (!seckeys_have(c, f->conn)) {
        f->conn->sec->loose = 1;
        return;
    }
    if (f->tainted)
        return;
    if (!require(c, open_join(f, r, n), SEC_JOIN_TAG, "%" PRIu32 " octets", n)) {
        report_taint(c);
        return;
    }
    f->conn->sec->opened++;
    x.h = r[3];
    x.dsn = sec_get(r + 4, 8) - f->conn->end[e].idsn;
    if (!require(c, (x.h & ~(H_ACK | H_CTL | H_DFIN | H_PAD)) == 0, SEC_RECORD, "H 0x%02x in a join record", x.h) ||
        !require(c, x.dsn >= f->conn->sec->end[e].start, SEC_RECORD, "a join record at data offset %" PRId64, (int64_t)x.dsn) ||
        read_inside(c, f->conn, e, &x, r + 12, r + n - TAG) < 0)
        report_taint(c);
    else
        take_inside(c, f, e, &x, 1);
}
