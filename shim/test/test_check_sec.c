/* SPDX-License-Identifier: MIT */
/* test_check_sec.c - the trace checker on MPTCPsec (model/sec/SPEC.md 3): conversations built octet by octet, clean, and with one
 * planted error each: those that everybody sees, with and without the key log, and those inside of records. */
#include "checkrun.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "sec/sec.h"
#include "wire/mptcp.h"
#include "wire/options.h"

enum { SYN = MPT_TCP_SYN, ACK = MPT_TCP_ACK, SUITE = 0x11, TLS_SUITE = 0x21, A = 131, B = 121, EXT_AT = 24 };
enum { H_ACK = MPT_SEC_H_ACK, H_CTL = MPT_SEC_H_CTL, H_DFIN = MPT_SEC_H_DFIN, H_SFIN = MPT_SEC_H_SFIN, H_PAD = MPT_SEC_H_PAD };

/* Keys of every story, positions of the one at hand, and the record sealed last: an edit may seal it anew. */
static struct mpt_sec_keys keys;
static struct mpt_sec_dir dir[2][2], before;
static uint8_t plain[2000], cipher[2000], params[9];
static uint32_t plain_len, edge_of[2];
static uint64_t plain_from;
static uint8_t suite; /* of the story */

static uint8_t *end_of(struct tb_seg *s)
{
    size_t n = 0;

    while (n < sizeof s->opt && s->opt[n] != 0)
        n += s->opt[n] == MPT_OPT_NOP ? 1 : s->opt[n + 1];
    return s->opt + n;
}

/* ---- options --------------------------------------------------------------------------------------------- */

static void put_eno(struct tb_seg *s)
{
    struct mpt_sec_eno e = { .form = MPT_SEC_ENO_ACK };

    if (s->flags == SYN) {
        e = (struct mpt_sec_eno){ .form = MPT_SEC_ENO_SYN, .count = 2, .suite = { suite, 0x12 } };
        memcpy(end_of(s), (uint8_t[5]){ 254, 5, 0x4a, 0x57, 1 }, 5); /* EXT may stand beside it here (3.1) */
    } else if (s->flags & SYN) {
        e = (struct mpt_sec_eno){ .form = MPT_SEC_ENO_SYNACK, .count = 1, .suite = { suite } };
    }
    mpt_sec_eno_build(end_of(s), &e);
}

static void put_map(struct tb *t, struct tb_seg *s, uint32_t from, uint32_t ssn, uint32_t dll)
{
    struct mpt_dss o = { .flags = DSS_MAP, .ssn = ssn, .dll = (uint16_t)dll };

    o.dsn = (uint32_t)(t->idsn[s->dir] + from);
    mpt_dss_build(end_of(s), &o);
}

static void put_aack(struct tb *t, struct tb_seg *s, uint32_t dack, uint32_t wnd)
{
    mpt_sec_aack_build(end_of(s), keys.ak[s->dir], t->idsn[!s->dir] + dack, wnd);
}

static void put_hmac(struct tb *t, struct tb_seg *s, const uint8_t mpj[12])
{
    uint8_t h[32], *o = tb_option(s, MPT_OPT_MPTCP, MP_JOIN);
    int third = !(s->flags & SYN);

    mpt_sec_join_hmac(h, keys.jn, third, 1, mpj, mpj[2] & 8, 2, t->flow[s->flow].nonce[S]);
    memcpy(o + 4, h, third ? 20 : 8);
}

/* ---- records ----------------------------------------------------------------------------------------------- */

/* The record in plain[], sealed where it was sealed before, into s and its DSS. */
static void seal(struct tb *t, struct tb_seg *s)
{
    struct mpt_sec_dir *d = &dir[s->flow][s->dir];
    uint8_t *o = tb_option(s, MPT_OPT_MPTCP, DSS);

    *d = before;
    memcpy(cipher, plain, plain_len);
    mpt_sec_seal(d, t->idsn[s->dir] + plain_from, cipher, plain_len);
    memcpy(s->data, cipher, plain_len + 16);
    s->len = plain_len + 16;
    mpt_bytes_put32(o + 4, (uint32_t)(t->idsn[s->dir] + plain_from));
    mpt_bytes_put16(o + 12, (uint16_t)(plain_len + 16));
}

