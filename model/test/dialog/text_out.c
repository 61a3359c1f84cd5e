/* SPDX-License-Identifier: MIT */
/* text_out.c - a segment of the stack as one line of a dialogue, every proof in it checked: what is wrong is followed
 * by !. The grammar is in dialog.h. */
#include "dialog/private.h"

struct line {
    char *at, *end;
};

static void put(struct line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct line *l, const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(l->at, (size_t)(l->end - l->at), format, ap);
    va_end(ap);
    l->at += n;
    if (l->at >= l->end)
        fail_msg("line too long");
}

static const char *mark(int right)
{
    return right ? "" : "!";
}

/* The checksum is over the whole mapping, of which a segment may have a piece only (RFC 8684 3.3.1). */
static uint64_t sum_of_mapping(uint64_t dsn, uint32_t n)
{
    uint8_t octet[4096];

    assert_true(n <= sizeof octet);
    for (uint32_t i = 0; i < n; i++)
        octet[i] = dialog_octet(dsn + i, 0);
    return mpt_checksum_add(0, octet, n);
}

/* ---- handshakes ---- */

static void learn_key(struct dialog *d, uint64_t key)
{
    uint32_t token;

    if (d->key_stack)
        return;
    d->key_stack = key;
    dialog_keys(key, &token, &d->idsn_stack);
}

static void capable(struct dialog *d, struct line *l, const struct mpt_segment *s)
{
    const struct mpt_mp_capable *o = &s->mp.capable;

    put(l, " cap%u", o->len);
    if (o->len >= 12)
        learn_key(d, o->key_sender);
    if (o->version != 1 || (o->len >= 12 && o->key_sender != d->key_stack) ||
        (o->len >= 20 && o->key_receiver != d->key_peer))
        put(l, "!");
    if (o->len >= 22)
        put(l, "=%u", o->dll);
    if (o->flags != MP_CAPABLE_H)
        put(l, ":f=%02x", o->flags);
    if (o->len == 24 && mpt_checksum_dss(d->idsn_stack + 1, 1, o->dll, sum_of_mapping(d->tfo_out, o->dll)) != o->checksum)
        put(l, ":badsum");
}

static void join(struct dialog *d, struct dialog_tuple *t, struct line *l, const struct mpt_segment *s)
{
    const struct mpt_mp_join *o = &s->mp.join;
    uint32_t token;
    uint64_t idsn;
    uint8_t h[32];
    int right;

    t->joined = 1;
    if (o->len != 24)
        t->r_stack = o->random;
    dialog_join_hmac(d, t, 1, h);
    dialog_keys(d->key_peer, &token, &idsn);
    right = o->len == 12 ? o->token == token : !memcmp(o->hmac, h, o->len == 16 ? 8 : 20);
    if (o->len == 12)
        memcpy(t->mpj, o->raw, 12);
    put(l, " join%u%s", o->len, mark(right));
    if (o->flags & MP_JOIN_D)
        put(l, ":D");
    if (o->flags & MP_JOIN_B)
        put(l, ":B");
    if (o->len != 24)
        put(l, ":id=%u", o->id);
}

/* ---- DSS ---- */

static int octets_match(const struct mpt_segment *s, uint64_t offset)
{
    for (uint32_t i = 0; i < s->len; i++)
        if (s->data[i] != dialog_octet(offset + i, 0))
            return 0;
    return 1;
}

static void mapping(struct dialog *d, struct line *l, const struct mpt_segment *s, uint32_t seq)
{
    const struct mpt_dss *o = &s->mp.dss;
    uint64_t dsn = o->flags & DSS_DSN64 ? o->dsn - d->idsn_stack - 1
                                        : (uint32_t)((uint32_t)o->dsn - (uint32_t)d->idsn_stack - 1);
    char words[DIALOG_TEXT];

    if (s->len && dialog_sec_mapped(d, s, o->ssn, dsn, words)) {
        if (strncmp(words, " seal", 5) != 0)
            put(l, " map=%llu/%u/%u", (unsigned long long)dsn, o->ssn, o->dll);
        put(l, "%s", words);
        return;
    }
    put(l, " map%s=%llu/%u/%u", o->flags & DSS_DSN64 ? "64" : "", (unsigned long long)dsn, o->ssn, o->dll);
    if (s->len && !octets_match(s, dsn + seq - o->ssn)) /* the SYN's octets are in SEQ */
        put(l, ":octets!");
    if (o->has_checksum) {
        uint32_t octets = o->dll - (o->flags & DSS_FIN ? 1 : 0);
        uint64_t sum = s->len && s->len < octets ? sum_of_mapping(d->tfo_out + dsn, octets) : mpt_checksum_add(0, s->data, s->len);

        put(l, " sum%s", mark(mpt_checksum_dss(d->idsn_stack + 1 + dsn, o->ssn, o->dll, sum) == o->checksum));
    }
}

