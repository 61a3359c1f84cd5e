/* SPDX-License-Identifier: MIT */
/* tracebuild.c - see tracebuild.h. Options are written by libmpt's builders, which the checker does not use. */
#include "tracebuild.h"

#include <string.h>

#include "crypto/crypto.h"
#include "wire/mptcp.h"
#include "wire/options.h"

#define MS UINT64_C(1000000)

static uint64_t hash_of(uint64_t key, int last)
{
    uint8_t k[8], h[32];

    mpt_bytes_put64(k, key);
    mpt_crypto_sha256(h, k, 8);
    return last ? mpt_bytes_get64(h + 24) : mpt_bytes_get32(h);
}

/* Flows 0 and 2 go to the server's first address, 1 and 4 to its second; flow 3 is dialled by the server. */
void tb_start(struct tb *t, FILE *file, const char *label, tb_edit *edit)
{
    memset(t, 0, sizeof *t);
    mpt_crypto_init();
    pcap_start(&t->pcap, file);
    t->label = label;
    t->edit = edit;
    t->ts = 1000;
    for (int i = 0; i < 2; i++) {
        t->key[i] = UINT64_C(0x0102030405060708) << i;
        t->idsn[i] = hash_of(t->key[i], 1);
        t->token[i] = (uint32_t)hash_of(t->key[i], 0);
        t->acked[i] = 1;
    }
    for (int i = 0; i < TB_FLOWS; i++) {
        struct tb_flow *f = &t->flow[i];
        uint8_t far = i == 1 || i == 4 ? 2 : 1;

        memcpy(f->ip[0], (uint8_t[4]){10, (uint8_t)(1 + i % 3), 0, 1}, 4);
        memcpy(f->ip[1], (uint8_t[4]){10, 100, 0, far}, 4);
        f->port[0] = (uint16_t)(40000 + i);
        f->port[1] = 5001;
        for (int d = 0; d < 2; d++) {
            f->isn[d] = 0xffffff00u + (uint32_t)(i * 1000 + d * 100000);
            f->nonce[d] = 0xa1a2a3a4u + (uint32_t)(i * 16 + d);
        }
    }
}

struct tb_seg tb_new(struct tb *t, int flow, int dir, unsigned flags)
{
    struct tb_flow *f = &t->flow[flow];
    struct mpt_tcp_options o = {.has_mss = 1, .has_wscale = 1, .has_sack_ok = 1, .has_ts = 1, .mss = TB_MSS};
    struct tb_seg s;

    memset(&s, 0, sizeof s);
    s.flow = flow;
    s.dir = dir;
    s.flags = (uint8_t)flags;
    s.seq = f->isn[dir] + f->next[dir];
    s.ack = flags & MPT_TCP_ACK ? f->isn[!dir] + f->next[!dir] : 0;
    s.window = TB_WINDOW;
    o.ts_val = t->ts++;
    o.ts_ecr = flags & MPT_TCP_ACK ? f->ts[!dir] : 0;
    if (flags & MPT_TCP_SYN)
        mpt_options_syn(s.opt, &o);
    else
        mpt_options_ts(s.opt, o.ts_val, o.ts_ecr);
    return s;
}

/* Where the next option goes. */
static uint8_t *end_of(struct tb_seg *s)
{
    size_t n = 0;

    while (n < sizeof s->opt && s->opt[n] != 0)
        n += s->opt[n] == MPT_OPT_NOP ? 1 : s->opt[n + 1];
    return s->opt + n;
}

void tb_data(struct tb_seg *s, uint32_t from, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        s->data[i] = (uint8_t)((from + i) * 7 + (from + i) / 251 + (uint32_t)s->dir * 31);
    s->len = len;
}

static uint64_t sum_pseudo(const struct tb_flow *f, int dir, uint32_t n)
{
    uint8_t p[12] = {0};

    memcpy(p, f->ip[dir], 4);
    memcpy(p + 4, f->ip[!dir], 4);
    p[9] = 6;
    p[10] = (uint8_t)(n >> 8);
    p[11] = (uint8_t)n;
    return mpt_checksum_add(0, p, 12);
}

