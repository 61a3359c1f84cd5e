/* SPDX-License-Identifier: MIT */
/* test_box_radio.c - the queue of a radio that wakes up in front of a path: promotion and idle time to the nanosecond, and by a
 * radio's profile. */
#include "boxes.h"

/* LTE: promotion 260 ms, idle after 10 s without a packet either way. */
static void test_radio(void **state)
{
    struct path_config c = config(0, 10 * MS);
    struct path *p;

    (void)state;
    c.promotion = 260 * MS;
    c.idle_after = 10000 * MS;
    c.idle_at_start = 1;
    p = full(&c);
    push_number(p, PATH_UP, 1, 100, 0);
    push_number(p, PATH_UP, 2, 100, 100 * MS);   /* waits with the first */
    push_number(p, PATH_DOWN, 3, 100, 200 * MS); /* one radio for both directions */
    expect(p, PATH_UP, 1, 270 * MS);
    expect(p, PATH_UP, 2, 270 * MS);
    expect(p, PATH_DOWN, 3, 270 * MS);
    push_number(p, PATH_UP, 4, 100, 300 * MS);
    expect(p, PATH_UP, 4, 310 * MS);
    push_number(p, PATH_DOWN, 5, 100,
                10200 * MS); /* restarts the inactivity timer for up as well */
    expect(p, PATH_DOWN, 5, 10210 * MS);
    push_number(p, PATH_UP, 6, 100, 20199 * MS);
    expect(p, PATH_UP, 6, 20209 * MS);
    push_number(p, PATH_DOWN, 7, 100, 30199 * MS); /* exactly 10 s later: asleep, paged */
    expect(p, PATH_DOWN, 7, 30469 * MS);
    assert_int_equal(path_stats(p, PATH_UP)->promotions, 1);
    assert_int_equal(path_stats(p, PATH_DOWN)->promotions, 1);
    expect_empty(p);
    path_free(p);
    c.idle_at_start = 0;
    p = full(&c);
    push_number(p, PATH_UP, 1, 100, 5000 * MS);
    expect(p, PATH_UP, 1, 5010 * MS);
    path_free(p);
}

/* The model in place of the constants: on the way up before the link, on the way down behind it, so that it sees
 * what is in the air; what is lost before costs nothing and wakes nobody. */
static void test_radio_model(void **state)
{
    struct path_config c = config(0, 10 * MS);
    struct mpt_radio radios[2];
    const struct mpt_radio_profile *lte = &mpt_radio_find("lte-huang2012")->profile;
    struct path *p;

    (void)state;
    mpt_radio_init(&radios[0], lte, 0);
    mpt_radio_init(&radios[1], lte, 0);
    c.radios = radios;
    c.promotion = 5000 * MS; /* rests */
    c.change[0] = (struct path_change){50000 * MS, CHANGE_DOWN, 0, 1};
    c.changes = 1;
    p = full(&c); /* of phone 1 */
    push_number(p, PATH_UP, 1, 100, 0);
    push_number(p, PATH_UP, 2, 100, 100 * MS);
    push_number(p, PATH_DOWN, 3, 100, 200 * MS); /* there at 210 ms, passes with the others */
    expect(p, PATH_UP, 1, 270 * MS);
    expect(p, PATH_UP, 2, 270 * MS);
    expect(p, PATH_DOWN, 3, 260 * MS);
    mpt_radio_advance(&radios[0], 270 * MS);
    assert_int_equal(radios[0].state, MPT_RADIO_ACTIVE);
    push_number(p, PATH_DOWN, 4, 700, 11825 * MS); /* at the phone at 11835 ms: 1 ms before idle */
    expect(p, PATH_DOWN, 4, 11835 * MS);
    push_number(p, PATH_DOWN, 5, 100, 23401 * MS); /* at 23411 ms, 11.576 s later: paged, promoted */
    expect(p, PATH_DOWN, 5, 23671 * MS);
    assert_int_equal(path_stats(p, PATH_UP)->promotions, 1);
    assert_int_equal(path_stats(p, PATH_DOWN)->promotions, 1);
    push_number(p, PATH_DOWN, 6, 100, 50000 * MS); /* lost behind the radio */
    push_number(p, PATH_UP, 7, 100, 51000 * MS);   /* the phone does not know, and pays */
    expect_empty(p);
    mpt_radio_finish(&radios[0], 60000 * MS);
    assert_int_equal(radios[0].promotions, 3);
    assert_int_equal(radios[0].total[MPT_RADIO_ACTIVE].octets[MPT_RADIO_UP], 300);
    assert_int_equal(radios[0].total[MPT_RADIO_ACTIVE].octets[MPT_RADIO_DOWN], 900);
    assert_int_equal(radios[1].promotions, 0); /* another phone's */
    path_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_radio),
        cmocka_unit_test(test_radio_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
