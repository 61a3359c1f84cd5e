/* SPDX-License-Identifier: MIT */
/* fuzz_options.c - the option part of a TCP header: first octet the segment's flags, the rest the area, which lies in a
 * block of its exact size. Three things are compared: that parsing fails just when a naive walk finds an impossible
 * length; that the MPTCP options seen are those that the walk sees; and that what was read, built anew and read again
 * is built to the same octets. */
#include "fuzz.h"
#include "parsed.h"
#include "wire/options.h"

/* What a reader with a ruler would find. */
struct walk {
    int impossible;  /* an option that does not end within the area, or a TCP option of a wrong length */
    uint32_t seen;   /* MPTCP options, bits of enum mpt_sub */
};

/* RFC 9293 3.7.1, RFC 7323 2.2 and 3.2, RFC 2018 2 and 3. */
static int length_is_wrong(unsigned kind, unsigned size)
{
    switch (kind) {
    case 2:
        return size != 4;
    case 3:
        return size != 3;
    case 4:
        return size != 2;
    case 5:
        return size != 10 && size != 18 && size != 26 && size != 34;
    case 8:
        return size != 10;
    default:
        return 0;
    }
}

static uint32_t subtype(const uint8_t *o, unsigned size)
{
    if (o[0] == 30 && size >= 3 && (o[2] >> 4 <= 8 || o[2] >> 4 == 15))
        return 1u << (o[2] >> 4);
    if (o[0] == 254 && size >= 4 && o[2] == 0x4a && o[3] == 0x57)
        return 1u << MP_EXT;
    return 0;
}

static struct walk walk(const uint8_t *p, size_t n)
{
    struct walk w = { 0, 0 };

    for (size_t i = 0; i < n && p[i] != 0;) {
        if (p[i] == 1) {
            i++;
            continue;
        }
        if (i + 1 == n || p[i + 1] < 2 || i + p[i + 1] > n || length_is_wrong(p[i], p[i + 1])) {
            w.impossible = 1;
            break;
        }
        w.seen |= subtype(p + i, p[i + 1]);
        i += p[i + 1];
    }
    return w;
}

/* Each MPTCP option that was read, in order of subtypes; together they may be longer than a header takes. */
static size_t build_all(uint8_t *out, const struct mpt_mptcp *mp, uint32_t which)
{
    uint8_t *p = out;

    if (which & 1u << MP_CAPABLE && mp->capable.version == 1)
        p = mpt_mp_capable_build(p, &mp->capable);
    if (which & 1u << MP_JOIN)
        p = mpt_mp_join_build(p, &mp->join);
    if (which & 1u << DSS)
        p = mpt_dss_build(p, &mp->dss);
    if (which & 1u << ADD_ADDR)
        p = mpt_add_addr_build(p, &mp->add_addr);
    if (which & 1u << REMOVE_ADDR)
        p = mpt_remove_addr_build(p, &mp->remove_addr);
    if (which & 1u << MP_PRIO)
        p = mpt_mp_prio_build(p, &mp->prio);
    if (which & 1u << MP_FAIL)
        p = mpt_mp_fail_build(p, &mp->fail);
    if (which & 1u << MP_FASTCLOSE)
        p = mpt_mp_fastclose_build(p, &mp->fastclose);
    if (which & 1u << MP_TCPRST)
        p = mpt_mp_tcprst_build(p, &mp->tcprst);
    if (which & 1u << MP_EXT)
        p = mpt_ext_build(p, mp->ext);
    return (size_t)(p - out);
}

/* One option at a time: each fits. */
static void build_and_read(const struct mpt_segment *seg)
{
    for (int sub = 0; sub <= MP_EXT; sub++) {
        struct mpt_segment again = { .flags = seg->flags };
        uint8_t first[64], second[64];
        size_t n;

        if (!(seg->mp.present & 1u << sub) || !(n = build_all(first, &seg->mp, 1u << sub)))
            continue;
        CLAIM(n <= MPT_TCP_OPTIONS_MAX && first[1] == n);
        again.opt = first;
        again.opt_len = (uint32_t)n;
        CLAIM(mpt_options_parse(&again) == MPT_PARSE_OK && again.mp.present == 1u << sub);
        CLAIM(build_all(second, &again.mp, 1u << sub) == n && !memcmp(first, second, n));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    struct mpt_segment seg = { .flags = (uint8_t)fuzz_u8(&in) };
    size_t n = in.left < MPT_TCP_OPTIONS_MAX ? in.left : MPT_TCP_OPTIONS_MAX;
    uint8_t *area = malloc(n ? n : 1);
    struct walk w;
    int error;

    CLAIM(area);
    fuzz_octets(&in, area, n);
    w = walk(area, n);
    seg.opt = area;
    seg.opt_len = (uint32_t)n;
    error = mpt_options_parse(&seg);
    CLAIM((error != MPT_PARSE_OK) == w.impossible);
    claim_options(&seg);
    CLAIM((seg.mp.present | seg.mp.malformed) == w.seen);
    if (error == MPT_PARSE_OK)
        build_and_read(&seg);
    free(area);
    return 0;
}
