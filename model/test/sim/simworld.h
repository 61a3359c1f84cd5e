/* SPDX-License-Identifier: MIT */
/* simworld.h - runs one case: two stacks over the loop engine, an application at each end of each connection, a
 * judge who looks at every octet that comes out. Used by the sim_*.c programs. */
#ifndef SIM_SIMWORLD_H
#define SIM_SIMWORLD_H

#include "hash.h"
#include "pcap.h"
#include "pump.h"
#include "simcase.h"

/* The allocator of one stack: counts, and fails where it is told to. */
struct sim_memory {
    uint64_t bytes;   /* allocated now */
    uint64_t calls;   /* allocations asked so far */
    uint64_t fail_at; /* this call gets nothing (from 1); 0: none */
    uint32_t for_good; /* and all calls after it */
    uint64_t failed;  /* calls that got nothing */
};

/* One application at one end of a connection. */
struct sim_end {
    struct sim_side *side;
    const struct sim_app *plan;
    struct sim_end *peer;
    struct mpt_conn *conn;   /* NULL: not yet, or given back */
    uint16_t port;           /* the client's: tells connections apart */
    uint64_t written;        /* octets the stack took */
    uint64_t got;            /* octets read */
    uint8_t begun, shut, eof, ended; /* connected or accepted; mpt_shutdown done; end read; CLOSED seen or handle gone */
    uint8_t unready;         /* no other path was ready when the first went: an error is excused */
    uint8_t rude;            /* aborted, or closed before the end */
    uint8_t secured;         /* MPT_EV_SECURE was seen */
    uint8_t paused;          /* does not read now */
    int32_t error;           /* what the application was told, 0 = nothing */
    uint32_t next_op;
    uint32_t tries;          /* times that memory was out for a write */
    struct rng rng;          /* sizes of writes and reads */
    struct sim_timer timer, pause_timer, close_timer;
};

struct sim_side {
    struct sim_world *world;
    uint32_t host;           /* 0 server, 1 client */
    struct mpt_stack *stack;
    struct pump pump;
    struct rng entropy;
    struct sim_memory memory;
    struct sim_end end[SIM_CONNS_MAX];
};

struct sim_world {
    const struct sim_case *plan;
    struct sim *sim;
    struct sim_side side[2];
    struct hash hash;        /* of every packet sent and its time */
    uint64_t packets;        /* sent */
    uint64_t octets_ok;      /* read and right */
    uint64_t ended_at;
    uint64_t fallbacks, joins, records; /* of both stacks: what the cases reached */
    uint64_t secured, declined, forged; /* the same of MPTCPsec: ends with keys, declined, bad tags */
    uint64_t excused;        /* ends that had to succeed, but for a handshake that the network did not let through */
    struct pcap *pcap;       /* or NULL */
    FILE *keys;              /* key log of MPTCPsec (mpt_secure_log), or NULL */
    int trace;               /* prints events and packets on stderr */
    struct sim_timer handover; /* looks who is ready when the first path goes */
    int started;             /* both stacks were made */
    int may_wait;            /* memory is out for good: who waits in vain is forgiven */
    char fault[256];         /* what went wrong, "" = nothing */
};

/* Runs a case from start to end. fail_at (per host, 0 none), for_good, may_wait, pcap, keys and trace may be set before;
 * everything else is set here. All memory is given back; w->fault says what went wrong. */
void simworld_run(struct sim_world *w, const struct sim_case *plan);

#endif
