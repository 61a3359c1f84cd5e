/* SPDX-License-Identifier: MIT */
/* run/attacks.h - the attackers of a run, from paths.NAME.attacks to boxes, and what they say of themselves.
 * Called by harness.c and runjson.c. */
#ifndef RUN_ATTACKS_H
#define RUN_ATTACKS_H

#include <stdio.h>

#include "run/harness.h"

/* One attacker per phone, told to the topology before the engine is made: 0, or -1 with a line in err. None where the
 * scenario has no attack. */
int attacks_build(struct run *r, char *err, size_t cap);
/* After the engine is gone. */
void attacks_free(struct run *r);
/* A member of run.json with what all attackers did; nothing without any. */
void attacks_json(FILE *f, const struct run *r);

#endif
