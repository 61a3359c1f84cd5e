/* SPDX-License-Identifier: MIT */
/* run/config.c - the typed configuration of one run; see config.h. */
#include "run/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/radioconf.h"
#include "run/schema.h"

static const char *const engine_names[] = {"loop", "ns3"};

const char *config_engine_name(uint32_t engine)
{
    return engine_names[engine];
}

/* ---- fields by offset --------------------------------------------------------------------------- */

/* The type of the row says what is at the offset; schema.def keeps the two together. */
static void store(void *base, const struct schema_key *k, const struct value *v)
{
    char *field = (char *)base + k->offset;

    switch (k->type) {
    case VALUE_BOOL:
    case VALUE_CHOICE:
        *(uint32_t *)field = (uint32_t)v->n;
        break;
    case VALUE_COUNT:
    case VALUE_TIME:
    case VALUE_RATE:
    case VALUE_SIZE:
    case VALUE_POWER:
    case VALUE_BIT_ENERGY:
        *(uint64_t *)field = v->n;
        break;
    case VALUE_PROB:
    case VALUE_REAL:
    case VALUE_LENGTH:
    case VALUE_SPEED:
        *(double *)field = v->x;
        break;
    case VALUE_TEXT:
        *(const char **)field = v->text;
        break;
    case VALUE_TIME_DRAW:
        *(struct span *)field = (struct span){v->n, v->n_high};
        break;
    case VALUE_SPEED_DRAW:
        *(struct span_speed *)field = (struct span_speed){v->x, v->x_high};
        break;
    }
}

/* Defaults are texts like any value, so the table is read as the user would write it. An empty
 * one means 0, which memset has seen to. */
static void store_defaults(void *base, enum schema_scope scope)
{
    const struct schema_key *k;
    struct value v;
    char why[128];

    for (size_t i = 0; (k = schema_key(i)) != NULL; i++) {
        if (k->scope != scope || (k->def[0] == '\0' && k->type != VALUE_TEXT))
            continue;
        if (units_parse(k->type, k->least, k->def, &v, why, sizeof why) < 0) {
            fprintf(stderr, "mpsim: schema.def: %s: %s\n", k->key, why);
            abort(); /* our own table */
        }
        store(base, k, &v);
    }
}

/* No path yet: the file says which there are. */
void config_init(struct run_config *c)
{
    memset(c, 0, sizeof *c);
    store_defaults(c, SCOPE_RUN);
    mpt_config_default(&c->stack[SIDE_CLIENT]);
    mpt_config_default(&c->stack[SIDE_SERVER]);
}

/* The struct is still zero from config_init; only what has a default is set. */
int config_add_path(struct run_config *c, const char *name)
{
    struct run_path *p = &c->path[c->paths];

    if (c->paths == SHIM_PATHS_MAX || name[0] == '\0' || strlen(name) >= sizeof p->name)
        return -1;
    store_defaults(p, SCOPE_PATH);
    strcpy(p->name, name);
    c->paths++;
    return 0;
}

/* ---- applying a setting ------------------------------------------------------------------------- */

/* The value against the bounds of its row. */
static int check_range(const struct schema_key *k, const struct value *v, char *why, size_t cap)
{
    struct value bound;
    char ignored[8];

    if (k->type == VALUE_CHOICE || k->type == VALUE_TEXT || k->type == VALUE_BOOL)
        return 0;
    if (k->least[0] != '\0' && units_parse(k->type, "", k->least, &bound, ignored, sizeof ignored) == 0 &&
        units_compare(k->type, v, 0, &bound) < 0) {
        snprintf(why, cap, "'%s' is too small; at least %s", v->text, k->least);
        return -1;
    }
    if (k->most[0] != '\0' && units_parse(k->type, "", k->most, &bound, ignored, sizeof ignored) == 0 &&
        units_compare(k->type, v, 1, &bound) > 0) {
        snprintf(why, cap, "'%s' is too large; at most %s", v->text, k->most);
        return -1;
    }
    return 0;
}

/* What was written and what is 0 by default are different things in a change. */
static void mark_change(struct run_change *ch, const char *key)
{
    static const struct {
        const char *key;
        uint32_t kind;
    } kinds[] = {{"rate", CHANGE_RATE}, {"delay", CHANGE_DELAY}, {"loss", CHANGE_LOSS},
                 {"down", CHANGE_DOWN}, {"address", CHANGE_ADDRESS}};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].key, key) == 0)
            ch->kinds |= 1u << kinds[i].kind;
    if (strcmp(key, "at") == 0)
        ch->has_at = 1;
}

/* A handful of paths: no index is worth it. */
static struct run_path *find_path(struct run_config *c, const char *name)
{
    for (size_t i = 0; i < c->paths; i++)
        if (strcmp(c->path[i].name, name) == 0)
            return &c->path[i];
    return NULL;
}

/* With the names there are: most often it is a misspelling. */
static void complain_path(const struct run_config *c, const struct setting *s, const char *name,
                          struct diag *d)
{
    char names[SHIM_PATHS_MAX * 18] = "";

    for (size_t i = 0; i < c->paths; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i > 0 ? ", " : "",
                 c->path[i].name);
    diag_add(d, s->key_at, "there is no path '%s'; the scenario has %s", name, names);
}

/* The last text for a key counts, at its first place: the order of run.json does not depend on
 * overrides. */
static void remember_option(struct run_config *c, int side, const char *key, const char *value)
{
    size_t i = 0;

    while (i < c->options[side] && strcmp(c->option[side][i].key, key) != 0)
        i++;
    if (i == OPTIONS_MAX)
        return;
    c->option[side][i] = (struct run_option){key, value};
    if (i == c->options[side])
        c->options[side]++;
}

