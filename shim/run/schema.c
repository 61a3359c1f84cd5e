/* SPDX-License-Identifier: MIT */
/* run/schema.c - look-up and nearest-key hints over schema.def; see schema.h. */
#include "run/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mpt.h"
#include "run/config.h"

/* One table out of four macros; offsets are into the struct of the scope. */
static const struct schema_key keys[] = {
#define RUN_KEY(k, t, f, d, lo, hi, e, h)                                                               \
    {k, VALUE_##t, SCOPE_RUN, offsetof(struct run_config, f), d, lo, hi, e, h},
#define PATH_KEY(k, t, f, d, lo, hi, e, h)                                                              \
    {k, VALUE_##t, SCOPE_PATH, offsetof(struct run_path, f), d, lo, hi, e, h},
#define CHANGE_KEY(k, t, f, d, lo, hi, e, h)                                                            \
    {k, VALUE_##t, SCOPE_CHANGE, offsetof(struct run_change, f), d, lo, hi, e, h},
#define ATTACK_KEY(k, t, f, d, lo, hi, e, h)                                                            \
    {k, VALUE_##t, SCOPE_ATTACK, offsetof(struct run_attack, f), d, lo, hi, e, h},
#define RADIO_KEY(k, t, f, d, lo, hi, e, h)                                                             \
    {k, VALUE_##t, SCOPE_RADIO, offsetof(struct run_radio, f), d, lo, hi, e, h},
#include "run/schema.def"
};

enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

static const char *const stack_sections[] = {"stack", "client", "server"};

const struct schema_key *schema_key(size_t i)
{
    return i < KEY_COUNT ? &keys[i] : NULL;
}

/* Linear over some sixty rows, once per setting. */
static const struct schema_key *find_in(enum schema_scope scope, const char *key)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (keys[i].scope == scope && strcmp(keys[i].key, key) == 0)
            return &keys[i];
    return NULL;
}

/* Splits "paths.wifi.rest": rest, with the name in name; NULL when the key is not of that form. */
static const char *split_path(const char *dotted, char name[16])
{
    const char *p, *dot;

    if (strncmp(dotted, "paths.", 6) != 0)
        return NULL;
    p = dotted + 6;
    dot = strchr(p, '.');
    if (dot == NULL || dot == p || dot - p > 15)
        return NULL;
    memcpy(name, p, (size_t)(dot - p));
    name[dot - p] = '\0';
    return dot + 1;
}

/* Splits "changes.3.rest" and "attacks.3.rest" likewise; both words have seven letters. */
static const char *split_list(const char *rest, enum schema_scope *scope, unsigned *index)
{
    char *end;

    if (strncmp(rest, "changes.", 8) != 0 && strncmp(rest, "attacks.", 8) != 0)
        return NULL;
    *scope = rest[0] == 'c' ? SCOPE_CHANGE : SCOPE_ATTACK;
    *index = (unsigned)strtoul(rest + 8, &end, 10);
    return end > rest + 8 && *end == '.' ? end + 1 : NULL;
}

/* Splits "radios.slow-lte.rest": the name, and what is behind it. */
static const char *split_radio(const char *dotted, char name[24])
{
    const char *p, *dot;

    if (strncmp(dotted, "radios.", 7) != 0)
        return NULL;
    p = dotted + 7;
    dot = strchr(p, '.');
    if (dot == NULL || dot == p || dot - p > 23)
        return NULL;
    memcpy(name, p, (size_t)(dot - p));
    name[dot - p] = '\0';
    return dot + 1;
}

/* Splits "client.tcp.rto_min" likewise. */
static const char *split_stack(const char *dotted, char stack[8])
{
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(stack_sections[i]);

        if (strncmp(dotted, stack_sections[i], n) == 0 && dotted[n] == '.') {
            strcpy(stack, stack_sections[i]);
            return dotted + n + 1;
        }
    }
    return NULL;
}

/* libmpt knows its keys; a new one there needs no change here. */
static int is_stack_option(const char *option)
{
    const char *help, *name;

    for (size_t i = 0; (name = mpt_config_key(i, &help)) != NULL; i++)
        if (strcmp(name, option) == 0)
            return 1;
    return 0;
}

void schema_option_range(size_t i, char *out, size_t cap)
{
    static const struct { const char *name; enum value_type type; } of[] = {
        [MPT_KIND_FLAG] = {"0 or 1", VALUE_COUNT}, [MPT_KIND_COUNT] = {"number", VALUE_COUNT},
        [MPT_KIND_SIZE] = {"octets with a unit", VALUE_SIZE}, [MPT_KIND_TIME] = {"time with a unit", VALUE_TIME}};
    struct mpt_config_range r;
    char text[3][24];

    if (mpt_config_range(i, &r) < 0 || r.kind == MPT_KIND_NAME) {
        snprintf(out, cap, "one of the names");
        return;
    }
    const uint64_t n[3] = {r.least, r.most, r.standard};
    for (int k = 0; k < 3; k++) {
        struct value v = {.n = n[k], .n_high = n[k]};

        units_format(of[r.kind].type, NULL, &v, text[k], sizeof text[k]);
    }
    if (r.kind == MPT_KIND_FLAG)
        snprintf(out, cap, "%s, default %s", of[r.kind].name, text[2]);
    else
        snprintf(out, cap, "%s, %s to %s, default %s", of[r.kind].name, text[0], text[1], text[2]);
}

/* The most special form first: stack options, then what begins with a path, then keys of the run. */
int schema_find(const char *dotted, struct schema_match *match)
{
    const char *rest, *change;

    memset(match, 0, sizeof *match);
    match->option = split_stack(dotted, match->stack);
    if (match->option != NULL) {
        match->scope = SCOPE_STACK;
        return is_stack_option(match->option) ? 0 : -1;
    }
    rest = split_radio(dotted, match->radio);
    if (rest != NULL) {
        match->scope = SCOPE_RADIO;
        match->key = find_in(SCOPE_RADIO, rest);
        return match->key != NULL ? 0 : -1;
    }
    rest = split_path(dotted, match->path);
    if (rest == NULL) {
        match->scope = SCOPE_RUN;
        match->key = find_in(SCOPE_RUN, dotted);
    } else if ((change = split_list(rest, &match->scope, &match->index)) != NULL) {
        match->key = find_in(match->scope, change);
    } else {
        match->scope = SCOPE_PATH;
        match->key = find_in(SCOPE_PATH, rest);
        if (match->key == NULL && strncmp(rest, "radio.", 6) == 0) {
            match->scope = SCOPE_RADIO;
            match->key = find_in(SCOPE_RADIO, rest + 6);
        }
    }
    return match->key != NULL ? 0 : -1;
}

/* Does a key of the scope begin with prefix and a dot? The empty prefix is a section too. */
static int has_prefix(enum schema_scope scope, const char *prefix)
{
    size_t n = strlen(prefix);

    for (size_t i = 0; i < KEY_COUNT; i++)
        if (keys[i].scope == scope && strncmp(keys[i].key, prefix, n) == 0 && keys[i].key[n] == '.')
            return 1;
    return 0;
}

/* "client", and "client.tcp" where libmpt has keys that begin with "tcp.". */
static int is_stack_section(const char *dotted)
{
    char stack[8];
    const char *option = split_stack(dotted, stack), *help, *name;
    size_t n;

    for (size_t i = 0; i < 3; i++)
        if (strcmp(dotted, stack_sections[i]) == 0)
            return 1;
    if (option == NULL)
        return 0;
    n = strlen(option);
    for (size_t i = 0; (name = mpt_config_key(i, &help)) != NULL; i++)
        if (strncmp(name, option, n) == 0 && name[n] == '.')
            return 1;
    return 0;
}

/* What may hold keys: whatever a key of the table begins with, and the lists of changes. */
int schema_is_section(const char *dotted)
{
    char name[16];
    const char *rest;
    unsigned index;

    if (strcmp(dotted, "paths") == 0 || strcmp(dotted, "radios") == 0 || is_stack_section(dotted))
        return 1;
    if (strncmp(dotted, "radios.", 7) == 0)
        return dotted[7] != '\0' && strchr(dotted + 7, '.') == NULL && strlen(dotted + 7) < 24;
    rest = split_path(dotted, name);
    if (rest != NULL)
        return strcmp(rest, "changes") == 0 || sscanf(rest, "changes.%u", &index) == 1 ||
               strcmp(rest, "attacks") == 0 || sscanf(rest, "attacks.%u", &index) == 1 ||
               has_prefix(SCOPE_PATH, rest);
    if (strncmp(dotted, "paths.", 6) == 0)
        return dotted[6] != '\0' && strlen(dotted + 6) < 16;
    return has_prefix(SCOPE_RUN, dotted);
}

/* Edits from one word to the other: insert, delete, replace, or swap two neighbours (optimal
 * string alignment). A swap costs one, since "dealy" is the commonest kind of slip. */
unsigned schema_distance(const char *a, const char *b)
{
    enum { MAX = 48 };
    unsigned d[MAX + 1][MAX + 1];
    size_t n = strlen(a), m = strlen(b);

    if (n > MAX || m > MAX)
        return MAX;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++) {
            unsigned best, other;

            if (i == 0 || j == 0) {
                d[i][j] = (unsigned)(i + j);
                continue;
            }
            /* replace or keep; then insert or delete; then a swap of two neighbours */
            best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            other = (d[i - 1][j] < d[i][j - 1] ? d[i - 1][j] : d[i][j - 1]) + 1;
            if (other < best)
                best = other;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[n][m];
}

/* "delay" of "link.delay". */
static const char *last_part(const char *key)
{
    const char *dot = strrchr(key, '.');

    return dot != NULL ? dot + 1 : key;
}

/* How far a candidate is from what was written: as a whole, or its last part in another section. */
static unsigned score(const char *written, const char *candidate)
{
    unsigned whole = schema_distance(written, candidate);
    unsigned part = schema_distance(last_part(written), last_part(candidate)) + 1;

    return part < whole ? part : whole;
}

/* Candidates of one scope, relative to the place where the key was written. */
struct nearest {
    const char *written; /* the key without its fixed beginning */
    const char *best;    /* candidate so far */
    unsigned distance;   /* of best */
};

/* Only a strictly better one replaces the best: at a tie the order of schema.def decides. */
static void consider(struct nearest *n, const char *candidate)
{
    unsigned d = score(n->written, candidate);

    if (d < n->distance) {
        n->distance = d;
        n->best = candidate;
    }
}

/* Words that are no keys of the table but may stand there are candidates too. */
static void consider_scope(struct nearest *n, enum schema_scope scope)
{
    static const char *const extra[] = {"paths", "radios", "variants", "sweep", "sweeps", "stack", "client", "server"};
    const char *name, *help;

    for (size_t i = 0; i < KEY_COUNT; i++)
        if (keys[i].scope == scope)
            consider(n, keys[i].key);
    if (scope == SCOPE_STACK)
        for (size_t i = 0; (name = mpt_config_key(i, &help)) != NULL; i++)
            consider(n, name);
    if (scope == SCOPE_RUN)
        for (size_t i = 0; i < sizeof extra / sizeof extra[0]; i++)
            consider(n, extra[i]);
    if (scope == SCOPE_PATH) {
        consider(n, "changes");
        consider(n, "attacks");
        for (size_t i = 0; strncmp(n->written, "radio.", 6) == 0 && i < KEY_COUNT; i++)
            if (keys[i].scope == SCOPE_RADIO)
                consider(n, keys[i].key);
    }
}

/* "link.dealy" and "link.delay" share "link.": the hint is "delay" alone. */
static size_t common_section(const char *a, const char *b)
{
    const char *dot = strrchr(b, '.');
    size_t n = dot != NULL ? (size_t)(dot - b) + 1 : 0;

    return n > 0 && strncmp(a, b, n) == 0 ? n : 0;
}

/* A third of the length may be wrong, and two more: short words get no far-fetched guesses. */
const char *schema_nearest(const char *dotted, char *out, size_t cap)
{
    struct schema_match m;
    struct nearest n = {dotted, NULL, 0};
    const char *rest = split_path(dotted, m.path), *change;
    enum schema_scope scope = SCOPE_RUN;
    size_t skip;

    if (rest != NULL) {
        scope = SCOPE_PATH;
        n.written = rest;
        change = split_list(rest, &scope, &m.index);
        if (change != NULL)
            n.written = change;
    } else if ((rest = split_radio(dotted, m.radio)) != NULL) {
        scope = SCOPE_RADIO;
        n.written = rest;
    } else if ((rest = split_stack(dotted, m.stack)) != NULL) {
        scope = SCOPE_STACK;
        n.written = rest;
    }
    n.distance = (unsigned)strlen(last_part(n.written)) / 3 + 2;
    consider_scope(&n, scope);
    if (n.best == NULL)
        return NULL;
    skip = common_section(n.written, n.best);
    snprintf(out, cap, "%s", n.best + skip);
    return out;
}
