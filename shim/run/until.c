/* SPDX-License-Identifier: MIT */
/* run/until.c - sequential stopping; see until.h. */
#include "run/until.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/pool.h"
#include "run/schema.h"

/* The variants of one point of all axes. */
struct group {
    size_t seeds;   /* granted */
    size_t open;    /* runs of them that did not end */
    size_t members; /* selections */
    int failed;     /* a run failed: nothing can be said, nothing more is granted */
    int reached;    /* narrow enough */
    double width;   /* of the widest variant at the last look, relative where the bound is */
    size_t widest;  /* its selection */
};

struct until {
    struct jobs *jobs;
    const char *text;      /* the condition as written */
    struct place at;       /* of it */
    char column[64];
    double bound;
    int relative;          /* bound is a share of the mean */
    int checked;           /* the column was seen */
    size_t least, most;    /* seeds */
    struct group *group;
    size_t groups;
    size_t *of;            /* group of each selection */
    size_t *queue;         /* granted runs, in their order */
    size_t granted, taken, room;
};

/* ---- the condition ------------------------------------------------------------------------------ */

int until_parse(const char *text, char name[64], double *bound, int *relative, char *why, size_t cap)
{
    char number[32] = "", rest[2];
    char *end;

    if (sscanf(text, " ci ( %63[A-Za-z0-9_.-] ) < %31[0-9.] %1[%]%1s", name, number, rest, rest) != 3 &&
        sscanf(text, " ci ( %63[A-Za-z0-9_.-] ) < %31[0-9.]%1s", name, number, rest) != 2) {
        snprintf(why, cap, "'%s' is no condition; write ci(COLUMN) < 5%%, with a column of summary.csv", text);
        return -1;
    }
    *relative = strchr(text, '%') != NULL;
    *bound = strtod(number, &end) / (*relative ? 100 : 1);
    if (*end == '\0' && *bound > 0)
        return 0;
    snprintf(why, cap, "'%s': an interval is never narrower than '%s'", text, number);
    return -1;
}

/* 97.5 % quantile of Student's t: a table, then Cornish and Fisher's expansion around the normal one
 * (Abramowitz and Stegun 26.7.5), right to four digits from 11 degrees of freedom on. */
static double t_quantile(size_t freedom)
{
    static const double table[] = {0,     12.706, 4.3027, 3.1824, 2.7764, 2.5706,
                                   2.4469, 2.3646, 2.3060, 2.2622, 2.2281};
    const double z = 1.959964, v = (double)freedom, z3 = z * z * z, z5 = z3 * z * z;

    if (freedom < sizeof table / sizeof table[0])
        return table[freedom];
    return z + (z3 + z) / (4 * v) + (5 * z5 + 16 * z3 + 3 * z) / (96 * v * v) +
           (3 * z5 * z * z + 19 * z5 + 17 * z3 - 15 * z) / (384 * v * v * v);
}

double until_half_width(const double *value, size_t n, double *mean)
{
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++)
        sum += value[i];
    *mean = n > 0 ? sum / (double)n : 0;
    for (size_t i = 0; i < n; i++)
        squares += (value[i] - *mean) * (value[i] - *mean);
    return n < 2 ? HUGE_VAL : t_quantile(n - 1) * sqrt(squares / (double)(n - 1) / (double)n);
}

/* ---- reading ------------------------------------------------------------------------------------ */

/* The i-th field of a line of CSV, without quotes in it: no table of a run has any. */
static const char *field_of(char *line, size_t i)
{
    for (; i > 0 && line != NULL; i--) {
        line = strchr(line, ',');
        line += line != NULL;
    }
    if (line != NULL)
        line[strcspn(line, ",\r\n")] = '\0';
    return line;
}

/* Column by name in the head; SIZE_MAX: none. */
static size_t find_column(const char *head, const char *name)
{
    size_t n = strlen(name), i = 0;

    for (const char *p = head; *p != '\0' && *p != '\n'; i++) {
        size_t len = strcspn(p, ",\r\n");

        if (len == n && strncmp(p, name, n) == 0)
            return i;
        p += len + (p[len] == ',');
    }
    return SIZE_MAX;
}

