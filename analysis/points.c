/* SPDX-License-Identifier: MIT */
/* analysis/points.c - see points.h. Pairing: all variants of a scenario see the same random draws
 * under the same seed, so the difference within a seed is free of what the seed drew. Called by
 * main.c. */
#include "analysis/points.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/text.h"

/* What is compared: one number per run. NAN: this run has none. */
static double measure_largest(const struct run *run)
{
    return run->largest;
}

/* What the gain is paid with. */
static double measure_lte(const struct run *run)
{
    return run->lte_bytes;
}

static double measure_energy(const struct run *run)
{
    return run->energy;
}

static double measure_lte_share(const struct run *run)
{
    return run->lte_share;
}

static double measure_lte_active(const struct run *run)
{
    return run->lte_active;
}

static double measure_lte_open(const struct run *run)
{
    return run->lte_open;
}

static double measure_lte_power(const struct run *run)
{
    return run->lte_power;
}

/* Median delay of the requests in the handover window; NAN without any. */
static double measure_typical(const struct run *run)
{
    double *delay = calloc(run->requests + 1, sizeof *delay);
    size_t n = 0;

    if (delay == NULL)
        text_die("out of memory");
    for (size_t i = 0; i < run->requests; i++)
        if (run->request[i].in_window)
            delay[n++] = run->request[i].delay;
    double median = sample_estimate(delay, n).median;
    free(delay);
    return median;
}

/* ---- one point ------------------------------------------------------------------------------- */

/* An axis whose name has "delay" and whose value is a time is the abscissa; the rest names the panel. */
double points_split(const char *axes, char *panel, size_t cap)
{
    double delay = 0;
    size_t n = 0;

    panel[0] = '\0';
    while (*axes != '\0') {
        size_t len = strcspn(axes, ",");
        char axis[160];
        snprintf(axis, sizeof axis, "%.*s", (int)len, axes);
        char *value = strchr(axis, '=');
        char *name = strstr(axis, "delay");
        if (value == NULL || name == NULL || name > value || !text_seconds(value + 1, &delay))
            n += (size_t)snprintf(panel + n, cap - n, "%s%s", n > 0 ? "," : "", axis);
        axes += len + (axes[len] == ',');
    }
    if (n == 0)
        snprintf(panel, cap, "all");
    return delay;
}

/* A run is one observation: requests within a run are not independent. */
static struct estimate over_runs(const struct runs *runs, const struct point *p,
                                 double (*get)(const struct run *))
{
    double *values = calloc(p->end - p->first + 1, sizeof *values);
    size_t n = 0;

    if (values == NULL)
        text_die("out of memory");
    for (size_t i = p->first; i < p->end; i++) {
        double value = get(&runs->run[i]);
        if (!isnan(value))
            values[n++] = value;
    }
    struct estimate e = sample_estimate(values, n);
    free(values);
    return e;
}

/* ours minus base over the seeds that both have; sign -1 turns it round. */
static struct estimate over_pairs(const struct runs *runs, const struct point *p,
                                  const struct point *base, double (*get)(const struct run *),
                                  double sign)
{
    double *values = calloc(p->end - p->first + 1, sizeof *values);
    size_t n = 0, j = base->first;

    if (values == NULL)
        text_die("out of memory");
    for (size_t i = p->first; i < p->end; i++) {
        /* both ranges are sorted by seed: one pass finds the pairs */
        while (j < base->end && runs->run[j].seed < runs->run[i].seed)
            j++;
        if (j == base->end || runs->run[j].seed != runs->run[i].seed)
            continue;
        double value = get(&runs->run[i]) - get(&runs->run[j]);
        if (!isnan(value))
            values[n++] = sign * value;
    }
    struct estimate e = sample_estimate(values, n);
    free(values);
    return e;
}

