/* SPDX-License-Identifier: MIT */
/* conn/fastclose.c - ending a connection at once (RFC 8684 3.5): MP_FASTCLOSE on RSTs, with the peer's key. */
#include "conn/conn.h"

void mpt_fastclose_send(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    if (c->multipath && c->confirmed)
        MPT_EACH_SUBFLOW(c, sf)
            if (!sf->dead)
                sf->rst_fastclose = 1;
    mpt_conn_over(c, MPT_EABORTED, now);
    mpt_conn_kick(c);
}

/* Only the right key counts: anybody can send the option (3.5). */
void mpt_fastclose_in(struct mpt_subflow *sf, const struct mpt_mp_fastclose *o, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    uint8_t ours[8], theirs[8];

    mpt_bytes_put64(ours, c->key_local);
    mpt_bytes_put64(theirs, o->key);
    if (!c->multipath || mpt_crypto_compare(ours, theirs, sizeof ours))
        return;
    MPT_COUNT(c->stack, FASTCLOSE_RX);
    mpt_conn_over(c, MPT_ECONNRESET, now);
}
