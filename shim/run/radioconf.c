/* SPDX-License-Identifier: MIT */
/* run/radioconf.c - see radioconf.h. */
#include "run/radioconf.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[MPT_RADIO_KINDS] = {"lte", "wifi", "3g"};

/* ---- keys ---------------------------------------------------------------------------------------- */

/* The i-th key of a radio, NULL past the end. */
static const struct schema_key *radio_key(size_t i)
{
    const struct schema_key *k;

    for (size_t j = 0; (k = schema_key(j)) != NULL; j++)
        if (k->scope == SCOPE_RADIO && i-- == 0)
            return k;
    return NULL;
}

void radioconf_mark(struct run_radio *radio, const struct schema_key *key)
{
    for (size_t i = 0; radio_key(i) != NULL; i++)
        if (radio_key(i) == key)
            radio->written |= UINT64_C(1) << i;
}

/* Whether the i-th key was written. */
static int is_written(const struct run_radio *radio, size_t i)
{
    return radio->written >> i & 1;
}

int radioconf_suits(const struct schema_key *key, uint32_t kind)
{
    if (strncmp(key->key, "fach", 4) == 0)
        return kind == MPT_RADIO_3G;
    if (strncmp(key->key, "short_", 6) == 0 || strncmp(key->key, "long_", 5) == 0 || strncmp(key->key, "drx_", 4) == 0)
        return kind == MPT_RADIO_LTE;
    return 1;
}

/* ---- from profile to constants ------------------------------------------------------------------- */

struct run_radio *radioconf_named(struct run_config *c, const char *name)
{
    struct run_radio *radio = &c->radio[c->radios];

    for (size_t i = 0; i < c->radios; i++)
        if (strcmp(c->radio[i].name, name) == 0)
            return &c->radio[i];
    if (c->radios == RADIOS_MAX || strlen(name) >= sizeof radio->name)
        return NULL;
    memset(radio, 0, sizeof *radio);
    strcpy(radio->name, name);
    c->radios++;
    return radio;
}

/* What is being resolved, and where to complain about it. */
struct resolver {
    struct run_config *c;
    const struct config_places *places;
    struct diag *d;
    unsigned depth; /* of radios that name radios */
};

/* Where a key of a radio is written: path NULL for radios.NAME. */
static struct place place_of(const struct resolver *x, const struct run_radio *radio, const char *path, const char *key)
{
    char dotted[128];

    if (path != NULL)
        snprintf(dotted, sizeof dotted, "paths.%s.radio.%s", path, key);
    else
        snprintf(dotted, sizeof dotted, "radios.%s.%s", radio->name, key);
    return x->places->find(x->places->ctx, dotted);
}

/* With the name that was probably meant, of the catalogue or of the scenario. */
static void complain_profile(const struct resolver *x, const char *name, struct place at)
{
    const struct mpt_radio_row *row;
    const char *near = NULL;
    unsigned best = (unsigned)strlen(name) / 3 + 2;

    for (size_t i = 0; (row = mpt_radio_catalogue(i)) != NULL; i++)
        if (schema_distance(name, row->name) < best) {
            best = schema_distance(name, row->name);
            near = row->name;
        }
    for (size_t i = 0; i < x->c->radios; i++)
        if (schema_distance(name, x->c->radio[i].name) < best) {
            best = schema_distance(name, x->c->radio[i].name);
            near = x->c->radio[i].name;
        }
    if (near != NULL)
        diag_add(x->d, at, "there is no radio '%s', did you mean '%s'?", name, near);
    else
        diag_add(x->d, at, "there is no radio '%s' (see `mpsim list radios`)", name);
}

/* Lays what was written over the profile below. */
static void overlay(const struct resolver *x, struct mpt_radio_profile *value, const struct run_radio *radio, const char *path)
{
    struct run_radio below = *radio;
    const struct schema_key *k;

    below.value = *value;
    for (size_t i = 0; (k = radio_key(i)) != NULL; i++) {
        size_t size = k->type == VALUE_BOOL || k->type == VALUE_CHOICE ? sizeof(uint32_t) : sizeof(uint64_t);

        if (!is_written(radio, i) || k->type == VALUE_TEXT)
            continue;
        memcpy((char *)&below + k->offset, (const char *)radio + k->offset, size);
        if (!radioconf_suits(k, value->kind))
            diag_add(x->d, place_of(x, radio, path, k->key), "'%s' is not of a radio of kind %s", k->key, kinds[value->kind]);
    }
    *value = below.value;
}

/* The constants of a radio and the catalogue's row at its bottom; NULL with a message in d. A radio of the
 * scenario that has the name of a row changes it. */
static const struct mpt_radio_row *resolve(struct resolver *x, const struct run_radio *radio, const char *path,
                                           struct mpt_radio_profile *value)
{
    const char *name = radio->profile != NULL ? radio->profile : radio->name;
    const struct mpt_radio_row *row = NULL;
    const struct run_radio *below = NULL;

