/* SPDX-License-Identifier: MIT */
/* secure/join.c - what names a subflow of a secure connection, and the HMACs of its MP_JOIN (sec/SPEC.md 3.4, 3.7; RFC 8684
 * 3.2). conn/join.c calls. */
#include "secure/private.h"

#include "jwd/jwd.h"

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

/* One random, one message: the caller draws R_I anew for every record (jwd 2.4.1). */
void mpt_secure_join_seal(const struct mpt_subflow *sf, const uint8_t mpj[MPT_SEC_MPJ], uint8_t *record, uint32_t n)
{
    const struct mpt_secure *x = sf->conn->secure;
    struct mpt_sec_join j;

    mpt_sec_join_init(&j, x->aead, x->keys.jr, mpt_secure_role(sf), mpj);
    mpt_sec_join_seal(&j, record, n);
    mpt_crypto_wipe(&j, sizeof j);
}

/* The peer's, opened in place: 0 or MPT_EPROTO. */
int mpt_secure_join_open(struct mpt_conn *c, const uint8_t mpj[MPT_SEC_MPJ], uint8_t *record, size_t n)
{
    struct mpt_sec_join j;
    enum mpt_sec_verdict v;

    mpt_sec_join_init(&j, c->secure->aead, c->secure->keys.jr, c->passive ? 1 : 2, mpj); /* the initiator is the peer */
    v = mpt_sec_join_open(&j, record, n);
    mpt_crypto_wipe(&j, sizeof j);
    return v == MPT_SEC_OK ? 0 : MPT_EPROTO;
}

/* Acknowledgement and control, as of a record; data and DATA_FIN are the caller's. */
int mpt_secure_join_take(struct mpt_subflow *sf, const struct mpt_jwd_record *r, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    c->secure->heard = 1;
    if ((r->h & JWD_H_ACK) && mpt_secure_ack_in(sf, r->ack, r->edge, now))
        return 1;
    if ((r->h & JWD_H_ACK) && mpt_secure_cack(c, r->cack, now)) {
        mpt_secure_broken(c, now);
        return 1;
    }
    return (r->h & JWD_H_CTL) && mpt_secure_ctl_in(sf, r->ctl, r->ctl_len, now);
}
