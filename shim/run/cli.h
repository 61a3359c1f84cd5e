/* SPDX-License-Identifier: MIT */
/* run/cli.h - the command line of mpsim: options, exit status, and the commands. main.c calls cli_main. */
#ifndef RUN_CLI_H
#define RUN_CLI_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "run/scenario.h"

#define CLI_VERSION "0.1.0"

enum cli_status {
    CLI_OK = 0,
    CLI_FAILED = 1, /* a run failed */
    CLI_MISTAKE = 2 /* the user's: unknown option, wrong scenario, ... */
};

enum { CLI_SETS_MAX = 64 };

/* What the command line said after the command. */
struct cli_options {
    const char *file;    /* the scenario */
    const char *out;     /* --out, results */
    const char *variant; /* --variant, NULL */
    const char *set[CLI_SETS_MAX]; /* --set, in their order */
    size_t sets;
    int engine;          /* --engine, -1 */
    int all, pcap, trace, force;   /* flags that were given */
    int plan, slurm;               /* sweep: print the list; hand it to Slurm */
    const char *batch;             /* sweep: runs of the plan (batch.h); started by a campaign */
    int has_seed, has_jobs;        /* seed, jobs were given */
    uint64_t seed, jobs; /* --seed, --jobs */
    char **argv;         /* the whole command line, to hand it on */
};

/* Everything; returns the exit status. */
int cli_main(int argc, char **argv);
/* Options after the command: 0, or -1 with a line on stderr. */
int cli_parse(struct cli_options *o, int argc, char **argv);
/* Loads o->file and applies --set: 0, or CLI_MISTAKE with the messages on stderr. */
int cli_load(const struct cli_options *o, struct scenario *s);
/* Becomes the program `name` beside this one; returns only when there is none. */
void cli_become(const char *name, char **argv);

int cli_run(struct cli_options *o);     /* mpsim run */
int cli_sweep(struct cli_options *o);   /* mpsim sweep, mpsim run --all */
int cli_explain(struct cli_options *o); /* mpsim explain */
int cli_list(const char *dir);          /* mpsim list */
int cli_check(int argc, char **argv);   /* mpsim check-pcap: the words behind it */
int cli_help(const char *topic);        /* mpsim help */
extern const char cli_help_tun[], cli_help_shape[]; /* help_tun.c: pages */
extern const char cli_help_sweep[];                  /* help_sweep.c: a page */

#endif
