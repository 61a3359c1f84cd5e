/* SPDX-License-Identifier: MIT */
/* check/join.c - MP_JOIN in its places (RFC 8684 3.2): token, nonces, both HMACs, who may send data when. Called
 * by trace.c behind conn.c. */
#include <inttypes.h>
#include <string.h>

#include "check/secure.h"

/* ---- SYN ----------------------------------------------------------------------------------------- */

/* 3.1: no join before the peer has shown by an option of its own that MPTCP works; flag C: not to this address. */
static void check_allowed(struct check *c, struct flow *f, const struct frame *p)
{
    struct conn *k = f->conn;
    int to = !f->flip;

    if (k->blind)
        return;
    require(c, k->end[to].spoke || c->options.partial, JOIN_EARLY, "the peer has sent no MPTCP option yet");
    require(c, !k->end[to].no_initial || p->port[1] != k->end[to].port ||
                   memcmp(&p->addr[1], &k->end[to].addr, sizeof p->addr[1]) != 0,
            JOIN_REFUSED, "port %u", p->port[1]);
    require(c, !k->end[f->flip].fell, FALLBACK, "MP_JOIN");
}

static void join_syn(struct check *c, struct flow *f, const struct frame *p)
{
    struct conn *k = NULL;
    int to;

    if (f->join_syn) { /* B may have changed its mind, unless a record's tag covers it (JWD 2.3) */
        require(c, memcmp(f->mpj + 3, p->join.raw + 3, sizeof f->mpj - 3) == 0 &&
                       ((f->mpj[2] ^ p->join.raw[2]) & (f->d[0] ? 15 : 14)) == 0, JOIN_NONCE,
                "token, nonce, identifier or bits");
        return;
    }
    f->kind = FLOW_JOIN;
    f->join_syn = 1;
    f->join_at = p->at;
    f->token = p->join.token;
    f->nonce[0] = p->join.nonce;
    f->join_id[0] = p->join.id;
    memcpy(f->mpj, p->join.raw, sizeof f->mpj);
    to = conn_find_token(c, p->join.token, &k);
    f->token_unknown = to < 0;
    if (to < 0)
        return; /* the answer tells whether anybody knows it */
    conn_attach(c, f, k, !to);
    require(c, (p->join.bits & 6) == 0, JOIN, "reserved bits 0x%x", p->join.bits);
    check_allowed(c, f, p);
    if (k->sec != NULL)
        secure_join(c, f, 0);
    addr_use(c, k, f->flip, p->join.id, &p->addr[0]);
}

/* ---- SYN/ACK ------------------------------------------------------------------------------------- */

/* 3.2: key B then A, message R_B then R_A, the most significant 64 bits. B answers: half 1. */
static int synack_matches(const struct flow *f, const struct conn *k, int flip, const struct frame *p)
{
    const struct end *a = &k->end[flip], *b = &k->end[!flip];
    struct digest h;

    if (!a->has_key || !b->has_key)
        return 0;
    h = keys_join(b->key, a->key, p->join.nonce, f->nonce[0]);
    return memcmp(h.octet, p->join.hmac, 8) == 0;
}

/* The peer answered a token that no SYN/ACK or third ACK here explains: either the connection is older than the
 * capture, or the token is wrong and the HMAC tells whose it should have been. */
static void find_by_hmac(struct check *c, struct flow *f, const struct frame *p)
{
    struct conn *k;
    int flip;

    for (k = c->conns; k != NULL; k = k->next)
        for (flip = 0; flip < 2; flip++)
            if (synack_matches(f, k, flip, p)) {
                conn_attach(c, f, k, flip);
                report_at(c, f->join_at, CLAUSE_JOIN_TOKEN, "%08" PRIx32 ", by its HMAC it is a join of connection %"
                          PRIu32 ": %08" PRIx32, f->token, k->number, k->end[!flip].token);
                return;
            }
    k = conn_new(c);
    k->blind = 1;
    k->end[1].token = f->token;
    conn_attach(c, f, k, 0);
}

