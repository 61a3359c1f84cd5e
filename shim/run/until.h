/* SPDX-License-Identifier: MIT */
/* run/until.h - sequential stopping: `until: ci(goodput_up) < 5%` gives a point of a sweep more seeds until the
 * 95 % interval of the mean of a column of summary.csv is narrow enough.
 *
 * Looked at after repeat_min seeds, then each time a quarter more, up to repeat: few looks, so that stopping at
 * a lucky one stays rare, and always the same ones, so that an interrupted campaign ends with the same runs. All
 * variants of a point go on together: their differences stay paired. Called by campaign.c. */
#ifndef RUN_UNTIL_H
#define RUN_UNTIL_H

#include "run/jobs.h"

struct until;

/* The condition, or NULL: the scenario has none, or there is one seed. -1 in *bad with a line on stderr. */
struct until *until_open(struct jobs *j, int *bad);
void until_close(struct until *u);
/* Runs of the plan, from its begin, that are wanted in any case. */
size_t until_first(const struct until *u);
/* A run has ended. 0; -1: the column does not exist, a line is on stderr. */
int until_note(struct until *u, size_t index, int failed);
/* The next run that was granted behind the first ones; SIZE_MAX: none now. */
size_t until_next(struct until *u);
/* Runs that were granted so, handed out or not, and those not handed out. */
size_t until_granted(const struct until *u, size_t *waiting);
/* What was reached, on standard output. */
void until_report(const struct until *u);

/* "ci(NAME) < 5%" or "ci(NAME) < 0.2" (in the unit of the column): 0, or -1 with why. */
int until_parse(const char *text, char name[64], double *bound, int *relative, char *why, size_t cap);
/* Half the width of Student's 95 % interval of the mean; HUGE_VAL below two values. */
double until_half_width(const double *value, size_t n, double *mean);

#endif
