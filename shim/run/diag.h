/* SPDX-License-Identifier: MIT */
/* run/diag.h - what is wrong with a scenario, and where: "scenarios/x.yaml:12:5: ...".
 * The loader goes on after an error, so that a user sees all of them at once. */
#ifndef RUN_DIAG_H
#define RUN_DIAG_H

#include <stddef.h>

/* Where a key or value was written. */
struct place {
    const char *file; /* path, or "--set" */
    unsigned line;    /* from 1; 0: no line (command line) */
    unsigned column;  /* from 1 */
};

struct diag {
    char *text;    /* all messages, a line each */
    size_t len;    /* octets in text */
    size_t errors; /* messages */
};

void diag_add(struct diag *d, struct place at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Frees the text; the diag may be used again. */
void diag_clear(struct diag *d);
/* "file:12:5", or the file alone. */
void diag_place(struct place at, char *out, size_t cap);

#endif
