/* SPDX-License-Identifier: MIT */
/* check/option.c - TCP and MPTCP options of a segment, judged by this file's own table: length, place, once only
 * (RFC 9293 3.2; RFC 8684 3 for each MPTCP option's figure). It shares nothing with model/wire/. Called by
 * trace.c for every segment. */
#include <inttypes.h>
#include <string.h>

#include "check/state.h"

enum { ON_SYN = 1, ON_SYNACK = 2, ON_OTHER = 4, ON_RST = 8, ON_ANY_SYN = 3, ON_ANY = 15 };
enum { KIND_EOL, KIND_NOP, KIND_MSS, KIND_WSCALE, KIND_SACK_OK, KIND_SACK, KIND_TS = 8, KIND_TFO = 34,
       KIND_ENO = 69, KIND_MPTCP = 30, KIND_EXP1 = 253, KIND_EXP2 = 254 };
enum { SUB_EXPERIMENT = 15 };
enum { EXID_EXT = 0x4A57, EXID_TFO = 0xF989 };

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static uint64_t get64(const uint8_t *p)
{
    return (uint64_t)get32(p) << 32 | get32(p + 4);
}

static unsigned place_of(const struct frame *p)
{
    if (p->flags & TCP_RST)
        return ON_RST;
    if (!(p->flags & TCP_SYN))
        return ON_OTHER;
    return p->flags & TCP_ACK ? ON_SYNACK : ON_SYN;
}

static const char *place_name(unsigned place)
{
    return place == ON_SYN ? "SYN" : place == ON_SYNACK ? "SYN/ACK" : place == ON_RST ? "RST" : "segment without SYN";
}

/* ---- MPTCP: a reader for each option. 0, or -1: this length is none of its ---- */

/* RFC 8684 3.1, figure 5: 4 SYN, 12 SYN/ACK, 20 ACK, 22 with data, 24 with data and checksum. */
static int read_capable(struct frame *p, const uint8_t *o, unsigned len)
{
    unsigned place = place_of(p);

    if (len < 4)
        return -1;
    p->capable.len = (uint8_t)len;
    p->capable.version = o[2] & 15;
    p->capable.flags = o[3];
    if (p->capable.version != 1)
        return 0;
    if (place == ON_SYN ? len != 4 : place == ON_SYNACK ? len != 12 : len != 20 && len != 22 && len != 24)
        return -1;
    p->capable.sender = len >= 12 ? get64(o + 4) : 0;
    p->capable.receiver = len >= 20 ? get64(o + 12) : 0;
    p->capable.dll = len >= 22 ? get16(o + 20) : 0;
    p->capable.checksum = len >= 24 ? get16(o + 22) : 0;
    return 0;
}

/* RFC 8684 3.2, figures 6 to 8: 12 SYN, 16 SYN/ACK, 24 ACK. */
static int read_join(struct frame *p, const uint8_t *o, unsigned len)
{
    unsigned place = place_of(p);

    if (len != (place == ON_SYN ? 12u : place == ON_SYNACK ? 16u : 24u))
        return -1;
    p->join.len = (uint8_t)len;
    p->join.bits = o[2] & 15;
    p->join.id = o[3];
    if (len == 12) {
        p->join.token = get32(o + 4);
        p->join.nonce = get32(o + 8);
        memcpy(p->join.raw, o, 12);
    } else {
        memcpy(p->join.hmac, o + 4, len == 16 ? 8 : 20);
        p->join.nonce = len == 16 ? get32(o + 12) : 0;
    }
    return 0;
}

/* RFC 8684 3.3, figure 9. */
static int read_dss(struct frame *p, const uint8_t *o, unsigned len)
{
    unsigned at = 4, want = 4;

    if (len < 4)
        return -1;
    p->dss.reserved = o[2] & 15;
    p->dss.flags = o[3];
    want += o[3] & F_ACK ? o[3] & F_ACK64 ? 8 : 4 : 0;
    want += o[3] & F_MAP ? o[3] & F_DSN64 ? 14 : 10 : 0;
    p->dss.has_checksum = (o[3] & F_MAP) && len == want + 2;
    if (len != want && !p->dss.has_checksum)
        return -1;
    if (o[3] & F_ACK) {
        p->dss.ack = o[3] & F_ACK64 ? get64(o + at) : get32(o + at);
        at += o[3] & F_ACK64 ? 8 : 4;
    }
    if (o[3] & F_MAP) {
        p->dss.dsn = o[3] & F_DSN64 ? get64(o + at) : get32(o + at);
        at += o[3] & F_DSN64 ? 8 : 4;
        p->dss.ssn = get32(o + at);
        p->dss.dll = get16(o + at + 4);
        p->dss.checksum = p->dss.has_checksum ? get16(o + at + 6) : 0;
    }
    return 0;
}

