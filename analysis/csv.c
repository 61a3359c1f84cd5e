/* SPDX-License-Identifier: MIT */
/* analysis/csv.c - see csv.h. Called by runs.c. */
#include "analysis/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/text.h"

/* Of the header line. */
static size_t count_fields(const char *line)
{
    size_t n = 1;
    for (; *line != '\0' && *line != '\n'; line++)
        n += *line == ',';
    return n;
}

/* A last line without its newline counts. */
static size_t count_rows(const char *text)
{
    size_t n = 0;
    for (const char *p = text; *p != '\0'; p++)
        n += *p == '\n' || p[1] == '\0';
    return n;
}

/* Cuts one line into fields, which it ends with NUL; returns where the next line begins. */
static char *cut_line(char *line, char **field, size_t cols, size_t *found)
{
    char *end = line + strcspn(line, "\n");
    char *next = *end == '\0' ? end : end + 1;

    *end = '\0';
    *found = 0;
    for (char *p = line; p != NULL; (*found)++) {
        char *comma = strchr(p, ',');
        if (*found < cols)
            field[*found] = p;
        if (comma != NULL)
            *comma++ = '\0';
        p = comma;
    }
    return next;
}

/* A row of another width means a run that was cut short, or another version of the program. */
int csv_read(struct csv *csv, const char *path, char *err, size_t cap)
{
    memset(csv, 0, sizeof *csv);
    csv->text = text_read(path);
    if (csv->text == NULL || csv->text[0] == '\0') {
        snprintf(err, cap, "%s: cannot be read or is empty", path);
        csv_clear(csv);
        return -1;
    }
    csv->cols = count_fields(csv->text);
    csv->rows = count_rows(csv->text);
    csv->field = calloc(csv->rows * csv->cols, sizeof *csv->field);
    if (csv->field == NULL)
        text_die("out of memory");
    char *line = csv->text;
    for (size_t row = 0; row < csv->rows; row++) {
        size_t found;
        line = cut_line(line, csv->field + row * csv->cols, csv->cols, &found);
        if (found != csv->cols) {
            snprintf(err, cap, "%s:%zu: %zu fields, the header has %zu", path, row + 1, found,
                     csv->cols);
            csv_clear(csv);
            return -1;
        }
    }
    return 0;
}

void csv_clear(struct csv *csv)
{
    free(csv->field);
    free(csv->text);
    memset(csv, 0, sizeof *csv);
}

/* By name: columns may be added without harm. */
int csv_column(const struct csv *csv, const char *name)
{
    for (size_t col = 0; col < csv->cols; col++)
        if (strcmp(csv->field[col], name) == 0)
            return (int)col;
    return -1;
}

const char *csv_field(const struct csv *csv, size_t row, size_t col)
{
    return csv->field[row * csv->cols + col];
}

int csv_number(const struct csv *csv, size_t row, size_t col, double *value)
{
    return text_number(csv_field(csv, row, col), value);
}
