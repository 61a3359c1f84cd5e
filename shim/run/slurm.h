/* SPDX-License-Identifier: MIT */
/* run/slurm.h - the batches of a campaign as an array job of Slurm.
 *
 * The directory of results is shared by the nodes. Slurm is asked nothing but whether the job is still there: what
 * became of a run is what its task wrote to .sweep/slurm/task-N.out. Called by command_run.c. */
#ifndef RUN_SLURM_H
#define RUN_SLURM_H

#include "run/campaign.h"

/* Submits all that is missing and waits for it; Ctrl-C cancels the job. 0; -1: a line is on stderr. */
int slurm_run(struct campaign *c);

#endif
