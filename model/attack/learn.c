/* SPDX-License-Identifier: MIT */
/* attack/learn.c - what packets tell an attacker that only watches: keys in clear in MP_CAPABLE (RFC 8684 3.1), tokens
 * and nonces of joins (3.2), sequence numbers of subflow and data (3.3). Called for every packet by attack.c. */
#include "attack/private.h"

#include "base/serial.h"
#include "crypto/crypto.h"

static int same_end(const struct mpt_addr *a, const struct mpt_addr *b)
{
    return a->family == b->family && a->port == b->port && !memcmp(a->ip, b->ip, a->family == 6 ? 16 : 4);
}

/* The phone's end is the source of what goes up. */
static struct mpt_attack_flow *find_flow(struct mpt_attack *a, const struct mpt_attack_view *v)
{
    const struct mpt_addr *phone = v->dir == MPT_ATTACK_UP ? &v->src : &v->dst;
    const struct mpt_addr *server = v->dir == MPT_ATTACK_UP ? &v->dst : &v->src;
    struct mpt_attack_flow *f = a->flow;

    while (f < a->flow + a->flows && !(same_end(&f->end[0], phone) && same_end(&f->end[1], server)))
        f++;
    if (f == a->flow + a->flows) {
        if (a->flows == ATTACK_FLOWS)
            return NULL;
        a->flows++;
        memset(f, 0, sizeof *f);
        f->end[0] = *phone;
        f->end[1] = *server;
        f->path = v->path;
    }
    return f;
}

static struct attack_conn *new_conn(struct mpt_attack *a)
{
    return a->conns < ATTACK_CONNS ? &a->conn[a->conns++] : NULL;
}

/* Token and IDSN follow from the key (RFC 8684 3.1). */
static void learn_key(struct attack_conn *c, int side, uint64_t key)
{
    uint8_t k[8], h[32];

    if (!c || c->known[side])
        return;
    mpt_bytes_put64(k, key);
    mpt_crypto_sha256(h, k, sizeof k);
    c->key[side] = key;
    c->token[side] = mpt_bytes_get32(h);
    c->idsn[side] = mpt_bytes_get64(h + 24);
    c->known[side] = 1;
}

struct attack_conn *mpt_learn_token(struct mpt_attack *a, uint32_t token)
{
    for (size_t i = 0; i < a->conns; i++)
        for (int side = 0; side < 2; side++)
            if (a->conn[i].known[side] && a->conn[i].token[side] == token)
                return &a->conn[i];
    return NULL;
}

struct mpt_attack_flow *mpt_learn_keyed(struct mpt_attack *a)
{
    for (size_t i = 0; i < a->flows; i++)
        if (a->flow[i].conn && a->flow[i].conn->known[0] && a->flow[i].conn->known[1])
            return &a->flow[i];
    return NULL;
}

int mpt_learn_open(const struct mpt_attack_flow *f)
{
    return f->side[0].has_syn && f->side[1].has_syn && f->side[0].has_ack && f->side[1].has_ack && !f->dead;
}

/* A SYN with another ISN is another connection on the same ports. */
static void learn_syn(struct mpt_attack *a, struct mpt_attack_flow *f, const struct mpt_attack_seg *p)
{
    struct attack_side *s = &f->side[p->v.dir];

    if (!(p->s.flags & MPT_TCP_ACK) && (!s->has_syn || s->isn != p->s.seq)) {
        memset(f->side, 0, sizeof f->side);
        f->initiator = (uint8_t)p->v.dir;
        f->dead = 0;
        f->join = MPT_HAS(&p->s.mp, MP_JOIN);
        f->token = f->join ? p->s.mp.join.token : 0;
        f->conn = f->join ? mpt_learn_token(a, p->s.mp.join.token)
                          : MPT_HAS(&p->s.mp, MP_CAPABLE) ? new_conn(a) : NULL;
    }
    s->isn = s->nxt = p->s.seq;
    s->nxt++;
    s->has_syn = 1;
    if (MPT_HAS(&p->s.mp, MP_JOIN)) {
        s->random = p->s.mp.join.random;
        s->id = p->s.mp.join.id;
    }
}

