/* SPDX-License-Identifier: MIT */
/* run/campaign.c - the book of a campaign; see campaign.h. Runs are looked at one by one and as late as
 * possible: 10,000 finished ones cost no waiting at the start. */
#include "run/campaign.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "run/batch.h"
#include "run/pool.h"
#include "run/progress.h"

enum { SHOWN = 20 /* failed points in the list */, LOGS = 5 /* failures told at once */ };

/* ---- beginning ---------------------------------------------------------------------------------- */

static int complain(const char *path)
{
    fprintf(stderr, "mpsim: %s: %s\n", path, strerror(errno));
    return CLI_FAILED;
}

/* Batches start later, when the user may be editing the file already. */
static int copy_scenario(struct campaign *c)
{
    const char *from = c->jobs->options->file, *slash = strrchr(from, '/');
    struct stat st;
    char text[4096];
    FILE *in, *out;
    size_t n;

    snprintf(c->file, sizeof c->file, "%.*s/%s", RUNDIR_PATH / 2, c->dir, slash != NULL ? slash + 1 : from);
    if (stat(from, &st) == 0 && !S_ISREG(st.st_mode)) {
        fprintf(stderr, "mpsim: %s: a campaign reads its scenario more than once: write it to a file\n", from);
        return CLI_MISTAKE;
    }
    in = fopen(from, "r");
    if (in == NULL)
        return complain(from);
    out = fopen(c->file, "w");
    while (out != NULL && (n = fread(text, 1, sizeof text, in)) > 0)
        fwrite(text, 1, n, out);
    fclose(in);
    if (out == NULL || (ferror(out) | fclose(out)) != 0)
        return complain(c->file);
    return CLI_OK;
}

/* Exclusively, with two seconds for those who hold it to go: the descriptor, or a status with a line. */
static int take_file(const char *path)
{
    struct timespec pause = {0, 50000000};
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

    if (fd < 0)
        return -complain(path);
    for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
        if (errno != EWOULDBLOCK || i == 40) {
            if (errno != EWOULDBLOCK)
                complain(path);
            else
                fprintf(stderr, "mpsim: another campaign is at work on this: %s is locked\n", path);
            close(fd);
            return -CLI_FAILED;
        }
        nanosleep(&pause, NULL);
    }
    return fd;
}

/* Batches of a campaign that was killed a moment ago hold a lock of their own until they are gone. */
static int take_lock(struct campaign *c)
{
    char path[RUNDIR_PATH + 16];
    int batches;

    snprintf(path, sizeof path, "%s/lock", c->dir);
    c->lock = take_file(path);
    if (c->lock < 0)
        return -c->lock;
    snprintf(path, sizeof path, "%s/batches", c->dir);
    batches = take_file(path);
    if (batches < 0)
        return -batches;
    close(batches);
    return CLI_OK;
}

/* What killed campaigns left, in every directory that this one will write to. */
static void clean_points(struct campaign *c)
{
    struct rundir dir;

    for (size_t i = 0; i < c->jobs->plan->selections; i++) {
        jobs_dir(c->jobs, i, &dir);
        rundir_clean(dir.parent);
    }
}

int campaign_open(struct campaign *c, struct jobs *j)
{
    size_t runs = plan_count(j->plan);
    int status = 0;

    memset(c, 0, sizeof *c);
    c->jobs = j;
    c->lock = -1;
    c->begun = progress_clock();
    c->until = until_open(j, &status);
    c->limit = c->until != NULL ? until_first(c->until) : runs;
    c->state = calloc(runs, 1);
    c->cost = calloc(j->plan->selections, sizeof *c->cost);
    if (c->state == NULL || c->cost == NULL) {
        fprintf(stderr, "mpsim: no memory for a list of %zu runs\n", runs);
        return CLI_FAILED;
    }
    snprintf(c->dir, sizeof c->dir, "%s/%s/%s/.sweep", j->options->out, j->name, config_engine_name(j->engine));
    if (rundir_make(c->dir) < 0)
        return complain(c->dir);
    status = take_lock(c);
    if (status == CLI_OK)
        status = copy_scenario(c);
    if (status == CLI_OK)
        clean_points(c);
    return status;
}

void campaign_close(struct campaign *c)
{
    if (c->lock >= 0)
        close(c->lock);
    until_close(c->until);
    free(c->state);
    free(c->cost);
}

/* ---- what is to be done ------------------------------------------------------------------------- */

/* A run has ended or was there: with `until` its point may get more. */
static void note(struct campaign *c, size_t index, enum campaign_state state)
{
    c->state[index] = (unsigned char)state;
    if (c->until != NULL && until_note(c->until, index, state == RUN_FAILED) < 0)
        c->mistake = 1;
}

