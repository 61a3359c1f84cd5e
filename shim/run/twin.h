/* SPDX-License-Identifier: MIT */
/* run/twin.h - the same run without its attacks, and what the attacks made of it (`outcome: true`).
 *
 * The twin has the same seed, draws and circumstances, runs before and leaves no file: only when which octet reached an
 * application. On ns-3, which allows one simulation a process, it has a process of its own. Called by harness.c, traffic.c, tables.c and runjson.c. */
#ifndef RUN_TWIN_H
#define RUN_TWIN_H

#include <stdio.h>

#include "run/harness.h"
#include "run/outcome.h"

/* Runs the twin where the scenario asks for an outcome and has attacks. 0, or -1 with a line in err. */
int twin_run(struct run *r, char *err, size_t cap);
/* Curves to be filled, when r is a twin; after its sessions are made. */
void twin_prepare(struct run *r);
void twin_free(struct run *r);
/* An application read octets [from, to) of direction dir; the end of the stream is one octet more. */
void twin_note(struct session *s, int dir, uint64_t from, uint64_t to, uint64_t now);
/* Of one connection; *late is the delay in ns. */
enum outcome twin_outcome(const struct session *s, uint64_t *late);
/* Of the worst connection; late (may be NULL): the largest delay of all. */
enum outcome twin_worst(const struct run *r, uint64_t *late);
/* Members of run.json: the worst connection. */
void twin_json(FILE *f, const struct run *r);

#endif
