/* SPDX-License-Identifier: MIT */
/* run/choices.c - variants, axes and sweeps of a scenario; see choices.h. */
#include "run/choices.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "run/flatten.h"
#include "run/range.h"
#include "run/schema.h"

/* Names become parts of a directory name. */
static int check_name(const struct node *key, const char *what, struct diag *d)
{
    for (const char *p = key->text; *p != '\0'; p++)
        if (!isalnum((unsigned char)*p) && strchr("._-", *p) == NULL) {
            diag_add(d, key->at, "the name of %s may have letters, digits, '.', '_' and '-' only", what);
            return -1;
        }
    return 0;
}

/* Bounds of the fixed arrays of struct scenario, told before they are filled. */
static int check_map(const struct node *n, const char *what, size_t most, struct diag *d)
{
    if (n->kind != NODE_MAP) {
        diag_add(d, n->at, "'%s' is a map of names", what);
        return -1;
    }
    if (n->count > most) {
        diag_add(d, n->at, "too many %s; at most %zu", what, most);
        return -1;
    }
    return 0;
}

/* Some keys say what the whole scenario is; a variant that changes them would compare unlike things. */
static void check_override(const struct layer *l, struct diag *d)
{
    static const char *const fixed[] = {"name", "description", "engine", "repeat", "seed", "until", "repeat_min"};

    for (size_t i = 0; i < l->count; i++)
        for (size_t j = 0; j < sizeof fixed / sizeof fixed[0]; j++)
            if (strcmp(l->settings[i].key, fixed[j]) == 0)
                diag_add(d, l->settings[i].key_at, "'%s' belongs to the whole scenario, not to one variant",
                         fixed[j]);
}

/* In the order of the file: it is the order of figures and tables too. */
static void load_variants(struct scenario *s, const struct node *n, struct diag *d)
{
    if (check_map(n, "variants", VARIANTS_MAX, d) < 0)
        return;
    for (size_t i = 0; i < n->count; i++) {
        struct layer *l = &s->variant[s->variants++];

        check_name(&n->keys[i], "a variant", d);
        l->name = n->keys[i].text;
        l->at = n->keys[i].at;
        if (n->children[i].kind == NODE_SCALAR && n->children[i].text[0] == '\0')
            continue; /* `plain:` - the file as it is */
        flatten_map(s, l, &n->children[i], pool_format(&s->pool, "variant %s", l->name), d);
        check_override(l, d);
    }
}

/* The value of a key of a map; NULL: not there, or no map. */
static const struct node *child(const struct node *map, const char *key)
{
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++)
        if (strcmp(map->keys[i].text, key) == 0)
            return &map->children[i];
    return NULL;
}

/* A point of an axis sets a key to a value; origin names the point. */
static void add_point_key(struct scenario *s, struct layer *l, const struct axis *a, const struct node *key,
                          const struct point *value, struct diag *d)
{
    struct schema_match m;

    if (key->kind != NODE_SCALAR || schema_find(key->text, &m) < 0) {
        flatten_unknown(key->kind == NODE_SCALAR ? key->text : "set", key->at, d);
        return;
    }
    flatten_add(l, (struct setting){key->text, value->text, key->at, value->at,
                                    pool_format(&s->pool, "axis %s=%s", a->name, l->name)});
}

/* {set: keys, to: values}: every key gets the same value. The first key tells the units of a range. */
static void load_list_axis(struct scenario *s, struct axis *a, const struct node *keys,
                           const struct node *values, struct diag *d)
{
    const struct node *key = keys->kind == NODE_LIST ? keys->children : keys;
    size_t count = keys->kind == NODE_LIST ? keys->count : 1;
    struct point *p = pool_alloc(&s->pool, POINTS_MAX * sizeof *p);

    if (count == 0 || key->kind != NODE_SCALAR) {
        diag_add(d, keys->at, "'set' is a key or a list of keys");
        return;
    }
    a->points = range_read(&s->pool, values, key->text, p, POINTS_MAX, d);
    for (size_t i = 0; i < a->points; i++) {
        struct layer *l = &a->point[i];

        l->at = p[i].at;
        l->name = p[i].text;
        for (size_t j = 0; j < count; j++)
            add_point_key(s, l, a, &key[j], &p[i], d);
        if (p[i].more != NULL)
            flatten_map(s, l, p[i].more, pool_format(&s->pool, "axis %s=%s", a->name, l->name), d);
        check_override(l, d);
    }
}

