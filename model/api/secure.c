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
