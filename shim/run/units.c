/* SPDX-License-Identifier: MIT */
/* run/units.c - values with units; see units.h. The tables below are the only list of unit names. */
#include "run/units.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A suffix, and what one of it is in base units. */
struct unit {
    const char *name;
    long double scale; /* of the base unit */
};

/* From large to small: printing takes the first that divides exactly. */
static const struct unit time_units[] = {{"h", 3600e9L}, {"min", 60e9L}, {"s", 1e9L}, {"ms", 1e6L},
                                         {"us", 1e3L},   {"ns", 1},      {NULL, 0}};
static const struct unit rate_units[] = {
    {"Gbit/s", 1e9L}, {"Mbit/s", 1e6L}, {"kbit/s", 1e3L}, {"bit/s", 1}, {NULL, 0}};
static const struct unit size_units[] = {{"GiB", 1073741824.0L}, {"MiB", 1048576.0L}, {"KiB", 1024},
                                         {"GB", 1e9L},           {"MB", 1e6L},        {"kB", 1e3L},
                                         {"B", 1},               {NULL, 0}};
static const struct unit prob_units[] = {{"%", 0.01L}, {NULL, 0}};
static const struct unit length_units[] = {{"km", 1000}, {"m", 1}, {NULL, 0}};
static const struct unit speed_units[] = {{"m/s", 1}, {"km/h", 1 / 3.6L}, {NULL, 0}};
static const struct unit power_units[] = {{"W", 1e6L}, {"mW", 1e3L}, {"uW", 1}, {NULL, 0}};
/* A slope of power over throughput is an energy: 1 mW per Mbit/s is 1 nJ a bit. */
static const struct unit bit_energy_units[] = {{"nJ/bit", 1e3L}, {"mW/Mbit/s", 1e3L}, {"pJ/bit", 1}, {NULL, 0}};

/* What the messages and the parser know of a type. */
struct family {
    const char *name;         /* for help */
    const struct unit *units; /* NULL: a bare number */
    int bare;                 /* a number without unit is taken in base units */
    const char *list;         /* units, for messages */
    const char *example;      /* a right value */
};

static const struct family families[] = {
    [VALUE_BOOL] = {"true or false", NULL, 0, "", "true"},
    [VALUE_COUNT] = {"whole number", NULL, 1, "", "4"},
    [VALUE_TIME] = {"time", time_units, 0, "ns, us, ms, s, min or h", "20ms"},
    [VALUE_RATE] = {"rate", rate_units, 0, "bit/s, kbit/s, Mbit/s or Gbit/s", "10Mbit/s"},
    [VALUE_SIZE] = {"size", size_units, 1, "B, kB, MB, GB, KiB, MiB or GiB", "64KiB"},
    [VALUE_PROB] = {"probability", prob_units, 1, "%", "25%"},
    [VALUE_REAL] = {"number", NULL, 1, "", "1.5"},
    [VALUE_LENGTH] = {"length", length_units, 0, "m or km", "30m"},
    [VALUE_SPEED] = {"speed", speed_units, 0, "m/s or km/h", "1.5m/s"},
    [VALUE_POWER] = {"power", power_units, 0, "uW, mW or W", "1060mW"},
    [VALUE_BIT_ENERGY] = {"energy of a bit", bit_energy_units, 0, "pJ/bit, nJ/bit or mW/Mbit/s", "51.97mW/Mbit/s"},
    [VALUE_CHOICE] = {"one of", NULL, 0, "", ""},
    [VALUE_TEXT] = {"text", NULL, 0, "", ""},
    [VALUE_TIME_DRAW] = {"time or U(a, b)", time_units, 0, "ns, us, ms, s, min or h", "U(5s, 5.5s)"},
    [VALUE_SPEED_DRAW] = {"speed or U(a, b)", speed_units, 0, "m/s or km/h", "U(1.2m/s, 1.6m/s)"},
};

const char *units_name(enum value_type type)
{
    return families[type].name;
}

/* Exact base of a type that may be random. */
static enum value_type base_type(enum value_type type)
{
    if (type == VALUE_TIME_DRAW)
        return VALUE_TIME;
    return type == VALUE_SPEED_DRAW ? VALUE_SPEED : type;
}

