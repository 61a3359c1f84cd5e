/* SPDX-License-Identifier: MIT */
/* run/campaign.h - many runs: which are missing, batches of them, and what became of them.
 *
 * Who executes batches is not known here: GNU parallel (parallel.c) or Slurm (slurm.c). Beside the runs lies
 *
 *     OUT/SCENARIO/ENGINE/.sweep/    SCENARIO.yaml  the scenario as it was when the campaign began
 *                                    lock, batches  held by the campaign, and by its batches
 *                                    joblog         of GNU parallel; slurm/: files of Slurm's tasks
 * Called by command_sweep.c. */
#ifndef RUN_CAMPAIGN_H
#define RUN_CAMPAIGN_H

#include "run/jobs.h"
#include "run/until.h"

enum { CAMPAIGN_LIST = 8192 /* octets of a batch's list */ };

/* What became of a run. */
enum campaign_state { RUN_OPEN, RUN_GIVEN, RUN_DONE, RUN_FAILED };

/* Wall time of the runs of a selection. */
struct campaign_cost {
    double sum;  /* s */
    size_t runs; /* in sum */
};

struct campaign {
    struct jobs *jobs;
    unsigned char *state;           /* enum campaign_state, per run of the plan */
    size_t next, limit;             /* runs of the plan that were not looked at yet: [next, limit) */
    struct until *until;            /* grants more behind these; NULL: limit is all */
    size_t there, done, failed;     /* finished before; finished now; failed now */
    size_t given;                   /* handed out and not reported */
    struct campaign_cost *cost, all; /* per selection; of all */
    char dir[RUNDIR_PATH];          /* .sweep */
    char file[RUNDIR_PATH];         /* the copy of the scenario */
    int lock;                       /* descriptor that holds the lock; negative: none */
    double begun;                   /* wall clock, s */
    int signal;                     /* that ends the campaign; 0: none */
    int full;                       /* no space left */
    int mistake;                    /* of the scenario, found only now; a line was printed */
};

/* CLI_OK, or another status with a line on stderr. Free with campaign_close in both cases. */
int campaign_open(struct campaign *c, struct jobs *j);
void campaign_close(struct campaign *c);
/* A list of missing runs that take about `seconds` together, at most `most`; their number. 0: none now. */
size_t campaign_batch(struct campaign *c, double seconds, size_t most, char list[CAMPAIGN_LIST]);
/* Estimated wall s of one process for what was not handed out; negative: nothing is known yet. */
double campaign_left(const struct campaign *c);
/* A line that a batch reported about a run; others are left alone. */
void campaign_take(struct campaign *c, const char *line);
/* Words of the command that runs a batch; its list follows. Quoted for a shell. */
void campaign_command(const struct campaign *c, char *out, size_t cap);
/* The line on the terminal. */
void campaign_progress(const struct campaign *c, size_t workers);
/* Closing lines and the exit status. */
int campaign_report(struct campaign *c);
/* The list of all runs, on standard output. */
int campaign_plan(struct jobs *j);

#endif