static void put_record(struct tb *t, struct tb_seg *s, struct mpt_sec_record *r, uint32_t from)
{
    uint8_t *p = mpt_sec_prefix_build(plain, r);
    struct tb_seg octets = *s;

    tb_data(&octets, from, r->len);
    memcpy(p, octets.data, r->len);
    plain_len = (uint32_t)(p - plain) + r->len;
    plain_from = from;
    before = dir[s->flow][s->dir];
    put_map(t, s, from, t->flow[s->flow].next[s->dir], 0);
    seal(t, s);
}

/* A record of one segment; ack 0: no ACK prefix. */
static void say_record(struct tb *t, const char *label, int flow, int side, uint8_t h, uint32_t from, uint32_t len, uint32_t ack)
{
    struct tb_seg s = tb_new(t, flow, side, ACK);
    struct mpt_sec_record r = { .h = (uint8_t)(h | (ack ? H_ACK : 0)), .len = len, .cack = side == S ? 1 : 0, .ctl = params, .ctl_len = 11 };
    uint8_t ctl[11];
    struct mpt_sec_tlv tlv = { .type = MPT_SEC_PARAMS, .flags = 1, .record_max = 1460 };

    mpt_sec_tlv_build(mpt_sec_ctl_build(ctl, 1, 5), &tlv);
    r.ctl = ctl;
    r.pad = h & H_PAD ? 7 : 0;
    r.ack = t->idsn[!side] + ack;
    edge_of[side] = ack && ack + 4000 > edge_of[side] ? ack + 4000 : edge_of[side];
    r.edge = t->idsn[!side] + edge_of[side];
    r.cack = side == C && from < 1000 ? 0 : 1;
    put_record(t, &s, &r, from);
    tb_send(t, label, &s);
}

static void say_aack(struct tb *t, const char *label, int flow, int side, uint32_t dack)
{
    struct tb_seg s = tb_new(t, flow, side, ACK);

    edge_of[side] = dack + 4000 > edge_of[side] ? dack + 4000 : edge_of[side];
    put_aack(t, &s, dack, edge_of[side] - dack);
    tb_send(t, label, &s);
}

static void say_nothing(struct tb *t, const char *label, int flow, int side)
{
    struct tb_seg s = tb_new(t, flow, side, ACK);

    tb_send(t, label, &s);
}

/* ---- the handshake ------------------------------------------------------------------------------------- */

static void say_frame(struct tb *t, const char *label, int side, uint8_t type, uint32_t n, uint32_t from)
{
    struct tb_seg s = tb_new(t, 0, side, ACK);
    uint8_t *b = s.data + 3;

    tb_data(&s, 5000 + from, n + 3);
    s.data[0] = type;
    mpt_bytes_put16(s.data + 1, (uint16_t)n);
    if (from == 1 && side == C) {
        memcpy(b, MPT_SEC_MAGIC, 8);
        memcpy(b + 72, (uint8_t[4]){ 2, SUITE, 0x12, 0 }, 4);
        tb_capable(t, &s, 22, MP_CAPABLE_H, n + 3);
        put_eno(&s);
    } else {
        b[64] = type == MPT_SEC_REPLY ? SUITE : b[64];
        put_map(t, &s, from, t->flow[0].next[side], n + 3);
    }
    tb_send(t, label, &s);
}

static void prepare(struct tb *t)
{
    struct mpt_sec_sf_id join = { 1, 3, 2, t->flow[1].nonce[C], t->flow[1].nonce[S] }, first = { 0 };
    const struct mpt_aead *aead = mpt_crypto_aead(SUITE & 15);

    edge_of[C] = edge_of[S] = 0;
    for (int side = 0; side < 2; side++) {
        mpt_sec_dir_init(&dir[0][side], aead, keys.tx[side], &first, side == C ? A : B);
        mpt_sec_dir_init(&dir[1][side], aead, keys.tx[side], &join, 1);
    }
}

