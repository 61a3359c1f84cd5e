/* SPDX-License-Identifier: MIT */
/* run/plan.c - the runs of a scenario; see plan.h. */
#include "run/plan.h"

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
 * compared by their octets: each was set to 0 whole, padding included. */
static void add_selection(struct plan *p, const struct selection *sel)
{
    for (size_t i = 0; i < p->selections; i++)
        if (memcmp(&p->selection[i], sel, sizeof *sel) == 0)
            return;
    p->selection = pool_grow(p->selection, (p->selections + 1) * sizeof *sel);
    p->selection[p->selections++] = *sel;
}

/* Every point of the axes from `axis` on. */
static void cross_axes(struct planner *pl, struct selection *sel, size_t axis)
{
    const struct axis *a = &pl->s->axis[axis];

    if (axis == pl->s->axes) {
        add_selection(pl->p, sel);
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

/* A variant of the command line restricts every sweep. */
static void add_sweep(struct plan *p, const struct scenario *s, struct sweep w, int only, int engine)
{
    struct planner pl = {p, s, w.axes};
    struct selection sel;

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
static void add_sweeps(struct plan *p, const struct scenario *s, int only, const struct cli_options *o)
{
    struct sweep everything = {UINT32_MAX, UINT32_MAX}, nothing = {UINT32_MAX, 0};

    if (!o->all)
        add_sweep(p, s, nothing, only >= 0 ? only : 0, o->engine);
    else if (s->sweeps == 0)
        add_sweep(p, s, everything, only, o->engine);
    for (size_t i = 0; o->all && i < s->sweeps; i++)
        add_sweep(p, s, s->sweep[i], only, o->engine);
}

/* Each selection is resolved once here, so that a mistake in the last one shows before the first
 * run. */
int plan_build(struct plan *p, const struct scenario *s, const struct cli_options *o, struct diag *d)
{
    struct run_config *c = pool_grow(NULL, sizeof *c);
    int only = -1;

    memset(p, 0, sizeof *p);
    if (o->variant != NULL)
        only = scenario_variant(s, o->variant, d);
    if (d->errors == 0)
        add_sweeps(p, s, only, o);
    for (size_t i = 0; i < p->selections; i++)
        scenario_resolve(s, &p->selection[i], c, d);
    p->first_seed = o->has_seed ? o->seed : c->seed;
    p->seeds = o->has_seed || !o->all ? 1 : c->repeat;
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
