/* SPDX-License-Identifier: MIT */
/* analysis/runs.c - see runs.h. Called by main.c. */
#include "analysis/runs.h"

#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/csv.h"
#include "analysis/text.h"

enum { PATH_CAP = 1024, ERR_CAP = 1200 };

/* The order of the story that figures tell; unknown names follow by the alphabet. */
int runs_rank(const char *variant)
{
    static const char *const order[] = {"both", "backup", "join4", "jwd", "jwdval", "tcp", "tls-tcp", "mptcp", "tls-mptcp",
                                        "sec-segment", "sec"};
    enum { KNOWN = sizeof order / sizeof *order };
    for (int i = 0; i < KNOWN; i++)
        if (strcmp(variant, order[i]) == 0)
            return i;
    return KNOWN;
}

/* By axes, rank, name, seed: points are then ranges, and pairs are found in one pass. */
static int compare_runs(const void *pa, const void *pb)
{
    const struct run *a = pa, *b = pb;
    int d = text_compare(a->axes, b->axes);
    if (d == 0)
        d = runs_rank(a->variant) - runs_rank(b->variant);
    if (d == 0)
        d = strcmp(a->variant, b->variant);
    return d != 0 ? d : (a->seed > b->seed) - (a->seed < b->seed);
}

/* ---- one run --------------------------------------------------------------------------------- */

/* A number of run.json; NAN when it is not there. */
static double json_number(const char *json, const char *key)
{
    char text[64];
    double value;
    return text_json(json, key, text, sizeof text) && text_number(text, &value) ? value : NAN;
}

/* The seed must agree with the directory: a copied run would count twice. */
static void read_json(struct run *run, const char *dir)
{
    char path[PATH_CAP];
    snprintf(path, sizeof path, "%s/run.json", dir);
    char *json = text_read(path);
    if (json == NULL)
        text_die("%s: cannot be read", path);
    run->loss_at = json_number(json, "loss_at_s");
    run->end = json_number(json, "end_s");
    setup_read(&run->setup, json);
    double seed = json_number(json, "seed");
    if (isnan(run->end) || isnan(seed))
        text_die("%s: no \"end_s\" or no \"seed\"", path);
    if ((uint64_t)seed != run->seed)
        text_die("%s: seed %.0f is in the directory of seed %llu", path, seed,
                 (unsigned long long)run->seed);
    free(json);
}

/* A column that has to be there. */
static size_t need_column(const struct csv *csv, const char *path, const char *name)
{
    int col = csv_column(csv, name);
    if (col < 0)
        text_die("%s: no column %s", path, name);
    return (size_t)col;
}

/* Unanswered requests stay: their delay is at least what was left of the run. */
static void take_request(struct run *run, struct request *r, const struct window *w)
{
    if (!r->answered) {
        r->delay = run->end - r->sent;
        run->unanswered++;
    }
    /* NAN without a moment of loss, and every comparison with it is false */
    double since = r->sent - run->loss_at;
    /* Without a moment of loss (walking) every request counts. */
    r->in_window = isnan(run->loss_at) || (since >= -w->before && since <= w->after);
    if (r->delay > run->largest)
        run->largest = r->delay;
}

/* answered_s is empty for a request without answer. */
static void read_requests(struct run *run, const char *dir, const struct window *w)
{
    char path[PATH_CAP], err[ERR_CAP];
    struct csv csv;

    snprintf(path, sizeof path, "%s/requests.csv", dir);
    if (csv_read(&csv, path, err, sizeof err) != 0)
        text_die("%s", err);
    size_t sent = need_column(&csv, path, "sent_s");
    size_t answered = need_column(&csv, path, "answered_s");
    size_t delay = need_column(&csv, path, "delay_s");
    run->requests = csv.rows - 1;
    run->request = calloc(csv.rows, sizeof *run->request);
    if (run->request == NULL)
        text_die("out of memory");
    for (size_t row = 1; row < csv.rows; row++) {
        struct request *r = &run->request[row - 1];
        r->answered = csv_field(&csv, row, answered)[0] != '\0';
        if (!csv_number(&csv, row, sent, &r->sent) ||
            (r->answered && !csv_number(&csv, row, delay, &r->delay)))
            text_die("%s:%zu: not a number", path, row + 1);
        take_request(run, r, w);
    }
    csv_clear(&csv);
}