/* RFC 8684 3.4.1, figure 12: IPv4 16 or 18, IPv6 28 or 30; the echo has no HMAC: 8, 10, 20, 22. */
static int read_add_addr(struct frame *p, const uint8_t *o, unsigned len)
{
    unsigned body;

    if (len < 8)
        return -1;
    p->add.echo = o[2] & 1;
    if (!p->add.echo && len < 16)
        return -1;
    body = len - (p->add.echo ? 4 : 12);
    if (body != 4 && body != 6 && body != 16 && body != 18)
        return -1;
    p->add.id = o[3];
    memset(&p->add.addr, 0, sizeof p->add.addr);
    p->add.addr.family = body < 16 ? 4 : 6;
    memcpy(p->add.addr.ip, o + 4, body < 16 ? 4 : 16);
    p->add.has_port = (body & 2) != 0;
    p->add.port = p->add.has_port ? get16(o + 2 + body) : 0;
    if (!p->add.echo)
        memcpy(p->add.hmac, o + len - 8, 8);
    return 0;
}

/* RFC 8684 3.4.2, figure 13. */
static int read_remove_addr(struct frame *p, const uint8_t *o, unsigned len)
{
    if (len < 4)
        return -1;
    p->remove.count = (uint8_t)(len - 3);
    memcpy(p->remove.id, o + 3, len - 3);
    return 0;
}

/* RFC 8684 3.3.8, figure 11. */
static int read_prio(struct frame *p, const uint8_t *o, unsigned len)
{
    p->prio.flags = o[2] & 15;
    return len == 3 ? 0 : -1;
}

/* RFC 8684 3.7, figure 16. */
static int read_fail(struct frame *p, const uint8_t *o, unsigned len)
{
    if (len != 12)
        return -1;
    p->fail.dsn = get64(o + 4);
    return 0;
}

/* RFC 8684 3.5, figure 14. */
static int read_fastclose(struct frame *p, const uint8_t *o, unsigned len)
{
    if (len != 12)
        return -1;
    p->fastclose.key = get64(o + 4);
    return 0;
}

/* RFC 8684 3.6, figure 15. */
static int read_tcprst(struct frame *p, const uint8_t *o, unsigned len)
{
    if (len != 4)
        return -1;
    p->rst.flags = o[2] & 15;
    p->rst.reason = o[3];
    return 0;
}

/* The register (RFC 8684 7). */
static const struct row {
    const char *name;
    int (*read)(struct frame *p, const uint8_t *o, unsigned len);
    unsigned places;
    enum clause length, place;
} rows[SUB_COUNT] = {
    {"MP_CAPABLE", read_capable, ON_ANY & ~ON_RST, CLAUSE_CAPABLE_LENGTH, CLAUSE_CAPABLE},
    {"MP_JOIN", read_join, ON_ANY & ~ON_RST, CLAUSE_JOIN_LENGTH, CLAUSE_JOIN},
    {"DSS", read_dss, ON_OTHER | ON_RST, CLAUSE_DSS_LENGTH, CLAUSE_DSS_PLACE},
    {"ADD_ADDR", read_add_addr, ON_OTHER, CLAUSE_ADD_ADDR_LENGTH, CLAUSE_ADD_ADDR},
    {"REMOVE_ADDR", read_remove_addr, ON_OTHER, CLAUSE_REMOVE_ADDR_LENGTH, CLAUSE_REMOVE_ADDR},
    {"MP_PRIO", read_prio, ON_OTHER, CLAUSE_PRIO_LENGTH, CLAUSE_PRIO},
    {"MP_FAIL", read_fail, ON_OTHER | ON_RST, CLAUSE_FAIL_LENGTH, CLAUSE_FAIL_PLACE},
    {"MP_FASTCLOSE", read_fastclose, ON_OTHER | ON_RST, CLAUSE_FASTCLOSE_LENGTH, CLAUSE_FASTCLOSE_PLACE},
    {"MP_TCPRST", read_tcprst, ON_RST, CLAUSE_TCPRST_LENGTH, CLAUSE_TCPRST_PLACE},
};

const char *option_name(int sub)
{
    return rows[sub].name;
}

static void read_mptcp(struct check *c, struct frame *p, const uint8_t *o, unsigned len)
{
    unsigned sub = len > 2 ? o[2] >> 4 : 15;
    const struct row *r = &rows[sub < SUB_COUNT ? sub : 0];
    unsigned place = place_of(p);

    if (sub == SUB_EXPERIMENT && c->conn != NULL && c->conn->sec != NULL) { /* MPTCPsec's: secack.c */
        require(c, p->aack == NULL, OPTION_TWICE, "AACK");
        p->aack = o;
        p->aack_len = (uint8_t)len;
        return;
    }
    if (sub >= SUB_COUNT) {
        report_at(c, p->at, CLAUSE_SUBTYPE, "%u, length %u", sub, len);
        return;
    }
    report_count(c);
    if (p->mp >> sub & 1) {
        report_at(c, p->at, CLAUSE_OPTION_TWICE, "%s", r->name);
        p->bad = 1;
    } else if (!(r->places & place)) {
        report_at(c, p->at, r->place, "on a %s", place_name(place));
        p->bad = 1;
    } else if (r->read(p, o, len) < 0) {
        report_at(c, p->at, r->length, "%u on a %s", len, place_name(place));
        p->bad = 1;
    } else {
        p->mp |= 1u << sub;
    }
}

