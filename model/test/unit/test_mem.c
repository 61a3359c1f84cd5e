/* SPDX-License-Identifier: MIT */
/* test_mem.c - the allocator counts what it hands out, keeps spare chunks, and passes failure
 * on. */
#include "draw.h"

static void counts_bytes_peak_and_calls(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    uint8_t *a, *b;

    (void)state;
    tight_mem(&mem, &t);
    a = mpt_mem_alloc(&mem, 100);
    b = mpt_mem_zalloc(&mem, 50);
    for (int i = 0; i < 50; i++)
        assert_int_equal(b[i], 0);
    assert_int_equal(mem.bytes, 150);
    a[99] = 7;
    a = mpt_mem_resize(&mem, a, 100, 1000);
    assert_int_equal(a[99], 7);
    assert_int_equal(mem.bytes, 1050);
    assert_int_equal(mem.peak, 1050);
    assert_int_equal(mem.calls, 3);
    mpt_mem_free(&mem, a, 1000);
    mpt_mem_free(&mem, b, 50);
    mpt_mem_free(&mem, NULL, 0);
    assert_int_equal(mem.peak, 1050);
    tight_end(&mem, &t);
}

static void failed_resize_changes_nothing(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    uint8_t *a;

    (void)state;
    tight_mem(&mem, &t);
    a = mpt_mem_alloc(&mem, 10);
    a[0] = 5;
    t.left = 0;
    assert_null(mpt_mem_resize(&mem, a, 10, 20));
    assert_null(mpt_mem_zalloc(&mem, 10));
    assert_null(mpt_mem_chunk(&mem));
    assert_int_equal(a[0], 5);
    assert_int_equal(mem.bytes, 10);
    mpt_mem_free(&mem, a, 10);
    tight_end(&mem, &t);
}

static void chunks_come_back_from_the_spare_list(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_chunk *chunk[MPT_CHUNK_SPARE + 10];
    const size_t n = sizeof chunk / sizeof *chunk;
    uint64_t calls;

    (void)state;
    tight_mem(&mem, &t);
    for (size_t i = 0; i < n; i++)
        chunk[i] = mpt_mem_chunk(&mem);
    for (size_t i = 0; i < n; i++) {
        chunk[i]->pins = 3;
        mpt_mem_unchunk(&mem, chunk[i]);
    }
    assert_int_equal(mem.spares, MPT_CHUNK_SPARE);
    assert_int_equal(t.blocks, MPT_CHUNK_SPARE);
    calls = mem.calls;
    for (size_t i = 0; i < MPT_CHUNK_SPARE; i++) {
        chunk[i] = mpt_mem_chunk(&mem);
        assert_null(chunk[i]->next);
        assert_int_equal(chunk[i]->pins, 0);
    }
    assert_int_equal(mem.calls, calls);
    for (size_t i = 0; i < MPT_CHUNK_SPARE; i++)
        mpt_mem_unchunk(&mem, chunk[i]);
    tight_end(&mem, &t);
}

static void spare_chunks_go_back_slowly(void **state)
{
    struct mpt_chunk *chunk[8];
    struct mpt_mem mem;
    struct tight t = {0};

    (void)state;
    tight_mem(&mem, &t);
    for (size_t i = 0; i < 8; i++)
        chunk[i] = mpt_mem_chunk(&mem);
    for (size_t i = 0; i < 8; i++)
        mpt_mem_unchunk(&mem, chunk[i]);
    for (int i = 1; i < 2 * MPT_TRIM_WAITS; i++) { /* busy with two of them: the first stretch began with none spare */
        chunk[0] = mpt_mem_chunk(&mem);
        chunk[1] = mpt_mem_chunk(&mem);
        mpt_mem_unchunk(&mem, chunk[0]);
        mpt_mem_unchunk(&mem, chunk[1]);
        mpt_mem_trim(&mem);
        assert_int_equal(mem.spares, 8);
    }
    mpt_mem_unchunk(&mem, mpt_mem_chunk(&mem));
    mpt_mem_trim(&mem);
    assert_int_equal(mem.spares, 5); /* six were never needed: half of these */
    mpt_mem_trim(&mem); /* idle */
    assert_int_equal(mem.spares, 2);
    tight_end(&mem, &t);
}

static void without_alloc_malloc_serves(void **state)
{
    struct mpt_env env = {.size = sizeof env};
    struct mpt_mem mem;
    void *p;

    (void)state;
    mpt_mem_init(&mem, &env);
    p = mpt_mem_zalloc(&mem, 33);
    assert_non_null(p);
    p = mpt_mem_resize(&mem, p, 33, 0);
    assert_null(p);
    assert_int_equal(mem.bytes, 0);
}

static void every_error_has_a_text(void **state)
{
    (void)state;
    assert_string_equal(mpt_strerror(0), "success");
    assert_string_equal(mpt_strerror(MPT_EABORTED), "aborted");
    assert_string_equal(mpt_strerror(MPT_ESECURE - 1), "unknown error");
    assert_string_equal(mpt_strerror(1), "unknown error");
    assert_string_equal(mpt_strerror(INT32_MIN), "unknown error");
    for (int e = MPT_ESECURE; e < 0; e++)
        for (int f = e + 1; f <= 0; f++)
            assert_string_not_equal(mpt_strerror(e), mpt_strerror(f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_bytes_peak_and_calls),
        cmocka_unit_test(failed_resize_changes_nothing),
        cmocka_unit_test(chunks_come_back_from_the_spare_list),
        cmocka_unit_test(spare_chunks_go_back_slowly),
        cmocka_unit_test(without_alloc_malloc_serves),
        cmocka_unit_test(every_error_has_a_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
