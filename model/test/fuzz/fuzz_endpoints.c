/* SPDX-License-Identifier: MIT */
/* fuzz_endpoints.c - a connection between two stacks (ends.h) one of which, the victim, is attacked: the input says what
 * the network does, which calls the applications make, when memory runs out, and which packets come from nowhere.
 *
 * Two modes. Off the path the attacker has neither keys nor sequence numbers: on 4-tuples of the connection its segments
 * lie beyond any window, and from its own addresses it may say anything but a right HMAC or key (it may know the token).
 * Then each octet delivered must be the one that was sent, and unless something else happened that may end a connection
 * both streams must arrive in full when the attack is over. On the path it may forge everything, with right numbers, keys
 * and HMACs, and plain Multipath TCP promises nothing; but memory stays in bounds and comes back, counts agree, and
 * every input is answered by a bounded number of packets. The last three hold always. */
#include "ends.h"

enum { OPS_MAX = 160, OPTIONS = 40 };

static struct ends ends;

struct script {
    struct ends *e;
    struct fuzz_input *in;
    int victim;
    uint64_t waited;       /* virtual time used; a time-out ends a connection */
};

/* ---- forged segments ---- */

static int near(struct script *s)
{
    return (int8_t)fuzz_u8(s->in);
}

/* A number near the right one, or any. */
static uint64_t value(struct script *s, uint64_t right)
{
    uint32_t how = fuzz_u8(s->in);

    if (how < 96)
        return right;
    if (how < 192)
        return right + (uint64_t)(int64_t)near(s);
    return how < 224 ? right ^ UINT64_C(1) << (how & 31) : fuzz_u64(s->in);
}

/* Which the off-path attacker cannot know. */
static uint64_t secret(struct script *s, uint64_t right)
{
    uint64_t v = value(s, right);

    return s->e->off_path && v == right ? ~v : v;
}

/* The victim's connection, or as much of it as the other end has. */
static const struct mpt_conn *mind(const struct script *s)
{
    const struct mpt_conn *c = s->e->side[s->victim].conn;

    return c;
}

static uint8_t *put_capable(struct script *s, uint8_t *p)
{
    static const uint8_t len[] = { 4, 12, 20, 22, 24 };
    const struct mpt_conn *c = mind(s);
    struct mpt_mp_capable o = { .len = len[fuzz_u8(s->in) % 5], .version = fuzz_u8(s->in) & 15, .flags = (uint8_t)fuzz_u8(s->in) };

    if (o.version > 2)
        o.version = 1;
    o.key_sender = secret(s, c ? c->key_remote : 0);
    o.key_receiver = secret(s, c ? c->key_local : 0);
    o.dll = (uint16_t)fuzz_u16(s->in);
    return mpt_mp_capable_build(p, &o);
}

static uint8_t *put_join(struct script *s, uint8_t *p, const struct ends_tuple *t)
{
    static const uint8_t len[] = { 12, 16, 24 };
    const struct mpt_conn *c = mind(s);
    struct mpt_mp_join o = { .len = len[fuzz_u8(s->in) % 3], .flags = fuzz_u8(s->in) & 15, .id = (uint8_t)fuzz_u8(s->in) };
    uint8_t hmac[32] = { 0 };

    o.token = (uint32_t)value(s, c ? c->token_local : 0);
    o.random = 0x01020304; /* the same in SYN and ACK: then its HMAC may be right */
    if (c && !s->e->off_path && fuzz_u8(s->in) < 192)
        mpt_keys_join_hmac(hmac, c->key_remote, c->key_local, o.random, t->random);
    memcpy(o.hmac, hmac, sizeof o.hmac);
    return mpt_mp_join_build(p, &o);
}

