/* SPDX-License-Identifier: MIT */
/* Values with units: what is taken, what is refused and with which words, and that printing is exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "run/units.h"

static const char choices[] = "up|down|both";

static uint64_t integer(enum value_type type, const char *text)
{
    struct value v;
    char why[256] = "";

    if (units_parse(type, choices, text, &v, why, sizeof why) < 0)
        fail_msg("%s: %s", text, why);
    return v.n;
}

static double real(enum value_type type, const char *text)
{
    struct value v;
    char why[256] = "";

    if (units_parse(type, choices, text, &v, why, sizeof why) < 0)
        fail_msg("%s: %s", text, why);
    return v.x;
}

static void refuses(enum value_type type, const char *text, const char *part)
{
    struct value v;
    char why[256] = "";

    if (units_parse(type, choices, text, &v, why, sizeof why) == 0)
        fail_msg("'%s' was taken", text);
    if (strstr(why, part) == NULL)
        fail_msg("'%s': \"%s\" does not say \"%s\"", text, why, part);
}

static void test_integers(void **state)
{
    (void)state;
    assert_int_equal(integer(VALUE_TIME, "20ms"), 20000000);
    assert_int_equal(integer(VALUE_TIME, "2.5 ms"), 2500000);
    assert_int_equal(integer(VALUE_TIME, "0"), 0);
    assert_int_equal(integer(VALUE_TIME, "11.576s"), 11576000000);
    assert_int_equal(integer(VALUE_TIME, "1h"), 3600000000000);
    assert_int_equal(integer(VALUE_RATE, "10Mbit/s"), 10000000);
    assert_int_equal(integer(VALUE_RATE, "1.5Gbit/s"), 1500000000);
    assert_int_equal(integer(VALUE_SIZE, "64KiB"), 65536);
    assert_int_equal(integer(VALUE_SIZE, "64kB"), 64000);
    assert_int_equal(integer(VALUE_SIZE, "512"), 512);
    assert_int_equal(integer(VALUE_COUNT, "40"), 40);
    assert_int_equal(integer(VALUE_POWER, "1.2107W"), 1210700);
    assert_int_equal(integer(VALUE_POWER, "77.2mW"), 77200);
    assert_int_equal(integer(VALUE_BIT_ENERGY, "438.39 mW/Mbit/s"), 438390);
    assert_int_equal(integer(VALUE_BIT_ENERGY, "438.39nJ/bit"), 438390);
    assert_int_equal(integer(VALUE_BOOL, "yes"), 1);
    assert_int_equal(integer(VALUE_BOOL, "0"), 0);
    assert_int_equal(integer(VALUE_CHOICE, "both"), 2);
}

static void test_reals(void **state)
{
    (void)state;
    assert_float_equal(real(VALUE_PROB, "25%"), 0.25, 1e-12);
    assert_float_equal(real(VALUE_PROB, "0.25"), 0.25, 1e-12);
    assert_float_equal(real(VALUE_SPEED, "1.5m/s"), 1.5, 1e-12);
    assert_float_equal(real(VALUE_SPEED, "3.6km/h"), 1.0, 1e-9);
    assert_float_equal(real(VALUE_LENGTH, "0.2km"), 200, 1e-9);
}

static void test_draws(void **state)
{
    struct value v;
    char why[256], text[64];

    (void)state;
    assert_int_equal(units_parse(VALUE_TIME_DRAW, "", "U(5s, 5.5s)", &v, why, sizeof why), 0);
    assert_int_equal(v.n, 5000000000);
    assert_int_equal(v.n_high, 5500000000);
    units_format(VALUE_TIME_DRAW, "", &v, text, sizeof text);
    assert_string_equal(text, "U(5s, 5500ms)");
    assert_int_equal(units_parse(VALUE_TIME_DRAW, "", "5s", &v, why, sizeof why), 0);
    assert_int_equal(v.n, v.n_high);
    refuses(VALUE_TIME_DRAW, "U(6s, 5s)", "U(smaller, larger)");
    refuses(VALUE_TIME_DRAW, "U(6s)", "not a range");
    refuses(VALUE_TIME, "U(5s, 6s)", "not a time");
}

static void test_refused(void **state)
{
    (void)state;
    refuses(VALUE_TIME, "20", "has no unit; use ns, us, ms");
    refuses(VALUE_TIME, "20msec", "no known unit");
    refuses(VALUE_TIME, "-5ms", "negative");
    refuses(VALUE_TIME, "soon", "not a time (like 20ms)");
    refuses(VALUE_TIME, "0x10s", "no known unit");
    refuses(VALUE_RATE, "10Mb/s", "use bit/s, kbit/s, Mbit/s or Gbit/s, like 10Mbit/s");
    refuses(VALUE_SIZE, "1Mib", "no known unit");
    refuses(VALUE_COUNT, "1.5", "not a whole number");
    refuses(VALUE_COUNT, "3s", "not a whole number");
    refuses(VALUE_BOOL, "maybe", "neither true nor false");
    refuses(VALUE_CHOICE, "upp", "none of up|down|both");
    refuses(VALUE_SIZE, "99999999999999999999", "too large");
}

/* What is printed is taken again and means the same. */
static void test_round_trip(void **state)
{
    static const struct {
        enum value_type type;
        const char *in, *out;
    } rows[] = {{VALUE_TIME, "1500us", "1500us"},  {VALUE_TIME, "1000ms", "1s"},
                {VALUE_RATE, "10000kbit/s", "10Mbit/s"}, {VALUE_SIZE, "65536B", "64KiB"},
                {VALUE_SIZE, "1420B", "1420B"},    {VALUE_PROB, "0.125", "12.5%"},
                {VALUE_BOOL, "on", "true"},        {VALUE_CHOICE, "down", "down"},
                {VALUE_SPEED, "1.2m/s", "1.2m/s"}, {VALUE_COUNT, "007", "7"}};
    struct value v;
    char why[256], text[64];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(units_parse(rows[i].type, choices, rows[i].in, &v, why, sizeof why), 0);
        units_format(rows[i].type, choices, &v, text, sizeof text);
        assert_string_equal(text, rows[i].out);
        assert_int_equal(units_parse(rows[i].type, choices, text, &v, why, sizeof why), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers), cmocka_unit_test(test_reals),
        cmocka_unit_test(test_draws),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_round_trip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
