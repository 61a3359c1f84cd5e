/* SPDX-License-Identifier: MIT */
/* run/network.h - from a configuration and a seed to the network that an engine builds.
 *
 * All that the seed decides before the run is drawn here, each from a substream named by its key, so
 * every variant of one seed sees the same moment of loss, phase of requests and walking speed (see
 * rng.h). Called by harness.c. */
#ifndef RUN_NETWORK_H
#define RUN_NETWORK_H

#include "run/config.h"
#include "shim.h"

enum { DRAWS_MAX = 32 };

/* One number that was drawn, for run.json. */
struct draw {
    char key[64];
    double value; /* s or m/s */
};

struct network {
    struct topology topology;
    struct draw draw[DRAWS_MAX];
    size_t draws;
};

/* Draws everything random from the seed and fills n. Cannot fail: config_check has been passed. */
void network_build(struct network *n, const struct run_config *c, uint64_t seed);
/* When connection number i (from 0) sends its first request, from the start of the clients. */
uint64_t network_first_request(const struct run_config *c, uint64_t seed, uint64_t connection);

/* When attack i of a path begins: drawn, from the start of the simulation. */
uint64_t network_attack_at(const struct run_config *c, const struct run_path *p, size_t i, uint64_t seed);

#endif
