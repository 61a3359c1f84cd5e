/* SPDX-License-Identifier: MIT */
/* test_heap.c - deadlines against a linear search, ties in the order they were set. */
#include "base/heap.h"
#include "draw.h"

enum { NODES = 40 };

static const struct mpt_heap_node *least_of(const struct mpt_heap_node *node)
{
    const struct mpt_heap_node *least = NULL;

    for (int i = 0; i < NODES; i++)
        if (node[i].index && (!least || node[i].at < least->at ||
                              (node[i].at == least->at && node[i].order < least->order)))
            least = &node[i];
    return least;
}

/* Each node knows its place, and none is before its parent. */
static void assert_heap(const struct mpt_heap *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        const struct mpt_heap_node *node = h->at[i], *parent = h->at[i ? (i - 1) / 2 : 0];

        assert_int_equal(node->index, i + 1);
        assert_true(parent->at < node->at ||
                    (parent->at == node->at && parent->order <= node->order));
    }
}

static void random_histories(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_heap h;
    struct mpt_heap_node node[NODES];
    struct draw d = {11};

    (void)state;
    tight_mem(&mem, &t);
    mpt_heap_init(&h);
    memset(node, 0, sizeof node);
    assert_null(mpt_heap_min(&h));
    assert_int_equal(mpt_heap_reserve(&h, &mem, NODES), 0);
    for (int step = 0; step < 50000; step++) {
        struct mpt_heap_node *n = &node[draw_below(&d, NODES)];

        if (draw_below(&d, 5) == 0)
            mpt_heap_remove(&h, n);
        else
            mpt_heap_set(&h, n, draw_below(&d, 10) ? draw_below(&d, 30) : MPT_NEVER);
        assert_ptr_equal(mpt_heap_min(&h), least_of(node));
        assert_heap(&h);
    }
    mpt_heap_clear(&h, &mem);
    tight_end(&mem, &t);
}

static void ties_come_out_first_set_first(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_heap h;
    struct mpt_heap_node node[NODES];

    (void)state;
    tight_mem(&mem, &t);
    mpt_heap_init(&h);
    memset(node, 0, sizeof node);
    assert_int_equal(mpt_heap_reserve(&h, &mem, NODES), 0);
    for (int i = 0; i < NODES; i++)
        mpt_heap_set(&h, &node[i * 7 % NODES], 5);
    for (int i = 0; i < NODES; i++) {
        struct mpt_heap_node *n = mpt_heap_min(&h);

        assert_ptr_equal(n, &node[i * 7 % NODES]);
        mpt_heap_set(&h, n, MPT_NEVER);
        assert_int_equal(n->index, 0);
    }
    assert_null(mpt_heap_min(&h));
    mpt_heap_clear(&h, &mem);
    tight_end(&mem, &t);
}

static void reserve_reports_failure(void **state)
{
    struct tight t;
    struct mpt_mem mem;
    struct mpt_heap h;

    (void)state;
    tight_mem(&mem, &t);
    mpt_heap_init(&h);
    t.left = 1;
    assert_int_equal(mpt_heap_reserve(&h, &mem, 3), 0);
    assert_int_equal(mpt_heap_reserve(&h, &mem, 1000), MPT_ENOMEM);
    assert_true(h.room >= 3);
    mpt_heap_clear(&h, &mem);
    tight_end(&mem, &t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories),
        cmocka_unit_test(ties_come_out_first_set_first),
        cmocka_unit_test(reserve_reports_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