static void open_first(struct tb *t)
{
    struct tb_seg s = tb_new(t, 0, C, SYN);
    int tls = suite == TLS_SUITE;

    prepare(t);
    tb_capable(t, &s, 4, MP_CAPABLE_H, 0);
    put_eno(&s);
    tb_send(t, "syn", &s);
    s = tb_new(t, 0, C, SYN);
    s.seq = t->flow[0].isn[C];
    tb_capable(t, &s, 4, MP_CAPABLE_H, 0);
    put_eno(&s);
    tb_send(t, "syn2", &s);
    s = tb_new(t, 0, S, SYN | ACK);
    tb_capable(t, &s, 12, MP_CAPABLE_H, 0);
    put_eno(&s);
    tb_send(t, "synack", &s);
    s = tb_new(t, 0, C, ACK);
    tb_capable(t, &s, 20, MP_CAPABLE_H, 0);
    put_eno(&s);
    tb_send(t, "ack3", &s);
    say_frame(t, "hello", C, tls ? MPT_SEC_TLS : MPT_SEC_HELLO, 76, 1);
    say_nothing(t, "h1", 0, S);
    say_frame(t, "reply", S, tls ? MPT_SEC_TLS : MPT_SEC_REPLY, 65, 1);
}

static void shake(struct tb *t)
{
    open_first(t);
    say_frame(t, "auth", S, MPT_SEC_AUTH, 49, 69);
    say_frame(t, "fin", C, MPT_SEC_FIN, 48, 80);
}

/* ---- conversations --------------------------------------------------------------------------------------- */

static void first_records(struct tb *t)
{
    say_record(t, "c1", 0, C, H_CTL | H_PAD, A, 100, B);
    say_record(t, "s1", 0, S, H_CTL, B, 0, A + 100);
    say_aack(t, "k1", 0, C, B);
    say_nothing(t, "a1", 0, C);
}

/* One record of 1000 octets in two segments. */
static void long_record(struct tb *t)
{
    struct tb_seg s = tb_new(t, 0, C, ACK), again;
    struct mpt_sec_record r = { .len = 1000 };
    uint32_t ssn = t->flow[0].next[C];

    put_record(t, &s, &r, A + 100);
    s.len = 500;
    tb_send(t, "c2a", &s);
    s = tb_new(t, 0, C, ACK);
    put_map(t, &s, A + 100, ssn, 1017);
    memcpy(s.data, cipher + 500, 517);
    s.len = 517;
    again = s;
    tb_option(&s, MPT_OPT_MPTCP, DSS)[3] |= DSS_IDLE;
    tb_send(t, "c2b", &s);
    s = again;
    s.seq = t->flow[0].isn[C] + t->flow[0].next[C] - 517;
    tb_send(t, "again", &s);
    say_aack(t, "k2", 0, S, A + 1100);
}

static void join(struct tb *t, int with_data)
{
    struct tb_seg s = tb_new(t, 1, C, SYN);
    uint8_t mpj[12], d = with_data ? MP_JOIN_D : 0;

    tb_join(t, &s, d, 3);
    memcpy(mpj, tb_option(&s, MPT_OPT_MPTCP, MP_JOIN), 12);
    if (with_data) {
        struct mpt_sec_record r = { .h = H_PAD, .pad = 10, .len = 100 };
        struct tb_seg octets = s;
        struct mpt_sec_join j;
        uint8_t *p = mpt_sec_join_build(s.data, &r, t->idsn[C] + A + 1100);

        tb_data(&octets, A + 1100, 100);
        memcpy(p, octets.data, 100);
        s.len = (uint32_t)(p + 100 - s.data);
        mpt_sec_join_init(&j, mpt_crypto_aead(SUITE & 15), keys.jr, 1, mpj);
        mpt_sec_join_seal(&j, s.data, s.len);
        s.len += 16;
    }
    tb_send(t, "jsyn", &s);
    s = tb_new(t, 1, S, SYN | ACK);
    tb_join(t, &s, d, 2);
    put_hmac(t, &s, mpj);
    tb_send(t, "jsynack", &s);
    s = tb_new(t, 1, C, ACK);
    tb_join(t, &s, 0, 0);
    put_hmac(t, &s, mpj);
    tb_send(t, "jack", &s);
    say_aack(t, "j4", 1, S, A + 1100 + (with_data ? 100 : 0));
}

/* Data on the join, the same again on the first subflow, and the end. */
static void last_records(struct tb *t)
{
    say_record(t, "j1", 1, C, 0, A + 1100, 100, B);
    say_aack(t, "k3", 1, S, A + 1200);
    say_record(t, "s2", 0, S, 0, B, 200, A + 1200);
    say_aack(t, "k4", 0, C, B + 200);
    say_record(t, "c3", 0, C, H_DFIN, A + 1100, 100, 0);
    say_record(t, "c4", 0, C, H_DFIN | H_SFIN, A + 1200, 0, B + 200);
    say_aack(t, "k5", 0, S, A + 1201);
}

