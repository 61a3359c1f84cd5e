/* SPDX-License-Identifier: MIT */
/* analysis/resample.h - intervals that assume no normal distribution: bootstrap, and order statistics (GSL).
 *
 * All are two-sided 95 %. An end that does not exist at this n is NAN. Values come sorted (sample_sort), so that the order of
 * rows in a file cannot change a digit, and the generator is seeded anew for each interval: the same values, the same
 * bytes. Called by describe.c. */
#ifndef ANALYSIS_RESAMPLE_H
#define ANALYSIS_RESAMPLE_H

#include <stddef.h>

/* Resamples of one interval; (RESAMPLES + 1) * 0.025 is whole, so the plain ends are replicates themselves. */
enum { RESAMPLES = 4999 };

struct band {
    double low, high; /* NAN: this end does not exist */
};

/* The q-quantile between order statistics (type 7 of Hyndman and Fan), NAN when n is 0. */
double resample_quantile(const double *sorted, size_t n, double q);
/* Bootstrap interval of the mean, bias-corrected and accelerated (BCa); none below two values. */
struct band resample_mean(const double *sorted, size_t n);
/* Bootstrap interval of a quantile, by percentiles; none below two values. */
struct band resample_quantile_interval(const double *sorted, size_t n, double q);
/* Interval of a quantile whatever the distribution: order statistics by the binomial distribution, each end missed with at most
 * 2.5 %. Small n have no such end: p50 needs 6 values, an upper end of p90 needs 36, of p99 368. */
struct band resample_order_band(const double *sorted, size_t n, double q);
/* Interval of a probability of which hits of n trials were seen, after Clopper and Pearson (1934): exact, each end missed with at most
 * 2.5 %. None without a trial. */
struct band resample_share(size_t hits, size_t n);

#endif
