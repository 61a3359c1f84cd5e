/* SPDX-License-Identifier: MIT */
/* run/command_run.c - `mpsim run`, one run, and `mpsim sweep` (also `run --all`), all of a scenario; in this
 * program or in mpsim-ns3. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/batch.h"
#include "run/campaign.h"
#include "run/engines.h"
#include "run/parallel.h"
#include "run/pool.h"
#include "run/slurm.h"

/* One per core, unless the user says how many. */
static size_t worker_count(const struct cli_options *o)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return o->has_jobs ? (size_t)o->jobs : cores > 0 ? (size_t)cores : 1;
}

/* The whole of a campaign, from the list of what is missing to the closing line. */
static int run_campaign(struct jobs *j)
{
    struct campaign c;
    int status = campaign_open(&c, j), e = 0;

    if (status == CLI_OK)
        e = j->options->slurm ? slurm_run(&c) : parallel_run(&c, worker_count(j->options));
    if (status == CLI_OK)
        status = e < 0 ? CLI_FAILED : campaign_report(&c);
    campaign_close(&c);
    return status;
}

/* An engine that this program does not have means starting the other program with the same words; a list of
 * what would run needs no engine. */
static int run_plan(struct cli_options *o, const struct scenario *s, const struct plan *p)
{
    int status = CLI_FAILED;
    struct jobs j;

    jobs_open(&j, s, o, p);
    if (o->plan)
        status = campaign_plan(&j);
    else if (engines[j.engine].make == NULL)
        cli_become("mpsim-ns3", o->argv);
    else if (o->batch != NULL)
        status = batch_list(&j, o->batch);
    else
        status = o->all ? run_campaign(&j) : batch_one(&j);
    jobs_close(&j);
    return status;
}

static int check_out(const struct cli_options *o)
{
    if (rundir_make(o->out) == 0 && access(o->out, W_OK | X_OK) == 0)
        return CLI_OK;
    fprintf(stderr, "--out %s: no directory to write to: %s\n", o->out, strerror(errno));
    return CLI_MISTAKE;
}

/* Everything is checked before the first process starts. */
int cli_run(struct cli_options *o)
{
    struct scenario *s = pool_grow(NULL, sizeof *s);
    struct diag d = {0};
    struct plan p;
    int status = cli_load(o, s);

    if (status != CLI_OK) {
        free(s);
        return status;
    }
    if (plan_build(&p, s, o, &d) < 0) {
        fputs(d.text, stderr);
        status = CLI_MISTAKE;
    } else {
        /* last: a mistake leaves no directory behind */
        status = o->plan ? CLI_OK : check_out(o);
        if (status == CLI_OK)
            status = run_plan(o, s, &p);
    }
    plan_clear(&p);
    diag_clear(&d);
    scenario_clear(s);
    free(s);
    return status;
}

int cli_sweep(struct cli_options *o)
{
    o->all = 1;
    return cli_run(o);
}