/* libmpt's own line about the option, and what is allowed. */
static void explain_option(const char *option, const char *value, struct place at, struct diag *d)
{
    const char *name, *help = "";
    char range[96];
    size_t i = 0;

    while ((name = mpt_config_key(i, &help)) != NULL && strcmp(name, option) != 0)
        i++;
    schema_option_range(i, range, sizeof range);
    diag_add(d, at, "'%s' is not a value of '%s' (%s): %s", value, option, range, name != NULL ? help : "");
}

/* "stack." goes to both sides. libmpt parses and judges the value; there is no second table here. */
static void apply_stack(struct run_config *c, const struct schema_match *m, const struct setting *s,
                        struct diag *d)
{
    for (int side = 0; side < SIDES; side++) {
        const char *only = side == SIDE_CLIENT ? "client" : "server";
        int e;

        if (strcmp(m->stack, "stack") != 0 && strcmp(m->stack, only) != 0)
            continue;
        e = mpt_config_set(&c->stack[side], m->option, s->value);
        if (e < 0) {
            explain_option(m->option, s->value, s->value_at, d);
            return;
        }
        remember_option(c, side, m->option, s->value);
    }
}

/* As with changes: the next one is made when it is first written. */
static struct run_attack *find_attack(struct run_path *p, const struct schema_match *m, const struct setting *s,
                                      struct diag *d)
{
    if (m->index >= ATTACKS_MAX || m->index > p->attacks) {
        diag_add(d, s->key_at, "attack %u does not exist; path '%s' has %zu, at most %d", m->index, m->path,
                 p->attacks, ATTACKS_MAX);
        return NULL;
    }
    if (m->index == p->attacks) {
        memset(&p->attack[m->index], 0, sizeof p->attack[0]);
        store_defaults(&p->attack[m->index], SCOPE_ATTACK);
        p->attacks++;
    }
    return &p->attack[m->index];
}

/* Made when it is first written, too. */
static struct run_radio *find_radio(struct run_config *c, const struct schema_match *m, const struct setting *s,
                                    struct diag *d)
{
    struct run_radio *radio = radioconf_named(c, m->radio);

    if (radio == NULL)
        diag_add(d, s->key_at, "too many radios; at most %d", RADIOS_MAX);
    return radio;
}

/* The struct that holds the field, or NULL with an error. */
static void *find_base(struct run_config *c, const struct schema_match *m, const struct setting *s,
                       struct diag *d)
{
    struct run_path *p;

    if (m->scope == SCOPE_RUN)
        return c;
    if (m->scope == SCOPE_RADIO && m->path[0] == '\0')
        return find_radio(c, m, s, d);
    p = find_path(c, m->path);
    if (p == NULL) {
        complain_path(c, s, m->path, d);
        return NULL;
    }
    if (m->scope == SCOPE_PATH)
        return p;
    if (m->scope == SCOPE_RADIO)
        return &p->model;
    if (m->scope == SCOPE_ATTACK)
        return find_attack(p, m, s, d);
    if (m->index >= SHIM_CHANGES_MAX || m->index > p->changes) {
        diag_add(d, s->key_at, "change %u does not exist; path '%s' has %zu", m->index, m->path, p->changes);
        return NULL;
    }
    /* elements are written in their order, so a new one is always the next */
    if (m->index == p->changes) {
        memset(&p->change[m->index], 0, sizeof p->change[0]);
        store_defaults(&p->change[m->index], SCOPE_CHANGE);
        p->changes++;
    }
    return &p->change[m->index];
}

/* "paths.NAME.changes.*", "paths.NAME.attacks.*": a new list follows. */
static int forget_changes(struct run_config *c, const char *key)
{
    size_t n = strlen(key);

    if (n < 2 || strcmp(key + n - 2, ".*") != 0)
        return 0;
    for (size_t i = 0; i < c->paths; i++) {
        size_t len = strlen(c->path[i].name);

        if (strncmp(key + 6, c->path[i].name, len) != 0 || key[6 + len] != '.')
            continue;
        if (key[6 + len + 1] == 'a')
            c->path[i].attacks = 0;
        else
            c->path[i].changes = 0;
    }
    return 1;
}

/* A mistake is noted and the old value stays, so that the settings behind it are looked at too. */
void config_apply(struct run_config *c, const struct setting *s, struct diag *d)
{
    struct schema_match m;
    struct value v;
    char why[256];
    void *base;

    if (forget_changes(c, s->key) || schema_find(s->key, &m) < 0)
        return; /* unknown keys were reported where they are written */
    if (m.scope == SCOPE_STACK) {
        apply_stack(c, &m, s, d);
        return;
    }
    base = find_base(c, &m, s, d);
    if (base == NULL)
        return;
    if (units_parse(m.key->type, m.key->least, s->value, &v, why, sizeof why) < 0 ||
        check_range(m.key, &v, why, sizeof why) < 0) {
        diag_add(d, s->value_at, "%s: %s", m.key->key, why);
        return;
    }
    store(base, m.key, &v);
    if (m.scope == SCOPE_CHANGE)
        mark_change(base, m.key->key);
    else if (m.scope == SCOPE_RADIO)
        radioconf_mark(base, m.key);
    else if (m.scope == SCOPE_RUN && strcmp(m.key->key, "traffic.first") == 0)
        c->has_first = 1;
}

/* See schema.h for the bits. A section of the other engine rests, any other key it does not know
 * is an error. */
int config_honours(const struct run_config *c, unsigned engines)
{
    unsigned mine = c->engine == ENGINE_NS3 ? NS3 : LOOP;

    if (engines & mine)
        return 1;
    if (engines == SECTION_LOOP && c->point_to_point)
        return 1; /* ns-3's point-to-point links are made from link: */
    return engines & SECTION ? 0 : -1;
}
