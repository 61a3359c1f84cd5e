/* SPDX-License-Identifier: MIT */
/* run/command_explain.c - `mpsim explain`: the resolved scenario, where each value comes from, what rests on
 * this engine, and what a campaign will run. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/engines.h"
#include "run/network.h"
#include "run/plan.h"
#include "run/pool.h"
#include "run/schema.h"

/* What a row of the configuration needs to know. */
struct explaining {
    const struct scenario *s;
    const struct selection *sel;
    const struct run_config *c;
};

/* The place of the value that won. A stack option may have been set for both sides at once. */
static void say_origin(const struct explaining *x, const char *key)
{
    const struct setting *st = scenario_origin(x->s, x->sel, key);
    const char *dot = strchr(key, '.');
    struct schema_match m;
    char where[512], both[160];

    if (st == NULL && dot != NULL && (strncmp(key, "client.", 7) == 0 || strncmp(key, "server.", 7) == 0)) {
        snprintf(both, sizeof both, "stack%s", dot);
        st = scenario_origin(x->s, x->sel, both);
    }
    if (st == NULL && schema_find(key, &m) == 0 && m.scope == SCOPE_RADIO) {
        snprintf(both, sizeof both, "paths.%s.radio.profile", m.path);
        st = scenario_origin(x->s, x->sel, both);
        snprintf(both, sizeof both, "radios.%.24s.%s", st != NULL ? st->value : "", m.key->key);
        st = scenario_origin(x->s, x->sel, both);
        if (st == NULL) {
            printf("profile");
            return;
        }
    }
    if (st == NULL) {
        printf("default");
        return;
    }
    diag_place(st->value_at, where, sizeof where);
    printf("%s", where);
    if (strcmp(st->origin, "file") != 0 && strcmp(st->origin, "--set") != 0)
        printf(" (%s)", st->origin);
}

/* Keys that this engine cannot honour are left out unless somebody wrote them. */
static void say_row(void *ctx, const char *key, const char *value)
{
    const struct explaining *x = ctx;
    struct schema_match m;
    int honoured = 1;

    if (schema_find(key, &m) == 0 && m.scope != SCOPE_STACK)
        honoured = config_honours(x->c, m.key->engines);
    if (strcmp(key, "description") == 0 || (honoured < 0 && scenario_origin(x->s, x->sel, key) == NULL))
        return;
    printf("  %-34s %-22s ", key, value);
    say_origin(x, key);
    printf("%s\n", honoured < 1 ? "  [rests on this engine]" : "");
}

/* What a variant or a point changes, without the marks that only forget a list. */
static void say_layer(const struct layer *l)
{
    char where[512];

    printf("  %s\n", l->name);
    for (size_t i = 0; i < l->count; i++) {
        const struct setting *st = &l->settings[i];
        size_t n = strlen(st->key);

        diag_place(st->value_at, where, sizeof where);
        if (n < 2 || strcmp(st->key + n - 2, ".*") != 0)
            printf("    %-32s %-22s %s\n", st->key, st->value, where);
    }
}

/* Everything there is to choose from, chosen or not. */
static void say_choices(const struct scenario *s)
{
    if (s->variants > 0)
        printf("\nvariants\n");
    for (size_t i = 0; i < s->variants; i++)
        say_layer(&s->variant[i]);
    for (size_t i = 0; i < s->axes; i++) {
        printf("\naxis %s\n", s->axis[i].name);
        for (size_t j = 0; j < s->axis[i].points; j++)
            say_layer(&s->axis[i].point[j]);
    }
}

/* In the order of the file. */
static void say_sweep(const struct scenario *s, const struct sweep *w)
{
    printf("  sweep over");
    for (size_t i = 0; i < s->variants; i++)
        if (w->variants >> i & 1)
            printf(" %s", s->variant[i].name);
    for (size_t i = 0; i < s->axes; i++)
        if (w->axes >> i & 1)
            printf(" x %s", s->axis[i].name);
    printf("\n");
}

/* An estimate: most runs end before their longest time. */
static void say_plan(const struct scenario *s, const struct plan *p, const struct run_config *c)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    double each = (double)(c->start + c->duration) / 1e9;
    double seconds = (double)plan_count(p) * each * engines[c->engine].cost / (double)(cores > 0 ? cores : 1);

    printf("\nwhat `mpsim sweep` runs\n");
    for (size_t i = 0; i < s->sweeps; i++)
        say_sweep(s, &s->sweep[i]);
    printf("  %zu points x %llu seeds from %llu: %zu runs of at most %.6g simulated s\n", p->selections,
           (unsigned long long)p->seeds, (unsigned long long)p->first_seed, plan_count(p), each);
    if (c->until != NULL && c->until[0] != '\0')
        printf("  until %s, after %llu seeds at least: perhaps fewer\n", c->until, (unsigned long long)c->repeat_min);
    printf("  about %.1f min on %ld cores, at %g wall s per simulated s\n", seconds / 60, cores,
           engines[c->engine].cost);
}

/* By building the network, so that what is shown is what a run will get. */
static void say_draws(const struct run_config *c, uint64_t seed)
{
    struct network *n = pool_grow(NULL, sizeof *n);

    network_build(n, c, seed);
    if (n->draws > 0)
        printf("\ndrawn from seed %llu, the same for every variant (times from the start of the simulation)\n",
               (unsigned long long)seed);
    for (size_t i = 0; i < n->draws; i++)
        printf("  %-34s %.9g\n", n->draw[i].key, n->draw[i].value);
    free(n);
}

/* Resolved a second time: the plans were checked, so no message can come of it. */
static void explain(const struct scenario *s, const struct plan *one, const struct plan *all,
                    struct run_config *c)
{
    struct diag none = {0};
    struct explaining x = {s, &one->selection[0], c};
    char label[512];

    scenario_resolve(s, x.sel, c, &none);
    scenario_label(s, x.sel, label, sizeof label);
    printf("%s: %s\n\nconfiguration of %s on engine %s\n", c->name, c->description, label,
           config_engine_name(c->engine));
    config_each(c, say_row, &x);
    say_choices(s);
    say_draws(c, one->first_seed);
    say_plan(s, all, c);
    diag_clear(&none);
}

/* Two plans: the one run that is shown, and all that a campaign would run. */
static int explain_plans(const struct scenario *s, struct cli_options *o)
{
    struct run_config *c = pool_grow(NULL, sizeof *c);
    struct plan one = {0}, all = {0};
    struct diag d = {0};
    int status = CLI_OK;

    o->all = 0;
    plan_build(&one, s, o, &d);
    o->all = 1;
    plan_build(&all, s, o, &d);
    if (d.errors > 0) {
        fputs(d.text, stderr);
        status = CLI_MISTAKE;
    } else {
        explain(s, &one, &all, c);
    }
    plan_clear(&one);
    plan_clear(&all);
    diag_clear(&d);
    free(c);
    return status;
}

/* The structs are too large for a stack. */
int cli_explain(struct cli_options *o)
{
    struct scenario *s = pool_grow(NULL, sizeof *s);
    int status = cli_load(o, s);

    if (status == 0) {
        status = explain_plans(s, o);
        scenario_clear(s);
    }
    free(s);
    return status;
}
