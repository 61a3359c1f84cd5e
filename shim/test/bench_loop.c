/* SPDX-License-Identifier: MIT */
/* bench_loop.c - the loop alone, with a stand-in for the protocol: a phone with two paths downloads with
 * a fixed window, one acknowledgement for two packets. What it prints is the ceiling for any core here.
 * Numbers to read, not a test. */
#include "loop/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MS UINT64_C(1000000)
enum { WINDOW = 500, DATA = 1500, ACK = 52 };

struct bench {
    struct sim *sim;
    uint8_t packet[2][SHIM_PATHS_MAX][DATA]; /* up and down, per path */
    uint64_t data, acks;                     /* received */
    unsigned odd[SHIM_PATHS_MAX + 1];
};

static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len,
                       uint64_t now)
{
    struct bench *b = ctx;
    uint32_t path = ip[13] - 1u; /* source 10.<path + 1>.0.1 of an acknowledgement */

    (void)len;
    (void)now;
    if (host == 0) { /* one acknowledgement clocks two packets out */
        b->acks++;
        b->sim->ops->send(b->sim, 0, 1, b->packet[1][path], DATA);
        b->sim->ops->send(b->sim, 0, 1, b->packet[1][path], DATA);
    } else {
        b->data++;
        if (b->odd[ifid]++ & 1)
            b->sim->ops->send(b->sim, 1, ifid, b->packet[0][ifid - 1], ACK);
    }
}

static void write_header(uint8_t *ip, const struct mpt_addr *from, const struct mpt_addr *to)
{
    ip[0] = 0x45;
    memcpy(ip + 12, from->ip, 4);
    memcpy(ip + 16, to->ip, 4);
}

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run(const char *what, struct topology *t, uint64_t until)
{
    static struct bench b;
    struct sim_upcalls up = {&b, on_receive, NULL, NULL};
    struct mpt_addr server, phone;
    char err[100];
    double start;
    uint32_t p, i;

    memset(&b, 0, sizeof b);
    b.sim = loop_new(t, &up, err, sizeof err);
    if (!b.sim) {
        fprintf(stderr, "bench_loop: %s\n", err);
        exit(1);
    }
    b.sim->ops->address(b.sim, 0, 1, &server);
    for (p = 0; p < t->paths; p++) {
        b.sim->ops->address(b.sim, 1, p + 1, &phone);
        write_header(b.packet[0][p], &phone, &server);
        write_header(b.packet[1][p], &server, &phone);
        for (i = 0; i < WINDOW; i++)
            b.sim->ops->send(b.sim, 0, 1, b.packet[1][p], DATA);
    }
    start = cpu_seconds();
    b.sim->ops->run(b.sim, until);
    start = cpu_seconds() - start;
    printf("%-28s %6.2f M data packets/s, %6.2f M events/s, %5.1f ns per packet\n", what,
           (double)b.data / start / 1e6, (double)b.sim->ops->events(b.sim) / start / 1e6,
           start * 1e9 / (double)(b.data + b.acks));
    b.sim->ops->free(b.sim);
}

int main(void)
{
    struct topology t;
    int i;

    memset(&t, 0, sizeof t);
    t.phones = 1;
    t.paths = 2;
    for (i = 0; i < 2; i++) {
        struct path_config *c = &t.path[i];

        c->mtu = 1500;
        c->up.rate = c->down.rate = 100000000;
        c->up.delay = c->down.delay = (uint64_t)(10 + 30 * i) * MS;
        c->up.queue_bytes = c->down.queue_bytes = 8000000;
    }
    run("two paths of 100 Mb/s", &t, 200000 * MS);
    t.server_link.delay = MS;
    run("and a server link", &t, 200000 * MS);
    t.server_link.delay = 0;
    for (i = 0; i < 2; i++) {
        t.path[i].down.jitter = MS;
        t.path[i].promotion = 260 * MS;
        t.path[i].idle_after = 10000 * MS;
    }
    run("jitter and a radio", &t, 200000 * MS);
    return 0;
}
