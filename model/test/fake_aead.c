/* SPDX-License-Identifier: MIT */
/* test/fake_aead.c - see fake_aead.h. What is remembered of a seal: a hash of key and nonce, and one of the content. */
#include "fake_aead.h"

#include <stdlib.h>
#include <string.h>

#include "mpt.h"

struct seal {
    uint8_t name[16]; /* of key and nonce */
    uint8_t what[16]; /* of additional data and text */
    uint8_t used;
};

static struct seal *table; /* open addressing */
static size_t cap, count, reused;

void fake_aead_reset(void)
{
    free(table);
    table = NULL;
    cap = count = reused = 0;
}

size_t fake_aead_seals(void)
{
    return count;
}

size_t fake_aead_reused(void)
{
    return reused;
}

static struct seal *slot_of(const uint8_t name[16])
{
    size_t i;

    memcpy(&i, name, sizeof i);
    for (i &= cap - 1; table[i].used && memcmp(table[i].name, name, 16) != 0; i = (i + 1) & (cap - 1))
        ;
    return &table[i];
}

static void grow(void)
{
    struct seal *old = table;
    size_t old_cap = cap;

    cap = cap ? cap * 2 : 1024;
    table = calloc(cap, sizeof *table);
    if (!table)
        abort();
    for (size_t i = 0; i < old_cap; i++)
        if (old[i].used)
            *slot_of(old[i].name) = old[i];
    free(old);
}

static void digest(uint8_t out[16], const void *a, size_t a_len, const void *b, size_t b_len)
{
    uint8_t full[32], len = (uint8_t)a_len;
    struct mpt_sha256 h;

    mpt_crypto_sha256_init(&h);
    mpt_crypto_sha256_add(&h, &len, 1);
    mpt_crypto_sha256_add(&h, a, a_len);
    mpt_crypto_sha256_add(&h, b, b_len);
    mpt_crypto_sha256_end(&h, full);
    memcpy(out, full, 16);
}

static void watch(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, const uint8_t *text, size_t n)
{
    struct seal s = { .used = 1 }, *at;

    if ((count + 1) * 2 > cap)
        grow();
    digest(s.name, nonce, 12, key, 32);
    digest(s.what, ad, ad_len, text, n);
    at = slot_of(s.name);
    if (!at->used)
        count++;
    else if (memcmp(at->what, s.what, 16) != 0)
        reused++;
    *at = s;
}

static void tag_of(uint8_t tag[16], const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len,
                   const uint8_t *text, size_t n)
{
    uint8_t part[3][16];

    digest(part[0], nonce, 12, key, 32);
    digest(part[1], ad, ad_len, NULL, 0);
    digest(part[2], NULL, 0, text, n);
    digest(tag, part, sizeof part, NULL, 0);
}

static void fake_seal(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text, size_t n)
{
    watch(key, nonce, ad, ad_len, text, n);
    tag_of(text + n, key, nonce, ad, ad_len, text, n);
}

static int fake_open(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text, size_t n)
{
    uint8_t tag[16];

    tag_of(tag, key, nonce, ad, ad_len, text, n);
    return memcmp(tag, text + n, 16) == 0 ? 0 : MPT_EPROTO;
}

const struct mpt_aead fake_aead = { "fake", 3, UINT64_C(1) << 48, UINT64_C(1) << 32, 1, fake_seal, fake_open };

/* Where a program is linked with --wrap=mpt_crypto_aead, these are the real ones all the same: libsodium's vtable is kept. */
static const struct mpt_aead *real[3];

static const struct mpt_aead *real_aead(uint8_t id)
{
    return real[id] ? real[id] : mpt_crypto_aead(id);
}

#define WATCHED(fn, ID, text_name)                                                                                          \
    static void fn##_seal(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text,      \
                          size_t n)                                                                                         \
    {                                                                                                                       \
        watch(key, nonce, ad, ad_len, text, n);                                                                             \
        real_aead(ID)->seal(key, nonce, ad, ad_len, text, n);                                                               \
    }                                                                                                                       \
    static int fn##_open(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text,       \
                         size_t n)                                                                                          \
    {                                                                                                                       \
        return real_aead(ID)->open(key, nonce, ad, ad_len, text, n);                                                        \
    }                                                                                                                       \
    const struct mpt_aead watched_##fn = { text_name, ID, UINT64_C(1) << 48, UINT64_C(1) << 32, 1, fn##_seal, fn##_open }

WATCHED(chacha, MPT_AEAD_CHACHA20_POLY1305, "chacha20-poly1305, watched");
WATCHED(aes, MPT_AEAD_AES_256_GCM, "aes-256-gcm, watched");

const struct mpt_aead *watched_aead(const struct mpt_aead *a)
{
    if (a)
        real[a->id] = a;
    return !a ? NULL : a->id == MPT_AEAD_AES_256_GCM ? &watched_aes : &watched_chacha;
}
