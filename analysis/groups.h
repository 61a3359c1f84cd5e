/* SPDX-License-Identifier: MIT */
/* analysis/groups.h - one column of a CSV table as numbers (or as what is among some texts), in groups of rows by the texts of other columns.
 *
 * Whatever is wrong with the table ends the program with status 1 and file, line and column. Called by describe.c. */
#ifndef ANALYSIS_GROUPS_H
#define ANALYSIS_GROUPS_H

#include <stddef.h>

#include "analysis/csv.h"

enum { GROUPS_BY = 8 };

/* What to read: names of columns. */
struct choice {
    const char *path;           /* the table; /dev/stdin: standard input */
    const char *value;          /* the column of numbers */
    const char *by[GROUPS_BY];  /* columns that make the groups */
    size_t bys;                 /* how many */
    const char *pair;           /* column that pairs rows across groups, each value once a group; NULL: none */
    int skip_empty;             /* leave empty values out instead of refusing them */
    const char *among;          /* texts with commas: a value is 1 where it is one of them, else 0; NULL: values are numbers */
};

struct item {
    double value;      /* its number */
    size_t row;        /* in the table; line row + 1 of the file */
    const char *pair;  /* text of the column of pairs; "" without one */
};

struct group {
    struct item *item; /* by pair, then row */
    size_t n;          /* values */
    size_t empty;      /* rows without one */
    size_t row;        /* one of its rows, for its texts */
};

struct groups {
    const struct choice *choice; /* of groups_load */
    struct csv csv;              /* texts of items point into it */
    size_t by[GROUPS_BY];        /* columns */
    struct item *item;           /* of all groups */
    struct group *group;         /* in natural order of their texts */
    size_t count;                /* groups */
};

void groups_load(struct groups *g, const struct choice *choice);
void groups_free(struct groups *g);
/* Text of the i-th column of --by in a group. */
const char *groups_text(const struct groups *g, const struct group *group, size_t i);
/* The group that differs from this one in the first column only, where it has that text; NULL when there is none. */
const struct group *groups_beside(const struct groups *g, const struct group *group, const char *first);
/* "jwd,idle" for messages; "all" without --by. */
const char *groups_name(const struct groups *g, const struct group *group, char *out, size_t cap);

#endif
