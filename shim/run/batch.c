/* SPDX-License-Identifier: MIT */
/* run/batch.c - runs one after another; see batch.h. Signals are taken synchronously with sigwaitinfo(2), so
 * nothing can slip between looking and waiting. */
#include "run/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run/harness.h"
#include "run/pool.h"
#include "run/progress.h"

enum { LOG_LINES = 6 /* shown of a failed run */, STATUS_FULL = 28 /* of a child: no space left */ };
enum { LEAST_SPACE = 65536 /* octets that a file system has when it is not full */ };

/* The batch at work. */
struct batch {
    struct jobs *jobs;
    struct rundir dir; /* of the present run */
    sigset_t wait;     /* signals that are waited for */
    int signal;        /* that ends the batch; 0: none */
    int full;          /* no space left */
};

/* ---- the child ---------------------------------------------------------------------------------- */

/* Dies with its batch; everything it says goes to its log. */
static void prepare_child(const struct batch *b, pid_t parent)
{
    sigset_t none;
    int log = open(b->dir.log, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* the batch may have died before this line: then nobody would send the signal */
    if (getppid() != parent)
        _exit(1);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGINT, SIG_IGN); /* Ctrl-C is the batch's to handle; it ends its child itself */
    if (log >= 0) {
        dup2(log, STDERR_FILENO);
        dup2(log, STDOUT_FILENO);
        close(log);
    }
}

/* The text of the error, or what the file system says: errno of a stream may be that of a later call. */
static int is_full(const char *err, const char *dir)
{
    struct statvfs st;

    return strstr(err, strerror(ENOSPC)) != NULL || strstr(err, strerror(EDQUOT)) != NULL ||
           (statvfs(dir, &st) == 0 && (double)st.f_bavail * (double)st.f_frsize < LEAST_SPACE);
}

/* The whole life of a child: one configuration, one run, an exit status. The structs are large,
 * so they lie on the heap; what the process leaves behind is only the files. */
static int run_child(const struct batch *b, size_t index)
{
    const struct jobs *j = b->jobs;
    struct run_config *config = pool_grow(NULL, sizeof *config);
    struct job job = plan_job(j->plan, index);
    char label[RUNDIR_PATH], err[512] = "";
    struct run *r = pool_grow(NULL, sizeof *r);
    int e;

    memset(r, 0, sizeof *r);
    jobs_resolve(j, job, config, label);
    r->config = config;
    r->seed = job.seed;
    r->scenario = j->name;
    r->label = label;
    r->variant = j->scenario->variants > 0 ? j->scenario->variant[job.sel.variant].name : "plain";
    e = harness_run(r, b->dir.temp, err, sizeof err);
    if (e < 0)
        fprintf(stderr, "%s\n", err);
    e = e == 0 ? 0 : is_full(err, b->dir.temp) ? STATUS_FULL : 1;
    free(r);
    free(config);
    return e;
}

/* ---- one run ------------------------------------------------------------------------------------ */

/* No gentle way is needed: a child has written to its temporary directory only. */
static int await_child(struct batch *b, pid_t pid)
{
    int status, got;

    for (;;) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return status;
        got = sigwaitinfo(&b->wait, NULL);
        if (got == SIGINT || got == SIGTERM || got == SIGHUP) {
            b->signal = got;
            kill(pid, SIGKILL);
        }
    }
}

/* fork(2) without exec: the child has the scenario and the plan in memory already. Buffers are
 * flushed before, or both processes would write what they hold. Status of wait(2), or -1. */
static int run_apart(struct batch *b, size_t index)
{
    pid_t parent = getpid(), pid;

    if (rundir_begin(&b->dir) < 0)
        return -1;
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        prepare_child(b, parent);
        int status = run_child(b, index);

        fflush(NULL);
        _exit(status);
    }
    return pid < 0 ? -1 : await_child(b, pid);
}

/* The directory gets its final name only after a clean exit: an interrupted or failed run leaves
 * none. A failure of this process itself counts as exit status 1 of the run; why is in the log. */
static int finish_run(struct batch *b, int status)
{
    int e = errno;

    if (status == 0 && b->signal == 0 && rundir_commit(&b->dir) == 0)
        return 0;
    if (status <= 0) {
        e = status == 0 ? errno : e;
        b->full = e == ENOSPC || e == EDQUOT;
        if (rundir_note(&b->dir, strerror(e)) < 0 && !b->full)
            fprintf(stderr, "mpsim: %s: %s\n", b->dir.temp, strerror(e));
        status = 1 << 8;
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_FULL) {
        b->full = 1;
    }
    rundir_abandon(&b->dir, b->signal == 0 && !b->full);
    return status;
}

