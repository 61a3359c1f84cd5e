/* SPDX-License-Identifier: MIT */
/* conn/reset.c - RST of one subflow with its reason in MP_TCPRST (RFC 8684 3.6). */
#include "conn/conn.h"

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
    mpt_flow_reset(&sf->flow, error, now);
    mpt_conn_kick(sf->conn);
}
