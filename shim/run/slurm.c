/* SPDX-License-Identifier: MIT */
/* run/slurm.c - an array job; see slurm.h. Tasks are longer than batches of GNU parallel, since starting one
 * takes Slurm about a second, and all of them are cut at the start. */
#include "run/slurm.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "run/pool.h"
#include "run/progress.h"

/* Wall s of a task; Slurm's MaxArraySize is 1001 where nobody changed it. */
static const double TASK = 6;
enum { TASKS_MAX = 1000, MOST = 100000 /* runs of a task */, ASK = 5 /* s between questions to Slurm */ };

/* One array job. */
struct array {
    struct campaign *c;
    char dir[RUNDIR_PATH];      /* .sweep/slurm */
    char command[16384];        /* words of a batch */
    char id[32];                /* of the job */
    size_t tasks, ended;        /* ended: those whose last line was read */
    long at[TASKS_MAX + 1];     /* how far the output of each task was read */
};

/* ---- files -------------------------------------------------------------------------------------- */

static FILE *open_file(const struct array *a, const char *name, const char *mode)
{
    char path[RUNDIR_PATH + 32];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", a->dir, name);
    f = fopen(path, mode);
    if (f == NULL && mode[0] == 'w')
        fprintf(stderr, "mpsim: %s: %s\n", path, strerror(errno));
    return f;
}

/* A list of runs a line: the line's number is the task's. */
static int write_lists(struct array *a)
{
    double left = campaign_left(a->c), each = left / TASKS_MAX > TASK ? left / TASKS_MAX : TASK;
    FILE *f = open_file(a, "lists", "w");
    char list[CAMPAIGN_LIST];

    a->tasks = 0;
    if (f == NULL)
        return -1;
    while (a->tasks < TASKS_MAX && campaign_batch(a->c, each, MOST, list) > 0) {
        fprintf(f, "%s\n", list);
        a->tasks++;
    }
    return fclose(f) == 0 ? 0 : -1;
}

/* exec: Slurm's signals reach the batch itself. A task may run where GNU parallel started the campaign. */
static int write_script(const struct array *a)
{
    FILE *f = open_file(a, "script", "w");

    if (f == NULL)
        return -1;
    fprintf(f, "#!/bin/sh\nunset PARALLEL_PID\nlist=$(sed -n \"${SLURM_ARRAY_TASK_ID}p\" '%s/lists')\n%s \"$list\"\n", a->dir,
            a->command);
    return fclose(f) == 0 ? 0 : -1;
}

/* Reports of a task that were not read yet, whole lines only. */
static void read_task(struct array *a, size_t task)
{
    char name[32], line[256];
    FILE *f;

    snprintf(name, sizeof name, "task-%zu.out", task);
    f = a->at[task] < 0 ? NULL : open_file(a, name, "r");
    if (f == NULL)
        return;
    fseek(f, a->at[task], SEEK_SET);
    while (fgets(line, sizeof line, f) != NULL && strchr(line, '\n') != NULL) {
        a->at[task] = ftell(f);
        campaign_take(a->c, line);
        if (line[0] == '-') {
            a->at[task] = -1;
            a->ended++;
            break;
        }
    }
    fclose(f);
}

/* ---- Slurm's commands --------------------------------------------------------------------------- */

/* The first line that a command prints, without its end; its status. */
static int ask(const char *command, char *out, size_t cap)
{
    FILE *f = popen(command, "r");

    out[0] = '\0';
    if (f == NULL)
        return -1;
    if (fgets(out, (int)cap, f) == NULL)
        out[0] = '\0';
    out[strcspn(out, "\n")] = '\0';
    return pclose(f);
}

static int is_queued(const char *id)
{
    char command[128], state[64];

    snprintf(command, sizeof command, "squeue -h -j %.31s -t PENDING,RUNNING,COMPLETING,SUSPENDED,CONFIGURING -o %%T 2>/dev/null", id);
    return ask(command, state, sizeof state) == 0 && state[0] != '\0';
}

/* A campaign that was killed leaves its job in the queue, and two jobs would do the same runs. */
static int check_old_job(struct array *a)
{
    FILE *f = open_file(a, "job", "r");

    if (f == NULL)
        return 0;
    if (fscanf(f, "%31[0-9]", a->id) != 1)
        a->id[0] = '\0';
    fclose(f);
    if (a->id[0] == '\0' || !is_queued(a->id))
        return 0;
    fprintf(stderr, "mpsim: job %s of this campaign is still in Slurm's queue; `scancel %s` ends it\n", a->id, a->id);
    return -1;
}