static void block_signals(struct batch *b, sigset_t *old)
{
    sigemptyset(&b->wait);
    sigaddset(&b->wait, SIGCHLD);
    sigaddset(&b->wait, SIGINT);
    sigaddset(&b->wait, SIGTERM);
    sigaddset(&b->wait, SIGHUP);
    sigprocmask(SIG_BLOCK, &b->wait, old);
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
void batch_complain(const struct rundir *dir, uint64_t seed, int status)
{
    if (WIFSIGNALED(status))
        fprintf(stderr, "mpsim: %s seed %" PRIu64 " failed: %s (status %d), log in %s\n", dir->parent, seed,
                strsignal(WTERMSIG(status)), 128 + WTERMSIG(status), dir->failed);
    else
        fprintf(stderr, "mpsim: %s seed %" PRIu64 " failed: exit status %d, log in %s\n", dir->parent, seed,
                WEXITSTATUS(status), dir->failed);
    show_log(dir->failed);
}

/* For scripts the directory is all there is on standard output. */
int batch_one(struct jobs *j)
{
    struct batch b = {.jobs = j};
    sigset_t old;
    int status;

    if (!jobs_missing(j, 0, &b.dir)) {
        printf("%s (was there; --force runs it again)\n", b.dir.final);
        return CLI_OK;
    }
    rundir_clean(b.dir.parent);
    block_signals(&b, &old);
    status = finish_run(&b, run_apart(&b, 0));
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (b.signal != 0)
        fprintf(stderr, "mpsim: %s: interrupted; the run is not finished\n", j->name);
    else if (b.full)
        fprintf(stderr, "mpsim: %s: %s\n", j->options->out, strerror(ENOSPC));
    else if (status != 0)
        batch_complain(&b.dir, plan_job(j->plan, 0).seed, status);
    else
        printf("%s\n", b.dir.final);
    return b.signal != 0 ? 128 + b.signal : status != 0 ? CLI_FAILED : CLI_OK;
}

/* One write(2) a line: lines of several batches share a pipe. When nobody reads any more the campaign is gone,
 * and so is this batch (SIGPIPE). */
static void say(const char *format, ...)
{
    char line[128];
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    if (write(STDOUT_FILENO, line, (size_t)n) != n)
        _exit(CLI_FAILED);
}

/* One that came while nothing was waited for. */
static void look_for_signal(struct batch *b)
{
    struct timespec none = {0, 0};
    int got;

    while (b->signal == 0 && (got = sigtimedwait(&b->wait, NULL, &none)) > 0)
        if (got != SIGCHLD)
            b->signal = got;
}

/* Another campaign, or a copied directory, may have finished it since the list was made. */
static void run_listed(struct batch *b, size_t index)
{
    double begun = progress_clock();
    int status;

    look_for_signal(b);
    if (b->signal != 0)
        return;
    if (!jobs_missing(b->jobs, index, &b->dir)) {
        say("was %zu\n", index);
        return;
    }
    status = finish_run(b, run_apart(b, index));
    if (b->signal != 0)
        return;
    if (status == 0)
        say("ok %zu %.6f\n", index, progress_clock() - begun);
    else if (b->full)
        say("full %zu\n", index);
    else
        say("bad %zu %d\n", index, status);
}

/* Without GNU parallel (Slurm) nobody is asked to tell of his death. A new campaign waits for the lock, which
 * is given back when this process and its run are gone. */
static void die_with_parallel(const struct jobs *j)
{
    const char *parallel = getenv("PARALLEL_PID"), *file = j->options->file, *slash = strrchr(file, '/');
    char path[RUNDIR_PATH];
    int lock;

    if (parallel == NULL)
        return;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != (pid_t)atol(parallel))
        _exit(CLI_FAILED);
    snprintf(path, sizeof path, "%.*s/batches", slash != NULL ? (int)(slash - file) : 1, slash != NULL ? file : ".");
    lock = open(path, O_RDWR | O_CLOEXEC);
    if (lock >= 0)
        flock(lock, LOCK_SH);
}

int batch_list(struct jobs *j, const char *list)
{
    struct batch b = {.jobs = j};
    sigset_t old;

    block_signals(&b, &old);
    die_with_parallel(j);
    say("+ %ld\n", (long)getpid());
    for (const char *p = list; *p >= '0' && *p <= '9';) {
        size_t from = strtoull(p, (char **)&p, 10), to = from;

        if (*p == '-')
            to = strtoull(p + 1, (char **)&p, 10);
        for (size_t i = from; i <= to && i < plan_count(j->plan) && b.signal == 0 && !b.full; i++)
            run_listed(&b, i);
        p += *p == ',';
    }
    say("- %ld\n", (long)getpid());
    sigprocmask(SIG_SETMASK, &old, NULL);
    return b.signal != 0 ? 128 + b.signal : b.full ? CLI_FAILED : CLI_OK;
}
