/* SPDX-License-Identifier: MIT */
/* run/harness.h - one run: an engine, a stack per host, traffic and the recorder, all in virtual time.
 *
 * harness.c builds and runs it, traffic.c acts for the applications on both ends, record.c and tables.c
 * write what happened. The same C for every engine. Called by campaign.c, one run per process. */
#ifndef RUN_HARNESS_H
#define RUN_HARNESS_H

#include "hash.h"
#include "pcap.h"
#include "pump.h"
#include "rng.h"
#include "run/config.h"
#include "run/network.h"
#include "run/outcome.h"
#include "run/payload.h"
#include "run/apptls.h"

enum { HARNESS_PORT = 5001 /* of the server: no dissector takes our octets for something else */ };

struct run;
struct player;

/* What one interface carried, in IP octets. */
struct carried {
    uint64_t packets[2], octets[2]; /* 0 out, 1 in */
};

struct run_host {
    struct run *run;         /* back */
    uint32_t index;          /* 0 the server */
    struct mpt_stack *stack; /* owned */
    struct pump pump;        /* between stack and engine */
    struct rng entropy;      /* for mpt_env.random */
    struct carried carried[SHIM_PATHS_MAX + 1]; /* by ifid */
    struct pcap pcap;        /* file NULL: not asked for */
};

/* Times of one request; 0: has not happened. */
struct request {
    uint64_t sent_at;
    uint64_t first_at;    /* the server read its first octet */
    uint64_t read_at;     /* the server read its last octet */
    uint64_t answered_at; /* the client read the last octet of the answer; without one: read_at, or its own */
    uint64_t up_end, down_end; /* where it and its answer end in the streams */
    uint32_t lane, item;       /* what it is in the plan (generator.h) */
};

/* mpt_write often takes less than it is offered: what was made is kept for the next time. */
enum { OUTBOX = 4096 };
struct outbox {
    uint64_t from; /* offset of its first octet */
    uint32_t n;    /* octets made */
    uint8_t data[OUTBOX];
};

/* One connection seen from both ends: a simulation may know both. */
struct session {
    struct run *run;               /* back */
    uint32_t number, phone;        /* from 1 */
    struct mpt_conn *conn[SIDES];  /* NULL: not yet or no more */
    struct mpt_conn_info info[SIDES]; /* the latest */
    struct payload payload[2];     /* 0 up, 1 down */
    struct outbox outbox[2];       /* payload made and not yet taken by mpt_write */
    uint64_t total[2];             /* octets that each direction will carry */
    uint64_t wanted[2], written[2], read[2]; /* asked to send so far; taken by mpt_write; read */
    uint64_t read_at[2];           /* when the last of them was read */
    uint32_t ended[SIDES];         /* this side has read the end of the stream */
    uint32_t shut[SIDES];          /* this side called mpt_shutdown */
    struct apptls apptls[SIDES];   /* TLS of the applications; unused without */
    uint32_t fault[2];             /* enum payload_verdict of the first wrong octet */
    uint64_t fault_at[2];          /* its offset */
    struct player *player;         /* what the applications do (player.h); owned */
    struct request *request;       /* by the order they are sent in; NULL: no requests */
    uint64_t asked;                /* requests sent by the client */
    uint64_t served;               /* requests read by the server */
    uint64_t answered;             /* answers read by the client */
    uint64_t done_at;              /* both ends are through */
    int32_t error;                 /* enum mpt_error of the first end that failed */
    uint64_t late;                 /* ns: how much later than in the twin an octet was read, at most (outcome.h) */
};

/* A trace event that tables are made from, kept until subflows can be named. */
struct mark {
    uint64_t at;             /* ns */
    uint64_t v0, v1, v2, v3; /* values of the event */
    uint32_t host;
    uint32_t conn, subflow;  /* libmpt's numbers on that host */
    uint32_t kind;           /* libmpt's number of the event */
};

/* Which path a subflow of a stack runs on. */
struct route {
    uint32_t host, conn, subflow, path; /* path: index from 0 */
};

struct recorder {
    const char *dir;         /* of the run, being written */
    FILE *trace, *series, *progress, *keys; /* NULL: not asked for */
    struct hash hash;        /* every packet that left a host, with its time */
    uint64_t packets;        /* in hash */
    struct mark *mark;       /* growing */
    size_t marks, mark_room;
    struct route *route;     /* growing; one per subflow seen */
    size_t routes, route_room;
    uint32_t kind_data, kind_trigger, kind_joined; /* numbers of libmpt's trace events */
    int failed;              /* errno of the first write that failed */
};

struct run {
    const struct run_config *config;
    uint64_t seed;           /* of every draw */
    const char *scenario, *variant, *label; /* for run.json */
    struct network network;  /* what the engine was asked to build */
    struct sim *sim;         /* the engine; owned */
    struct run_host *host;   /* by number: 0 the server, then the phones */
    size_t hosts;
    struct session *session; /* by number - 1 */
    size_t sessions, sessions_done;
    struct apptls_common apptls;   /* certificates and contexts of TLS */
    struct sim_timer start_timer;  /* clients come up */
    struct sim_timer sample_timer; /* next row of series.csv */
    struct sim_timer stop_timer;   /* a little after the last session */
    uint64_t ended_at;       /* virtual time at the end */
    double wall;             /* s, of this process */
    struct recorder rec;     /* what is written meanwhile */
    struct outcome_curve *curve; /* two a session, up and down: of the run without attacks; NULL: not asked for */
    size_t curves;
    enum outcome without;    /* what that run came to: not all circumstances let it end */
    uint32_t is_twin;        /* is itself the run without attacks: fills curve, writes no files */
    struct attacker **attacker; /* attacks.c: one per phone; NULL: nobody attacks */
    struct radios *radios;   /* radios.c; NULL: no path has a radio.profile */
};

/* Runs it all and leaves the files in dir, which exists. 0, or -1 with a line in err. */
int harness_run(struct run *r, const char *dir, char *err, size_t cap);
/* The path of a subflow, from 0; -1 when it cannot be told. */
int harness_path(const struct run *r, uint32_t host, const struct mpt_subflow_info *info);

#endif
