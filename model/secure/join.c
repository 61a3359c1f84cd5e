/* SPDX-License-Identifier: MIT */
/* secure/join.c - what names a subflow of a secure connection, and the HMACs of its MP_JOIN (sec/SPEC.md 3.4, 3.7; RFC 8684
 * 3.2). conn/join.c calls. */
#include "secure/secure.h"

/* a and b, not client and server: a opened the connection and may be the responder of a join. */
uint8_t mpt_secure_role(const struct mpt_subflow *sf)
{
    int by_a = sf->initiator ? !sf->conn->passive : sf->conn->passive;

    return sf->joined ? (by_a ? 1 : 2) : 0;
}

void mpt_secure_sf_id(const struct mpt_subflow *sf, struct mpt_sec_sf_id *id)
{
    memset(id, 0, sizeof *id);
    id->role = mpt_secure_role(sf);
    if (!id->role)
        return;
    id->id_i = sf->initiator ? sf->local_id : sf->remote_id;
    id->id_r = sf->initiator ? sf->remote_id : sf->local_id;
    id->r_i = sf->initiator ? sf->r_local : sf->r_remote;
    id->r_r = sf->initiator ? sf->r_remote : sf->r_local;
}

void mpt_secure_join_hmac(const struct mpt_subflow *sf, int third, uint8_t out[32])
{
    struct mpt_sec_sf_id id;

    mpt_secure_sf_id(sf, &id);
    mpt_sec_join_hmac(out, sf->conn->secure->keys.jn, third, id.role, sf->secure->mpj, sf->secure->nibble, id.id_r, id.r_r);
}
