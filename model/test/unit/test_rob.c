/* SPDX-License-Identifier: MIT */
/* test_rob.c - reassembly against a flat array with a presence mark per octet: random pieces,
 * overlaps with other content (the first copy wins), reads, skips, and allocations that fail at
 * every point. */
#include "base/rob.h"
#include "draw.h"

enum { SPACE = 12 * MPT_CHUNK };

/* The naive model: content and presence of each octet from `at` on. */
struct flat {
    uint8_t octet[SPACE];
    uint8_t there[SPACE];
    uint64_t at;   /* offset of octet[0] */
    uint64_t head; /* absolute */
};

static int64_t flat_put(struct flat *f, uint64_t x, const uint8_t *data, size_t n)
{
    int64_t fresh = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k = (size_t)(x + i - f->at);

        if (f->there[k])
            continue;
        f->there[k] = 1;
        f->octet[k] = data[i];
        fresh++;
    }
    return fresh;
}

static uint64_t flat_tail(const struct flat *f)
{
    uint64_t x = f->head;

    while (x - f->at < SPACE && f->there[x - f->at])
        x++;
    return x;
}

/* Chunks held are exactly those with a present octet at or behind head. */
static void assert_chunks(const struct mpt_rob *rob, const struct flat *f)
{
    uint64_t held = 0, want = 0, last = UINT64_MAX;

    for (uint32_t i = 0; i < rob->chunks.room; i++)
        held += rob->chunks.at[i] != NULL;
    for (uint64_t x = f->head; x - f->at < SPACE; x++) {
        if (f->there[x - f->at] && x / MPT_CHUNK != last) {
            last = x / MPT_CHUNK;
            want++;
        }
    }
    assert_int_equal(held, want);
}

static void assert_same(const struct mpt_rob *rob, const struct flat *f)
{
    uint64_t x = rob->head;

    assert_int_equal(rob->head, f->head);
    assert_int_equal(rob->tail, flat_tail(f));
    while (x < rob->tail) {
        const uint8_t *p;
        size_t n = mpt_rob_peek_at(rob, x, &p);

        assert_true(n > 0 && n <= rob->tail - x);
        assert_memory_equal(p, f->octet + (x - f->at), n);
        x += n;
    }
    assert_chunks(rob, f);
}

static void read_some(struct mpt_rob *rob, struct mpt_mem *mem, struct flat *f, struct draw *d)
{
    const uint8_t *p;
    size_t n = mpt_rob_peek(rob, &p);

    if (n && draw_below(d, 2))
        n = (size_t)draw_below(d, n) + 1;
    else if (draw_below(d, 2))
        n = (size_t)mpt_rob_readable(rob);
    mpt_rob_drop(rob, mem, n);
    f->head += n;
}

static void skip_some(struct mpt_rob *rob, struct mpt_mem *mem, struct flat *f, struct draw *d)
{
    uint64_t to = rob->tail + draw_below(d, 2 * MPT_CHUNK);

    if (rob->head != rob->tail || to - f->at > SPACE)
        return;
    for (uint64_t x = f->head; x < to; x++)
        f->there[x - f->at] = 1;
    f->head = to;
    mpt_rob_skip(rob, mem, to);
}

static void run_history(struct flat *f, uint64_t at, struct draw *d, int failures)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_rob rob;
    uint8_t data[2 * MPT_CHUNK + 100];

    tight_mem(&mem, &t);
    memset(f->there, 0, sizeof f->there);
    f->at = f->head = at;
    mpt_rob_init(&rob, at);
    for (int step = 0; step < 60; step++) {
        size_t n = (size_t)draw_below(d, draw_below(d, 4) ? 1500 : sizeof data);
        uint64_t x = at + draw_below(d, SPACE - n);
        int64_t got;

        if (draw_below(d, 2)) /* near the tail, so that histories get on */
            x = rob.tail + n <= at + SPACE ? rob.tail : x;
        draw_octets(d, data, n);
        t.left = failures && draw_below(d, 3) == 0 ? (int64_t)draw_below(d, 3) : -1;
        got = mpt_rob_put(&rob, &mem, x, data, n);
        if (got != MPT_ENOMEM)
            assert_int_equal(
                got, x < f->head ? flat_put(f, f->head, data + (f->head - x < n ? f->head - x : n),
                                            f->head - x < n ? n - (size_t)(f->head - x) : 0)
                                 : flat_put(f, x, data, n));
        else
            assert_true(failures);
        if (draw_below(d, 4) == 0)
            read_some(&rob, &mem, f, d);
        if (draw_below(d, 8) == 0)
            skip_some(&rob, &mem, f, d);
        assert_same(&rob, f);
    }
    t.left = -1;
    mpt_rob_clear(&rob, &mem);
    tight_end(&mem, &t);
}

