/* SPDX-License-Identifier: MIT */
/* check/joinrec.c - join-with-data (model/jwd/README.md, sections 2.1 to 2.6): EXT, D, the record in the SYN or
 * behind the third ACK, early data. Written from that page. Called by join.c and dss.c. */
#include <inttypes.h>
#include <string.h>

#include "check/secure.h"
#include "crypto/crypto.h"

enum { HEAD = 3, TAG = 16, BODY_MIN = 9, RECORD_MOST = 16384, BIT_D = 8 };
enum { H_ACK = 1, H_FIN = 4, H_PAD = 16 };

static uint64_t get(const uint8_t *p, int octets)
{
    uint64_t x = 0;

    while (octets-- > 0)
        x = x << 8 | *p++;
    return x;
}

/* ---- the record (2.3) -------------------------------------------------------------------------------- */

/* What the body says; offsets of its data within the record. */
struct body {
    uint64_t dsn, ack, edge;
    uint32_t data, len; /* where the data begins in the record, octets of it */
    uint8_t h;
};

/* Copies n octets of half 0 from offset `at`: 1, or 0 when some are not there. */
static int copy(const struct flow *f, uint64_t at, uint8_t *out, uint32_t n)
{
    if (f->half[0].octets.ring == NULL || !octets_have(&f->half[0].octets, at, at + n))
        return 0;
    for (uint32_t i = 0; i < n;) {
        const uint8_t *p;
        size_t piece = octets_peek(&f->half[0].octets, at + i, n - i, &p);

        memcpy(out + i, p, piece);
        i += (uint32_t)piece;
    }
    return 1;
}

/* body = H8 | DSN64 | [ACK 20] | [PAD: PLEN16, zeros] | data */
static int read_body(struct check *c, const uint8_t *r, uint32_t end, struct body *b)
{
    uint32_t at = HEAD + BODY_MIN, pad = 0;

    b->h = r[HEAD];
    b->dsn = get(r + HEAD + 1, 8);
    if (!require(c, (b->h & ~(H_ACK | H_FIN | H_PAD)) == 0, JWD_RECORD, "H 0x%02x", b->h))
        return -1;
    if (b->h & H_ACK) {
        if (!require(c, at + 20 <= end, JWD_RECORD, "ACK does not fit"))
            return -1;
        b->ack = get(r + at, 8);
        b->edge = get(r + at + 8, 8);
        require(c, get(r + at + 16, 4) == 0, JWD_RECORD, "CACK is not 0");
        at += 20;
    }
    if (b->h & H_PAD) {
        if (!require(c, at + 2 <= end, JWD_RECORD, "PAD does not fit"))
            return -1;
        pad = (uint32_t)get(r + at, 2);
        at += 2;
        if (!require(c, at + pad <= end, JWD_RECORD, "PAD of %" PRIu32 " does not fit", pad))
            return -1;
        for (uint32_t i = 0; i < pad; i++)
            if (!require(c, r[at + i] == 0, JWD_RECORD, "PAD is not 0"))
                break;
        at += pad;
    }
    b->data = at;
    b->len = end - at;
    return 0;
}

/* Left 128 bits of HMAC(Key_I || Key_R, "mpt jwd 1" || MPJ || record without tag); keys in MP_CAPABLE's order. */
static int tag_is_right(const struct flow *f, const uint8_t *r, uint32_t n)
{
    uint8_t m[9 + 12 + RECORD_MOST];
    struct digest h;

    memcpy(m, "mpt jwd 1", 9);
    memcpy(m + 9, f->mpj, 12);
    memcpy(m + 21, r, n - TAG);
    h = keys_hmac(f->conn->end[f->flip].key, f->conn->end[!f->flip].key, m, 21 + n - TAG);
    return memcmp(h.octet, r + n - TAG, TAG) == 0;
}

/* What a record says is said of the connection as by DSS. */
static void take_body(struct check *c, struct flow *f, const struct body *b)
{
    struct conn *k = f->conn;
    int e = f->flip;
    uint64_t dsn = b->dsn - k->end[e].idsn;

    if (b->h & H_ACK)
        dss_ack(c, k, e, b->ack - k->end[!e].idsn, b->edge - k->end[!e].idsn);
    if (!require(c, (int64_t)dsn >= 1, DSN_BEFORE, "in a join record, offset %" PRId64, (int64_t)dsn)) {
        report_taint(c);
        return;
    }
    if (b->len > 0)
        dss_data(c, f, 0, 1 + b->data, b->len, dsn);
    if (b->h & H_FIN)
        dss_fin(c, k, e, dsn + b->len);
}

/* Once, when all of it is there. */
static void check_record(struct check *c, struct flow *f)
{
    uint8_t r[RECORD_MOST];
    struct body b = {0};
    uint32_t n;

    if (f->record_done || f->conn == NULL || !copy(f, 1, r, HEAD))
        return;
    n = (uint32_t)get(r + 1, 2) + HEAD + TAG;
    if (!require(c, r[0] == 1 && n >= HEAD + BODY_MIN + TAG && n <= RECORD_MOST, JWD_RECORD,
                 "version %u, length %" PRIu32, r[0], n)) {
        f->record_done = 1;
        f->record = n;
        report_taint(c);
        return;
    }
    f->record = n;
    if (!copy(f, 1, r, n))
        return;
    f->record_done = 1;
    if (f->conn->sec != NULL) {
        secopen_join(c, f, r, n);
        return;
    }
    if (!f->conn->end[0].has_key || !f->conn->end[1].has_key) {
        report_unchecked(c, UNCHECKED_NO_KEYS, 1);
        return;
    }
    if (!require(c, tag_is_right(f, r, n), JWD_TAG, "keys and MP_JOIN do not give it") ||
        read_body(c, r, n - TAG, &b) < 0)
        report_taint(c);
    else
        take_body(c, f, &b);
}

