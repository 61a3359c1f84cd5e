/* SPDX-License-Identifier: MIT */
/* analysis/main.c - mpsim-stat: from the runs of a campaign to tables.
 *
 * A program of its own because GSL is under the GPL. Called by analysis/figures.sh and by hand. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/collect.h"
#include "analysis/describe.h"
#include "analysis/points.h"
#include "analysis/progress.h"
#include "analysis/report.h"
#include "analysis/runs.h"
#include "analysis/tables.h"
#include "analysis/text.h"
#include "analysis/transfers.h"

static const char usage[] =
    "usage: mpsim-stat [OPTION]... DIR...\n"
    "       mpsim-stat --collect DIR\n"
    "       mpsim-stat --describe FILE.csv --value COLUMN [--by COLUMN[,COLUMN]] [--pair COLUMN --baseline VALUE]\n"
    "                  [--skip-empty] [--allow-unequal]\n"
    "       mpsim-stat --describe FILE.csv --value COLUMN --among TEXT[,TEXT] [--by COLUMN[,COLUMN]]\n"
    "Reads the runs of DIR (results/<scenario>/<engine>), writes tables to DIR/tables and prints "
    "them.\n"
    "  --baseline NAME         variant the paired differences are to (join4; tcp for one request at a time)\n"
    "  --window BEFORE,AFTER   handover window around the loss in seconds (1,5)\n"
    "  --progress              goodput over time, from progress.csv, to DIR/tables/progress.csv, and nothing else\n"
    "  --report                one HTML page of DIR, or of a run: DIR/report.html, and nothing else\n"
    "  --allow-unequal         do not refuse when variants have different seeds\n"
    "  --quiet                 write the tables, print nothing\n"
    "  --collect               summary.csv of all runs of DIR as one CSV table on standard output\n"
    "  --describe              statistics of a column of any CSV table, by groups, on standard output\n"
    "  --help\n";

struct options {
    const char *baseline; /* NULL: the usual one of the kind of runs */
    struct window window;
    int allow_unequal, quiet, progress, report;
};

/* Status 2: a mistake of the user's, as in mpsim. */
static void usage_error(const char *what, const char *arg)
{
    fprintf(stderr, "mpsim-stat: %s%s\n%s", what, arg, usage);
    exit(2);
}

/* The third conversion must fail: nothing may follow the numbers. */
static void parse_window(struct window *w, const char *text)
{
    char rest;
    if (sscanf(text, "%lf,%lf%c", &w->before, &w->after, &rest) != 2 || w->before < 0 ||
        w->after <= 0)
        usage_error("--window needs BEFORE,AFTER in seconds, not ", text);
}

/* Returns the index of the first directory. */
static int parse_options(int argc, char **argv, struct options *o)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        const char *arg = argv[i];
        if (strcmp(arg, "--help") == 0) {
            fputs(usage, stdout);
            exit(0);
        } else if (strcmp(arg, "--allow-unequal") == 0) {
            o->allow_unequal = 1;
        } else if (strcmp(arg, "--progress") == 0) {
            o->progress = 1;
        } else if (strcmp(arg, "--report") == 0) {
            o->report = 1;
        } else if (strcmp(arg, "--quiet") == 0) {
            o->quiet = 1;
        } else if (strcmp(arg, "--baseline") == 0 && i + 1 < argc) {
            o->baseline = argv[++i];
        } else if (strcmp(arg, "--window") == 0 && i + 1 < argc) {
            parse_window(&o->window, argv[++i]);
        } else {
            usage_error("unknown option, or its value is missing: ", arg);
        }
    }
    if (i == argc)
        usage_error("which directory?", "");
    return i;
}

/* How many names of directories a path ends with, two at most: "." and ".." name none. */
static int ends_with_names(const char *path)
{
    size_t end = strlen(path);
    int names = 0;

    for (; names < 2; names++) {
        while (end > 0 && path[end - 1] == '/')
            end--;
        size_t begin = end;
        while (begin > 0 && path[begin - 1] != '/')
            begin--;
        if (end == begin || (end - begin <= 2 && strncmp(path + begin, "..", end - begin) == 0))
            break;
        end = begin;
    }
    return names;
}

/* A path that does not show its scenario and engine, such as "." and "loop", in full; of what is not there the same. In out. */
static const char *whole(const char *dir, char *out, size_t cap)
{
    int here;

    if (ends_with_names(dir) == 2 || (here = open(".", O_RDONLY)) < 0)
        return dir;
    if (chdir(dir) == 0) {
        dir = getcwd(out, cap);
        if (dir == NULL || fchdir(here) != 0)
            text_die("the working directory: %s", strerror(errno));
    }
    close(here);
    return dir;
}

/* One directory is one scenario on one engine; nothing is compared across them. */
static void analyse(const char *dir, const struct options *o)
{
    struct runs runs;
    struct points points;
    char out[512];

    runs_load(&runs, dir, o->progress ? NULL : &o->window);
    if (runs.count == 0)
        text_die("%s: no finished run", runs.dir);
    if (runs.failed > 0)
        fprintf(stderr, "mpsim-stat: %s: %zu runs failed and are in no table; `mpsim sweep` tries them again\n", runs.dir, runs.failed);
    snprintf(out, sizeof out, "%s/tables", runs.dir);
    if (mkdir(out, 0777) != 0 && errno != EEXIST)
        text_die("%s: %s", out, strerror(errno));
    if (o->progress) {
        progress_write(out, &runs);
        runs_free(&runs);
        return;
    }
    const char *baseline = o->baseline != NULL ? o->baseline : transfers_are(&runs) ? "tcp" : "join4";
    points_compute(&points, &runs, baseline);
    if (!o->allow_unequal)
        points_refuse_unequal(&points, &runs);
    if (transfers_are(&runs)) {
        transfers_tables(out, &runs, &points, baseline, o->quiet ? NULL : stdout);
    } else {
        tables_write(out, &runs, &points);
        if (!o->quiet)
            tables_print(stdout, &runs, &points, baseline);
    }
    points_free(&points);
    runs_free(&runs);
}

/* Commands with words of their own, wherever among them their name stands. */
static int has_word(int argc, char **argv, const char *word)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], word) == 0)
            return 1;
    return 0;
}

int main(int argc, char **argv)
{
    if (has_word(argc, argv, "--describe"))
        return describe_main(argc, argv);
    if (has_word(argc, argv, "--collect"))
        return collect_main(argc, argv);
    struct options o = {.window = {1, 5}};
    char dir[1024];
    int i = parse_options(argc, argv, &o);
    for (; i < argc; i++)
        if (o.report)
            report_write(whole(argv[i], dir, sizeof dir));
        else
            analyse(whole(argv[i], dir, sizeof dir), &o);
    return 0;
}
