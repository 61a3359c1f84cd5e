/* SPDX-License-Identifier: MIT */
/* run/jobs.h - the runs of a plan as work: configuration, directory, and whether it is there already.
 * Called by batch.c and sweep.c. */
#ifndef RUN_JOBS_H
#define RUN_JOBS_H

#include "hash.h"
#include "run/plan.h"
#include "run/rundir.h"

struct jobs {
    /* what to run and how; not owned */
    const struct scenario *scenario;
    const struct cli_options *options;
    const struct plan *plan;
    const char *name;   /* of the scenario */
    uint32_t engine;    /* ENGINE_*; the same for all */
    struct jobs_known *known; /* per selection of the plan: the hash of its configuration */
    struct run_config *config; /* room to resolve in */
};

/* The plan has one run at least. Free with jobs_close. */
void jobs_open(struct jobs *j, const struct scenario *s, const struct cli_options *o, const struct plan *p);
void jobs_close(struct jobs *j);
/* The resolved configuration of a run; label holds RUNDIR_PATH octets. */
void jobs_resolve(const struct jobs *j, struct job job, struct run_config *config, char *label);
/* The names of its directory. */
void jobs_dir(const struct jobs *j, size_t index, struct rundir *dir);
/* 1: no finished run of this configuration is there, or --force. Fills dir as jobs_dir. */
int jobs_missing(struct jobs *j, size_t index, struct rundir *dir);

#endif
