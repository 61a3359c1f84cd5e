/* SPDX-License-Identifier: MIT */
/* analysis/runline.h - the time line of one run as SVG: what the phone sent on each path by data sequence number, when each
 * subflow was there, and what the radios did. Called by report.c. */
#ifndef ANALYSIS_RUNLINE_H
#define ANALYSIS_RUNLINE_H

#include <stdio.h>

/* Draws what the files of the run's directory hold (data.csv, series.csv, radio.csv), and names what is not there and the
 * key that makes it. */
void runline_write(FILE *out, const char *dir);

#endif
