/* SPDX-License-Identifier: MIT */
/* tun.c - TUN devices and the monotonic clock behind struct sim_ops (see tun.h).
 * Called by programs that face a real kernel; timers are those of loop/queue.c. */
#define _GNU_SOURCE /* ppoll */
#include "tun/tun.h"

#include "loop/queue.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define NS UINT64_C(1000000000)

/* Another descriptor than a device. */
struct watch {
    tun_watch_fn *fire;
    void *ctx; /* first argument of fire */
};

struct tun {
    struct sim sim; /* first: see struct sim */
    struct sim_upcalls up;
    struct queue queue;
    size_t n; /* devices */
    struct mpt_addr addr[TUN_DEVICES_MAX];
    size_t watches;
    /* devices first, then the watched; a negative descriptor rests */
    struct pollfd poll[TUN_DEVICES_MAX + TUN_WATCHES_MAX];
    int out[TUN_DEVICES_MAX]; /* where a packet is written: of the device itself, or of the first with its name */
    struct watch watch[TUN_WATCHES_MAX];
    int watched[TUN_WATCHES_MAX]; /* their descriptors, resting or not */
    uint64_t start; /* monotonic clock at tun_new */
    uint64_t now;   /* last reading: one value per packet or timer, so it never jumps inside */
    uint64_t events, lost;
    int stopped, failed;
    uint8_t buffer[SHIM_IP_MAX + 1];
};

/* struct sim is the first field. */
static struct tun *tun_of(struct sim *sim)
{
    return (struct tun *)sim;
}

/* Monotonic: nobody can set it back in the middle of a run. */
static uint64_t read_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

/* Between two calls time stands still, as in the simulated engines. */
static void update_now(struct tun *tun)
{
    tun->now = read_clock() - tun->start;
}

/* ---- struct sim_ops ------------------------------------------------------------------------------- */

/* The rows of struct sim_ops; their contract stands in shim.h. */
static uint64_t sim_now(struct sim *sim)
{
    return tun_of(sim)->now;
}

/* Timers are kept as in the loop; only the clock that makes them due is real. */
static void sim_timer_set(struct sim *sim, struct sim_timer *timer, uint64_t at)
{
    queue_set(&tun_of(sim)->queue, timer, at);
}

static void sim_timer_cancel(struct sim *sim, struct sim_timer *timer)
{
    queue_cancel(&tun_of(sim)->queue, timer);
}

/* Interface 0: by the source address, as the kernel's source routing would. An interface number is that of the
 * address, which may share its device. */
static size_t find_device(const struct tun *tun, uint32_t ifid, const uint8_t *ip, size_t len)
{
    size_t i;

    if (ifid > 0)
        return ifid - 1;
    for (i = 0; i < tun->n; i++) {
        if (len >= 20 && ip[0] >> 4 == 4 && memcmp(ip + 12, tun->addr[i].ip, 4) == 0)
            return i;
        if (len >= 40 && ip[0] >> 4 == 6 && memcmp(ip + 8, tun->addr[i].ip, 16) == 0)
            return i;
    }
    return 0;
}

/* One write is one packet. A full queue loses it, as any device would. */
static void sim_send(struct sim *sim, uint32_t host, uint32_t ifid, const uint8_t *ip, size_t len)
{
    struct tun *tun = tun_of(sim);
    size_t i = find_device(tun, ifid, ip, len);

    (void)host;
    if (i >= tun->n) {
        tun->lost++;
        return;
    }
    if (tun->up.tap)
        tun->up.tap(tun->up.ctx, 0, (uint32_t)i + 1, 0, ip, len, tun->now);
    if (write(tun->out[i], ip, len) != (ssize_t)len)
        tun->lost++;
}

/* There is one host here, number 0. */
static int sim_address(struct sim *sim, uint32_t host, uint32_t ifid, struct mpt_addr *addr)
{
    struct tun *tun = tun_of(sim);

    if (host != 0 || ifid < 1 || ifid > tun->n)
        return -1;
    *addr = tun->addr[ifid - 1];
    addr->port = 0;
    return 0;
}

/* Time is read for each packet: a batch may take a while. */
static void receive_packet(struct tun *tun, size_t i, size_t len)
{
    const struct sim_upcalls *up = &tun->up;
    uint32_t ifid = (uint32_t)i + 1;

    update_now(tun);
    tun->events++;
    if (up->tap)
        up->tap(up->ctx, 0, ifid, 1, tun->buffer, len, tun->now);
    up->receive(up->ctx, 0, ifid, tun->buffer, len, tun->now);
}

/* At most so many packets before timers get their turn. */
enum { BATCH = 64 };

/* EAGAIN ends the batch; anything else but EINTR is the end of the device. */
static void read_device(struct tun *tun, size_t i)
{
    int k;

    for (k = 0; k < BATCH && !tun->stopped; k++) {
        ssize_t got = read(tun->poll[i].fd, tun->buffer, sizeof tun->buffer);

        if (got > 0) {
            receive_packet(tun, i, (size_t)got);
            continue;
        }
        if (got < 0 && errno != EAGAIN && errno != EINTR) { /* the device was deleted or is down */
            tun->failed = errno;
            tun->stopped = 1;
        }
        return;
    }
}