/* Kept exactly in 64 bits; the others are doubles. */
static int is_integral(enum value_type type)
{
    return type == VALUE_COUNT || type == VALUE_TIME || type == VALUE_RATE || type == VALUE_SIZE ||
           type == VALUE_POWER || type == VALUE_BIT_ENERGY;
}

/* Only plain decimals: strtold alone would take hex, inf and nan. */
static const char *scan_number(const char *s, long double *out)
{
    const char *p = s;

    while (isdigit((unsigned char)*p))
        p++;
    if (*p == '.' && isdigit((unsigned char)p[1]))
        for (p++; isdigit((unsigned char)*p); p++)
            ;
    if (p == s)
        return NULL;
    *out = strtold(s, NULL);
    return p;
}

/* A bare 0 needs no unit: zero of anything is zero. */
static int find_scale(const struct family *f, const char *unit, long double number, long double *scale)
{
    *scale = 1;
    if (*unit == '\0')
        return f->bare || (number == 0 && f->units != NULL) ? 0 : -1;
    for (const struct unit *u = f->units; u != NULL && u->name != NULL; u++)
        if (strcmp(u->name, unit) == 0) {
            *scale = u->scale;
            return 0;
        }
    return -1;
}

/* Names the units there are, and one right value. */
static int complain_unit(const struct family *f, const char *text, const char *unit, char *why, size_t cap)
{
    if (f->units == NULL)
        snprintf(why, cap, "'%s' is not a %s (like %s)", text, f->name, f->example);
    else if (*unit == '\0')
        snprintf(why, cap, "'%s' has no unit; use %s, like %s", text, f->list, f->example);
    else
        snprintf(why, cap, "'%s' has no known unit; use %s, like %s", text, f->list, f->example);
    return -1;
}

/* One number with its unit. */
static int parse_quantity(enum value_type type, const char *text, struct value *v, char *why, size_t cap)
{
    const struct family *f = &families[type];
    enum value_type base = base_type(type);
    long double number, scale;
    const char *unit = scan_number(text, &number);

    if (unit == NULL) {
        if (text[0] == '-' && isdigit((unsigned char)text[1]))
            snprintf(why, cap, "'%s' is negative; a %s is not (like %s)", text, f->name, f->example);
        else
            snprintf(why, cap, "'%s' is not a %s (like %s)", text, f->name, f->example);
        return -1;
    }
    while (*unit == ' ')
        unit++;
    if (find_scale(f, unit, number, &scale) < 0)
        return complain_unit(f, text, unit, why, cap);
    number *= scale;
    /* every base unit is kept in 64 bits, and sums of two must still fit */
    if (number > 9e18L) {
        snprintf(why, cap, "'%s' is too large", text);
        return -1;
    }
    v->x = v->x_high = (double)number;
    v->n = (uint64_t)(number + 0.5L);
    v->n_high = v->n;
    if (base == VALUE_COUNT && (long double)v->n != number) {
        snprintf(why, cap, "'%s' is not a whole number", text);
        return -1;
    }
    return 0;
}

/* U(a, b) */
static int parse_uniform(enum value_type type, const char *text, struct value *v, char *why, size_t cap)
{
    char low[32], high[32];
    struct value a, b;
    int used = 0;

    if (sscanf(text, "U( %31[^,) ] , %31[^,) ] )%n", low, high, &used) != 2 || used == 0 ||
        text[used] != '\0') {
        snprintf(why, cap, "'%s' is not a range; write %s", text, families[type].example);
        return -1;
    }
    if (parse_quantity(type, low, &a, why, cap) < 0 || parse_quantity(type, high, &b, why, cap) < 0)
        return -1;
    if (a.n > b.n || a.x > b.x) {
        snprintf(why, cap, "'%s': %s is more than %s; write U(smaller, larger)", text, low, high);
        return -1;
    }
    *v = a;
    v->n_high = b.n;
    v->x_high = b.x;
    return 0;
}

/* The words of YAML 1.1, and 0 and 1. */
static int parse_bool(const char *text, struct value *v, char *why, size_t cap)
{
    static const char *const words[2][4] = {{"false", "no", "off", "0"}, {"true", "yes", "on", "1"}};

    for (size_t i = 0; i < 8; i++)
        if (strcmp(text, words[i / 4][i % 4]) == 0) {
            v->n = i / 4;
            return 0;
        }
    snprintf(why, cap, "'%s' is neither true nor false", text);
    return -1;
}

