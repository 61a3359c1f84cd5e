/* SPDX-License-Identifier: MIT */
/* run/campaign.c - a pool of child processes; see campaign.h. Signals are taken synchronously with
 * sigtimedwait(2), so nothing can slip between looking and waiting. */
#include "run/campaign.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <fcntl.h>
#include <unistd.h>

#include "run/harness.h"
#include "run/pool.h"
#include "run/tables.h"

enum { LOG_LINES = 6 /* shown of a failed run */ };

/* Flags of the command line are added last: they only ask for more files. */
void campaign_resolve(const struct campaign *c, struct job job, struct run_config *config, char *label)
{
    struct diag d = {0};

    scenario_resolve(c->scenario, &job.sel, config, &d); /* checked when the plan was made */
    diag_clear(&d);
    config->trace |= (uint32_t)c->options->trace;
    config->pcap |= (uint32_t)c->options->pcap;
    scenario_label(c->scenario, &job.sel, label, RUNDIR_PATH / 2);
}

/* ---- the child ---------------------------------------------------------------------------------- */

/* Dies with its campaign; everything it says goes to its log. */
static void prepare_child(const struct worker *w, pid_t parent)
{
    sigset_t none;
    int log = open(w->dir.log, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* the campaign may have died before this line: then nobody would send the signal */
    if (getppid() != parent)
        _exit(1);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGINT, SIG_IGN); /* Ctrl-C is the campaign's to handle; it ends its children itself */
    if (log >= 0) {
        dup2(log, STDERR_FILENO);
        dup2(log, STDOUT_FILENO);
        close(log);
    }
}

/* The whole life of a child: one configuration, one run, an exit status. The structs are large,
 * so they lie on the heap; what the process leaves behind is only the files. */
static int run_child(const struct campaign *c, const struct worker *w)
{
    struct run_config *config = pool_grow(NULL, sizeof *config);
    struct job job = plan_job(c->plan, w->job);
    char label[RUNDIR_PATH], err[512] = "";
    struct run *r = pool_grow(NULL, sizeof *r);
    int e;

    memset(r, 0, sizeof *r);
    campaign_resolve(c, job, config, label);
    r->config = config;
    r->seed = job.seed;
    r->scenario = c->name;
    r->label = label;
    r->variant = c->scenario->variants > 0 ? c->scenario->variant[job.sel.variant].name : "plain";
    e = harness_run(r, w->dir.temp, err, sizeof err);
    if (e < 0)
        fprintf(stderr, "%s\n", err);
    free(r);
    free(config);
    return e < 0 ? 1 : 0;
}

/* ---- reports ------------------------------------------------------------------------------------ */

/* The last lines of a log, indented. */
static void show_log(const char *path)
{
    char line[LOG_LINES][512];
    size_t n = 0;
    FILE *f = fopen(path, "r");

    if (f == NULL)
        return;
    while (fgets(line[n % LOG_LINES], sizeof line[0], f) != NULL)
        n++;
    fclose(f);
    for (size_t i = n > LOG_LINES ? n - LOG_LINES : 0; i < n; i++)
        fprintf(stderr, "    %.*s\n", (int)strcspn(line[i % LOG_LINES], "\n"), line[i % LOG_LINES]);
}

/* A signal is told by its name and by the status a shell would show (128 + number). */
static void report_failure(const struct campaign *c, const struct worker *w, int status)
{
    uint64_t seed = plan_job(c->plan, w->job).seed;

    progress_clear(c);
    if (WIFSIGNALED(status))
        fprintf(stderr, "mpsim: %s seed %" PRIu64 " failed: %s (status %d), log in %s\n", w->dir.parent,
                seed, strsignal(WTERMSIG(status)), 128 + WTERMSIG(status), w->dir.failed);
    else
        fprintf(stderr, "mpsim: %s seed %" PRIu64 " failed: exit status %d, log in %s\n", w->dir.parent,
                seed, WEXITSTATUS(status), w->dir.failed);
    show_log(w->dir.failed);
}

/* ---- the pool ----------------------------------------------------------------------------------- */

/* fork(2) without exec: the child has the scenario and the plan in memory already. Buffers are
 * flushed before, or both processes would write what they hold. */
