/* SPDX-License-Identifier: MIT */
/* run/plan.c - the runs of a scenario; see plan.h. */
#include "run/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/pool.h"

/* What is being enumerated. */
struct planner {
    struct plan *p;
    const struct scenario *s;
    uint32_t crossed; /* axes of this sweep */
};

/* Sweeps overlap, and a run that is in two of them is run once. They are
 * compared by their octets: each was set to 0 whole, padding included. One sweep cannot overlap. */
static void add_selection(struct planner *pl, const struct selection *sel)
{
    struct plan *p = pl->p;

    for (size_t i = 0; pl->s->sweeps > 1 && i < p->selections; i++)
        if (memcmp(&p->selection[i], sel, sizeof *sel) == 0)
            return;
    if (p->selections == p->room) {
        p->room = p->room > 0 ? p->room * 2 : 64;
        p->selection = pool_grow(p->selection, p->room * sizeof *sel);
    }
    p->selection[p->selections++] = *sel;
}

/* Every point of the axes from `axis` on. */
static void cross_axes(struct planner *pl, struct selection *sel, size_t axis)
{
    const struct axis *a = &pl->s->axis[axis];

    if (axis == pl->s->axes) {
        add_selection(pl, sel);
        return;
    }
    for (size_t i = 0; i < (a->points > 0 ? a->points : 1); i++) {
        /* a chosen point alone; of a swept axis every point; of any other the first */
        int wanted = a->chosen > 0 ? i + 1 == a->chosen : i == 0 || (pl->crossed >> axis & 1);

        sel->point[axis] = i;
        if (wanted)
            cross_axes(pl, sel, axis + 1);
    }
}

/* Before it is enumerated: axes multiply, and a slip of the pen would fill the memory. */
static int check_size(const struct scenario *s, struct sweep w, struct diag *d)
{
    double points = (double)(s->variants > 0 ? s->variants : 1);
    char text[256] = "";

    for (size_t i = 0; i < s->axes; i++)
        if (w.axes >> i & 1 && s->axis[i].chosen == 0) {
            size_t n = strlen(text);

            points *= (double)(s->axis[i].points > 0 ? s->axis[i].points : 1);
            snprintf(text + n, sizeof text - n, " x %zu %s", s->axis[i].points, s->axis[i].name);
        }
    if (points <= PLAN_POINTS_MAX)
        return 0;
    diag_add(d, s->axes_at, "the sweep has %.6g points (%zu variants%s); at most %d", points,
             s->variants > 0 ? s->variants : 1, text, PLAN_POINTS_MAX);
    return -1;
}

/* A variant of the command line restricts every sweep. */
static void add_sweep(struct plan *p, const struct scenario *s, struct sweep w, int only, int engine,
                      struct diag *d)
{
    struct planner pl = {p, s, w.axes};
    struct selection sel;

    if (check_size(s, w, d) < 0)
        return;
    for (size_t v = 0; v < (s->variants > 0 ? s->variants : 1); v++) {
        if (s->variants > 0 && (!(w.variants >> v & 1) || (only >= 0 && (int)v != only)))
            continue;
        memset(&sel, 0, sizeof sel); /* compared by its octets */
        sel.variant = v;
        sel.engine = engine;
        cross_axes(&pl, &sel, 0);
    }
}

/* Without --all one run: the chosen or first variant, the first point of each axis. */
static void add_sweeps(struct plan *p, const struct scenario *s, int only, const struct cli_options *o,
                       struct diag *d)
{
    struct sweep everything = {UINT32_MAX, UINT32_MAX}, nothing = {UINT32_MAX, 0};

    if (!o->all)
        add_sweep(p, s, nothing, only >= 0 ? only : 0, o->engine, d);
    else if (s->sweeps == 0)
        add_sweep(p, s, everything, only, o->engine, d);
    for (size_t i = 0; o->all && i < s->sweeps; i++)
        add_sweep(p, s, s->sweep[i], only, o->engine, d);
}

/* Each selection is resolved once here, so that a mistake in the last one shows before the first
 * run. A batch of a campaign repeats a plan that was checked: there one is enough. */
int plan_build(struct plan *p, const struct scenario *s, const struct cli_options *o, struct diag *d)
{
    struct run_config *c = pool_grow(NULL, sizeof *c);
    int only = -1;

    memset(p, 0, sizeof *p);
    if (o->variant != NULL)
        only = scenario_variant(s, o->variant, d);
    if (d->errors == 0)
        add_sweeps(p, s, only, o, d);
    for (size_t i = 0; i < (o->batch != NULL ? 1 : p->selections) && d->errors < PLAN_ERRORS_MAX; i++)
        scenario_resolve(s, &p->selection[i], c, d);
    p->first_seed = o->has_seed ? o->seed : c->seed;
    p->seeds = o->has_seed || !o->all ? 1 : c->repeat;
    if (d->errors == 0 && p->selections == 0)
        diag_add(d, s->base.at, "no sweep has the variant '%s'", o->variant);
    if (d->errors == 0 && p->seeds > PLAN_RUNS_MAX / p->selections)
        diag_add(d, s->axes_at, "%zu points with %llu seeds each are more than %d runs", p->selections,
                 (unsigned long long)p->seeds, PLAN_RUNS_MAX);
    free(c);
    return d->errors > 0 ? -1 : 0;
}

size_t plan_count(const struct plan *p)
{
    return p->selections * (size_t)p->seeds;
}

/* All selections of a seed before the next seed: an interrupted campaign has whole comparisons. */
struct job plan_job(const struct plan *p, size_t i)
{
    return (struct job){p->selection[i % p->selections], p->first_seed + i / p->selections};
}

void plan_clear(struct plan *p)
{
    free(p->selection);
    memset(p, 0, sizeof *p);
}