/* By its length MP_CAPABLE tells whose keys it has (RFC 8684 3.1, figure 4). */
static void learn_capable(struct mpt_attack_flow *f, const struct mpt_attack_seg *p)
{
    const struct mpt_mp_capable *o = &p->s.mp.capable;

    if (o->version != 1 || o->len < 12)
        return;
    learn_key(f->conn, (int)p->v.dir, o->key_sender);
    if (o->len >= 20)
        learn_key(f->conn, !p->v.dir, o->key_receiver);
}

/* The upper half from what was seen before, or the IDSN; without either it stays 0. */
static uint64_t widen(const struct mpt_attack_flow *f, uint32_t side, int known, uint64_t last, uint64_t wire, int is64)
{
    uint64_t near = known ? last : f->conn ? f->conn->idsn[side] : 0;

    return is64 ? wire : mpt_serial_expand(near, (uint32_t)wire);
}

/* One mapping often covers several segments: what counts is the DSN of the octet behind this segment. */
static void learn_dss(struct mpt_attack_flow *f, const struct mpt_attack_seg *p)
{
    const struct mpt_dss *d = &p->s.mp.dss;
    uint32_t dir = p->v.dir;
    struct attack_side *s = &f->side[dir];

    f->mptcp = 1;
    if (d->flags & DSS_ACK) {
        s->dack = widen(f, !dir, s->has_dack, s->dack, d->ack, d->flags & DSS_ACK64);
        s->has_dack = 1;
    }
    if ((d->flags & DSS_MAP) && p->s.len && d->dll) {
        uint64_t dsn = widen(f, dir, s->has_map, s->dsn, d->dsn, d->flags & DSS_DSN64);

        if ((int32_t)(p->s.seq + p->s.len - s->nxt) >= 0)
            s->dsn = dsn + (uint32_t)(p->s.seq + p->s.len - (s->isn + d->ssn));
        s->has_map = 1;
        s->checksum = d->has_checksum;
    }
}

/* The first data may come behind MP_CAPABLE, whose mapping begins at IDSN + 1 (RFC 8684 3.1). */
static void learn_first(struct mpt_attack_flow *f, const struct mpt_attack_seg *p)
{
    struct attack_side *s = &f->side[p->v.dir];

    if (s->has_map || !f->conn || !f->conn->known[p->v.dir] || f->join)
        return;
    s->dsn = f->conn->idsn[p->v.dir] + 1;
    if (p->s.len && MPT_HAS(&p->s.mp, MP_CAPABLE)) {
        s->dsn += p->s.len;
        s->has_map = 1;
    }
}

/* Sequence numbers only ever go on; an old segment tells nothing new. */
static void learn_numbers(struct mpt_attack_flow *f, const struct mpt_attack_seg *p)
{
    struct attack_side *s = &f->side[p->v.dir];
    uint32_t end = p->s.seq + p->s.len + (p->s.flags & MPT_TCP_FIN ? 1 : 0);

    if (p->s.flags & MPT_TCP_ACK) {
        s->ack = p->s.ack;
        s->has_ack = 1;
    }
    if ((int32_t)(end - s->nxt) > 0)
        s->nxt = end;
    if (!(p->s.flags & MPT_TCP_SYN))
        s->window = p->s.window;
    if (p->s.tcp.has_ts) {
        s->ts_val = p->s.tcp.ts_val;
        s->has_ts = 1;
    }
    if (p->s.flags & MPT_TCP_RST)
        f->dead = 1;
}

void mpt_learn_packet(struct mpt_attack *a, struct mpt_attack_seg *p)
{
    struct mpt_attack_flow *f = find_flow(a, &p->v);

    p->flow = f;
    if (!f)
        return;
    if (p->s.flags & MPT_TCP_SYN)
        learn_syn(a, f, p);
    if (MPT_HAS(&p->s.mp, MP_CAPABLE))
        learn_capable(f, p);
    if (MPT_HAS(&p->s.mp, DSS))
        learn_dss(f, p);
    learn_first(f, p);
    learn_numbers(f, p);
}
