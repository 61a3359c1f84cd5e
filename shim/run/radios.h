/* SPDX-License-Identifier: MIT */
/* run/radios.h - the radios of a run (model/radio): one per phone and path that has a radio.profile.
 *
 * The engine's hold queue drives them (box/hold.c); they have no timers. They are followed from the start of the
 * clients to the end of `duration`, also where the run is over earlier: a phone's radio sleeps on. Called by
 * harness.c, record.c, tables.c, runjson.c. */
#ifndef RUN_RADIOS_H
#define RUN_RADIOS_H

#include <stdio.h>

#include "run/harness.h"

/* Before the engine is made: puts the radios into the topology and opens radio.csv, power.csv, transfers.csv. */
int radios_build(struct run *r, const char *dir, char *err, size_t cap);
/* Follows all radios up to now, so that their events stand before later ones in trace.jsonl. */
void radios_follow(struct run *r, uint64_t now);
/* A row of power.csv per radio. */
void radios_sample(struct run *r, uint64_t now);
/* To the end of the run: the last rows of all files. Before tables are written. */
void radios_finish(struct run *r);
/* radios.csv; 0, or -1 with a line in err. Nothing without radios. */
int radios_table(const struct run *r, const char *dir, char *err, size_t cap);
/* Columns of summary.csv, each with the comma before it. */
void radios_head(FILE *f, const struct run *r);
void radios_columns(FILE *f, const struct run *r, uint32_t phone);
/* "energy_j" and "radios" of run.json. */
void radios_json(FILE *f, const struct run *r);
/* Closes the files: -1 when one could not be written. Then the memory. */
int radios_close(struct run *r);
void radios_free(struct run *r);

#endif
