/* SPDX-License-Identifier: MIT */
/* check/secack.c - authenticated acknowledgement and window of MPTCPsec (model/sec/SPEC.md 3.8): AACK's form, place and MAC; DACK
 * and EDGE never go back and never name what was not sent. Called by secure.c and secopen.c. */
#include "check/secure.h"

#include <inttypes.h>
#include <string.h>

#include "crypto/crypto.h"

enum { AACK_LEN = 20, AACK_OP = 0xf1 };

int secack_take(struct check *c, struct conn *k, int e, uint64_t ack, uint64_t edge)
{
    struct end *end = &k->end[e], *other = &k->end[!e];
    int whole = !k->tainted && !c->options.partial;
    uint64_t most = k->sec->keyed ? other->dend : k->sec->end[!e].most + 1; /* 1: DFIN */

    if (!require(c, (int64_t)ack >= 1 && edge >= ack, SEC_DACK, "offset %" PRId64 ", edge %" PRId64, (int64_t)ack,
                 (int64_t)edge))
        return 0;
    if (whole && !k->sec->loose && !require(c, ack <= most, SEC_DACK, "offset %" PRIu64 ", sent up to %" PRIu64, ack, most)) {
        report_taint(c);
        return 0;
    }
    if (whole && k->sec->keyed && ack > end->dack) {
        uint64_t gap = span_gap(&other->seen, 1);

        gap += other->has_fin && gap == other->fin;
        if (!require(c, ack <= gap, SEC_DACK, "offset %" PRIu64 ", sent without gap up to %" PRIu64, ack, gap))
            k->tainted = 1; /* told once */
    }
    end->dack = ack > end->dack ? ack : end->dack;
    end->dedge = edge > end->dedge || !end->has_dedge ? edge : end->dedge;
    end->has_dedge = 1;
    return 1;
}

/* SipHash of 0x41 | DACK64 | WND32 under the sender's key. */
static int mac_is_right(const struct conn *k, int e, uint64_t dack, const uint8_t *o)
{
    uint8_t m[13] = {0x41}, mac[8];

    for (int i = 0; i < 8; i++)
        m[1 + i] = (uint8_t)(dack >> (56 - 8 * i));
    memcpy(m + 9, o + 8, 4);
    mpt_crypto_siphash(mac, k->sec->keys.ak[e], m, sizeof m);
    return memcmp(mac, o + 12, sizeof mac) == 0;
}

/* What only grows, on one subflow: TCP's acknowledgement and timestamp tell the order of sending. */
static void check_grows(struct check *c, struct flow *f, int d, const struct frame *p, struct stamp *s, uint64_t value,
                        const char *what)
{
    uint64_t was = s->dack;
    int r = dss_stamp(f, d, p, s, value);

    if (r != 0)
        require(c, r > 0, SEC_BACK, "%s %" PRIu64 " and %" PRIu64 " in the wrong order", what, was, value);
}

void secack_option(struct check *c, struct flow *f, int d, const struct frame *p)
{
    struct conn *k = f->conn;
    int e = d ^ f->flip;
    const uint8_t *o = p->aack;
    uint64_t dack, edge;

    if (o == NULL || !require(c, p->len == 0 && !(p->flags & (TCP_SYN | TCP_RST)), SEC_AACK, "on a segment with %s",
                              p->len ? "data" : "SYN or RST") ||
        !require(c, p->aack_len == AACK_LEN && o[2] == AACK_OP, SEC_AACK, "length %u, octet 2 0x%02x", p->aack_len, o[2]) ||
        !require(c, secure_ready(k, e) || c->options.partial || k->tainted, SEC_AACK, "before the handshake is done"))
        return;
    require(c, o[3] == 0, SEC_AACK, "reserved octet 0x%02x", o[3]);
    if (!k->end[!e].has_idsn)
        return;
    dack = segment_expand(k->end[e].dack, (uint32_t)sec_get(o + 4, 4) - (uint32_t)k->end[!e].idsn);
    edge = dack + sec_get(o + 8, 4);
    if (seckeys_have(c, k) && !require(c, mac_is_right(k, e, k->end[!e].idsn + dack, o), SEC_AACK_MAC,
                                       "DACK %" PRIu64 ", EDGE %" PRIu64, dack, edge))
        return;
    if (!secack_take(c, k, e, dack, edge))
        return;
    check_grows(c, f, d, p, &secrec_half(f, d)->dack_top, dack, "DACK");
    check_grows(c, f, d, p, &secrec_half(f, d)->edge_top, edge, "EDGE");
}
