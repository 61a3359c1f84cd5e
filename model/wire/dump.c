/* SPDX-License-Identifier: MIT */
/* wire/dump.c - mpt_dump of mpt.h: one line about a segment, for logs and failing tests. The
 * options are walked in their order on the wire and each is parsed by itself, so that a repeated,
 * malformed or misplaced one shows where it stands (RFC 9293 3.1 for TCP's, RFC 8684 3 for kind
 * 30).
 *
 *     5001 > 80 [S.] seq 1 ack 2 win 65535 <mss 1460,sackOK,TS 7 8,MP_CAPABLE v1 ...> len 0
 *
 * Names of TCP's options are tcpdump's, those of MPTCP's the RFC's. Numbers are as on the wire:
 * a dump knows no connection, so nothing is relative and no window is scaled. */
#include "wire/options.h"
#include "wire/table.h"
#include "wire/text.h"

/* A word and a number, which is what most of a line consists of. */
static void put_named(struct mpt_text *t, const char *name, uint64_t v)
{
    mpt_text_put(t, name);
    mpt_text_put_dec(t, v);
}

static void put_named_hex(struct mpt_text *t, const char *name, uint64_t v, int digits)
{
    mpt_text_put(t, name);
    mpt_text_put_hex(t, v, digits);
}

static void put_named_octets(struct mpt_text *t, const char *name, const uint8_t *p, size_t n)
{
    mpt_text_put(t, name);
    mpt_text_put_octets(t, p, n);
}

/* Letters as tcpdump writes them, SYN first and ACK as a point. */
static void put_flags(struct mpt_text *t, uint8_t flags)
{
    static const struct {
        uint8_t bit;
        const char *letter;
    } letter[] = {{MPT_TCP_SYN, "S"}, {MPT_TCP_FIN, "F"}, {MPT_TCP_RST, "R"}, {MPT_TCP_PSH, "P"},
                  {MPT_TCP_URG, "U"}, {MPT_TCP_ECE, "E"}, {MPT_TCP_CWR, "W"}, {MPT_TCP_ACK, "."}};

    mpt_text_put(t, " [");
    for (size_t i = 0; i < sizeof letter / sizeof *letter; i++)
        if (flags & letter[i].bit)
            mpt_text_put(t, letter[i].letter);
    mpt_text_put(t, "]");
}

/* Which fields there are depends on the form: mptcp.h. */
static void put_capable(struct mpt_text *t, const struct mpt_mp_capable *o)
{
    put_named(t, " v", o->version);
    put_named_hex(t, " flags 0x", o->flags, 2);
    if (o->version != 1)
        return;
    if (o->len >= 12)
        put_named_hex(t, " key ", o->key_sender, 16);
    if (o->len >= 20)
        put_named_hex(t, " peer ", o->key_receiver, 16);
    if (o->len >= 22)
        put_named(t, " dll ", o->dll);
    if (o->has_checksum)
        put_named_hex(t, " csum 0x", o->checksum, 4);
}

/* Each form has other fields (RFC 8684 3.2); the length tells the form. */
static void put_join(struct mpt_text *t, const struct mpt_mp_join *o)
{
    if (o->len != 24) {
        put_named(t, " id ", o->id);
        mpt_text_put(t, o->flags & MP_JOIN_B ? " backup" : "");
        mpt_text_put(t, o->flags & MP_JOIN_D ? " data" : "");
    }
    if (o->len == 12)
        put_named_hex(t, " token ", o->token, 8);
    else
        put_named_octets(t, " hmac ", o->hmac, o->len == 16 ? 8 : 20);
    if (o->len != 24)
        put_named_hex(t, " nonce ", o->random, 8);
}