static void whole(struct tb *t)
{
    suite = SUITE;
    shake(t);
    first_records(t);
    long_record(t);
    join(t, 0);
    last_records(t);
}

/* Any number of frames, opaque: a record is what is none (3.3). */
static void with_tls(struct tb *t)
{
    suite = TLS_SUITE;
    open_first(t);
    say_frame(t, "auth", S, MPT_SEC_TLS, 20, 69);
    say_frame(t, "auth2", S, MPT_SEC_TLS, 26, 92);
    say_frame(t, "fin", C, MPT_SEC_TLS, 48, 80);
    first_records(t);
    long_record(t);
    join(t, 0);
    last_records(t);
    suite = SUITE;
}

static void with_data(struct tb *t)
{
    shake(t);
    first_records(t);
    long_record(t);
    mpt_sec_dir_init(&dir[1][C], mpt_crypto_aead(SUITE & 15), keys.tx[C],
                     &(struct mpt_sec_sf_id){ 1, 3, 2, t->flow[1].nonce[C], t->flow[1].nonce[S] }, 1 + 28 + 2 + 10 + 100);
    join(t, 1);
    say_record(t, "j1", 1, C, 0, A + 1200, 100, B);
    say_aack(t, "k3", 1, S, A + 1300);
}

static void fin_first(struct tb *t)
{
    open_first(t);
    say_frame(t, "fin", C, MPT_SEC_FIN, 48, 80);
}

static void b_first(struct tb *t)
{
    open_first(t);
    say_frame(t, "auth", S, MPT_SEC_AUTH, 49, 69);
    say_record(t, "s1", 0, S, H_CTL, B, 0, 80);
}

static void join_first(struct tb *t)
{
    struct tb_seg s;

    open_first(t);
    s = tb_new(t, 1, C, SYN);
    tb_join(t, &s, 0, 3);
    tb_send(t, "jsyn", &s);
}

/* ---- edits ------------------------------------------------------------------------------------------------- */

#define EDIT(name) static void name(struct tb *t, struct tb_seg *s)
#define OPTION(sub) tb_option(s, MPT_OPT_MPTCP, sub)
#define ENO tb_option(s, MPT_SEC_ENO_KIND, -1)
#define AACK OPTION(15)

EDIT(as_it_is) { (void)t; (void)s; }
EDIT(eno_twice) { (void)t; ENO[6] = ENO[5]; }
EDIT(eno_zero) { (void)t; ENO[6] = 0; }
EDIT(eno_other) { (void)t; ENO[6] = 0x32; }
EDIT(eno_role) { (void)t; ENO[2] = 2; }
EDIT(eno_gone) { (void)t; tb_blank(ENO); }
EDIT(eno_long) { (void)t; memcpy(ENO, (uint8_t[6]){ 69, 6, 0xa0, 0x4d, 0x53, SUITE }, 6); }
EDIT(eno_here) { (void)t; memcpy(end_of(s), (uint8_t[6]){ 69, 6, 0xa0, 0x4d, 0x53, SUITE }, 6); }

/* Another connection, by Fast Open. */
EDIT(eno_data)
{
    struct tb_seg o = tb_new(t, 2, C, SYN);

    (void)s;
    tb_capable(t, &o, 4, MP_CAPABLE_H, 0);
    put_eno(&o);
    memcpy(o.opt, (uint8_t[4]){ 1, 1, 34, 2 }, 4);
    tb_data(&o, 1, 10);
    t->expect = (uint32_t)t->pcap.packets + 1;
    tb_send(t, NULL, &o);
}


/* No room for both but without the MSS (3.1). */
EDIT(ext_beside)
{
    uint8_t opt[64] = { 0 };

    (void)t;
    memcpy(opt, s->opt + 4, 35);
    memcpy(s->opt, opt, 64);
    memcpy(end_of(s), (uint8_t[5]){ 254, 5, 0x4a, 0x57, 1 }, 5);
}

