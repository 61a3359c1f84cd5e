/* SPDX-License-Identifier: MIT */
/* host.h - `mpsim tun-serve` and `mpsim tun-connect`: libmpt as a host on TUN devices, between a connection and standard
 * input and output. cli.c calls host_main(). */
#ifndef TUN_HOST_H
#define TUN_HOST_H

#include "pcap.h"
#include "pump.h"
#include "tun/cat.h"
#include "tun/options.h"

#include <stdio.h>

enum { HOST_WAITING_MAX = 16, HOST_SUBFLOWS_MAX = 64 };

/* What -v has said of a subflow. */
struct host_seen {
    uint32_t number; /* of the connection's */
    uint32_t flags;  /* bits of what was said: up, backup, the peer's backup */
};

struct host {
    struct tun_options o;
    struct sim *sim;          /* tun.c */
    struct mpt_stack *stack;
    struct pump pump;
    struct cat cat;
    struct pcap pcap;         /* file NULL: none */
    FILE *trace;              /* NULL: none */
    struct mpt_conn *conn;    /* the one that is served; NULL: none */
    struct mpt_conn *waiting[HOST_WAITING_MAX]; /* -k: came while another was served, in order */
    size_t waitings;
    struct mpt_conn *last;    /* ending: its subflows are still being closed; NULL: none */
    int closed;               /* conn has had MPT_EV_CLOSED */
    int gave_up;              /* on conn, by --timeout or --idle: that was said */
    int ending;               /* the last connection is over: the stack says good-bye */
    int failed;               /* exit status 1 */
    int signals;              /* descriptor that signals are read from */
    int signal;               /* that ended us; 0: none */
    uint64_t began_at;        /* conn was there */
    uint64_t moved_at;        /* the last octet either way */
    uint64_t octets;          /* both ways, when moved_at was taken */
    struct sim_timer patience; /* --timeout */
    struct sim_timer tick;    /* --idle; the end */
    uint64_t give_up_at;      /* ending: no longer than this */
    struct host_seen seen[HOST_SUBFLOWS_MAX];
    size_t seens;
};

/* The whole command: exit status 0 all went through, 1 it did not, 2 a mistake in the command line, 128 + signal. */
int host_main(int serve, int argc, char **argv);

/* report.c: what a user may want to know, on standard error. */
void report_say(const struct host *host, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* -v: subflows that came, went or changed since the last call. */
void report_subflows(struct host *host);
/* -v: MPTCPsec agreed, or not. */
void report_secure(const struct host *host, struct mpt_conn *conn);
/* -v: octets, time and rate of the connection that ends. */
void report_end(const struct host *host, uint64_t now);
/* --counters: every counter that counted, as nstat shows them. */
void report_counters(const struct host *host);
/* mpt_env.trace; ctx is the host. */
void report_trace(void *ctx, const struct mpt_trace *event);

#endif
