/* SPDX-License-Identifier: MIT */
/* conn/reset.c - RST of one subflow with its reason in MP_TCPRST, both ways (RFC 8684 3.6). api/loop.c and hooks.c bring
 * the peer's; the path managers ask before they join. */
#include "conn/conn.h"

#include "secure/secure.h"

/* T: what was the matter may be over soon, so the peer may try again later (3.6). Resources come back, and so do
 * addresses that were withdrawn and paths that were slow; what was forbidden stays so. */
uint8_t mpt_reset_flags(uint8_t reason)
{
    return reason == MPT_RST_UNSPECIFIED || reason == MPT_RST_RESOURCES || reason == MPT_RST_OUTSTANDING ||
           reason == MPT_RST_PERFORMANCE ? MP_TCPRST_T : 0;
}

void mpt_reset_subflow(struct mpt_subflow *sf, uint8_t reason, int error, uint64_t now)
{
    if (sf->dead)
        return;
    sf->rst_reason = reason;
    sf->peer_reason = 255;
    mpt_flow_reset(&sf->flow, error, now);
    mpt_conn_kick(sf->conn);
}

/* Of a RST that may yet prove to be none of ours: its place in the window is judged by the flow (RFC 5961 3.2). */
void mpt_reset_in(struct mpt_subflow *sf, const struct mpt_segment *s)
{
    sf->peer_reason = 255;
    if (!MPT_HAS(&s->mp, MP_TCPRST))
        return;
    MPT_COUNT(sf->conn->stack, MP_RST_RX);
    sf->peer_reason = s->mp.tcprst.reason;
    sf->peer_flags = s->mp.tcprst.flags;
}

/* Without T the peer says that the same would happen again (3.6), so the path managers leave this pair of addresses
 * alone; the oldest of several is forgotten. A RST without MP_TCPRST says nothing. */
void mpt_reset_taken(struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    uint8_t *pair;

    if (sf->peer_reason == 255 || (sf->flow.error != MPT_ECONNRESET && sf->flow.error != MPT_ECONNREFUSED))
        return;
    MPT_TRACE(&c->stack->tracer, subflow_reset, c->number, sf->number, now, sf->peer_reason,
              !!(sf->peer_flags & MP_TCPRST_T), 0, 0);
    c->reset_reason = sf->peer_reason;
    c->reset_flags = sf->peer_flags;
    if (mpt_secure_bound(c)) /* anybody can have written it: sec/SPEC.md 3.2 */
        return;
    if ((sf->peer_flags & MP_TCPRST_T) || mpt_reset_barred(c, sf->local_id, sf->remote_id))
        return;
    pair = c->barred[c->barred_count++ % MPT_BARRED];
    pair[0] = sf->local_id;
    pair[1] = sf->remote_id;
}

static uint8_t barred(const struct mpt_conn *c)
{
    return c->barred_count < MPT_BARRED ? c->barred_count : MPT_BARRED;
}

int mpt_reset_barred(const struct mpt_conn *c, uint8_t local_id, uint8_t remote_id)
{
    for (uint8_t i = 0; i < barred(c); i++)
        if (c->barred[i][0] == local_id && c->barred[i][1] == remote_id)
            return 1;
    return 0;
}

/* The peer announces the address again: that is a wish for another attempt (3.4.1). */
void mpt_reset_unbar(struct mpt_conn *c, uint8_t remote_id)
{
    uint8_t kept = 0, n = barred(c);

    for (uint8_t i = 0; i < n; i++)
        if (c->barred[i][1] != remote_id) {
            c->barred[kept][0] = c->barred[i][0];
            c->barred[kept++][1] = c->barred[i][1];
        }
    c->barred_count = kept;
}
