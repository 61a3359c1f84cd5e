/* SPDX-License-Identifier: MIT */
/* run/rundir.h - the directory of a run: written under a hidden name, renamed when it is complete.
 *
 *     OUT/SCENARIO/ENGINE/LABEL/run-SEED/             a finished run
 *     OUT/SCENARIO/ENGINE/LABEL/.run-SEED.PID.HOST/   being written by this process of this machine
 *     OUT/SCENARIO/ENGINE/LABEL/failed-SEED.log       what a failed run said
 * Called by jobs.c, batch.c and campaign.c. */
#ifndef RUN_RUNDIR_H
#define RUN_RUNDIR_H

#include <stddef.h>
#include <stdint.h>

enum { RUNDIR_PATH = 1024 };

struct rundir {
    char parent[RUNDIR_PATH - 128]; /* OUT/SCENARIO/ENGINE/LABEL */
    char final[RUNDIR_PATH];       /* run-SEED: whole or absent */
    char temp[RUNDIR_PATH];        /* .run-SEED.PID.HOST: being written */
    char log[RUNDIR_PATH];         /* in temp */
    char failed[RUNDIR_PATH];      /* failed-SEED.log */
};

/* A directory and those above it: 0, or -1 with errno. */
int rundir_make(const char *path);
void rundir_name(struct rundir *d, const char *out, const char *scenario, const char *engine,
                 const char *label, uint64_t seed);
/* 1: final exists and has this configuration hash. */
int rundir_finished(const struct rundir *d, uint64_t config_hash);
/* Removes what dead processes of this machine left in a directory of runs. */
void rundir_clean(const char *parent);
/* Adds a line to the log: 0, or -1 with errno. */
int rundir_note(const struct rundir *d, const char *text);
/* Makes parent and temp. -1: errno. */
int rundir_begin(const struct rundir *d);
/* temp becomes final, in place of an older one. -1: errno. */
int rundir_commit(const struct rundir *d);
/* temp goes; its log stays as failed when keep_log. */
void rundir_abandon(const struct rundir *d, int keep_log);

#endif