/* Runs are sorted, so a point is a range of them. */
static void compute_point(struct point *p, const struct runs *runs, size_t first)
{
    memset(p, 0, sizeof *p);
    p->first = first;
    p->end = runs_group_end(runs, first, 1);
    p->variant = runs->run[first].variant;
    p->axes = runs->run[first].axes;
    p->delay = points_split(p->axes, p->panel, sizeof p->panel);
    for (size_t i = p->first; i < p->end; i++) {
        p->requests += runs->run[i].requests;
        p->unanswered += runs->run[i].unanswered;
    }
    p->largest = over_runs(runs, p, measure_largest);
    p->typical = over_runs(runs, p, measure_typical);
    p->lte = over_runs(runs, p, measure_lte);
    p->energy = over_runs(runs, p, measure_energy);
    p->lte_share = over_runs(runs, p, measure_lte_share);
    p->lte_active = over_runs(runs, p, measure_lte_active);
    p->lte_open = over_runs(runs, p, measure_lte_open);
    p->lte_power = over_runs(runs, p, measure_lte_power);
}

/* Another variant under the same axes, by its name; NULL: not there. */
static const struct point *find_beside(const struct point *p, const struct points *points, const char *variant)
{
    for (size_t i = 0; i < points->count; i++) {
        const struct point *base = &points->point[i];
        if (base != p && strcmp(base->axes, p->axes) == 0 && strcmp(base->variant, variant) == 0)
            return base;
    }
    return NULL;
}

/* Against the baseline under the same axes; the baseline itself has no comparison. */
static void compare_point(struct point *p, const struct points *points, const struct runs *runs,
                          const char *baseline)
{
    const struct point *base = find_beside(p, points, baseline), *open = find_beside(p, points, POINTS_OPEN);

    if (base != NULL) {
        p->paired = 1;
        p->gain = over_pairs(runs, p, base, measure_largest, -1);
        p->typical_gain = over_pairs(runs, p, base, measure_typical, -1);
        p->lte_more = over_pairs(runs, p, base, measure_lte, 1);
    }
    if (open != NULL) {
        p->against_open = 1;
        p->saved = over_pairs(runs, p, open, measure_energy, -1);
        p->slower = over_pairs(runs, p, open, measure_largest, 1);
    }
}

/* ---- all points ------------------------------------------------------------------------------ */

/* All points first: the baseline may come after those it is compared with. */
void points_compute(struct points *points, const struct runs *runs, const char *baseline)
{
    points->count = 0;
    points->point = calloc(runs->count + 1, sizeof *points->point);
    if (points->point == NULL)
        text_die("out of memory");
    for (size_t i = 0; i < runs->count; i = points->point[points->count - 1].end)
        compute_point(&points->point[points->count++], runs, i);
    for (size_t i = 0; i < points->count; i++)
        compare_point(&points->point[i], points, runs, baseline);
}

void points_free(struct points *points)
{
    free(points->point);
    points->point = NULL;
    points->count = 0;
}

/* Do two points have the same seeds? Runs are sorted by seed. */
static int same_seeds(const struct runs *runs, const struct point *a, const struct point *b)
{
    if (a->end - a->first != b->end - b->first)
        return 0;
    for (size_t i = 0; i < a->end - a->first; i++)
        if (runs->run[a->first + i].seed != runs->run[b->first + i].seed)
            return 0;
    return 1;
}

/* Means over other seeds are means over other networks. */
void points_refuse_unequal(const struct points *points, const struct runs *runs)
{
    for (size_t i = 1; i < points->count; i++) {
        const struct point *a = &points->point[i - 1], *b = &points->point[i];
        if (strcmp(a->axes, b->axes) != 0 || same_seeds(runs, a, b))
            continue;
        text_die("%s: %s has %zu runs and %s has %zu, or other seeds, at \"%s\";\n"
                 "  finish the campaign (mpsim sweep FILE), or say --allow-unequal",
                 runs->dir, a->variant, a->end - a->first, b->variant, b->end - b->first, a->axes);
    }
}
