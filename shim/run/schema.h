/* SPDX-License-Identifier: MIT */
/* run/schema.h - the table of scenario keys (schema.def) as data, and look-up by dotted key.
 *
 * A setting anywhere (file, variant, axis, --set) is a dotted key and a text, for example
 * "paths.wifi.changes.0.at" = "U(5s, 5.5s)". Called by scenario.c, config.c,
 * command_explain.c and command_help.c. */
#ifndef RUN_SCHEMA_H
#define RUN_SCHEMA_H

#include <stddef.h>

#include "run/units.h"

enum schema_scope {
    SCOPE_RUN,    /* a field of struct run_config */
    SCOPE_PATH,   /* paths.NAME.key: struct run_path */
    SCOPE_CHANGE, /* paths.NAME.changes.N.key: struct run_change */
    SCOPE_ATTACK, /* paths.NAME.attacks.N.key: struct run_attack */
    SCOPE_RADIO,  /* radios.NAME.key, paths.NAME.radio.key: struct run_radio */
    SCOPE_STACK   /* stack. client. server.: named by libmpt */
};

enum schema_engines { LOOP = 1, NS3 = 2, BOTH = 3, SECTION = 4, SECTION_LOOP = 5, SECTION_NS3 = 6 };

struct schema_key {
    const char *key;      /* without the paths.NAME. before it */
    enum value_type type;
    enum schema_scope scope;
    size_t offset;        /* of the field in its struct */
    const char *def;      /* default as text; "": none */
    const char *least;    /* bound as text, or the words of a choice */
    const char *most;
    unsigned engines;     /* enum schema_engines */
    const char *help;
};

/* Where a dotted key leads. */
struct schema_match {
    const struct schema_key *key; /* NULL for SCOPE_STACK */
    enum schema_scope scope;
    char path[16];                /* SCOPE_PATH, SCOPE_CHANGE, SCOPE_ATTACK; SCOPE_RADIO: "" for radios.NAME */
    char radio[24];               /* SCOPE_RADIO: NAME of radios.NAME */
    unsigned index;               /* SCOPE_CHANGE, SCOPE_ATTACK: element */
    char stack[8];                /* SCOPE_STACK: "stack", "client" or "server" */
    const char *option;           /* SCOPE_STACK: libmpt's key; into the dotted key */
};

/* The i-th key, or NULL past the end. */
const struct schema_key *schema_key(size_t i);
/* 0, or -1 when there is no such key. */
int schema_find(const char *dotted, struct schema_match *match);
/* 1: keys exist below this prefix ("paths.wifi.link"), so it is a section. */
int schema_is_section(const char *dotted);
/* What libmpt's i-th option takes: "time with a unit, 10ms to 10min, default 2s". */
void schema_option_range(size_t i, char *out, size_t cap);
/* The key that was probably meant, without what both have in common before it; NULL: nothing near. */
const char *schema_nearest(const char *dotted, char *out, size_t cap);
/* Edit distance (insert, delete, replace, swap neighbours), for hints among other names too. */
unsigned schema_distance(const char *a, const char *b);

#endif
