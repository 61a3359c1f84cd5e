/* SPDX-License-Identifier: MIT */
/* conn/keys.c - keys, tokens, initial DSNs and the HMAC of joins (RFC 8684 3.1, 3.2). */
#include "conn/conn.h"

/* Token = first 32 bits, IDSN = last 64 bits of SHA-256 of the key (RFC 8684 3.1). */
void mpt_keys_derive(uint64_t key, uint32_t *token, uint64_t *idsn)
{
    uint8_t k[8], h[32];

    mpt_bytes_put64(k, key);
    mpt_crypto_sha256(h, k, sizeof k);
    *token = mpt_bytes_get32(h);
    *idsn = mpt_bytes_get64(h + 24);
}

static uint64_t token_hash(const struct mpt_stack *s, uint32_t token)
{
    return mpt_map_hash(&s->tokens, &token, sizeof token);
}

/* A key whose token no other connection has (RFC 8684 3.1: tokens are unique in a host). */
int mpt_keys_local(struct mpt_conn *c)
{
    struct mpt_stack *s = c->stack;

    for (int tries = 0; tries < 100; tries++) {
        uint8_t k[8];

        s->env.random(s->env.random_ctx, k, sizeof k);
        c->key_local = mpt_bytes_get64(k);
        mpt_keys_derive(c->key_local, &c->token_local, &c->idsn_local);
        if (!mpt_join_conn(s, c->token_local)) {
            mpt_map_add(&s->tokens, &s->mem, &c->token_node, token_hash(s, c->token_local));
            c->announced = 1;
            return 0;
        }
    }
    MPT_COUNT(s, FALLBACK_TOKEN);
    return MPT_ELIMIT;
}

void mpt_keys_remote(struct mpt_conn *c, uint64_t key)
{
    c->key_remote = key;
    mpt_keys_derive(key, &c->token_remote, &c->idsn_remote);
}

struct mpt_conn *mpt_join_conn(struct mpt_stack *s, uint32_t token)
{
    struct mpt_map_node *n = mpt_map_first(&s->tokens, token_hash(s, token));

    for (; n; n = mpt_map_next(n)) {
        struct mpt_conn *c = MPT_LIST_OWNER(n, struct mpt_conn, token_node);

        if (c->token_local == token)
            return c;
    }
    return NULL;
}

void mpt_keys_join_hmac(uint8_t out[32], uint64_t a, uint64_t b, uint32_t r1, uint32_t r2)
{
    uint8_t key[16], message[8];
    struct mpt_piece piece = { message, sizeof message };

    mpt_bytes_put64(mpt_bytes_put64(key, a), b);
    mpt_bytes_put32(mpt_bytes_put32(message, r1), r2);
    mpt_crypto_hmac(out, key, sizeof key, &piece, 1);
    mpt_crypto_wipe(key, sizeof key);
}
