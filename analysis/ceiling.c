/* SPDX-License-Identifier: MIT */
/* analysis/ceiling.c - see ceiling.h. */
#include "analysis/ceiling.h"

enum {
    IPV4 = 20, IPV6 = 40, TCP = 20,
    TIMESTAMPS = 10,                /* kind, length, two values (RFC 7323 3.2), in every segment */
    DSS = 4,                        /* kind, length, subtype, flags (RFC 8684 3.3) */
    DSS_ACK = 4,                    /* DATA_ACK of 32 bits */
    DSS_MAP = 4 + 4 + 2,            /* DSN of 32 bits, subflow sequence number, length; no checksum */
    TLS_HEADER = 5, TLS_TYPE = 1, TLS_TAG = 16, /* RFC 8446 5.2 */
    SEC_H = 1, SEC_TAG = 16         /* SPEC.md 3.5 */
};

/* Options fill whole words (RFC 9293 3.1): NOPs pad each of the two on its own or both together, which is the same
 * here: 12, 12 + 20 = 32, 12 + 16 = 28. */
static unsigned options_of(const struct ceiling_case *c)
{
    unsigned n = TIMESTAMPS + 2;

    if (c->stack == CEILING_MPTCP)
        n += DSS + DSS_ACK + DSS_MAP;
    if (c->stack == CEILING_SEC) /* acknowledges by AACK, so that its DSS carries a mapping only */
        n += DSS + DSS_MAP;
    return (n + 3) / 4 * 4;
}

static unsigned headers_of(const struct ceiling_case *c)
{
    return (c->ipv6 ? IPV6 : IPV4) + TCP + options_of(c);
}

unsigned ceiling_payload(const struct ceiling_case *c)
{
    return c->mtu - headers_of(c);
}

/* Application octets of one octet of the byte stream: records of TLS may end anywhere in a segment. */
static double tls_part(const struct ceiling_case *c)
{
    return c->tls ? c->tls_record / (double)(c->tls_record + TLS_HEADER + TLS_TYPE + TLS_TAG) : 1;
}

double ceiling_full(const struct ceiling_case *c)
{
    double part = tls_part(c);

    if (c->stack == CEILING_SEC)
        part *= c->sec_record / (double)(c->sec_record + SEC_H + SEC_TAG);
    return c->rate * part * ceiling_payload(c) / (c->mtu + c->overhead);
}

/* Records as large as whole segments allow; a record that does not fill one segment leaves it short. */
double ceiling_whole(const struct ceiling_case *c)
{
    unsigned cost = SEC_H + SEC_TAG, room = ceiling_payload(c), packets = (c->sec_record + cost) / room;

    if (c->stack != CEILING_SEC)
        return ceiling_full(c);
    if (packets == 0)
        return c->rate * tls_part(c) * c->sec_record / (c->sec_record + cost + headers_of(c) + c->overhead);
    return c->rate * tls_part(c) * (packets * room - cost) / (packets * (c->mtu + c->overhead));
}