static void dss(struct dialog *d, struct line *l, const struct mpt_segment *s, uint32_t seq)
{
    const struct mpt_dss *o = &s->mp.dss;

    if (o->flags & DSS_U)
        put(l, " U");
    if (o->flags & DSS_IDLE)
        put(l, " idle");
    if (o->flags & DSS_FIN)
        put(l, " fin");
    if (o->flags & DSS_ACK64)
        put(l, " ack64=%llu", (unsigned long long)(o->ack - d->idsn_peer - 1));
    else if (o->flags & DSS_ACK)
        put(l, " ack=%u", (uint32_t)((uint32_t)o->ack - (uint32_t)d->idsn_peer - 1));
    if (o->flags & DSS_MAP)
        mapping(d, l, s, seq);
}

/* ---- the rest ---- */

static void signals(struct dialog *d, struct line *l, const struct mpt_segment *s)
{
    const struct mpt_mptcp *mp = &s->mp;
    uint8_t h[8];

    if (MPT_HAS(mp, ADD_ADDR)) {
        const struct mpt_add_addr *o = &mp->add_addr;

        dialog_add_hmac(d, 1, o->id, &o->addr, h);
        put(l, " %s%s=%u/", o->echo ? "echo" : "add", mark(o->echo || !memcmp(h, o->hmac, 8)), o->id);
        if (o->addr.family != (d->ipv6 ? 6 : 4))
            put(l, "%u.", o->addr.family);
        put(l, "%u", o->addr.ip[o->addr.family == 4 ? 3 : 15]);
        if (o->has_port)
            put(l, ":%u", o->addr.port);
    }
    for (unsigned i = 0; MPT_HAS(mp, REMOVE_ADDR) && i < mp->remove_addr.count; i++)
        put(l, "%s%u", i ? "," : " rm=", mp->remove_addr.id[i]);
    if (MPT_HAS(mp, MP_PRIO))
        put(l, " prio=%u", mp->prio.backup);
    if (MPT_HAS(mp, MP_FAIL))
        put(l, " fail=%llu", (unsigned long long)(mp->fail.dsn - d->idsn_peer - 1));
    if (MPT_HAS(mp, MP_FASTCLOSE))
        put(l, " fc%s", mark(mp->fastclose.key == d->key_peer));
    if (MPT_HAS(mp, MP_TCPRST))
        put(l, " rst=%u%s", mp->tcprst.reason, mp->tcprst.flags & MP_TCPRST_T ? "T" : "");
}

/* A join record of the stack, tag checked. */
static void record(struct dialog *d, struct dialog_tuple *t, struct line *l, const struct mpt_segment *s)
{
    const uint8_t *p = s->data + 4, *end = s->data + s->len - 16;
    uint8_t tag[16], h = s->data[3];
    uint64_t dsn = mpt_bytes_get64(p) - d->idsn_stack - 1, ack = 0, edge = 0;
    uint32_t pad = 0;
    int right = s->len >= 28 && s->data[0] == 1 && mpt_bytes_get16(s->data + 1) + 19u == s->len;

    p += 8;
    if (h & 1) {
        ack = mpt_bytes_get64(p) - d->idsn_peer - 1;
        edge = mpt_bytes_get64(p + 8) - d->idsn_peer - 1;
        right &= mpt_bytes_get32(p + 16) == 0;
        p += 20;
    }
    if (h & 0x10) {
        pad = mpt_bytes_get16(p);
        p += 2;
        for (uint32_t i = 0; i < pad && p < end; i++)
            right &= !*p++;
    }
    dialog_record_tag(d, t, s->data, s->len - 16, tag);
    right &= !memcmp(tag, end, 16);
    for (uint64_t i = 0; (int64_t)i < end - p; i++)
        right &= p[i] == dialog_octet(dsn + i, 0);
    put(l, " rec%s=%llu/%u", mark(right), (unsigned long long)dsn, (unsigned)(end - p));
    if (h & 1)
        put(l, ":ack=%llu:edge=%llu", (unsigned long long)ack, (unsigned long long)edge);
    if (h & 0x10)
        put(l, ":pad=%u", pad);
    if (h & 4)
        put(l, ":dfin");
    memcpy(t->record, s->data, s->len);
    t->record_len = s->len;
}

