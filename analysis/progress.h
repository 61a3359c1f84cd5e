/* SPDX-License-Identifier: MIT */
/* analysis/progress.h - rates over time, mean and 95 % interval over the seeds, from the runs' progress.csv. Read
 * shim/run/README.md for its columns. Called by main.c (--progress); read by plots/progress.gp. */
#ifndef ANALYSIS_PROGRESS_H
#define ANALYSIS_PROGRESS_H

#include "analysis/runs.h"

/* Writes dir/progress.csv, a row per variant, axis point, series and step of time:
 *
 *     variant,panel,series,t_s,n,mean,low,high
 *
 * t_s is the end of the step, from the start of the clients. Series: `goodput` (bit/s that applications read, all phones
 * and directions together; a run that ended early goes on with 0), a path's name (bit/s of IP octets, both directions),
 * `wrong` and `failed` (runs among n in which a connection had read a wrong octet, or had failed, by then: mean is their
 * share, no interval). The program ends where a run has no progress.csv. */
void progress_write(const char *dir, const struct runs *runs);

#endif
