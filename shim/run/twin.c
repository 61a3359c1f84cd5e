/* SPDX-License-Identifier: MIT */
/* run/twin.c - see twin.h. */
#include "run/twin.h"

#include <stdlib.h>
#include <string.h>

#include "run/pool.h"
#include "run/record.h"

/* Nobody attacks, nothing is written. */
static struct run_config *tame(const struct run_config *c)
{
    struct run_config *t = pool_grow(NULL, sizeof *t);

    *t = *c;
    for (size_t i = 0; i < t->paths; i++)
        t->path[i].attacks = 0;
    t->trace = t->pcap = t->dsn = 0;
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

int twin_run(struct run *r, char *err, size_t cap)
{
    struct run *t;
    int e;

    if (r->is_twin || !r->config->outcome || !has_attacks(r->config))
        return 0;
    t = pool_grow(NULL, sizeof *t);
    memset(t, 0, sizeof *t);
    t->config = tame(r->config);
    t->seed = r->seed;
    t->is_twin = 1;
    e = harness_run(t, "", err, cap);
    r->curve = t->curve;
    r->curves = t->curves;
    free((void *)t->config);
    free(t);
    return e;
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
        f.broken |= (s->ended[reader] && !whole) || s->secure[reader].failed;
    }
    *late = s->late;
    return outcome_of(&f);
}

void twin_json(FILE *f, const struct run *r)
{
    enum outcome worst = OUTCOME_UNAFFECTED;
    uint64_t late, most = 0;
    char t[32];

    if (!r->config->outcome)
        return;
    for (size_t i = 0; i < r->sessions; i++) {
        enum outcome o = twin_outcome(&r->session[i], &late);

        worst = o > worst ? o : worst;
        most = late > most ? late : most;
    }
    fprintf(f, "  \"outcome\": \"%s\",\n  \"outcome_late_s\": %s,\n", outcome_name(worst), record_seconds(most, t));
}
