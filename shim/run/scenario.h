/* SPDX-License-Identifier: MIT */
/* run/scenario.h - a scenario file: settings, variants, axes and sweeps, before anything is resolved.
 *
 *     variants: {NAME: {key: value, ...}, ...}          named sets of overrides
 *     sweep:    {KEY: VALUES,                            an axis; all axes are crossed
 *                NAME: {set: KEY or [KEYS], to: VALUES}, the same value for each key
 *                NAME: {zip: {KEY: VALUES, KEY: VALUES}}, the first values together, the second ones, ...
 *                NAME: {LABEL: {key: value, ...}, ...}}  a named set of overrides per point
 *               VALUES: a list, or {from:, to:, step:} or {from:, to:, log:} (range.h)
 *     sweeps:   [{variants: [NAMES], axes: [NAMES]}, ...]  what a campaign crosses; an axis that is not named
 *                                                       stays at its first point; absent: everything crossed
 * Order: defaults, file, axes, variant, --set; the later wins. Called by cli.c, plan.c and command_explain.c. */
#ifndef RUN_SCENARIO_H
#define RUN_SCENARIO_H

#include "run/config.h"
#include "run/diag.h"
#include "run/doc.h"
#include "run/pool.h"

enum { AXES_MAX = 8, POINTS_MAX = 400, VARIANTS_MAX = 32, SWEEPS_MAX = 16 };

/* Settings that are applied together. */
struct layer {
    const char *name;         /* variant or label of the axis point */
    struct place at;          /* where it begins */
    struct setting *settings; /* malloc */
    size_t count, room;
};

struct axis {
    const char *name;
    struct layer point[POINTS_MAX]; /* one per value; the first stands when the axis is not swept */
    size_t points;
    size_t chosen; /* by --set NAME=LABEL: point + 1; 0: not chosen */
};

struct sweep {
    uint32_t variants; /* bit per variant */
    uint32_t axes;     /* bit per axis that is crossed */
};

struct scenario {
    struct pool pool;    /* all text */
    const char *file;    /* as it was given */
    struct layer base;   /* the file without variants, axes and sweeps */
    struct layer sets;   /* --set key=value */
    struct layer variant[VARIANTS_MAX]; /* in the order of the file */
    size_t variants;
    struct axis axis[AXES_MAX];         /* likewise */
    size_t axes;
    struct place axes_at;               /* where they are written */
    struct sweep sweep[SWEEPS_MAX];     /* none: everything is crossed */
    size_t sweeps;
    const char *path[SHIM_PATHS_MAX]; /* names, in the file's order */
    size_t paths;
};

/* Which of the runs of a scenario. */
struct selection {
    size_t variant;         /* index; ignored without variants */
    size_t point[AXES_MAX]; /* index per axis */
    int engine;             /* ENGINE_*, or -1: as the file says */
};

/* 0, or -1 with messages in d. Free with scenario_clear in both cases. */
int scenario_load(struct scenario *s, const char *file, struct diag *d);
/* One --set: a key of the schema, or an axis and one of its labels. */
int scenario_set(struct scenario *s, const char *text, struct diag *d);
/* 0, or -1 with messages in d. The config points into the scenario. */
int scenario_resolve(const struct scenario *s, const struct selection *sel, struct run_config *c,
                     struct diag *d);
/* The last setting of a dotted key ("a.b.*": of any key below a.b) under a selection, or NULL: default. */
const struct setting *scenario_origin(const struct scenario *s, const struct selection *sel,
                                      const char *key);
/* -1: no such variant; d then says which there are. */
int scenario_variant(const struct scenario *s, const char *name, struct diag *d);
/* "jwd,size=512B,lte=idle": the directory of a selection. */
void scenario_label(const struct scenario *s, const struct selection *sel, char *out, size_t cap);
/* Frees all of it; settings and texts of it are gone with it. */
void scenario_clear(struct scenario *s);

#endif
