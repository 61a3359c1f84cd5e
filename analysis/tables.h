/* SPDX-License-Identifier: MIT */
/* analysis/tables.h - writes what was computed: CSV for the figures, text for the terminal.
 *
 *     points.csv    a row per variant and axis point: n, largest delay, median in the window,
 *                   octets on LTE
 *     paired.csv    the same rows: differences to the baseline under the same seed
 *     cdf.csv       empirical distribution of the delays in the handover window, with 95 % intervals over
 *                   runs; censored ones are counted in n
 *     timeline.csv  a row per request: when it was sent relative to the loss, and its delay
 *
 * Called by main.c; read by the scripts in plots/. */
#ifndef ANALYSIS_TABLES_H
#define ANALYSIS_TABLES_H

#include <stdio.h>

#include "analysis/points.h"

/* Write the four files into dir, which is there; the program ends when that fails. */
void tables_write(const char *dir, const struct runs *runs, const struct points *points);
/* The table a user reads. */
void tables_print(FILE *out, const struct runs *runs, const struct points *points,
                  const char *baseline);

#endif
