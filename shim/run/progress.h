/* SPDX-License-Identifier: MIT */
/* run/progress.h - how far a campaign is, in one line on a terminal; nothing in a pipe. */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include <stddef.h>

struct progress {
    const char *name, *engine;    /* of the campaign */
    size_t total, ended, failed;  /* runs: all, ended in any way or there before, failed */
    double left;                  /* estimated wall s to the end; negative: not known */
};

/* Seconds of the monotonic clock, the only wall clock of a campaign: nothing simulated depends on it. */
double progress_clock(void);
/* "name/loop [=====     ] 123 of 400, 2 failed, 1:23 left". */
void progress_show(const struct progress *p);
/* Wipes the line before something else is printed. */
void progress_clear(void);

#endif
