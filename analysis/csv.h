/* SPDX-License-Identifier: MIT */
/* analysis/csv.h - reads the tables that runs leave: a header line, commas, no quoting.
 *
 * The whole file is kept as one text cut into fields in place. Called by runs.c. */
#ifndef ANALYSIS_CSV_H
#define ANALYSIS_CSV_H

#include <stddef.h>

struct csv {
    char *text;   /* the file; fields point into it */
    char **field; /* rows * cols fields, row by row, the header first */
    size_t rows;  /* with the header */
    size_t cols;  /* of the header; a row with another count is an error */
};

/* Reads a file: 0, or -1 with a line in err (unreadable, empty, or a row of another width). */
int csv_read(struct csv *csv, const char *path, char *err, size_t cap);
void csv_clear(struct csv *csv);
/* Column of that name, or -1. */
int csv_column(const struct csv *csv, const char *name);
/* Field of a row (the first data row is 1). */
const char *csv_field(const struct csv *csv, size_t row, size_t col);
/* The field as a number: 1, or 0 when it is empty or no number. */
int csv_number(const struct csv *csv, size_t row, size_t col, double *value);

#endif
