/* SPDX-License-Identifier: MIT */
/* fuzz_ranges.c - base/ranges.c against a bitmap: adds, trims, reservations and memory that runs out, near 0, near 2^32
 * and near 2^64. After each step set and bitmap must say the same. */
#include "base/ranges.h"
#include "fuzz.h"

enum { SPACE = 256 /* numbers that the bitmap knows */ };

/* Sorted, disjoint, not touching, and the same as the bitmap. */
static void claim_same(const struct mpt_ranges *r, const uint8_t *bit, uint64_t origin)
{
    unsigned x = 0, i = 0;

    while (x < SPACE) {
        unsigned from = x;

        if (!bit[x]) {
            x++;
            continue;
        }
        while (x < SPACE && bit[x])
            x++;
        CLAIM(i < r->count);
        CLAIM(r->at[i].from == origin + from && r->at[i].to == origin + x);
        i++;
    }
    CLAIM(i == r->count && r->count <= r->room);
}

static void claim_find(const struct mpt_ranges *r, const uint8_t *bit, uint64_t origin, unsigned x)
{
    uint32_t i = mpt_ranges_find(r, origin + x);

    CLAIM(i <= r->count);
    CLAIM(i == r->count || r->at[i].to > origin + x);
    CLAIM(i == 0 || r->at[i - 1].to <= origin + x);
    CLAIM((i < r->count && r->at[i].from <= origin + x) == bit[x]);
}

static void add(struct mpt_ranges *r, struct mpt_mem *mem, uint8_t *bit, uint64_t origin, unsigned from, unsigned to)
{
    int64_t fresh = 0, said = mpt_ranges_add(r, mem, origin + from, origin + to);

    for (unsigned x = from; said >= 0 && x < to; x++) {
        fresh += !bit[x];
        bit[x] = 1;
    }
    CLAIM(said == fresh || said == MPT_ENOMEM);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t origins[] = { 0, UINT32_MAX - SPACE / 2, UINT64_MAX - SPACE, UINT64_C(1) << 40 };
    struct fuzz_input in = { data, size };
    uint64_t origin = origins[fuzz_u8(&in) & 3];
    uint8_t bit[SPACE] = { 0 };
    struct fuzz_memory memory;
    struct mpt_mem mem;
    struct mpt_ranges r;

    fuzz_mem(&mem, &memory);
    mpt_ranges_init(&r);
    for (int steps = 0; in.left && steps < 512; steps++) {
        unsigned what = fuzz_u8(&in) & 7, x = fuzz_u8(&in), n = fuzz_u8(&in);

        if (what < 4) { /* mostly short ones, so that there are many */
            unsigned to = x + (what < 3 ? n & 7 : n);

            add(&r, &mem, bit, origin, x, to < SPACE ? to : SPACE - 1);
        } else if (what == 4) {
            mpt_ranges_trim(&r, origin + x);
            memset(bit, 0, x);
        } else if (what == 5) {
            uint32_t room = r.room;

            CLAIM(mpt_ranges_reserve(&r, &mem, n) == 0 ? r.room >= n && r.room >= room : r.room == room);
        } else if (what == 6) {
            memory.fail_in = n & 3;
        } else {
            claim_find(&r, bit, origin, x);
        }
        claim_same(&r, bit, origin);
    }
    mpt_ranges_clear(&r, &mem);
    fuzz_mem_end(&mem, &memory);
    return 0;
}