/* ---- TCP's own ---- */

static int read_sack(struct frame *p, const uint8_t *o, unsigned len)
{
    if (len < 10 || len > 34 || (len - 2) % 8)
        return -1;
    p->sacks = (uint8_t)((len - 2) / 8);
    for (unsigned i = 0; i < p->sacks; i++) {
        p->sack[i][0] = get32(o + 2 + 8 * i);
        p->sack[i][1] = get32(o + 6 + 8 * i);
    }
    return 0;
}

/* ExID forms (RFC 6994): ours, and Fast Open's early one (RFC 7413 4.1.1). */
static int read_experiment(struct check *c, struct frame *p, const uint8_t *o, unsigned len)
{
    if (len < 4)
        return -1;
    if (get16(o + 2) == EXID_TFO)
        p->has_tfo = 1;
    if (o[0] != KIND_EXP2 || get16(o + 2) != EXID_EXT)
        return 0;
    require(c, len == 5, EXT, "length %u, not 5", len);
    require(c, p->flags & TCP_SYN && !(p->flags & TCP_RST), EXT, "on a %s", place_name(place_of(p)));
    p->has_ext = 1;
    p->ext = len >= 5 ? o[4] : 0;
    return 0;
}

/* The table of lengths: 0, or -1. */
static int read_value(struct check *c, struct frame *p, const uint8_t *o, unsigned len)
{
    switch (o[0]) {
    case KIND_MSS:
        p->has_mss = 1;
        p->mss = len == 4 ? get16(o + 2) : 0;
        return len == 4 ? 0 : -1;
    case KIND_WSCALE:
        p->has_wscale = 1;
        p->wscale = len == 3 ? o[2] : 0;
        return len == 3 ? 0 : -1;
    case KIND_SACK_OK:
        p->has_sack_ok = 1;
        return len == 2 ? 0 : -1;
    case KIND_SACK:
        return read_sack(p, o, len);
    case KIND_TS:
        p->has_ts = len == 10;
        p->ts = len == 10 ? get32(o + 2) : 0;
        p->ts_echo = len == 10 ? get32(o + 6) : 0;
        return len == 10 ? 0 : -1;
    case KIND_TFO: /* RFC 7413 4.1.1: cookie of 4 to 16 octets, even */
        p->has_tfo = 1;
        return len == 2 || (len >= 6 && len <= 18 && len % 2 == 0) ? 0 : -1;
    case KIND_ENO: /* RFC 8547 4.1; what is in it: secure.c */
        p->eno = o;
        p->eno_len = (uint8_t)len;
        return 0;
    case KIND_EXP1:
    case KIND_EXP2:
        return read_experiment(c, p, o, len);
    default:
        return 0;
    }
}

/* RFC 9293 3.7.1, RFC 7323 2.2, RFC 2018 2, RFC 7413 4.1.1: those of a SYN only. SACK: anywhere else. */
static int is_misplaced(const struct frame *p, uint8_t kind)
{
    int syn = (p->flags & TCP_SYN) != 0;

    switch (kind) {
    case KIND_MSS:
    case KIND_WSCALE:
    case KIND_SACK_OK:
    case KIND_TFO:
        return !syn;
    case KIND_SACK:
        return syn;
    default:
        return 0;
    }
}

static void read_one(struct check *c, struct frame *p, const uint8_t *o, unsigned len, uint64_t seen[4])
{
    int again = seen[o[0] / 64] >> (o[0] % 64) & 1;

    if (o[0] == KIND_MPTCP) {
        read_mptcp(c, p, o, len);
        return;
    }
    seen[o[0] / 64] |= UINT64_C(1) << (o[0] % 64);
    require(c, !again || o[0] >= KIND_EXP1, OPTION_TWICE, "kind %u", o[0]);
    if (!require(c, !is_misplaced(p, o[0]), OPTION_PLACE, "kind %u on a %s", o[0], place_name(place_of(p))) ||
        again)
        return;
    if (!require(c, read_value(c, p, o, len) == 0, OPTION_LENGTH, "kind %u, length %u", o[0], len))
        p->bad = 1;
}

void option_read(struct check *c, struct frame *p)
{
    uint64_t seen[4] = {0};
    unsigned at = 0;

    while (at < p->opts_len && p->opts[at] != KIND_EOL) {
        const uint8_t *o = p->opts + at;
        unsigned left = p->opts_len - at, len = o[0] == KIND_NOP || left < 2 ? 1 : o[1];

        if (o[0] != KIND_NOP && !require(c, left >= 2 && len >= 2 && len <= left, OPTION_LENGTH,
                                         "kind %u, length %u with %u octets left", o[0], len, left)) {
            p->bad = 1;
            return;
        }
        if (o[0] != KIND_NOP)
            read_one(c, p, o, len, seen);
        at += len;
    }
    for (; at < p->opts_len; at++)
        if (!require(c, p->opts[at] == 0, OPTION_PADDING, "0x%02x", p->opts[at]))
            return;
}
