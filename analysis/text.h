/* SPDX-License-Identifier: MIT */
/* analysis/text.h - files, numbers and the flat JSON of run.json. Used by everything in analysis/.
 */
#ifndef ANALYSIS_TEXT_H
#define ANALYSIS_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Prints "mpsim-stat: ..." and ends with status 1. */
void text_die(const char *format, ...);
/* DIR/NAME is written beside its place, and put there when it is whole: a full disk leaves the old one. `header`: its first
 * line, or NULL. */
FILE *text_create(const char *dir, const char *name, const char *header);
void text_finish(FILE *file, const char *dir, const char *name);
/* The whole file with a final NUL, to be freed; NULL when it cannot be read. A NUL inside ends the program. */
char *text_read(const char *path);
/* A whole text as a finite number: 1, else 0. */
int text_number(const char *text, double *value);
/* A time such as "50ms", "1.5s" or "200us" in seconds: 1, else 0. */
int text_seconds(const char *text, double *seconds);
/* The value of a key in a flat JSON object, quotes taken off: 1, or 0 when it is not there or null.
 */
int text_json(const char *json, const char *key, char *out, size_t cap);
/* Order in which digits count as numbers: "delay=50ms" before "delay=100ms". */
int text_compare(const char *a, const char *b);

#endif
