/* SPDX-License-Identifier: MIT */
/* check/conn.c - MPTCP connections: MP_CAPABLE in its places (RFC 8684 3.1; read its last pages on lost third
 * ACKs) and connections that fall back before they begin (3.7). Called by trace.c. */
#include <inttypes.h>
#include <string.h>

#include "check/secure.h"
#include "run/pool.h"

struct conn *conn_new(struct check *c)
{
    struct conn *k = pool_grow(NULL, sizeof *k);

    memset(k, 0, sizeof *k);
    k->number = ++c->conn_count;
    k->at = c->now->at;
    for (int e = 0; e < 2; e++) {
        octets_init(&k->end[e].octets, OCTETS_DATA);
        k->end[e].dend = 1;
        k->end[e].dack = 1;
    }
    *c->conns_end = k;
    c->conns_end = &k->next;
    return k;
}

/* Half 0 belongs to end `flip`. */
void conn_attach(struct check *c, struct flow *f, struct conn *k, int flip)
{
    f->conn = k;
    f->flip = (uint8_t)flip;
    f->number = k->flows++;
    c->conn = k;
    c->tallying = &k->tally;
}

void conn_keys(struct end *e, uint64_t key)
{
    e->key = key;
    e->token = keys_token(key);
    e->idsn = keys_idsn(key);
    e->has_key = e->has_idsn = 1;
}

int conn_find_token(struct check *c, uint32_t token, struct conn **conn)
{
    for (struct conn *k = c->conns; k != NULL; k = k->next)
        for (int e = 0; e < 2; e++)
            if ((k->end[e].has_key || k->blind) && k->end[e].token == token) {
                *conn = k;
                return e;
            }
    return -1;
}

/* RFC 8684 3.1: H is the one algorithm there is, D to G name others; B is for a version to come. */
static int check_flags(struct check *c, const struct frame *p)
{
    return require(c, (p->capable.flags & 0x5f) == CAPABLE_H, CAPABLE_FLAGS, "0x%02x", p->capable.flags);
}

static void capable_syn(struct check *c, struct flow *f, const struct frame *p)
{
    require(c, !(p->mp >> SUB_JOIN & 1), CAPABLE, "beside MP_JOIN");
    check_flags(c, p);
    f->capable_syn = 1;
    f->capable_flags[0] = p->capable.flags;
}

/* The connection begins here: the responder's key is known, the initiator's follows (3.1). */
static void begin(struct check *c, struct flow *f, const struct frame *p)
{
    struct conn *k = conn_new(c);

    conn_attach(c, f, k, 0);
    f->kind = FLOW_FIRST;
    conn_keys(&k->end[1], p->capable.sender);
    k->checksum = ((f->capable_flags[0] | p->capable.flags) & CAPABLE_A) != 0; /* either asked for it: 3.1 */
    k->agreed = 1;
    for (int e = 0; e < 2; e++) {
        k->end[e].no_initial = (f->capable_flags[e] & CAPABLE_C) != 0;
        k->end[e].addr = f->addr[e];
        k->end[e].port = f->port[e];
        addr_use(c, k, e, 0, &f->addr[e]);
    }
}

static void capable_synack(struct check *c, struct flow *f, const struct frame *p)
{
    if (!require(c, f->capable_syn, CAPABLE, "in the SYN/ACK, not in the SYN"))
        return;
    check_flags(c, p);
    f->capable_flags[1] = p->capable.flags;
    f->capable_synack = 1;
    if (f->conn == NULL)
        begin(c, f, p);
    else if (f->conn->end[1].key != p->capable.sender && f->half[0].ack == 0)
        conn_keys(&f->conn->end[1], p->capable.sender); /* a server that forgot answers anew */
    else
        require(c, f->conn->end[1].key == p->capable.sender, CAPABLE_KEYS, "the SYN/ACK's was %016" PRIx64,
                f->conn->end[1].key);
}

