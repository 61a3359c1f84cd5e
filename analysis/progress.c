/* SPDX-License-Identifier: MIT */
/* analysis/progress.c - see progress.h. */
#include "analysis/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/csv.h"
#include "analysis/sample.h"
#include "analysis/text.h"

enum { SERIES_MOST = 3 + 8 /* goodput, wrong, failed, and as many paths as a phone has */ };
enum { GOODPUT, WRONG, FAILED, FIRST_PATH };

/* One run: what had come by each time. */
struct course {
    double *at;                 /* s since the start of the clients, rising */
    double *total[SERIES_MOST]; /* sums over the phones, by series */
    size_t steps;
};

/* All runs of one variant and axis point. */
struct bundle {
    struct course *course;
    size_t runs;
    char name[SERIES_MOST][24]; /* of the series */
    size_t series;
    double step; /* s between two rows */
    const struct run *first;
};

static void *need(void *p)
{
    if (p == NULL)
        text_die("out of memory");
    return p;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Names of paths from the header: NAME_up_bytes. */
static void name_series(struct bundle *b, const struct csv *csv)
{
    static const char *const fixed[FIRST_PATH] = {"goodput", "wrong", "failed"};
    static const char tail[] = "_up_bytes";

    b->series = FIRST_PATH;
    for (int i = 0; i < FIRST_PATH; i++)
        snprintf(b->name[i], sizeof b->name[i], "%s", fixed[i]);
    for (size_t col = 0; col < csv->cols && b->series < SERIES_MOST; col++) {
        const char *name = csv_field(csv, 0, col), *end = strstr(name, tail);
        if (end != NULL && end[sizeof tail - 1] == '\0')
            snprintf(b->name[b->series++], sizeof b->name[0], "%.*s", (int)(end - name), name);
    }
}

static double number(const struct csv *csv, size_t row, const char *column, const char *path)
{
    double value;
    int col = csv_column(csv, column);

    if (col < 0 || !csv_number(csv, row, (size_t)col, &value))
        text_die("%s:%zu: no number in column %s", path, row + 1, column);
    return value;
}

/* Octets of a path, both ways. */
static double path_octets(const struct bundle *b, const struct csv *csv, size_t row, size_t series, const char *path)
{
    char up[40], down[40];

    snprintf(up, sizeof up, "%s_up_bytes", b->name[series]);
    snprintf(down, sizeof down, "%s_down_bytes", b->name[series]);
    return number(csv, row, up, path) + number(csv, row, down, path);
}

/* Rows of one time, one per phone, make one step. */
static void take_row(const struct bundle *b, struct course *c, const struct csv *csv, size_t row, const char *path)
{
    double at = number(csv, row, "t_s", path);
    size_t i;

    if (c->steps == 0 || at > c->at[c->steps - 1])
        c->at[c->steps++] = at;
    i = c->steps - 1;
    /* the last sample may fall on the end of the run, which has a row of its own */
    if (number(csv, row, "phone", path) == 1)
        for (size_t s = 0; s < b->series; s++)
            c->total[s][i] = 0;
    c->total[GOODPUT][i] += number(csv, row, "octets_up", path) + number(csv, row, "octets_down", path);
    c->total[WRONG][i] += number(csv, row, "wrong", path);
    c->total[FAILED][i] += number(csv, row, "failed", path);
    for (size_t s = FIRST_PATH; s < b->series; s++)
        c->total[s][i] += path_octets(b, csv, row, s, path);
}

static void read_course(struct bundle *b, struct course *c, const struct run *run)
{
    char path[1100], err[1200];
    struct csv csv;

    snprintf(path, sizeof path, "%s/progress.csv", run->path);
    if (csv_read(&csv, path, err, sizeof err) != 0)
        text_die("%s (progress: true writes it)", err);
    if (b->series == 0)
        name_series(b, &csv);
    c->at = need(calloc(csv.rows, sizeof *c->at));
    for (size_t s = 0; s < b->series; s++)
        c->total[s] = need(calloc(csv.rows, sizeof *c->total[s]));
    for (size_t row = 1; row < csv.rows; row++)
        take_row(b, c, &csv, row, path);
    if (c->steps < 2)
        text_die("%s: fewer than two steps of time", path);
    csv_clear(&csv);
    /* the first row is the start itself */
    for (size_t i = c->steps; i-- > 0;)
        c->at[i] -= c->at[0];
}

static void read_bundle(struct bundle *b, const struct runs *runs, size_t first, size_t end)
{
    memset(b, 0, sizeof *b);
    b->first = &runs->run[first];
    b->runs = end - first;
    b->course = need(calloc(b->runs, sizeof *b->course));
    for (size_t i = 0; i < b->runs; i++)
        read_course(b, &b->course[i], &runs->run[first + i]);
    b->step = b->course[0].at[1];
}

static void clear_bundle(struct bundle *b)
{
    for (size_t i = 0; i < b->runs; i++) {
        free(b->course[i].at);
        for (size_t s = 0; s < b->series; s++)
            free(b->course[i].total[s]);
    }
    free(b->course);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* What had come by that time: of the last row up to it. Half a step of slack for sums of decimal fractions. */
static double total_at(const struct bundle *b, const struct course *c, size_t series, double at)
{
    double value = 0;

    for (size_t i = 0; i < c->steps && c->at[i] <= at + b->step / 2; i++)
        value = c->total[series][i];
    return value;
}

/* s, of the longest run: the others end before it, and are drawn to its end. */
static double longest(const struct bundle *b, size_t bundles)
{
    double end = 0;

    for (; bundles > 0; bundles--, b++)
        for (size_t i = 0; i < b->runs; i++)
            end = fmax(end, b->course[i].at[b->course[i].steps - 1]);
    return end;
}

static void put_row(FILE *file, const struct bundle *b, size_t series, size_t k, double *value)
{
    double at = (double)k * b->step;
    int counted = series == WRONG || series == FAILED;

    for (size_t i = 0; i < b->runs; i++) {
        const struct course *c = &b->course[i];
        double now = total_at(b, c, series, at);
        value[i] = counted ? now > 0 : (now - total_at(b, c, series, at - b->step)) * 8 / b->step;
    }
    struct estimate e = sample_estimate(value, b->runs);
    fprintf(file, "%s,%.9g,%zu,%.9g", b->name[series], at, e.n, e.mean);
    if (counted || isnan(e.low))
        fputs(",,\n", file);
    else
        fprintf(file, ",%.9g,%.9g\n", e.low, e.high);
}

static void put_bundle(FILE *file, const struct bundle *b, double end)
{
    double *value = need(calloc(b->runs, sizeof *value));

    for (size_t series = 0; series < b->series; series++)
        for (size_t k = 1; (double)k * b->step < end + b->step / 2; k++) {
            fprintf(file, "%s,", b->first->variant);
            for (const char *c = b->first->axes[0] ? b->first->axes : "all"; *c != '\0'; c++)
                fputc(*c == ',' ? ';' : *c, file);
            fputc(',', file);
            put_row(file, b, series, k, value);
        }
    free(value);
}

void progress_write(const char *dir, const struct runs *runs)
{
    struct bundle *b = need(calloc(runs->count, sizeof *b));
    size_t bundles = 0;
    FILE *file;

    for (size_t i = 0, end; i < runs->count; i = end) {
        end = runs_group_end(runs, i, 1);
        read_bundle(&b[bundles++], runs, i, end);
    }
    file = text_create(dir, "progress.csv", "variant,panel,series,t_s,n,mean,low,high");
    for (size_t i = 0; i < bundles; i++)
        put_bundle(file, &b[i], longest(b, bundles));
    text_finish(file, dir, "progress.csv");
    while (bundles > 0)
        clear_bundle(&b[--bundles]);
    free(b);
}
