/* SPDX-License-Identifier: MIT */
/* conn/heuristics.c - what this host has learned of paths that do not like Multipath TCP (RFC 8684 3.9; 3.7 for the
 * SYN that is repeated without MP_CAPABLE). api/calls.c asks before it offers, hooks.c reports.
 *
 * As Linux: after mptcp.syn_retrans repetitions the option is left out; when plain TCP then gets through, no active
 * open offers MPTCP for mptcp.blackhole_timeout, twice as long each time it happens again, and the first connection
 * with MPTCP forgets all of it. One memory for the whole host, not one for each path. Not here: the ratio of joins
 * that succeed (a join that failed is only tried later and later, hooks.c), and keepalives against firewalls. */
#include "conn/conn.h"

enum { DOUBLINGS = 6 }; /* 64 times at most, as Linux */

/* Has this host been blocked lately? */
int mpt_heuristics_offer(struct mpt_stack *s, uint64_t now)
{
    uint32_t times = s->blackholes;
    uint64_t wait = s->config.blackhole_timeout;

    if (!wait || !times)
        return 1;
    wait <<= times - 1 < DOUBLINGS ? times - 1 : DOUBLINGS;
    if (now - s->blackhole_at >= wait)
        return 1;
    MPT_COUNT(s, SYN_TX_DISABLED);
    return 0;
}

/* 3.9: regular TCP after some repetitions, how many is the host's affair. Called at each time-out of the SYN: those
 * that left so far are the first one and its repetitions. */
void mpt_heuristics_timeout(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf = MPT_LIST_OWNER(c->subflows.next, struct mpt_subflow, link);

    if (c->secure) /* an offer of MPTCPsec is never repeated without (sec/SPEC.md 3.2) */
        return;
    if (!c->announced || c->passive || sf->flow.state != MPT_FLOW_SYN_SENT ||
        sf->flow.syn_count <= c->stack->config.syn_retrans)
        return;
    MPT_COUNT(c->stack, SYN_TX_DROP);
    c->syn_bare = 1;
    mpt_fallback(c, MPT_FALLBACK_SYN, now);
}

/* Plain TCP got through where MP_CAPABLE had not: a black hole. MPTCP got through: there is none. */
void mpt_heuristics_opened(struct mpt_conn *c, uint64_t now)
{
    struct mpt_stack *s = c->stack;

    if (c->passive)
        return;
    if (c->multipath)
        s->blackholes = 0;
    if (!c->syn_bare || !s->config.blackhole_timeout)
        return;
    MPT_COUNT(s, BLACKHOLE);
    s->blackholes++;
    s->blackhole_at = now;
}
