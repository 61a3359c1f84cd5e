/* SPDX-License-Identifier: MIT */
/* run/campaign.h - many runs, each in a child process, on several cores.
 *
 * A simulator that aborts (ns-3 does, with status 134) takes only its own run with it. Children die with
 * the campaign. Called by command_run.c. */
#ifndef RUN_CAMPAIGN_H
#define RUN_CAMPAIGN_H

#include "run/plan.h"
#include "run/rundir.h"

/* A child at work. */
struct worker {
    long pid;           /* 0: free */
    size_t job;         /* index in the plan */
    struct rundir dir;  /* of that job */
};

struct campaign {
    /* what to run, how, and the list of it; not owned */
    const struct scenario *scenario;
    const struct cli_options *options;
    const struct plan *plan;
    struct worker *worker;          /* as many as processes are allowed */
    size_t workers, busy;
    size_t next;                    /* next job of the plan */
    size_t skipped, done, failed;   /* finished before; done now; failed now */
    const char *name;               /* of the scenario */
    uint32_t engine;
    double begun;                   /* wall clock, s */
    int signal;                     /* that ends the campaign; 0: none */
    int progress;                   /* stderr is a terminal */
};

/* Runs all that is missing: CLI_OK, CLI_FAILED, or 128 + signal. */
int campaign_run(struct campaign *c);
/* The resolved configuration of a job; label holds RUNDIR_PATH octets. */
void campaign_resolve(const struct campaign *c, struct job job, struct run_config *config, char *label);

/* progress.c: one line on a terminal, nothing in a pipe. */
void progress_show(const struct campaign *c);
/* Wipes the line before something else is printed. */
void progress_clear(const struct campaign *c);
/* Seconds of the monotonic clock. */
double progress_clock(void);

#endif
