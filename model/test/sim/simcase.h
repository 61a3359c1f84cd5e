/* SPDX-License-Identifier: MIT */
/* simcase.h - what one seed of the simulations draws: network, configurations, traffic, mischief.
 * A seed is the whole case: the same seed is the same case on every machine (shim/rng.h). */
#ifndef SIM_SIMCASE_H
#define SIM_SIMCASE_H

#include "rng.h"
#include "shim.h"

enum { SIM_CONNS_MAX = 3, SIM_OPS_MAX = 8 };

/* When an application ends its direction of the stream. */
enum sim_close {
    CLOSE_WHEN_WRITTEN, /* after its last octet */
    CLOSE_AFTER_PEER,   /* when it has read the peer's end */
    CLOSE_LATER         /* some time after its last octet */
};

/* What an application does out of the blue. */
enum sim_op { OP_JOIN, OP_JOIN_DATA, OP_BACKUP, OP_SUBFLOW_CLOSE, OP_ABORT, OP_CLOSE, OP_COUNT };

struct sim_op_at {
    uint64_t at;
    uint32_t op;   /* enum sim_op */
    uint32_t pick; /* which address, which subflow */
};

/* One application at one end of one connection. */
struct sim_app {
    uint64_t octets;      /* it writes so many */
    uint64_t start_at;    /* the client connects then */
    uint32_t write_max;   /* octets of one write at most */
    uint32_t read_max;
    uint64_t pause;       /* after each read_max octets read; 0: reads at once */
    uint32_t close;       /* enum sim_close */
    uint32_t early_write; /* client: writes right after mpt_connect */
    uint32_t drop_handle; /* mpt_close as soon as both directions ended, without waiting for CLOSED */
    uint64_t key;         /* of its payload */
    struct sim_op_at op[SIM_OPS_MAX];
    uint32_t ops;
};

struct sim_case {
    uint64_t seed;
    struct topology topology;
    struct mpt_config config[2]; /* server, client: by host number */
    uint32_t conns;
    struct sim_app app[2][SIM_CONNS_MAX]; /* by host, connection */
    uint64_t limit;              /* virtual time by which all must have ended */
    uint64_t handover_at;        /* 0, or: the first path goes for good, the others stay */
    uint32_t handover_silent;    /* nobody is told */
    struct {
        uint32_t what;           /* simstrip.h: options that a box eats on this path; 0: no box */
        uint32_t dirs;           /* 1 up, 2 down, 3 both */
        uint64_t from;
    } strip[SHIM_PATHS_MAX];
    uint32_t secure;             /* MPTCPsec is drawn: simsec.h */
    uint32_t known;              /* the server has a key: 0 no, 1 yes, 2 and the client expects it */
    uint64_t flip_from;          /* 0, or: from then on the first path damages payloads */
    uint32_t flip_permille;      /* of so many segments of 1000 */
    uint64_t fail_at[2];         /* by host: this allocation gets nothing; 0: none */
    uint32_t must;               /* nothing in it excuses an error: both ends get everything and end cleanly */
};

void simcase_draw(struct sim_case *c, uint64_t seed);
/* One line of what was drawn. */
void simcase_print(const struct sim_case *c, char *out, size_t cap);

#endif
