/* SPDX-License-Identifier: MIT */
/* analysis/transfers.h - tables of the benchmarks of MPTCPsec: goodput of transfers beside the ceiling of their headers
 * (goodput.csv), and what the first n requests of a connection took, handshake included (times.csv). Called by main.c. */
#ifndef ANALYSIS_TRANSFERS_H
#define ANALYSIS_TRANSFERS_H

#include <stdio.h>

#include "analysis/points.h"

/* Is this what the runs are about? Decided by the first. */
int transfers_are(const struct runs *runs);
/* Writes the table of their kind into a directory and prints it to out (NULL: not). baseline: the variant that times are
 * compared with, seed by seed. */
void transfers_tables(const char *dir, const struct runs *runs, const struct points *points, const char *baseline, FILE *out);

#endif
