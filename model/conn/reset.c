/* SPDX-License-Identifier: MIT */
/* conn/reset.c - RST of one subflow with its reason in MP_TCPRST (RFC 8684 3.6). */
#include "conn/conn.h"

void mpt_reset_subflow(struct mpt_subflow *sf, uint8_t reason, int error, uint64_t now)
{
    if (sf->dead)
        return;
    sf->rst_reason = reason;
    mpt_flow_reset(&sf->flow, error, now);
    mpt_conn_kick(sf->conn);
}
