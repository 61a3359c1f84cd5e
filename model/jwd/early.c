/* SPDX-License-Identifier: MIT */
/* jwd/early.c - early data of the responder, between SYN/ACK and validation: at most three times the IP octets
 * that came, so that a spoofed source gains nothing worth having (jwd/README.md 2.6; the factor as in RFC 9000
 * 8.1). */
#include "jwd/private.h"

enum { FACTOR = 3 };

static uint64_t ip_octets(const struct mpt_packet *p)
{
    return p->len + (p->local.family == 4 ? 20 : 40);
}

static uint64_t budget(const struct mpt_jwd_responder *j)
{
    return j->tx_ip < FACTOR * j->rx_ip ? FACTOR * j->rx_ip - j->tx_ip : 0;
}

/* IP, TCP and option octets of a segment with early data. */
static uint32_t overhead(const struct mpt_subflow *sf)
{
    uint32_t ip = sf->flow.local.family == 4 ? 20 : 40;

    return ip + MPT_TCP_HEADER + (sf->flow.ts_ok ? 12 : 0) + mpt_options_data_len(sf);
}

/* A retransmission keeps its size: it waits until a whole packet may leave. */
static void limit(struct mpt_subflow *sf)
{
    sf->flow.hold_data = sf->jwd_r->embryo && budget(sf->jwd_r) < sf->flow.mtu;
}

/* Octets received count when the SYN's record was good: also of a repeated SYN. */
void mpt_jwd_again(struct mpt_subflow *sf, const struct mpt_packet *p)
{
    if (!sf->jwd_r || !sf->jwd_r->verified || !sf->jwd_r->embryo)
        return;
    sf->jwd_r->rx_ip += ip_octets(p);
    limit(sf);
}

/* The last segment is cut to fit the budget exactly (jwd 2.6: "two of 1500 + one of 1412"). */
uint64_t mpt_jwd_early_room(const struct mpt_subflow *sf)
{
    const struct mpt_jwd_responder *j = sf->jwd_r;
    uint64_t left;

    if (sf->member != MPT_MEMBER_EMBRYO)
        return UINT64_MAX;
    if (!j || !j->early)
        return 0;
    left = budget(j);
    if (left > overhead(sf))
        return left - overhead(sf);
    return 0;
}

/* SYN/ACKs and payload count, retransmissions too; a SYN/ACK itself is never held back. */
void mpt_jwd_sent(struct mpt_subflow *sf, const struct mpt_packet *p)
{
    struct mpt_jwd_responder *j = sf->jwd_r;

    if (!j || !j->embryo)
        return;
    if (!(p->data[13] & MPT_TCP_SYN) && p->len <= (size_t)(p->data[12] >> 4) * 4)
        return;
    j->tx_ip += ip_octets(p);
    if (!budget(j))
        MPT_COUNT(sf->conn->stack, JWD_EARLY_BLOCKED);
    limit(sf);
}

int mpt_jwd_early_allowed(const struct mpt_subflow *sf)
{
    return mpt_jwd_early_room(sf) > 0;
}

int mpt_jwd_was_early(const struct mpt_subflow *sf)
{
    return sf->jwd_r && sf->jwd_r->early;
}
