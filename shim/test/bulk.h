/* SPDX-License-Identifier: MIT */
/* bulk.h - one bulk transfer from phone 1 to the server on an engine: for golden tables and benchmarks, where a whole
 * scenario file would hide what is measured. */
#ifndef BULK_H
#define BULK_H

#include "shim.h"

struct bulk {
    struct topology topology;   /* phones, paths, seed */
    const char *client[12];     /* key, value, ... of mpt_config_set; NULL ends */
    const char *both[12];       /* for client and server */
    uint64_t octets;            /* to send; 0: as many as fit until the end */
    uint64_t until;             /* virtual time limit, ns */
    uint64_t skip;              /* octets read before this time do not count for goodput */
    struct sim *(*engine)(const struct topology *t, const struct sim_upcalls *up, char *err, size_t cap);
};

struct bulk_result {
    uint64_t octets;            /* read by the server */
    uint64_t done_at;           /* last octet read, 0 = not all came */
    uint64_t segments;          /* data-carrying packets that reached the server */
    uint64_t packets;           /* all packets that reached a host */
    uint64_t reinjected, retransmitted;
    uint64_t peak;              /* most octets that the phone's stack had allocated */
    uint64_t allocations;       /* calls of the allocators after the first second */
    double goodput;             /* bit/s of octets read after skip */
    double cpu;                 /* s of this process spent in the run */
    int32_t error;              /* of the client */
    uint32_t wrong;             /* octets that were not what was sent */
};

/* 0, or -1 with a reason on stderr. */
int bulk_run(const struct bulk *b, struct bulk_result *r);
/* A path with the same link both ways: bit/s, one-way delay, queue in octets (0: one BDP, 10 packets at least), loss. */
void bulk_path(struct topology *t, const char *name, uint64_t rate, uint64_t delay, uint64_t queue, double loss);

#endif