/* 20 octets without data, 22 with, 24 with data and a checksum (3.1, figure 5). */
static int capable_form(struct check *c, struct flow *f, const struct frame *p)
{
    const struct conn *k = f->conn;
    int good;

    if (p->capable.len == 20)
        good = require(c, p->len == 0, CAPABLE_LENGTH, "20, but the segment has data");
    else
        good = require(c, p->len > 0, CAPABLE_LENGTH, "%u, but the segment has no data", p->capable.len) &&
               require(c, (p->capable.len == 24) == k->checksum, CAPABLE_LENGTH, "%u, but checksums were%s agreed",
                p->capable.len, k->checksum ? "" : " not");
    if (k->sec == NULL) /* else the flag is void (MPTCPsec 3.2) */
        require(c, ((p->capable.flags & CAPABLE_A) != 0) == k->checksum, CAPABLE_CHECKSUM,
            "A is %d in the third ACK, agreed was %d", (p->capable.flags & CAPABLE_A) != 0, k->checksum);
    return good;
}

/* A data-level length maps the first octets of both sequence spaces (3.1). */
static void capable_map(struct check *c, struct flow *f, const struct frame *p)
{
    struct conn *k = f->conn;
    struct waiting w = {1 + f->record, k->end[0].idsn + 1, 1, p->capable.dll, p->capable.dll, p->capable.checksum, p->at};

    if (!require(c, p->capable.dll > 0, CAPABLE, "data-level length 0"))
        return;
    if (k->sec != NULL) {
        secrec_add(c, f, 0, 1, 1, p->capable.dll);
        return;
    }
    if (mapping_add(c, f, 0, 1 + f->record, p->capable.dll, 1) == 0 && p->capable.len == 24 && k->checksum)
        mapping_wait(f, 0, &w);
}

static void capable_ack(struct check *c, struct flow *f, int d, const struct frame *p)
{
    struct conn *k = f->conn;

    if (!require(c, d == 0, CAPABLE, "from the responder, on a segment without SYN") ||
        !require(c, f->capable_synack && k != NULL && f->kind == FLOW_FIRST, CAPABLE,
                 "though the SYN/ACK had none"))
        return;
    require(c, p->capable.receiver == k->end[1].key, CAPABLE_KEYS, "receiver's %016" PRIx64 ", was %016" PRIx64,
            p->capable.receiver, k->end[1].key);
    if (!k->end[0].has_key)
        conn_keys(&k->end[0], p->capable.sender);
    else
        require(c, p->capable.sender == k->end[0].key, CAPABLE_KEYS, "sender's %016" PRIx64 ", was %016" PRIx64,
                p->capable.sender, k->end[0].key);
    check_flags(c, p);
    if (!capable_form(c, f, p))
        report_taint(c);
    f->capable_ack = 1;
    k->established = 1;
    k->end[0].spoke = 1;
    if (p->capable.len >= 22)
        capable_map(c, f, p);
}

/* The third ACK has MP_CAPABLE, or a DSS if it was lost and data follows; without either the responder takes the
 * connection for TCP (3.1, 3.7). */
static void without_capable(struct check *c, struct flow *f, int d, const struct frame *p)
{
    if (p->flags & TCP_SYN && p->flags & TCP_ACK && f->capable_syn && f->conn == NULL)
        f->synack_bare = 1;
    if (p->flags & (TCP_SYN | TCP_RST) || f->kind == FLOW_JOIN || p->bad)
        return;
    if (f->kind == FLOW_FIRST && d == 0 && !f->capable_ack && !f->conn->established && p->mp == 0)
        f->conn->fallback = f->conn->end[0].fell = 1;
    if (f->kind == FLOW_FIRST && p->mp && !f->conn->established && f->conn->fallback)
        broken(c, FALLBACK, "the third ACK had no MP_CAPABLE");
    if (f->kind == FLOW_FIRST && d == 0 && p->mp >> SUB_DSS & 1)
        f->conn->established = 1;
    if (f->kind == FLOW_TCP && p->mp)
        broken(c, FALLBACK, f->synack_bare ? "the SYN/ACK had no MP_CAPABLE" : "on a plain TCP connection");
}

void conn_capable(struct check *c, struct flow *f, int d, const struct frame *p)
{
    if (!(p->mp >> SUB_CAPABLE & 1)) {
        without_capable(c, f, d, p);
    } else if (p->capable.version != 1) {
        report_at(c, p->at, CLAUSE_VERSION, "%u", p->capable.version);
        report_unchecked(c, UNCHECKED_CAPABLE_0, 1);
    } else if (!(p->flags & TCP_SYN)) {
        capable_ack(c, f, d, p);
    } else if (p->flags & TCP_ACK) {
        capable_synack(c, f, p);
    } else if (d == 0) {
        capable_syn(c, f, p);
    }
}
