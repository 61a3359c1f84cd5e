/* SPDX-License-Identifier: MIT */
/* run/units.h - values with units ("20ms", "10Mbit/s", "64KiB", "25%"), parsed and printed exactly.
 *
 * Called by the schema (defaults, ranges), the loader and explain. A value is kept as an integer of the
 * base unit (ns, bit/s, octets) or, for probabilities, lengths and speeds, as a double. */
#ifndef RUN_UNITS_H
#define RUN_UNITS_H

#include <stddef.h>
#include <stdint.h>

enum value_type {
    VALUE_BOOL,
    VALUE_COUNT,
    VALUE_TIME,   /* ns */
    VALUE_RATE,   /* bit/s */
    VALUE_SIZE,   /* octets */
    VALUE_PROB,   /* 0 to 1 */
    VALUE_REAL,
    VALUE_LENGTH, /* m */
    VALUE_SPEED,  /* m/s */
    VALUE_POWER,  /* uW */
    VALUE_BIT_ENERGY, /* pJ a bit */
    VALUE_CHOICE, /* index in a list of words */
    VALUE_TEXT,
    VALUE_TIME_DRAW, /* a time, or U(a, b): drawn uniformly from the seed */
    VALUE_SPEED_DRAW /* a speed, or U(a, b) */
};

/* One parsed value; which field counts depends on the type. */
struct value {
    uint64_t n;        /* BOOL, COUNT, TIME, RATE, SIZE, CHOICE, POWER, BIT_ENERGY; low end of TIME_DRAW */
    uint64_t n_high;   /* high end of TIME_DRAW, n when it is not random */
    double x;          /* PROB, REAL, LENGTH, SPEED; low end of SPEED_DRAW */
    double x_high;     /* high end of SPEED_DRAW */
    const char *text;  /* TEXT: the caller's string */
};

/* Parses text; choices ("loop|ns3") only for VALUE_CHOICE. -1: why says what is wrong and what is right. */
int units_parse(enum value_type type, const char *choices, const char *text, struct value *v, char *why,
                size_t cap);
/* The shortest exact spelling that units_parse() takes. */
void units_format(enum value_type type, const char *choices, const struct value *v, char *out, size_t cap);
/* What a value of the type looks like: "time (20ms)". */
const char *units_name(enum value_type type);
/* -1, 0, 1 as a is less than, equal to or more than b; for a random value its ends are given by high. */
int units_compare(enum value_type type, const struct value *a, int high, const struct value *b);

#endif
