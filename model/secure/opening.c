/* SPDX-License-Identifier: MIT */
/* secure/opening.c - TCP-ENO beside MP_CAPABLE: secure, regular or refused (sec/SPEC.md 3.2; option grammar: RFC 8547 4).
 * The table itself is sec/negotiate.c's. conn/capable.c, conn/hooks.c and api/calls.c call; recv.c for the first octets. */
#include "secure/private.h"

static const uint64_t HOLD_NS = 1000000000; /* plain TCP, a first octet like a HELLO's and no more: released then */

enum { HELD_FOR_GOOD = 2 }; /* mpt_conn.sec_hold: a HELLO that the application must never see */

/* The key exchange wanted, with what encryption is allowed and there; 0 suites: this stack cannot. */
static size_t suites_of(const struct mpt_stack *s, uint8_t out[MPT_SEC_SUITES])
{
    uint8_t all[MPT_SEC_SUITES], kx = (uint8_t)(s->config.sec_kx + 1);
    size_t n = mpt_sec_eno_suites(all, (uint8_t)(1u << kx)), kept = 0;

    if (kx == MPT_SEC_KX_PSK && !(s->identity && s->identity->psk_len))
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!s->config.sec_aead || (all[i] & 15) == s->config.sec_aead)
            out[kept++] = all[i];
    return kept;
}

/* The ENO of a segment in our reading; NULL: none, or not exactly ours, or one of several (RFC 8547 4.2 knows one). */
static const uint8_t *find_eno(const struct mpt_segment *s, struct mpt_sec_eno *e)
{
    uint32_t count = 0;
    const uint8_t *o = mpt_tcp_option(s, MPT_SEC_ENO_KIND, -1, &count);

    return count == 1 && mpt_sec_eno_parse(e, o, o[1], s->flags) == 0 ? o : NULL;
}

/* MP_CAPABLE as it came, for N (3.3). */
static void note_capable_in(uint8_t *out, const struct mpt_segment *s, uint32_t len)
{
    const uint8_t *o = mpt_tcp_option(s, MPT_OPT_MPTCP, MP_CAPABLE, NULL);

    if (o && o[1] == len)
        memcpy(out, o, len);
}

static struct mpt_sec_names *names(struct mpt_conn *c)
{
    return &c->secure->hand->names;
}

static int begin(struct mpt_conn *c)
{
    if (mpt_secure_new(c) < 0)
        return MPT_ENOMEM;
    c->secure->hand = mpt_mem_zalloc(&c->stack->mem, sizeof *c->secure->hand);
    return c->secure->hand ? 0 : MPT_ENOMEM; /* the caller frees the connection */
}

/* Regular for good: nothing of the secure part is kept but that it was wanted. */
static void regular(struct mpt_conn *c, uint64_t now)
{
    int declined = c->secure->neg.declined;

    c->sec_hold = c->secure->neg.mode == MPT_SEC_HOLD;
    if (c->passive && c->secure->neg.suite) /* ENO took EXT's place in our SYN/ACK: it was never agreed (3.1) */
        c->jwd = 0;
    mpt_secure_free(c);
    c->sec_declined = (uint8_t)declined;
    if (!declined)
        return;
    MPT_COUNT(c->stack, SEC_DECLINED);
    MPT_TRACE(&c->stack->tracer, secure, c->number, 0, now, MPT_TRACE_SECURE_DECLINED, 0, 0, 0);
    mpt_conn_raise(c, MPT_EV_DECLINED | (c->state == MPT_CONN_OPEN ? MPT_EV_WRITABLE : 0));
}