static uint8_t *put_dss(struct script *s, uint8_t *p)
{
    const struct mpt_conn *c = mind(s);
    struct mpt_dss o = { .flags = (uint8_t)fuzz_u8(s->in), .has_checksum = fuzz_u8(s->in) & 1 };

    o.ack = value(s, c ? c->idsn_local + 1 + c->stream.acked : 0);
    o.dsn = value(s, c ? c->idsn_remote + 1 + c->rob.tail : 0);
    o.ssn = fuzz_u16(s->in);
    o.dll = (uint16_t)value(s, 100);
    o.checksum = (uint16_t)fuzz_u16(s->in);
    return mpt_dss_build(p, &o);
}

static uint8_t *put_address(struct script *s, uint8_t *p)
{
    uint32_t how = fuzz_u8(s->in);
    struct mpt_add_addr a = { .echo = how & 1, .id = (uint8_t)fuzz_u8(s->in), .has_port = how >> 1 & 1,
                              .addr = ends_addr(1 + (int)(fuzz_u8(s->in) & 15), how >> 2 & 1, 80) };
    struct mpt_remove_addr r = { .count = (uint8_t)(1 + (how >> 4 & 3)) };

    a.has_hmac = !a.echo;
    if (how & 8) {
        a.addr.family = 6;
        a.addr.ip[5] = (uint8_t)how;
    }
    fuzz_octets(s->in, a.hmac, 8);
    for (int i = 0; i < r.count; i++)
        r.id[i] = (uint8_t)fuzz_u8(s->in);
    return how & 128 ? mpt_remove_addr_build(p, &r) : mpt_add_addr_build(p, &a);
}

static uint8_t *put_rest(struct script *s, uint8_t *p)
{
    const struct mpt_conn *c = mind(s);
    uint32_t how = fuzz_u8(s->in);
    struct mpt_mp_prio prio = { how >> 3 & 1 };
    struct mpt_mp_fail fail = { value(s, c ? c->idsn_local + 1 : 0) };
    struct mpt_mp_fastclose close = { secret(s, c ? c->key_local : 0) };
    struct mpt_mp_tcprst rst = { how >> 4 & 15, (uint8_t)fuzz_u8(s->in) };

    switch (how & 7) {
    case 0:
    case 1:
        return mpt_mp_prio_build(p, &prio);
    case 2:
    case 3:
        return mpt_mp_fail_build(p, &fail);
    case 4:
        return mpt_mp_fastclose_build(p, &close);
    case 5:
        return mpt_mp_tcprst_build(p, &rst);
    default:
        return mpt_ext_build(p, (uint8_t)(how >> 3 & 1));
    }
}

/* TCP's own: SYN options, SACK blocks that cover anything, octets without meaning. */
static uint8_t *put_tcp(struct script *s, uint8_t *p, const struct ends_tuple *t)
{
    uint32_t how = fuzz_u8(s->in), block[2][2];
    struct mpt_tcp_options o = { .has_mss = how & 1, .has_sack_ok = how >> 1 & 1, .has_wscale = how >> 2 & 1,
                                 .mss = (uint16_t)fuzz_u16(s->in), .wscale = how >> 4 };

    if (!(how & 8))
        return mpt_options_syn(p, &o);
    if (how & 4)
        return p + fuzz_octets(s->in, p, how >> 4);
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++)
            block[i][k] = t->seq_end - fuzz_u16(s->in);
    return mpt_options_sack(p, (const uint32_t(*)[2])block, 1 + (how >> 4 & 1));
}

static uint8_t *put_option(struct script *s, uint8_t *p, const struct ends_tuple *t)
{
    switch (fuzz_u8(s->in) % 8) {
    case 0:
        return put_capable(s, p);
    case 1:
        return put_join(s, p, t);
    case 2:
    case 3:
        return put_dss(s, p);
    case 4:
        return put_address(s, p);
    case 5:
        return put_tcp(s, p, t);
    default:
        return put_rest(s, p);
    }
}

/* A 4-tuple that the victim uses, one of the attacker's own, or a new one with the peer's address. */
static struct ends_tuple choose_tuple(struct script *s)
{
    struct ends_side *v = &s->e->side[s->victim];
    uint32_t pick = fuzz_u8(s->in), known = v->tuples < ENDS_TUPLES ? v->tuples : ENDS_TUPLES;
    struct ends_tuple t = { .local = ends_addr(s->victim ? 2 : 1, pick & 1, s->victim ? 80 : (uint16_t)(40000 + (pick >> 1 & 1))) };