static void write_segment(struct tb *t, struct tb_seg *s)
{
    uint8_t ip[20 + 20 + 64 + sizeof s->data] = {0x45}, *tcp = ip + 20;
    struct tb_flow *f = &t->flow[s->flow];
    uint8_t *end = end_of(s);
    uint32_t opts, n;

    while (!s->extra && (end - s->opt) & 3)
        *end++ = MPT_OPT_NOP;
    opts = (uint32_t)(end - s->opt) + s->extra;
    n = 20 + opts + s->len;
    mpt_bytes_put16(ip + 2, (uint16_t)(20 + n));
    ip[8] = 64;
    ip[9] = 6;
    memcpy(ip + 12, f->ip[s->dir], 4);
    memcpy(ip + 16, f->ip[!s->dir], 4);
    mpt_bytes_put16(ip + 10, (uint16_t)~mpt_checksum_fold(mpt_checksum_add(0, ip, 20)));
    if (s->bad_ip)
        ip[10] ^= 0x55;
    mpt_bytes_put16(tcp, f->port[s->dir]);
    mpt_bytes_put16(tcp + 2, f->port[!s->dir]);
    mpt_bytes_put32(tcp + 4, s->seq);
    mpt_bytes_put32(tcp + 8, s->ack);
    tcp[12] = (uint8_t)((20 + opts) / 4 << 4);
    tcp[13] = s->flags;
    mpt_bytes_put16(tcp + 14, s->window);
    memcpy(tcp + 20, s->opt, opts);
    memcpy(tcp + 20 + opts, s->data, s->len);
    mpt_bytes_put16(tcp + 16, (uint16_t)~mpt_checksum_fold(mpt_checksum_add(sum_pseudo(f, s->dir, n), tcp, n)));
    if (s->bad_sum)
        tcp[16] ^= 0x55;
    pcap_write(&t->pcap, ip, 20 + n, MS * (t->pcap.packets + 1));
}

void tb_send(struct tb *t, const char *label, struct tb_seg *s)
{
    struct tb_flow *f = &t->flow[s->flow];
    uint32_t end;

    if (label && t->label && strcmp(label, t->label) == 0) {
        t->label = NULL;
        t->edit(t, s);
        if (!t->expect)
            t->expect = (uint32_t)t->pcap.packets + 1;
    }
    write_segment(t, s);
    if (tb_option(s, MPT_OPT_TS, -1))
        f->ts[s->dir] = mpt_bytes_get32(tb_option(s, MPT_OPT_TS, -1) + 2);
    end = s->seq - f->isn[s->dir] + s->len + !!(s->flags & MPT_TCP_SYN) + !!(s->flags & MPT_TCP_FIN);
    if (!s->alone && (int32_t)(end - f->next[s->dir]) > 0 && !(s->flags & MPT_TCP_RST))
        f->next[s->dir] = end;
    if (s->flow == 0 && s->flags == (MPT_TCP_SYN | MPT_TCP_ACK))
        t->kept = *s;
}

/* ---- options --------------------------------------------------------------------------------------- */

void tb_capable(struct tb *t, struct tb_seg *s, unsigned len, unsigned flags, unsigned dll)
{
    struct mpt_mp_capable o = {.len = (uint8_t)len, .version = 1, .flags = (uint8_t)flags, .dll = (uint16_t)dll};

    o.key_sender = t->key[s->dir];
    o.key_receiver = t->key[!s->dir];
    o.checksum = mpt_checksum_dss(t->idsn[s->dir] + 1, 1, (uint16_t)dll, mpt_checksum_add(0, s->data, s->len));
    mpt_mp_capable_build(end_of(s), &o);
}