static void random_histories(void **state)
{
    struct flat *f = malloc(sizeof *f);
    struct draw d = {7};

    (void)state;
    for (int round = 0; round < 60; round++)
        run_history(f, draw_below(&d, 3) * draw_below(&d, UINT64_MAX / 4), &d, round % 2);
    free(f);
}

static void everything_read_leaves_no_chunk(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_rob rob;
    uint8_t data[1400] = {0};
    uint64_t x = 0, calls = 0;

    (void)state;
    tight_mem(&mem, &t);
    mpt_rob_init(&rob, 0);
    for (int i = 0; i < 10000; i++) { /* steady state: no allocation per segment */
        if (i == 80)
            calls = mem.calls;
        x += (uint64_t)mpt_rob_put(&rob, &mem, x, data, sizeof data);
        if (i % 8 == 7)
            mpt_rob_drop(&rob, &mem, mpt_rob_readable(&rob));
    }
    assert_int_equal(mem.calls, calls);
    for (uint32_t i = 0; i < rob.chunks.room; i++)
        assert_null(rob.chunks.at[i]);
    assert_true(rob.chunks.room <= 8);
    mpt_rob_clear(&rob, &mem);
    tight_end(&mem, &t);
}

/* The fast path of conn/: octets handed on without being stored, a later piece waiting. */
static void skip_joins_a_waiting_range(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_rob rob;
    const uint8_t *p;

    (void)state;
    tight_mem(&mem, &t);
    mpt_rob_init(&rob, 1000);
    assert_int_equal(mpt_rob_put(&rob, &mem, 2000, (const uint8_t *)"abc", 3), 3);
    mpt_rob_skip(&rob, &mem, 2000);
    assert_int_equal(mpt_rob_peek(&rob, &p), 3);
    assert_memory_equal(p, "abc", 3);
    mpt_rob_drop(&rob, &mem, 3);
    assert_int_equal(mpt_rob_put(&rob, &mem, 3000, (const uint8_t *)"defg", 4), 4);
    mpt_rob_skip(&rob, &mem, 3002); /* part of it was delivered by another way */
    assert_int_equal(mpt_rob_peek(&rob, &p), 2);
    assert_memory_equal(p, "fg", 2);
    mpt_rob_drop(&rob, &mem, 2);
    mpt_rob_skip(&rob, &mem, UINT64_MAX / 2);
    assert_int_equal(mpt_rob_readable(&rob), 0);
    mpt_rob_clear(&rob, &mem);
    tight_end(&mem, &t);
}

/* Far beyond everything that waits, more than once around the ring: all chunks go. */
static void skip_over_all_that_waits(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_rob rob;

    (void)state;
    tight_mem(&mem, &t);
    for (uint64_t far = 3; far < 12; far++) {
        mpt_rob_init(&rob, 0);
        for (uint64_t i = 0; i < 4; i++)
            assert_int_equal(mpt_rob_put(&rob, &mem, i * MPT_CHUNK + 7, (const uint8_t *)"x", 1),
                             1);
        mpt_rob_skip(&rob, &mem, far * MPT_CHUNK + 8);
        assert_int_equal(rob.head, far * MPT_CHUNK + 8);
        assert_int_equal(rob.ofo.count, 0);
        for (uint32_t i = 0; i < rob.chunks.room; i++)
            assert_null(rob.chunks.at[i]);
        mpt_rob_clear(&rob, &mem);
    }
    tight_end(&mem, &t);
}

/* The chunk that head is in stays while its last octet waits there. */
static void last_octet_of_a_chunk_keeps_it(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_rob rob;
    const uint8_t *p;

    (void)state;
    tight_mem(&mem, &t);
    mpt_rob_init(&rob, 0);
    assert_int_equal(mpt_rob_put(&rob, &mem, MPT_CHUNK - 1, (const uint8_t *)"z", 1), 1);
    assert_int_equal(mpt_rob_put(&rob, &mem, 0, (const uint8_t *)"ab", 2), 2);
    mpt_rob_drop(&rob, &mem, 2);
    mpt_rob_skip(&rob, &mem, MPT_CHUNK - 1);
    assert_int_equal(mpt_rob_peek(&rob, &p), 1);
    assert_int_equal(*p, 'z');
    mpt_rob_drop(&rob, &mem, 1);
    mpt_rob_clear(&rob, &mem);
    tight_end(&mem, &t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories),
        cmocka_unit_test(everything_read_leaves_no_chunk),
        cmocka_unit_test(skip_joins_a_waiting_range),
        cmocka_unit_test(skip_over_all_that_waits),
        cmocka_unit_test(last_octet_of_a_chunk_keeps_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