/* In the order of the option. */
static void put_dss(struct mpt_text *t, const struct mpt_dss *o)
{
    if (o->flags & DSS_ACK)
        put_named(t, " ack ", o->ack);
    if (o->flags & DSS_MAP) {
        put_named(t, " dsn ", o->dsn);
        put_named(t, " ssn ", o->ssn);
        put_named(t, " dll ", o->dll);
    }
    if (o->has_checksum)
        put_named_hex(t, " csum 0x", o->checksum, 4);
    mpt_text_put(t, o->flags & DSS_FIN ? " fin" : "");
    mpt_text_put(t, o->flags & DSS_U ? " unvalidated" : "");
    mpt_text_put(t, o->flags & DSS_IDLE ? " idle" : "");
}

/* IPv6 is written in full: RFC 5952 would need more code than a log line is worth. */
static void put_ip(struct mpt_text *t, const struct mpt_addr *addr)
{
    for (int i = 0; addr->family == 4 && i < 4; i++)
        put_named(t, i ? "." : " ", addr->ip[i]);
    for (int i = 0; addr->family == 6 && i < 16; i += 2)
        put_named_hex(t, i ? ":" : " ", mpt_bytes_get16(addr->ip + i), 4);
}

/* "echo" first, as it is another message (RFC 8684 3.4.1). */
static void put_add_addr(struct mpt_text *t, const struct mpt_add_addr *o)
{
    put_named(t, o->echo ? " echo id " : " id ", o->id);
    put_ip(t, &o->addr);
    if (o->has_port)
        put_named(t, " port ", o->addr.port);
    if (o->has_hmac)
        put_named_octets(t, " hmac ", o->hmac, sizeof o->hmac);
}

/* A list of identifiers (RFC 8684 3.4.2). */
static void put_remove_addr(struct mpt_text *t, const struct mpt_remove_addr *o)
{
    for (unsigned i = 0; i < o->count; i++)
        put_named(t, i ? " " : " ids ", o->id[i]);
}

/* mp holds one option: at most one bit is set. */
static void put_mptcp_fields(struct mpt_text *t, const struct mpt_mptcp *mp)
{
    if (MPT_HAS(mp, MP_CAPABLE))
        put_capable(t, &mp->capable);
    if (MPT_HAS(mp, MP_JOIN))
        put_join(t, &mp->join);
    if (MPT_HAS(mp, DSS))
        put_dss(t, &mp->dss);
    if (MPT_HAS(mp, ADD_ADDR))
        put_add_addr(t, &mp->add_addr);
    if (MPT_HAS(mp, REMOVE_ADDR))
        put_remove_addr(t, &mp->remove_addr);
    if (MPT_HAS(mp, MP_PRIO))
        mpt_text_put(t, mp->prio.backup ? " backup" : " regular");
    if (MPT_HAS(mp, MP_FAIL))
        put_named(t, " dsn ", mp->fail.dsn);
    if (MPT_HAS(mp, MP_FASTCLOSE))
        put_named_hex(t, " key ", mp->fastclose.key, 16);
    if (MPT_HAS(mp, MP_TCPRST)) {
        put_named_hex(t, " flags 0x", mp->tcprst.flags, 1);
        put_named(t, " reason ", mp->tcprst.reason);
    }
    if (MPT_HAS(mp, MP_EXT))
        put_named_hex(t, " flags 0x", mp->ext, 2);
}

/* Kinds 30 and 254. The permitted places of table.c apply, so a DSS on a SYN shows as malformed. */
static void put_mptcp(struct mpt_text *t, const uint8_t *o, size_t size, uint8_t tcp_flags)
{
    struct mpt_mptcp mp;
    int sub = mpt_table_sub(o, size);

    if (sub < 0) {
        put_named(t, "kind ", o[0]);
        put_named_octets(t, " ", o + 2, size - 2);
        return;
    }
    mp.present = mp.malformed = mp.repeated = 0;
    mpt_mptcp_parse(&mp, o, size, tcp_flags);
    mpt_text_put(t, mpt_table_row(sub)->name);
    if (mp.malformed)
        put_named_octets(t, " malformed ", o + 2, size - 2);
    else
        put_mptcp_fields(t, &mp);
}

