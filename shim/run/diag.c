/* SPDX-License-Identifier: MIT */
/* run/diag.c - error messages with their place; see diag.h. */
#include "run/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/pool.h"

/* "file:line:column", as compilers write it and editors read it; without a line only the file. */
void diag_place(struct place at, char *out, size_t cap)
{
    if (at.line > 0)
        snprintf(out, cap, "%s:%u:%u", at.file, at.line, at.column);
    else
        snprintf(out, cap, "%s", at.file != NULL ? at.file : "mpsim");
}

/* One line a message; the text is collected and printed once, by whoever asked. */
void diag_add(struct diag *d, struct place at, const char *format, ...)
{
    char where[512], line[1024], whole[1600];
    va_list ap;
    int n;

    va_start(ap, format);
    vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    diag_place(at, where, sizeof where);
    n = snprintf(whole, sizeof whole, "%s: %s\n", where, line);
    if (d->text != NULL && strstr(d->text, whole) != NULL)
        return; /* the same layer is resolved once per variant: say it once */
    d->text = pool_grow(d->text, d->len + (size_t)n + 1);
    memcpy(d->text + d->len, whole, (size_t)n + 1);
    d->len += (size_t)n;
    d->errors++;
}

void diag_clear(struct diag *d)
{
    free(d->text);
    memset(d, 0, sizeof *d);
}