/* ---- handshakes (2.1, 2.2, 2.4, 2.5) ----------------------------------------------------------------- */

static void check_ext(struct check *c, struct flow *f, int d, const struct frame *p)
{
    if (p->has_ext) {
        require(c, (p->ext & ~1) == 0, EXT, "flags 0x%02x", p->ext);
        require(c, d == 0 || f->ext[0], EXT, "in the SYN/ACK, not in the SYN");
        require(c, p->mp >> SUB_CAPABLE & 1, EXT, "without MP_CAPABLE");
        f->ext[d] |= p->ext & 1;
    }
    if (f->kind == FLOW_FIRST && f->conn != NULL)
        f->conn->jwd = f->ext[0] && f->ext[1];
}

/* One random, one record: another port is another attempt (2.4.1). */
static void check_random(struct check *c, struct flow *f, const struct frame *p)
{
    struct end *e = &f->conn->end[f->flip];

    for (size_t i = 0; i < e->nonces; i++)
        if (e->nonce[i] == p->join.nonce && e->nonce_port[i] == p->port[0])
            return;
    for (size_t i = 0; i < e->nonces; i++)
        require(c, e->nonce[i] != p->join.nonce, JWD_RANDOM, "%08" PRIx32, p->join.nonce);
    if (e->nonces < IDS_MAX) {
        e->nonce[e->nonces] = p->join.nonce;
        e->nonce_port[e->nonces++] = p->port[0];
    }
}

static void check_join_syn(struct check *c, struct flow *f, const struct frame *p)
{
    int d = (p->join.bits & BIT_D) != 0, agreed = f->conn == NULL || f->conn->blind || f->conn->jwd ||
                                                             f->conn->sec != NULL;

    require(c, !d || agreed, JWD_BITS, "D, but EXT was not agreed");
    require(c, p->len == 0 || d, JWD_PAYLOAD, "%" PRIu32 " octets, no D", p->len);
    f->d[0] = (uint8_t)d;
    f->early_rx += p->ip_len;
    if (!d || f->conn == NULL)
        return;
    check_random(c, f, p);
    check_record(c, f);
    if (p->len > 0 && f->record > 0 && !f->tainted &&
        !require(c, p->len == f->record, JWD_RECORD, "%" PRIu32 " octets in the SYN, the record has %" PRIu32, p->len,
                 f->record))
        report_taint(c);
}

/* D back: understood; the acknowledgement tells whether the payload was taken, whole or not (2.4.3). */
static void check_join_synack(struct check *c, struct flow *f, const struct frame *p)
{
    int d = (p->join.bits & BIT_D) != 0;
    uint64_t ack = (uint32_t)(p->ack - f->half[0].isn);

    require(c, !d || f->d[0], JWD_BITS, "D in the SYN/ACK, not in the SYN");
    if (!f->tainted)
        require(c, ack == 1 || (d && ack == 1 + f->record), JWD_SYNACK, "acknowledges offset %" PRIu64 ", record of %" PRIu32,
                ack, f->record);
    f->d[1] = (uint8_t)d;
}

void joinrec_syn(struct check *c, struct flow *f, int d, const struct frame *p)
{
    check_ext(c, f, d, p);
    if (!(p->mp >> SUB_JOIN & 1)) {
        require(c, p->len == 0 || f->half[d].tfo || d == 1, SYN_DATA, "%" PRIu32 " octets, no Fast Open", p->len);
        return;
    }
    if (!(p->flags & TCP_ACK) && d == 0)
        check_join_syn(c, f, p);
    else if (p->flags & TCP_ACK && d == 1)
        check_join_synack(c, f, p);
}

/* ---- behind the handshake (2.4.3, 2.6) --------------------------------------------------------------- */

/* U: "your third ACK is still missing", on joins with and without a record. Before that was seen here the responder
 * cannot have it, and everything that it sends says so. */
static void check_u(struct check *c, struct flow *f, int d, const struct frame *p)
{
    int u = p->mp >> SUB_DSS & 1 && p->dss.flags & F_U;

    if (d == 0)
        require(c, !u, JWD_U, "from the initiator");
    else if ((f->conn->sec ? f->d[0] && f->d[1] : f->conn->jwd) && !f->join_ack && !p->bad && !c->options.partial)
        require(c, u, JWD_U, "missing before the third ACK");
}

/* Only new octets count, so that a network that doubles packets is no excuse and no trap; SYN/ACKs are free. */
static void check_budget(struct check *c, struct flow *f, const struct frame *p, uint64_t off)
{
    if (f->join_ack || !f->d[1] || p->len == 0 || c->options.partial || off + p->len != f->half[1].end)
        return;
    f->early_tx += p->ip_len;
    require(c, f->early_tx <= 3 * f->early_rx, JWD_BUDGET, "%" PRIu64 " octets of IP, received %" PRIu64, f->early_tx,
            f->early_rx);
}

void joinrec_segment(struct check *c, struct flow *f, int d, const struct frame *p, uint64_t off)
{
    check_u(c, f, d, p);
    if (d == 1)
        check_budget(c, f, p, off);
    if (d == 0 && f->d[0] && f->join_synack && !f->d[1])
        broken(c, JWD_SYNACK, "D was not answered, and the initiator goes on");
    if (d == 0 && f->d[0] && f->d[1] && off <= RECORD_MOST)
        check_record(c, f);
}
