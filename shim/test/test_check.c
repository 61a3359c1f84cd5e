/* SPDX-License-Identifier: MIT */
/* test_check.c - the trace checker against planted errors: a clean conversation says nothing, and the same with one
 * segment changed gives one line, with the right frame and clause. Join-with-data: test_check_jwd.c; file formats:
 * test_check_files.c. */
#include "checkrun.h"

#include <string.h>

#include "wire/mptcp.h"
#include "wire/options.h"

enum { FIN = MPT_TCP_FIN, SYN = MPT_TCP_SYN, RST = MPT_TCP_RST, ACK = MPT_TCP_ACK };
static const uint8_t second[4] = {10, 100, 0, 2};

/* ---- conversations --------------------------------------------------------------------------------- */

/* A pure ACK with a DATA_ACK. */
static void say_ack(struct tb *t, const char *label, int flow, int dir)
{
    struct tb_seg s = tb_new(t, flow, dir, ACK);

    tb_ack(t, &s);
    tb_send(t, label, &s);
}

/* Octets with their mapping. */
static void say_data(struct tb *t, const char *label, int flow, int dir, uint32_t from, uint32_t len)
{
    struct tb_seg s = tb_new(t, flow, dir, ACK);

    tb_data(&s, from, len);
    tb_map(t, &s, from, t->flow[flow].next[dir], len, 0);
    tb_send(t, label, &s);
}

static void say_fin(struct tb *t, const char *label, int flow, int dir)
{
    struct tb_seg s = tb_new(t, flow, dir, FIN | ACK);

    tb_ack(t, &s);
    tb_send(t, label, &s);
}

/* The initial subflow up to the first data both ways: 100 octets there, 200 back. */
static void open_first(struct tb *t, unsigned flags)
{
    struct tb_seg s = tb_new(t, 0, C, SYN);

    tb_capable(t, &s, 4, MP_CAPABLE_H | (flags & MP_CAPABLE_A), 0);
    tb_send(t, "syn", &s);
    s = tb_new(t, 0, S, SYN | ACK);
    tb_capable(t, &s, 12, MP_CAPABLE_H | MP_CAPABLE_C, 0);
    tb_send(t, "synack", &s);
    s = tb_new(t, 0, C, ACK);
    tb_capable(t, &s, 20, MP_CAPABLE_H | (flags & MP_CAPABLE_A), 0);
    tb_send(t, "ack3", &s);
    s = tb_new(t, 0, C, ACK);
    tb_data(&s, 1, 100);
    tb_capable(t, &s, t->checksum ? 24 : 22, MP_CAPABLE_H | (flags & MP_CAPABLE_A), 100);
    tb_send(t, "d1", &s);
    t->acked[S] = 101;
    say_ack(t, "a1", 0, S);
    say_data(t, "d2", 0, S, 1, 200);
    t->acked[C] = 201;
    say_ack(t, "a2", 0, C);
}

/* The server's second address, and a join to it. */
static void open_second(struct tb *t)
{
    struct tb_seg s = tb_new(t, 0, S, ACK);

    tb_add_addr(t, &s, 2, second, 0);
    tb_send(t, "add", &s);
    s = tb_new(t, 0, C, ACK);
    tb_add_addr(t, &s, 2, second, 1);
    tb_send(t, "echo", &s);
    s = tb_new(t, 1, C, SYN);
    tb_join(t, &s, 0, 3);
    tb_send(t, "jsyn", &s);
    t->flow[1].next[C] = 0; /* the SYN once more */
    s = tb_new(t, 1, C, SYN);
    tb_join(t, &s, 0, 3);
    tb_send(t, "jsyn again", &s);
    s = tb_new(t, 1, S, SYN | ACK);
    tb_join(t, &s, MP_JOIN_B, 2);
    tb_send(t, "jsynack", &s);
    s = tb_new(t, 1, C, ACK);
    tb_join(t, &s, 0, 0);
    tb_send(t, "jack", &s);
    say_ack(t, "j4", 1, S);
}