static void plain(struct dialog *d, struct line *l, const struct mpt_segment *s)
{
    for (uint64_t x = 0; x < d->written; x++)
        if (octets_match(s, x)) {
            put(l, " plain=%llu", (unsigned long long)x);
            return;
        }
    put(l, " octets!");
}

static void payload(struct dialog *d, struct dialog_tuple *t, struct line *l, const struct mpt_segment *s)
{
    int mapped = MPT_HAS(&s->mp, DSS) && (s->mp.dss.flags & DSS_MAP);
    char words[DIALOG_TEXT];

    if (!s->len || mapped)
        return;
    if (MPT_HAS(&s->mp, MP_CAPABLE) && !(s->flags & MPT_TCP_SYN) && dialog_sec_mapped(d, s, 1, 0, words))
        put(l, "%s", words);
    else if (MPT_HAS(&s->mp, MP_CAPABLE) && !(s->flags & MPT_TCP_SYN))
        put(l, "%s", octets_match(s, d->tfo_out) ? "" : " octets!");
    else if (((s->flags & MPT_TCP_SYN) && !s->tcp.cookie.has) || (t->record_len == s->len && !memcmp(t->record, s->data, s->len)))
        record(d, t, l, s);
    else
        plain(d, l, s);
}

static void flags(struct line *l, uint8_t f)
{
    put(l, "%s%s%s%s%s%s", f & MPT_TCP_SYN ? "S" : "", f & MPT_TCP_FIN ? "F" : "", f & MPT_TCP_RST ? "R" : "",
        f & MPT_TCP_ACK ? "." : "", f & MPT_TCP_ECE ? "E" : "", f & MPT_TCP_CWR ? "W" : "");
}

/* The stack's cookie as server is learned, as client it must be the one it was given. */
static void cookie(struct dialog *d, struct line *l, const struct mpt_segment *s)
{
    const struct mpt_tcp_cookie *c = &s->tcp.cookie;

    if (c->has)
        put(l, c->len ? " tfo=%u" : " tfo", c->len);
    if (c->has && (s->flags & MPT_TCP_ACK))
        memcpy(d->cookie, c->octets, c->len);
    else if (c->has && memcmp(d->cookie, c->octets, c->len))
        put(l, "!");
}

static void sack(struct line *l, const struct dialog_tuple *t, const struct mpt_segment *s)
{
    for (unsigned i = 0; i < s->tcp.sacks; i++)
        put(l, " sack=%u-%u", s->tcp.sack[i][0] - t->irs, s->tcp.sack[i][1] - t->irs);
}

void dialog_render(struct dialog *d, const struct dialog_segment *q, char *out)
{
    struct line l = { out, out + DIALOG_TEXT };
    struct dialog_tuple *t = &d->tuple[q->tuple];
    struct mpt_segment s;
    char words[DIALOG_TEXT];

    assert_int_equal(mpt_tcp_read(&s, q->data, q->len), 0);
    if (s.flags & MPT_TCP_SYN)
        t->iss = s.seq;
    if (s.tcp.has_ts)
        t->ts_recent = s.tcp.ts_val;
    put(&l, "%zu| ", q->tuple);
    flags(&l, s.flags);
    put(&l, " %u", s.seq - t->iss);
    if (s.len)
        put(&l, "+%u", s.len);
    if (s.flags & MPT_TCP_ACK)
        put(&l, " a%u", s.ack - t->irs);
    if (d->show_window)
        put(&l, " win=%u", s.window);
    cookie(d, &l, &s);
    if ((s.flags & MPT_TCP_SYN) && (s.flags & MPT_TCP_ACK) && !t->joined)
        d->tfo_in = s.ack - t->irs - 1;
    if (MPT_HAS(&s.mp, MP_CAPABLE))
        capable(d, &l, &s);
    if (MPT_HAS(&s.mp, MP_EXT))
        put(&l, s.mp.ext == EXT_JWD ? " ext" : " ext!");
    dialog_sec_note(d, q->data + 20, (size_t)(q->data[12] >> 4) * 4 - 20, s.flags);
    dialog_sec_options(d, q->data + 20, (size_t)(q->data[12] >> 4) * 4 - 20, s.flags, words);
    put(&l, "%s", words);
    if (MPT_HAS(&s.mp, MP_JOIN))
        join(d, t, &l, &s);
    if (MPT_HAS(&s.mp, DSS))
        dss(d, &l, &s, s.seq - t->iss);
    signals(d, &l, &s);
    sack(&l, t, &s);
    if (q->ecn)
        put(&l, " %s", q->ecn == 1 ? "ect1" : q->ecn == 2 ? "ect0" : "ce");
    if (s.mp.malformed)
        put(&l, " malformed=%x", s.mp.malformed);
    payload(d, t, &l, &s);
}