EDIT(clear_add) { tb_add_addr(t, s, 4, (uint8_t[4]){ 10, 9, 9, 9 }, 0); }
EDIT(clear_remove) { (void)t; memcpy(end_of(s), (uint8_t[4]){ 30, 4, 0x40, 3 }, 4); }
EDIT(clear_prio) { (void)t; memcpy(end_of(s), (uint8_t[3]){ 30, 3, 0x51 }, 3); }
EDIT(clear_fail) { (void)t; memcpy(end_of(s), (uint8_t[12]){ 30, 12, 0x60 }, 12); }
EDIT(clear_close) { (void)t; memcpy(end_of(s), (uint8_t[12]){ 30, 12, 0x70 }, 12); }
EDIT(infinite) { (void)t; mpt_bytes_put16(OPTION(DSS) + 12, 0); }
EDIT(flag_f) { (void)t; OPTION(DSS)[3] |= DSS_FIN; }
EDIT(checksum) { (void)t; OPTION(DSS)[1] = 16; OPTION(DSS)[14] = 1; OPTION(DSS)[15] = 1; }
EDIT(magic) { (void)t; s->data[9] = '2'; }
EDIT(hello_suites) { (void)t; s->data[3 + 73] = 0x12; s->data[3 + 74] = 0x11; }
EDIT(hello_name) { (void)t; s->data[3 + 75] = 1; }
EDIT(frame_len) { (void)t; s->data[2] ^= 1; }
EDIT(frame_type) { (void)t; s->data[0] = MPT_SEC_FIN; }
EDIT(reply_suite) { (void)t; s->data[3 + 64] = 0x12; }
EDIT(frame_dsn) { (void)t; OPTION(DSS)[7] += 1; }
EDIT(short_dll) { (void)t; mpt_bytes_put16(OPTION(DSS) + 12, 16); s->len = 16; }
EDIT(long_dll) { (void)t; mpt_bytes_put16(OPTION(DSS) + 12, 16641); }
EDIT(other_dll) { (void)t; mpt_bytes_put16(OPTION(DSS) + 12, 1018); }
EDIT(other_dsn) { (void)t; OPTION(DSS)[7] ^= 1; }
EDIT(no_map) { (void)t; tb_blank(OPTION(DSS)); }
EDIT(other_octet) { (void)t; s->data[100] ^= 1; }
EDIT(low_dsn) { plain_from = 100; seal(t, s); }
EDIT(aack_op) { (void)t; AACK[2] = 0xf2; }
EDIT(aack_reserved) { (void)t; AACK[3] = 1; }
EDIT(aack_here) { put_aack(t, s, s->dir == C ? B : 1, 4000); }
EDIT(aack_short) { (void)t; memcpy(end_of(s), (uint8_t[4]){ 30, 4, 0xf1, 0 }, 4); }
EDIT(aack_beyond) { uint8_t *o = AACK; mpt_sec_aack_build(o, keys.ak[s->dir], t->idsn[!s->dir] + A + 5000, 4000); }
EDIT(dack_back) { uint8_t *o = AACK; mpt_sec_aack_build(o, keys.ak[s->dir], t->idsn[!s->dir] + A, 1100 + 5000); }
EDIT(edge_back) { uint8_t *o = AACK; mpt_sec_aack_build(o, keys.ak[s->dir], t->idsn[!s->dir] + A + 1201, 1); }
EDIT(aack_mac) { (void)t; AACK[19] ^= 1; }
EDIT(window) { (void)t; AACK[11] ^= 1; }
EDIT(hmac) { (void)t; OPTION(MP_JOIN)[5] ^= 1; }

