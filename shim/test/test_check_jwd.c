/* SPDX-License-Identifier: MIT */
/* test_check_jwd.c - the trace checker on join-with-data (model/jwd/README.md, sections 2.1 to 2.6): clean joins with
 * the record in the SYN and behind the third ACK, and planted errors. */
#include "checkrun.h"

#include <string.h>

#include "crypto/crypto.h"
#include "wire/mptcp.h"
#include "wire/options.h"

enum { SYN = MPT_TCP_SYN, ACK = MPT_TCP_ACK, RECORD = 28 + 20 + 2 + 10 + 300 };

/* ---- the record ------------------------------------------------------------------------------------------ */

static void put_tag(struct tb *t, uint8_t *r, const uint8_t mpj[12])
{
    size_t n = mpt_bytes_get16(r + 1) + 3u;
    struct mpt_piece piece[3] = {{"mpt jwd 1", 9}, {mpj, 12}, {r, n}};
    uint8_t key[16], h[32];

    mpt_bytes_put64(mpt_bytes_put64(key, t->key[C]), t->key[S]);
    mpt_crypto_hmac(h, key, 16, piece, 3);
    memcpy(r + n, h, 16);
}

/* ACK, PAD of ten and 300 octets of data from offset 101 on. */
static void put_record(struct tb *t, struct tb_seg *s, const uint8_t mpj[12])
{
    struct tb_seg octets = *s;
    uint8_t *r = s->data, *p = r;

    tb_data(&octets, 101, 300);
    *p++ = 1;
    p = mpt_bytes_put16(p, RECORD - 19);
    *p++ = 0x11;
    p = mpt_bytes_put64(p, t->idsn[C] + 101);
    p = mpt_bytes_put64(p, t->idsn[S] + t->acked[C]);
    p = mpt_bytes_put64(p, t->idsn[S] + t->acked[C] + TB_WINDOW);
    p = mpt_bytes_put32(p, 0);
    p = mpt_bytes_put16(p, 10);
    memset(p, 0, 10);
    memcpy(p + 10, octets.data, 300);
    s->len = RECORD;
    put_tag(t, r, mpj);
}

/* ---- conversations --------------------------------------------------------------------------------------- */

static void put_ext(struct tb_seg *s)
{
    memcpy(tb_option(s, MPT_OPT_MPTCP, MP_CAPABLE) + (s->flags & ACK ? 12 : 4), (uint8_t[5]){254, 5, 0x4a, 0x57, 1}, 5);
}

static void say_ack(struct tb *t, const char *label, int flow, int dir)
{
    struct tb_seg s = tb_new(t, flow, dir, ACK);

    tb_ack(t, &s);
    tb_send(t, label, &s);
}

static void open_first(struct tb *t, int ext)
{
    struct tb_seg s = tb_new(t, 0, C, SYN);

    tb_capable(t, &s, 4, MP_CAPABLE_H, 0);
    if (ext)
        put_ext(&s);
    tb_send(t, "syn", &s);
    s = tb_new(t, 0, S, SYN | ACK);
    tb_capable(t, &s, 12, MP_CAPABLE_H, 0);
    if (ext)
        put_ext(&s);
    tb_send(t, "synack", &s);
    s = tb_new(t, 0, C, ACK);
    tb_capable(t, &s, 20, MP_CAPABLE_H, 0);
    tb_send(t, "ack3", &s);
    s = tb_new(t, 0, C, ACK);
    tb_data(&s, 1, 100);
    tb_capable(t, &s, 22, MP_CAPABLE_H, 100);
    tb_send(t, "d1", &s);
    t->acked[S] = 101;
    say_ack(t, "a1", 0, S);
}

/* DSS with 64 bits, as a responder's early data has it. */
static void put_early(struct tb *t, struct tb_seg *s, uint32_t from, uint32_t len)
{
    struct mpt_dss o = {.flags = DSS_U | DSS_ACK | DSS_ACK64 | DSS_MAP | DSS_DSN64};

    tb_data(s, from, len);
    o.ack = t->idsn[C] + t->acked[S];
    o.dsn = t->idsn[S] + from;
    o.ssn = t->flow[1].next[S];
    o.dll = (uint16_t)len;
    mpt_dss_build(s->opt + 12, &o);
}

static void say_early(struct tb *t, const char *label, uint32_t from, uint32_t len)
{
    struct tb_seg s = tb_new(t, 1, S, ACK);

    put_early(t, &s, from, len);
    tb_send(t, label, &s);
}

