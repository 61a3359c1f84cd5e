/* SPDX-License-Identifier: MIT */
/* run/flatten.c - YAML nodes to settings; see flatten.h. */
#include "run/flatten.h"

#include <stdio.h>
#include <string.h>

#include "run/schema.h"

/* What is being flattened. */
struct flattener {
    struct scenario *s;
    struct layer *layer;
    const char *origin;
    struct diag *d;
};

/* One key with its value: a setting, a section to go into, or a mistake with its place. */
static void flatten_node(struct flattener *f, const char *dotted, const struct node *key,
                         const struct node *value);

/* Order is kept: within a layer the later setting wins too. */
void flatten_add(struct layer *l, struct setting setting)
{
    if (l->count == l->room) {
        l->room = l->room ? l->room * 2 : 16;
        l->settings = pool_grow(l->settings, l->room * sizeof *l->settings);
    }
    l->settings[l->count++] = setting;
}

/* In a file only the last part is quoted, as it is written there; --set has no place, so all of
 * it. */
void flatten_unknown(const char *dotted, struct place at, struct diag *d)
{
    char near[128];
    const char *last = strrchr(dotted, '.');
    const char *written = last != NULL && at.line > 0 ? last + 1 : dotted;

    if (schema_nearest(dotted, near, sizeof near) != NULL)
        diag_add(d, at, "unknown key '%s', did you mean '%s'?", written, near);
    else
        diag_add(d, at, "unknown key '%s' (see `mpsim help keys`)", written);
}

/* The paths of a scenario are those of the file itself, in its order. */
static void note_path(struct flattener *f, const char *dotted, const struct node *key)
{
    struct scenario *s = f->s;

    if (strncmp(dotted, "paths.", 6) != 0 || strchr(dotted + 6, '.') != NULL || f->layer != &s->base)
        return;
    if (s->paths == SHIM_PATHS_MAX)
        diag_add(f->d, key->at, "too many paths; at most %d", SHIM_PATHS_MAX);
    else
        s->path[s->paths++] = dotted + 6;
}

/* Nested maps and dotted keys mean the same: both end as one dotted key. */
static void flatten_children(struct flattener *f, const char *dotted, const struct node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const char *dot = dotted[0] != '\0' ? "." : "";
        char *key = pool_format(&f->s->pool, "%s%s%s", dotted, dot, map->keys[i].text);

        flatten_node(f, key, &map->keys[i], &map->children[i]);
    }
}

/* A list replaces the list of an earlier layer: first a mark that forgets it. */
static void flatten_list(struct flattener *f, const char *dotted, const struct node *key,
                         const struct node *list)
{
    struct pool *pool = &f->s->pool;

    flatten_add(f->layer, (struct setting){pool_format(pool, "%s.*", dotted), "", key->at, list->at,
                                           f->origin});
    for (size_t i = 0; i < list->count; i++) {
        if (list->children[i].kind != NODE_MAP) {
            diag_add(f->d, list->children[i].at, strstr(dotted, ".attacks") != NULL
                         ? "an attack is a map, like {name: rst, at: 5s}"
                         : "a change is a map, like {at: 5s, down: true}");
            return;
        }
        flatten_children(f, pool_format(pool, "%s.%zu", dotted, i), &list->children[i]);
    }
}

/* "paths.NAME.changes" or ".attacks", with any name of at least one letter. */
static int is_changes(const char *dotted)
{
    size_t n = strlen(dotted);

    return strncmp(dotted, "paths.", 6) == 0 && n > 14 &&
           (strcmp(dotted + n - 8, ".changes") == 0 || strcmp(dotted + n - 8, ".attacks") == 0);
}

static void flatten_node(struct flattener *f, const char *dotted, const struct node *key,
                         const struct node *value)
{
    struct schema_match m;
    int leaf = schema_find(dotted, &m) == 0;

    /* the cases in the order in which they exclude one another; what is left is a section */
    if (value->kind == NODE_LIST && is_changes(dotted)) {
        flatten_list(f, dotted, key, value);
    } else if (leaf && value->kind == NODE_SCALAR) {
        flatten_add(f->layer, (struct setting){dotted, value->text, key->at, value->at, f->origin});
    } else if (leaf) {
        diag_add(f->d, value->at, "'%s' takes one value, not a %s", key->text,
                 value->kind == NODE_MAP ? "map" : "list");
    } else if (!schema_is_section(dotted)) {
        flatten_unknown(dotted, key->at, f->d);
    } else if (value->kind != NODE_MAP || is_changes(dotted)) {
        diag_add(f->d, value->at, "'%s' is a %s", key->text,
                 is_changes(dotted) ? "list, like [{at: 5s, down: true}]" : "section: it holds keys");
    } else {
        note_path(f, dotted, key);
        flatten_children(f, dotted, value);
    }
}

/* origin: what `mpsim explain` says about each setting. */
void flatten_map(struct scenario *s, struct layer *l, const struct node *map, const char *origin,
                 struct diag *d)
{
    struct flattener f = {s, l, origin, d};

    if (map->kind != NODE_MAP)
        diag_add(d, map->at, "expected a map of keys and values");
    else
        flatten_children(&f, "", map);
}