/* Once, as soon as a run has told which columns there are. */
static int complain_column(const struct until *u, const char *head)
{
    char where[512], best[64] = "", name[64];
    unsigned distance = 8;

    for (const char *p = head; *p != '\0' && *p != '\n';) {
        size_t len = strcspn(p, ",\r\n");

        snprintf(name, sizeof name, "%.*s", (int)len, p);
        if (schema_distance(u->column, name) < distance) {
            distance = schema_distance(u->column, name);
            snprintf(best, sizeof best, "%s", name);
        }
        p += len + (p[len] == ',');
    }
    diag_place(u->at, where, sizeof where);
    fprintf(stderr, "%s: summary.csv has no column '%s'%s%s%s\n", where, u->column,
            best[0] != '\0' ? ", did you mean '" : "", best, best[0] != '\0' ? "'?" : "");
    return -1;
}

/* Mean over the connections of a run. 1: a value; 0: none (empty fields); -1: no such column. */
static int read_value(struct until *u, size_t index, double *value)
{
    char path[RUNDIR_PATH + 16], line[4096] = "";
    const char *field;
    struct rundir dir;
    size_t column, n = 0;
    double sum = 0;
    FILE *f;

    jobs_dir(u->jobs, index, &dir);
    snprintf(path, sizeof path, "%s/summary.csv", dir.final);
    f = fopen(path, "r");
    if (f == NULL || fgets(line, sizeof line, f) == NULL) {
        if (f != NULL)
            fclose(f);
        return 0;
    }
    column = find_column(line, u->column);
    if (column == SIZE_MAX) {
        fclose(f);
        return complain_column(u, line);
    }
    while (fgets(line, sizeof line, f) != NULL)
        if ((field = field_of(line, column)) != NULL && field[0] != '\0') {
            sum += strtod(field, NULL);
            n++;
        }
    fclose(f);
    *value = n > 0 ? sum / (double)n : 0;
    return n > 0;
}

/* ---- looking ------------------------------------------------------------------------------------ */

/* Of one selection over its seeds so far. A width of 0 is narrow enough for every bound. */
static double width_of(struct until *u, size_t selection, size_t seeds)
{
    double *value = pool_grow(NULL, seeds * sizeof *value), mean, width;
    size_t n = 0;

    for (size_t k = 0; k < seeds; k++)
        n += read_value(u, k * u->jobs->plan->selections + selection, &value[n]) > 0;
    width = until_half_width(value, n, &mean);
    free(value);
    if (u->relative && width > 0)
        width = mean != 0 ? width / fabs(mean) : HUGE_VAL;
    return width;
}

static void grant(struct until *u, size_t group, size_t seeds)
{
    struct group *g = &u->group[group];
    size_t selections = u->jobs->plan->selections;

    for (size_t k = g->seeds; k < seeds; k++)
        for (size_t s = 0; s < selections; s++) {
            if (u->of[s] != group)
                continue;
            if (u->granted == u->room) {
                u->room = u->room > 0 ? u->room * 2 : 64;
                u->queue = pool_grow(u->queue, u->room * sizeof *u->queue);
            }
            u->queue[u->granted++] = k * selections + s;
            g->open++;
        }
    g->seeds = seeds;
}

static void look(struct until *u, size_t group)
{
    struct group *g = &u->group[group];
    size_t more = g->seeds + (g->seeds + 3) / 4;

    g->width = 0;
    for (size_t s = 0; s < u->jobs->plan->selections; s++)
        if (u->of[s] == group) {
            double width = width_of(u, s, g->seeds);

            if (width >= g->width) {
                g->width = width;
                g->widest = s;
            }
        }
    g->reached = g->width < u->bound;
    if (!g->reached && g->seeds < u->most)
        grant(u, group, more < u->most ? more : u->most);
}

