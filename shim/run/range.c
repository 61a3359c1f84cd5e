/* SPDX-License-Identifier: MIT */
/* run/range.c - lists and ranges of values; see range.h. */
#include "run/range.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "run/schema.h"

/* A range while it is read. */
struct range {
    struct pool *pool;
    struct diag *d;
    const struct node *from, *to, *step, *log; /* as written; NULL: absent */
    enum value_type type;
    struct value first, last, by; /* by: of step */
    struct point *out;
    size_t most;
};

int range_is(const struct node *n)
{
    for (size_t i = 0; n->kind == NODE_MAP && i < n->count; i++)
        if (strcmp(n->keys[i].text, "from") == 0 && n->children[i].kind == NODE_SCALAR)
            return 1;
    return 0;
}

/* Which of the four words of a range a key is; NULL: none of them. */
static const struct node **word_of(struct range *r, const char *key)
{
    return strcmp(key, "from") == 0   ? &r->from
           : strcmp(key, "to") == 0   ? &r->to
           : strcmp(key, "step") == 0 ? &r->step
           : strcmp(key, "log") == 0  ? &r->log
                                      : NULL;
}

/* from, to, and either step or log. */
static int take_words(struct range *r, const struct node *n)
{
    for (size_t i = 0; i < n->count; i++) {
        const struct node **word = word_of(r, n->keys[i].text);

        if (word == NULL) {
            diag_add(r->d, n->keys[i].at, "unknown key '%s'; a range is {from: 10ms, to: 200ms, step: 10ms} or "
                     "{from: 1MB, to: 1GB, log: 7}", n->keys[i].text);
            return -1;
        }
        *word = &n->children[i];
        if (n->children[i].kind != NODE_SCALAR) {
            diag_add(r->d, n->children[i].at, "'%s' of a range is one value", n->keys[i].text);
            return -1;
        }
    }
    if (r->to == NULL || (r->step == NULL) == (r->log == NULL)) {
        diag_add(r->d, n->at, "a range has 'from', 'to' and either 'step' or 'log' (a number of points)");
        return -1;
    }
    return 0;
}

/* Stack options are libmpt's: their type is that of the first value. Numbers only: a range of words or of
 * random values has no next one. */
static int find_type(struct range *r, const char *key)
{
    static const enum value_type tries[] = {VALUE_COUNT, VALUE_TIME, VALUE_RATE, VALUE_SIZE, VALUE_PROB};
    struct schema_match m;
    char why[128];

    if (schema_find(key, &m) == 0 && m.key != NULL) {
        r->type = m.key->type == VALUE_TIME_DRAW    ? VALUE_TIME
                  : m.key->type == VALUE_SPEED_DRAW ? VALUE_SPEED
                                                    : m.key->type;
        if (r->type != VALUE_BOOL && r->type != VALUE_CHOICE && r->type != VALUE_TEXT)
            return 0;
        diag_add(r->d, r->from->at, "'%s' takes no numbers: write its values as a list", key);
        return -1;
    }
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
        if (units_parse(tries[i], "", r->from->text, &r->first, why, sizeof why) == 0) {
            r->type = tries[i];
            return 0;
        }
    diag_add(r->d, r->from->at, "'%s' is no number with a unit", r->from->text);
    return -1;
}

static int take_value(struct range *r, const struct node *n, struct value *v)
{
    char why[160];

    if (units_parse(r->type, "", n->text, v, why, sizeof why) == 0)
        return 0;
    diag_add(r->d, n->at, "%s", why);
    return -1;
}

/* Types of whole base units (ns, bit/s, octets) are computed in them, the others in doubles. */
static int is_whole(const struct range *r)
{
    return r->type == VALUE_COUNT || r->type == VALUE_TIME || r->type == VALUE_RATE || r->type == VALUE_SIZE;
}

static double amount(const struct range *r, const struct value *v)
{
    return is_whole(r) ? (double)v->n : v->x;
}

