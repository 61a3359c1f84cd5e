/* SPDX-License-Identifier: MIT */
/* run/scenario.c - scenario files; see scenario.h. */
#include "run/scenario.h"

#include "hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/choices.h"
#include "run/flatten.h"
#include "run/radioconf.h"
#include "run/schema.h"

/* ---- loading ------------------------------------------------------------------------------------ */

/* "scenarios/handover.yaml" is called handover. */
static const char *name_of_file(struct scenario *s)
{
    const char *slash = strrchr(s->file, '/');
    char *name = pool_format(&s->pool, "%s", slash != NULL ? slash + 1 : s->file);
    char *dot = strrchr(name, '.');

    if (dot != NULL && dot != name)
        *dot = '\0';
    return name;
}

/* The keys about the campaign are set apart; everything else is a setting of the run. */
static void load_root(struct scenario *s, const struct node *root, struct diag *d)
{
    struct node settings = *root;

    if (root->kind != NODE_MAP) {
        diag_add(d, root->at, "a scenario is a map of keys and values");
        return;
    }
    settings.keys = pool_alloc(&s->pool, root->count * sizeof *settings.keys);
    settings.children = pool_alloc(&s->pool, root->count * sizeof *settings.children);
    settings.count = 0;
    for (size_t i = 0; i < root->count; i++) {
        if (choices_has(root->keys[i].text))
            continue;
        settings.keys[settings.count] = root->keys[i];
        settings.children[settings.count++] = root->children[i];
    }
    flatten_map(s, &s->base, &settings, "file", d);
    choices_load(s, root, d);
}

/* As many mistakes as can be found are reported, not only the first. */
int scenario_load(struct scenario *s, const char *file, struct diag *d)
{
    struct node *root;
    FILE *f;

    memset(s, 0, sizeof *s);
    s->file = pool_format(&s->pool, "%s", file);
    s->base.at = s->sets.at = s->axes_at = (struct place){s->file, 0, 0};
    f = fopen(file, "r");
    if (f == NULL) {
        diag_add(d, s->base.at, "%s", strerror(errno));
        return -1;
    }
    flatten_add(&s->base, (struct setting){"name", name_of_file(s), s->base.at, s->base.at, "file name"});
    root = doc_read(&s->pool, f, s->file, d);
    fclose(f);
    if (root != NULL)
        load_root(s, root, d);
    return d->errors > 0 ? -1 : 0;
}

/* ---- --set -------------------------------------------------------------------------------------- */

/* Chosen by the label, as it stands in directory names. */
static int set_axis(struct axis *a, const char *label, struct diag *d)
{
    char labels[512] = "";

    for (size_t i = 0; i < a->points; i++) {
        if (strcmp(a->point[i].name, label) == 0) {
            a->chosen = i + 1;
            return 0;
        }
        snprintf(labels + strlen(labels), sizeof labels - strlen(labels), "%s%s", i > 0 ? ", " : "",
                 a->point[i].name);
    }
    diag_add(d, (struct place){"--set", 0, 0}, "'%s' is no point of axis '%s'; it has %s", label, a->name,
             labels);
    return -1;
}

/* An axis wins over a key of the same name: its point may set several keys. */
int scenario_set(struct scenario *s, const char *text, struct diag *d)
{
    struct place at = {"--set", 0, 0};
    const char *equal = strchr(text, '=');
    struct schema_match m;
    char *key;

    if (equal == NULL || equal == text) {
        diag_add(d, at, "'%s' is not key=value", text);
        return -1;
    }
    key = pool_format(&s->pool, "%.*s", (int)(equal - text), text);
    for (size_t i = 0; i < s->axes; i++)
        if (strcmp(s->axis[i].name, key) == 0)
            return set_axis(&s->axis[i], equal + 1, d);
    if (schema_find(key, &m) < 0) {
        flatten_unknown(key, at, d);
        return -1;
    }
    flatten_add(&s->sets, (struct setting){key, pool_format(&s->pool, "%s", equal + 1), at, at, "--set"});
    return 0;
}

/* ---- resolving ---------------------------------------------------------------------------------- */

/* Calls each for every layer of a selection, from the first to the one that wins. */
static void each_layer(const struct scenario *s, const struct selection *sel,
                       void (*each)(void *ctx, const struct layer *l), void *ctx)
{
    each(ctx, &s->base);
    for (size_t i = 0; i < s->axes; i++)
        if (s->axis[i].points > 0)
            each(ctx, &s->axis[i].point[sel->point[i]]);
    if (s->variants > 0)
        each(ctx, &s->variant[sel->variant]);
    each(ctx, &s->sets);
}

/* The layers of one selection being applied. */
struct resolving {
    struct run_config *c;
    struct diag *d;
};

/* Later settings overwrite earlier ones; mistakes in a value are noted with the place of the
 * value. */
static void apply_layer(void *ctx, const struct layer *l)
{
    struct resolving *r = ctx;

    for (size_t i = 0; i < l->count; i++)
        config_apply(r->c, &l->settings[i], r->d);
}

/* A key that the engine cannot honour is an error; one of the other engine's section only rests, unless
 * it was asked for on the command line. */
static void check_layer(void *ctx, const struct layer *l)
{
    struct resolving *r = ctx;

    for (size_t i = 0; i < l->count; i++) {
        const struct setting *st = &l->settings[i];
        struct schema_match m;
        int honoured;

        if (schema_find(st->key, &m) < 0 || m.scope == SCOPE_STACK)
            continue;
        honoured = config_honours(r->c, m.key->engines);
        if (honoured < 0 || (honoured == 0 && strcmp(st->origin, "--set") == 0))
            diag_add(r->d, st->key_at, "engine %s cannot honour '%s' (%s can)",
                     config_engine_name(r->c->engine), st->key, m.key->engines & LOOP ? "loop" : "ns3");
    }
}

