/* SPDX-License-Identifier: MIT */
/* run/plan.h - which runs a scenario consists of: variants x axes x seeds, by its sweeps.
 * Called by command_run.c and command_explain.c. */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include "run/cli.h"
#include "run/scenario.h"

enum { PLAN_POINTS_MAX = 1000000, PLAN_RUNS_MAX = 50000000, PLAN_ERRORS_MAX = 20 /* then no more are looked for */ };

/* One run. */
struct job {
    struct selection sel; /* variant and axis points */
    uint64_t seed;
};

struct plan {
    struct selection *selection; /* different ones, in the order of the file */
    size_t selections, room;     /* of selection */
    uint64_t first_seed, seeds;  /* every selection runs with each */
};

/* --all: everything that the options leave; else the one run they name.
 * 0, or -1 with messages in d. Free with plan_clear. */
int plan_build(struct plan *p, const struct scenario *s, const struct cli_options *o, struct diag *d);
/* The i-th run: seed by seed, so that an interrupted campaign has whole comparisons. */
struct job plan_job(const struct plan *p, size_t i);
/* Runs of the plan, finished ones included. */
size_t plan_count(const struct plan *p);
/* Frees it; fine on a plan that is all zero. */
void plan_clear(struct plan *p);

#endif
