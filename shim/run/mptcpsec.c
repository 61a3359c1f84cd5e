/* SPDX-License-Identifier: MIT */
/* run/mptcpsec.c - MPTCPsec on a run's hosts: who they are and whom they believe, and TLS 1.3 as its handshake where
 * `stack.sec_kx: tls` (model/sec/SPEC.md 3.3, kx 2); see mptcpsec.h. TLS carries no data here: its exporter gives the master
 * secret, bound to the negotiation by the context. */
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "rng.h"
#include "run/harness.h"
#include "run/mptcpsec.h"

#define EXPORTER "EXPORTER-mptsec1"

/* A key of the run by its purpose; the same one at both ends unless the scenario wants a stranger. */
static void draw_key(const struct run *r, const char *purpose, uint8_t key[32])
{
    struct rng rng;

    rng_init(&rng, r->seed, purpose);
    rng_bytes(&rng, key, 32);
}

int mptcpsec_identity(const struct run *r, struct mpt_stack *stack, int side)
{
    const struct run_config *c = r->config;
    uint8_t seed[32], key[32], psk[32];
    int e = 0;

    if (c->stack[side].sec == MPT_SECURE_OFF)
        return 0;
    draw_key(r, "sec/server", seed);
    if (side == SIDE_CLIENT && c->sec_server == SEC_SERVER_OTHER)
        draw_key(r, "sec/other server", seed);
    mpt_crypto_ed25519_key(key, seed);
    if (side == SIDE_SERVER && c->sec_server != SEC_SERVER_NONE)
        e = mpt_secure_identity(stack, seed);
    if (side == SIDE_CLIENT && c->sec_server != SEC_SERVER_NONE)
        e = mpt_secure_expect(stack, key);
    draw_key(r, side == SIDE_CLIENT && c->sec_psk == SEC_PSK_OTHER ? "sec/other psk" : "sec/psk", psk);
    if (e == 0 && c->stack[side].sec_kx == MPT_SECURE_PSK)
        e = mpt_secure_psk(stack, psk, sizeof psk, "mpsim", 5);
    return e;
}

/* What TLS has to say goes out first: its last message may be what the peer waits for. */
static void flush(struct tls *t, struct mpt_conn *conn, uint64_t now)
{
    const uint8_t *p;
    size_t n;

    while ((n = tls_out(t, &p)) > 0 && mpt_handshake_write(conn, p, n, now) == (int64_t)n)
        tls_drop(t, n);
}

/* 1: TLS is done and MPTCPsec has its secret, or gave up. */
static int is_done(struct session *s, int side, uint64_t now)
{
    struct apptls *e = &s->apptls[side];
    uint8_t context[32], master[32];
    struct tls_info info;

    tls_info(e->handshake, &info);
    if (info.state == TLS_HANDSHAKE)
        return 0;
    if (info.state == TLS_FAILED || mpt_handshake_context(s->conn[side], context) < 0 ||
        tls_export(e->handshake, EXPORTER, context, sizeof context, master, sizeof master) < 0) {
        snprintf(e->text, sizeof e->text, "%s", info.text);
        mpt_handshake_fail(s->conn[side], now);
        return 1;
    }
    mpt_handshake_finish(s->conn[side], master, now);
    mpt_crypto_wipe(master, sizeof master);
    return 1;
}

/* At MPT_EV_HANDSHAKE. Each read is followed by what TLS makes of it: the octets behind its last message are records. */
void mptcpsec_handshake(struct session *s, int side, uint64_t now)
{
    struct apptls *e = &s->apptls[side];
    uint8_t chunk[4096];
    int64_t n;

    if (e->handshake == NULL)
        e->handshake = apptls_new(s, side, "sec", now);
    if (e->handshake == NULL) {
        mpt_handshake_fail(s->conn[side], now);
        return;
    }
    do {
        flush(e->handshake, s->conn[side], now);
        if (is_done(s, side, now)) {
            tls_free(e->handshake);
            e->handshake = NULL;
            return;
        }
        n = mpt_handshake_read(s->conn[side], chunk, sizeof chunk, now);
        if (n > 0)
            tls_feed(e->handshake, chunk, (size_t)n);
    } while (n > 0);
}