/* One mapping of 600 octets over two segments that come in the wrong order; then some of it on the other subflow. */
static void speak(struct tb *t)
{
    struct tb_seg s, late;

    say_data(t, "d3", 1, C, 101, 300);
    t->acked[S] = 401;
    say_ack(t, "a3", 1, S);
    s = tb_new(t, 0, C, ACK);
    tb_data(&s, 401, 600);
    tb_map(t, &s, 401, t->flow[0].next[C], 600, 0);
    late = s;
    late.seq += 300;
    memmove(late.data, late.data + 300, 300);
    late.len = s.len = 300;
    tb_send(t, "d4b", &late);
    s = tb_new(t, 0, S, ACK);
    s.ack -= 600;
    tb_ack(t, &s);
    mpt_options_sack(s.opt + 20, (const uint32_t[1][2]){{late.seq, late.seq + 300}}, 1);
    tb_send(t, "sack", &s);
    s = late;
    s.seq -= 300;
    tb_data(&s, 401, 300);
    tb_send(t, "d4a", &s);
    t->acked[S] = 1001;
    say_ack(t, "a4", 0, S);
    say_data(t, "again elsewhere", 1, C, 401, 300);
    say_ack(t, "a5", 1, S);
    t->flow[1].next[C] -= 300;
    say_data(t, "again", 1, C, 401, 300);
    s = tb_new(t, 0, C, ACK);
    memcpy(s.opt + 12, (uint8_t[3]){30, 3, 0x51}, 3);
    tb_send(t, "prio", &s);
    s = tb_new(t, 0, S, ACK);
    memcpy(s.opt + 12, (uint8_t[4]){30, 4, 0x40, 2}, 4);
    tb_send(t, "remove", &s);
}

static void close_all(struct tb *t)
{
    struct tb_seg s = tb_new(t, 0, C, ACK);

    tb_map(t, &s, 1001, 0, 0, 1);
    tb_send(t, "data fin", &s);
    s = tb_new(t, 1, C, ACK);
    tb_map(t, &s, 1001, 0, 0, 1);
    tb_send(t, "data fin again", &s);
    t->acked[S] = 1002;
    s = tb_new(t, 0, S, ACK);
    tb_map(t, &s, 201, 0, 0, 1);
    tb_send(t, "data fin back", &s);
    t->acked[C] = 202;
    say_ack(t, "a6", 0, C);
    for (int f = 0; f < 2; f++) {
        say_fin(t, f ? "fin 1" : "fin 0", f, C);
        say_fin(t, f ? "fin back 1" : "fin back 0", f, S);
        say_ack(t, f ? "last 1" : "last 0", f, C);
    }
}

/* Everything at once, with checksums. */
static void whole(struct tb *t)
{
    t->checksum = 1;
    open_first(t, MP_CAPABLE_A);
    open_second(t);
    speak(t);
    close_all(t);
}

/* MP_FASTCLOSE on an ACK, answered by a RST; no checksums. */
static void fastclose(struct tb *t)
{
    struct tb_seg s;

    open_first(t, 0);
    s = tb_new(t, 0, C, ACK);
    memcpy(s.opt + 12, (uint8_t[4]){30, 12, 0x70, 0}, 4);
    mpt_bytes_put64(s.opt + 16, t->key[S]);
    tb_send(t, "fastclose", &s);
    s = tb_new(t, 0, S, RST | ACK);
    memcpy(s.opt + 12, (uint8_t[4]){30, 4, 0x80, 0}, 4);
    tb_send(t, "rst", &s);
}

/* A wrong checksum on the only subflow: MP_FAIL, and an infinite mapping back (RFC 8684 3.7). */
static void fallback(struct tb *t)
{
    struct tb_seg s;

    t->checksum = 1;
    open_first(t, MP_CAPABLE_A);
    s = tb_new(t, 0, C, ACK);
    memcpy(s.opt + 12, (uint8_t[4]){30, 12, 0x60, 0}, 4);
    mpt_bytes_put64(s.opt + 16, t->idsn[S] + 1);
    tb_send(t, "fail", &s);
    s = tb_new(t, 0, S, ACK);
    tb_data(&s, 201, 50);
    tb_map(t, &s, 201, 201, 50, 0);
    s.opt[28] = s.opt[29] = 0; /* data-level length */
    tb_send(t, "infinite", &s);
    s = tb_new(t, 0, S, ACK);
    tb_data(&s, 251, 50);
    tb_send(t, "bare", &s);
    s = tb_new(t, 0, C, ACK);
    tb_send(t, "bare ack", &s);
}

