/* SPDX-License-Identifier: MIT */
/* sim_oom.c - memory out at the n-th allocation, and at all from the n-th on, of a whole handover, for every n and
 * either host: success or an error, no crash, no leak, never a wrong octet.
 *
 *     sim_oom [CASE HOST FOR_GOOD N]     one run, traced */
#include "simworld.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)
enum { CASES = 6, CALLS_MAX = 20000 };

static void set_paths(struct sim_case *c)
{
    struct topology *t = &c->topology;

    t->phones = 1;
    t->paths = 2;
    t->seed = c->seed;
    for (int i = 0; i < 2; i++) {
        struct path_config *p = &t->path[i];

        snprintf(p->name, sizeof p->name, "p%d", i);
        p->mtu = 1500;
        p->up.rate = p->down.rate = 10000000;
        p->up.delay = p->down.delay = (uint64_t)(5 + 10 * i) * MS;
        p->down.loss_model = LOSS_UNIFORM;
        p->down.loss = 0.02;
    }
    t->path[0].change[0] = (struct path_change){ .at = 80 * MS, .kind = CHANGE_DOWN, .value = 1 };
    t->path[0].changes = 1;
}

/* 0: break before make with data in the SYN; 1: the same, taken when validated, IPv6; 2: full mesh with checksums, a
 * server of two addresses, no SACK; 3: plain TCP at the server; 4, 5:
 * MPTCPsec (sec/SPEC.md), 5 with a pre-shared key and sealed join records. The first path goes silent in the middle. */
static void make_case(struct sim_case *c, int number)
{
    memset(c, 0, sizeof *c);
    c->seed = 7 + (uint64_t)number;
    set_paths(c);
    for (int h = 0; h < 2; h++) {
        struct mpt_config *g = &c->config[h];

        mpt_config_default(g);
        g->sec = number < 4 ? MPT_SECURE_OFF : MPT_SECURE_REQUIRE;
        g->sec_kx = number == 5 ? MPT_SECURE_PSK : MPT_SECURE_X25519;
        g->pm = number < 2 || number == 5 ? MPT_PM_BREAK_BEFORE_MAKE : MPT_PM_FULLMESH;
        g->join_data = number < 2 || number == 5;
        g->jwd_accept = number == 1 ? MPT_JWD_VALIDATED : MPT_JWD_IMMEDIATE;
        g->checksum = number == 2;
        g->tcp_sack = number != 2;
        g->sched = number == 0 ? MPT_SCHED_SERVER : MPT_SCHED_MINRTT;
        g->sndbuf = g->rcvbuf = number % 2 ? 65536 : 1 << 20;
        g->tcp_retries = 6;
        g->tcp_rto_max = 4 * SECOND;
        g->tcp_time_wait = SECOND;
        g->close_timeout = 10 * SECOND;
        c->app[h][0] = (struct sim_app){ .octets = number % 2 ? 40000 : number == 4 ? 120000 : 300000, .start_at = MS, .write_max = 30000, .read_max = 9000,
                                         .early_write = 1, .key = 11 + (uint64_t)h };
    }
    c->topology.ipv6 = number == 1;
    c->topology.server_multihomed = number == 2;
    c->config[0].mptcp = number != 3;
    c->secure = number > 3;
    c->known = 1;
    c->conns = 1;
    c->limit = 2000 * SECOND;
}

static uint64_t runs, errors, octets;

/* How many calls failed; -1: a fault. */
static long run_one(int number, int host, int for_good, uint64_t n, int trace)
{
    static struct sim_world w;
    static struct sim_case c;

    make_case(&c, number);
    memset(&w, 0, sizeof w);
    w.trace = trace;
    w.may_wait = for_good;
    w.side[host].memory.fail_at = n;
    w.side[host].memory.for_good = (uint32_t)for_good;
    simworld_run(&w, &c);
    runs++;
    octets += w.octets_ok;
    errors += w.side[0].end[0].error || w.side[1].end[0].error || !w.started;
    if (!w.fault[0])
        return (long)w.side[host].memory.failed;
    printf("FAILED case %d, %s, call %llu%s: %s\n  replay: sim_oom %d %d %d %llu\n", number, host ? "client" : "server",
           (unsigned long long)n, for_good ? " and all after it" : "", w.fault, number, host, for_good,
           (unsigned long long)n);
    return -1;
}

/* Every n until a run needs fewer calls. */
static int run_all(int number, int host, int for_good)
{
    int failed = 0;

    for (uint64_t n = 1; n < CALLS_MAX; n++) {
        long r = run_one(number, host, for_good, n, 0);

        if (r == 0)
            return failed;
        failed += r < 0;
    }
    printf("FAILED case %d: more than %d allocations\n", number, CALLS_MAX);
    return failed + 1;
}

int main(int argc, char **argv)
{
    int failed = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 5)
        return run_one(atoi(argv[1]), atoi(argv[2]) != 0, atoi(argv[3]) != 0, strtoull(argv[4], NULL, 10), 1) < 0;
    for (int number = 0; number < CASES; number++) {
        failed += run_one(number, 0, 0, 0, 0) < 0;
        for (int host = 0; host < 2; host++)
            failed += run_all(number, host, 0) + run_all(number, host, 1);
    }
    printf("%llu runs, %llu with an error, %d failed, %llu octets\n", (unsigned long long)runs,
           (unsigned long long)errors, failed, (unsigned long long)octets);
    return failed != 0;
}
