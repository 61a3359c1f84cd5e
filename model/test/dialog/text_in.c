/* SPDX-License-Identifier: MIT */
/* text_in.c - one line of a dialogue to a segment of the scripted peer. The grammar is in dialog.h. */
#include "dialog/private.h"

#include "sec/sec.h"

struct build {
    struct dialog *d;
    struct dialog_tuple *t;
    struct mpt_tcp_out out;
    uint8_t opt[128], *o;
    uint8_t payload[2048];
    uint32_t declared;      /* +LEN */
    struct mpt_tcp_options tcp;
    struct mpt_dss dss;
    int has_dss, bad_sum;
    int32_t given_sum;      /* -1: of this segment's payload */
    uint64_t plain;
    int has_plain, filled;
    uint8_t ecn;            /* of the IP header */
};

static int begins(const char *word, const char *what)
{
    return strncmp(word, what, strlen(what)) == 0;
}

/* ":name" or ":name=value" in the word: the value (or the place behind the name), NULL when missing. */
static const char *part(const char *word, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = strchr(word, ':'); p; p = strchr(p + 1, ':'))
        if (!strncmp(p + 1, name, n) && strchr(":=", p[1 + n]))
            return p[1 + n] == '=' ? p + 2 + n : p + 1 + n;
    return NULL;
}

static uint64_t part_number(const char *word, const char *name, uint64_t fallback)
{
    const char *p = part(word, name);

    return p ? strtoull(p, NULL, 0) : fallback;
}

static uint64_t number_after(const char *word, char c, int nth)
{
    const char *p = word;

    while (nth-- > 0 && p)
        p = strchr(p + 1, c);
    if (!p)
        fail_msg("'%s' has too few values", word);
    return strtoull(p + 1, NULL, 0);
}

/* ---- options ---- */

static void capable(struct build *b, const char *w)
{
    struct mpt_mp_capable o = { .version = 1, .flags = MP_CAPABLE_H, .key_sender = b->d->key_peer,
                                .key_receiver = b->d->key_stack };

    o.len = (uint8_t)strtoul(w + 3, NULL, 10);
    if (part(w, "f"))
        o.flags = (uint8_t)strtoul(part(w, "f"), NULL, 16);
    if (part(w, "v"))
        o.version = (uint8_t)part_number(w, "v", 1);
    if (strchr(w, '!'))
        o.key_receiver ^= 1;
    if (o.len >= 22) {
        o.dll = (uint16_t)number_after(w, '=', 1);
        for (uint32_t i = 0; i < b->declared; i++)
            b->payload[i] = dialog_octet(b->d->tfo_in + i, 1);
        b->filled = 1;
        o.has_checksum = o.len == 24;
        o.checksum = mpt_checksum_dss(b->d->idsn_peer + 1, 1, o.dll, mpt_checksum_add(0, b->payload, b->declared));
        if (part(w, "badsum"))
            o.checksum ^= 0x1111;
    }
    b->o = mpt_mp_capable_build(b->o, &o);
}

static void join(struct build *b, const char *w)
{
    struct mpt_mp_join o = { .id = (uint8_t)part_number(w, "id", 1), .random = b->t->r_peer };
    uint8_t h[32], *at = b->o;
    uint64_t idsn;

    o.len = (uint8_t)strtoul(w + 4, NULL, 10);
    o.flags = (uint8_t)((part(w, "D") ? MP_JOIN_D : 0) | (part(w, "B") ? MP_JOIN_B : 0));
    dialog_keys(b->d->key_stack, &o.token, &idsn);
    b->t->joined = 1;
    dialog_join_hmac(b->d, b->t, 0, h);
    memcpy(o.hmac, h, 20);
    if (strchr(w, '!'))
        o.token ^= 1, o.hmac[3] ^= 1;
    b->o = mpt_mp_join_build(b->o, &o);
    if (o.len == 12)
        memcpy(b->t->mpj, at, 12);
}

static void mapping(struct build *b, const char *w)
{
    uint64_t dsn = number_after(w, '=', 1);

    b->dss.flags |= DSS_MAP | (begins(w, "map64") ? DSS_DSN64 : 0);
    b->dss.dsn = b->d->idsn_peer + 1 + dsn;
    b->dss.ssn = (uint32_t)number_after(w, '/', 1);
    b->dss.dll = (uint16_t)number_after(w, '/', 2);
    b->has_dss = 1;
    /* the octets that this segment has of the mapping: it may begin before or behind it */
    for (uint32_t i = 0; i < b->declared && b->dss.ssn; i++)
        b->payload[i] = dialog_octet(dsn + b->out.seq + i - b->dss.ssn, 1); /* the SYN's octets are in SEQ */
    b->filled = 1;
}

