/* SPDX-License-Identifier: MIT */
/* sec/eno.c - the option TCP-ENO as MPTCPsec uses it (sec/SPEC.md 3.2; grammar: RFC 8547 4.1, 4.2). Pure functions, called
 * by conn/capable.c beside MP_CAPABLE.
 *
 *     SYN      | 69 | len | 0xA0 | 0x4D 0x53 | suites ...     suboption with data, experimental TEP 0x20
 *     SYN/ACK  | 69 |  7  | 0x01 | 0xA0 | 0x4D 0x53 | suite   global suboption with b = 1 first
 *     ACK      | 69 |  2  |                                   heard: yours came */
#include "base/bytes.h"
#include "sec/sec.h"
#include "wire/tcp.h"

enum { TEP = 0xa0, ROLE_B = 0x01, TEP_ID = 0x4d53, TEP_LEN = 3 };

/* A list with a suite twice, or with 0 ("none" inside the library), was not made by this protocol. */
static int parse_suites(struct mpt_sec_eno *e, const uint8_t *p, size_t n)
{
    if (n < 1 || n > MPT_SEC_SUITES)
        return MPT_EPROTO;
    for (size_t i = 0; i < n; i++) {
        if (!p[i])
            return MPT_EPROTO;
        for (size_t j = 0; j < i; j++)
            if (p[j] == p[i])
                return MPT_EPROTO;
        e->suite[i] = p[i];
    }
    e->count = (uint8_t)n;
    return 0;
}

/* RFC 8547 knows other TEPs and global suboptions; all of them mean "not MPTCPsec" here, as no ENO at all does. */
int mpt_sec_eno_parse(struct mpt_sec_eno *e, const uint8_t *o, size_t len, uint8_t tcp_flags)
{
    const uint8_t *p = o + 2, *end = o + len;

    memset(e, 0, sizeof *e);
    if (len < 2 || o[0] != MPT_SEC_ENO_KIND || o[1] != len)
        return MPT_EPROTO;
    if (!(tcp_flags & MPT_TCP_SYN)) {
        e->form = MPT_SEC_ENO_ACK;
        return len == 2 ? 0 : MPT_EPROTO;
    }
    if (tcp_flags & MPT_TCP_ACK) {
        e->form = MPT_SEC_ENO_SYNACK;
        if (len != 3 + TEP_LEN + 1 || *p++ != ROLE_B)
            return MPT_EPROTO;
    }
    if (end - p < TEP_LEN || p[0] != TEP || mpt_bytes_get16(p + 1) != TEP_ID)
        return MPT_EPROTO;
    p += TEP_LEN;
    return parse_suites(e, p, (size_t)(end - p));
}

uint8_t *mpt_sec_eno_build(uint8_t *p, const struct mpt_sec_eno *e)
{
    uint8_t *start = p;

    *p++ = MPT_SEC_ENO_KIND;
    p++; /* its length */
    if (e->form == MPT_SEC_ENO_SYNACK)
        *p++ = ROLE_B;
    if (e->form != MPT_SEC_ENO_ACK) {
        *p++ = TEP;
        p = mpt_bytes_put16(p, TEP_ID);
        memcpy(p, e->suite, e->count);
        p += e->count;
    }
    start[1] = (uint8_t)(p - start);
    return p;
}

/* The offer's order counts: a knows what its CPU is fast at, and b may leave out what it does not like. */
uint8_t mpt_sec_eno_choose(const struct mpt_sec_eno *offer, const uint8_t *mine, size_t n)
{
    for (size_t i = 0; i < offer->count; i++)
        for (size_t j = 0; j < n; j++)
            if (offer->suite[i] == mine[j])
                return mine[j];
    return 0;
}

/* ChaCha20-Poly1305 first: it is there on every CPU, so that runs on different machines have the same octets. */
size_t mpt_sec_eno_suites(uint8_t out[MPT_SEC_SUITES], uint8_t kx)
{
    static const uint8_t order[] = { MPT_SEC_KX_PSK, MPT_SEC_KX_X25519, MPT_SEC_KX_TLS };
    size_t n = 0;

    for (size_t i = 0; i < sizeof order; i++)
        for (uint8_t id = MPT_AEAD_CHACHA20_POLY1305; id <= MPT_AEAD_AES_256_GCM; id++)
            if ((kx >> order[i] & 1) && mpt_crypto_aead(id))
                out[n++] = (uint8_t)(order[i] << 4 | id);
    return n;
}
