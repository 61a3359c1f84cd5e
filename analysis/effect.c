/* SPDX-License-Identifier: MIT */
/* analysis/effect.c - see effect.h. Called by describe.c.
 *
 * Cohen, "Statistical Power Analysis", 2nd edition, section 2.3.5 (dz); Hedges, "Distribution theory for Glass's estimator of
 * effect size", Journal of Educational Statistics 1981; Jain, Chiu and Hawe, DEC-TR-301, 1984. */
#include "analysis/effect.h"

#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

/* The exact form, not 1 - 3 / (4 m - 1): G(m/2) / (sqrt(m/2) G((m-1)/2)). G(0) is infinite. */
double effect_correction(size_t freedom)
{
    double m = (double)freedom;
    return freedom < 2 ? 0 : exp(gsl_sf_lngamma(m / 2) - gsl_sf_lngamma((m - 1) / 2)) / sqrt(m / 2);
}

/* Differences of decimal numbers that ought to be the same differ in their last bits: a deviation of a billionth is that. */
double effect_dz(const double *difference, size_t n)
{
    double largest = 0;

    if (n < 3)
        return NAN;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(difference[i]));
    double sd = gsl_stats_sd(difference, 1, n);
    return sd <= 1e-9 * largest ? NAN : effect_correction(n - 1) * gsl_stats_mean(difference, 1, n) / sd;
}

/* Divided by the largest first: squares of octets cannot overflow, nor those of nanoseconds vanish. */
double effect_jain(const double *value, size_t n)
{
    double largest = 0, sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        if (value[i] < 0)
            return NAN;
        largest = fmax(largest, value[i]);
    }
    if (largest == 0)
        return NAN;
    for (size_t i = 0; i < n; i++) {
        double x = value[i] / largest;
        sum += x;
        squares += x * x;
    }
    return sum * sum / ((double)n * squares);
}