/* Late ones in their order; a callback takes real time, so the clock is read after each. */
static void fire_timers(struct tun *tun)
{
    update_now(tun);
    while (!tun->stopped && queue_due(&tun->queue) <= tun->now) {
        struct sim_timer *timer = queue_take(&tun->queue);

        tun->events++;
        timer->fire(timer->arg, tun->now);
        update_now(tun);
    }
}

/* Devices with packets, then the others: they may want to write what came. */
static void serve_ready(struct tun *tun)
{
    size_t i;

    for (i = 0; i < tun->n; i++)
        if (tun->poll[i].revents && !tun->stopped)
            read_device(tun, i);
    for (i = 0; i < tun->watches && !tun->stopped; i++) {
        int got = tun->poll[tun->n + i].revents;

        if (!got)
            continue;
        update_now(tun);
        tun->watch[i].fire(tun->watch[i].ctx, got, tun->now);
    }
}

/* Waits for a packet, a watched descriptor or the next timer; in nanoseconds, where poll() would round to
 * milliseconds. */
static void wait_for_work(struct tun *tun, uint64_t until)
{
    uint64_t due = queue_due(&tun->queue);
    struct timespec wait;

    if (due > until)
        due = until;
    update_now(tun);
    due = due > tun->now ? due - tun->now : 0;
    if (due > 3600 * NS)
        due = 3600 * NS;
    wait.tv_sec = (time_t)(due / NS);
    wait.tv_nsec = (long)(due % NS);
    if (ppoll(tun->poll, (nfds_t)(tun->n + tun->watches), &wait, NULL) > 0)
        serve_ready(tun);
}

/* Timers before packets. A device that failed stays failed: another run returns at once. */
static void sim_run(struct sim *sim, uint64_t until)
{
    struct tun *tun = tun_of(sim);

    tun->stopped = tun->failed != 0;
    for (;;) {
        fire_timers(tun);
        if (tun->stopped || tun->now >= until)
            return;
        wait_for_work(tun, until);
    }
}

/* Takes effect behind the callback that is running. */
static void sim_stop(struct sim *sim)
{
    tun_of(sim)->stopped = 1;
}

static uint64_t sim_events(struct sim *sim)
{
    return tun_of(sim)->events;
}

/* A device made by somebody else stays when its descriptor is closed. */
static void sim_free(struct sim *sim)
{
    struct tun *tun = tun_of(sim);
    size_t i;

    for (i = 0; i < tun->n; i++)
        if (tun->poll[i].fd >= 0)
            close(tun->poll[i].fd);
    queue_clear(&tun->queue);
    free(tun);
}

static const struct sim_ops tun_ops = {
    "tun",       sim_now, sim_timer_set, sim_timer_cancel, sim_send,
    sim_address, sim_run, sim_stop,      sim_events,       sim_free,
};

/* Another address on an open device shares its descriptor, which is then polled once. */
static int open_next(struct tun *tun, struct tun_device *device, char *err, size_t cap)
{
    struct tun_device *d = &device[tun->n];
    int fd = -1, bad = 0;

    if (d->same)
        bad = device_add(d, err, cap);
    else
        bad = (fd = device_open(d, err, cap)) < 0;
    if (bad)
        return -1;
    tun->out[tun->n] = d->same ? tun->out[d->same - 1] : fd;
    tun->poll[tun->n] = (struct pollfd){fd, POLLIN, 0};
    tun->addr[tun->n] = d->addr;
    return 0;
}

/* n counts the devices that are open, so that a failure closes just those. The kernel lets a timer be late by 50 us to
 * save wake-ups; not this one. */
struct sim *tun_new(struct tun_device *device, size_t n, const struct sim_upcalls *up, char *err,
                    size_t cap)
{
    struct tun *tun = n >= 1 && n <= TUN_DEVICES_MAX ? calloc(1, sizeof *tun) : NULL;

    if (!tun) {
        snprintf(err, cap,
                 n >= 1 && n <= TUN_DEVICES_MAX ? "tun: out of memory" : "tun: 1 to 16 devices");
        return NULL;
    }
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    tun->sim.ops = &tun_ops;
    tun->up = *up;
    tun->start = read_clock();
    queue_init(&tun->queue);
    for (; tun->n < n; tun->n++)
        if (open_next(tun, device, err, cap) < 0) {
            sim_free(&tun->sim);
            return NULL;
        }
    return &tun->sim;
}

/* poll(2) skips negative descriptors, and reports POLLHUP of others whether asked for or not: one that rests must not
 * be there. */
void tun_watch(struct sim *sim, int fd, int events, tun_watch_fn *fire, void *ctx)
{
    struct tun *tun = tun_of(sim);
    size_t i = 0;

    while (i < tun->watches && tun->watched[i] != fd)
        i++;
    if (i == TUN_WATCHES_MAX)
        return;
    if (i == tun->watches)
        tun->watches++;
    tun->watched[i] = fd;
    tun->watch[i] = (struct watch){fire, ctx};
    tun->poll[tun->n + i] = (struct pollfd){events ? fd : -1, (short)events, 0};
}

/* Nobody is told as it happens, as on any link. */
uint64_t tun_lost(struct sim *sim)
{
    return tun_of(sim)->lost;
}

int tun_failed(struct sim *sim)
{
    return tun_of(sim)->failed;
}