/* Values of the k-th key of a zip. */
static size_t zip_points(struct scenario *s, const struct node *zip, size_t k, struct point *p, struct diag *d)
{
    return range_read(&s->pool, &zip->children[k], zip->keys[k].text, p, POINTS_MAX, d);
}

/* {zip: {KEY: values, KEY: values}}: the first values of all keys together, then the second ones, ... A point
 * is called by its values: "0+2%". */
static void load_zip_axis(struct scenario *s, struct axis *a, const struct node *zip, struct diag *d)
{
    struct point *p = pool_alloc(&s->pool, POINTS_MAX * sizeof *p);

    if (zip->kind != NODE_MAP || zip->count < 2) {
        diag_add(d, zip->at, "'zip' is a map of two keys or more, each with its values");
        return;
    }
    for (size_t k = 0; k < zip->count; k++) {
        size_t n = zip_points(s, zip, k, p, d);

        if (n == 0 || (k > 0 && n != a->points)) {
            if (n != 0)
                diag_add(d, zip->children[k].at, "zip: '%s' has %zu values, '%s' has %zu", zip->keys[k].text, n,
                         zip->keys[0].text, a->points);
            return;
        }
        a->points = n;
        for (size_t i = 0; i < n; i++) {
            struct layer *l = &a->point[i];

            l->at = k == 0 ? p[i].at : l->at;
            l->name = k == 0 ? p[i].text : pool_format(&s->pool, "%s+%s", l->name, p[i].text);
            add_point_key(s, l, a, &zip->keys[k], &p[i], d);
            if (p[i].more != NULL)
                flatten_map(s, l, p[i].more, pool_format(&s->pool, "axis %s=%s", a->name, l->name), d);
            check_override(l, d);
        }
    }
}

/* {label: {overrides}, ...} */
static void load_named_axis(struct scenario *s, struct axis *a, const struct node *n, struct diag *d)
{
    if (check_map(n, a->name, POINTS_MAX, d) < 0)
        return;
    for (size_t i = 0; i < n->count; i++) {
        struct layer *l = &a->point[a->points++];

        check_name(&n->keys[i], "a point of an axis", d);
        l->name = n->keys[i].text;
        l->at = n->keys[i].at;
        flatten_map(s, l, &n->children[i], pool_format(&s->pool, "axis %s=%s", a->name, l->name), d);
        check_override(l, d);
    }
}

/* Two points of one name would share a directory. */
static void check_twins(const struct axis *a, struct diag *d)
{
    for (size_t i = 0; i < a->points; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(a->point[i].name, a->point[j].name) == 0)
                diag_add(d, a->point[i].at, "axis '%s' has the point '%s' twice", a->name, a->point[i].name);
}

/* Two axes that set one key: the later would win, and the points of the other be the same runs. */
static void check_axes(const struct scenario *s, struct diag *d)
{
    for (size_t i = 0; i < s->axes; i++)
        for (size_t j = 0; j < i; j++)
            for (size_t k = 0; k < s->axis[i].point[0].count; k++)
                for (size_t m = 0; m < s->axis[j].point[0].count; m++) {
                    const struct setting *st = &s->axis[i].point[0].settings[k];

                    if (strcmp(st->key, s->axis[j].point[0].settings[m].key) == 0)
                        diag_add(d, st->key_at, "axes '%s' and '%s' both set '%s'", s->axis[j].name,
                                 s->axis[i].name, st->key);
                }
}

/* Five ways to write one: values for the key of that name (list or range), set and to, zip, or points with
 * names. */
