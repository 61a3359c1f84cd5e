/* SPDX-License-Identifier: MIT */
/* analysis/sample.h - the statistics: mean with Student's t interval, median, quantiles (GSL).
 *
 * Intervals are two-sided 95 %. With fewer than two values there is no interval: low and high are
 * NAN, never a width of zero. Called by tables.c. */
#ifndef ANALYSIS_SAMPLE_H
#define ANALYSIS_SAMPLE_H

#include <stddef.h>

struct estimate {
    size_t n;         /* values */
    double mean;      /* NAN when n is 0 */
    double low, high; /* 95 % interval of the mean */
    double median;
};

/* Sorts the values. */
struct estimate sample_estimate(double *values, size_t n);
void sample_sort(double *values, size_t n);
/* Half of the interval of the mean of n values, of which the sum and the sum of squares are known; NAN below two. */
double sample_half(double sum, double squares, size_t n);

#endif
