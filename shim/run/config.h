/* SPDX-License-Identifier: MIT */
/* run/config.h - the resolved, typed configuration of one run.
 *
 * Defaults of schema.def, then every setting in order; config_check() then looks for what is impossible
 * together. Nothing random is drawn here: network.c does that from the seed. Called by scenario.c,
 * explain.c; read by everything that runs. */
#ifndef RUN_CONFIG_H
#define RUN_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "run/diag.h"
#include "run/units.h"
#include "shim.h"

enum { ENGINE_LOOP, ENGINE_NS3 };
enum { TRAFFIC_MSG, TRAFFIC_BULK };
enum { DIRECTION_UP, DIRECTION_DOWN, DIRECTION_BOTH };

/* A time or speed that may be random: U(low, high), or low == high. */
struct span {
    uint64_t low, high; /* ns */
};
struct span_speed {
    double low, high; /* m/s */
};

/* One element of paths.NAME.changes. Which of the values count is in kinds. */
struct run_change {
    struct span at;      /* from the start of the clients */
    uint32_t direction;  /* 0 both, 1 up, 2 down */
    uint32_t down;       /* silent loss of everything */
    uint32_t address;    /* 0: interface down with notice */
    double loss;
    uint64_t rate;
    uint64_t delay;
    uint32_t kinds;      /* bit per enum change_kind that was written */
    uint32_t has_at;     /* `at` was written */
};

/* One path, paths.NAME. */
struct run_path {
    char name[16];
    double loss, burst, reorder, duplicate, corrupt;
    uint64_t reorder_delay;
    uint64_t extra_delay, promotion, idle_after;
    uint32_t idle_at_start, backup;
    uint64_t mtu;
    uint64_t rate, delay, jitter, queue; /* link: */
    uint32_t radio;                      /* radio: enum radio_kind */
    double distance;                     /* m */
    uint64_t fading;                     /* Nakagami m */
    struct run_change change[SHIM_CHANGES_MAX];
    size_t changes;
};

/* A stack option that was written, in libmpt's own words. */
struct run_option {
    const char *key;
    const char *value;
};

/* Both stacks. */
enum { SIDE_CLIENT, SIDE_SERVER, SIDES, OPTIONS_MAX = 64 };

struct run_config {
    const char *name, *description; /* in the pool of the scenario */
    uint32_t engine;
    uint64_t duration, start;
    uint64_t repeat, seed, phones, connections;
    uint32_t ipv6, point_to_point;
    uint64_t series;             /* 0: no series.csv */
    uint32_t trace, pcap, dsn;
    uint32_t traffic_kind;
    uint64_t request, response, interval, count;
    struct span first;           /* first request */
    uint32_t has_first;          /* 0: not written; scenario.c then makes it U(0, interval) */
    uint32_t direction;
    uint64_t bulk_size;
    uint64_t server_rate, server_delay, server_jitter, server_queue;
    uint32_t walk;
    struct span_speed speed;
    uint64_t walk_at, walk_for;
    uint64_t cross_phones, cross_rate;
    struct run_path path[SHIM_PATHS_MAX];
    size_t paths;
    struct mpt_config stack[SIDES]; /* SIDE_CLIENT, SIDE_SERVER */
    struct run_option option[SIDES][OPTIONS_MAX]; /* what was written, for run.json and the hash */
    size_t options[SIDES];
};

/* One key = value somewhere; key and value live in the scenario's pool. */
struct setting {
    const char *key;       /* dotted; ends in ".*" to forget all earlier elements of a list */
    const char *value;
    struct place key_at;   /* where the key is written */
    struct place value_at;
    const char *origin;    /* "file", "variant jwd", "axis lte=idle", "--set" */
};

void config_init(struct run_config *c);
/* Adds a path; -1: too many or the name is too long. */
int config_add_path(struct run_config *c, const char *name);
/* Applies one setting; errors go to d with their place. */
void config_apply(struct run_config *c, const struct setting *s, struct diag *d);
/* Where a key was written, or else a key that begins like it, or else the file. */
struct config_places {
    struct place (*find)(void *ctx, const char *key);
    void *ctx;
};
/* What cannot be together. */
void config_check(const struct run_config *c, const struct config_places *places, struct diag *d);
/* Does the engine honour a key with these schema engines? 1 yes, 0 it rests (section), -1 it is an error. */
int config_honours(const struct run_config *c, unsigned engines);
/* Calls each for every key and its value as text, in a fixed order: hash, run.json, explain. */
void config_each(const struct run_config *c, void (*each)(void *ctx, const char *key, const char *value),
                 void *ctx);
const char *config_engine_name(uint32_t engine);

#endif
