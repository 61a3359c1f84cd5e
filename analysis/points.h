/* SPDX-License-Identifier: MIT */
/* analysis/points.h - what is computed from the runs: one row per variant and axis point.
 *
 * A point is one combination of axis values ("lte=idle,size=512,extra_delay=50ms"). The axis that
 * is a delay is the abscissa of the gain figure; the others name its panel. Called by main.c and
 * tables.c. */
#ifndef ANALYSIS_POINTS_H
#define ANALYSIS_POINTS_H

#include "analysis/runs.h"
#include "analysis/sample.h"

struct point {
    const char *variant, *axes; /* of its runs */
    char panel[160];            /* axes without the delay axis; "all" when nothing is left */
    double delay;               /* value of the delay axis in s; 0 without one */
    size_t first, end;          /* its runs in struct runs */
    size_t requests, unanswered;
    struct estimate largest; /* s, largest response delay of a run */
    struct estimate typical; /* s, median delay of a run's requests in the handover window */
    struct estimate lte;     /* octets on LTE per run */
    struct estimate energy;  /* J, all radios */
    struct estimate lte_share, lte_active, lte_open, lte_power; /* as in struct run */
    int paired;              /* the baseline was there, and this is not it */
    struct estimate gain;    /* s, largest delay of the baseline minus ours, > 0: we are better */
    struct estimate typical_gain; /* s, the same for the median in the window */
    struct estimate lte_more;     /* octets on LTE, ours minus the baseline's, same seed */
    int against_open;         /* POINTS_OPEN was there, and this is not it */
    struct estimate saved;    /* J, energy of POINTS_OPEN minus ours, same seed */
    struct estimate slower;   /* s, our largest delay minus that of POINTS_OPEN, same seed */
};

/* The variant that pays for an LTE that is always open: what energy is compared with. */
#define POINTS_OPEN "both"

struct points {
    struct point *point; /* by axes, then variant */
    size_t count;
};

/* Computes all points against the baseline variant. */
void points_compute(struct points *points, const struct runs *runs, const char *baseline);
void points_free(struct points *points);
/* Ends the program unless all variants of each axis point have the same seeds. */
void points_refuse_unequal(const struct points *points, const struct runs *runs);
/* Writes axes without the delay axis to panel and returns the delay in s. */
double points_split(const char *axes, char *panel, size_t cap);

#endif