/* ID/[FAMILY.]HOST[:PORT]; 1: a port was given, were it 0. */
static int address(const struct dialog *d, const char *w, int stack, struct mpt_addr *a)
{
    const char *slash = strchr(w, '/'), *colon = strchr(w, ':'), *dot = strchr(w, '.');

    if (dot)
        dialog_addr_family(a, (uint8_t)strtoul(slash + 1, NULL, 10), stack, (uint8_t)strtoul(dot + 1, NULL, 10));
    else
        dialog_addr(d, a, stack, (uint8_t)strtoul(slash + 1, NULL, 10));
    a->port = colon ? (uint16_t)strtoul(colon + 1, NULL, 10) : 0;
    return colon != NULL;
}

static void add(struct build *b, const char *w)
{
    struct mpt_add_addr o = { .echo = begins(w, "echo"), .id = (uint8_t)number_after(w, '=', 1) };

    o.has_port = (uint8_t)address(b->d, w, o.echo, &o.addr); /* an echo is of an address of the stack */
    o.has_hmac = !o.echo;
    dialog_add_hmac(b->d, 0, o.id, &o.addr, o.hmac);
    if (strchr(w, '!'))
        o.hmac[7] ^= 1;
    b->o = mpt_add_addr_build(b->o, &o);
}

static void remove_addr(struct build *b, const char *w)
{
    struct mpt_remove_addr o = { .count = 0 };

    for (const char *p = strchr(w, '='); p; p = strchr(p + 1, ','))
        o.id[o.count++] = (uint8_t)strtoul(p + 1, NULL, 10);
    b->o = mpt_remove_addr_build(b->o, &o);
}

static void other(struct build *b, const char *w)
{
    struct mpt_mp_fail f = { b->d->idsn_stack + 1 };
    struct mpt_mp_fastclose fc = { b->d->key_stack };
    struct mpt_mp_tcprst rst = { 0, 0 };
    struct mpt_mp_prio prio = { 0 };

    if (begins(w, "prio=")) {
        prio.backup = (uint8_t)number_after(w, '=', 1);
        b->o = mpt_mp_prio_build(b->o, &prio);
    } else if (begins(w, "fail=")) {
        f.dsn += number_after(w, '=', 1);
        b->o = mpt_mp_fail_build(b->o, &f);
    } else if (begins(w, "fc")) {
        fc.key ^= strchr(w, '!') != NULL;
        b->o = mpt_mp_fastclose_build(b->o, &fc);
    } else if (begins(w, "rst=")) {
        rst.reason = (uint8_t)number_after(w, '=', 1);
        rst.flags = strchr(w, 'T') ? MP_TCPRST_T : 0;
        b->o = mpt_mp_tcprst_build(b->o, &rst);
    } else if (begins(w, "ext")) {
        b->o = mpt_ext_build(b->o, (uint8_t)part_number(w, "f", EXT_JWD));
    } else {
        fail_msg("unknown word '%s'", w);
    }
}

/* ---- payload ---- */

/* rec=DSN/LEN[:ack=N][:edge=N][:pad=N][:dfin][:h=HEX] as jwd/README.md 2.3 draws it. */
static void record(struct build *b, const char *w)
{
    uint64_t dsn = number_after(w, '=', 1), len = number_after(w, '/', 1);
    uint8_t *r = b->t->record, *p = r + 3, tag[16], *h = p;

    *p++ = (uint8_t)((part(w, "ack") ? 1 : 0) | (part(w, "dfin") ? 4 : 0) | (part(w, "pad") ? 0x10 : 0));
    p = mpt_bytes_put64(p, b->d->idsn_peer + 1 + dsn);
    if (part(w, "ack")) {
        p = mpt_bytes_put64(p, b->d->idsn_stack + 1 + part_number(w, "ack", 0));
        p = mpt_bytes_put64(p, b->d->idsn_stack + 1 + part_number(w, "edge", 65535));
        p = mpt_bytes_put32(p, (uint32_t)part_number(w, "cack", 0));
    }
    if (part(w, "pad")) {
        uint32_t n = (uint32_t)part_number(w, "pad", 0);

        p = mpt_bytes_put16(p, (uint16_t)n);
        memset(p, 0, n);
        if (part(w, "dirty"))
            p[n - 1] = 1;
        p += n;
    }
    for (uint64_t i = 0; i < len; i++)
        *p++ = dialog_octet(dsn + i, 1);
    if (part(w, "h"))
        *h = (uint8_t)strtoul(part(w, "h"), NULL, 16);
    r[0] = (uint8_t)part_number(w, "v", 1);
    mpt_bytes_put16(r + 1, (uint16_t)(p - r - 3));
    dialog_record_tag(b->d, b->t, r, (size_t)(p - r), tag);
    if (strchr(w, '!'))
        tag[15] ^= 1;
    memcpy(p, tag, 16);
    b->t->record_len = (uint32_t)(p - r) + 16;
    memcpy(b->payload, r, b->t->record_len);
    b->declared = b->t->record_len + (uint32_t)part_number(w, "tail", 0);
    b->filled = 1;
}

