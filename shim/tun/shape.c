/* SPDX-License-Identifier: MIT */
/* shape.c - paths between pairs of TUN devices, in real time (see shape.h).
 *
 * What the kernel sends into one device of a pair passes the boxes of box/path.h and comes out of the other. Times of
 * boxes are those of the monotonic clock when a packet was read; how late each was handed on is measured and said at the
 * end. A path is both directions: "up" is from the first device of the pair to the second. */
#include "tun/shape.h"

#include "box/path.h"
#include "pcap.h"
#include "run/cli.h"
#include "run/pool.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { LATE_BUCKETS = 32 };

struct shaper;

/* One path and its timer. */
struct lane {
    struct shaper *shaper;
    struct path *path;
    struct sim_timer timer; /* at path_deadline */
    size_t index;           /* devices 2 index and 2 index + 1 */
};

struct shaper {
    struct shape_options *o;
    struct network *network;    /* drawn from the seed; lanes point into it */
    struct sim *sim;            /* tun.c */
    struct lane lane[SHIM_PATHS_MAX];
    struct pcap pcap[2];        /* what end A and end B see; file NULL: none */
    int signals;                /* descriptor that signals are read from */
    uint64_t late[LATE_BUCKETS]; /* packets that were late by less than 2^i us */
    uint64_t late_packets, late_total, late_most; /* ns */
};

/* ---- packets -------------------------------------------------------------------------------------- */

/* Bucket i holds what was late by less than 2^i us. */
static void note_late(struct shaper *s, uint64_t late)
{
    unsigned i = 0;

    while (i + 1 < LATE_BUCKETS && late >= UINT64_C(1000) << i)
        i++;
    s->late[i]++;
    s->late_packets++;
    s->late_total += late;
    s->late_most = late > s->late_most ? late : s->late_most;
}

/* Everything that is due, both ways, then the timer. */
static void drain(struct lane *lane, uint64_t now)
{
    struct shaper *s = lane->shaper;
    struct box_packet *packet;
    uint64_t due;

    for (int dir = PATH_UP; dir < PATH_DIRS; dir++)
        while ((packet = path_take(lane->path, (enum path_dir)dir, now)) != NULL) {
            uint32_t to = (uint32_t)(2 * lane->index) + (dir == PATH_UP ? 2 : 1);

            note_late(s, now > packet->due_at ? now - packet->due_at : 0);
            s->sim->ops->send(s->sim, 0, to, packet->data, packet->len);
            box_packet_put(path_pool(lane->path), packet);
        }
    due = path_deadline(lane->path);
    if (due != MPT_NEVER)
        s->sim->ops->timer_set(s->sim, &lane->timer, due);
}

static void fire_lane(void *arg, uint64_t now)
{
    drain(arg, now);
}

/* Interfaces count from 1, two a path. */
static void on_receive(void *ctx, uint32_t host, uint32_t ifid, uint8_t *ip, size_t len, uint64_t now)
{
    struct shaper *s = ctx;
    struct lane *lane = &s->lane[(ifid - 1) / 2];

    (void)host;
    path_push(lane->path, ifid & 1 ? PATH_UP : PATH_DOWN, ip, len, now);
    drain(lane, now);
}

/* A trace is what one end sees: what it sent as it did, and what reached it. */
static void on_tap(void *ctx, uint32_t host, uint32_t ifid, int dir, const uint8_t *ip, size_t len, uint64_t now)
{
    struct shaper *s = ctx;

    (void)host;
    (void)dir;
    pcap_write(&s->pcap[(ifid - 1) & 1], ip, len, now);
}

/* ---- set-up --------------------------------------------------------------------------------------- */

/* A signal is how it ends. */
static void on_signal(void *ctx, int revents, uint64_t now)
{
    struct shaper *s = ctx;

    (void)revents;
    (void)now;
    s->sim->ops->stop(s->sim);
}

static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* PREFIX-a.pcap and PREFIX-b.pcap. */
static int open_pcaps(struct shaper *s)
{
    char name[512];

    for (int i = 0; s->o->pcap && i < 2; i++) {
        FILE *file;

        snprintf(name, sizeof name, "%s-%c.pcap", s->o->pcap, 'a' + i);
        file = fopen(name, "wb");
        if (!file || pcap_start(&s->pcap[i], file) < 0) {
            fprintf(stderr, "mpsim shape: %s: %s\n", name, strerror(errno));
            return -1;
        }
    }
    return 0;
}

/* The scheduler lets nobody else run while a packet is due. */
static int go_realtime(void)
{
    struct sched_param p = {.sched_priority = 1};

    if (sched_setscheduler(0, SCHED_FIFO, &p) == 0 && mlockall(MCL_CURRENT | MCL_FUTURE) == 0)
        return 0;
    fprintf(stderr, "mpsim shape: --realtime: %s\n", strerror(errno));
    return -1;
}

/* Times of changes count from now. */
static int build_lanes(struct shaper *s, uint64_t now)
{
    struct topology *t = &s->network->topology;

    network_build(s->network, &s->o->config, s->o->seed);
    for (size_t i = 0; i < t->paths; i++) {
        struct lane *lane = &s->lane[i];

        for (size_t j = 0; j < t->path[i].changes; j++)
            t->path[i].change[j].at += now;
        lane->shaper = s;
        lane->index = i;
        lane->timer = (struct sim_timer){.fire = fire_lane, .arg = lane};
        lane->path = path_new(&t->path[i], s->o->seed, 0, PATH_FULL);
        if (!lane->path)
            return -1;
    }
    return 0;
}

