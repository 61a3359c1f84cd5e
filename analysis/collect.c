/* SPDX-License-Identifier: MIT */
/* analysis/collect.c - see collect.h.
 *
 * A row a connection: variant, a column for each axis, seed, and every column that summary.csv of any run has; a field that a run
 * does not have (TLS, radios, an axis of other variants) is empty. Called by main.c. */
#include "analysis/collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/csv.h"
#include "analysis/runs.h"
#include "analysis/text.h"

static const char usage[] = "usage: mpsim-stat --collect DIR\n"
                            "One CSV table of all runs of DIR (results/<scenario>/<engine>) on standard output: variant, a column\n"
                            "for each axis, seed, and summary.csv; a row is a connection.\n";

/* Names of columns, each once, in the order in which they were first seen. */
struct names {
    char (*name)[160]; /* their texts */
    size_t count;      /* how many */
};

struct table {
    struct runs runs;    /* sorted as everywhere */
    struct csv *summary; /* of each run */
    struct names axes;   /* keys in the names of directories */
    struct names more;   /* columns of summary.csv */
};

/* ---- names --------------------------------------------------------------------------------------- */

static int has_name(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->name[i], name) == 0)
            return 1;
    return 0;
}

static void add_name(struct names *names, const char *name, size_t len, const char *where)
{
    char text[sizeof *names->name];

    if (len >= sizeof text)
        text_die("%s: the name of a column is too long", where);
    memcpy(text, name, len);
    text[len] = '\0';
    if (has_name(names, text))
        return;
    names->name = realloc(names->name, (names->count + 1) * sizeof *names->name);
    if (names->name == NULL)
        text_die("out of memory");
    memcpy(names->name[names->count++], text, sizeof text);
}

/* "size=512B,delay=50ms": the value of a key and its length, or NULL. */
static const char *axis_value(const char *axes, const char *key, size_t *len)
{
    size_t n = strlen(key);

    while (*axes != '\0') {
        size_t part = strcspn(axes, ",");
        if (part > n && strncmp(axes, key, n) == 0 && axes[n] == '=') {
            *len = part - n - 1;
            return axes + n + 1;
        }
        axes += part + (axes[part] == ',');
    }
    return NULL;
}

/* Every part of a directory's name behind the variant is KEY=VALUE. */
static void add_axes(struct names *names, const struct run *run)
{
    for (const char *p = run->axes; *p != '\0';) {
        size_t part = strcspn(p, ","), key = strcspn(p, "=,");
        if (key == part)
            text_die("%s: '%.*s' is no AXIS=POINT", run->path, (int)part, p);
        add_name(names, p, key, run->path);
        p += part + (p[part] == ',');
    }
}

/* ---- table --------------------------------------------------------------------------------------- */

/* All of them before the first row is printed: a broken run leaves no half table. */
static void load_table(struct table *t, const char *dir)
{
    char path[1100], err[1300];

    memset(t, 0, sizeof *t);
    runs_load(&t->runs, dir, NULL);
    if (t->runs.count == 0)
        text_die("%s: no finished run", t->runs.dir);
    t->summary = calloc(t->runs.count, sizeof *t->summary);
    if (t->summary == NULL)
        text_die("out of memory");
    for (size_t i = 0; i < t->runs.count; i++) {
        snprintf(path, sizeof path, "%s/summary.csv", t->runs.run[i].path);
        if (csv_read(&t->summary[i], path, err, sizeof err) != 0)
            text_die("%s", err);
        add_axes(&t->axes, &t->runs.run[i]);
        for (size_t col = 0; col < t->summary[i].cols; col++)
            add_name(&t->more, t->summary[i].field[col], strlen(t->summary[i].field[col]), path);
    }
}

static void free_table(struct table *t)
{
    for (size_t i = 0; i < t->runs.count; i++)
        csv_clear(&t->summary[i]);
    free(t->summary);
    free(t->axes.name);
    free(t->more.name);
    runs_free(&t->runs);
}

/* An axis may be called as a column is: no name stands twice. */
static void put_header(const struct table *t)
{
    printf("variant");
    for (size_t i = 0; i < t->axes.count; i++) {
        const char *name = t->axes.name[i];
        int taken = strcmp(name, "variant") == 0 || strcmp(name, "seed") == 0 || has_name(&t->more, name);
        printf(",%s%s", taken ? "axis." : "", name);
    }
    printf(",seed");
    for (size_t i = 0; i < t->more.count; i++)
        printf(",%s", t->more.name[i]);
    putchar('\n');
}

static void put_run(const struct table *t, const struct run *run, const struct csv *summary)
{
    for (size_t row = 1; row < summary->rows; row++) {
        printf("%s", run->variant);
        for (size_t i = 0; i < t->axes.count; i++) {
            size_t len = 0;
            const char *value = axis_value(run->axes, t->axes.name[i], &len);
            printf(",%.*s", (int)len, value != NULL ? value : "");
        }
        printf(",%llu", (unsigned long long)run->seed);
        for (size_t i = 0; i < t->more.count; i++) {
            int col = csv_column(summary, t->more.name[i]);
            printf(",%s", col < 0 ? "" : csv_field(summary, row, (size_t)col));
        }
        putchar('\n');
    }
}

int collect_main(int argc, char **argv)
{
    struct table t;

    if (argc != 3 || strcmp(argv[1], "--collect") != 0 || argv[2][0] == '-') {
        fprintf(stderr, "mpsim-stat: --collect takes one directory and nothing else\n%s", usage);
        return 2;
    }
    load_table(&t, argv[2]);
    put_header(&t);
    for (size_t i = 0; i < t.runs.count; i++)
        put_run(&t, &t.runs.run[i], &t.summary[i]);
    free_table(&t);
    if (fflush(stdout) != 0 || ferror(stdout))
        text_die("standard output cannot be written");
    return 0;
}