static void hmac(uint8_t out[32], uint64_t a, uint64_t b, const void *m, size_t n)
{
    struct mpt_piece piece = {m, n};
    uint8_t k[16];

    mpt_bytes_put64(mpt_bytes_put64(k, a), b);
    mpt_crypto_hmac(out, k, 16, &piece, 1);
}

/* The form follows from the flags. Flow 3 is dialled by the server: roles and keys change places. */
void tb_join(struct tb *t, struct tb_seg *s, unsigned bits, unsigned id)
{
    int own = s->dir ^ (s->flow == 3);
    uint32_t *nonce = t->flow[s->flow].nonce;
    struct mpt_mp_join o = {.flags = (uint8_t)bits, .id = (uint8_t)id};
    uint8_t m[8], h[32];

    mpt_bytes_put32(mpt_bytes_put32(m, nonce[s->dir]), nonce[!s->dir]);
    hmac(h, t->key[own], t->key[!own], m, 8);
    o.len = !(s->flags & MPT_TCP_SYN) ? 24 : s->flags & MPT_TCP_ACK ? 16 : 12;
    o.token = t->token[!own];
    o.random = nonce[s->dir];
    memcpy(o.hmac, h, 20);
    mpt_mp_join_build(end_of(s), &o);
}

void tb_ack(struct tb *t, struct tb_seg *s)
{
    int own = s->dir ^ (s->flow == 3);
    struct mpt_dss o = {.flags = DSS_ACK};

    o.ack = (uint32_t)(t->idsn[!own] + t->acked[own]);
    mpt_dss_build(end_of(s), &o);
}

void tb_map(struct tb *t, struct tb_seg *s, uint32_t from, uint32_t ssn, uint32_t len, int fin)
{
    int own = s->dir ^ (s->flow == 3);
    struct mpt_dss o = {.flags = DSS_ACK | DSS_MAP, .has_checksum = (uint8_t)t->checksum};

    o.flags |= fin ? DSS_FIN : 0;
    o.ack = (uint32_t)(t->idsn[!own] + t->acked[own]);
    o.dsn = (uint32_t)(t->idsn[own] + from);
    o.ssn = ssn;
    o.dll = (uint16_t)(len + (fin ? 1 : 0));
    mpt_dss_build(end_of(s), &o);
    tb_sum(t, s, len);
}

void tb_sum(struct tb *t, struct tb_seg *s, uint32_t len)
{
    uint8_t *o = tb_option(s, MPT_OPT_MPTCP, DSS), *m = o + 8;
    int own = s->dir ^ (s->flow == 3);
    uint32_t low = mpt_bytes_get32(m);
    uint64_t dsn = t->idsn[own] + (int32_t)(low - (uint32_t)t->idsn[own]);

    if (o[1] == 20)
        mpt_bytes_put16(m + 10, mpt_checksum_dss(dsn, mpt_bytes_get32(m + 4), (uint16_t)mpt_bytes_get16(m + 8),
                                                 mpt_checksum_add(0, s->data, len)));
}

void tb_add_addr(struct tb *t, struct tb_seg *s, unsigned id, const uint8_t ip[4], int echo)
{
    struct mpt_add_addr o = {.echo = (uint8_t)echo, .id = (uint8_t)id, .has_hmac = !echo};
    uint8_t m[7] = {(uint8_t)id, ip[0], ip[1], ip[2], ip[3], 0, 0}, h[32];

    hmac(h, t->key[s->dir], t->key[!s->dir], m, 7);
    o.addr.family = 4;
    memcpy(o.addr.ip, ip, 4);
    memcpy(o.hmac, h + 24, 8);
    mpt_add_addr_build(end_of(s), &o);
}

uint8_t *tb_option(struct tb_seg *s, int kind, int sub)
{
    for (uint8_t *o = s->opt; o < end_of(s); o += *o == MPT_OPT_NOP ? 1 : o[1])
        if (*o == kind && (sub < 0 || o[2] >> 4 == sub))
            return o;
    return NULL;
}

void tb_blank(uint8_t *option)
{
    memset(option, MPT_OPT_NOP, option[1]);
}
