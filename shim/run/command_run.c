/* SPDX-License-Identifier: MIT */
/* run/command_run.c - `mpsim run`: from options to a campaign, in this program or in mpsim-ns3. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/campaign.h"
#include "run/engines.h"
#include "run/pool.h"
#include "run/rundir.h"

/* A single run gets no second process, whatever --jobs says. */
static size_t worker_count(const struct cli_options *o)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (!o->all)
        return 1;
    if (o->has_jobs)
        return (size_t)o->jobs;
    return cores > 0 ? (size_t)cores : 1;
}

/* Name and engine of the whole scenario. */
static void describe(struct campaign *c, struct run_config *config)
{
    char label[RUNDIR_PATH];

    campaign_resolve(c, plan_job(c->plan, 0), config, label);
    c->name = config->name;
    c->engine = config->engine;
}

/* An engine that this program does not have means starting the other program with the same words. */
static int run_plan(struct cli_options *o, const struct scenario *s, const struct plan *p)
{
    struct run_config *config = pool_grow(NULL, sizeof *config);
    struct campaign c = {.scenario = s, .options = o, .plan = p};
    int status = CLI_FAILED;

    describe(&c, config);
    c.workers = worker_count(o);
    c.progress = o->all && isatty(STDERR_FILENO);
    if (engines[c.engine].make == NULL)
        cli_become("mpsim-ns3", o->argv);
    else
        status = campaign_run(&c);
    free(config);
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

    if (status == CLI_OK)
        status = check_out(o);
    if (status != CLI_OK) {
        free(s);
        return status;
    }
    if (plan_build(&p, s, o, &d) < 0) {
        fputs(d.text, stderr);
        status = CLI_MISTAKE;
    } else {
        status = run_plan(o, s, &p);
    }
    plan_clear(&p);
    diag_clear(&d);
    scenario_clear(s);
    free(s);
    return status;
}
