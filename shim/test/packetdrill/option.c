/* SPDX-License-Identifier: MIT */
/* option.c - the option part of a packet from its text (see script.h): the same function makes what the peer sends and
 * what the stack is expected to send. */
#include "packetdrill/script.h"

#include "base/bytes.h"
#include "conn/conn.h"

#include <arpa/inet.h>

uint64_t script_idsn(const struct script *s, int of_stack)
{
    uint32_t token;
    uint64_t idsn;

    mpt_keys_derive(of_stack ? s->key_stack : s->key_peer, &token, &idsn);
    return idsn;
}

/* "name=12" or "name 12" in text: the number; 0 and *has 0 when it is not there. */
static uint64_t number(const char *text, const char *name, int *has)
{
    const char *at = strstr(text, name);
    int there = at != NULL;

    if (has)
        *has = there;
    if (!there)
        return 0;
    at += strlen(name);
    return strtoull(at + (*at == '=' || *at == ' '), NULL, 0);
}

static int has(const char *text, const char *word)
{
    return strstr(text, word) != NULL;
}

static uint8_t *put_capable(const struct script_option *o, const char *text, uint8_t *p)
{
    struct script *s = o->s;
    uint64_t mine = o->by_stack ? s->key_stack : s->key_peer, other = o->by_stack ? s->key_peer : s->key_stack;
    struct mpt_mp_capable c = { .version = 1, .flags = MP_CAPABLE_H, .key_sender = mine, .key_receiver = other };
    int flags, dll;
    uint8_t *end;

    c.flags = (uint8_t)number(text, "flags", &flags);
    if (!flags)
        c.flags = MP_CAPABLE_H;
    c.dll = (uint16_t)number(text, "dll", &dll);
    c.len = has(text, "nokey") ? 4 : !has(text, "keys") ? 12 : !dll ? 20 : has(text, "cs") ? 24 : 22;
    if (has(text, "badkeys"))
        c.key_receiver ^= 1;
    if (c.len == 24)
        c.checksum = mpt_checksum_dss(script_idsn(s, o->by_stack) + 1, 1, c.dll, mpt_checksum_add(0, o->payload, o->len));
    end = mpt_mp_capable_build(p, &c);
    return end;
}

/* RFC 8684 3.2: whose key and random come first depends on who sends. */
static void join_hmac(const struct script_option *o, uint8_t out[32])
{
    const struct script_flow *f = o->flow;
    const struct script *s = o->s;

    if (o->by_stack)
        mpt_keys_join_hmac(out, s->key_stack, s->key_peer, f->r_stack, f->r_peer);
    else
        mpt_keys_join_hmac(out, s->key_peer, s->key_stack, f->r_peer, f->r_stack);
}

static uint8_t *put_join(const struct script_option *o, const char *text, uint8_t *p)
{
    struct mpt_mp_join j = { .id = (uint8_t)number(text, "id", NULL), .flags = has(text, "backup") ? MP_JOIN_B : 0,
                             .random = o->by_stack ? o->flow->r_stack : o->flow->r_peer };
    uint8_t h[32];
    uint64_t idsn;

    join_hmac(o, h);
    memcpy(j.hmac, h, 20);
    if (!strncmp(text, "mp_join_syn_ack", 15)) {
        j.len = 16;
    } else if (!strncmp(text, "mp_join_syn", 11)) {
        j.len = 12;
        mpt_keys_derive(o->by_stack ? o->s->key_peer : o->s->key_stack, &j.token, &idsn);
        j.token ^= has(text, "badtoken");
    } else {
        j.len = 24;
        j.id = 0;
    }
    if (has(text, "bad") && j.len != 12)
        j.hmac[0] ^= 1;
    return mpt_mp_join_build(p, &j);
}

