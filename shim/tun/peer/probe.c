/* SPDX-License-Identifier: MIT */
/* probe.c - numbered datagrams from one network namespace into another, and when each arrived: a one-way ping with one clock.
 *
 *     probe NS-FROM NS-TO ADDRESS COUNT OCTETS INTERVAL-US
 *
 * Sends COUNT packets of OCTETS (with IP and UDP headers), one every INTERVAL-US (0: all at once), to ADDRESS (IPv4), which is
 * in NS-TO. Prints "number sent arrived" (us, from the first) for each that arrives, in the order of arrival; ends 700 ms
 * behind the last. Arrival is the kernel's own time stamp, so that a busy machine does not spoil it. Started by
 * test/tun_shape.sh. */
#define _GNU_SOURCE /* setns */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 7000, HEADERS = 28, QUIET_MS = 700, COUNT_MAX = 100000 };

static int64_t sent_at[COUNT_MAX];

/* The kernel stamps packets by this clock. */
static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* A socket belongs to the namespace where it was made. */
static int socket_in(const char *netns)
{
    int ns = open(netns, O_RDONLY), fd, room = 1 << 25, on = 1;

    if (ns < 0 || setns(ns, CLONE_NEWNET) < 0 || (fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) < 0)
        die(netns);
    close(ns);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    return fd;
}

/* One datagram with its stamp; 0: none is there. */
static int receive_one(int fd, int64_t begin)
{
    uint8_t data[65536];
    union {
        char room[256];
        struct cmsghdr align;
    } control;
    struct iovec part = {data, sizeof data};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct timespec t = {0, 0};
    struct cmsghdr *c;
    uint32_t number;

    if (recvmsg(fd, &m, 0) < (ssize_t)sizeof number)
        return 0;
    memcpy(&number, data, sizeof number);
    for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
            memcpy(&t, CMSG_DATA(c), sizeof t);
    if (number < COUNT_MAX)
        printf("%u %.1f %.1f\n", number, (double)(sent_at[number] - begin) / 1e3,
               (double)((int64_t)t.tv_sec * 1000000000 + t.tv_nsec - begin) / 1e3);
    return 1;
}

/* Sends on time, whatever arrives meanwhile. */
static void run(int from, int to, uint32_t count, size_t octets, int64_t interval)
{
    static uint8_t data[65536];
    int64_t begin = now_ns(), quiet = begin + INT64_C(1000000) * QUIET_MS;
    uint32_t number = 0;

    while (number < count || now_ns() < quiet) {
        struct pollfd p = {to, POLLIN, 0};
        int64_t wait = begin + interval * number - now_ns();

        if (number < count && wait <= 0) {
            memcpy(data, &number, sizeof number);
            sent_at[number] = now_ns();
            if (send(from, data, octets - HEADERS, 0) < 0 && errno != EAGAIN)
                die("send");
            number++;
            quiet = now_ns() + INT64_C(1000000) * QUIET_MS;
            if (interval == 0)
                continue;
        } else {
            wait = number < count ? wait : quiet - now_ns();
            poll(&p, 1, wait > 1000000 ? (int)(wait / 1000000) : 0);
        }
        while (receive_one(to, begin))
            quiet = now_ns() + INT64_C(1000000) * QUIET_MS;
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int from, to;

    if (argc != 7 || inet_pton(AF_INET, argv[3], &local.sin_addr) != 1 || atoi(argv[4]) > COUNT_MAX ||
        atoi(argv[5]) < HEADERS + 4 || atoi(argv[5]) > 65535) {
        fprintf(stderr, "usage: probe NS-FROM NS-TO ADDRESS COUNT OCTETS INTERVAL-US\n");
        return 2;
    }
    to = socket_in(argv[2]);
    if (bind(to, (struct sockaddr *)&local, sizeof local) < 0)
        die("bind");
    from = socket_in(argv[1]);
    if (connect(from, (struct sockaddr *)&local, sizeof local) < 0)
        die("connect");
    run(from, to, (uint32_t)atoi(argv[4]), (size_t)atoi(argv[5]), (int64_t)atoll(argv[6]) * 1000);
    return 0;
}