/* Fifty octets in a Fast Open SYN; the numbers of MPTCP begin behind them (RFC 8684 appendix B.2). */
static void fast_open(struct tb *t)
{
    struct tb_seg s = tb_new(t, 0, C, SYN);

    t->checksum = 1;
    tb_capable(t, &s, 4, MP_CAPABLE_H | MP_CAPABLE_A, 0);
    memcpy(s.opt + 24, (uint8_t[6]){34, 6, 1, 2, 3, 4}, 6);
    tb_data(&s, 1, 50);
    tb_send(t, "syn", &s);
    s = tb_new(t, 0, S, SYN | ACK);
    tb_capable(t, &s, 12, MP_CAPABLE_H, 0);
    tb_send(t, "synack", &s);
    s = tb_new(t, 0, C, ACK);
    tb_capable(t, &s, 20, MP_CAPABLE_H | MP_CAPABLE_A, 0);
    tb_send(t, "ack3", &s);
    s = tb_new(t, 0, C, ACK);
    tb_data(&s, 1, 100);
    tb_map(t, &s, 1, 1, 100, 0);
    tb_send(t, "d1", &s);
    t->acked[S] = 101;
    say_ack(t, "a1", 0, S);
}

/* No MPTCP at all. */
static void plain(struct tb *t)
{
    struct tb_seg s = tb_new(t, 0, C, SYN);

    tb_send(t, "syn", &s);
    s = tb_new(t, 0, S, SYN | ACK);
    tb_send(t, "synack", &s);
    s = tb_new(t, 0, C, ACK);
    tb_send(t, "ack3", &s);
    s = tb_new(t, 0, C, ACK);
    tb_data(&s, 1, 1000);
    tb_send(t, "data", &s);
    s = tb_new(t, 0, S, ACK);
    tb_send(t, "ack", &s);
    s = tb_new(t, 0, C, FIN | ACK);
    tb_send(t, "fin", &s);
    s = tb_new(t, 0, S, FIN | ACK);
    tb_send(t, "fin back", &s);
    s = tb_new(t, 0, C, ACK);
    tb_send(t, "last", &s);
}

/* ---- edits ------------------------------------------------------------------------------------------- */

#define EDIT(name) static void name(struct tb *t, struct tb_seg *s)
#define OPTION(sub) tb_option(s, MPT_OPT_MPTCP, sub)

/* Sends x in front of the segment at hand, as part of the conversation; the error is to be found there. */
static void put(struct tb *t, struct tb_seg *x)
{
    t->expect = (uint32_t)t->pcap.packets + 1;
    tb_send(t, NULL, x);
}

/* The same, but the conversation goes on as if it had not been. */
static void insert(struct tb *t, struct tb_seg *x)
{
    x->alone = 1;
    put(t, x);
}