static uint8_t sealed[MPT_SEC_DLL_MAX + 16]; /* the last record of the peer */
static struct mpt_dss last;                  /* its mapping */

/* seal=DSN/LEN: a record of MPTCPsec, whole or a piece of it, and its mapping (sec/SPEC.md 3.5). */
static void seal(struct build *b, const char *w)
{
    uint64_t dsn = number_after(w, '=', 1), from = 0;
    uint8_t ctl[32], *p;
    struct mpt_sec_record r = { .len = (uint32_t)number_after(w, '/', 1) };
    struct mpt_sec_tlv params = { .type = MPT_SEC_PARAMS, .record_max = (uint16_t)part_number(w, "params", 16384) };
    uint32_t n;

    r.h = (uint8_t)((part(w, "ack") ? MPT_SEC_H_ACK : 0) | (part(w, "params") ? MPT_SEC_H_CTL : 0) | (part(w, "dfin") ? MPT_SEC_H_DFIN : 0) |
                    (part(w, "sfin") ? MPT_SEC_H_SFIN : 0) | (part(w, "pad") ? MPT_SEC_H_PAD : 0));
    r.ack = part_number(w, "ack", 0);
    r.edge = part_number(w, "edge", r.ack + 65535);
    r.cack = (uint32_t)part_number(w, "cack", 0);
    r.pad = (uint16_t)part_number(w, "pad", 0);
    if (part(w, "params") && !params.record_max)
        params.record_max = 16384;
    p = mpt_sec_tlv_build(mpt_sec_ctl_build(ctl, 1, 5), &params);
    r.ctl = ctl;
    r.ctl_len = (uint32_t)(p - ctl);
    n = dialog_sec_seal(b->d, sealed, b->out.seq, dsn, &r, part(w, "h") ? (int)strtoul(part(w, "h"), NULL, 16) : -1);
    sealed[n - 1] ^= (uint8_t)(strchr(w, '!') != NULL);
    b->dss.flags |= DSS_MAP;
    b->dss.dsn = b->d->idsn_peer + 1 + dialog_sec_start(b->d, 1) + part_number(w, "dsn", dsn);
    b->dss.ssn = (uint32_t)part_number(w, "ssn", b->out.seq);
    b->dss.dll = (uint16_t)part_number(w, "dll", n);
    b->has_dss = b->filled = 1;
    if (part(w, "cut")) {
        from = strtoull(part(w, "cut"), NULL, 10);
        n = (uint32_t)number_after(part(w, "cut"), '/', 1);
    }
    memcpy(b->payload, sealed + from, n);
    b->declared = n;
    last = b->dss;
}

/* rest=FROM/LEN: octets of the last record, under its mapping. */
static void rest_of_seal(struct build *b, const char *w)
{
    b->dss = last;
    b->declared = (uint32_t)number_after(w, '/', 1);
    memcpy(b->payload, sealed + number_after(w, '=', 1), b->declared);
    b->has_dss = b->filled = 1;
}

/* Over what cap22= or map= put there. */
static void frame(struct build *b, const char *w)
{
    uint8_t octets[MPT_SEC_FRAME_MAX];
    uint64_t dsn = b->has_dss ? b->dss.dsn - b->d->idsn_peer - 1 : 0;
    size_t n = dialog_sec_frame(b->d, octets, dsn);

    if (n != b->declared)
        fail_msg("the frame has %zu octets, the segment %u", n, b->declared);
    octets[n - 1] ^= (uint8_t)(strchr(w, '!') != NULL);
    memcpy(b->payload, octets, n);
}

static int sec_word(struct build *b, const char *w)
{
    uint64_t dack;

    if (begins(w, "eno")) {
        b->o = dialog_sec_eno(b->o, w, b->out.flags);
    } else if (begins(w, "frame")) {
        frame(b, w);
    } else if (begins(w, "seal")) {
        seal(b, w);
    } else if (begins(w, "rest=")) {
        rest_of_seal(b, w);
    } else if (begins(w, "aack")) {
        dack = number_after(w, '=', 1);
        b->o = dialog_sec_aack(b->d, b->o, dack, part_number(w, "edge", dack + 65535), strchr(w, '!') != NULL);
    } else {
        return 0;
    }
    return 1;
}

