/* SPDX-License-Identifier: MIT */
/* analysis/text.c - see text.h. */
#include "analysis/text.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A broken run ends the program: a table that silently lacks it would mislead. */
void text_die(const char *format, ...)
{
    va_list args;

    fprintf(stderr, "mpsim-stat: ");
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

static void place_of(char *path, char *part, size_t cap, const char *dir, const char *name)
{
    snprintf(path, cap, "%s/%s", dir, name);
    snprintf(part, cap, "%s/.%s.part", dir, name);
}

FILE *text_create(const char *dir, const char *name, const char *header)
{
    char path[1200], part[1200];
    FILE *file;

    place_of(path, part, sizeof path, dir, name);
    file = fopen(part, "w");
    if (file == NULL)
        text_die("%s: cannot be written", path);
    if (header != NULL)
        fprintf(file, "%s\n", header);
    return file;
}

void text_finish(FILE *file, const char *dir, const char *name)
{
    char path[1200], part[1200];
    int bad = ferror(file);

    place_of(path, part, sizeof path, dir, name);
    bad |= fclose(file);
    if (bad || rename(part, path) != 0) {
        remove(part);
        text_die("%s: writing failed", path);
    }
}

/* Grows as it reads: the file may be a pipe. */
char *text_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t len = 0, got = 1;

    if (file == NULL)
        return NULL;
    while (got > 0) {
        text = realloc(text, len + 65536 + 1);
        if (text == NULL)
            text_die("out of memory");
        got = fread(text + len, 1, 65536, file);
        len += got;
    }
    text[len] = '\0';
    if (ferror(file)) { /* a directory opens, but cannot be read */
        free(text);
        text = NULL;
    }
    fclose(file);
    if (text != NULL && memchr(text, 0, len) != NULL)
        text_die("%s: octet %zu is 0: no text", path, (size_t)((char *)memchr(text, 0, len) - text));
    return text;
}

/* strtod alone would take leading blanks, "inf" and "nan". */
int text_number(const char *text, double *value)
{
    char *end;

    if (*text == '\0' || isspace((unsigned char)*text))
        return 0;
    *value = strtod(text, &end);
    return *end == '\0' && isfinite(*value);
}

/* A bare number is in seconds. */
int text_seconds(const char *text, double *seconds)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"", 1}};
    char *end;
    double value = strtod(text, &end);

    if (end == text)
        return 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].unit) == 0) {
            *seconds = value * units[i].seconds;
            return 1;
        }
    }
    return 0;
}

/* Copies a string value up to its closing quote; only \" and \\ are written by our own runs. */
static void copy_string(const char *p, char *out, size_t cap)
{
    size_t n = 0;
    for (; *p != '\0' && *p != '"'; p++) {
        if (*p == '\\' && p[1] != '\0')
            p++;
        if (n + 1 < cap)
            out[n++] = *p;
    }
    out[n] = '\0';
}

/* No general parser: the first place where the key stands counts, and run.json has what is asked for at
 * its top. */
int text_json(const char *json, const char *key, char *out, size_t cap)
{
    size_t len = strlen(key);

    for (const char *p = strchr(json, '"'); p != NULL; p = strchr(p + 1, '"')) {
        if (strncmp(p + 1, key, len) != 0 || p[1 + len] != '"')
            continue;
        const char *value = p + 2 + len;
        value += strspn(value, " \t\r\n");
        if (*value != ':')
            continue; /* that was a value, not a key */
        value += 1 + strspn(value + 1, " \t\r\n");
        if (*value == '"') {
            copy_string(value + 1, out, cap);
            return 1;
        }
        size_t n = strcspn(value, ",}] \t\r\n");
        snprintf(out, cap, "%.*s", (int)n, value);
        return strcmp(out, "null") != 0;
    }
    return 0;
}

/* Digits count as numbers, everything else octet by octet. */
int text_compare(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            char *a_end, *b_end;
            unsigned long long x = strtoull(a, &a_end, 10), y = strtoull(b, &b_end, 10);
            if (x != y)
                return x < y ? -1 : 1;
            a = a_end;
            b = b_end;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != '\0') - (*b != '\0');
}