EDIT(bad_ip) { (void)t; s->bad_ip = 1; }
EDIT(bad_sum) { (void)t; s->bad_sum = 1; }
EDIT(wscale_length) { (void)t; uint8_t *o = tb_option(s, 3, -1); o[1] = 4; o[3] = 1; }
EDIT(mss_on_ack) { (void)t; memcpy(s->opt + 20, (uint8_t[4]){2, 4, 5, 180}, 4); }
EDIT(mss_on_bare) { (void)t; memcpy(s->opt + 12, (uint8_t[4]){2, 4, 5, 180}, 4); }
EDIT(ts_twice) { (void)t; memcpy(s->opt + 12, s->opt, 12); }
EDIT(padding) { (void)t; s->opt[12] = 0; s->opt[15] = 7; s->extra = 4; }
EDIT(option_of_one) { (void)t; memcpy(s->opt + 12, (uint8_t[4]){99, 1, 1, 1}, 4); }
EDIT(no_flags) { (void)t; s->flags = 0; }
EDIT(ack_unsent) { (void)t; s->ack += 5; }
EDIT(far_seq) { (void)t; s->seq += 0x4000000; }
EDIT(window_exceeded) { struct tb_seg x = *s; x.seq += 3500; insert(t, &x); }
EDIT(wscale_15) { (void)t; tb_option(s, 3, -1)[2] = 15; }
EDIT(no_ts) { (void)t; memset(s->opt, MPT_OPT_NOP, 12); }
EDIT(ts_echo) { (void)t; mpt_bytes_put32(s->opt + 8, t->ts + 1000); }
EDIT(ts_back) { (void)t; mpt_bytes_put32(s->opt + 4, 1); }
EDIT(long_segment) { (void)t; tb_data(s, 1, 1480); }
EDIT(syn_data) { (void)t; tb_data(s, 1, 10); s->alone = 1; t->flow[0].next[C] = 1; }
EDIT(sack_beyond) { (void)t; mpt_bytes_put32(s->opt + 28, mpt_bytes_get32(s->opt + 28) + 100); }
EDIT(sack_inverted) { (void)t; mpt_bytes_put32(s->opt + 28, mpt_bytes_get32(s->opt + 24) - 1); }
EDIT(other_octets) { (void)t; s->data[7] ^= 1; }
EDIT(capable_on_synack) { tb_capable(t, s, 12, MP_CAPABLE_H, 0); }
EDIT(dss_on_plain) { tb_ack(t, s); }
EDIT(dss_on_syn) { tb_ack(t, s); }
EDIT(second_fin) { s->alone = 1; s->flags |= FIN; s->seq += 4; (void)t; }
EDIT(rst_beyond) { (void)t; s->seq += 0x40000000; }

EDIT(early_segment)
{
    struct tb_seg x = tb_new(t, 0, C, ACK);

    (void)s;
    insert(t, &x);
}

EDIT(other_isn)
{
    struct tb_seg x = t->kept;

    (void)s;
    x.seq += 77;
    insert(t, &x);
}

EDIT(behind_fin)
{
    struct tb_seg x = *s;

    x.flags = ACK;
    tb_data(&x, 1, 20);
    insert(t, &x);
}

/* MP_CAPABLE */
EDIT(capable_flags) { (void)t; OPTION(MP_CAPABLE)[3] |= 0x10; }
EDIT(capable_no_h) { (void)t; OPTION(MP_CAPABLE)[3] &= 0xfe; }
EDIT(capable_receiver) { (void)t; OPTION(MP_CAPABLE)[13] ^= 1; }
EDIT(capable_sender) { (void)t; OPTION(MP_CAPABLE)[5] ^= 1; }
EDIT(capable_no_a) { (void)t; OPTION(MP_CAPABLE)[3] &= 0x7f; }
EDIT(capable_22) { (void)t; uint8_t *o = OPTION(MP_CAPABLE); o[1] = 22; o[22] = o[23] = 1; }
EDIT(capable_20_data) { (void)t; uint8_t *o = OPTION(MP_CAPABLE); o[1] = 20; memset(o + 20, 1, 4); }
EDIT(capable_back) { tb_capable(t, s, 20, MP_CAPABLE_H | MP_CAPABLE_A, 0); }
EDIT(capable_sum) { (void)t; OPTION(MP_CAPABLE)[23] ^= 1; }

/* MP_JOIN */
EDIT(join_token) { OPTION(MP_JOIN)[4] ^= 1; t->token[S] ^= 0x01000000; }
EDIT(join_length) { (void)t; OPTION(MP_JOIN)[1] = 20; memset(OPTION(MP_JOIN) + 20, 1, 4); }
EDIT(join_synack_hmac) { (void)t; OPTION(MP_JOIN)[4] ^= 0x80; }
EDIT(join_ack_hmac) { (void)t; OPTION(MP_JOIN)[23] ^= 1; }
EDIT(join_nonce) { (void)t; OPTION(MP_JOIN)[9] ^= 1; }
EDIT(join_stripped) { (void)t; tb_blank(OPTION(MP_JOIN)); }
EDIT(join_data) { tb_data(s, 101, 10); s->alone = 1; (void)t; }
EDIT(join_reserved) { (void)t; OPTION(MP_JOIN)[2] |= 2; }
EDIT(join_on_rst) { (void)t; memcpy(s->opt + 12, (uint8_t[4]){30, 12, 0x10, 0}, 4); memset(s->opt + 16, 1, 8); }