static void junk(struct build *b, const char *w)
{
    b->declared = (uint32_t)number_after(w, '=', 1);
    memset(b->payload, 0xee, b->declared);
    b->filled = 1;
}

static void record_part(struct build *b, const char *w)
{
    uint64_t from = number_after(w, '=', 1);

    b->declared = (uint32_t)number_after(w, '/', 1);
    memcpy(b->payload, b->t->record + from, b->declared);
    b->filled = 1;
}

/* ---- words ---- */

static void cookie(struct build *b, const char *w)
{
    struct mpt_tcp_cookie *c = &b->tcp.cookie;

    c->has = 1;
    c->len = w[3] == '=' ? (uint8_t)number_after(w, '=', 1) : 0;
    if (b->out.flags & MPT_TCP_ACK) /* a server's */
        for (unsigned i = 0; i < c->len; i++)
            b->d->cookie[i] = (uint8_t)(0xc0 + i);
    memcpy(c->octets, b->d->cookie, 16);
    if (strchr(w, '!'))
        c->octets[0] ^= 1;
}

static int syn_word(struct build *b, const char *w)
{
    if (begins(w, "mss="))
        b->tcp.mss = (uint16_t)number_after(w, '=', 1);
    else if (!strcmp(w, "nosack"))
        b->tcp.has_sack_ok = 0;
    else if (!strcmp(w, "nots"))
        b->tcp.has_ts = 0;
    else if (!strcmp(w, "nows"))
        b->tcp.has_wscale = 0;
    else if (begins(w, "tfo"))
        cookie(b, w);
    else if (begins(w, "win="))
        b->out.window = (uint16_t)number_after(w, '=', 1);
    else
        return 0;
    return 1;
}

static int ecn_word(struct build *b, const char *w)
{
    b->ecn |= !strcmp(w, "ect1") ? 1 : !strcmp(w, "ect0") ? 2 : !strcmp(w, "ce") ? 3 : 0;
    return !strcmp(w, "ect1") || !strcmp(w, "ect0") || !strcmp(w, "ce");
}

static int dss_word(struct build *b, const char *w)
{
    if (begins(w, "ack=") || begins(w, "ack64=")) {
        b->dss.flags |= DSS_ACK | (begins(w, "ack64") ? DSS_ACK64 : 0);
        b->dss.ack = b->d->idsn_stack + 1 + number_after(w, '=', 1);
    } else if (begins(w, "map")) {
        mapping(b, w);
    } else if (!strcmp(w, "fin")) {
        b->dss.flags |= DSS_FIN;
    } else if (!strcmp(w, "idle")) {
        b->dss.flags |= DSS_IDLE;
    } else if (!strcmp(w, "U")) {
        b->dss.flags |= DSS_U;
    } else if (begins(w, "sum")) {
        b->dss.has_checksum = 1;
        b->bad_sum = w[3] == '!';
        b->given_sum = w[3] == '=' ? (int32_t)strtoul(w + 4, NULL, 10) : -1;
    } else {
        return 0;
    }
    b->has_dss = 1;
    return 1;
}

static void word(struct build *b, const char *w)
{
    if (syn_word(b, w) || ecn_word(b, w) || dss_word(b, w) || sec_word(b, w))
        return;
    if (begins(w, "cap"))
        capable(b, w);
    else if (begins(w, "join"))
        join(b, w);
    else if (begins(w, "add") || begins(w, "echo="))
        add(b, w);
    else if (begins(w, "rm="))
        remove_addr(b, w);
    else if (begins(w, "rec"))
        record(b, w);
    else if (begins(w, "junk="))
        junk(b, w);
    else if (begins(w, "part="))
        record_part(b, w);
    else if (begins(w, "plain="))
        b->plain = number_after(w, '=', 1), b->has_plain = 1;
    else
        other(b, w);
}

static void put_dss(struct build *b)
{
    uint64_t dsn = b->dss.dsn;

    if (!b->has_dss)
        return;
    if (b->dss.has_checksum && b->given_sum >= 0)
        b->dss.checksum = (uint16_t)b->given_sum;
    else if (b->dss.has_checksum)
        b->dss.checksum = (uint16_t)(mpt_checksum_dss(dsn, b->dss.ssn, b->dss.dll,
                                                      mpt_checksum_add(0, b->payload, b->declared)) ^
                                     (b->bad_sum ? 0x1111 : 0));
    b->o = mpt_dss_build(b->o, &b->dss);
}