/* Partition, account and time limit are sbatch's own variables (SBATCH_PARTITION, ...). */
static int submit(struct array *a)
{
    char *command = pool_grow(NULL, 4 * RUNDIR_PATH), answer[256];
    FILE *f;
    int status;

    for (size_t i = 0; i <= TASKS_MAX; i++) {
        a->at[i] = 0;
        snprintf(answer, sizeof answer, "task-%zu.out", i);
        snprintf(command, RUNDIR_PATH * 2, "%s/%s", a->dir, answer);
        unlink(command); /* of an earlier job */
    }
    a->ended = 0;
    snprintf(command, 4 * RUNDIR_PATH, "sbatch --parsable --array=1-%zu --job-name='mpsim-%.40s' --open-mode=truncate "
             "--output='%s/task-%%a.out' '%s/script' 2>&1", a->tasks, a->c->jobs->name, a->dir, a->dir);
    status = ask(command, answer, sizeof answer);
    free(command);
    if (status != 0 || sscanf(answer, "%31[0-9]", a->id) != 1) {
        fprintf(stderr, "mpsim: Slurm's sbatch took no job: %s\n", answer[0] != '\0' ? answer : "no answer");
        return -1;
    }
    f = open_file(a, "job", "w");
    if (f != NULL) {
        fprintf(f, "%s\n", a->id);
        fclose(f);
    }
    fprintf(stderr, "mpsim: Slurm job %s, tasks 1 to %zu\n", a->id, a->tasks);
    return 0;
}

/* ---- the campaign ------------------------------------------------------------------------------- */

/* How long a run takes is not known: one is run here. */
static void measure(struct array *a)
{
    char list[CAMPAIGN_LIST], line[256], *command;
    FILE *f;

    if (campaign_batch(a->c, 0, 1, list) == 0)
        return;
    command = pool_grow(NULL, sizeof a->command + CAMPAIGN_LIST + 32);
    snprintf(command, sizeof a->command + CAMPAIGN_LIST + 32, "unset PARALLEL_PID; %s %s", a->command, list);
    f = popen(command, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        campaign_take(a->c, line);
    if (f != NULL)
        pclose(f);
    free(command);
}

static void cancel(struct array *a, int signal_number)
{
    char command[64], answer[8];

    a->c->signal = signal_number;
    snprintf(command, sizeof command, "scancel %s 2>/dev/null", a->id);
    ask(command, answer, sizeof answer);
}

/* Until every task has said its last line, or Slurm knows the job no more. */
static void await(struct array *a, const sigset_t *set)
{
    struct timespec second = {1, 0};
    double asked = progress_clock();
    int queued = 1;

    while (queued && a->ended < a->tasks && a->c->signal == 0) {
        int got = sigtimedwait(set, NULL, &second);

        if (got > 0)
            cancel(a, got);
        if (progress_clock() - asked > ASK) {
            queued = is_queued(a->id);
            asked = progress_clock();
            if (!queued) /* what was written last may take a moment on a shared file system */
                nanosleep(&second, NULL);
        }
        for (size_t i = 1; i <= a->tasks; i++)
            read_task(a, i);
        campaign_progress(a->c, a->tasks);
    }
}

/* With `until` or very many runs one job follows another. */
static int run_jobs(struct array *a, const sigset_t *set)
{
    while (a->c->signal == 0 && !a->c->full && !a->c->mistake) {
        if (write_lists(a) < 0)
            return -1;
        if (a->tasks == 0)
            return 0;
        if (write_script(a) < 0 || submit(a) < 0)
            return -1;
        await(a, set);
        if (a->c->given > 0)
            return 0; /* lost: the report says so */
    }
    return 0;
}

int slurm_run(struct campaign *c)
{
    struct array *a = pool_grow(NULL, sizeof *a);
    sigset_t set, old;
    int e = -1;

    memset(a, 0, sizeof *a);
    a->c = c;
    snprintf(a->dir, sizeof a->dir, "%.*s/slurm", RUNDIR_PATH / 2, c->dir);
    campaign_command(c, a->command, sizeof a->command);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    if (rundir_make(a->dir) < 0) {
        fprintf(stderr, "mpsim: %s: %s\n", a->dir, strerror(errno));
    } else if (check_old_job(a) == 0) {
        measure(a);
        sigprocmask(SIG_BLOCK, &set, &old);
        e = run_jobs(a, &set);
        sigprocmask(SIG_SETMASK, &old, NULL);
    }
    free(a);
    return e;
}