/* SIZE_MAX: none now. A finished run is noted here and not when the plan was made. */
static size_t next_missing(struct campaign *c)
{
    struct rundir dir;
    size_t i;

    while (!c->mistake) {
        i = c->next < c->limit ? c->next++ : c->until != NULL ? until_next(c->until) : SIZE_MAX;
        if (i == SIZE_MAX || jobs_missing(c->jobs, i, &dir))
            return i;
        c->there++;
        note(c, i, RUN_DONE);
    }
    return SIZE_MAX;
}

/* Runs that are wanted as far as is known; how many of them were not looked at. */
static size_t wanted(const struct campaign *c, size_t *waiting)
{
    size_t granted = 0, queued = 0;

    if (c->until != NULL)
        granted = until_granted(c->until, &queued);
    *waiting = c->limit - c->next + queued;
    return c->limit + granted;
}

/* Points differ by orders of magnitude: each has its own mean as soon as a run of it has ended. */
static double estimate(const struct campaign *c, size_t index)
{
    const struct campaign_cost *own = &c->cost[index % c->jobs->plan->selections];

    if (own->runs == 0)
        own = &c->all;
    return own->runs > 0 ? own->sum / (double)own->runs : 0;
}

double campaign_left(const struct campaign *c)
{
    size_t waiting;

    wanted(c, &waiting);
    return c->all.runs > 0 ? (double)waiting * c->all.sum / (double)c->all.runs : -1;
}

/* "17,20-35": one more index at the end of a list. */
struct ranges {
    char *text;        /* CAMPAIGN_LIST octets */
    size_t len, begin; /* of the text; of it before the last range */
    size_t from, to;   /* the last range */
};

static void add_index(struct ranges *r, size_t index)
{
    if (r->len > 0 && index == r->to + 1) {
        r->to = index;
        r->len = r->begin;
    } else {
        r->begin = r->len;
        r->from = r->to = index;
    }
    r->len += (size_t)snprintf(r->text + r->len, CAMPAIGN_LIST - r->len, r->from == r->to ? "%s%zu" : "%s%zu-%zu",
                               r->len > 0 ? "," : "", r->from, r->to);
}

size_t campaign_batch(struct campaign *c, double seconds, size_t most, char list[CAMPAIGN_LIST])
{
    struct ranges r = {.text = list};
    double sum = 0;
    size_t n = 0, i;

    while (n < most && r.len < CAMPAIGN_LIST - 64 && (n == 0 || (c->all.runs > 0 && sum < seconds)) &&
           (i = next_missing(c)) != SIZE_MAX) {
        add_index(&r, i);
        c->state[i] = RUN_GIVEN;
        c->given++;
        sum += estimate(c, i);
        n++;
    }
    return n;
}

/* ---- what became of it -------------------------------------------------------------------------- */

static void take_failure(struct campaign *c, size_t index, int status)
{
    struct rundir dir;

    c->failed++;
    note(c, index, RUN_FAILED);
    if (c->failed > LOGS)
        return;
    jobs_dir(c->jobs, index, &dir);
    progress_clear();
    batch_complain(&dir, plan_job(c->jobs->plan, index).seed, status);
}

void campaign_take(struct campaign *c, const char *line)
{
    struct campaign_cost *own;
    double seconds = 0;
    char word[8];
    size_t index;

    if (sscanf(line, "%7s %zu %lf", word, &index, &seconds) < 2 || strchr("owbf", word[0]) == NULL ||
        index >= plan_count(c->jobs->plan) || c->state[index] != RUN_GIVEN)
        return;
    c->given--;
    if (strcmp(word, "ok") == 0) {
        own = &c->cost[index % c->jobs->plan->selections];
        own->sum += seconds;
        own->runs++;
        c->all.sum += seconds;
        c->all.runs++;
        c->done++;
        note(c, index, RUN_DONE);
    } else if (strcmp(word, "was") == 0) {
        c->there++;
        note(c, index, RUN_DONE);
    } else if (strcmp(word, "full") == 0) {
        c->state[index] = RUN_OPEN;
        c->full = 1;
    } else {
        take_failure(c, index, (int)seconds);
    }
}

void campaign_progress(const struct campaign *c, size_t workers)
{
    double left = campaign_left(c);
    size_t waiting;
    struct progress p = {c->jobs->name, config_engine_name(c->jobs->engine), wanted(c, &waiting),
                         c->there + c->done + c->failed, c->failed, left};

    if (left >= 0)
        p.left = (left + (double)c->given * c->all.sum / (double)c->all.runs) / (double)workers;
    progress_show(&p);
}