static int start_child(struct campaign *c, struct worker *w)
{
    pid_t parent = getpid(), pid;

    if (rundir_begin(&w->dir) < 0) {
        fprintf(stderr, "mpsim: %s: %s\n", w->dir.temp, strerror(errno));
        return -1;
    }
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        prepare_child(w, parent);
        int status = run_child(c, w);

        fflush(NULL);
        _exit(status);
    }
    if (pid < 0) {
        fprintf(stderr, "mpsim: cannot start a process: %s\n", strerror(errno));
        rundir_abandon(&w->dir, 0);
        return -1;
    }
    w->pid = pid;
    c->busy++;
    return 0;
}

/* Is the job to be run? Prepares its directory's names. */
static int is_missing(const struct campaign *c, size_t index, struct rundir *dir)
{
    struct run_config *config = pool_grow(NULL, sizeof *config);
    struct job job = plan_job(c->plan, index);
    char label[RUNDIR_PATH];
    int missing;

    campaign_resolve(c, job, config, label);
    rundir_name(dir, c->options->out, c->name, config_engine_name(config->engine), label, job.seed);
    missing = c->options->force || !rundir_finished(dir, tables_config_hash(config, label, job.seed));
    free(config);
    return missing;
}

/* Fills free workers. A finished run is skipped here and not when the plan was made, so that what
 * another campaign finished meanwhile is not run again. */
static void start_workers(struct campaign *c)
{
    for (size_t i = 0; i < c->workers && c->signal == 0; i++) {
        struct worker *w = &c->worker[i];

        while (w->pid == 0 && c->next < plan_count(c->plan)) {
            w->job = c->next++;
            if (!is_missing(c, w->job, &w->dir))
                c->skipped++;
            else if (start_child(c, w) < 0)
                c->failed++;
        }
    }
}

/* The directory gets its final name only after a clean exit: an interrupted or failed run leaves
 * none. */
static void finish_worker(struct campaign *c, struct worker *w, int status)
{
    w->pid = 0;
    c->busy--;
    /* an interrupted campaign has killed its children: that is no failure of the runs */
    if (c->signal != 0) {
        rundir_abandon(&w->dir, 0);
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && rundir_commit(&w->dir) == 0) {
        c->done++;
    } else {
        rundir_abandon(&w->dir, 1);
        c->failed++;
        report_failure(c, w, status);
    }
}

/* One SIGCHLD may stand for several children: ask until nobody is left. */
static void reap(struct campaign *c)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < c->workers; i++)
            if (c->worker[i].pid == pid)
                finish_worker(c, &c->worker[i], status);
}

/* No gentle way is needed: a child has written to its temporary directory only. */
static void stop(struct campaign *c, int signal_number)
{
    c->signal = signal_number;
    for (size_t i = 0; i < c->workers; i++)
        if (c->worker[i].pid != 0)
            kill((pid_t)c->worker[i].pid, SIGKILL);
}

/* Sleeps until something happens, at most a second, so that the line on the terminal moves on. */
static void wait_signal(struct campaign *c, const sigset_t *set)
{
    struct timespec second = {1, 0};
    int got = sigtimedwait(set, NULL, &second);

    if (got == SIGINT || got == SIGTERM || got == SIGHUP)
        stop(c, got);
    reap(c);
    progress_show(c);
}

/* The closing line, the only thing on standard output; a single run prints its directory, for
 * scripts. */
static void report(const struct campaign *c)
{
    progress_clear(c);
    if (c->signal != 0)
        fprintf(stderr, "mpsim: %s: interrupted; %zu of %zu runs are finished, the same command goes on\n",
                c->name, c->skipped + c->done, plan_count(c->plan));
    else if (c->options->all)
        printf("%s/%s: %zu runs, %zu run now, %zu were there, %zu failed, %.1f s\n", c->name,
               config_engine_name(c->engine), plan_count(c->plan), c->done, c->skipped, c->failed,
               progress_clock() - c->begun);
    else if (c->failed == 0)
        printf("%s%s\n", c->worker[0].dir.final, c->skipped > 0 ? " (was there; --force runs it again)" : "");
}

/* The signals stay blocked but while they are waited for: a child that ends between two steps is
 * not missed. */
int campaign_run(struct campaign *c)
{
    sigset_t set, old;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, &old);
    c->worker = pool_grow(NULL, c->workers * sizeof *c->worker);
    memset(c->worker, 0, c->workers * sizeof *c->worker);
    c->begun = progress_clock();
    do {
        start_workers(c);
        if (c->busy > 0)
            wait_signal(c, &set);
    } while (c->busy > 0 || (c->signal == 0 && c->next < plan_count(c->plan)));
    report(c);
    free(c->worker);
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (c->signal != 0)
        return 128 + c->signal;
    return c->failed > 0 ? CLI_FAILED : CLI_OK;
}
