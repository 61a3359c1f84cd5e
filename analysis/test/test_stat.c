/* SPDX-License-Identifier: MIT */
/* test_stat.c - the statistics against values from tables and by hand, and the readers against bad
 * input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "analysis/csv.h"
#include "analysis/points.h"
#include "analysis/sample.h"
#include "analysis/text.h"

#define assert_near(a, b) assert_true(fabs((a) - (b)) < 1e-6)

static void test_interval(void **state)
{
    double v[] = {3, 1, 5, 2, 4};
    struct estimate e = sample_estimate(v, 5);

    (void)state;
    assert_int_equal(e.n, 5);
    assert_near(e.mean, 3);
    assert_near(e.median, 3);
    /* t(0.975, 4) = 2.776445, standard deviation sqrt(2.5) */
    assert_near(e.high - e.mean, 2.7764451052 * sqrt(2.5) / sqrt(5));
    assert_near(e.mean - e.low, e.high - e.mean);
}

static void test_no_interval_of_one(void **state)
{
    double v[] = {7};
    struct estimate one = sample_estimate(v, 1), none = sample_estimate(v, 0);

    (void)state;
    assert_near(one.mean, 7);
    assert_true(isnan(one.low) && isnan(one.high));
    assert_true(isnan(none.mean) && isnan(none.median));
}

static void test_median_of_even(void **state)
{
    double v[] = {4, 1, 3, 2};

    (void)state;
    assert_near(sample_estimate(v, 4).median, 2.5);
}

static void test_numbers_and_times(void **state)
{
    double x;

    (void)state;
    assert_true(text_number("-1.5e3", &x) && x == -1500);
    assert_false(text_number("", &x));
    assert_false(text_number(" 1", &x));
    assert_false(text_number("1x", &x));
    assert_false(text_number("inf", &x));
    assert_true(text_seconds("50ms", &x));
    assert_near(x, 0.05);
    assert_true(text_seconds("1.5s", &x));
    assert_near(x, 1.5);
    assert_false(text_seconds("idle", &x));
    assert_false(text_seconds("5min", &x));
}

static void test_json(void **state)
{
    static const char json[] = "{\"a\": \"loss_at_s\", \"loss_at_s\": 5.25, \"end_s\":14,\n"
                               "\"name\": \"x \\\"y\\\"\", \"none\": null}";
    char out[32];

    (void)state;
    assert_true(text_json(json, "loss_at_s", out, sizeof out));
    assert_string_equal(out, "5.25"); /* and not the value that is called so */
    assert_true(text_json(json, "end_s", out, sizeof out));
    assert_string_equal(out, "14");
    assert_true(text_json(json, "name", out, sizeof out));
    assert_string_equal(out, "x \"y\"");
    assert_false(text_json(json, "none", out, sizeof out));
    assert_false(text_json(json, "missing", out, sizeof out));
}

static void test_natural_order(void **state)
{
    (void)state;
    assert_true(text_compare("delay=50ms", "delay=100ms") < 0);
    assert_true(text_compare("delay=50ms", "delay=50ms") == 0);
    assert_true(text_compare("a", "ab") < 0);
    assert_true(text_compare("b", "a10") > 0);
}

static void test_split_axes(void **state)
{
    char panel[160];

    (void)state;
    assert_near(points_split("size=512B,lte=idle,extra_delay=50ms", panel, sizeof panel), 0.05);
    assert_string_equal(panel, "size=512B,lte=idle");
    assert_near(points_split("", panel, sizeof panel), 0);
    assert_string_equal(panel, "all");
    assert_near(points_split("size=512B", panel, sizeof panel), 0);
    assert_string_equal(panel, "size=512B");
}

/* Reads a text as a file; returns csv_read's value. */
static int read_text(struct csv *csv, const char *text, char *err, size_t cap)
{
    char path[] = "test_stat.XXXXXX";
    int fd = mkstemp(path);
    int rc;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    rc = csv_read(csv, path, err, cap);
    unlink(path);
    return rc;
}

static void test_csv(void **state)
{
    struct csv csv;
    char err[200];
    double x;

    (void)state;
    assert_int_equal(read_text(&csv, "a,b,c\n1,,x\n4,5.5,\n", err, sizeof err), 0);
    assert_int_equal(csv.rows, 3);
    assert_int_equal(csv_column(&csv, "b"), 1);
    assert_int_equal(csv_column(&csv, "d"), -1);
    assert_false(csv_number(&csv, 1, 1, &x));
    assert_true(csv_number(&csv, 2, 1, &x) && x == 5.5);
    assert_string_equal(csv_field(&csv, 1, 2), "x");
    csv_clear(&csv);
}

static void test_csv_refused(void **state)
{
    struct csv csv;
    char err[200];

    (void)state;
    assert_int_equal(read_text(&csv, "a,b\n1,2\n1,2,3\n", err, sizeof err), -1);
    assert_non_null(strstr(err, ":3: 3 fields, the header has 2"));
    assert_int_equal(read_text(&csv, "a,b\n1\n", err, sizeof err), -1);
    assert_int_equal(read_text(&csv, "", err, sizeof err), -1);
    assert_int_equal(csv_read(&csv, "no/such/file", err, sizeof err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval),       cmocka_unit_test(test_no_interval_of_one),
        cmocka_unit_test(test_median_of_even), cmocka_unit_test(test_numbers_and_times),
        cmocka_unit_test(test_json),           cmocka_unit_test(test_natural_order),
        cmocka_unit_test(test_split_axes),     cmocka_unit_test(test_csv),
        cmocka_unit_test(test_csv_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
