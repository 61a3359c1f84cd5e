/* SPDX-License-Identifier: MIT */
/* test_outcome.c - one word for what became of a transfer (run/outcome.h): order of badness, tolerance, curves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/outcome.h"

enum { MS = 1000000 };

static enum outcome judge(uint32_t wrong, uint32_t complete, uint32_t broken, uint64_t late)
{
    struct outcome_facts f = {wrong, complete, broken, late};

    return outcome_of(&f);
}

static void the_worst_counts(void **state)
{
    (void)state;
    assert_int_equal(judge(0, 1, 0, 0), OUTCOME_UNAFFECTED);
    assert_int_equal(judge(0, 1, 0, 1), OUTCOME_RECOVERED);
    assert_int_equal(judge(0, 1, 1, 0), OUTCOME_UNAFFECTED); /* an error after everything was read and ended */
    assert_int_equal(judge(0, 0, 0, 5), OUTCOME_STALLED);
    assert_int_equal(judge(0, 0, 1, 5), OUTCOME_LOST);
    assert_int_equal(judge(1, 1, 0, 0), OUTCOME_WRONG);
    assert_int_equal(judge(1, 0, 1, 0), OUTCOME_WRONG);
    assert_string_equal(outcome_name(OUTCOME_LOST), "lost");
}

/* 50 ms, or a tenth of the time that it took without attack, whichever is more. */
static void a_little_is_not_late(void **state)
{
    (void)state;
    assert_int_equal(outcome_late(150 * MS, 100 * MS, 0), 0);
    assert_int_equal(outcome_late(150 * MS + 1, 100 * MS, 0), 50 * MS + 1);
    assert_int_equal(outcome_late(90 * MS, 100 * MS, 0), 0); /* earlier */
    assert_int_equal(outcome_late(2200000000, 2000000000, 0), 0);
    assert_int_equal(outcome_late(2200000001, 2000000000, 0), 200000001);
    assert_int_equal(outcome_late(2150000000, 2000000000, 1000000000), 150 * MS); /* from the start of the clients */
    assert_int_equal(outcome_late(5, UINT64_MAX, 0), 0); /* never read in the run without attack */
}

static void each_octet_has_its_time(void **state)
{
    struct outcome_curve c = {0};

    (void)state;
    assert_true(outcome_when(&c, 0) == UINT64_MAX);
    for (uint64_t i = 1; i <= 1000; i++)
        outcome_note(&c, 10 * i, i);
    assert_int_equal(outcome_when(&c, 0), 1);
    assert_int_equal(outcome_when(&c, 9), 1);
    assert_int_equal(outcome_when(&c, 10), 2);
    assert_int_equal(outcome_when(&c, 9999), 1000);
    assert_true(outcome_when(&c, 10000) == UINT64_MAX);
    outcome_clear(&c);
    assert_int_equal(c.points, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_counts),
        cmocka_unit_test(a_little_is_not_late),
        cmocka_unit_test(each_octet_has_its_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
