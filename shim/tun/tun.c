/* SPDX-License-Identifier: MIT */
/* tun.c - TUN devices and the monotonic clock behind struct sim_ops (see tun.h).
 *
 * IFF_NO_PI and no offloads: the kernel then gives whole packets with valid checksums, none above the
 * MTU. Called by programs that face a real kernel; timers are those of loop/queue.c. */
#include "tun/tun.h"

#include "loop/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#define NS UINT64_C(1000000000)

struct tun {
    struct sim sim; /* first: see struct sim */
    struct sim_upcalls up;
    struct queue queue;
    size_t n; /* devices */
    struct mpt_addr addr[TUN_DEVICES_MAX];
    int fd[TUN_DEVICES_MAX];
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

/* Attaches to a device by name, or makes it where the process may. Non-blocking: a batch is read
 * until EAGAIN. */
static int open_device(const char *name, char *err, size_t cap)
{
    struct ifreq request;
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

    if (fd < 0) {
        snprintf(err, cap, "/dev/net/tun: %s", strerror(errno));
        return -1;
    }
    memset(&request, 0, sizeof request);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (strlen(name) >= sizeof request.ifr_name) {
        snprintf(err, cap, "%s: name too long for a device", name);
        close(fd);
        return -1;
    }
    strcpy(request.ifr_name, name);
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        snprintf(err, cap, "TUN device %s: %s", name, strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
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

/* Interface 0: by the source address, as the kernel's source routing would. */
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
    if (write(tun->fd[i], ip, len) != (ssize_t)len)
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
        ssize_t got = read(tun->fd[i], tun->buffer, sizeof tun->buffer);

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

/* Waits for a packet or the next timer; nanoseconds, where poll() would round to milliseconds. */
static void wait_for_work(struct tun *tun, uint64_t until)
{
    uint64_t due = queue_due(&tun->queue);
    struct timespec wait;
    fd_set set;
    size_t i;
    int top = 0;

    if (due > until)
        due = until;
    update_now(tun);
    due = due > tun->now ? due - tun->now : 0;
    if (due > 3600 * NS)
        due = 3600 * NS;
    wait.tv_sec = (time_t)(due / NS);
    wait.tv_nsec = (long)(due % NS);
    FD_ZERO(&set);
    for (i = 0; i < tun->n; i++) {
        FD_SET(tun->fd[i], &set);
        top = tun->fd[i] > top ? tun->fd[i] : top;
    }
    if (pselect(top + 1, &set, NULL, NULL, &wait, NULL) <= 0)
        return;
    for (i = 0; i < tun->n; i++)
        if (FD_ISSET(tun->fd[i], &set))
            read_device(tun, i);
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
        close(tun->fd[i]);
    queue_clear(&tun->queue);
    free(tun);
}

static const struct sim_ops tun_ops = {
    "tun",       sim_now, sim_timer_set, sim_timer_cancel, sim_send,
    sim_address, sim_run, sim_stop,      sim_events,       sim_free,
};

/* n counts the devices that are open, so that a failure closes just those. */
struct sim *tun_new(const struct tun_device *device, size_t n, const struct sim_upcalls *up,
                    char *err, size_t cap)
{
    struct tun *tun = n >= 1 && n <= TUN_DEVICES_MAX ? calloc(1, sizeof *tun) : NULL;

    if (!tun) {
        snprintf(err, cap,
                 n >= 1 && n <= TUN_DEVICES_MAX ? "tun: out of memory" : "tun: 1 to 8 devices");
        return NULL;
    }
    tun->sim.ops = &tun_ops;
    tun->up = *up;
    tun->start = read_clock();
    queue_init(&tun->queue);
    for (; tun->n < n; tun->n++) {
        tun->fd[tun->n] = open_device(device[tun->n].name, err, cap);
        tun->addr[tun->n] = device[tun->n].addr;
        if (tun->fd[tun->n] < 0) {
            sim_free(&tun->sim);
            return NULL;
        }
    }
    return &tun->sim;
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
