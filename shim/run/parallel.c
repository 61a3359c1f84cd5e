/* SPDX-License-Identifier: MIT */
/* run/parallel.c - feeding GNU parallel; see parallel.h. What bites: it starts nothing before it has as many
 * lines as processes; when it is killed its jobs go on (so batches ask to be told, batch.c); its own SIGTERM
 * waits for jobs, so it is ended by SIGKILL, and the batches clean up behind themselves. */
#include "run/parallel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/pool.h"
#include "run/progress.h"

/* Wall s of a batch: GNU parallel costs about 6 ms for each. At the end shorter, and 1 where nothing is
 * known. */
static const double LONGEST = 3, SHORTEST = 0.3;
enum { MOST = 5000 /* runs of a batch */, LINE = 256, NO_STATUS = 127 };

struct feeding {
    struct campaign *c;
    size_t workers;
    pid_t pid, guard;       /* of GNU parallel and its group; of the process that ends them behind this one */
    int alive;              /* pipe whose end tells the guard that this process is no more */
    int gone, status;       /* GNU parallel has ended, how */
    int in, out;            /* its standard input, -1: closed; what batches say */
    size_t lines, open;     /* batches written; of them not ended */
    pid_t *batch;           /* processes of batches that began and did not end */
    size_t batches;
    char text[4096];        /* read, without the lines taken */
    size_t len;
    double shown;           /* when the progress was */
    int starts;             /* a batch has begun: it works */
};

/* ---- starting ----------------------------------------------------------------------------------- */

/* In a group of its own, so that Ctrl-C reaches only the campaign. Its home is the campaign's: the user's
 * settings for it, and its request to be cited, stay out. */
static void become_parallel(const struct feeding *f, int in, int out, pid_t parent)
{
    char jobs[32], log[RUNDIR_PATH + 16];
    char *command = pool_grow(NULL, 65536);
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    setenv("PARALLEL_HOME", f->c->dir, 1);
    setenv("PARALLEL_SHELL", "/bin/sh", 1);
    setenv("LC_ALL", "C", 1);
    unsetenv("PARALLEL");
    campaign_command(f->c, command, 65536);
    setenv("MPSIM_BATCH", command, 1); /* not as its argument: braces in a name are GNU parallel's own language */
    snprintf(jobs, sizeof jobs, "-j%zu", f->workers);
    snprintf(log, sizeof log, "%s/joblog", f->c->dir);
    execlp("parallel", "parallel", "--will-cite", "--ungroup", jobs, "--joblog", log, "-I", "@LIST@",
           "eval \"$MPSIM_BATCH\" @LIST@", (char *)NULL);
    fprintf(stderr, "mpsim: GNU parallel is needed for a campaign and cannot be started (parallel: %s); make deps installs it\n",
            strerror(errno));
    _exit(NO_STATUS);
}

/* While it begins GNU parallel has helpers that sleep for hours, and nobody tells them when it is killed: its
 * whole group is ended. The guard knows of the end of this process by its end of a pipe. */
static void start_guard(struct feeding *f)
{
    int alive[2];
    char c;

    if (pipe(alive) < 0)
        return;
    f->guard = fork();
    if (f->guard == 0) {
        prctl(PR_SET_NAME, "mpsim-guard");
        close(alive[1]);
        close(f->in);
        close(f->out);
        setpgid(0, 0);
        while (read(alive[0], &c, 1) < 0 && errno == EINTR)
            ;
        kill(-f->pid, SIGKILL);
        _exit(0);
    }
    close(alive[0]);
    f->alive = alive[1];
}

/* The ends that stay here are closed in every other process. */
static int start(struct feeding *f)
{
    pid_t parent = getpid();
    int in[2], out[2];

    if (pipe(in) < 0 || pipe(out) < 0) {
        fprintf(stderr, "mpsim: no pipe: %s\n", strerror(errno));
        return -1;
    }
    fcntl(in[1], F_SETFD, FD_CLOEXEC);
    fcntl(out[0], F_SETFD, FD_CLOEXEC);
    fflush(NULL);
    f->pid = fork();
    if (f->pid == 0) {
        close(in[1]);
        close(out[0]);
        become_parallel(f, in[0], out[1], parent);
    }
    if (f->pid > 0)
        setpgid(f->pid, f->pid); /* whoever of the two is first */
    close(in[0]);
    close(out[1]);
    f->in = in[1];
    f->out = out[0];
    if (f->pid < 0)
        fprintf(stderr, "mpsim: cannot start a process: %s\n", strerror(errno));
    else
        start_guard(f);
    return f->pid < 0 ? -1 : 0;
}

/* ---- feeding ------------------------------------------------------------------------------------ */

static void write_line(struct feeding *f, const char *list)
{
    char line[CAMPAIGN_LIST + 2];
    int n = snprintf(line, sizeof line, "%s\n", list);

    if (write(f->in, line, (size_t)n) != n) {
        close(f->in); /* GNU parallel is gone: its end of the pipe of reports tells the rest */
        f->in = -1;
        return;
    }
    f->lines++;
    f->open++;
}

/* Each process gets what is left in several portions, ever smaller, so that all of them end together. */
static double portion(const struct feeding *f)
{
    double each = campaign_left(f->c) / (2.0 * (double)f->workers);

    return each > LONGEST ? LONGEST : each < SHORTEST ? SHORTEST : each;
}

