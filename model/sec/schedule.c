/* SPDX-License-Identifier: MIT */
/* sec/schedule.c - every key of MPTCPsec from master (sec/SPEC.md 3.3 X(), 3.4), by HKDF-Expand (RFC 5869 2.3). Called
 * by handshake.c, record.c, join.c and once by the owner of a connection. */
#include <string.h>

#include "base/bytes.h"
#include "sec/sec.h"

/* X(s, label, ctx, L) = HKDF-Expand(s, L16 || len8 || "mptsec1 " label || len8 || ctx, L): lengths before strings, so
 * that no two (label, ctx) give the same info. */
void mpt_sec_x(uint8_t *out, uint16_t n, const uint8_t secret[32], const char *label, const void *ctx, uint8_t ctx_len)
{
    static const char name[] = "mptsec1 ";
    uint8_t head[3];
    size_t label_len = strlen(label);
    const struct mpt_piece info[] = {
        { head, 3 }, { name, sizeof name - 1 }, { label, label_len }, { &ctx_len, 1 }, { ctx, ctx_len } };

    *mpt_bytes_put16(head, n) = (uint8_t)(sizeof name - 1 + label_len);
    mpt_crypto_hkdf_expand(out, n, secret, info, ctx_len ? 5 : 4);
}

void mpt_sec_keys_make(struct mpt_sec_keys *k, const uint8_t master[32])
{
    mpt_sec_x(k->tx[MPT_SEC_A], 32, master, "tx a", NULL, 0);
    mpt_sec_x(k->tx[MPT_SEC_B], 32, master, "tx b", NULL, 0);
    mpt_sec_x(k->jn, 32, master, "join", NULL, 0);
    mpt_sec_x(k->jr, 32, master, "jrec", NULL, 0);
    mpt_sec_x(k->ak[MPT_SEC_A], 16, master, "ack a", NULL, 0);
    mpt_sec_x(k->ak[MPT_SEC_B], 16, master, "ack b", NULL, 0);
}

/* Both randoms are in it: one honest side that never repeats its own makes the secret new. */
void mpt_sec_sf_secret(uint8_t out[32], const uint8_t tx[32], const struct mpt_sec_sf_id *id)
{
    uint8_t ctx[11] = { id->role, id->id_i, id->id_r };

    mpt_bytes_put32(mpt_bytes_put32(ctx + 3, id->r_i), id->r_r);
    mpt_sec_x(out, 32, tx, "sf", ctx, sizeof ctx);
}

/* The old secret is overwritten: what was sealed under it cannot be opened by who takes this memory later. */
void mpt_sec_sf_next(uint8_t secret[32])
{
    uint8_t next[32];

    mpt_sec_x(next, 32, secret, "next", NULL, 0);
    memcpy(secret, next, 32);
    mpt_crypto_wipe(next, sizeof next);
}

void mpt_sec_kiv(uint8_t kiv[44], const uint8_t secret[32])
{
    mpt_sec_x(kiv, 44, secret, "kiv", NULL, 0);
}
