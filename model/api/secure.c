/* SPDX-License-Identifier: MIT */
/* api/secure.c - who a stack is and whom it believes, for MPTCPsec (mpt.h; sec/SPEC.md 3.3). */
#include "conn/conn.h"

#include "secure/private.h"

static struct mpt_secure_identity *identity(struct mpt_stack *s)
{
    if (!s->identity)
        s->identity = mpt_mem_zalloc(&s->mem, sizeof *s->identity);
    return s->identity;
}

static int set_key(struct mpt_stack *s, uint8_t *has, uint8_t *to, const uint8_t *key)
{
    (void)s;
    mpt_crypto_wipe(to, 32);
    if (key)
        memcpy(to, key, 32);
    *has = key != NULL;
    return 0;
}

int mpt_secure_identity(struct mpt_stack *s, const uint8_t seed[32])
{
    struct mpt_secure_identity *i = identity(s);

    return i ? set_key(s, &i->has_seed, i->seed, seed) : MPT_ENOMEM;
}

int mpt_secure_expect(struct mpt_stack *s, const uint8_t key[32])
{
    struct mpt_secure_identity *i = identity(s);

    return i ? set_key(s, &i->has_expect, i->expect, key) : MPT_ENOMEM;
}

/* RFC 8446 says nothing of the least length of an external PSK; below 16 octets it could be guessed off line. */
int mpt_secure_psk(struct mpt_stack *s, const void *psk, size_t len, const void *id, size_t id_len)
{
    struct mpt_secure_identity *i;

    if (len && (len < MPT_SEC_PSK_MIN || len > sizeof i->psk || !id_len || id_len > sizeof i->psk_id))
        return MPT_EINVAL;
    i = identity(s);
    if (!i)
        return MPT_ENOMEM;
    mpt_crypto_wipe(i->psk, sizeof i->psk);
    if (len) {
        memcpy(i->psk, psk, len);
        memcpy(i->psk_id, id, id_len);
    }
    i->psk_len = (uint8_t)len;
    i->psk_id_len = (uint8_t)(len ? id_len : 0);
    return 0;
}

static char *put_hex(char *p, const uint8_t *octets, size_t n)
{
    static const char digit[] = "0123456789abcdef";

    *p++ = ' ';
    for (size_t i = 0; i < n; i++) {
        *p++ = digit[octets[i] >> 4];
        *p++ = digit[octets[i] & 15];
    }
    return p;
}

int mpt_secure_log(const struct mpt_conn *c, char *line, size_t cap)
{
    enum { LINE = 512 };
    const struct mpt_sec_keys *k;
    uint8_t token[2][4];
    char *p = line;

    if (!c->stack->config.sec_keylog || !mpt_secure_keyed(c))
        return MPT_ENOENT;
    if (cap < LINE)
        return MPT_EMSGSIZE;
    k = &c->secure->keys;
    mpt_bytes_put32(token[c->passive], c->token_local);
    mpt_bytes_put32(token[!c->passive], c->token_remote);
    memcpy(p, "MPTSEC1", 7);
    p = put_hex(put_hex(p + 7, token[0], 4), token[1], 4);
    p = put_hex(put_hex(put_hex(p, &c->secure->neg.suite, 1), k->tx[MPT_SEC_A], 32), k->tx[MPT_SEC_B], 32);
    p = put_hex(put_hex(p, k->jn, 32), k->jr, 32);
    return (int)(put_hex(put_hex(p, k->ak[MPT_SEC_A], 16), k->ak[MPT_SEC_B], 16) - line);
}