int mpt_secure_connect(struct mpt_conn *c)
{
    uint8_t suite[MPT_SEC_SUITES];
    struct mpt_stack *s = c->stack;

    if (s->config.sec == MPT_SECURE_OFF)
        return 0;
    if (!c->announced || !suites_of(s, suite)) { /* plain TCP from the start, or no suite of ours on this machine */
        if (s->config.sec == MPT_SECURE_REQUIRE)
            return MPT_ESECURE;
        c->sec_declined = 1;
        MPT_COUNT(s, SEC_DECLINED);
        mpt_conn_raise(c, MPT_EV_DECLINED);
        return 0;
    }
    return begin(c);
}

int mpt_secure_syn(struct mpt_conn *c, const struct mpt_segment *s, uint64_t now)
{
    uint8_t mine[MPT_SEC_SUITES];
    struct mpt_sec_eno e;
    const uint8_t *o;

    c->sec_hold = 1; /* whoever put ENO into a SYN/ACK of ours: its HELLO must not reach the application (3.2) */
    if (c->stack->config.sec == MPT_SECURE_OFF)
        return 0;
    if (begin(c) < 0)
        return MPT_ENOMEM;
    o = find_eno(s, &e);
    if (mpt_sec_neg_syn(&c->secure->neg, c->multipath, o ? &e : NULL, mine, suites_of(c->stack, mine)) ==
        MPT_SEC_REFUSED)
        return MPT_ESECURE;
    if (!c->secure->neg.suite) {
        c->secure->neg.mode = MPT_SEC_HOLD;
        c->secure->neg.declined = 1;
        regular(c, now);
        return 0;
    }
    memcpy(names(c)->eno_syn, o, o[1]);
    note_capable_in(names(c)->capable_syn, s, 4);
    return 0;
}

int mpt_secure_answers(const struct mpt_conn *c)
{
    return c->secure && c->passive && c->secure->neg.suite;
}

int mpt_secure_synack(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_sec_eno e, offer;
    const uint8_t *o;

    if (!c->secure)
        return 0;
    o = find_eno(s, &e);
    mpt_sec_eno_parse(&offer, names(c)->eno_syn, names(c)->eno_syn[1], MPT_TCP_SYN);
    switch (mpt_sec_neg_synack(&c->secure->neg, c->multipath, o ? &e : NULL, &offer)) {
    case MPT_SEC_CONFIRMED:
        memcpy(names(c)->eno_synack, o, sizeof names(c)->eno_synack);
        note_capable_in(names(c)->capable_synack, s, 12);
        return mpt_secure_shake(c, now) < 0;
    case MPT_SEC_REGULAR:
        regular(c, now);
        return 0;
    default:
        mpt_secure_abort(c, now);
        return 1;
    }
}

/* At the listener, until a's first data has decided. At both: ENO without SYN is an answer to ours. */
int mpt_secure_segment(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_sec_eno e;
    int eno = find_eno(s, &e) != NULL;

    if (eno)
        mpt_sec_neg_heard(&c->secure->neg);
    if (!c->passive || c->secure->phase != MPT_SECURE_OPENING)
        return 0;
    switch (mpt_sec_neg_segment(&c->secure->neg, c->multipath, eno, s->len > 0, c->stream.end > 0)) {
    case MPT_SEC_CONFIRMED:
        return mpt_secure_shake(c, now) < 0;
    case MPT_SEC_HOLD:
        c->secure->neg.declined = c->secure->neg.policy == MPT_SEC_PREFER;
        regular(c, now);
        return 0;
    case MPT_SEC_REFUSED:
        mpt_secure_abort(c, now);
        return 1;
    default:
        return 0;
    }
}

/* Our own MP_CAPABLE, as it leaves, for N. */
void mpt_secure_note_capable(struct mpt_conn *c, enum mpt_flow_out what, const uint8_t *option, uint32_t n)
{
    if (!c->secure || !c->secure->hand)
        return;
    if (what == MPT_OUT_SYN && n >= 4)
        memcpy(names(c)->capable_syn, option, 4);
    if (what == MPT_OUT_SYNACK && n >= 12)
        memcpy(names(c)->capable_synack, option, 12);
}

