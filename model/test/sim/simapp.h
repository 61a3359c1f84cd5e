/* SPDX-License-Identifier: MIT */
/* simapp.h - the applications of a simulated case: they write, read, close and do mischief as planned, and check
 * every octet. Called by simworld.c. */
#ifndef SIM_SIMAPP_H
#define SIM_SIMAPP_H

#include "simworld.h"

void simapp_start(struct sim_world *w);
pump_event_fn simapp_event;
/* All have ended? Each either with all the peer wrote, or with an error, or rightly still waiting. */
void simapp_judge(struct sim_world *w);
void simapp_stop(struct sim_end *e);
/* Notes the first fault and stops the run. */
void simapp_fault(struct sim_world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