static void head(struct build *b, char *flags, char *numbers)
{
    char *plus = strchr(numbers, '+');

    for (; *flags; flags++)
        b->out.flags |= *flags == 'S' ? MPT_TCP_SYN : *flags == 'F' ? MPT_TCP_FIN : *flags == 'R' ? MPT_TCP_RST
                        : *flags == 'P' ? MPT_TCP_PSH : *flags == 'U' ? MPT_TCP_URG
                        : *flags == 'E' ? MPT_TCP_ECE : *flags == 'W' ? MPT_TCP_CWR : MPT_TCP_ACK;
    b->out.seq = (uint32_t)strtoll(numbers, NULL, 10);
    b->declared = plus ? (uint32_t)strtoul(plus + 1, NULL, 10) : 0;
    if (b->out.flags & MPT_TCP_SYN)
        b->t->wscale = b->d->peer_wscale;
    b->out.window = 65535;
}

static void fill_payload(struct build *b)
{
    if (b->filled)
        return;
    if (b->declared && !b->has_plain)
        fail_msg("payload without map=, rec=, plain= or junk=");
    for (uint32_t i = 0; i < b->declared; i++)
        b->payload[i] = dialog_octet(b->plain + i, 1);
}

/* TCP's own options stand before what the words brought. */
static uint32_t tcp_options(struct build *b, uint8_t *start)
{
    uint8_t *p = start;
    uint32_t ts = (uint32_t)(b->d->now / MS) + 77;

    if (b->out.flags & MPT_TCP_SYN) {
        b->tcp.wscale = b->t->wscale;
        b->tcp.ts_val = ts;
        b->tcp.ts_ecr = b->t->ts_recent;
        b->t->ts = b->tcp.has_ts;
        p = mpt_options_syn(p, &b->tcp);
    } else if (b->t->ts) {
        p = mpt_options_ts(p, ts, b->t->ts_recent);
    }
    memcpy(p, b->opt, (size_t)(b->o - b->opt));
    p = mpt_options_pad(start, p + (b->o - b->opt));
    if (p - start > 40)
        fail_msg("%d octets of options", (int)(p - start));
    return (uint32_t)(p - start);
}

static void acknowledge(struct build *b, uint32_t ack)
{
    b->out.ack = b->t->iss + ack;
    if ((b->out.flags & MPT_TCP_SYN) && !b->t->joined) /* octets of the SYN: no DSN counts them */
        b->d->tfo_out = ack - 1;
}

void dialog_parse(struct dialog *d, const char *text, struct mpt_packet *packet, size_t *tuple)
{
    static struct build b;
    char copy[DIALOG_TEXT], *rest = NULL, *w, *flags, *bar;

    snprintf(copy, sizeof copy, "%s", text);
    bar = strchr(copy, '|');
    *tuple = bar ? strtoul(copy, NULL, 10) : 0;
    if (*tuple >= d->tuples)
        fail_msg("no 4-tuple for '%s'", text);
    memset(&b, 0, sizeof b);
    b.d = d;
    b.t = &d->tuple[*tuple];
    b.o = b.opt;
    b.tcp = (struct mpt_tcp_options){ .has_mss = 1, .mss = 1460, .has_sack_ok = 1, .has_ts = 1, .has_wscale = 1 };
    flags = strtok_r(bar ? bar + 1 : copy, " ", &rest);
    w = strtok_r(NULL, " ", &rest);
    head(&b, flags, w);
    while ((w = strtok_r(NULL, " ", &rest))) {
        if (w[0] == 'a' && w[1] >= '0' && w[1] <= '9')
            acknowledge(&b, (uint32_t)strtoul(w + 1, NULL, 10));
        else
            word(&b, w);
    }
    fill_payload(&b);
    put_dss(&b);
    b.out.seq += b.t->irs;
    b.out.opt_len = tcp_options(&b, packet->data + MPT_TCP_HEADER);
    b.out.len = b.declared;
    memcpy(packet->data + MPT_TCP_HEADER + b.out.opt_len, b.payload, b.declared);
    packet->local = b.t->remote;
    packet->remote = b.t->local;
    mpt_tcp_build(packet, &b.out);
    dialog_sec_note(d, packet->data + MPT_TCP_HEADER, b.out.opt_len, b.out.flags);
    packet->local = b.t->local;
    packet->remote = b.t->remote;
    packet->ecn = b.ecn;
}