/* Columns that count IP octets on LTE: lte_up_bytes and lte_down_bytes. */
static int counts_lte(const char *column)
{
    return strncmp(column, "lte_", 4) == 0 && strstr(column, "bytes") != NULL;
}

/* The largest of a column over all connections, or their sum; NAN where there is none. */
static double column_of(const struct csv *csv, const char *name, int sum)
{
    int col = csv_column(csv, name);
    double value, total = NAN;

    for (size_t row = 1; col >= 0 && row < csv->rows; row++)
        if (csv_number(csv, row, (size_t)col, &value))
            total = isnan(total) ? value : sum ? total + value : fmax(total, value);
    return total;
}

/* Columns that count IP octets of a path: NAME_up_bytes, NAME_down_bytes. */
static int counts_octets(const char *column)
{
    const char *end = strstr(column, "_bytes");
    return end != NULL && end[6] == '\0';
}

/* A column that each connection of a phone repeats, for it is the phone's: summed over phones (1 to 64). NAN where there is none. */
static double column_of_phones(const struct csv *csv, size_t col)
{
    int phone = csv_column(csv, "phone");
    uint64_t seen = 0;
    double value, number, total = NAN;

    for (size_t row = 1; row < csv->rows; row++) {
        uint64_t bit = 0;

        if (phone >= 0 && csv_number(csv, row, (size_t)phone, &number) && number >= 1 && number <= 64)
            bit = UINT64_C(1) << ((int)number - 1);
        if (!(seen & bit) && csv_number(csv, row, col, &value))
            total = isnan(total) ? value : total + value;
        seen |= bit;
    }
    return total;
}

/* Octets on LTE over all phones; a scenario without such a path has NAN. */
static void read_summary(struct run *run, const char *dir)
{
    char path[PATH_CAP], err[ERR_CAP];
    struct csv csv;

    snprintf(path, sizeof path, "%s/summary.csv", dir);
    if (csv_read(&csv, path, err, sizeof err) != 0)
        text_die("%s", err);
    run->octets_up = column_of(&csv, "octets_up", 1);
    run->last_up = column_of(&csv, "last_up_s", 0);
    run->octets_down = column_of(&csv, "octets_down", 1);
    run->last_down = column_of(&csv, "last_down_s", 0);
    run->lte_active = column_of(&csv, "lte_active_share", 0);
    run->lte_open = column_of(&csv, "lte_open_share", 0);
    run->lte_power = column_of(&csv, "lte_power_w", 0);
    run->lte_bytes = NAN;
    double all = 0;
    for (size_t col = 0; col < csv.cols; col++) {
        if (!counts_octets(csv.field[col]))
            continue;
        for (size_t row = 1; row < csv.rows; row++) {
            double value;
            if (!csv_number(&csv, row, col, &value))
                text_die("%s:%zu: %s is not a number", path, row + 1, csv.field[col]);
        }
        double octets = column_of_phones(&csv, col);
        all += octets;
        if (counts_lte(csv.field[col]))
            run->lte_bytes = isnan(run->lte_bytes) ? octets : run->lte_bytes + octets;
    }
    run->lte_share = all > 0 ? run->lte_bytes / all : NAN;
    csv_clear(&csv);
}

/* Radios are a matter of the scenario: a run without them has no radios.csv. */
static void read_energy(struct run *run, const char *dir)
{
    char path[PATH_CAP], err[ERR_CAP];
    struct csv csv;
    FILE *file;

    run->energy = NAN;
    snprintf(path, sizeof path, "%s/radios.csv", dir);
    if ((file = fopen(path, "r")) == NULL)
        return;
    fclose(file);
    if (csv_read(&csv, path, err, sizeof err) != 0)
        text_die("%s", err);
    size_t col = need_column(&csv, path, "energy_j");
    for (size_t row = 1; row < csv.rows; row++) {
        double value;
        if (!csv_number(&csv, row, col, &value))
            text_die("%s:%zu: energy_j is not a number", path, row + 1);
        run->energy = isnan(run->energy) ? value : run->energy + value;
    }
    csv_clear(&csv);
}

/* ---- the tree -------------------------------------------------------------------------------- */

