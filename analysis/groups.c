/* SPDX-License-Identifier: MIT */
/* analysis/groups.c - see groups.h. Called by describe.c. */
#include "analysis/groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/text.h"

/* ---- the table ----------------------------------------------------------------------------------- */

/* A name that stands twice could mean either. */
static size_t find_column(const struct groups *g, const char *name)
{
    const struct csv *csv = &g->csv;
    size_t found = csv->cols;

    for (size_t col = 0; col < csv->cols; col++) {
        if (strcmp(csv->field[col], name) != 0)
            continue;
        if (found < csv->cols)
            text_die("%s:1: two columns are called %s", g->choice->path, name);
        found = col;
    }
    if (found < csv->cols)
        return found;
    char known[600] = "";
    for (size_t col = 0, len = 0; col < csv->cols && len < sizeof known; col++)
        len += (size_t)snprintf(known + len, sizeof known - len, "%s%s", col > 0 ? ", " : "", csv->field[col]);
    text_die("%s:1: no column %s; there are %s", g->choice->path, name, known);
    return 0;
}

/* A CR would become part of the last column's name and texts, and match nothing without showing why. */
static void refuse_cr(const struct groups *g)
{
    for (size_t i = 0; i < g->csv.rows * g->csv.cols; i++)
        if (strchr(g->csv.field[i], '\r') != NULL)
            text_die("%s:%zu: column %zu holds a CR: lines must end with LF alone, not CR LF (tr -d '\\r' takes them out)",
                     g->choice->path, i / g->csv.cols + 1, i % g->csv.cols + 1);
}

static int is_among(const char *list, const char *text)
{
    for (size_t len = strlen(text);; list++) {
        if (strncmp(list, text, len) == 0 && (list[len] == ',' || list[len] == '\0'))
            return 1;
        list = strchr(list, ',');
        if (list == NULL)
            return 0;
    }
}

/* An empty field is a value that is not known, not a mistake of writing: they are told apart. Only a list that has the empty text takes
 * it as a text. 1: there is a value. */
static int take_value(const struct groups *g, size_t row, size_t col, double *value)
{
    const char *text = csv_field(&g->csv, row, col), *name = g->csv.field[col], *among = g->choice->among;
    int known = *text != '\0' || (among != NULL && is_among(among, ""));

    if (!known && !g->choice->skip_empty)
        text_die("%s:%zu: column %s is empty; --skip-empty leaves such rows out and counts them%s", g->choice->path, row + 1, name,
                 among != NULL ? ", --among '' counts them" : "");
    if (among != NULL)
        *value = is_among(among, text);
    else if (known && !text_number(text, value))
        text_die("%s:%zu: column %s: '%s' is no finite number", g->choice->path, row + 1, name, text);
    return known;
}

/* ---- groups -------------------------------------------------------------------------------------- */

/* Natural order; "01" and "1", which it takes for equal, stay apart. */
static int compare_texts(const char *a, const char *b)
{
    int d = text_compare(a, b);
    return d != 0 ? d : strcmp(a, b);
}

/* A row with what sorts it: qsort(3) passes nothing else on. */
struct row {
    const struct groups *g; /* columns and texts */
    size_t row;             /* in the table */
    const char *pair;       /* text of the column of pairs */
};

static int compare_keys(const struct groups *g, size_t a, size_t b, size_t from)
{
    int d = 0;
    for (size_t i = from; d == 0 && i < g->choice->bys; i++)
        d = compare_texts(csv_field(&g->csv, a, g->by[i]), csv_field(&g->csv, b, g->by[i]));
    return d;
}

static int compare_rows(const void *pa, const void *pb)
{
    const struct row *a = pa, *b = pb;
    int d = compare_keys(a->g, a->row, b->row, 0);
    if (d == 0)
        d = compare_texts(a->pair, b->pair);
    return d != 0 ? d : (a->row > b->row) - (a->row < b->row);
}

/* All data rows, group by group. */
static struct row *sort_rows(const struct groups *g, size_t rows)
{
    struct row *sorted = calloc(rows, sizeof *sorted);
    size_t pair = g->choice->pair != NULL ? find_column(g, g->choice->pair) : 0;