static uint8_t *put_dss(const struct script_option *o, const char *text, uint8_t *p)
{
    struct mpt_dss d = { 0 };
    uint64_t first = script_idsn(o->s, o->by_stack), theirs = script_idsn(o->s, !o->by_stack);
    int ack4, ack8, dsn4, dsn8;

    d.ack = theirs + number(text, "dack4", &ack4) + number(text, "dack8", &ack8);
    d.dsn = first + number(text, "dsn4", &dsn4) + number(text, "dsn8", &dsn8);
    d.ssn = (uint32_t)number(text, "ssn", NULL);
    d.dll = (uint16_t)number(text, "dll", NULL);
    d.flags = (uint8_t)((ack4 || ack8 ? DSS_ACK : 0) | (ack8 ? DSS_ACK64 : 0) | (dsn4 || dsn8 ? DSS_MAP : 0) |
                        (dsn8 ? DSS_DSN64 : 0) | (has(text, "fin") ? DSS_FIN : 0));
    d.has_checksum = has(text, "cs");
    if (d.has_checksum)
        d.checksum = mpt_checksum_dss(d.dsn, d.ssn, d.dll, mpt_checksum_add(0, o->payload, o->len)) ^
                     (uint16_t)(has(text, "badcs") ? 1 : 0);
    return mpt_dss_build(p, &d);
}

/* "ADDR" or "ADDR:PORT" (IPv4), "[ADDR]" (IPv6) as the last word. */
static void read_addr(const char *text, struct mpt_addr *addr)
{
    const char *word = strrchr(text, ' ') + 1;
    char plain[64];

    memset(addr, 0, sizeof *addr);
    snprintf(plain, sizeof plain, "%s", word);
    if (inet_pton(AF_INET6, plain, addr->ip) == 1) {
        addr->family = 6;
        return;
    }
    if (strchr(plain, ':')) {
        addr->port = (uint16_t)atoi(strchr(plain, ':') + 1);
        *strchr(plain, ':') = 0;
    }
    addr->family = 4;
    assert_int_equal(inet_pton(AF_INET, plain, addr->ip), 1);
}

/* RFC 8684 3.4.1: rightmost 64 bits over id, address and port, sender's key first. */
static void addr_hmac(const struct script_option *o, struct mpt_add_addr *a)
{
    uint8_t key[16], message[19], h[32];
    size_t n = a->addr.family == 4 ? 4 : 16;
    struct mpt_piece piece = { message, n + 3 };

    mpt_bytes_put64(mpt_bytes_put64(key, o->by_stack ? o->s->key_stack : o->s->key_peer),
                    o->by_stack ? o->s->key_peer : o->s->key_stack);
    message[0] = a->id;
    memcpy(message + 1, a->addr.ip, n);
    mpt_bytes_put16(message + 1 + n, a->addr.port);
    mpt_crypto_hmac(h, key, sizeof key, &piece, 1);
    memcpy(a->hmac, h + 24, 8);
}

static uint8_t *put_add_addr(const struct script_option *o, const char *text, uint8_t *p)
{
    struct mpt_add_addr a = { .echo = (uint8_t)has(text, "echo"), .id = (uint8_t)number(text, "id", NULL) };

    read_addr(text, &a.addr);
    a.has_port = a.addr.port != 0;
    a.has_hmac = !a.echo;
    addr_hmac(o, &a);
    if (has(text, "bad"))
        a.hmac[0] ^= 1;
    return mpt_add_addr_build(p, &a);
}

static uint8_t *put_remove_addr(const char *text, uint8_t *p)
{
    struct mpt_remove_addr r = { 0 };
    char *rest;

    for (const char *at = strchr(text, ' '); at && *at; at = rest) {
        r.id[r.count++] = (uint8_t)strtoul(at, &rest, 10);
        if (rest == at)
            break;
    }
    return mpt_remove_addr_build(p, &r);
}

