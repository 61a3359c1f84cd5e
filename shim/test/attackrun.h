/* SPDX-License-Identifier: MIT */
/* attackrun.h - one transfer over two paths of an engine with an attacker on one of them, and what became of it. */
#ifndef ATTACKRUN_H
#define ATTACKRUN_H

#include "box/attacker.h"
#include "run/outcome.h"

struct attackrun {
    const char *attack;  /* name; NULL: none */
    uint32_t path;       /* attacked: 0 wifi, 1 lte */
    uint32_t hears;      /* bit per path that the attacker listens to as well */
    uint32_t down;       /* 1: the server sends */
    uint32_t dirs;       /* 0: both */
    uint32_t checksum;   /* DSS checksums */
    uint32_t jwd;        /* joins with data */
    uint32_t ipv6;       /* 1: IPv6 */
    struct sim *(*make)(const struct topology *t, const struct sim_upcalls *up, char *err, size_t cap); /* NULL: the loop */
    uint32_t radios;     /* ns-3: 1: 802.11n and LTE; 0: links of 10 Mb/s, as on the loop */
    uint32_t single;     /* 1: the phone has the first path only */
    const char *counter; /* of the server, to be read at the end; NULL: none */
    uint64_t at;         /* of attacks that are not early */
    uint64_t octets;     /* of the transfer */
    uint64_t until;      /* limit of virtual time */
};

struct attackrun_result {
    enum outcome outcome;
    uint64_t done_at;               /* the reader had all; 0: never */
    uint64_t octets;                /* read */
    int32_t error[2];               /* of server and client */
    struct mpt_attack_stats stats;
    uint64_t counter;               /* see above */
};

/* baseline: done_at without an attacker, 0: none. 0, or -1 with a reason on stderr. */
int attackrun(const struct attackrun *x, uint64_t baseline, struct attackrun_result *r);

#endif
