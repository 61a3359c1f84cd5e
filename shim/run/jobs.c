/* SPDX-License-Identifier: MIT */
/* run/jobs.c - the runs of a plan as work; see jobs.h. A campaign of 10,000 runs asks for each whether it is
 * there, so what the seeds of a point have in common is computed once. */
#include "run/jobs.h"

#include <stdlib.h>
#include <string.h>

#include "run/pool.h"
#include "run/tables.h"

struct jobs_known {
    struct hash hash; /* of the configuration, before the seed */
    int is;           /* hash is computed */
};

/* Flags of the command line are added last: they only ask for more files. */
void jobs_resolve(const struct jobs *j, struct job job, struct run_config *config, char *label)
{
    struct diag d = {0};

    scenario_resolve(j->scenario, &job.sel, config, &d); /* checked when the plan was made */
    diag_clear(&d);
    config->trace |= (uint32_t)j->options->trace;
    config->pcap |= (uint32_t)j->options->pcap;
    scenario_label(j->scenario, &job.sel, label, RUNDIR_PATH / 2);
}

/* Name and engine are those of the whole scenario: no variant may change them. */
void jobs_open(struct jobs *j, const struct scenario *s, const struct cli_options *o, const struct plan *p)
{
    char label[RUNDIR_PATH];

    *j = (struct jobs){.scenario = s, .options = o, .plan = p};
    j->config = pool_grow(NULL, sizeof *j->config);
    j->known = pool_grow(NULL, p->selections * sizeof *j->known);
    memset(j->known, 0, p->selections * sizeof *j->known);
    jobs_resolve(j, plan_job(p, 0), j->config, label);
    j->name = j->config->name;
    j->engine = j->config->engine;
}

void jobs_close(struct jobs *j)
{
    free(j->known);
    free(j->config);
}

void jobs_dir(const struct jobs *j, size_t index, struct rundir *dir)
{
    struct job job = plan_job(j->plan, index);
    char label[RUNDIR_PATH];

    scenario_label(j->scenario, &job.sel, label, RUNDIR_PATH / 2);
    rundir_name(dir, j->options->out, j->name, config_engine_name(j->engine), label, job.seed);
}

int jobs_missing(struct jobs *j, size_t index, struct rundir *dir)
{
    struct jobs_known *k = &j->known[index % j->plan->selections];
    struct job job = plan_job(j->plan, index);
    char label[RUNDIR_PATH];

    jobs_dir(j, index, dir);
    if (j->options->force)
        return 1;
    if (!k->is) {
        jobs_resolve(j, job, j->config, label);
        tables_hash_config(&k->hash, j->config, label);
        k->is = 1;
    }
    return !rundir_finished(dir, tables_hash_seed(k->hash, job.seed));
}