EDIT(join_refused)
{
    struct tb_seg x = tb_new(t, 2, C, SYN);

    (void)s;
    tb_join(t, &x, 0, 4);
    insert(t, &x);
}

EDIT(join_early)
{
    struct tb_seg x = tb_new(t, 4, C, SYN);

    (void)s;
    tb_join(t, &x, 0, 4);
    insert(t, &x);
}

EDIT(join_reply_data)
{
    struct tb_seg x = tb_new(t, 1, S, ACK);

    (void)s;
    tb_data(&x, 1, 10);
    tb_map(t, &x, 1, 1, 10, 0);
    put(t, &x);
}

/* DSS. tb_sum makes the checksum right again, so that only the planted thing is wrong. */
EDIT(dss_length) { (void)t; OPTION(DSS)[3] |= 4; }
EDIT(dss_reserved) { (void)t; OPTION(DSS)[3] |= 0x20; }
EDIT(dss_reserved_40) { (void)t; OPTION(DSS)[3] |= 0x40; }
EDIT(dss_reserved_low) { (void)t; OPTION(DSS)[2] |= 1; }
EDIT(dss_u) { (void)t; OPTION(DSS)[3] |= 0x80; }
EDIT(dss_wide_ack) { (void)t; OPTION(DSS)[3] = 0x10; OPTION(DSS)[1] = 4; memset(OPTION(DSS) + 4, 1, 4); }
EDIT(dss_no_sum) { (void)t; uint8_t *o = OPTION(DSS); o[1] -= 2; o[o[1]] = o[o[1] + 1] = 1; }
EDIT(dss_sum) { (void)t; OPTION(DSS)[19] ^= 1; }
EDIT(map_changed) { (void)t; OPTION(DSS)[11] += 1; tb_sum(t, s, s->len); }
EDIT(map_ssn_0) { (void)t; mpt_bytes_put32(OPTION(DSS) + 12, 0); tb_sum(t, s, s->len); s->alone = 0; }
EDIT(dsn_before) { (void)t; mpt_bytes_put32(OPTION(DSS) + 8, (uint32_t)t->idsn[S] - 5); }
EDIT(dack_gap) { (void)t; mpt_bytes_put32(OPTION(DSS) + 4, (uint32_t)t->idsn[C] + 1001); }
EDIT(dack_unsent) { (void)t; mpt_bytes_put32(OPTION(DSS) + 4, mpt_bytes_get32(OPTION(DSS) + 4) + 1000); }
EDIT(dack_back) { (void)t; mpt_bytes_put32(OPTION(DSS) + 4, (uint32_t)t->idsn[C] + 350); }
EDIT(fin_ssn) { (void)t; OPTION(DSS)[15] = 5; }
EDIT(fin_moved) { OPTION(DSS)[11] += 1; tb_sum(t, s, 0); }
EDIT(fin_early) { mpt_bytes_put32(OPTION(DSS) + 8, (uint32_t)t->idsn[C] + 900); tb_sum(t, s, 0); }

EDIT(beyond_data_fin)
{
    struct tb_seg x = tb_new(t, 0, C, ACK);

    (void)s;
    tb_data(&x, 1001, 20);
    tb_map(t, &x, 1001, t->flow[0].next[C], 20, 0);
    put(t, &x);
    s->seq += 20;
}

EDIT(probe_other_octet)
{
    struct tb_seg x = tb_new(t, 0, C, ACK);

    (void)s;
    tb_data(&x, 20, 1);
    tb_map(t, &x, 10, t->flow[0].next[C], 1, 0);
    put(t, &x);
    s->seq += 1;
}

EDIT(beyond_data_window)
{
    struct tb_seg x = tb_new(t, 1, S, ACK);

    (void)s;
    tb_data(&x, 4200, 20);
    tb_map(t, &x, 4200, t->flow[1].next[S], 20, 0);
    put(t, &x);
}

EDIT(dsn_other_octets)
{
    struct tb_seg x = tb_new(t, 1, C, ACK);

    (void)s;
    tb_data(&x, 405, 30);
    tb_map(t, &x, 401, t->flow[1].next[C], 30, 0);
    put(t, &x);
}