    if (known && pick < 192)
        return v->tuple[pick % known];
    t.remote = pick < 248 ? ends_addr(9, 0, (uint16_t)(5000 + (pick & 3))) : ends_addr(s->victim ? 1 : 2, 0, 2000 + (pick & 3));
    t.wild = pick < 248;
    for (uint32_t i = 0; i < known; i++)
        if (!memcmp(&v->tuple[i].remote, &t.remote, sizeof t.remote) && !memcmp(&v->tuple[i].local, &t.local, sizeof t.local))
            return v->tuple[i];
    return t;
}

/* Off the path: what lies on a 4-tuple of the connection is beyond any window, or acknowledges what was never sent, or
 * both. Either must do (RFC 5961 5.2), but for a RST, where only the window counts. */
static void displace(struct script *s, struct ends_packet *p, const struct ends_tuple *t)
{
    uint32_t far = 1u << 30, how;

    if (!s->e->off_path || t->wild || p->len < MPT_TCP_HEADER)
        return;
    how = fuzz_u8(s->in) % 3;
    if (t->acked && how == 1) {
        p->data[13] &= (uint8_t)~MPT_TCP_RST;
    } else if (t->acked) {
        mpt_bytes_put32(p->data + 4, t->ack + far + (mpt_bytes_get32(p->data + 4) & (far - 1)));
        if (how == 2)
            return;
    }
    mpt_bytes_put32(p->data + 8, t->seq_end + far + (mpt_bytes_get32(p->data + 8) & (far - 1)));
    if (!t->acked)
        p->data[13] |= MPT_TCP_ACK; /* SYN-SENT takes a bare SYN with any number (RFC 9293 3.5) */
}

static void inject(struct script *s, struct ends_packet *p, const struct ends_tuple *t)
{
    p->from = t->remote;
    p->to = t->local;
    displace(s, p, t);
    ends_inject(s->e, s->victim, p);
    ends_rest(s->e, s->victim);
}

static void forge(struct script *s)
{
    struct ends_tuple t = choose_tuple(s);
    struct ends_packet p = { .ecn = 0 };
    uint32_t seq = t.ack + (uint32_t)near(s), ack = t.seq_end + (uint32_t)near(s), flags = fuzz_u8(s->in), n = fuzz_u8(s->in), len;
    uint8_t *at = p.data + MPT_TCP_HEADER, one[64];

    if (n & 128) /* behind a timestamp, without which an agreed one drops it (RFC 7323 3.2) */
        at = mpt_options_ts(at, fuzz_u8(s->in) < 128 ? UINT32_MAX / 2 + t.ts : fuzz_u32(s->in), t.ts);
    for (n = n & 3; n; n--) {
        size_t size = (size_t)(put_option(s, one, &t) - one);

        if (at + size > p.data + MPT_TCP_HEADER + OPTIONS)
            break;
        memcpy(at, one, size);
        at += size;
    }
    at = mpt_options_pad(p.data + MPT_TCP_HEADER, at);
    mpt_bytes_put32(p.data + 4, seq);
    mpt_bytes_put32(p.data + 8, ack);
    p.data[12] = (uint8_t)((at - p.data) / 4 << 4);
    p.data[13] = (uint8_t)flags;
    mpt_bytes_put16(p.data + 14, (uint16_t)value(s, 1000));
    len = fuzz_u8(s->in);
    len = len < 128 ? 0 : len;
    memset(at, (int)fuzz_u8(s->in), len);
    p.len = (uint32_t)(at - p.data) + len;
    inject(s, &p, &t);
}

