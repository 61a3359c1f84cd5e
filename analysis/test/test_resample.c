/* SPDX-License-Identifier: MIT */
/* test_resample.c - intervals without a normal distribution, effect sizes and fairness: against values by hand and from tables, and
 * how often the intervals hold what they should in simulations with a fixed seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "analysis/effect.h"
#include "analysis/resample.h"
#include "analysis/sample.h"

#define assert_near(a, b) assert_true(fabs((a) - (b)) < 1e-6)

/* 1, 2, ... n: a value is its rank. */
static const double *ranks(size_t n)
{
    static double v[1000];
    for (size_t i = 0; i < n; i++)
        v[i] = (double)i + 1;
    return v;
}

static void assert_band(size_t n, double q, double low, double high)
{
    struct band b = resample_order_band(ranks(n), n, q);
    assert_true(isnan(low) ? isnan(b.low) : b.low == low);
    assert_true(isnan(high) ? isnan(b.high) : b.high == high);
}

/* ---- order statistics ---------------------------------------------------------------------------- */

/* Ranks as in tables of the sign test. */
static void test_band_of_median(void **state)
{
    (void)state;
    assert_band(0, 0.5, NAN, NAN);
    assert_band(5, 0.5, NAN, NAN); /* 1/32 on each side is more than 2.5 % */
    assert_band(6, 0.5, 1, 6);     /* 1/64 */
    assert_band(10, 0.5, 2, 9);    /* 11/1024; with rank 3 it were 56/1024 */
    assert_band(25, 0.5, 8, 18);
    assert_band(100, 0.5, 40, 61);
}

/* 0.9^35 = 0.02503, 0.9^36 = 0.02253; 0.99^367 = 0.02501, 0.99^368 = 0.02476; 0.1^2 = 0.01. */
static void test_band_of_tails(void **state)
{
    (void)state;
    assert_band(1, 0.9, NAN, NAN); /* one value lies above p90 in one case of ten */
    assert_band(2, 0.9, 1, NAN);
    assert_true(isnan(resample_order_band(ranks(35), 35, 0.9).high));
    assert_true(resample_order_band(ranks(36), 36, 0.9).high == 36);
    assert_true(isnan(resample_order_band(ranks(367), 367, 0.99).high));
    assert_true(resample_order_band(ranks(368), 368, 0.99).high == 368);
}

static void test_quantile(void **state)
{
    (void)state;
    assert_near(resample_quantile(ranks(5), 5, 0.5), 3);
    assert_near(resample_quantile(ranks(4), 4, 0.5), 2.5);
    assert_near(resample_quantile(ranks(11), 11, 0.9), 10);
    assert_near(resample_quantile(ranks(3), 3, 0.9), 2.8);
    assert_true(isnan(resample_quantile(ranks(1), 0, 0.5)));
}

/* ---- shares ------------------------------------------------------------------------------------ */

static void assert_share(size_t hits, size_t n, double low, double high)
{
    struct band b = resample_share(hits, n);
    assert_near(b.low, low);
    assert_near(b.high, high);
}

/* All or none has ends by hand: 0.025^(1/n). Between them, what tables have. */
static void test_share(void **state)
{
    (void)state;
    assert_true(isnan(resample_share(0, 0).low) && isnan(resample_share(0, 0).high));
    assert_share(0, 1, 0, 0.975);
    assert_share(1, 1, 0.025, 1);
    assert_share(0, 10, 0, 1 - pow(0.025, 0.1));
    assert_share(10, 10, pow(0.025, 0.1), 1);
    assert_share(5, 10, 0.187086, 0.812914);
    assert_share(2, 20, 0.012349, 0.316983);
}

/* Whatever the probability, in no more than 5 % of all cases beside it: summed over the binomial distribution. */
static void test_coverage_of_share(void **state)
{
    (void)state;
    for (int percent = 1; percent < 100; percent++) {
        double p = percent / 100.0, held = 0;
        for (unsigned k = 0; k <= 25; k++) {
            struct band b = resample_share(k, 25);
            if (b.low <= p && p <= b.high)
                held += gsl_ran_binomial_pdf(k, p, 25);
        }
        assert_true(held >= 0.95);
    }
}

/* ---- bootstrap ----------------------------------------------------------------------------------- */

static void test_bootstrap_needs_two(void **state)
{
    (void)state;
    assert_true(isnan(resample_mean(ranks(1), 1).low) && isnan(resample_mean(ranks(1), 0).high));
    assert_true(isnan(resample_quantile_interval(ranks(1), 1, 0.5).low));
    /* means of two draws of 0 and 1 are 0, 1/2, 1 with 1/4, 1/2, 1/4 */
    struct band b = resample_mean((double[]){0, 1}, 2);
    assert_true(b.low == 0 && b.high == 1);
    b = resample_mean((double[]){3, 3, 3}, 3);
    assert_true(b.low == 3 && b.high == 3);
}

static void test_bootstrap_is_the_same_again(void **state)
{
    struct band a = resample_mean(ranks(30), 30), b = resample_mean(ranks(30), 30);

    (void)state;
    assert_true(a.low == b.low && a.high == b.high && a.low < a.high);
    a = resample_quantile_interval(ranks(30), 30, 0.5);
    b = resample_quantile_interval(ranks(30), 30, 0.5);
    assert_true(a.low == b.low && a.high == b.high && a.low < 15.5 && a.high > 15.5);
}