EDIT(never_mapped)
{
    struct tb_seg x = tb_new(t, 1, S, ACK);

    tb_data(&x, 300, 20);
    put(t, &x);
    s->ack += 20;
}

/* Addresses, priority, ends */
EDIT(prio_length) { (void)t; s->opt[13] = 4; s->opt[15] = 1; }
EDIT(prio_reserved) { (void)t; s->opt[14] |= 4; }
EDIT(add_length) { (void)t; OPTION(ADD_ADDR)[1] = 17; OPTION(ADD_ADDR)[16] = 1; }
EDIT(add_hmac) { (void)t; OPTION(ADD_ADDR)[12] ^= 1; }
EDIT(echo_other) { (void)t; OPTION(ADD_ADDR)[7] ^= 1; }
EDIT(remove_length) { (void)t; s->opt[13] = 3; s->opt[15] = 1; }
EDIT(remove_twice) { (void)t; s->opt[13] = 5; s->opt[16] = 2; }
EDIT(fastclose_key) { (void)t; s->opt[20] ^= 1; }
EDIT(fastclose_length) { (void)t; s->opt[13] = 11; s->opt[23] = 1; }
EDIT(tcprst_length) { (void)t; s->opt[13] = 3; s->opt[15] = 1; }
EDIT(tcprst_on_ack) { (void)t; memcpy(s->opt + 20, (uint8_t[4]){30, 4, 0x80, 0}, 4); }
EDIT(fail_length) { (void)t; s->opt[13] = 11; s->opt[23] = 1; }
EDIT(fail_unsent) { mpt_bytes_put64(s->opt + 16, t->idsn[S] + 5000); }
EDIT(add_on_syn) { s->opt[20] = 30; memcpy(s->opt + 20, (uint8_t[8]){30, 8, 0x31, 5, 1, 2, 3, 4}, 8); (void)t; }

EDIT(add_other_address)
{
    struct tb_seg x = tb_new(t, 0, S, ACK);

    (void)s;
    tb_add_addr(t, &x, 2, (const uint8_t[4]){10, 100, 0, 9}, 0);
    insert(t, &x);
}

EDIT(fail_without_sums)
{
    struct tb_seg x = tb_new(t, 0, C, ACK);

    (void)s;
    memcpy(x.opt + 12, (uint8_t[4]){30, 12, 0x60, 0}, 4);
    mpt_bytes_put64(x.opt + 16, t->idsn[S] + 1);
    insert(t, &x);
}

EDIT(infinite_with_others)
{
    struct tb_seg x = tb_new(t, 1, S, ACK);

    (void)s;
    tb_data(&x, 1, 5);
    tb_map(t, &x, 1, 1, 5, 0);
    x.opt[28] = x.opt[29] = 0;
    put(t, &x);
}

EDIT(map_behind_infinite)
{
    tb_map(t, s, 251, 251, 50, 0);
}

/* ---- the table ----------------------------------------------------------------------------------------- */

