/* SPDX-License-Identifier: MIT */
/* proof.c - tokens, HMACs and tags as the scripted peer computes them, from the text of the specifications and not
 * by the functions under test (RFC 8684 3.1, 3.2, 3.4.1; jwd/README.md 2.3). */
#include "dialog/private.h"

#include "crypto/crypto.h"

void dialog_keys(uint64_t key, uint32_t *token, uint64_t *idsn)
{
    uint8_t k[8], h[32];

    mpt_bytes_put64(k, key);
    mpt_crypto_sha256(h, k, 8);
    *token = mpt_bytes_get32(h);
    *idsn = mpt_bytes_get64(h + 24);
}

static void hmac(uint8_t out[32], uint64_t first, uint64_t second, const void *message, size_t n)
{
    uint8_t key[16];
    struct mpt_piece piece = { message, n };

    mpt_bytes_put64(mpt_bytes_put64(key, first), second);
    mpt_crypto_hmac(out, key, 16, &piece, 1);
}

void dialog_join_hmac(const struct dialog *d, const struct dialog_tuple *t, int by_stack, uint8_t out[32])
{
    uint8_t m[8];

    if (by_stack) {
        mpt_bytes_put32(mpt_bytes_put32(m, t->r_stack), t->r_peer);
        hmac(out, d->key_stack, d->key_peer, m, 8);
    } else {
        mpt_bytes_put32(mpt_bytes_put32(m, t->r_peer), t->r_stack);
        hmac(out, d->key_peer, d->key_stack, m, 8);
    }
}

void dialog_add_hmac(const struct dialog *d, int by_stack, uint8_t id, const struct mpt_addr *addr, uint8_t out[8])
{
    uint8_t m[19], h[32];
    size_t n = addr->family == 4 ? 4 : 16;

    m[0] = id;
    memcpy(m + 1, addr->ip, n);
    mpt_bytes_put16(m + 1 + n, addr->port);
    hmac(h, by_stack ? d->key_stack : d->key_peer, by_stack ? d->key_peer : d->key_stack, m, n + 3);
    memcpy(out, h + 24, 8);
}

void dialog_record_tag(const struct dialog *d, const struct dialog_tuple *t, const uint8_t *record, size_t n,
                       uint8_t tag[16])
{
    uint8_t m[9 + 12 + 2048], h[32];

    memcpy(m, "mpt jwd 1", 9);
    memcpy(m + 9, t->mpj, 12);
    memcpy(m + 21, record, n);
    hmac(h, t->by_peer ? d->key_peer : d->key_stack, t->by_peer ? d->key_stack : d->key_peer, m, 21 + n);
    memcpy(tag, h, 16);
}

void dialog_addr_family(struct mpt_addr *a, uint8_t family, int stack, uint8_t host)
{
    memset(a, 0, sizeof *a);
    a->family = family;
    if (family == 6) {
        memcpy(a->ip, "\x20\x01\x0d\xb8", 4);
        a->ip[7] = stack ? 1 : 2;
        a->ip[15] = host;
    } else {
        a->ip[0] = 10;
        a->ip[2] = stack ? 1 : 2;
        a->ip[3] = host;
    }
}

void dialog_addr(const struct dialog *d, struct mpt_addr *a, int stack, uint8_t host)
{
    dialog_addr_family(a, d->ipv6 ? 6 : 4, stack, host);
}

uint8_t dialog_octet(uint64_t offset, int dir)
{
    uint64_t x = (offset + 1) * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)dir * UINT64_C(0xD1B54A32D192ED03);

    x ^= x >> 29;
    x *= UINT64_C(0xBF58476D1CE4E5B9);
    return (uint8_t)(x >> 56);
}