static int build(struct shaper *s)
{
    struct sim_upcalls up = {s, on_receive, s->o->pcap ? on_tap : NULL, NULL};
    size_t n = 2 * s->o->config.paths;
    char err[240];

    s->sim = tun_new(s->o->device, n, &up, err, sizeof err);
    if (!s->sim) {
        fprintf(stderr, "mpsim shape: %s\n", err);
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        device_settle(&s->o->device[i]);
    return 0;
}

/* ---- the end -------------------------------------------------------------------------------------- */

static void print_direction(const struct lane *lane, enum path_dir dir)
{
    const struct box_stats *b = path_stats(lane->path, dir);
    const struct tun_device *from = &lane->shaper->o->device[2 * lane->index + (dir == PATH_DOWN)];
    const struct tun_device *to = &lane->shaper->o->device[2 * lane->index + (dir == PATH_UP)];

    printf("%-10s %7s > %-7s %9" PRIu64 " %12" PRIu64 " %9" PRIu64 " %12" PRIu64 " %7" PRIu64 " %6" PRIu64 " %6" PRIu64
           " %5" PRIu64 " %7" PRIu64 " %6" PRIu64 " %7" PRIu64 "\n",
           lane->shaper->network->topology.path[lane->index].name, from->name, to->name, b->in, b->octets_in, b->out,
           b->octets_out, b->dropped_queue, b->dropped_loss, b->dropped_down, b->dropped_mtu + b->dropped_memory,
           b->reordered, b->duplicated, b->corrupted);
}

/* The median bound is the bucket that holds the packet in question. */
static uint64_t late_bound(const struct shaper *s, double part)
{
    uint64_t sum = 0;
    unsigned i;

    for (i = 0; i + 1 < LATE_BUCKETS; i++)
        if ((double)(sum += s->late[i]) >= part * (double)s->late_packets)
            break;
    return UINT64_C(1) << i;
}

static void print_statistics(const struct shaper *s)
{
    printf("%-10s %17s %9s %12s %9s %12s %7s %6s %6s %5s %7s %6s %7s\n", "path", "", "in", "octets", "out", "octets",
           "queue", "loss", "down", "mtu", "reorder", "dup", "corrupt");
    for (size_t i = 0; i < s->o->config.paths; i++)
        for (int dir = PATH_UP; dir < PATH_DIRS; dir++)
            print_direction(&s->lane[i], (enum path_dir)dir);
    if (s->late_packets)
        printf("late: mean %.1f us, half below %" PRIu64 " us, 99 %% below %" PRIu64 " us, largest %.1f us\n",
               (double)s->late_total / 1e3 / (double)s->late_packets, late_bound(s, 0.5), late_bound(s, 0.99),
               (double)s->late_most / 1e3);
    if (tun_lost(s->sim))
        printf("not taken by a device: %" PRIu64 "\n", tun_lost(s->sim));
}

static int finish(struct shaper *s)
{
    int bad = tun_failed(s->sim) != 0;

    if (bad)
        fprintf(stderr, "mpsim shape: a device failed: %s\n", strerror(tun_failed(s->sim)));
    for (int i = 0; i < 2; i++)
        if (s->pcap[i].file && (pcap_finish(&s->pcap[i]) < 0 || fclose(s->pcap[i].file) != 0)) {
            fprintf(stderr, "mpsim shape: --pcap: %s\n", strerror(errno));
            bad = 1;
        }
    print_statistics(s);
    return bad ? CLI_FAILED : CLI_OK;
}

/* "ready" tells a script that devices, addresses and routes are there. */
static int run(struct shaper *s)
{
    uint64_t now;

    if ((s->signals = open_signals()) < 0 || open_pcaps(s) < 0 || build(s) < 0)
        return CLI_FAILED;
    s->sim->ops->run(s->sim, 0); /* reads the clock */
    now = s->sim->ops->now(s->sim);
    if (build_lanes(s, now) < 0 || (s->o->realtime && go_realtime() < 0))
        return CLI_FAILED;
    puts("ready");
    fflush(stdout);
    tun_watch(s->sim, s->signals, POLLIN, on_signal, s);
    s->sim->ops->run(s->sim, s->o->length ? now + s->o->length : MPT_NEVER);
    return finish(s);
}

int shape_main(int argc, char **argv)
{
    struct shape_options *o = pool_grow(NULL, sizeof *o);
    struct shaper *s = pool_grow(NULL, sizeof *s);
    int status = CLI_MISTAKE;

    memset(s, 0, sizeof *s);
    s->o = o;
    s->network = pool_grow(NULL, sizeof *s->network);
    if (shape_parse(o, argc, argv) == 0)
        status = run(s);
    for (size_t i = 0; i < SHIM_PATHS_MAX; i++)
        path_free(s->lane[i].path);
    if (s->sim)
        s->sim->ops->free(s->sim);
    free(s->network);
    free(s);
    free(o);
    return status;
}