/* One batch more than processes: it is begun at once when another ends. */
static void feed(struct feeding *f)
{
    char list[CAMPAIGN_LIST];

    while (f->in >= 0 && f->open < f->workers + 1 && campaign_batch(f->c, portion(f), MOST, list) > 0)
        write_line(f, list);
    while (f->in >= 0 && f->open > 0 && f->lines < f->workers)
        write_line(f, "none");
    if (f->in >= 0 && f->open == 0) {
        close(f->in);
        f->in = -1;
    }
}

/* ---- listening ---------------------------------------------------------------------------------- */

static void forget(struct feeding *f, pid_t pid)
{
    for (size_t i = 0; i < f->batches; i++)
        if (f->batch[i] == pid) {
            f->batch[i] = f->batch[--f->batches];
            f->open -= f->open > 0;
            return;
        }
}

static void take_line(struct feeding *f, const char *line)
{
    if (line[0] == '-') {
        forget(f, (pid_t)atol(line + 1));
    } else if (line[0] == '+') {
        f->starts = 1;
        f->batch = pool_grow(f->batch, (f->batches + 1) * sizeof *f->batch);
        f->batch[f->batches++] = (pid_t)atol(line + 1);
    } else {
        campaign_take(f->c, line);
    }
}

/* Whole lines; 0: nobody is left who could write. */
static int hear(struct feeding *f)
{
    ssize_t n = read(f->out, f->text + f->len, sizeof f->text - 1 - f->len);
    char *line = f->text, *end;

    if (n <= 0)
        return n < 0 && errno == EINTR;
    f->len += (size_t)n;
    f->text[f->len] = '\0';
    while ((end = strchr(line, '\n')) != NULL) {
        *end = '\0';
        take_line(f, line);
        line = end + 1;
    }
    f->len -= (size_t)(line - f->text);
    memmove(f->text, line, f->len);
    if (f->len == sizeof f->text - 1)
        f->len = 0; /* no line of a batch is that long */
    return 1;
}

/* Gone or waiting to be buried: without its last words. */
static int is_dead(pid_t pid)
{
    char path[64], text[256] = "";
    const char *state;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    f = fopen(path, "r");
    if (f == NULL)
        return 1;
    state = fgets(text, sizeof text, f) != NULL ? strrchr(text, ')') : NULL;
    fclose(f);
    return state != NULL && state[1] == ' ' && state[2] == 'Z';
}

/* Somebody may have killed a batch: without this its line would be waited for. Called when nothing is left
 * to read. */
static void bury(struct feeding *f)
{
    for (size_t i = f->batches; i-- > 0;)
        if (is_dead(f->batch[i]))
            forget(f, f->batch[i]);
}

static void show(struct feeding *f)
{
    if (progress_clock() - f->shown < 0.2)
        return;
    f->shown = progress_clock();
    campaign_progress(f->c, f->workers);
}

/* Batches end by SIGTERM when GNU parallel is no more, and remove what they had begun. */
static void stop(struct feeding *f)
{
    if (f->in >= 0)
        close(f->in);
    f->in = -1;
    if (!f->gone)
        kill(-f->pid, SIGKILL);
}

/* Also when somebody else killed it: the helpers would keep the pipe of reports open. */
static void look_after(struct feeding *f, int options)
{
    if (f->gone || waitpid(f->pid, &f->status, options) != f->pid)
        return;
    f->gone = 1;
    kill(-f->pid, SIGKILL);
}

/* One second at most, so that the time on the terminal goes on. 0: all is over. */
static int turn(struct feeding *f, int signals)
{
    struct pollfd p[2] = {{f->out, POLLIN, 0}, {signals, POLLIN, 0}};
    struct signalfd_siginfo info;
    int n = poll(p, 2, 1000), goes_on = 1;

    if (p[1].revents != 0 && read(signals, &info, sizeof info) == (ssize_t)sizeof info) {
        f->c->signal = (int)info.ssi_signo;
        stop(f);
    }
    if (p[0].revents != 0)
        goes_on = hear(f);
    else if (n == 0)
        bury(f);
    look_after(f, WNOHANG);
    if ((f->c->full || f->c->mistake) && f->in >= 0)
        stop(f);
    if (f->c->signal == 0 && !f->c->full && !f->c->mistake)
        feed(f);
    show(f);
    return goes_on;
}

/* Interrupts are taken in turn(), not while something is half done. */
static int block_signals(sigset_t *old)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, old);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int parallel_run(struct campaign *c, size_t workers)
{
    struct feeding f = {.c = c, .workers = workers, .in = -1, .out = -1, .alive = -1};
    char first[CAMPAIGN_LIST];
    int signals;
    sigset_t old;

    if (campaign_batch(c, SHORTEST, MOST, first) == 0)
        return 0; /* all is there */
    signals = block_signals(&old);
    signal(SIGPIPE, SIG_IGN);
    if (start(&f) == 0) {
        write_line(&f, first);
        feed(&f);
        while (turn(&f, signals))
            ;
        if (f.in >= 0)
            close(f.in);
        close(f.out);
        look_after(&f, 0);
        if (f.guard > 0) {
            kill(f.guard, SIGKILL);
            waitpid(f.guard, NULL, 0);
            close(f.alive);
        }
    }
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &old, NULL);
    close(signals);
    free(f.batch);
    if (f.starts || c->signal != 0 || f.pid < 0)
        return f.pid < 0 ? -1 : 0;
    if (!WIFEXITED(f.status) || WEXITSTATUS(f.status) != NO_STATUS)
        fprintf(stderr, "mpsim: the program 'parallel' started nothing: is it GNU parallel? make deps installs it\n");
    return -1;
}
