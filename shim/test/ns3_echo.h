/* SPDX-License-Identifier: MIT */
/* ns3_echo.h - the ns-3 engine without a TCP: phones send numbered packets, the server echoes
 * them.
 *
 * ns-3 allows one simulation per process and ends it on errors, so every run is a child that
 * hands a `struct result` back through a pipe. Packets are whole IP packets of protocol 6 whose
 * sequence number (RFC 9293 3.1) is their number; all times are virtual. Used by test_ns3.c. */
#ifndef NS3_ECHO_H
#define NS3_ECHO_H

#include "ns3/ns3c.h"
#include "shim.h"

#define MS  UINT64_C(1000000)
#define SEC UINT64_C(1000000000)

enum { PINGS_MAX = 4096, LANES = 8 /* phones x paths at most */, PAYLOAD = 100 };

/* One series of pings: phone, path, and which server interface answers. */
struct lane {
    uint32_t phone, path, server_ifid; /* ifids; path from 0 */
    uint64_t start, gap;               /* first ping, distance */
    uint32_t count;
};

struct script {
    struct topology topo;
    struct lane lane[LANES];
    size_t lanes;
    uint64_t until;
};

struct lane_result {
    uint64_t sent_at[PINGS_MAX], echo_at[PINGS_MAX]; /* by number; 0: never */
    uint32_t sent, echoed, disorder; /* disorder: echoes that came before an earlier ping's */
    uint32_t last;                   /* number of the last echo */
    struct ns3_counts counts;        /* of its box */
    int boxed;                       /* counts is valid */
};

struct result {
    int made; /* ns3_new succeeded */
    char err[200];
    struct lane_result lane[LANES];
    uint64_t hash; /* of every byte at every interface, with its time */
    uint64_t cross, refused, events, end;
    uint64_t address_at[4]; /* times of the address upcalls */
    uint32_t address_n, wrong_ifid;
    uint64_t fired[8];  /* test_timers */
    double distance[2]; /* start, end */
};

/* The child's state. */
struct run {
    const struct script *script;
    struct result *result;
    struct sim *sim;
    struct sim_timer timer[LANES]; /* next ping of a lane */
    struct run_lane {
        struct run *run;
        size_t i;
    } lane[LANES];
};

/* Runs a script in a child; the result is static and lives until the next call but one. `more` may
 * set timers of its own; NULL: none. */
const struct result *simulate_with(const struct script *script, void (*more)(struct run *run));

#endif
