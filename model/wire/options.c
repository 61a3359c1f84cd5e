/* SPDX-License-Identifier: MIT */
/* wire/options.c - TCP's own options: MSS (RFC 9293 3.7.1), window scale and timestamps (RFC 7323
 * 2, 3), SACK (RFC 2018 2, 3). Kinds 30 and 254 go on to table.c. Called for each segment by
 * tcp.c. */
#include "wire/options.h"

enum { NOP_NOP_TS = MPT_OPT_NOP << 24 | MPT_OPT_NOP << 16 | MPT_OPT_TS << 8 | 10 };

/* A length below 2 would stand still, one beyond the header would read what is not there. */
size_t mpt_options_size(const uint8_t *o, size_t left)
{
    if (o[0] == MPT_OPT_EOL || o[0] == MPT_OPT_NOP)
        return 1;
    if (left < 2 || o[1] < 2 || o[1] > left)
        return 0;
    return o[1];
}

/* Taken on any segment: flow/ knows whether timestamps were agreed on (RFC 7323 3.2). */
static void read_ts(struct mpt_tcp_options *tcp, const uint8_t *val)
{
    tcp->has_ts = 1;
    tcp->ts_val = mpt_bytes_get32(val);
    tcp->ts_ecr = mpt_bytes_get32(val + 4);
}

/* RFC 2018 3: 8 octets a block, at most four fit. The edges are judged by flow/. */
static int read_sack(struct mpt_tcp_options *tcp, const uint8_t *o, size_t size)
{
    if (size < 10 || size > 2 + 8 * MPT_TCP_SACKS_MAX || (size - 2) % 8 != 0)
        return MPT_PARSE_OPTION;
    tcp->sacks = (uint8_t)((size - 2) / 8);
    for (unsigned i = 0; i < tcp->sacks; i++) {
        tcp->sack[i][0] = mpt_bytes_get32(o + 2 + 8 * i);
        tcp->sack[i][1] = mpt_bytes_get32(o + 6 + 8 * i);
    }
    return MPT_PARSE_OK;
}

/* RFC 7413 4.1.1: 4 to 16 octets, an even number of them, or none; of a SYN. Anything else is ignored. */
static void read_cookie(struct mpt_segment *seg, const uint8_t *o, size_t size)
{
    struct mpt_tcp_cookie *c = &seg->tcp.cookie;

    if (!(seg->flags & MPT_TCP_SYN) || (size != 2 && (size < 6 || size > 18)) || size & 1)
        return;
    c->has = 1;
    c->len = (uint8_t)(size - 2);
    memcpy(c->octets, o + 2, size - 2);
}

/* The three that mean something in a SYN only; elsewhere they are ignored (RFC 9293 3.7.1, RFC 7323
 * 2.2, RFC 2018 2), but an impossible length is one everywhere. */
static int read_syn_option(struct mpt_segment *seg, const uint8_t *o, size_t size)
{
    struct mpt_tcp_options *tcp = &seg->tcp;
    int syn = (seg->flags & MPT_TCP_SYN) != 0;

    if (o[0] == MPT_OPT_MSS && size == 4) {
        tcp->has_mss = (uint8_t)syn;
        tcp->mss = mpt_bytes_get16(o + 2);
    } else if (o[0] == MPT_OPT_WSCALE && size == 3) {
        tcp->has_wscale = (uint8_t)syn;
        tcp->wscale = o[2] > 14 ? 14 : o[2]; /* RFC 7323 2.3: use 14 instead */
    } else if (o[0] == MPT_OPT_SACK_OK && size == 2) {
        tcp->has_sack_ok = (uint8_t)syn;
    } else {
        return MPT_PARSE_OPTION;
    }
    return MPT_PARSE_OK;
}

/* RFC 9293 3.1, MUST-7: an illegal length must be survived. It makes the whole segment unreadable,
 * because what follows cannot be found with certainty. */
static int read_option(struct mpt_segment *seg, const uint8_t *o, size_t size)
{
    switch (o[0]) {
    case MPT_OPT_MPTCP:
    case MPT_OPT_EXP:
        mpt_mptcp_parse(&seg->mp, o, size, seg->flags);
        return MPT_PARSE_OK;
    case MPT_OPT_TS:
        if (size != 10)
            return MPT_PARSE_OPTION;
        read_ts(&seg->tcp, o + 2);
        return MPT_PARSE_OK;
    case MPT_OPT_SACK:
        return read_sack(&seg->tcp, o, size);
    case MPT_OPT_FASTOPEN:
        read_cookie(seg, o, size);
        return MPT_PARSE_OK;
    case MPT_OPT_MSS:
    case MPT_OPT_WSCALE:
    case MPT_OPT_SACK_OK:
        return read_syn_option(seg, o, size);
    default: /* RFC 9293 3.2, MUST-6: what is not known is skipped by its length */
        return MPT_PARSE_OK;
    }
}

