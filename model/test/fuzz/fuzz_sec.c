/* SPDX-License-Identifier: MIT */
/* fuzz_sec.c - everything of sec/ that reads the peer's octets. First octet: which reader, and its mode. The AEAD lets
 * everything through, so that what stands behind a tag is reached. Claims: what is accepted lies within the input and is
 * built to the same octets again; a handshake takes no octet of what is not its frame, and never ends. */
#include "fuzz.h"
#include "sec/sec.h"
#include "wire/tcp.h"

static void no_seal(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text, size_t n)
{
    (void)key, (void)nonce, (void)ad, (void)ad_len;
    memset(text + n, 0, MPT_AEAD_TAG);
}

static int no_open(const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_len, uint8_t *text, size_t n)
{
    (void)key, (void)nonce, (void)ad, (void)ad_len, (void)text, (void)n;
    return 0;
}

static const struct mpt_aead open_door = { "none", 1, UINT64_MAX, UINT64_MAX, UINT32_MAX, no_seal, no_open };

static void eno(const uint8_t *p, size_t n, uint8_t mode)
{
    static const uint8_t flags[4] = { MPT_TCP_SYN, MPT_TCP_SYN | MPT_TCP_ACK, MPT_TCP_ACK, MPT_TCP_ACK };
    uint8_t again[MPT_SEC_ENO_MAX];
    struct mpt_sec_eno e;

    if (mpt_sec_eno_parse(&e, p, n, flags[mode & 3]) < 0)
        return;
    CLAIM(n <= sizeof again);
    CLAIM((size_t)(mpt_sec_eno_build(again, &e) - again) == n && memcmp(again, p, n) == 0);
}

static void tlvs(const uint8_t *ctl, uint32_t len)
{
    uint8_t *again = malloc(len), *end;
    struct mpt_sec_tlv t;
    uint32_t at = 0;

    CLAIM(again);
    end = mpt_sec_ctl_build(again, mpt_sec_ctl_csn(ctl), (uint16_t)(len - MPT_SEC_CTL_HEAD));
    while (mpt_sec_tlv_next(&t, ctl, len, &at)) {
        CLAIM(at <= len && t.type >= MPT_SEC_PARAMS && t.type <= MPT_SEC_FASTCLOSE);
        end = mpt_sec_tlv_build(end, &t);
    }
    CLAIM((size_t)(end - again) == len && memcmp(again, ctl, len) == 0);
    free(again);
}

/* The octets of a record, verified. */
static void record(const uint8_t *p, size_t n, uint8_t bits)
{
    struct mpt_sec_record r;
    uint8_t *again;

    if (mpt_sec_record_parse(&r, p, n, bits, MPT_SEC_DATA_MAX) != MPT_SEC_OK)
        return;
    CLAIM(!(r.h & ~bits) && r.len <= MPT_SEC_DATA_MAX && r.data >= p && r.data + r.len == p + n);
    if (r.h & MPT_SEC_H_CTL)
        tlvs(r.ctl, r.ctl_len);
    again = malloc(n);
    CLAIM(again && mpt_sec_prefix_len(&r) == n - r.len);
    CLAIM(mpt_sec_prefix_build(again, &r) == again + (n - r.len) && memcmp(again, p, n - r.len) == 0);
    free(again);
}

static void join(const uint8_t *p, size_t n)
{
    static const uint8_t jr[32], mpj[MPT_SEC_MPJ];
    uint8_t *copy = malloc(n ? n : 1), *again = malloc(MPT_SEC_JOIN_MAX);
    struct mpt_sec_join j;
    struct mpt_sec_record r;
    uint64_t dsn;

    CLAIM(copy && again);
    if (n)
        memcpy(copy, p, n);
    mpt_sec_join_init(&j, &open_door, jr, 1, mpj);
    if (mpt_sec_join_open(&j, copy, n) == MPT_SEC_OK &&
        mpt_sec_join_parse(&r, &dsn, copy, n, MPT_SEC_DATA_MAX) == MPT_SEC_OK) {
        uint8_t *end = mpt_sec_join_build(again, &r, dsn);

        CLAIM(mpt_sec_join_len(p, n) == n && end && (size_t)(end - again) + r.len + MPT_SEC_TAG == n);
        CLAIM(memcmp(again, p, (size_t)(end - again)) == 0);
    }
    free(again);
    free(copy);
}

static void aack(const uint8_t *p, size_t n, uint8_t mode)
{
    static const uint8_t ak[16] = { 1 };
    uint64_t dack, edge, near = (uint64_t)mode << 56 | mode;
    uint8_t again[MPT_SEC_AACK_LEN];

    if (mpt_sec_aack_open(p, n, ak, near, &dack, &edge) == MPT_SEC_OK)
        CLAIM(mpt_sec_aack_build(again, ak, dack, (uint32_t)(edge - dack)) && memcmp(again, p, sizeof again) == 0);
}

/* mode: role, kx, size of the pieces, and how far the handshake has come. */
static void handshake(const uint8_t *p, size_t n, uint8_t mode)
{
    static const uint8_t random[64] = { 1 }, psk[16] = { 2 }, id[2] = { 'i', 'd' };
    struct mpt_sec_hs_config c = { .role = mode & 1, .aead = &open_door, .psk = psk, .psk_len = sizeof psk, .psk_id = id,
                                   .psk_id_len = sizeof id, .random = random };
    struct mpt_sec_names names = { .eno_syn = { 69, 6, 0xa0, 0x4d, 0x53, mode & 2 ? 0x31 : 0x11 },
                                   .eno_synack = { 69, 7, 0x01, 0xa0, 0x4d, 0x53, mode & 2 ? 0x31 : 0x11 } };
    size_t piece = 1u + (mode >> 3), used, out;
    uint8_t frame[MPT_SEC_FRAME_MAX];
    struct mpt_sec_hs hs;

    CLAIM(mpt_sec_hs_init(&hs, &c, &names) == 0);
    for (size_t i = 0; i < n; i += used) {
        size_t take = n - i < piece ? n - i : piece;

        while ((out = mpt_sec_hs_write(&hs, frame, sizeof frame)) != 0)
            CLAIM(out <= sizeof frame);
        if (mpt_sec_hs_read(&hs, p + i, take, &used) != MPT_SEC_OK) {
            CLAIM(hs.state == MPT_SEC_HS_FAILED && mpt_sec_hs_write(&hs, frame, sizeof frame) == 0);
            break;
        }
        CLAIM(used <= take && !mpt_sec_hs_done(&hs));
        if (used == 0)
            break;
    }
    mpt_sec_hs_clear(&hs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    uint8_t reader = (uint8_t)fuzz_u8(&in), mode = (uint8_t)fuzz_u8(&in);
    const uint8_t *body;
    size_t len;

    if (in.left == 0)
        return 0;
    switch (reader & 7) {
    case 0:
        eno(in.at, in.left, mode);
        break;
    case 1:
        record(in.at, in.left, mode & 1 ? MPT_SEC_RECORD_BITS : MPT_SEC_JOIN_BITS);
        break;
    case 2:
        join(in.at, in.left);
        break;
    case 3:
        aack(in.at, in.left, mode);
        break;
    case 4:
        if ((len = mpt_sec_ctl_len(in.at, in.left)) != 0)
            tlvs(in.at, (uint32_t)len);
        break;
    case 5:
        if (mpt_sec_tls_parse(in.at, in.left, mode & 1, &body, &len) == MPT_SEC_OK)
            CLAIM(len > 0 && body + len == in.at + in.left);
        break;
    default:
        handshake(in.at, in.left, mode);
    }
    return 0;
}