static const struct planted planted[] = {
    {plain, "ack", bad_ip, "RFC 791 3.1: IPv4 header checksum"},
    {plain, "ack", bad_sum, "RFC 9293 3.1: TCP checksum"},
    {plain, "synack", wscale_length, "RFC 9293 3.2: option length"},
    {plain, "ack", mss_on_bare, "RFC 9293 3.2: option on a segment that cannot have it"},
    {whole, "a2", mss_on_ack, "RFC 9293 3.2: option on a segment that cannot have it"},
    {plain, "ack", ts_twice, "RFC 9293 3.2: option twice"},
    {plain, "ack", padding, "RFC 9293 3.1: padding behind the end of options is not zero"},
    {plain, "ack", option_of_one, "RFC 9293 3.2: option length"},
    {plain, "last", no_flags, "RFC 9293 3.10.7: flags"},
    {plain, "synack", early_segment, "RFC 9293 3.5: order of the handshake"},
    {plain, "data", other_isn, "RFC 9293 3.4.1: initial sequence number"},
    {plain, "ack", ack_unsent, "RFC 9293 3.10.7.4: acknowledges what was never sent"},
    {whole, "a2", ack_unsent, "RFC 9293 3.10.7.4: acknowledges what was never sent"},
    {plain, "data", window_exceeded, "RFC 9293 3.8.6: beyond the window that the receiver gave"},
    {plain, "last", far_seq, "RFC 9293 3.4: sequence number"},
    {whole, "again", other_octets, "RFC 9293 3.8.1: retransmitted octets differ"},
    {plain, "last", behind_fin, "RFC 9293 3.6: behind the FIN"},
    {plain, "last", second_fin, "RFC 9293 3.6: behind the FIN"},
    {fastclose, "rst", rst_beyond, "RFC 9293 3.5.2: RST outside of the window"},
    {plain, "data", long_segment, "RFC 9293 3.7.1: segment longer than the peer's MSS"},
    {plain, "syn", wscale_15, "RFC 7323 2.3: window scale"},
    {plain, "ack", no_ts, "RFC 7323 3.2: timestamps option"},
    {plain, "ack", ts_echo, "RFC 7323 3.2: echoes a timestamp that was never sent"},
    {plain, "fin back", ts_back, "RFC 7323 5.4: timestamp went back"},
    {whole, "sack", sack_beyond, "RFC 2018 3: SACK block"},
    {whole, "sack", sack_inverted, "RFC 2018 3: SACK block"},
    {plain, "syn", syn_data, "RFC 7413 2: data in a SYN"},
    {fast_open, "d1", dss_sum, "RFC 8684 3.3.1: DSS checksum"},
    {plain, "synack", capable_on_synack, "RFC 8684 3.1: MP_CAPABLE"},
    {whole, "a1", capable_back, "RFC 8684 3.1: MP_CAPABLE"},
    {whole, "d1", capable_22, "RFC 8684 3.1: MP_CAPABLE length"},
    {whole, "d1", capable_20_data, "RFC 8684 3.1: MP_CAPABLE length"},
    {whole, "syn", capable_flags, "RFC 8684 3.1: MP_CAPABLE flags"},
    {whole, "synack", capable_no_h, "RFC 8684 3.1: MP_CAPABLE flags"},
    {whole, "ack3", capable_receiver, "RFC 8684 3.1: keys of MP_CAPABLE"},
    {whole, "d1", capable_sender, "RFC 8684 3.1: keys of MP_CAPABLE"},
    {whole, "ack3", capable_no_a, "RFC 8684 3.1: agreement on checksums"},
    {whole, "d1", capable_sum, "RFC 8684 3.3.1: DSS checksum"},
    {whole, "jsyn", join_token, "RFC 8684 3.2: token of no connection"},
    {whole, "jack", join_length, "RFC 8684 3.2: MP_JOIN length"},
    {fastclose, "rst", join_on_rst, "RFC 8684 3.2: MP_JOIN"},
    {whole, "jsynack", join_reserved, "RFC 8684 3.2: MP_JOIN"},
    {whole, "jsyn again", join_nonce, "RFC 8684 3.2: repeated handshake message differs"},
    {whole, "jsynack", join_synack_hmac, "RFC 8684 3.2: HMAC of the SYN/ACK"},
    {whole, "jack", join_ack_hmac, "RFC 8684 3.2: HMAC of the third ACK"},
    {whole, "jack", join_stripped, "RFC 8684 3.2: third ACK without MP_JOIN"},
    {whole, "jack", join_data, "RFC 8684 3.2: data before the fourth ACK"},
    {whole, "jack", join_reply_data, "RFC 8684 3.2: data before the third ACK"},
    {whole, "prio", join_refused, "RFC 8684 3.1: join to an address that flag C excludes"},
    {whole, "a1", join_early, "RFC 8684 3.1: join before the connection is established"},
    {whole, "a1", dss_length, "RFC 8684 3.3: DSS length"},
    {plain, "syn", dss_on_syn, "RFC 8684 3.3: DSS"},
    {whole, "d3", dss_reserved, "RFC 8684 3.3: DSS flags"},
    {whole, "a2", dss_reserved_40, "RFC 8684 3.3: DSS flags"},
    {whole, "a2", dss_reserved_low, "RFC 8684 3.3: DSS flags"},
    {whole, "a2", dss_u, "RFC 8684 3.3: DSS flags"},
    {whole, "a2", dss_wide_ack, "RFC 8684 3.3: DSS flags"},
    {whole, "d2", dss_no_sum, "RFC 8684 3.3.1: presence of the DSS checksum"},
    {whole, "d2", dss_sum, "RFC 8684 3.3.1: DSS checksum"},
    {whole, "d4b", other_octets, "RFC 8684 3.3.1: DSS checksum"},
    {whole, "again", map_changed, "RFC 8684 3.3.1: mapping changed"},
    {whole, "d2", map_ssn_0, "RFC 8684 3.3.1: subflow sequence number of the mapping"},
    {whole, "fin 1", never_mapped, "RFC 8684 3.3.1: octets that no mapping covers"},
    {whole, "prio", dsn_other_octets, "RFC 8684 3.3.1: one data sequence number, different octets"},
    {whole, "sack", dack_gap, "RFC 8684 3.3.1: data sequence numbers that were never sent"},
    {whole, "d2", dsn_before, "RFC 8684 3.1: data sequence number before the first"},
    {whole, "a2", dack_unsent, "RFC 8684 3.3.2: DATA_ACK of what was never sent"},
    {whole, "a5", dack_back, "RFC 8684 3.3.2: DATA_ACK went back"},
    {whole, "data fin", fin_ssn, "RFC 8684 3.3.3: DATA_FIN"},
    {whole, "data fin again", fin_moved, "RFC 8684 3.3.3: DATA_FIN"},
    {whole, "data fin", fin_early, "RFC 8684 3.3.3: data behind the DATA_FIN"},
    {whole, "a6", beyond_data_fin, "RFC 8684 3.3.3: data behind the DATA_FIN"},
    {whole, "prio", beyond_data_window, "RFC 8684 3.3.5: beyond the window of the connection"},
    {whole, "prio", prio_length, "RFC 8684 3.3.8: MP_PRIO length"},
    {whole, "prio", prio_reserved, "RFC 8684 3.3.8: MP_PRIO"},
    {whole, "add", add_length, "RFC 8684 3.4.1: ADD_ADDR length"},
    {plain, "syn", add_on_syn, "RFC 8684 3.4.1: ADD_ADDR"},
    {whole, "add", add_hmac, "RFC 8684 3.4.1: HMAC of ADD_ADDR"},
    {whole, "echo", echo_other, "RFC 8684 3.4.1: echo of an address that was never announced"},
    {whole, "prio", add_other_address, "RFC 8684 3.4.1: address identifier used for another address"},
    {whole, "remove", remove_length, "RFC 8684 3.4.2: REMOVE_ADDR length"},
    {whole, "remove", remove_twice, "RFC 8684 3.4.2: REMOVE_ADDR"},
    {fastclose, "fastclose", fastclose_length, "RFC 8684 3.5: MP_FASTCLOSE length"},
    {fastclose, "fastclose", fastclose_key, "RFC 8684 3.5: key of MP_FASTCLOSE"},
    {fastclose, "rst", tcprst_length, "RFC 8684 3.6: MP_TCPRST length"},
    {whole, "a2", tcprst_on_ack, "RFC 8684 3.6: MP_TCPRST"},
    {fallback, "fail", fail_length, "RFC 8684 3.7: MP_FAIL length"},
    {fallback, "fail", fail_unsent, "RFC 8684 3.7: MP_FAIL of what was never sent"},
    {fastclose, "fastclose", fail_without_sums, "RFC 8684 3.7: MP_FAIL where no checksums were agreed"},
    {whole, "prio", infinite_with_others, "RFC 8684 3.7: infinite mapping"},
    {fallback, "bare", map_behind_infinite, "RFC 8684 3.7: MPTCP option after fallback"},
    {whole, "a6", probe_other_octet,
     "warning: RFC 8684 3.3.1: a window probe with another octet at a number acknowledged before"},
    {plain, "data", dss_on_plain, "RFC 8684 3.7: MPTCP option after fallback"},
};

static void test_clean(void **state)
{
    (void)state;
    checkrun_clean(whole);
    checkrun_clean(fastclose);
    checkrun_clean(fallback);
    checkrun_clean(plain);
    checkrun_clean(fast_open);
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