/* A search over the layers; the last hit is the one that won. */
struct finding {
    const char *key;
    const struct setting *found;
};

/* "section.*" matches any key of the section. */
static void find_layer(void *ctx, const struct layer *l)
{
    struct finding *f = ctx;

    size_t n = strlen(f->key);
    int section = n > 2 && strcmp(f->key + n - 2, ".*") == 0;

    for (size_t i = 0; i < l->count; i++)
        if (section ? strncmp(l->settings[i].key, f->key, n - 1) == 0
                    : strcmp(l->settings[i].key, f->key) == 0)
            f->found = &l->settings[i];
}

/* The one that won, NULL: a default. Slow, so for messages and `explain` only. */
const struct setting *scenario_origin(const struct scenario *s, const struct selection *sel,
                                      const char *key)
{
    struct finding f = {key, NULL};

    each_layer(s, sel, find_layer, &f);
    return f.found;
}

/* For messages about values that are wrong together. */
struct where {
    const struct scenario *s;
    const struct selection *sel;
};

/* The nearest thing written: the key, or any in its section, then in the section around it. */
static struct place find_place(void *ctx, const char *key)
{
    const struct where *w = ctx;
    char prefix[160];
    char *dot;

    snprintf(prefix, sizeof prefix, "%s", key);
    for (;;) {
        const struct setting *st = scenario_origin(w->s, w->sel, prefix);

        if (st == NULL && (dot = strrchr(prefix, '.')) != NULL && strcmp(dot, ".*") != 0) {
            strcpy(dot, ".*"); /* any key of the section */
            continue;
        }
        if (st != NULL)
            return st->value_at;
        dot = strrchr(prefix, '.');
        if (dot == NULL)
            return w->s->base.at;
        *dot = '\0';
    }
}

/* Everything from defaults to checks. Paths come first: settings refer to them by name. */
int scenario_resolve(const struct scenario *s, const struct selection *sel, struct run_config *c,
                     struct diag *d)
{
    struct resolving r = {c, d};
    struct where w = {s, sel};
    struct config_places places = {find_place, &w};
    size_t before = d->errors;

    config_init(c);
    for (size_t i = 0; i < s->paths; i++)
        if (config_add_path(c, s->path[i]) < 0)
            diag_add(d, s->base.at, "path '%s': the name is too long", s->path[i]);
    each_layer(s, sel, apply_layer, &r);
    if (sel->engine >= 0)
        c->engine = (uint32_t)sel->engine;
    if (!c->has_first)
        c->first = (struct span){0, c->interval};
    each_layer(s, sel, check_layer, &r);
    if (d->errors == before)
        radioconf_resolve(c, &places, d);
    if (d->errors == before)
        config_check(c, &places, d);
    return d->errors > before ? -1 : 0;
}

/* Index by name, or a message with the names there are. */
int scenario_variant(const struct scenario *s, const char *name, struct diag *d)
{
    char names[1024] = "";

    for (size_t i = 0; i < s->variants; i++) {
        if (strcmp(s->variant[i].name, name) == 0)
            return (int)i;
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i > 0 ? ", " : "",
                 s->variant[i].name);
    }
    if (s->variants == 0 && strcmp(name, "plain") == 0) /* as its results are called */
        return 0;
    diag_add(d, s->base.at, "there is no variant '%s'; the scenario has %s", name,
             s->variants > 0 ? names : "none");
    return -1;
}

/* Labels become directory names: no slash, no blank. */
static void append_pair(char *out, size_t cap, const char *key, const char *value)
{
    size_t n = strlen(out);

    snprintf(out + n, cap - n, "%s%s=%s", n > 0 ? "," : "", key, value);
    for (char *p = out + n; *p != '\0'; p++)
        if (*p == '/' || *p == ' ')
            *p = '_';
}

/* How many runs there are, and what they are called, does not change a run. */
static int is_outside_run(const char *key)
{
    static const char *const keys[] = {"repeat", "until", "repeat_min", "seed", "name", "description"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(key, keys[i]) == 0)
            return 1;
    return 0;
}

/* A directory's name has 255 octets: what is longer ends in a hash of the whole. */
static void shorten(char *label, size_t cap)
{
    enum { LABEL_MAX = 200 };
    struct hash h;

    if (strlen(label) <= LABEL_MAX || cap <= LABEL_MAX + 20)
        return;
    hash_init(&h);
    hash_bytes(&h, label, strlen(label));
    snprintf(label + LABEL_MAX, cap - LABEL_MAX, "~%016llx", (unsigned long long)hash_value(&h));
}

/* What distinguishes this run from the others of the scenario, and nothing else. */
void scenario_label(const struct scenario *s, const struct selection *sel, char *out, size_t cap)
{
    snprintf(out, cap, "%s", s->variants > 0 ? s->variant[sel->variant].name : "plain");
    for (size_t i = 0; i < s->axes; i++)
        append_pair(out, cap, s->axis[i].name, s->axis[i].point[sel->point[i]].name);
    for (size_t i = 0; i < s->sets.count; i++) {
        const struct setting *st = &s->sets.settings[i];

        if (!is_outside_run(st->key))
            append_pair(out, cap, st->key, st->value);
    }
    shorten(out, cap);
}

/* Texts and nodes lie in the pool; only the arrays of settings are separate. */
void scenario_clear(struct scenario *s)
{
    free(s->base.settings);
    free(s->sets.settings);
    for (size_t i = 0; i < s->variants; i++)
        free(s->variant[i].settings);
    for (size_t i = 0; i < s->axes; i++)
        for (size_t j = 0; j < s->axis[i].points; j++)
            free(s->axis[i].point[j].settings);
    pool_clear(&s->pool);
}
