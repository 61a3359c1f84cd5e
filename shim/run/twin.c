/* SPDX-License-Identifier: MIT */
/* run/twin.c - see twin.h. */
#include "run/twin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/pool.h"
#include "run/record.h"

/* Nobody attacks, nothing is written. */
static struct run_config *tame(const struct run_config *c)
{
    struct run_config *t = pool_grow(NULL, sizeof *t);

    *t = *c;
    for (size_t i = 0; i < t->paths; i++)
        t->path[i].attacks = 0;
    t->trace = t->pcap = t->dsn = t->progress = 0;
    t->series = 0;
    return t;
}

static int has_attacks(const struct run_config *c)
{
    for (size_t i = 0; i < c->paths; i++)
        for (size_t j = 0; j < c->path[i].attacks; j++)
            if (c->path[i].attack[j].present && strcmp(c->path[i].attack[j].name, "none") != 0)
                return 1;
    return 0;
}

/* The whole of it, in this process. */
static int run_here(struct run *r, char *err, size_t cap)
{
    struct run *t = pool_grow(NULL, sizeof *t);
    int e;

    memset(t, 0, sizeof *t);
    t->config = tame(r->config);
    t->seed = r->seed;
    t->is_twin = 1;
    e = harness_run(t, "", err, cap);
    r->curve = t->curve;
    r->curves = t->curves;
    r->without = t->without;
    free((void *)t->config);
    free(t);
    return e;
}

/* ---- in a child, where the engine allows one simulation a process -------------------------------- */

static int write_whole(int fd, const void *p, size_t n)
{
    for (ssize_t put; n > 0; p = (const char *)p + put, n -= (size_t)put)
        if ((put = write(fd, p, n)) <= 0)
            return -1;
    return 0;
}

static int read_whole(int fd, void *p, size_t n)
{
    for (ssize_t got; n > 0; p = (char *)p + got, n -= (size_t)got)
        if ((got = read(fd, p, n)) <= 0)
            return -1;
    return 0;
}

/* How many points, then the points, of each curve; before them, whether there are any. */
static void child(struct run *r, int fd, char *err, size_t cap)
{
    int32_t e = run_here(r, err, cap);
    int bad = write_whole(fd, &e, sizeof e) < 0;

    if (e < 0)
        _exit(bad || write_whole(fd, err, strlen(err)) < 0);
    bad |= write_whole(fd, &r->curves, sizeof r->curves) < 0;
    for (size_t i = 0; !bad && i < r->curves; i++) {
        const struct outcome_curve *c = &r->curve[i];

        bad |= write_whole(fd, &c->points, sizeof c->points) < 0;
        bad |= write_whole(fd, c->point, c->points * sizeof *c->point) < 0;
    }
    _exit(bad);
}

static int read_curves(struct run *r, int fd)
{
    size_t n;

    if (read_whole(fd, &n, sizeof n) < 0)
        return -1;
    r->curve = pool_grow(NULL, n * sizeof *r->curve);
    memset(r->curve, 0, n * sizeof *r->curve);
    r->curves = n;
    for (size_t i = 0; i < n; i++) {
        struct outcome_curve *c = &r->curve[i];

        if (read_whole(fd, &c->room, sizeof c->room) < 0)
            return -1;
        c->point = pool_grow(NULL, (c->room + 1) * sizeof *c->point);
        if (read_whole(fd, c->point, c->room * sizeof *c->point) < 0)
            return -1;
        c->points = c->room;
    }
    return 0;
}

/* What the child has to say of its failure, or how it ended without a word. */
static int read_child(struct run *r, int fd, char *err, size_t cap)
{
    int32_t e;

    if (read_whole(fd, &e, sizeof e) < 0 || (e == 0 && read_curves(r, fd) < 0)) {
        snprintf(err, cap, "the run without attacks ended without a word");
        return -1;
    }
    if (e < 0) {
        ssize_t n = read(fd, err, cap - 1);

        err[n > 0 ? n : 0] = '\0';
    }
    return e;
}

static int run_apart(struct run *r, char *err, size_t cap)
{
    int fd[2], e, status;
    pid_t pid;

    if (pipe(fd) < 0 || (pid = fork()) < 0) {
        snprintf(err, cap, "the run without attacks: %s", strerror(errno));
        return -1;
    }
    if (pid == 0)
        child(r, fd[1], err, cap);
    close(fd[1]);
    e = read_child(r, fd[0], err, cap);
    close(fd[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return e;
}

int twin_run(struct run *r, char *err, size_t cap)
{
    if (r->is_twin || !r->config->outcome || !has_attacks(r->config))
        return 0;
    return r->config->engine == ENGINE_NS3 ? run_apart(r, err, cap) : run_here(r, err, cap);
}

void twin_prepare(struct run *r)
{
    if (!r->is_twin)
        return;
    r->curves = 2 * r->sessions;
    r->curve = pool_grow(NULL, r->curves * sizeof *r->curve);
    memset(r->curve, 0, r->curves * sizeof *r->curve);
}

void twin_free(struct run *r)
{
    for (size_t i = 0; i < r->curves; i++)
        outcome_clear(&r->curve[i]);
    free(r->curve);
    r->curve = NULL;
    r->curves = 0;
}

/* The first octet of a piece waited longest: there it may have come with an earlier piece. */
void twin_note(struct session *s, int dir, uint64_t from, uint64_t to, uint64_t now)
{
    struct run *r = s->run;
    uint64_t late, then;

    if (r->curve == NULL)
        return;
    if (r->is_twin) {
        outcome_note(&r->curve[2 * (s->number - 1) + (size_t)dir], to, now);
        return;
    }
    then = outcome_when(&r->curve[2 * (s->number - 1) + (size_t)dir], from);
    late = outcome_late(now, then, r->config->start);
    if (late > s->late)
        s->late = late;
}

/* Both directions have an end to be seen, also one that carries nothing: who sent all wants to know that it arrived. */
enum outcome twin_outcome(const struct session *s, uint64_t *late)
{
    struct outcome_facts f = {.complete = 1, .broken = s->error != 0, .late = s->late};

    for (int dir = 0; dir < 2; dir++) {
        int reader = !dir, whole = s->read[dir] == s->total[dir];

        f.wrong |= s->fault[dir] != PAYLOAD_GOOD || s->read[dir] > s->total[dir];
        f.complete &= s->ended[reader] && whole;
        f.broken |= (s->ended[reader] && !whole) || s->apptls[reader].failed;
    }
    *late = s->late;
    return outcome_of(&f);
}

enum outcome twin_worst(const struct run *r, uint64_t *late)
{
    enum outcome worst = OUTCOME_UNAFFECTED;
    uint64_t one;

    for (size_t i = 0; i < r->sessions; i++) {
        enum outcome o = twin_outcome(&r->session[i], &one);

        worst = o > worst ? o : worst;
        if (late != NULL && one > *late)
            *late = one;
    }
    return worst;
}

void twin_json(FILE *f, const struct run *r)
{
    uint64_t late = 0;
    char t[32];

    if (!r->config->outcome)
        return;
    fprintf(f, "  \"outcome\": \"%s\",\n", outcome_name(twin_worst(r, &late)));
    fprintf(f, "  \"outcome_late_s\": %s,\n", record_seconds(late, t));
    if (r->curve != NULL)
        fprintf(f, "  \"outcome_without\": \"%s\",\n", outcome_name(r->without));
}