    if (sorted == NULL)
        text_die("out of memory");
    for (size_t i = 0; i < rows; i++) {
        sorted[i] = (struct row){g, i + 1, g->choice->pair != NULL ? csv_field(&g->csv, i + 1, pair) : ""};
        if (g->choice->pair != NULL && *sorted[i].pair == '\0')
            text_die("%s:%zu: column %s is empty, and it is to pair the rows", g->choice->path, i + 2, g->choice->pair);
    }
    qsort(sorted, rows, sizeof *sorted, compare_rows);
    return sorted;
}

/* Two rows of a seed, such as two connections of a run, are not independent, and which of them would be the pair? */
static void refuse_twice(const struct groups *g, const struct row *a, const struct row *b, const struct group *group)
{
    char name[300];
    if (g->choice->pair != NULL && strcmp(a->pair, b->pair) == 0)
        text_die("%s:%zu: %s has %s = %s twice, as in line %zu; one row for each, or another --by", g->choice->path, b->row + 1,
                 groups_name(g, group, name, sizeof name), g->choice->pair, b->pair, a->row + 1);
}

/* Sorted, so a group is a range of rows. */
static void cut_groups(struct groups *g, const struct row *sorted, size_t rows, size_t value)
{
    struct item *item = g->item;

    for (size_t i = 0; i < rows; i++) {
        if (i == 0 || compare_keys(g, sorted[i - 1].row, sorted[i].row, 0) != 0)
            g->group[g->count++] = (struct group){.item = item, .row = sorted[i].row};
        else
            refuse_twice(g, &sorted[i - 1], &sorted[i], &g->group[g->count - 1]);
        struct group *group = &g->group[g->count - 1];
        *item = (struct item){.row = sorted[i].row, .pair = sorted[i].pair};
        if (take_value(g, sorted[i].row, value, &item->value)) {
            group->n++;
            item++;
        } else {
            group->empty++;
        }
    }
}

/* The first wrong field of the file is the one that is named, whatever its group. */
static void check_values(const struct groups *g, size_t value)
{
    double ignored;
    for (size_t row = 1; row < g->csv.rows; row++)
        take_value(g, row, value, &ignored);
}

/* None of all is a share as good as any, but it may be a slip of the pen. */
static void note_strangers(const struct groups *g, size_t value)
{
    if (g->choice->among == NULL)
        return;
    for (size_t row = 1; row < g->csv.rows; row++)
        if (is_among(g->choice->among, csv_field(&g->csv, row, value)))
            return;
    fprintf(stderr, "mpsim-stat: %s: column %s is in no row one of %s: all shares are 0\n", g->choice->path, g->choice->value,
            g->choice->among);
}

void groups_load(struct groups *g, const struct choice *choice)
{
    char err[1200];

    memset(g, 0, sizeof *g);
    g->choice = choice;
    if (csv_read(&g->csv, choice->path, err, sizeof err) != 0)
        text_die("%s", err);
    refuse_cr(g);
    size_t value = find_column(g, choice->value), rows = g->csv.rows - 1;
    for (size_t i = 0; i < choice->bys; i++)
        g->by[i] = find_column(g, choice->by[i]);
    if (rows == 0)
        text_die("%s: a header and no row", choice->path);
    check_values(g, value);
    note_strangers(g, value);
    struct row *sorted = sort_rows(g, rows);
    g->item = calloc(rows, sizeof *g->item);
    g->group = calloc(rows, sizeof *g->group);
    if (g->item == NULL || g->group == NULL)
        text_die("out of memory");
    cut_groups(g, sorted, rows, value);
    free(sorted);
}

void groups_free(struct groups *g)
{
    free(g->group);
    free(g->item);
    csv_clear(&g->csv);
    memset(g, 0, sizeof *g);
}

const char *groups_text(const struct groups *g, const struct group *group, size_t i)
{
    return csv_field(&g->csv, group->row, g->by[i]);
}

const struct group *groups_beside(const struct groups *g, const struct group *group, const char *first)
{
    for (size_t i = 0; i < g->count; i++)
        if (strcmp(groups_text(g, &g->group[i], 0), first) == 0 && compare_keys(g, g->group[i].row, group->row, 1) == 0)
            return &g->group[i];
    return NULL;
}

const char *groups_name(const struct groups *g, const struct group *group, char *out, size_t cap)
{
    snprintf(out, cap, "%s", "all");
    for (size_t i = 0, len = 0; i < g->choice->bys && len < cap; i++)
        len += (size_t)snprintf(out + len, cap - len, "%s%s", i > 0 ? "," : "", groups_text(g, group, i));
    return out;
}
