/* SPDX-License-Identifier: MIT */
/* run/rundir.c - directories of runs; see rundir.h. */
#include "run/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Several machines may share the directory, and a process id means something on its own only. */
static const char *host_name(void)
{
    static char name[48];

    if (name[0] == '\0' && gethostname(name, sizeof name - 1) < 0)
        snprintf(name, sizeof name, "?");
    return name;
}

/* The temporary directory begins with a dot and carries the process: it never looks like a
 * result. */
void rundir_name(struct rundir *d, const char *out, const char *scenario, const char *engine,
                 const char *label, uint64_t seed)
{
    snprintf(d->parent, sizeof d->parent, "%s/%s/%s/%s", out, scenario, engine, label);
    snprintf(d->final, sizeof d->final, "%s/run-%" PRIu64, d->parent, seed);
    snprintf(d->temp, sizeof d->temp, "%s/.run-%" PRIu64 ".%ld.%s", d->parent, seed, (long)getpid(), host_name());
    snprintf(d->log, sizeof d->log, "%.*s/log.txt", (int)(sizeof d->log - 16), d->temp);
    snprintf(d->failed, sizeof d->failed, "%s/failed-%" PRIu64 ".log", d->parent, seed);
}

/* Complete is what has a run.json of this very configuration; the hash is looked for as text. */
int rundir_finished(const struct rundir *d, uint64_t config_hash)
{
    char path[RUNDIR_PATH + 16], line[512], want[64];
    int found = 0;
    FILE *f;

    snprintf(path, sizeof path, "%s/run.json", d->final);
    snprintf(want, sizeof want, "\"config_hash\": \"%016" PRIx64 "\"", config_hash);
    f = fopen(path, "r");
    if (f == NULL)
        return 0;
    while (!found && fgets(line, sizeof line, f) != NULL)
        found = strstr(line, want) != NULL;
    fclose(f);
    return found;
}

/* Runs have no directories inside. */
static int remove_dir(const char *path)
{
    char inside[RUNDIR_PATH + 256];
    const struct dirent *e;
    DIR *dir = opendir(path);

    if (dir == NULL)
        return errno == ENOENT ? 0 : -1;
    while ((e = readdir(dir)) != NULL) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(inside, sizeof inside, "%s/%s", path, e->d_name);
        unlink(inside);
    }
    closedir(dir);
    return rmdir(path);
}

/* As `mkdir -p`: another campaign may be making the same ones. */
int rundir_make(const char *path)
{
    char part[RUNDIR_PATH];

    snprintf(part, sizeof part, "%s", path);
    for (char *p = part + 1; *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(part, 0777) < 0 && errno != EEXIST)
            return -1;
        *p = '/';
    }
    return mkdir(part, 0777) < 0 && errno != EEXIST ? -1 : 0;
}

/* ".run-SEED.PID.HOST" of a process of this machine that is no more: its campaign was killed hard. */
void rundir_clean(const char *parent)
{
    char path[RUNDIR_PATH + 256], host[64];
    const struct dirent *e;
    DIR *dir = opendir(parent);
    uint64_t seed;
    long pid;

    while (dir != NULL && (e = readdir(dir)) != NULL) {
        if (sscanf(e->d_name, ".run-%" SCNu64 ".%ld.%63s", &seed, &pid, host) != 3 || strcmp(host, host_name()) != 0)
            continue;
        /* signal 0 only asks: a process that is not ours exists as well */
        if (kill((pid_t)pid, 0) == 0 || errno != ESRCH)
            continue;
        snprintf(path, sizeof path, "%s/%s", parent, e->d_name);
        remove_dir(path);
    }
    if (dir != NULL)
        closedir(dir);
}

/* Another process may remove parent, empty still, behind a failed run: then once more. */
int rundir_begin(const struct rundir *d)
{
    int e = -1;

    if (remove_dir(d->temp) < 0 && errno != ENOENT)
        return -1;
    for (int tries = 0; e < 0 && tries < 3; tries++) {
        e = mkdir(d->temp, 0777);
        if (e < 0 && (errno != ENOENT || rundir_make(d->parent) < 0))
            return -1;
    }
    return e;
}

/* Beside what the run said itself; where no directory could be made, alone. */
int rundir_note(const struct rundir *d, const char *text)
{
    FILE *f = fopen(d->log, "a");

    if (f == NULL)
        f = fopen(d->failed, "w");
    if (f == NULL)
        return -1;
    fprintf(f, "%s\n", text);
    return fclose(f) == 0 ? 0 : -1;
}

/* rename(2) is atomic: a reader sees no half a run. An empty log is not worth keeping. */
int rundir_commit(const struct rundir *d)
{
    struct stat st;

    if (stat(d->log, &st) == 0 && st.st_size == 0)
        unlink(d->log);
    /* an older run of this seed, with another configuration, gives way */
    if (remove_dir(d->final) < 0 || rename(d->temp, d->final) < 0)
        return -1;
    unlink(d->failed);
    return 0;
}

/* What the run had written goes; why it failed may stay. */
void rundir_abandon(const struct rundir *d, int keep_log)
{
    if (keep_log)
        rename(d->log, d->failed);
    remove_dir(d->temp);
    rmdir(d->parent); /* only when nothing else is there */
}
