/* SPDX-License-Identifier: MIT */
/* analysis/effect.h - how large a paired difference is, and how fair a division. Called by describe.c. */
#ifndef ANALYSIS_EFFECT_H
#define ANALYSIS_EFFECT_H

#include <stddef.h>

/* Cohen's dz of paired differences with Hedges' correction: mean over standard deviation, without its bias at small n. NAN
 * below three differences (at two the correction is 0: there is no unbiased value) and when they do not differ. */
double effect_dz(const double *difference, size_t n);
/* Hedges' correction for so many degrees of freedom: 0 at 1, towards 1. */
double effect_correction(size_t freedom);
/* Jain's fairness index: 1 when all have the same, 1/n when one has everything. NAN without values, when all are 0, and when one is
 * negative: it is defined for what is allotted. */
double effect_jain(const double *value, size_t n);

#endif