    for (size_t i = 0; i < x->c->radios; i++)
        if (&x->c->radio[i] != radio && strcmp(x->c->radio[i].name, name) == 0)
            below = &x->c->radio[i];
    if (x->depth++ > RADIOS_MAX) {
        diag_add(x->d, place_of(x, radio, path, "profile"), "radios: '%s' ends in a circle", name);
        return NULL;
    }
    if (below != NULL) {
        row = resolve(x, below, NULL, value);
    } else if ((row = mpt_radio_find(name)) != NULL) {
        *value = row->profile;
    } else if (radio->profile == NULL) {
        diag_add(x->d, place_of(x, radio, path, "profile"), "radios.%s has no profile to begin with, like "
                 "'profile: lte-huang2012'", name);
    } else {
        complain_profile(x, name, place_of(x, radio, path, "profile"));
    }
    if (row != NULL)
        overlay(x, value, radio, path);
    return row;
}

/* What cannot be together in one path. */
static void check_radio(const struct resolver *x, const struct run_path *p)
{
    const char *fault = mpt_radio_fault(&p->model.value);
    char key[40];

    if (fault != NULL)
        diag_add(x->d, place_of(x, &p->model, p->name, "profile"), "paths.%s.radio: %s", p->name, fault);
    snprintf(key, sizeof key, "paths.%s.promotion", p->name);
    if (p->promotion != 0)
        diag_add(x->d, x->places->find(x->places->ctx, key), "the radio has its own promotion: write radio.promotion");
    snprintf(key, sizeof key, "paths.%s.idle_at_start", p->name);
    if (p->idle_at_start)
        diag_add(x->d, x->places->find(x->places->ctx, key), "idle_at_start belongs to promotion; write radio.start: idle");
}

/* "none" in a variant switches off what the file says. */
static int wants_model(const struct run_radio *radio)
{
    return radio->profile != NULL && radio->profile[0] != '\0' && strcmp(radio->profile, "none") != 0;
}

void radioconf_resolve(struct run_config *c, const struct config_places *places, struct diag *d)
{
    for (size_t i = 0; i < c->paths; i++) {
        struct resolver x = {c, places, d, 0};
        struct run_path *p = &c->path[i];
        struct mpt_radio_profile value;
        const struct mpt_radio_row *row;

        if (wants_model(&p->model)) {
            row = resolve(&x, &p->model, p->name, &value);
            if (row == NULL)
                continue;
            p->model.base = row->name;
            p->model.value = value;
            check_radio(&x, p);
        } else if (p->model.profile == NULL && p->model.written) {
            diag_add(d, place_of(&x, &p->model, p->name, "profile"), "paths.%s.radio: these keys change a profile: write one of "
                     "`mpsim list radios`, like 'profile: lte-huang2012'", p->name);
        }
    }
}

/* ---- mpsim list radios --------------------------------------------------------------------------- */

/* The source of a constant; NULL: none. */
static const struct mpt_radio_source *source_of(const char *profile, const char *key)
{
    const struct mpt_radio_source *s;

    for (size_t i = 0; (s = mpt_radio_source(i)) != NULL; i++)
        if (strcmp(s->profile, profile) == 0 && strcmp(s->key, key) == 0)
            return s;
    return NULL;
}

/* As schema.def keeps them in struct run_radio. */
static void list_constant(const struct run_radio *radio, const struct schema_key *k)
{
    const struct mpt_radio_source *s = source_of(radio->base, k->key);
    const char *field = (const char *)radio + k->offset;
    struct value v = {0};
    char text[64];

    if (s == NULL || k->type == VALUE_TEXT)
        return;
    v.n = k->type == VALUE_BOOL || k->type == VALUE_CHOICE ? *(const uint32_t *)field : *(const uint64_t *)field;
    units_format(k->type, k->least, &v, text, sizeof text);
    printf("  %-18s %-14s [%s] %s\n", k->key, text, s->mark, s->text);
}

void radioconf_list(void)
{
    const struct mpt_radio_row *row;
    const struct schema_key *k;

    printf("Radios for paths.NAME.radio.profile; each constant is a key that radio: or radios.NAME may override.\n"
           "[S] read in a source, [M] known and not read again, [D] decided here.\n");
    for (size_t i = 0; (row = mpt_radio_catalogue(i)) != NULL; i++) {
        struct run_radio radio = {.base = row->name, .value = row->profile};

        printf("\n%s  %s\n  states:", row->name, row->line);
        for (uint32_t s = 0; s < MPT_RADIO_STATES; s++)
            if (mpt_radio_state_name(row->profile.kind, s) != NULL)
                printf(" %s (%.6g mW)", mpt_radio_state_name(row->profile.kind, s), mpt_radio_power(&row->profile, s) * 1e3);
        printf("\n");
        for (size_t j = 0; (k = radio_key(j)) != NULL; j++)
            list_constant(&radio, k);
    }
}
