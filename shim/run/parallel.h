/* SPDX-License-Identifier: MIT */
/* run/parallel.h - the batches of a campaign on all cores of this machine, by GNU parallel.
 *
 * GNU parallel reads a line for each batch from a pipe. Lines are written when a batch has ended, so that the
 * next one is cut by what was measured meanwhile: a second or more, shorter towards the end so that all
 * cores end together. Called by command_sweep.c. */
#ifndef RUN_PARALLEL_H
#define RUN_PARALLEL_H

#include "run/campaign.h"

/* Runs all that is missing. 0; -1: GNU parallel could not be started, a line is on stderr. */
int parallel_run(struct campaign *c, size_t workers);

#endif