static void load_axes(struct scenario *s, const struct node *n, const char *what, struct diag *d)
{
    s->axes_at = n->at;
    if (check_map(n, what, AXES_MAX, d) < 0)
        return;
    for (size_t i = 0; i < n->count; i++) {
        struct axis *a = &s->axis[s->axes++];
        const struct node *v = &n->children[i], *set = child(v, "set"), *to = child(v, "to");

        a->name = n->keys[i].text;
        check_name(&n->keys[i], "an axis", d);
        if (v->kind == NODE_LIST || range_is(v))
            load_list_axis(s, a, &n->keys[i], v, d);
        else if (set != NULL && to != NULL)
            load_list_axis(s, a, set, to, d);
        else if (v->kind == NODE_MAP && v->count == 1 && child(v, "zip") != NULL)
            load_zip_axis(s, a, child(v, "zip"), d);
        else
            load_named_axis(s, a, v, d);
        check_twins(a, d);
    }
    check_axes(s, d);
}

/* Bits of the names in a list; every bit for an absent list when all is set. */
static uint32_t load_names(const struct scenario *s, const struct node *list, int variants, int all,
                           struct diag *d)
{
    size_t n = variants ? s->variants : s->axes;
    uint32_t bits = 0;

    if (list == NULL)
        return all ? (uint32_t)((1ull << n) - 1) : 0;
    if (list->kind != NODE_LIST) {
        diag_add(d, list->at, "expected a list of names, like [jwd, join4]");
        return 0;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct node *name = &list->children[i];
        size_t j = 0;

        while (j < n && (name->kind != NODE_SCALAR ||
                         strcmp(variants ? s->variant[j].name : s->axis[j].name, name->text) != 0))
            j++;
        if (j == n)
            diag_add(d, name->at, "there is no %s '%s'", variants ? "variant" : "axis",
                     name->kind == NODE_SCALAR ? name->text : "?");
        else
            bits |= 1u << j;
    }
    return bits;
}

/* Unknown keys are errors here too: a misspelt `axis` would silently cross nothing. */
static void load_sweeps(struct scenario *s, const struct node *n, struct diag *d)
{
    if (n->kind != NODE_LIST || n->count == 0 || n->count > SWEEPS_MAX) {
        diag_add(d, n->at, "'sweeps' is a list of 1 to %d maps, like [{variants: [jwd], axes: [delay]}]",
                 SWEEPS_MAX);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        const struct node *m = &n->children[i];
        struct sweep *w = &s->sweep[s->sweeps++];

        for (size_t j = 0; m->kind == NODE_MAP && j < m->count; j++)
            if (strcmp(m->keys[j].text, "variants") != 0 && strcmp(m->keys[j].text, "axes") != 0)
                diag_add(d, m->keys[j].at, "unknown key '%s'; a sweep has 'variants' and 'axes'",
                         m->keys[j].text);
        if (m->kind != NODE_MAP)
            diag_add(d, m->at, "a sweep is a map with 'variants' and 'axes'");
        w->variants = load_names(s, child(m, "variants"), 1, 1, d);
        w->axes = load_names(s, child(m, "axes"), 0, 0, d);
    }
}

/* `sweep:` is also taken by its older name, `axes:`. */
void choices_load(struct scenario *s, const struct node *root, struct diag *d)
{
    const struct node *variants = child(root, "variants"), *sweeps = child(root, "sweeps");
    const struct node *sweep = child(root, "sweep"), *axes = child(root, "axes");

    if (variants != NULL)
        load_variants(s, variants, d);
    if (sweep != NULL && axes != NULL)
        diag_add(d, axes->at, "'axes' is the older name of 'sweep': write all axes there");
    else if (sweep != NULL || axes != NULL)
        load_axes(s, sweep != NULL ? sweep : axes, sweep != NULL ? "sweep" : "axes", d);
    if (sweeps != NULL)
        load_sweeps(s, sweeps, d);
}

int choices_has(const char *key)
{
    static const char *const keys[] = {"variants", "sweep", "axes", "sweeps"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(key, keys[i]) == 0)
            return 1;
    return 0;
}