/* A line for each point with failed runs: "name/loop/jwd,size=1B: seeds 3 4 9 (logs: .../failed-*.log)". */
static void list_failed(const struct campaign *c)
{
    const struct plan *p = c->jobs->plan;
    size_t shown = 0;
    struct rundir dir;

    fprintf(stderr, "mpsim: %zu runs failed; what they said is in failed-SEED.log beside the other runs:\n",
            c->failed);
    for (size_t s = 0; s < p->selections && shown < SHOWN; s++) {
        size_t seeds = 0;

        for (size_t i = s; i < plan_count(p); i += p->selections) {
            if (c->state[i] != RUN_FAILED)
                continue;
            jobs_dir(c->jobs, i, &dir);
            if (seeds == 0)
                fprintf(stderr, "  %s: seeds", dir.parent);
            if (seeds++ < SHOWN)
                fprintf(stderr, " %" PRIu64, plan_job(p, i).seed);
        }
        if (seeds > 0)
            fprintf(stderr, "%s\n", seeds > SHOWN ? " ..." : "");
        shown += seeds > 0;
    }
    if (shown == SHOWN)
        fprintf(stderr, "  and perhaps more points\n");
}

/* One closing line on standard output; what went wrong goes to standard error. */
int campaign_report(struct campaign *c)
{
    size_t finished = c->there + c->done, waiting, runs = wanted(c, &waiting);
    int lost = c->given > 0 || waiting > 0;

    progress_clear();
    if (c->mistake)
        return CLI_MISTAKE;
    if (c->signal != 0) {
        fprintf(stderr, "mpsim: %s: interrupted; %zu of %zu runs are finished, the same command goes on\n",
                c->jobs->name, finished, runs);
        return 128 + c->signal;
    }
    if (c->failed > 0)
        list_failed(c);
    if (c->full)
        fprintf(stderr, "mpsim: %s: %s; %zu of %zu runs are finished: make room, the same command goes on\n",
                c->jobs->options->out, strerror(ENOSPC), finished, runs);
    else if (lost)
        fprintf(stderr, "mpsim: %s: processes died with %zu runs to go; %zu of %zu are finished, the same command goes on\n",
                c->jobs->name, runs - finished - c->failed, finished, runs);
    else
        printf("%s/%s: %zu runs, %zu run now, %zu were there, %zu failed, %.1f s\n", c->jobs->name,
               config_engine_name(c->jobs->engine), runs, c->done, c->there, c->failed, progress_clock() - c->begun);
    if (!c->full && !lost && c->until != NULL)
        until_report(c->until);
    return c->full || c->failed > 0 || lost ? CLI_FAILED : CLI_OK;
}

/* ---- other views -------------------------------------------------------------------------------- */

/* 'it''s' for a shell, with a blank before it. */
static void add_word(char *out, size_t cap, const char *word)
{
    size_t n = strlen(out);

    n += (size_t)snprintf(out + n, cap - n, " '");
    for (; *word != '\0' && n + 8 < cap; word++)
        n += (size_t)snprintf(out + n, cap - n, *word == '\'' ? "'\\''" : "%c", *word);
    snprintf(out + n, cap - n, "'");
}

static void add_option(char *out, size_t cap, const char *name, const char *value)
{
    if (value == NULL)
        return;
    add_word(out, cap, name);
    add_word(out, cap, value);
}

/* This very program, so that a batch of ns-3 need not start it through another one. */
void campaign_command(const struct campaign *c, char *out, size_t cap)
{
    const struct cli_options *o = c->jobs->options;
    char self[RUNDIR_PATH], seed[32];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    self[n > 0 ? n : 0] = '\0';
    snprintf(out, cap, "exec");
    add_word(out, cap, self);
    add_word(out, cap, "sweep");
    add_word(out, cap, c->file);
    add_option(out, cap, "--out", o->out);
    add_option(out, cap, "--variant", o->variant);
    snprintf(seed, sizeof seed, "%" PRIu64, o->seed);
    add_option(out, cap, "--seed", o->has_seed ? seed : NULL);
    add_option(out, cap, "--engine", config_engine_name(c->jobs->engine));
    for (size_t i = 0; i < o->sets; i++)
        add_option(out, cap, "--set", o->set[i]);
    if (o->pcap)
        add_word(out, cap, "--pcap");
    if (o->trace)
        add_word(out, cap, "--trace");
    if (o->force)
        add_word(out, cap, "--force");
    add_word(out, cap, "--batch");
}

/* With `until` the runs of its first look; how many more there will be is not known. */
int campaign_plan(struct jobs *j)
{
    size_t missing = 0, runs = plan_count(j->plan), first;
    int bad;
    struct until *u = until_open(j, &bad);
    struct rundir dir;

    first = u != NULL ? until_first(u) : runs;
    for (size_t i = 0; i < first; i++) {
        int is = jobs_missing(j, i, &dir);

        missing += (size_t)is;
        printf("%s\t%s\n", is ? "missing" : "finished", dir.final);
    }
    printf("%s/%s: %zu points x %zu seeds: %zu runs, %zu missing", j->name, config_engine_name(j->engine),
           j->plan->selections, first / j->plan->selections, first, missing);
    if (u != NULL)
        printf("; until %s, at most %zu runs", j->config->until, runs);
    printf("\n");
    until_close(u);
    return CLI_OK;
}
