/* SPDX-License-Identifier: MIT */
/* run/engines.h - which simulators this executable contains. engines_loop.c is linked into mpsim,
 * engines_ns3.c into mpsim-ns3: ns-3 is GPL-2-only and costs start-up time that loop runs need not pay. */
#ifndef RUN_ENGINES_H
#define RUN_ENGINES_H

#include "shim.h"

struct engine {
    struct sim *(*make)(const struct topology *t, const struct sim_upcalls *up, char *err, size_t cap);
    double cost; /* about so many wall seconds per simulated second, for estimates */
};

/* By enum ENGINE_*; make is NULL when another executable has it. */
extern const struct engine engines[2];

#endif