/* Pairs of edges (RFC 2018 3). */
static void put_sack(struct mpt_text *t, const uint8_t *o, size_t size)
{
    mpt_text_put(t, "sack");
    for (size_t i = 2; i + 8 <= size; i += 8) {
        put_named(t, " ", mpt_bytes_get32(o + i));
        put_named(t, ":", mpt_bytes_get32(o + i + 4));
    }
}

/* Of the length that the kind must have, 0 for any other kind. */
static size_t fixed_size(uint8_t kind)
{
    switch (kind) {
    case MPT_OPT_MSS:
        return 4;
    case MPT_OPT_WSCALE:
        return 3;
    case MPT_OPT_SACK_OK:
        return 2;
    case MPT_OPT_TS:
        return 10;
    default:
        return 0;
    }
}

/* The caller has checked kind and size. */
static void put_fixed(struct mpt_text *t, const uint8_t *o)
{
    switch (o[0]) {
    case MPT_OPT_MSS:
        put_named(t, "mss ", mpt_bytes_get16(o + 2));
        break;
    case MPT_OPT_WSCALE:
        put_named(t, "wscale ", o[2]);
        break;
    case MPT_OPT_SACK_OK:
        mpt_text_put(t, "sackOK");
        break;
    default:
        put_named(t, "TS ", mpt_bytes_get32(o + 2));
        put_named(t, " ", mpt_bytes_get32(o + 6));
    }
}

/* An option of a size that its kind cannot have is shown as octets, like an unknown one. */
static void put_option(struct mpt_text *t, const uint8_t *o, size_t size, uint8_t tcp_flags)
{
    if (size == 1) {
        mpt_text_put(t, o[0] == MPT_OPT_EOL ? "eol" : "nop");
    } else if (o[0] == MPT_OPT_MPTCP || o[0] == MPT_OPT_EXP) {
        put_mptcp(t, o, size, tcp_flags);
    } else if (size == fixed_size(o[0])) {
        put_fixed(t, o);
    } else if (o[0] == MPT_OPT_SACK) {
        put_sack(t, o, size);
    } else {
        put_named(t, "kind ", o[0]);
        put_named_octets(t, " ", o + 2, size - 2);
    }
}

/* Walks as mpt_options_parse does, but goes on behind what that refuses. */
static void put_options(struct mpt_text *t, const struct mpt_segment *seg)
{
    const uint8_t *o = seg->opt, *end = o + seg->opt_len;
    size_t size = 1;

    mpt_text_put(t, " <");
    for (; o < end; o += size) {
        size = mpt_options_size(o, (size_t)(end - o));
        mpt_text_put(t, o == seg->opt ? "" : ",");
        if (size == 0) {
            put_named(t, "bad kind ", *o);
            break;
        }
        put_option(t, o, size, seg->flags);
        if (*o == MPT_OPT_EOL) /* RFC 9293 3.2: what follows is padding */
            break;
    }
    mpt_text_put(t, ">");
}

/* A bad option does not end the line: what could be read stands before it. */
size_t mpt_dump(const uint8_t *segment, size_t len, char *out, size_t cap)
{
    struct mpt_segment seg;
    struct mpt_text t;

    mpt_text_init(&t, out, cap);
    if (mpt_tcp_read(&seg, segment, len) == MPT_PARSE_SHORT) {
        put_named(&t, "no TCP header in ", len);
        mpt_text_put(&t, " octets");
        return t.len;
    }
    put_named(&t, "", seg.sport);
    put_named(&t, " > ", seg.dport);
    put_flags(&t, seg.flags);
    put_named(&t, " seq ", seg.seq);
    if (seg.flags & MPT_TCP_ACK)
        put_named(&t, " ack ", seg.ack);
    put_named(&t, " win ", seg.window);
    if (seg.opt_len)
        put_options(&t, &seg);
    put_named(&t, " len ", seg.len);
    return t.len;
}