/* Behind the handshake: data with mappings again, both ways. */
static void go_on(struct tb *t)
{
    struct tb_seg s;

    say_ack(t, "j4", 1, S);
    s = tb_new(t, 1, C, ACK);
    tb_data(&s, 401, 100);
    tb_map(t, &s, 401, t->flow[1].next[C], 100, 0);
    tb_option(&s, MPT_OPT_MPTCP, DSS)[3] |= DSS_IDLE;
    tb_send(t, "d3", &s);
    t->acked[S] = 501;
    say_ack(t, "a3", 1, S);
}

static void in_syn(struct tb *t)
{
    struct tb_seg s;

    open_first(t, 1);
    s = tb_new(t, 1, C, SYN);
    tb_join(t, &s, MP_JOIN_D, 3);
    put_record(t, &s, tb_option(&s, MPT_OPT_MPTCP, MP_JOIN));
    tb_send(t, "jsyn", &s);
    t->acked[S] = 401;
    s = tb_new(t, 1, S, SYN | ACK);
    tb_join(t, &s, MP_JOIN_D, 2);
    tb_send(t, "jsynack", &s);
    say_early(t, "early", 1, 500);
    t->acked[C] = 501;
    s = tb_new(t, 1, C, ACK);
    tb_join(t, &s, 0, 0);
    tb_send(t, "jack", &s);
    go_on(t);
}

/* The SYN's payload was not taken: the record comes behind the third ACK. */
static void in_stream(struct tb *t)
{
    struct tb_seg s;
    uint8_t mpj[12];

    open_first(t, 1);
    s = tb_new(t, 1, C, SYN);
    tb_join(t, &s, MP_JOIN_D, 3);
    memcpy(mpj, tb_option(&s, MPT_OPT_MPTCP, MP_JOIN), 12);
    tb_send(t, "jsyn", &s);
    s = tb_new(t, 1, S, SYN | ACK);
    tb_join(t, &s, MP_JOIN_D, 2);
    tb_send(t, "jsynack", &s);
    s = tb_new(t, 1, C, ACK);
    tb_join(t, &s, 0, 0);
    put_record(t, &s, mpj);
    tb_send(t, "jack", &s);
    t->acked[S] = 401;
    go_on(t);
}

/* Both ends have EXT, but this join has no record. */
static void without(struct tb *t)
{
    struct tb_seg s;

    open_first(t, 1);
    s = tb_new(t, 1, C, SYN);
    tb_join(t, &s, 0, 3);
    tb_send(t, "jsyn", &s);
    s = tb_new(t, 1, S, SYN | ACK);
    tb_join(t, &s, 0, 2);
    tb_send(t, "jsynack", &s);
}

static void not_agreed(struct tb *t)
{
    struct tb_seg s;

    open_first(t, 0);
    s = tb_new(t, 1, C, SYN);
    tb_join(t, &s, 0, 3);
    tb_send(t, "jsyn", &s);
    s = tb_new(t, 1, S, SYN | ACK);
    tb_join(t, &s, 0, 2);
    tb_send(t, "jsynack", &s);
}

/* ---- edits ------------------------------------------------------------------------------------------------- */

#define EDIT(name) static void name(struct tb *t, struct tb_seg *s)
#define OPTION(sub) tb_option(s, MPT_OPT_MPTCP, sub)