/* SYN: our suites. SYN/ACK: the one chosen. Then "heard" until the peer has shown that it is so too. */
uint32_t mpt_secure_eno(struct mpt_subflow *sf, enum mpt_flow_out what, uint8_t *p, uint32_t room)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_secure *x = c->secure;
    struct mpt_sec_eno e = { .form = MPT_SEC_ENO_ACK };
    uint8_t option[MPT_SEC_ENO_MAX], *end;

    if (!x || (!c->multipath && what != MPT_OUT_SYN))
        return 0;
    if (what == MPT_OUT_SYNACK ? !x->neg.suite : what != MPT_OUT_SYN && !x->neg.confirms)
        return 0;
    if (what == MPT_OUT_SYN) {
        e.form = MPT_SEC_ENO_SYN;
        e.count = (uint8_t)suites_of(c->stack, e.suite);
    } else if (what == MPT_OUT_SYNACK) {
        e.form = MPT_SEC_ENO_SYNACK;
        e.count = 1;
        e.suite[0] = x->neg.suite;
    }
    end = mpt_sec_eno_build(option, &e);
    if (room < (uint32_t)(end - option))
        return 0;
    if (what == MPT_OUT_SYN)
        memcpy(names(c)->eno_syn, option, (size_t)(end - option));
    if (what == MPT_OUT_SYNACK)
        memcpy(names(c)->eno_synack, option, (size_t)(end - option));
    memcpy(p, option, (size_t)(end - option));
    return (uint32_t)(end - option);
}

/* 3.2, last rows: b is not secure and a's first octets have come. `last`: no more will come, or they took too long. */
void mpt_secure_look(struct mpt_conn *c, const struct mpt_subflow *sf, int last, uint64_t now)
{
    struct mpt_sec_neg neg = { .policy = MPT_SEC_OFF, .mode = MPT_SEC_HOLD };
    uint32_t dll = c->multipath && sf ? sf->map.len : 0;
    uint8_t first[MPT_SEC_FRAME_HEAD + MPT_SEC_MAGIC_LEN];
    size_t n;

    if (c->secure || c->sec_hold == HELD_FOR_GOOD) /* not decided yet; decided */
        return;
    n = mpt_rob_copy(&c->rob, c->rob.head, first, sizeof first);
    if (!n && !last)
        return;
    switch (mpt_sec_neg_look(&neg, first, n, dll, last || c->peer_fin)) {
    case MPT_SEC_HOLD:
        if (c->hold_at == MPT_NEVER && !dll) {
            c->hold_at = now + HOLD_NS;
            mpt_conn_rearm(c);
        }
        return;
    case MPT_SEC_REFUSED:
        c->sec_hold = HELD_FOR_GOOD;
        mpt_secure_abort(c, now);
        return;
    default:
        c->sec_hold = 0;
        c->hold_at = MPT_NEVER;
        mpt_conn_raise(c, MPT_EV_READABLE);
    }
}

/* A server that prefers MPTCPsec, whose client has not confirmed, and that speaks first speaks in the clear: from then on
 * nothing can become secure (3.2). A HELLO behind it is still kept from the application. */
void mpt_secure_spoke(struct mpt_conn *c, uint64_t now)
{
    if (!c->secure || c->secure->phase != MPT_SECURE_OPENING || !c->passive)
        return;
    c->secure->neg.mode = MPT_SEC_HOLD;
    c->secure->neg.declined = 1;
    regular(c, now);
}

/* a does not know before the SYN/ACK where its application's octets begin, b from the confirmation to the end of the
 * handshake; a b that requires it must not speak first to somebody who has not confirmed: ENO may have been stripped. */
int mpt_secure_waits(const struct mpt_conn *c)
{
    return c->secure && (c->secure->phase == MPT_SECURE_SHAKING || (c->secure->phase == MPT_SECURE_OPENING &&
           (!c->passive || c->secure->neg.policy == MPT_SEC_REQUIRE)));
}
