/* SPDX-License-Identifier: MIT */
/* run/choices.h - what a scenario chooses from: variants:, sweep: and sweeps:. The forms are in scenario.h;
 * called by scenario.c. */
#ifndef RUN_CHOICES_H
#define RUN_CHOICES_H

#include "run/scenario.h"

/* 1: a key of the file's top level that is read here and is no setting of a run. */
int choices_has(const char *key);
/* All of them; mistakes go to d. */
void choices_load(struct scenario *s, const struct node *root, struct diag *d);

#endif