EDIT(ext_length) { (void)t; uint8_t *o = tb_option(s, 254, -1); o[1] = 6; o[5] = 1; }
EDIT(ext_flags) { (void)t; tb_option(s, 254, -1)[4] |= 2; }
EDIT(ext_alone) { (void)t; put_ext(s); }
EDIT(bit_d) { (void)t; OPTION(MP_JOIN)[2] |= MP_JOIN_D; }
EDIT(record_reserved) { s->data[3] |= 0x20; put_tag(t, s->data, OPTION(MP_JOIN)); }
EDIT(record_version) { s->data[0] = 2; put_tag(t, s->data, OPTION(MP_JOIN)); }
EDIT(record_pad) { s->data[37] = 1; put_tag(t, s->data, OPTION(MP_JOIN)); }
EDIT(record_pad_length) { mpt_bytes_put16(s->data + 32, 999); put_tag(t, s->data, OPTION(MP_JOIN)); }
EDIT(record_cack) { s->data[31] = 1; put_tag(t, s->data, OPTION(MP_JOIN)); }
EDIT(record_ack) { mpt_bytes_put64(s->data + 12, t->idsn[S] + 777); put_tag(t, s->data, OPTION(MP_JOIN)); }
EDIT(record_before) { mpt_bytes_put64(s->data + 4, t->idsn[C] - 9); put_tag(t, s->data, OPTION(MP_JOIN)); }
EDIT(record_again) { mpt_bytes_put64(s->data + 4, t->idsn[C] + 91); put_tag(t, s->data, OPTION(MP_JOIN)); }
EDIT(record_tag) { (void)t; s->data[RECORD - 1] ^= 1; }
EDIT(record_octet) { (void)t; s->data[100] ^= 1; }
EDIT(record_longer) { (void)t; s->len += 8; }
EDIT(payload) { (void)t; tb_data(s, 1, 40); s->alone = 1; t->flow[1].next[C] = 1; }
EDIT(synack_ack) { (void)t; s->ack -= 5; }
EDIT(overlap) { (void)t; mpt_bytes_put32(OPTION(DSS) + 12, RECORD - 50); }
EDIT(no_u) { (void)t; OPTION(DSS)[3] &= 0x7f; }
EDIT(idle) { (void)t; OPTION(DSS)[3] |= DSS_IDLE; }
EDIT(u) { (void)t; OPTION(DSS)[3] |= 0x80; }

EDIT(over_budget)
{
    struct tb_seg x = tb_new(t, 1, S, ACK);

    (void)s;
    put_early(t, &x, 501, 900);
    t->expect = (uint32_t)t->pcap.packets + 1;
    tb_send(t, NULL, &x);
}

EDIT(random_again)
{
    struct tb_seg x;

    (void)s;
    t->flow[4].nonce[C] = t->flow[1].nonce[C];
    x = tb_new(t, 4, C, SYN);
    tb_join(t, &x, MP_JOIN_D, 3);
    t->expect = (uint32_t)t->pcap.packets + 1;
    tb_send(t, NULL, &x);
}


static const struct planted planted[] = {
    {in_syn, "syn", ext_length, "JWD 2.1: EXT option"},
    {in_syn, "synack", ext_flags, "JWD 2.1: EXT option"},
    {not_agreed, "synack", ext_alone, "JWD 2.1: EXT option"},
    {not_agreed, "jsyn", bit_d, "JWD 2.2: bits of MP_JOIN"},
    {without, "jsynack", bit_d, "JWD 2.2: bits of MP_JOIN"},
    {in_syn, "jsyn", record_reserved, "JWD 2.3: join record"},
    {in_syn, "jsyn", record_version, "JWD 2.3: join record"},
    {in_syn, "jsyn", record_pad, "JWD 2.3: join record"},
    {in_syn, "jsyn", record_pad_length, "JWD 2.3: join record"},
    {in_syn, "jsyn", record_cack, "JWD 2.3: join record"},
    {in_syn, "jsyn", record_ack, "RFC 8684 3.3.2: DATA_ACK of what was never sent"},
    {in_syn, "jsyn", record_before, "RFC 8684 3.1: data sequence number before the first"},
    {in_syn, "jsyn", record_again, "RFC 8684 3.3.1: one data sequence number, different octets"},
    {in_syn, "jsyn", record_tag, "JWD 2.3: tag of the join record"},
    {in_syn, "jsyn", record_octet, "JWD 2.3: tag of the join record"},
    {in_stream, "jack", record_octet, "JWD 2.3: tag of the join record"},
    {in_syn, "jsyn", record_longer, "JWD 2.3: join record"},
    {in_syn, "d3", overlap, "JWD 2.3: mapping over the join record"},
    {in_syn, "d3", random_again, "JWD 2.4.1: random of a join used again"},
    {in_syn, "jsynack", synack_ack, "JWD 2.4.3: SYN/ACK of a join with a record"},
    {without, "jsyn", payload, "JWD 2.5.1: payload in a SYN without a record"},
    {in_syn, "early", no_u, "JWD 2.6: U mark"},
    {in_syn, "d3", u, "JWD 2.6: U mark"},
    {in_syn, "a3", idle, "RFC 8684 3.3: DSS flags"}, /* no mapping */
    {in_syn, "jack", over_budget, "JWD 2.6: early data beyond three times what was received"},
};

static void test_clean(void **state)
{
    (void)state;
    checkrun_clean(in_syn);
    checkrun_clean(in_stream);
    checkrun_clean(without);
    checkrun_clean(not_agreed);
}

static void test_planted(void **state)
{
    (void)state;
    checkrun_planted(planted, sizeof planted / sizeof planted[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_planted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