/* The place of what stands in the first record: H 1, ACK 20 (DACK, EDGE, CACK), CTL: CSN 4, CLEN 2, TLV 5; PAD. */
EDIT(tag) { (void)t; s->data[s->len - 1] ^= 1; }
EDIT(h_bits) { plain[0] |= 0x20; seal(t, s); }
EDIT(pad) { plain[1 + 20 + 11 + 2] = 1; seal(t, s); }
EDIT(pad_long) { plain[1 + 20 + 11] = 99; seal(t, s); }
EDIT(csn_zero) { plain[1 + 20 + 3] = 0; seal(t, s); }
EDIT(clen) { plain[1 + 20 + 5] = 0; seal(t, s); }
EDIT(tlv_type) { plain[1 + 20 + 6] = 6; seal(t, s); }
EDIT(tlv_fits) { plain[1 + 20 + 7] = 200; seal(t, s); }
EDIT(record_max) { plain[1 + 20 + 9] = 0x7f; seal(t, s); }
EDIT(no_jwd) { plain[1 + 20 + 8] = 0; seal(t, s); t->expect = (uint32_t)t->pcap.packets + 5; } /* c2b has the idle bit */
EDIT(not_params) { plain[1 + 20 + 6] = 3; seal(t, s); }
EDIT(no_ctl)
{
    plain[0] &= (uint8_t)~H_CTL;
    memmove(plain + 21, plain + 32, plain_len - 32);
    plain_len -= 11;
    seal(t, s);
}
EDIT(cack) { plain[1 + 19] = 2; seal(t, s); }
EDIT(ack_beyond) { mpt_bytes_put64(plain + 1, t->idsn[C] + 4000); seal(t, s); }
EDIT(ack_back) { mpt_bytes_put64(plain + 1, t->idsn[C] + A); seal(t, s); }
EDIT(edge_low) { mpt_bytes_put64(plain + 9, t->idsn[C] + 1); seal(t, s); }
EDIT(beyond_edge) { plain_from = A + 6000; seal(t, s); }
EDIT(other_data) { plain[plain_len - 1] ^= 1; seal(t, s); }
EDIT(fin_elsewhere) { plain_from = A + 1201; seal(t, s); }
EDIT(sfin) { plain[0] |= H_SFIN; seal(t, s); }
EDIT(sfin_next) { t->expect = (uint32_t)t->pcap.packets + 2; sfin(t, s); }
EDIT(join_tag) { (void)t; s->data[20] ^= 1; }
EDIT(join_length) { (void)t; s->data[2] += 2; }
EDIT(hmac_third) { hmac(t, s); }

/* ---- tests ------------------------------------------------------------------------------------------------- */

#define ENO_ "MPTCPsec 3.2"
#define HAND "MPTCPsec 3.3"
#define REC "MPTCPsec 3.5"
#define CTL_ "MPTCPsec 3.6"
#define JOIN_ "MPTCPsec 3.7"
#define ACK_ "MPTCPsec 3.8"

/* Without keys as well. */
static const struct planted open_to_all[] = {
    { whole, "syn", eno_twice, ENO_ },          { whole, "syn", eno_zero, ENO_ },
    { whole, "syn", eno_data, ENO_ },           { whole, "syn2", eno_gone, ENO_ },
    { whole, "synack", eno_other, ENO_ },       { whole, "synack", eno_role, ENO_ },
    { whole, "synack", ext_beside, "MPTCPsec 3.1" }, { whole, "hello", eno_gone, ENO_ },
    { whole, "ack3", eno_long, ENO_ },          { whole, "jsyn", eno_here, ENO_ },
    { whole, "a1", clear_add, ENO_ },           { whole, "a1", clear_remove, ENO_ },
    { whole, "a1", clear_prio, ENO_ },          { whole, "a1", clear_fail, ENO_ },
    { whole, "a1", clear_close, ENO_ },         { whole, "c1", infinite, ENO_ },
    { whole, "c1", checksum, ENO_ },            { whole, "c1", flag_f, REC },
    { whole, "hello", magic, HAND },            { whole, "hello", hello_suites, HAND },
    { whole, "hello", hello_name, HAND },       { whole, "hello", frame_len, HAND },
    { whole, "reply", reply_suite, HAND },      { whole, "reply", frame_len, HAND },
    { whole, "auth", frame_type, HAND },        { whole, "auth", frame_len, HAND },
    { whole, "fin", frame_dsn, HAND },          { fin_first, "fin", as_it_is, HAND },
    { b_first, "s1", as_it_is, HAND },          { join_first, "jsyn", as_it_is, ENO_ },
    { with_tls, "hello", magic, HAND },         { with_tls, "auth2", frame_dsn, HAND },
    { with_tls, "hello", frame_len, HAND },     { with_tls, "reply", frame_type, HAND },
    { whole, "c1", short_dll, REC },            { whole, "c1", long_dll, REC },
    { whole, "c2b", other_dll, REC },           { whole, "c2b", other_dsn, REC },
    { whole, "c2b", no_map, REC },              { whole, "again", no_map, REC },
    { whole, "again", other_octet, "MPTCPsec 3.4" }, { whole, "c1", low_dsn, REC },
    { whole, "k1", aack_op, ACK_ },             { whole, "k1", aack_reserved, ACK_ },
    { whole, "h1", aack_here, ACK_ },           { whole, "c3", aack_short, ACK_ },
    { whole, "k2", aack_beyond, ACK_ },         { whole, "k5", dack_back, ACK_ },
    { whole, "k5", edge_back, ACK_ },           { with_data, "jsyn", join_length, "JWD 2.3" },
};

