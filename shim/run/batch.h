/* SPDX-License-Identifier: MIT */
/* run/batch.h - several runs one after another in this process, each in a child of its own.
 *
 * A simulator that aborts (ns-3 does, with status 134) takes only its own run with it. Children die with the
 * batch, and the batch with what started it. `mpsim run` is a batch of one; a campaign (sweep.h) starts
 * batches by GNU parallel or Slurm and reads what they report on standard output, a line each:
 *
 *     + PID               the batch begins
 *     ok INDEX SECONDS    a run is finished, in its directory      was INDEX   it was there already
 *     bad INDEX STATUS    a run failed (status of wait(2)); its log is kept
 *     full INDEX          no space is left: the batch ends here
 *     - PID               the batch ends
 */
#ifndef RUN_BATCH_H
#define RUN_BATCH_H

#include "run/jobs.h"

/* The one run of `mpsim run`: prints its directory. CLI_OK, CLI_FAILED or 128 + signal. */
int batch_one(struct jobs *j);
/* The runs of a list like "17,20-35" (indices of the plan; "none"), reported as above. */
int batch_list(struct jobs *j, const char *list);
/* One line on a failed run with the end of its log, on standard error. */
void batch_complain(const struct rundir *dir, uint64_t seed, int status);

#endif