/* Only what says "present" is reset; the big structs are read by nobody unless their bit is set. */
static void clear_presence(struct mpt_segment *seg)
{
    seg->tcp.has_mss = seg->tcp.has_wscale = seg->tcp.has_sack_ok = seg->tcp.has_ts = 0;
    seg->tcp.sacks = 0;
    seg->tcp.cookie.has = seg->tcp.cookie.len = 0;
    seg->mp.present = seg->mp.malformed = seg->mp.repeated = 0;
    seg->mp.ext = 0;
}

/* EOL ends the list, whatever follows (RFC 9293 3.2). */
int mpt_options_parse(struct mpt_segment *seg)
{
    const uint8_t *o = seg->opt;
    size_t left = seg->opt_len;

    clear_presence(seg);
    /* Nearly every segment begins as RFC 7323 appendix A advises. */
    if (left >= 12 && mpt_bytes_get32(o) == NOP_NOP_TS) {
        read_ts(&seg->tcp, o + 4);
        o += 12;
        left -= 12;
    }
    while (left && *o != MPT_OPT_EOL) {
        size_t size = mpt_options_size(o, left);

        if (size == 0 || (size > 1 && read_option(seg, o, size) != MPT_PARSE_OK))
            return MPT_PARSE_OPTION;
        o += size;
        left -= size;
    }
    return MPT_PARSE_OK;
}

const uint8_t *mpt_tcp_option(const struct mpt_segment *s, uint8_t kind, int sub, uint32_t *count)
{
    const uint8_t *first = NULL, *o = s->opt;
    size_t size, left = s->opt_len;
    uint32_t n = 0;

    for (; left && *o != MPT_OPT_EOL && (size = mpt_options_size(o, left)) > 0; o += size, left -= size)
        if (*o == kind && size > 1 && (sub < 0 || (size > 2 && o[2] >> 4 == sub)) && n++ == 0)
            first = o;
    if (count)
        *count = n;
    return first;
}

/* Kind and length; the value is the caller's to write behind. */
static uint8_t *put_option(uint8_t *p, uint8_t kind, uint8_t size)
{
    p[0] = kind;
    p[1] = size;
    return p + 2;
}

/* NOPs rather than EOL: any option may follow. */
static uint8_t *put_nops(uint8_t *p, unsigned n)
{
    while (n--)
        *p++ = MPT_OPT_NOP;
    return p;
}

/* SACK-permitted fills the two octets before TS that would be NOPs, as common stacks do. */
uint8_t *mpt_options_syn(uint8_t *p, const struct mpt_tcp_options *o)
{
    if (o->has_mss)
        p = mpt_bytes_put16(put_option(p, MPT_OPT_MSS, 4), o->mss);
    if (!o->has_sack_ok && o->has_ts)
        p = put_nops(p, 2);
    if (o->has_sack_ok && !o->has_ts)
        p = put_nops(p, 2);
    if (o->has_sack_ok)
        p = put_option(p, MPT_OPT_SACK_OK, 2);
    if (o->has_ts)
        p = mpt_bytes_put32(mpt_bytes_put32(put_option(p, MPT_OPT_TS, 10), o->ts_val), o->ts_ecr);
    if (o->has_wscale) {
        p = put_option(put_nops(p, 1), MPT_OPT_WSCALE, 3);
        *p++ = o->wscale;
    }
    if (o->cookie.has) {
        p = put_option(p, MPT_OPT_FASTOPEN, (uint8_t)(2 + o->cookie.len));
        memcpy(p, o->cookie.octets, o->cookie.len);
        p += o->cookie.len;
        p = o->cookie_pad && (o->cookie.len & 3) != 2 ? put_nops(p, 2) : p;
    }
    return p;
}

/* RFC 7323 appendix A: two NOPs put the values on 32-bit boundaries. */
uint8_t *mpt_options_ts(uint8_t *p, uint32_t val, uint32_t ecr)
{
    p = mpt_bytes_put32(p, NOP_NOP_TS);
    return mpt_bytes_put32(mpt_bytes_put32(p, val), ecr);
}

/* Behind timestamps 3 blocks fit, beside a DSS one (RFC 2018 3); the caller counts. */
uint8_t *mpt_options_sack(uint8_t *p, const uint32_t block[][2], uint32_t n)
{
    p = put_option(put_nops(p, 2), MPT_OPT_SACK, (uint8_t)(2 + 8 * n));
    for (uint32_t i = 0; i < n; i++)
        p = mpt_bytes_put32(mpt_bytes_put32(p, block[i][0]), block[i][1]);
    return p;
}

/* The data offset counts 32-bit words (RFC 9293 3.1). */
uint8_t *mpt_options_pad(uint8_t *start, uint8_t *p)
{
    return put_nops(p, (unsigned)(-(p - start) & 3));
}
