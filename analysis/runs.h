/* SPDX-License-Identifier: MIT */
/* analysis/runs.h - the finished runs of one scenario on one engine, read from
 *
 *     results/<scenario>/<engine>/<variant>[,<key>=<value>...]/run-<seed>/{run.json,summary.csv,requests.csv}
 *
 * What begins with a dot, and a run without run.json, is unfinished and not read. Called by main.c. */
#ifndef ANALYSIS_RUNS_H
#define ANALYSIS_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/setup.h"

/* One request. */
struct request {
    double sent;   /* s of simulated time */
    double delay;  /* s; of an unanswered one: until the end of the run, a lower bound */
    int answered;  /* 0: censored */
    int in_window; /* sent in the handover window */
};

struct run {
    char variant[48]; /* "jwd" */
    char axes[160];   /* "size=512,extra_delay=50ms" or "" */
    char path[1024];         /* its directory */
    uint64_t seed;
    double loss_at;          /* s; NAN when the scenario has no moment of loss */
    double end;              /* s, when the run ended */
    struct setup setup;      /* what its configuration says of stack and link */
    double octets_up;        /* read by the servers */
    double last_up;          /* s, when the last of them was read; NAN unless bulk */
    double octets_down, last_down; /* likewise, read by the clients */
    double largest;          /* s, largest delay of the run, censored ones included */
    double lte_bytes;        /* IP octets on LTE, both ways; NAN when no path is called lte */
    double energy;           /* J, all radios of all phones (radios.csv); NAN without radios */
    double lte_share;        /* of all IP octets, those on LTE; NAN when no path is called lte */
    double lte_active, lte_open; /* share of the run that LTE's radio is active, is not idle; NAN without radios */
    double lte_power;        /* W, mean of LTE's radio over the run; NAN without radios */
    size_t unanswered;       /* requests without answer */
    struct request *request; /* as they were sent */
    size_t requests;
};

struct runs {
    char dir[400]; /* results/<scenario>/<engine> */
    char scenario[64], engine[16];
    struct run *run; /* sorted by axes, variant, seed */
    size_t count;
    size_t failed; /* logs of runs that failed: they have no row anywhere */
};

/* What of a run is the handover window: requests sent from `before` s before to `after` s behind
 * the loss. */
struct window {
    double before, after;
};

/* Reads all runs below dir (window NULL: run.json only); ends the program with a line about the file when one is broken. */
void runs_load(struct runs *runs, const char *dir, const struct window *window);
void runs_free(struct runs *runs);
/* Rank of a variant in every table and figure: both, backup, join4, jwd, jwdval; stacks; then others. */
int runs_rank(const char *variant);
/* First run behind `from` that has other axes, or another variant where by_variant is set. */
size_t runs_group_end(const struct runs *runs, size_t from, int by_variant);

#endif