static uint8_t *put_mptcp(const struct script_option *o, const char *text, uint8_t *p)
{
    struct mpt_mp_prio prio = { (uint8_t)has(text, "backup") };
    struct mpt_mp_fail fail = { script_idsn(o->s, !o->by_stack) + number(text, "mp_fail", NULL) };
    struct mpt_mp_fastclose close = { (o->by_stack ? o->s->key_peer : o->s->key_stack) ^ (uint64_t)has(text, "bad") };
    struct mpt_mp_tcprst rst = { has(text, " T") ? MP_TCPRST_T : 0, (uint8_t)number(text, "mp_reset", NULL) };

    if (!strncmp(text, "mpcapable", 9))
        return put_capable(o, text, p);
    if (!strncmp(text, "mp_join", 7))
        return put_join(o, text, p);
    if (!strncmp(text, "dss", 3))
        return put_dss(o, text, p);
    if (!strncmp(text, "add_addr", 8))
        return put_add_addr(o, text, p);
    if (!strncmp(text, "remove_addr", 11))
        return put_remove_addr(text, p);
    if (!strncmp(text, "mp_prio", 7))
        return mpt_mp_prio_build(p, &prio);
    if (!strncmp(text, "mp_fail", 7))
        return mpt_mp_fail_build(p, &fail);
    if (!strncmp(text, "mp_fastclose", 12))
        return mpt_mp_fastclose_build(p, &close);
    if (!strncmp(text, "mp_reset", 8))
        return mpt_mp_tcprst_build(p, &rst);
    script_fail(o->s, "no such option: %s", text);
}

static uint8_t *put_kind(uint8_t *p, uint8_t kind, uint8_t len)
{
    *p++ = kind;
    *p++ = len;
    return p;
}

static uint8_t *put_ts(const struct script_option *o, uint8_t *p)
{
    const struct script_flow *f = o->flow;

    p = mpt_bytes_put32(put_kind(p, 8, 10), o->by_stack ? f->ts_stack : f->ts_peer);
    return mpt_bytes_put32(p, o->by_stack ? f->ts_echo : f->ts_stack);
}

/* "sack 11:21": the edges count from the ISN of the receiver of the option. */
static uint8_t *put_sack(const struct script_option *o, const char *text, uint8_t *p)
{
    uint32_t isn = o->by_stack ? o->flow->isn_peer : o->flow->isn_stack;
    char *rest = strchr(text, ' '), *size = (char *)p + 1;

    p = put_kind(p, 5, 2);
    while (rest && *rest) {
        p = mpt_bytes_put32(p, isn + (uint32_t)strtoul(rest, &rest, 10));
        p = mpt_bytes_put32(p, isn + (uint32_t)strtoul(rest + 1, &rest, 10));
        *size += 8;
    }
    return p;
}

static uint8_t *put_one(const struct script_option *o, const char *text, uint8_t *p)
{
    if (!strcmp(text, "nop")) {
        *p++ = 1;
        return p;
    }
    if (!strncmp(text, "mss", 3))
        return mpt_bytes_put16(put_kind(p, 2, 4), (uint16_t)number(text, "mss", NULL));
    if (!strcmp(text, "sackOK"))
        return put_kind(p, 4, 2);
    if (!strncmp(text, "wscale", 6)) {
        p = put_kind(p, 3, 3);
        *p++ = (uint8_t)number(text, "wscale", NULL);
        return p;
    }
    if (!strcmp(text, "TS"))
        return put_ts(o, p);
    if (!strcmp(text, "FO"))
        return put_kind(p, 34, 2);
    if (!strcmp(text, "FO cookie")) {
        p = put_kind(p, 34, (uint8_t)(2 + o->s->cookie.len));
        memcpy(p, o->s->cookie.octets, o->s->cookie.len);
        return p + o->s->cookie.len;
    }
    if (!strncmp(text, "sack", 4))
        return put_sack(o, text, p);
    return put_mptcp(o, text, p);
}

uint8_t *script_options(const struct script_option *o, const char *text, uint8_t *p)
{
    char copy[SCRIPT_LINE], *rest = NULL;

    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        word += strspn(word, " ");
        p = put_one(o, word, p);
    }
    return p;
}