static void join_synack(struct check *c, struct flow *f, const struct frame *p)
{
    if (!require(c, f->join_syn, JOIN, "in the SYN/ACK, not in the SYN"))
        return;
    if (f->join_synack && f->half[0].ack > 0) {
        require(c, f->nonce[1] == p->join.nonce && memcmp(f->join_hmac, p->join.hmac, 8) == 0, JOIN_NONCE,
                "nonce or HMAC");
        return;
    }
    f->join_synack = 1;
    f->nonce[1] = p->join.nonce;
    f->join_id[1] = p->join.id;
    f->join_bits = p->join.bits;
    memcpy(f->join_hmac, p->join.hmac, 8);
    if (f->conn == NULL)
        find_by_hmac(c, f, p);
    require(c, (p->join.bits & 6) == 0, JOIN, "reserved bits 0x%x", p->join.bits);
    addr_use(c, f->conn, !f->flip, p->join.id, &p->addr[0]);
    if (f->conn->sec != NULL) {
        secure_join(c, f, 1);
        seckeys_join(c, f, 0, p);
    } else if (!f->conn->end[0].has_key || !f->conn->end[1].has_key)
        report_unchecked(c, UNCHECKED_NO_KEYS, 1);
    else
        require(c, synack_matches(f, f->conn, f->flip, p), JOIN_SYNACK_HMAC, "keys and nonces do not give it");
}

/* ---- third ACK ----------------------------------------------------------------------------------- */

/* 3.2: key A then B, message R_A then R_B, the most significant 160 bits. */
static void join_ack(struct check *c, struct flow *f, int d, const struct frame *p)
{
    const struct end *a, *b;
    struct digest h;

    if (!require(c, d == 0, JOIN, "from the passive side, on a segment without SYN") ||
        !require(c, f->kind == FLOW_JOIN && f->join_synack && f->conn != NULL, JOIN,
                 "on an ACK, though the SYN/ACK had none"))
        return;
    f->join_ack = 1;
    require(c, p->join.bits == 0 && p->join.id == 0, JOIN, "reserved bits 0x%x%02x", p->join.bits, p->join.id);
    if (f->conn->sec != NULL) {
        seckeys_join(c, f, 1, p);
        return;
    }
    a = &f->conn->end[f->flip];
    b = &f->conn->end[!f->flip];
    if (!a->has_key || !b->has_key) {
        report_unchecked(c, UNCHECKED_NO_KEYS, 1);
        return;
    }
    h = keys_join(a->key, b->key, f->nonce[0], f->nonce[1]);
    require(c, memcmp(h.octet, p->join.hmac, 20) == 0, JOIN_ACK_HMAC, "keys and nonces do not give it");
}

/* ---- any segment of a join ----------------------------------------------------------------------- */

/* Who dials may send when the fourth ACK is there, who answers when the third is (3.2); with join-with-data both
 * may at once (JWD 2.4.3, 2.6). Until the fourth every ACK has MP_JOIN, so that a lost one is made good. */
static void check_segment(struct check *c, struct flow *f, int d, const struct frame *p)
{
    int with_data = f->d[0] && f->d[1];

    if (!require(c, !f->join_bare, JOIN, "goes on, though the SYN/ACK had none"))
        return;
    if (d == 0 && !f->fourth && !p->bad && !c->options.partial) {
        require(c, p->mp >> SUB_JOIN & 1 || (with_data && p->len > 0), JOIN_ACK, "and no fourth ACK yet");
        require(c, p->len == 0 || with_data, JOIN_DATA, "%" PRIu32 " octets", p->len);
    }
    if (d == 1 && !f->join_ack && !c->options.partial && !f->tainted)
        require(c, p->len == 0 || with_data, JOIN_DATA_REPLY, "%" PRIu32 " octets", p->len);
    if (d == 1 && !(p->mp >> SUB_DSS & 1 && p->dss.flags & F_U))
        f->fourth = 1;
}

/* A RST in answer to a token that nobody here has: the peer does not know it either (3.2). */
static void check_refusal(struct check *c, struct flow *f, int d)
{
    if (d != 1 || !f->token_unknown || f->join_synack || f->conn != NULL)
        return;
    f->token_unknown = 0;
    report_at(c, f->join_at, CLAUSE_JOIN_TOKEN, "%08" PRIx32 ", and the peer refused it", f->token);
}

void join_check(struct check *c, struct flow *f, int d, const struct frame *p)
{
    int has = p->mp >> SUB_JOIN & 1;

    if (p->flags & TCP_RST) {
        check_refusal(c, f, d);
        return;
    }
    if (has && p->flags & TCP_SYN && !(p->flags & TCP_ACK))
        join_syn(c, f, p);
    else if (has && p->flags & TCP_SYN)
        join_synack(c, f, p);
    else if (has)
        join_ack(c, f, d, p);
    if (p->flags & TCP_SYN) {
        if (p->flags & TCP_ACK && f->kind == FLOW_JOIN && !has && !p->bad)
            f->join_bare = !f->join_synack;
        joinrec_syn(c, f, d, p);
    } else if (f->kind == FLOW_JOIN) {
        check_segment(c, f, d, p);
    }
}