/* ICMP about a 4-tuple: believed only with a sequence number in flight (RFC 5927 4.1), which is not known off the path. */
static void icmp(struct script *s)
{
    struct ends_tuple t = choose_tuple(s);
    uint32_t seq = t.seq_end + (uint32_t)near(s), kind = fuzz_u8(s->in);

    seq = s->e->off_path && !t.wild ? t.seq_end + (1u << 30) + (seq & 0xffff) : seq;
    (void)mpt_icmp(s->e->side[s->victim].stack, &t.local, &t.remote, seq, (enum mpt_icmp_kind)(kind & 7), fuzz_u16(s->in),
                   s->e->now);
    ends_rest(s->e, s->victim);
}

static void raw(struct script *s)
{
    struct ends_tuple t = choose_tuple(s);
    struct ends_packet p = { .ecn = (uint8_t)(fuzz_u8(s->in) & 3) };

    p.len = (uint32_t)fuzz_octets(s->in, p.data, fuzz_u8(s->in));
    inject(s, &p, &t);
}

/* What either side has sent before, changed, or turned round. */
static void mutate(struct script *s)
{
    uint32_t pick = fuzz_u8(s->in), n = fuzz_u8(s->in) & 7;
    int from = pick & 64 ? s->victim : !s->victim;
    struct ends_side *side = &s->e->side[from], *v = &s->e->side[s->victim];
    struct ends_packet p;
    struct ends_tuple t = { .wild = 0 };

    if (!side->seens)
        return;
    p = side->seen[pick % (side->seens < ENDS_SEEN ? side->seens : ENDS_SEEN)];
    t.local = from == s->victim ? p.from : p.to;
    t.remote = from == s->victim ? p.to : p.from;
    for (uint32_t i = 0; i < v->tuples && i < ENDS_TUPLES; i++)
        if (!memcmp(&v->tuple[i].local, &t.local, sizeof t.local) && !memcmp(&v->tuple[i].remote, &t.remote, sizeof t.remote))
            t = v->tuple[i];
    if (s->e->off_path && !t.seq_end && !t.acked && !t.wild) /* not yet known to the victim: only a sniffer knows it */
        return;
    while (n--) {
        uint32_t at = fuzz_u8(s->in);

        at = fuzz_u8(s->in) & 1 ? 20 + at % 40 : at % 20;
        if (at < p.len)
            p.data[at] = (uint8_t)(fuzz_u8(s->in));
    }
    if (pick & 128)
        p.len = p.len > 4 ? p.len - fuzz_u8(s->in) % 4 : p.len;
    inject(s, &p, &t);
}

/* ---- calls ---- */

static void address(struct script *s, int i, uint32_t arg)
{
    struct ends_side *side = &s->e->side[i];
    struct mpt_addr a = ends_addr(i ? 2 : 1, (int)(arg & 1), 0);

    if (arg & 2) {
        a.port = arg & 64 ? 81 : 0;
        (void)mpt_address_up(side->stack, &a, (arg & 1) + 1, 1400, arg >> 2 & 15, s->e->now);
    } else {
        s->e->excused = 1;
        (void)mpt_address_down(side->stack, &a, s->e->now);
    }
}

static void subflow_call(struct script *s, int i, uint32_t what, uint32_t arg)
{
    struct ends_side *side = &s->e->side[i];
    struct mpt_addr local = ends_addr(i ? 2 : 1, (int)(arg & 1), 0), remote = ends_addr(i ? 1 : 2, (int)(arg >> 1 & 1), i ? 0 : 80);

    if (!side->conn)
        return;
    if (what == 0) {
        (void)mpt_subflow_join(side->conn, &local, arg & 4 ? NULL : &remote, arg >> 3 & 3, s->e->now);
    } else if (what == 1) {
        (void)mpt_subflow_backup(side->conn, arg & 7, arg >> 3 & 1, s->e->now);
    } else {
        s->e->excused = 1;
        (void)mpt_subflow_close(side->conn, arg & 7, s->e->now);
    }
}

