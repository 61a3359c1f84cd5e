/* SPDX-License-Identifier: MIT */
/* cmd_nstat.c - `nstat [-a] [-j] [-n] [-r] [-s] [-z] [pattern...]` for the stand-in: libmpt's counters under Linux's
 * names, and those that Linux has not. Without -a values count from the last call that had no -s (nstat(8)). */
#include "host.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

struct flags {
    int absolute, json, silent, reset, keep, zeros; /* -a -j -n -r -s -z */
    char **patterns;
};

/* A long option as its letter. */
static const char *letters(const char *word)
{
    static const char *const names[][2] = { { "--ignore", "a" }, { "--json", "j" }, { "--nooutput", "n" },
                                            { "--pretty", "p" }, { "--reset", "r" }, { "--noupdate", "s" },
                                            { "--zeros", "z" } };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!strcmp(word, names[i][0]))
            return names[i][1];
    return word + 1;
}

/* Letters may be joined (-asz). */
static int read_flags(struct flags *f, char **words, FILE *err)
{
    for (; *words && words[0][0] == '-'; words++)
        for (const char *at = letters(*words); *at; at++)
            switch (*at) {
            case 'a':
                f->absolute = 1;
                break;
            case 'j':
            case 'p': /* pretty: on one line all the same */
                f->json = 1;
                break;
            case 'n':
                f->silent = 1;
                break;
            case 'r':
                f->reset = 1;
                break;
            case 's':
                f->keep = 1;
                break;
            case 'z':
                f->zeros = 1;
                break;
            default:
                fprintf(err, "nstat: invalid option -- '%c'\n", *at);
                return 1;
            }
    f->patterns = words;
    return 0;
}

/* Shell patterns, any of them. */
static int wanted(const struct flags *f, const char *name)
{
    if (!*f->patterns)
        return 1;
    for (char **p = f->patterns; *p; p++)
        if (fnmatch(*p, name, 0) == 0)
            return 1;
    return 0;
}

/* Zeros only with -z; increments unless -a. */
static void print(struct pd_host *host, const struct flags *f, FILE *out)
{
    struct mpt_counter c;
    const char *between = "";

    fputs(f->json ? "{\"kernel\":{" : "#kernel\n", out);
    for (size_t i = 0; mpt_counter(host->stack, i, &c) == 1; i++) {
        uint64_t base = f->absolute || i >= host->baselines ? 0 : host->baseline[i], value = c.value - base;

        if ((!value && !f->zeros) || !wanted(f, c.name))
            continue;
        if (f->json)
            fprintf(out, "%s\"%s\":%llu", between, c.name, (unsigned long long)value);
        else
            fprintf(out, "%-32s%-16llu   0.0\n", c.name, (unsigned long long)value);
        between = ",";
    }
    if (f->json)
        fputs("}}\n", out);
}

/* nstat keeps its history in a file, this one in the host. */
static void remember(struct pd_host *host)
{
    struct mpt_counter c;
    size_t n = 0;

    while (mpt_counter(host->stack, n, &c) == 1)
        n++;
    if (!host->baseline)
        host->baseline = calloc(n, sizeof *host->baseline);
    host->baselines = host->baseline ? n : 0;
    for (size_t i = 0; i < host->baselines && mpt_counter(host->stack, i, &c) == 1; i++)
        host->baseline[i] = c.value;
}

int pd_cmd_nstat(struct pd_host *host, char **words, FILE *out, FILE *err)
{
    struct flags f = { 0 };

    if (read_flags(&f, words, err))
        return 1;
    if (f.reset)
        host->baselines = 0;
    if (!f.silent)
        print(host, &f, out);
    if (!f.keep)
        remember(host);
    return 0;
}
