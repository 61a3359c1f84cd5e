/* SPDX-License-Identifier: MIT */
/* analysis/sample.c - see sample.h. Student, "The probable error of a mean", Biometrika 1908. */
#include "analysis/sample.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

/* Ascending. */
void sample_sort(double *values, size_t n)
{
    gsl_sort(values, 1, n);
}

double sample_half(double sum, double squares, size_t n)
{
    double count = (double)n;

    if (n < 2)
        return NAN;
    return gsl_cdf_tdist_Pinv(0.975, count - 1) * sqrt(fmax(squares - sum * sum / count, 0) / (count - 1) / count);
}

/* The 0.975 quantile on each side leaves 95 % between; n - 1 degrees of freedom. */
struct estimate sample_estimate(double *values, size_t n)
{
    struct estimate e = {.n = n, .mean = NAN, .low = NAN, .high = NAN, .median = NAN};

    if (n == 0)
        return e;
    /* Also fixes the order of summation: the same runs give the same digits. */
    sample_sort(values, n);
    e.mean = gsl_stats_mean(values, 1, n);
    e.median = gsl_stats_median_from_sorted_data(values, 1, n);
    /* the standard deviation of one value is unknown, not 0 */
    if (n >= 2) {
        double t = gsl_cdf_tdist_Pinv(0.975, (double)(n - 1));
        double half = t * gsl_stats_sd(values, 1, n) / sqrt((double)n);
        e.low = e.mean - half;
        e.high = e.mean + half;
    }
    return e;
}