/* The value is the place in the list: enums follow the order of schema.def. */
static int parse_choice(const char *choices, const char *text, struct value *v, char *why, size_t cap)
{
    size_t n = strlen(text);
    uint64_t index = 0;

    for (const char *p = choices; *p != '\0'; index++) {
        size_t len = strcspn(p, "|");

        if (len == n && strncmp(p, text, n) == 0) {
            v->n = index;
            return 0;
        }
        p += len + (p[len] == '|');
    }
    snprintf(why, cap, "'%s' is none of %s", text, choices);
    return -1;
}

/* A type that may be random takes a plain value too: then both ends of the range are the same. */
int units_parse(enum value_type type, const char *choices, const char *text, struct value *v, char *why,
                size_t cap)
{
    memset(v, 0, sizeof *v);
    v->text = text;
    if (type == VALUE_TEXT)
        return 0;
    if (type == VALUE_BOOL)
        return parse_bool(text, v, why, cap);
    if (type == VALUE_CHOICE)
        return parse_choice(choices, text, v, why, cap);
    if (text[0] == 'U' && base_type(type) != type)
        return parse_uniform(type, text, v, why, cap);
    return parse_quantity(type, text, v, why, cap);
}

/* The largest unit that divides n; binary and decimal sizes both come out as people wrote them. */
static void format_integer(const struct unit *units, uint64_t n, char *out, size_t cap)
{
    for (const struct unit *u = units; u != NULL && u->name != NULL; u++) {
        uint64_t scale = (uint64_t)u->scale;

        if (n != 0 && n % scale == 0) {
            snprintf(out, cap, "%llu%s", (unsigned long long)(n / scale), u->name);
            return;
        }
    }
    snprintf(out, cap, "%llu", (unsigned long long)n);
}

/* Twelve digits print what people write without noise in the last ones. */
static void format_one(enum value_type type, uint64_t n, double x, char *out, size_t cap)
{
    enum value_type base = base_type(type);

    if (base == VALUE_POWER || base == VALUE_BIT_ENERGY) /* as the literature writes them */
        snprintf(out, cap, "%.12g%s", (double)n / 1e3, base == VALUE_POWER ? "mW" : "nJ/bit");
    else if (is_integral(base))
        format_integer(families[base].units, n, out, cap);
    else if (base == VALUE_PROB)
        snprintf(out, cap, "%.12g%%", x * 100);
    else
        snprintf(out, cap, "%.12g%s", x,
                 base == VALUE_LENGTH  ? "m"
                 : base == VALUE_SPEED ? "m/s"
                                       : "");
}

/* The inverse of parse_choice. */
static void format_choice(const char *choices, uint64_t index, char *out, size_t cap)
{
    const char *p = choices;

    while (index-- > 0)
        p += strcspn(p, "|") + 1;
    snprintf(out, cap, "%.*s", (int)strcspn(p, "|"), p);
}

/* What is printed can be parsed again. */
void units_format(enum value_type type, const char *choices, const struct value *v, char *out, size_t cap)
{
    char low[32], high[32];

    if (type == VALUE_TEXT)
        snprintf(out, cap, "%s", v->text);
    else if (type == VALUE_BOOL)
        snprintf(out, cap, "%s", v->n ? "true" : "false");
    else if (type == VALUE_CHOICE)
        format_choice(choices, v->n, out, cap);
    else if (base_type(type) != type && (v->n != v->n_high || v->x != v->x_high)) {
        format_one(type, v->n, v->x, low, sizeof low);
        format_one(type, v->n_high, v->x_high, high, sizeof high);
        snprintf(out, cap, "U(%s, %s)", low, high);
    } else
        format_one(type, v->n, v->x, out, cap);
}

/* The upper end of a range is compared with the greatest, the lower with the least that is
 * allowed. */
int units_compare(enum value_type type, const struct value *a, int high, const struct value *b)
{
    if (is_integral(base_type(type))) {
        uint64_t n = high ? a->n_high : a->n;

        return n < b->n ? -1 : n > b->n;
    }
    double x = high ? a->x_high : a->x;

    return x < b->x ? -1 : x > b->x;
}
