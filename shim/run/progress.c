/* SPDX-License-Identifier: MIT */
/* run/progress.c - "123 of 400 done, 2 failed, 1:23 left" on a terminal; see campaign.h. */
#include <stdio.h>
#include <time.h>

#include "run/campaign.h"

/* The only wall clock of a campaign; nothing simulated depends on it. */
double progress_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* From the runs of this campaign alone: those that were there before cost nothing. */
static void format_left(const struct campaign *c, char *out, size_t cap)
{
    size_t ended = c->done + c->failed;
    size_t left = plan_count(c->plan) - c->skipped - ended;
    double each, seconds;

    if (ended == 0) {
        out[0] = '\0';
        return;
    }
    each = (progress_clock() - c->begun) / (double)ended;
    seconds = each * (double)left;
    snprintf(out, cap, ", %d:%02d left", (int)seconds / 60, (int)seconds % 60);
}

/* One line written over itself; trailing blanks wipe the rest of a longer one. */
void progress_show(const struct campaign *c)
{
    char left[32];

    if (!c->progress)
        return;
    format_left(c, left, sizeof left);
    fprintf(stderr, "\r%s/%s: %zu of %zu done, %zu failed%s   ", c->name, config_engine_name(c->engine),
            c->skipped + c->done, plan_count(c->plan), c->failed, left);
    fflush(stderr);
}

void progress_clear(const struct campaign *c)
{
    if (c->progress)
        fputs("\r\033[K", stderr);
}