static const struct planted sealed[] = {
    { whole, "s1", no_jwd, "RFC 8684 3.3: DSS flags" },
    { whole, "c1", tag, REC },                  { whole, "c1", other_dsn, REC },
    { whole, "c1", h_bits, REC },               { whole, "c1", pad, REC },
    { whole, "c1", pad_long, REC },             { whole, "c1", no_ctl, CTL_ },
    { whole, "c1", csn_zero, CTL_ },            { whole, "c1", clen, CTL_ },
    { whole, "c1", tlv_type, CTL_ },            { whole, "c1", tlv_fits, CTL_ },
    { whole, "c1", record_max, CTL_ },          { whole, "c1", not_params, CTL_ },
    { whole, "s1", cack, CTL_ },                { whole, "s1", ack_beyond, ACK_ },
    { whole, "s2", ack_back, ACK_ },            { whole, "s1", edge_low, ACK_ },
    { whole, "j1", beyond_edge, ACK_ },         { whole, "c3", other_data, REC },
    { whole, "c4", fin_elsewhere, REC },        { whole, "c3", sfin_next, REC },
    { whole, "k2", aack_mac, ACK_ },            { whole, "k2", window, ACK_ },
    { whole, "jsynack", hmac, JOIN_ },          { whole, "jack", hmac_third, JOIN_ },
    { with_data, "jsyn", join_tag, JOIN_ },
};

static struct check_options with_keys;
static char key_file[] = "/tmp/check-keys-XXXXXX";

static void put_hex(FILE *f, const uint8_t *p, size_t n)
{
    fputc(' ', f);
    while (n-- > 0)
        fprintf(f, "%02x", *p++);
}

static int make_keys(void **state)
{
    uint8_t master[32];
    FILE *f = fdopen(mkstemp(key_file), "w");
    struct tb t;
    FILE *nowhere = tmpfile();

    (void)state;
    suite = SUITE;
    mpt_crypto_init();
    memset(master, 0x4d, sizeof master);
    mpt_sec_keys_make(&keys, master);
    tb_start(&t, nowhere, NULL, NULL);
    fclose(nowhere);
    fprintf(f, "# another connection, then ours\nMPTSEC1 %08x %08x 12", t.token[S], t.token[C]);
    for (int i = 0; i < 3; i++) {
        put_hex(f, keys.tx[0], 32);
        put_hex(f, keys.tx[1], 32);
        put_hex(f, keys.jn, 32);
        put_hex(f, keys.jr, 32);
        put_hex(f, keys.ak[0], 16);
        put_hex(f, keys.ak[1], 16);
        if (i == 0)
            fprintf(f, "\nMPTSEC1 %08x %08x 11", t.token[C], t.token[S]);
        if (i == 1)
            fprintf(f, "\nMPTSEC1 %08x %08x 21", t.token[C], t.token[S]);
    }
    fputc('\n', f);
    with_keys.keys = key_file;
    return fclose(f);
}

static int remove_keys(void **state)
{
    (void)state;
    return unlink(key_file);
}

static void test_clean(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        checkrun_options(i ? &with_keys : NULL);
        checkrun_clean(whole);
        checkrun_clean(with_data);
        checkrun_clean(with_tls);
    }
}

static void test_seen_by_all(void **state)
{
    (void)state;
    checkrun_options(NULL);
    checkrun_planted(open_to_all, sizeof open_to_all / sizeof *open_to_all);
    checkrun_options(&with_keys);
    checkrun_planted(open_to_all, sizeof open_to_all / sizeof *open_to_all);
}

static void test_inside(void **state)
{
    (void)state;
    checkrun_options(&with_keys);
    checkrun_planted(sealed, sizeof sealed / sizeof *sealed);
}

/* A line that is none, and a file that is not there. */
static void test_bad_log(void **state)
{
    struct check_options o = { .keys = "/nowhere/keys" };
    char *text;

    (void)state;
    assert_int_equal(checkrun_file("/dev/null", &o, &text), CHECK_UNREADABLE);
    free(text);
    o.keys = __FILE__;
    assert_int_equal(checkrun_file("/dev/null", &o, &text), CHECK_UNREADABLE);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_seen_by_all),
        cmocka_unit_test(test_inside),
        cmocka_unit_test(test_bad_log),
    };

    return cmocka_run_group_tests(tests, make_keys, remove_keys);
}