static void put_point(struct range *r, size_t i, uint64_t n, double x)
{
    struct value v = {.n = n, .n_high = n, .x = x, .x_high = x};
    char text[64];

    units_format(r->type, "", &v, text, sizeof text);
    r->out[i] = (struct point){pool_format(r->pool, "%s", text), r->from->at, NULL};
}

static size_t too_many(struct range *r, double points)
{
    diag_add(r->d, r->from->at, "the range has %.0f points; at most %zu", points, r->most);
    return 0;
}

/* A millionth of a step more than whole: 0.3 is three steps of 0.1 in doubles too. */
static size_t put_steps(struct range *r)
{
    double steps;
    size_t n;

    if (take_value(r, r->step, &r->by) < 0)
        return 0;
    if (amount(r, &r->by) <= 0) {
        diag_add(r->d, r->step->at, "a step of 0 never arrives");
        return 0;
    }
    steps = floor((amount(r, &r->last) - amount(r, &r->first)) / amount(r, &r->by) + 1e-6);
    if (steps + 1 > (double)r->most)
        return too_many(r, steps + 1);
    n = (size_t)steps + 1;
    for (size_t i = 0; i < n; i++)
        put_point(r, i, r->first.n + i * r->by.n, r->first.x + (double)i * r->by.x);
    return n;
}

/* Three digits: what is between the ends is a choice anyway, and its name stays short. */
static double round_digits(double x)
{
    double scale = pow(10, floor(log10(x)) - 2);

    return rint(x / scale) * scale;
}

static size_t put_log(struct range *r)
{
    struct value points;
    double first = amount(r, &r->first), last = amount(r, &r->last);
    char why[160];

    if (units_parse(VALUE_COUNT, "", r->log->text, &points, why, sizeof why) < 0 || points.n < 2) {
        diag_add(r->d, r->log->at, "'log' is a number of points, 2 or more");
        return 0;
    }
    if (first <= 0) {
        diag_add(r->d, r->from->at, "a logarithmic range cannot begin at 0");
        return 0;
    }
    if (points.n > r->most)
        return too_many(r, (double)points.n);
    for (size_t i = 0; i < points.n; i++) {
        double x = round_digits(first * pow(last / first, (double)i / (double)(points.n - 1)));

        put_point(r, i, (uint64_t)(x + 0.5), x);
    }
    put_point(r, 0, r->first.n, r->first.x);
    put_point(r, points.n - 1, r->last.n, r->last.x);
    return points.n;
}

static size_t read_range(struct range *r, const struct node *n, const char *key)
{
    if (take_words(r, n) < 0 || find_type(r, key) < 0 || take_value(r, r->from, &r->first) < 0 ||
        take_value(r, r->to, &r->last) < 0)
        return 0;
    if (amount(r, &r->first) > amount(r, &r->last)) {
        diag_add(r->d, r->from->at, "the range is empty: from %s is more than to %s", r->from->text,
                 r->to->text);
        return 0;
    }
    return r->step != NULL ? put_steps(r) : put_log(r);
}

size_t range_read(struct pool *pool, const struct node *n, const char *key, struct point *out, size_t most,
                  struct diag *d)
{
    struct range r = {.pool = pool, .d = d, .out = out, .most = most};

    if (range_is(n))
        return read_range(&r, n, key);
    if (n->kind != NODE_LIST || n->count == 0 || n->count > most) {
        diag_add(d, n->at, "an axis takes a list of 1 to %zu values, like [0ms, 50ms], or a range, like "
                 "{from: 10ms, to: 200ms, step: 10ms}", most);
        return 0;
    }
    for (size_t i = 0; i < n->count; i++) {
        const struct node *v = &n->children[i];
        int more = v->kind == NODE_MAP && v->count == 1;

        if (v->kind != NODE_SCALAR && !more) {
            diag_add(d, v->at, "a value of an axis is one word, or {value: {key: value, ...}}");
            return 0;
        }
        out[i] = more ? (struct point){v->keys[0].text, v->keys[0].at, &v->children[0]}
                      : (struct point){v->text, v->at, NULL};
    }
    return n->count;
}
