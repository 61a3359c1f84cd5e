/* SPDX-License-Identifier: MIT */
/* analysis/resample.c - see resample.h.
 *
 * BCa: Efron, "Better bootstrap confidence intervals", JASA 1987, with the acceleration of the jackknife. Order statistics: David
 * and Nagaraja, "Order Statistics", 3rd edition, section 7.1. Called by describe.c. */
#include "analysis/resample.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/text.h"

/* Half of what 95 % leaves out. */
static const double tail = 0.025;

double resample_quantile(const double *sorted, size_t n, double q)
{
    return n == 0 ? NAN : gsl_stats_quantile_from_sorted_data(sorted, 1, n, q);
}

/* ---- bootstrap --------------------------------------------------------------------------------- */

/* One draw of n of n values with replacement. The values are sorted: counting how often each is drawn sorts the draw too. */
static void draw_values(gsl_rng *rng, const double *sorted, size_t n, size_t *times, double *draw)
{
    memset(times, 0, n * sizeof *times);
    for (size_t i = 0; i < n; i++)
        times[gsl_rng_uniform_int(rng, n)]++;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < times[i]; k++)
            *draw++ = sorted[i];
}

/* RESAMPLES draws: what the mean (q < 0) or the q-quantile of each is, sorted. */
static double *replicate(const double *sorted, size_t n, double q)
{
    double *replicates = calloc(RESAMPLES, sizeof *replicates), *draw = calloc(n, sizeof *draw);
    size_t *times = calloc(n, sizeof *times);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

    if (replicates == NULL || draw == NULL || times == NULL || rng == NULL)
        text_die("out of memory");
    gsl_rng_set(rng, 1); /* not GSL_RNG_SEED: the environment has no say */
    for (size_t b = 0; b < RESAMPLES; b++) {
        draw_values(rng, sorted, n, times, draw);
        replicates[b] = q < 0 ? gsl_stats_mean(draw, 1, n) : resample_quantile(draw, n, q);
    }
    gsl_sort(replicates, 1, RESAMPLES);
    gsl_rng_free(rng);
    free(times);
    free(draw);
    return replicates;
}

/* The replicate that a share p of them does not exceed. */
static double replicate_at(const double *replicates, double p)
{
    double at = floor(p * (RESAMPLES + 1) + 0.5);
    return replicates[(size_t)fmin(fmax(at, 1), RESAMPLES) - 1];
}

/* Normal quantile of the share of replicates below the estimate: 0 without bias. Ties count half. Kept off infinity, so that the
 * denominator of shift() stays positive: |a| < 1/6 for a mean, and z0 + 1.96 < 6. */
static double bias_of(const double *replicates, double estimate)
{
    double below = 0;
    for (size_t b = 0; b < RESAMPLES; b++)
        below += replicates[b] < estimate ? 1 : replicates[b] == estimate ? 0.5 : 0;
    return gsl_cdf_ugaussian_Pinv(fmin(fmax(below, 0.5), RESAMPLES - 0.5) / RESAMPLES);
}

/* Leaving value i out moves the mean by (mean - value) / (n - 1), so the jackknife needs no recomputing: a is a sixth of the
 * skewness over the square root of n. */
static double acceleration_of_mean(const double *sorted, size_t n, double mean)
{
    double squares = 0, cubes = 0;
    for (size_t i = 0; i < n; i++) {
        double d = sorted[i] - mean;
        squares += d * d;
        cubes += d * d * d;
    }
    return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

/* Which share of the replicates is the end whose nominal normal quantile is z (Efron 1987, equation 3.9). */
static double shift(double z0, double a, double z)
{
    return gsl_cdf_ugaussian_P(z0 + (z0 + z) / (1 - a * (z0 + z)));
}

struct band resample_mean(const double *sorted, size_t n)
{
    if (n < 2)
        return (struct band){NAN, NAN};
    double *replicates = replicate(sorted, n, -1), mean = gsl_stats_mean(sorted, 1, n);
    double z0 = bias_of(replicates, mean), a = acceleration_of_mean(sorted, n, mean), z = gsl_cdf_ugaussian_Qinv(tail);
    struct band band = {replicate_at(replicates, shift(z0, a, -z)), replicate_at(replicates, shift(z0, a, z))};
    free(replicates);
    return band;
}

/* Not BCa: the jackknife of a quantile does not converge (Efron 1979), its acceleration means nothing. */
struct band resample_quantile_interval(const double *sorted, size_t n, double q)
{
    if (n < 2)
        return (struct band){NAN, NAN};
    double *replicates = replicate(sorted, n, q);
    struct band band = {replicate_at(replicates, tail), replicate_at(replicates, 1 - tail)};
    free(replicates);
    return band;
}

/* ---- order statistics -------------------------------------------------------------------------- */

/* How many values lie at or below the q-quantile is binomial. The r-th value is above it when fewer than r do: the largest r at
 * which that has at most 2.5 %, by halving; 0 when there is none. */
static size_t rank_below(size_t n, double q)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t r = high - (high - low) / 2;
        if (gsl_cdf_binomial_P((unsigned)(r - 1), q, (unsigned)n) <= tail)
            low = r;
        else
            high = r - 1;
    }
    return low;
}

/* From above it is the same question, counted from the largest value with 1 - q. */
struct band resample_order_band(const double *sorted, size_t n, double q)
{
    size_t below = rank_below(n, q), above = rank_below(n, 1 - q);
    return (struct band){below > 0 ? sorted[below - 1] : NAN, above > 0 ? sorted[n - above] : NAN};
}

/* The ends at which as many hits, or as few, would have 2.5 %: quantiles of the beta distribution. */
struct band resample_share(size_t hits, size_t n)
{
    double k = (double)hits, misses = (double)(n - hits);

    if (n == 0)
        return (struct band){NAN, NAN};
    return (struct band){hits > 0 ? gsl_cdf_beta_Pinv(tail, k, misses + 1) : 0, hits < n ? gsl_cdf_beta_Qinv(tail, k + 1, misses) : 1};
}
