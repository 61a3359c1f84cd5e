/* SPDX-License-Identifier: MIT */
/* run/progress.c - a bar on a terminal; see progress.h. */
#include "run/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR = 24 /* characters */ };

double progress_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void format_left(const struct progress *p, char *out, size_t cap)
{
    unsigned long s = p->left > 0 ? (unsigned long)(p->left + 0.5) : 0;

    out[0] = '\0';
    if (p->left >= 0 && s >= 3600)
        snprintf(out, cap, ", %lu:%02lu:%02lu left", s / 3600, s / 60 % 60, s % 60);
    else if (p->left >= 0)
        snprintf(out, cap, ", %lu:%02lu left", s / 60, s % 60);
}

/* One line written over itself; the rest of a longer one is wiped. */
void progress_show(const struct progress *p)
{
    char left[40], bar[BAR + 1], failed[40] = "";
    size_t full = p->total > 0 ? p->ended * BAR / p->total : 0;

    if (!isatty(STDERR_FILENO))
        return;
    memset(bar, ' ', BAR);
    memset(bar, '=', full < BAR ? full : BAR);
    bar[BAR] = '\0';
    if (p->failed > 0)
        snprintf(failed, sizeof failed, ", %zu failed", p->failed);
    format_left(p, left, sizeof left);
    fprintf(stderr, "\r%s/%s [%s] %zu of %zu%s%s\033[K", p->name, p->engine, bar, p->ended, p->total, failed, left);
    fflush(stderr);
}

void progress_clear(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}