int until_note(struct until *u, size_t index, int failed)
{
    size_t group = u->of[index % u->jobs->plan->selections];
    struct group *g = &u->group[group];
    double ignored;

    if (!failed && !u->checked && read_value(u, index, &ignored) < 0)
        return -1;
    u->checked |= !failed;
    g->failed |= failed;
    if (--g->open == 0 && !g->failed)
        look(u, group);
    return 0;
}

size_t until_next(struct until *u)
{
    return u->taken < u->granted ? u->queue[u->taken++] : SIZE_MAX;
}

size_t until_granted(const struct until *u, size_t *waiting)
{
    *waiting = u->granted - u->taken;
    return u->granted;
}

size_t until_first(const struct until *u)
{
    return u->least * u->jobs->plan->selections;
}

/* ---- opening ------------------------------------------------------------------------------------ */

/* Selections that differ in nothing but the variant are one group. */
static void make_groups(struct until *u)
{
    const struct plan *p = u->jobs->plan;
    size_t *first = pool_grow(NULL, p->selections * sizeof *first); /* selection of each group */

    u->of = pool_grow(NULL, p->selections * sizeof *u->of);
    u->group = pool_grow(NULL, p->selections * sizeof *u->group);
    memset(u->group, 0, p->selections * sizeof *u->group);
    for (size_t s = 0; s < p->selections; s++) {
        size_t g = u->groups;

        /* backwards: neighbours in the plan are often of one group */
        while (g > 0 && memcmp(p->selection[first[g - 1]].point, p->selection[s].point, sizeof p->selection[s].point) != 0)
            g--;
        if (g == 0) {
            first[u->groups++] = s;
            g = u->groups;
        }
        u->of[s] = g - 1;
        u->group[g - 1].members++;
        u->group[g - 1].open += u->least;
        u->group[g - 1].seeds = u->least;
    }
    free(first);
}

struct until *until_open(struct jobs *j, int *bad)
{
    const struct run_config *c = j->config;
    const struct setting *written;
    struct until *u;
    char why[256];

    *bad = 0;
    if (c->until == NULL || c->until[0] == '\0' || j->plan->seeds < 2)
        return NULL;
    u = pool_grow(NULL, sizeof *u);
    memset(u, 0, sizeof *u);
    u->jobs = j;
    u->text = c->until;
    written = scenario_origin(j->scenario, &j->plan->selection[0], "until");
    u->at = written != NULL ? written->value_at : j->scenario->base.at;
    until_parse(c->until, u->column, &u->bound, &u->relative, why, sizeof why); /* checked by config.c */
    u->most = (size_t)j->plan->seeds;
    u->least = c->repeat_min < u->most ? (size_t)c->repeat_min : u->most;
    make_groups(u);
    return u;
}

void until_close(struct until *u)
{
    if (u == NULL)
        return;
    free(u->group);
    free(u->of);
    free(u->queue);
    free(u);
}

/* Which points need more seeds is told: their intervals are wider than was asked for. */
void until_report(const struct until *u)
{
    size_t reached = 0, least = SIZE_MAX, most = 0;
    char label[RUNDIR_PATH];

    for (size_t i = 0; i < u->groups; i++) {
        const struct group *g = &u->group[i];

        reached += (size_t)g->reached;
        least = g->seeds < least ? g->seeds : least;
        most = g->seeds > most ? g->seeds : most;
    }
    printf("until %s: reached at %zu of %zu points, with %zu to %zu seeds\n", u->text, reached, u->groups, least, most);
    for (size_t i = 0; i < u->groups; i++) {
        const struct group *g = &u->group[i];

        if (g->reached || g->failed)
            continue;
        scenario_label(u->jobs->scenario, &u->jobs->plan->selection[g->widest], label, sizeof label);
        printf("  not at %s: %.3g%s after %zu seeds\n", label, u->relative ? 100 * g->width : g->width,
               u->relative ? " %" : "", g->seeds);
    }
}