static void end_call(struct script *s, int i, uint32_t what, uint32_t arg)
{
    struct ends_side *side = &s->e->side[i];

    if (!side->conn)
        return;
    if (what == 0) {
        side->shut = side->shut || mpt_shutdown(side->conn, s->e->now) == 0;
        return;
    }
    if (arg & 3) /* seldom: what is over is not attacked any more */
        return;
    s->e->excused = 1;
    if (what == 1) {
        mpt_abort(side->conn, s->e->now);
        side->shut = 1;
    } else {
        mpt_close(side->conn, s->e->now);
        side->conn = NULL;
        side->over = side->shut = 1;
    }
}

static void call(struct script *s)
{
    static const char *const keys[][2] = { { "tcp.nagle", "1" }, { "tcp.nagle", "0" }, { "tcp.keepalive", "1s" },
                                           { "tcp.keepalive_interval", "1s" } };
    uint32_t what = fuzz_u8(s->in), arg = fuzz_u8(s->in);
    int i = what >> 7;

    switch (what & 15) {
    case 0:
    case 1:
    case 2:
        subflow_call(s, i, what & 15, arg);
        break;
    case 3:
    case 4:
    case 5:
        end_call(s, i, (what & 15) - 3, arg);
        break;
    case 6:
        address(s, i, arg);
        break;
    case 7: /* keep-alive gives up where the network brings nothing for long */
        s->e->excused |= (arg & 3) >= 2;
        if (s->e->side[i].conn)
            (void)mpt_conn_set(s->e->side[i].conn, keys[arg & 3][0], keys[arg & 3][1], s->e->now);
        break;
    case 8:
        s->e->side[i].slow = arg & 1;
        ends_read(s->e, i);
        break;
    case 9: /* memory */
        s->e->excused = 1;
        s->e->side[i].memory.fail_in = arg;
        break;
    default:
        ends_write(s->e, i, arg * 16);
        return;
    }
    ends_rest(s->e, i);
}

/* ---- the network ---- */

static void wait(struct script *s, uint32_t how)
{
    static const uint64_t ns[] = { 1 * MS, 5 * MS, 20 * MS, 50 * MS, 200 * MS, S, 3 * S, 10 * S };

    if (!s->e->excused && s->waited + ns[how & 7] > 20 * S)
        return;
    s->waited += ns[how & 7];
    ends_wait(s->e, ns[how & 7]);
}

/* Everything that is on the way, and what answers it, so many times. */
static void exchange(struct ends *e, uint32_t rounds)
{
    for (; rounds; rounds--) {
        uint32_t n[2] = { e->side[0].count, e->side[1].count };

        ends_wait(e, 5 * MS);
        for (uint32_t k = 0; k < ENDS_WIRE; k++)
            for (int i = 0; i < 2; i++)
                if (k < n[i])
                    ends_deliver(e, i);
    }
}

static void step(struct script *s)
{
    uint32_t what = fuzz_u8(s->in);
    int i = what >> 7;

    switch (what & 15) {
    case 0:
        ends_deliver(s->e, i);
        break;
    case 1:
        ends_drop(s->e, i);
        break;
    case 2:
        ends_swap(s->e, i);
        break;
    case 3:
        ends_repeat(s->e, i);
        break;
    case 4:
        wait(s, what >> 4);
        break;
    case 5:
    case 6:
        exchange(s->e, 1 + (what >> 4 & 3));
        break;
    case 7:
    case 8:
        call(s);
        break;
    case 9:
        if (what & 16)
            icmp(s);
        else
            raw(s);
        break;
    case 10:
    case 11:
        mutate(s);
        break;
    default:
        forge(s);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    uint32_t mode = fuzz_u8(&in);
    struct script s = { .e = &ends, .in = &in, .victim = mode >> 1 & 1 };

    ends_begin(&ends, &in);
    ends.off_path = mode & 1;
    if (mode & 4 || ends.off_path) /* the connection and its joins are there */
        exchange(&ends, 8);
    for (int ops = 0; in.left && ops < OPS_MAX; ops++)
        step(&s);
    ends_settle(&ends);
    ends_end(&ends);
    return 0;
}