/* The mean of a right-skewed sample reaches further up than down; the reference values are those of a program written apart in
 * another language, 200,000 resamples. Plain percentiles would be 0.612 and 1.417. */
static void test_bca_of_skewed(void **state)
{
    double v[20];

    (void)state;
    for (int i = 0; i < 20; i++)
        v[i] = -log(1 - (i + 0.5) / 20);
    struct band b = resample_mean(v, 20);
    assert_true(fabs(b.low - 0.6559) < 0.02 && fabs(b.high - 1.5004) < 0.04);
}

/* ---- coverage ------------------------------------------------------------------------------------ */

/* Share of n-samples of an exponential distribution (mean 1, median ln 2) whose interval holds the truth. */
static double coverage(int samples, size_t n, double truth, struct band (*interval)(const double *, size_t))
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
    double v[100];
    int hits = 0;

    gsl_rng_set(rng, 7);
    for (int s = 0; s < samples; s++) {
        for (size_t i = 0; i < n; i++)
            v[i] = gsl_ran_exponential(rng, 1);
        sample_sort(v, n);
        struct band b = interval(v, n);
        hits += b.low <= truth && truth <= b.high;
    }
    gsl_rng_free(rng);
    printf("# coverage of %zu values: %.4f\n", n, (double)hits / samples);
    return (double)hits / samples;
}

static struct band median_order(const double *v, size_t n)
{
    return resample_order_band(v, n, 0.5);
}

static struct band p90_order(const double *v, size_t n)
{
    return resample_order_band(v, n, 0.9);
}

static struct band median_bootstrap(const double *v, size_t n)
{
    return resample_quantile_interval(v, n, 0.5);
}

/* Exact by the binomial distribution: 1 - 22/1024 for the median of 10, and at least 95 % always. Three standard
 * deviations of 20,000 samples are 0.0031 and 0.0046. */
static void test_coverage_of_bands(void **state)
{
    (void)state;
    assert_true(fabs(coverage(20000, 10, log(2), median_order) - (1 - 22.0 / 1024)) < 0.004);
    assert_true(coverage(20000, 25, log(2), median_order) > 0.945);
    assert_true(coverage(20000, 60, log(10), p90_order) > 0.945);
}

/* A bootstrap of few values holds less than it says (about 93 % here), not much less. Three standard deviations of 400
 * samples are 0.035. */
static void test_coverage_of_bootstrap(void **state)
{
    (void)state;
    double mean = coverage(400, 25, 1, resample_mean), median = coverage(150, 25, log(2), median_bootstrap);
    assert_true(mean > 0.89 && mean < 0.98);
    assert_true(median > 0.88 && median < 0.995);
}

/* ---- effect size and fairness -------------------------------------------------------------------- */

static void test_dz(void **state)
{
    (void)state;
    /* table of Hedges' c(m): 0.5642, 0.7236, 0.7979; c(10) = G(5) / (sqrt(5) G(4.5)) = 24 / (sqrt(5) 11.6317284) */
    assert_near(effect_correction(1), 0);
    assert_near(effect_correction(2), 1 / sqrt(acos(-1)));
    assert_true(fabs(effect_correction(3) - 0.7236) < 5e-5);
    assert_true(fabs(effect_correction(4) - 0.7979) < 5e-5);
    assert_near(effect_correction(10), 24 / (sqrt(5) * 11.631728397));
    assert_near(effect_dz((double[]){1, 2, 3, 4, 5}, 5), effect_correction(4) * 3 / sqrt(2.5));
    assert_near(effect_dz((double[]){-1, -2, -3}, 3), -2 / sqrt(acos(-1)));
    assert_near(effect_dz((double[]){-1, 0, 1}, 3), 0);
}

static void test_no_dz(void **state)
{
    (void)state;
    assert_true(isnan(effect_dz(NULL, 0)) && isnan(effect_dz((double[]){1}, 1)) && isnan(effect_dz((double[]){1, 2}, 2)));
    assert_true(isnan(effect_dz((double[]){4, 4, 4}, 3)) && isnan(effect_dz((double[]){0, 0, 0}, 3)));
    /* each of these is 0.1, but for rounding */
    assert_true(isnan(effect_dz((double[]){0.3 - 0.2, 1.1 - 1.0, 100.1 - 100}, 3)));
}

static void test_jain(void **state)
{
    (void)state;
    assert_near(effect_jain((double[]){5, 5, 5}, 3), 1);
    assert_near(effect_jain((double[]){0, 0, 0, 7}, 4), 0.25);
    assert_near(effect_jain((double[]){1, 2, 3}, 3), 36.0 / 42);
    assert_near(effect_jain((double[]){1e200, 2e200, 3e200}, 3), 36.0 / 42);
    assert_true(isnan(effect_jain(NULL, 0)) && isnan(effect_jain((double[]){0, 0}, 2)));
    assert_true(isnan(effect_jain((double[]){1, -1}, 2)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_band_of_median),      cmocka_unit_test(test_band_of_tails),
        cmocka_unit_test(test_quantile),            cmocka_unit_test(test_bootstrap_needs_two),
        cmocka_unit_test(test_bootstrap_is_the_same_again), cmocka_unit_test(test_bca_of_skewed),
        cmocka_unit_test(test_coverage_of_bands),   cmocka_unit_test(test_coverage_of_bootstrap),
        cmocka_unit_test(test_dz),                  cmocka_unit_test(test_no_dz),
        cmocka_unit_test(test_jain),                cmocka_unit_test(test_share),
        cmocka_unit_test(test_coverage_of_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
