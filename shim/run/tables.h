/* SPDX-License-Identifier: MIT */
/* run/tables.h - the files that are written when a run is over: summary.csv, requests.csv, data.csv and
 * run.json. What the columns mean stands in the README of this room. Called by harness.c. */
#ifndef RUN_TABLES_H
#define RUN_TABLES_H

#include "hash.h"
#include "run/harness.h"

/* All tables; 0, or -1 with a line in err. */
int tables_write(struct run *r, const char *dir, char *err, size_t cap);
/* run.json alone, in runjson.c. */
int tables_write_json(struct run *r, const char *dir, char *err, size_t cap);
/* Identity of a run: configuration, variant, axes and seed; the same text gives the same hash. */
uint64_t tables_config_hash(const struct run_config *c, const char *label, uint64_t seed);
/* The same in two steps, the first of which all seeds of a point share. */
void tables_hash_config(struct hash *h, const struct run_config *c, const char *label);
uint64_t tables_hash_seed(struct hash h, uint64_t seed);
/* For generators: a comma and a time, or nothing for 0; largest and lower median of t, which is sorted; the same of the
 * delays of a lane (-1: of all). */
void tables_time(FILE *f, uint64_t at);
void tables_spread(FILE *f, uint64_t *t, size_t n);
void tables_delays(FILE *f, const struct session *s, int lane);

#endif
