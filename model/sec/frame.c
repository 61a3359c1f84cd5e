/* SPDX-License-Identifier: MIT */
/* sec/frame.c - around the handshake (sec/SPEC.md 3.3): N, what both sides know of the SYNs, and the frames that carry the
 * octets of a TLS connection (kx 2; RFC 8446 is the host's). Called by handshake.c and by the host's handshake.
 *
 *     T8 | LEN16 | body      a frame is one mapping */
#include <string.h>

#include "base/bytes.h"
#include "sec/private.h"
#include "wire/tcp.h"

/* 0, and both options parsed: an answer with exactly one suite of the offer. */
int mpt_sec_names_parse(const struct mpt_sec_names *n, struct mpt_sec_eno *offer, struct mpt_sec_eno *answer)
{
    if (n->eno_syn[1] > sizeof n->eno_syn || n->eno_synack[1] > sizeof n->eno_synack)
        return MPT_EINVAL;
    if (mpt_sec_eno_parse(offer, n->eno_syn, n->eno_syn[1], MPT_TCP_SYN) < 0 ||
        mpt_sec_eno_parse(answer, n->eno_synack, n->eno_synack[1], MPT_TCP_SYN | MPT_TCP_ACK) < 0)
        return MPT_EINVAL;
    return mpt_sec_eno_choose(offer, answer->suite, answer->count) ? 0 : MPT_EINVAL;
}

/* N = MP_CAPABLE of SYN and SYN/ACK, Key_a, both ENOs: whoever changed one of them on the way makes both hashes differ. */
void mpt_sec_names_add(struct mpt_sha256 *h, const struct mpt_sec_names *n)
{
    mpt_crypto_sha256_add(h, n->capable_syn, sizeof n->capable_syn);
    mpt_crypto_sha256_add(h, n->capable_synack, sizeof n->capable_synack);
    mpt_crypto_sha256_add(h, n->key_a, sizeof n->key_a);
    mpt_crypto_sha256_add(h, n->eno_syn, n->eno_syn[1]);
    mpt_crypto_sha256_add(h, n->eno_synack, n->eno_synack[1]);
}

int mpt_sec_names_hash(const struct mpt_sec_names *names, uint8_t out[32])
{
    struct mpt_sec_eno offer, answer;
    struct mpt_sha256 h;

    if (mpt_sec_names_parse(names, &offer, &answer) < 0)
        return MPT_EINVAL;
    mpt_crypto_sha256_init(&h);
    mpt_sec_names_add(&h, names);
    mpt_crypto_sha256_end(&h, out);
    return 0;
}

uint8_t *mpt_sec_tls_build(uint8_t *p, uint16_t n, int first)
{
    *p++ = MPT_SEC_TLS;
    p = mpt_bytes_put16(p, (uint16_t)(n + (first ? MPT_SEC_MAGIC_LEN : 0)));
    if (first) {
        memcpy(p, MPT_SEC_MAGIC, MPT_SEC_MAGIC_LEN);
        p += MPT_SEC_MAGIC_LEN;
    }
    return p;
}

/* An empty frame moves nothing: nobody sends it. */
enum mpt_sec_verdict mpt_sec_tls_parse(const uint8_t *p, size_t n, int first, const uint8_t **body, size_t *len)
{
    size_t skip = MPT_SEC_FRAME_HEAD + (first ? MPT_SEC_MAGIC_LEN : 0);

    if (n <= skip || p[0] != MPT_SEC_TLS || mpt_bytes_get16(p + 1) != n - MPT_SEC_FRAME_HEAD)
        return MPT_SEC_ABORT;
    if (first && memcmp(p + MPT_SEC_FRAME_HEAD, MPT_SEC_MAGIC, MPT_SEC_MAGIC_LEN) != 0)
        return MPT_SEC_ABORT;
    *body = p + skip;
    *len = n - skip;
    return MPT_SEC_OK;
}
