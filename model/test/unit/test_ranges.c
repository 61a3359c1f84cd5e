/* SPDX-License-Identifier: MIT */
/* test_ranges.c - range sets against a bitmap: all short histories, and long random ones. */
#include "base/ranges.h"
#include "draw.h"

enum { SPACE = 96 /* numbers of the random test's bitmap */ };

/* The set and the bitmap say the same, and the set is sorted, disjoint and merged. */
static void assert_same(const struct mpt_ranges *r, const uint8_t *bit, unsigned space)
{
    unsigned x = 0, i = 0;

    while (x < space) {
        unsigned from = x;

        if (!bit[x]) {
            x++;
            continue;
        }
        while (x < space && bit[x])
            x++;
        assert_true(i < r->count);
        assert_int_equal(r->at[i].from, from);
        assert_int_equal(r->at[i].to, x);
        i++;
    }
    assert_int_equal(i, r->count);
}

static void assert_queries(const struct mpt_ranges *r, const uint8_t *bit, unsigned space)
{
    for (unsigned from = 0; from < space; from++) {
        uint32_t i = mpt_ranges_find(r, from);

        assert_true(i == r->count || r->at[i].to > from);
        assert_true(i == 0 || r->at[i - 1].to <= from);
        assert_int_equal(i < r->count && r->at[i].from <= from, bit[from]);
    }
}

static int64_t set_bits(uint8_t *bit, unsigned from, unsigned to)
{
    int64_t fresh = 0;

    for (; from < to; from++) {
        fresh += !bit[from];
        bit[from] = 1;
    }
    return fresh;
}

/* Every sequence of three adds and a trim within 0..6: 22 ranges each. */
static void all_short_histories(void **state)
{
    enum { N = 6 };
    struct tight t;
    struct mpt_mem mem;
    unsigned pair[64][2], pairs = 0;

    (void)state;
    tight_mem(&mem, &t);
    for (unsigned a = 0; a <= N; a++)
        for (unsigned b = a; b <= N; b++)
            pair[pairs][0] = a, pair[pairs++][1] = b;
    for (unsigned h = 0; h < pairs * pairs * pairs * (N + 1); h++) {
        struct mpt_ranges r;
        uint8_t bit[N] = {0};
        unsigned digit = h, trim = h % (N + 1);

        mpt_ranges_init(&r);
        digit /= N + 1;
        for (int i = 0; i < 3; i++, digit /= pairs) {
            const unsigned *p = pair[digit % pairs];

            assert_int_equal(mpt_ranges_add(&r, &mem, p[0], p[1]), set_bits(bit, p[0], p[1]));
            assert_same(&r, bit, N);
        }
        mpt_ranges_trim(&r, trim);
        memset(bit, 0, trim);
        assert_same(&r, bit, N);
        mpt_ranges_clear(&r, &mem);
    }
    tight_end(&mem, &t);
}

static void long_random_histories(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct draw d = {1};

    (void)state;
    tight_mem(&mem, &t);
    for (int round = 0; round < 300; round++) {
        struct mpt_ranges r;
        uint8_t bit[SPACE] = {0};

        mpt_ranges_init(&r);
        for (int step = 0; step < 60; step++) {
            unsigned a = (unsigned)draw_below(&d, SPACE), b = a + (unsigned)draw_below(&d, 12);

            if (b > SPACE)
                b = SPACE;
            assert_int_equal(mpt_ranges_add(&r, &mem, a, b), set_bits(bit, a, b));
            if (draw_below(&d, 20) == 0) {
                mpt_ranges_trim(&r, a);
                memset(bit, 0, a);
            }
            assert_same(&r, bit, SPACE);
        }
        assert_queries(&r, bit, SPACE);
        mpt_ranges_clear(&r, &mem);
    }
    tight_end(&mem, &t);
}

static void large_numbers_and_empty_ranges(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_ranges r;

    (void)state;
    tight_mem(&mem, &t);
    mpt_ranges_init(&r);
    assert_int_equal(mpt_ranges_add(&r, &mem, 5, 5), 0);
    assert_int_equal(mpt_ranges_add(&r, &mem, 6, 5), 0);
    assert_int_equal(r.count, 0);
    assert_int_equal(mpt_ranges_find(&r, 0), 0);
    assert_int_equal(mpt_ranges_add(&r, &mem, UINT64_MAX - 10, UINT64_MAX), 10);
    assert_int_equal(mpt_ranges_add(&r, &mem, UINT64_MAX - 20, UINT64_MAX - 10), 10);
    assert_int_equal(r.count, 1);
    mpt_ranges_trim(&r, UINT64_MAX);
    assert_int_equal(r.count, 0);
    mpt_ranges_clear(&r, &mem);
    tight_end(&mem, &t);
}

/* Out of memory leaves the set as it was; merging needs none. */
static void failure_changes_nothing(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_ranges r;

    (void)state;
    tight_mem(&mem, &t);
    mpt_ranges_init(&r);
    t.left = 0;
    assert_int_equal(mpt_ranges_add(&r, &mem, 1, 2), MPT_ENOMEM);
    assert_int_equal(r.count, 0);
    t.left = 1;
    assert_int_equal(mpt_ranges_reserve(&r, &mem, 4), 0);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(mpt_ranges_add(&r, &mem, 10 * i, 10 * i + 1), 1);
    assert_int_equal(mpt_ranges_add(&r, &mem, 5, 6), MPT_ENOMEM);
    assert_int_equal(mpt_ranges_reserve(&r, &mem, 5), MPT_ENOMEM);
    assert_int_equal(r.count, 4);
    assert_int_equal(mpt_ranges_add(&r, &mem, 1, 30), 27);
    assert_int_equal(r.count, 1);
    mpt_ranges_clear(&r, &mem);
    tight_end(&mem, &t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_short_histories),
        cmocka_unit_test(long_random_histories),
        cmocka_unit_test(large_numbers_and_empty_ranges),
        cmocka_unit_test(failure_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