/* A new run of a variant directory "jwd,size=512,extra_delay=0ms". */
static struct run *add_run(struct runs *runs, const char *name, uint64_t seed)
{
    runs->run = realloc(runs->run, (runs->count + 1) * sizeof *runs->run);
    if (runs->run == NULL)
        text_die("out of memory");
    struct run *run = &runs->run[runs->count++];
    memset(run, 0, sizeof *run);
    size_t len = strcspn(name, ",");
    const char *axes = name[len] == ',' ? name + len + 1 : "";
    if (len >= sizeof run->variant || strlen(axes) >= sizeof run->axes)
        text_die("%s/%s: the name is too long", runs->dir, name);
    memcpy(run->variant, name, len);
    memcpy(run->axes, axes, strlen(axes) + 1);
    run->seed = seed;
    return run;
}

/* "run-17" gives 17; anything else, such as a temporary name, -1. */
static int parse_seed(const char *name, uint64_t *seed)
{
    char *end;
    if (strncmp(name, "run-", 4) != 0 || !isdigit((unsigned char)name[4]))
        return -1;
    *seed = strtoull(name + 4, &end, 10);
    return *end == '\0' ? 0 : -1;
}

/* run.json is written last. */
static int is_finished(const char *dir)
{
    char path[PATH_CAP];
    snprintf(path, sizeof path, "%s/run.json", dir);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    fclose(file);
    return 1;
}

/* The order of readdir(3) does not matter: everything is sorted afterwards. */
static void load_variant(struct runs *runs, const char *name, const struct window *w)
{
    char path[PATH_CAP / 2], dir[PATH_CAP - 16];
    snprintf(path, sizeof path, "%s/%s", runs->dir, name);
    DIR *d = opendir(path);
    if (d == NULL)
        return; /* a file */
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        uint64_t seed;
        runs->failed += strncmp(e->d_name, "failed-", 7) == 0;
        snprintf(dir, sizeof dir, "%s/%s", path, e->d_name);
        if (parse_seed(e->d_name, &seed) != 0 || !is_finished(dir))
            continue;
        struct run *run = add_run(runs, name, seed);
        read_json(run, dir);
        snprintf(run->path, sizeof run->path, "%s", dir);
        if (w == NULL)
            continue;
        if (run->setup.kind != SETUP_BULK) /* a transfer has no requests */
            read_requests(run, dir, w);
        read_summary(run, dir);
        read_energy(run, dir);
    }
    closedir(d);
}

/* results/<scenario>/<engine>: the last two names. */
static void name_runs(struct runs *runs, const char *dir)
{
    snprintf(runs->dir, sizeof runs->dir, "%s", dir);
    while (strlen(runs->dir) > 1 && runs->dir[strlen(runs->dir) - 1] == '/')
        runs->dir[strlen(runs->dir) - 1] = '\0';
    const char *engine = strrchr(runs->dir, '/');
    if (engine == NULL || engine == runs->dir)
        text_die("%s: expected results/<scenario>/<engine>", dir);
    const char *scenario = engine;
    while (scenario > runs->dir && scenario[-1] != '/')
        scenario--;
    snprintf(runs->engine, sizeof runs->engine, "%.15s", engine + 1);
    snprintf(runs->scenario, sizeof runs->scenario, "%.*s", (int)(engine - scenario), scenario);
}

/* A directory is skipped only when it is hidden or unfinished; a broken file ends the program. */
void runs_load(struct runs *runs, const char *dir, const struct window *window)
{
    memset(runs, 0, sizeof *runs);
    name_runs(runs, dir);
    DIR *d = opendir(runs->dir);
    if (d == NULL)
        text_die("%s: no such directory", runs->dir);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        if (e->d_name[0] != '.')
            load_variant(runs, e->d_name, window);
    closedir(d);
    if (runs->count > 0)
        qsort(runs->run, runs->count, sizeof *runs->run, compare_runs);
}

void runs_free(struct runs *runs)
{
    for (size_t i = 0; i < runs->count; i++)
        free(runs->run[i].request);
    free(runs->run);
    memset(runs, 0, sizeof *runs);
}

/* Runs are sorted, so equal ones are neighbours. */
size_t runs_group_end(const struct runs *runs, size_t from, int by_variant)
{
    size_t end = from;
    while (end < runs->count && strcmp(runs->run[end].axes, runs->run[from].axes) == 0 &&
           (!by_variant || strcmp(runs->run[end].variant, runs->run[from].variant) == 0))
        end++;
    return end;
}
