/* SPDX-License-Identifier: MIT */
/* run/generator.h - what the applications of a connection will do: one file gen_KIND.c per `traffic.kind`.
 *
 * A generator writes a plan before the run: lanes of requests, each with its time or with what it waits for.
 * player.c plays it, whatever the kind. Every draw is made here, from a stream named by kind and connection, so that
 * all variants of a seed see the same requests. Called by traffic.c, player.c and tables.c. */
#ifndef RUN_GENERATOR_H
#define RUN_GENERATOR_H

#include <stdio.h>

#include "run/harness.h"

/* When a request leaves. */
enum generator_gate {
    GATE_CLOCK,    /* at `at`, whatever became of earlier ones: open loop */
    GATE_TOGETHER, /* right behind the one before */
    GATE_ANSWERED  /* all before it in its lane are answered: `think` later, and `at` behind the last one at the soonest */
};

/* One request; up or down may be 0: then it is a message, delivered when its last octet was read. */
struct item {
    uint64_t at;      /* ns from the opening of the connection; GATE_ANSWERED: from the request before */
    uint64_t think;   /* ns behind the answer */
    uint64_t up, down; /* octets of request and answer */
    uint32_t gate;    /* enum generator_gate */
    uint32_t group;   /* page, burst: of the kind */
    uint32_t chunks;  /* the request is written in chunks of that many octets... */
    uint32_t chunk_low, chunk_high; /* ...U(low, high), the last one what is left; chunks 0: at once */
};

/* At most two lanes of one connection; a lane holds its requests in their order. */
enum { LANES_MAX = 2 };

struct lane_plan {
    struct item *item; /* growing; owned */
    size_t items, room;
    uint64_t window;   /* most requests of the lane without an answer; 0: no limit */
    const char *name;  /* in requests.csv */
};

struct plan_of {
    struct lane_plan lane[LANES_MAX];
    size_t lanes;
    uint64_t bulk[2];   /* octets each way that are there from the start */
    uint64_t open_at;   /* the connection opens that long after the clients come up */
    const char *flow;   /* phone: class of the flow */
};

struct generator {
    void (*plan)(struct plan_of *p, const struct run_config *c, uint64_t seed, uint32_t connection);
    void (*head)(FILE *f);                           /* further columns of summary.csv; NULL: none */
    void (*columns)(FILE *f, const struct session *s);
};

/* By TRAFFIC_*. */
const struct generator *generator_of(uint32_t kind);
void generator_clear(struct plan_of *p);

extern const struct generator gen_msg, gen_bulk, gen_siri, gen_sirimsg, gen_web, gen_stream, gen_onoff, gen_phone;

/* ---- for generators ----------------------------------------------------------------------------- */

void generator_add(struct lane_plan *l, const struct item *item);
/* The stream "traffic.WHAT/CONNECTION". */
void generator_stream(struct rng *rng, uint64_t seed, const char *what, uint32_t connection);
double generator_exponential(struct rng *rng, double mean);
/* With this mean; shape above 1. */
double generator_pareto(struct rng *rng, double mean, double shape);
/* exp(N(ln median, sigma^2)), drawn again until it lies in [low, high]. */
double generator_lognormal(struct rng *rng, double median, double sigma, double low, double high);
/* A time in ns, at least 1. */
uint64_t generator_ns(double seconds);

#endif
