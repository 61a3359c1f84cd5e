/* SPDX-License-Identifier: MIT */
/* kernel_pipe.c - netcat on a socket of protocol 262 (IPPROTO_MPTCP): what `mpsim tun-serve` and `mpsim tun-connect` are,
 * for the kernel's Multipath TCP.
 *
 *     kernel_pipe [-td] -l PORT            serves one connection
 *     kernel_pipe [-td] ADDRESS PORT       connects
 *
 * Copies standard input to the socket and the socket to standard output; the end of the input is a half-close. -t: plain
 * TCP. -d: the input is not read, our direction ends when the peer's has. Exit 0: both directions ended in order. Started by test/kernel_bulk.sh and test/bench_kernel.sh. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PROTOCOL_MPTCP = 262, ROOM = 1 << 18 };

static uint8_t to_net[ROOM], to_user[ROOM];

static int fail(const char *what)
{
    fprintf(stderr, "kernel_pipe: %s: %s\n", what, strerror(errno));
    return -1;
}

/* Both families by one struct: the text decides. */
static socklen_t parse(const char *text, uint16_t port, struct sockaddr_storage *out)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        return sizeof *v4;
    }
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        return sizeof *v6;
    }
    return 0;
}

/* The wildcard address of IPv6 takes IPv4 too. The listener stays open: it is what takes joins. */
static int serve(int protocol, uint16_t port)
{
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int on = 1, fd = socket(AF_INET6, SOCK_STREAM, protocol), accepted;

    if (fd < 0)
        return fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0 || listen(fd, 8) < 0)
        return fail("listen");
    fprintf(stderr, "kernel_pipe: listening\n");
    accepted = accept(fd, NULL, NULL);
    return accepted < 0 ? fail("accept") : accepted;
}

static int call(int protocol, const char *address, uint16_t port)
{
    struct sockaddr_storage to;
    socklen_t n = parse(address, port, &to);
    int fd = n ? socket(to.ss_family, SOCK_STREAM, protocol) : -1;

    if (fd < 0)
        return fail(n ? "socket" : address);
    return connect(fd, (struct sockaddr *)&to, n) < 0 ? fail("connect") : fd;
}

/* All of it; standard output may wait, the socket must not. */
static int write_all(const uint8_t *data, size_t n)
{
    while (n) {
        ssize_t put = write(STDOUT_FILENO, data, n);

        if (put < 0)
            return fail("standard output");
        data += put;
        n -= (size_t)put;
    }
    return 0;
}

/* What one end has still to give. */
struct flow {
    size_t at, len;
    int end, shut; /* the input ended; shutdown was called */
    int mute;      /* -d */
};

/* 1 when both directions are over, -1 on failure. */
static int step(int fd, struct flow *out, int *end)
{
    struct pollfd p[2] = {{fd, (short)((*end ? 0 : POLLIN) | (out->len ? POLLOUT : 0)), 0},
                          {out->end || out->len || out->mute ? -1 : STDIN_FILENO, POLLIN, 0}};
    ssize_t n;

    if (poll(p, 2, -1) < 0)
        return fail("poll");
    if (p[1].revents) {
        n = read(STDIN_FILENO, to_net, ROOM);
        out->at = 0;
        out->len = n > 0 ? (size_t)n : 0;
        out->end = n <= 0;
    }
    if (!*end && (p[0].revents & (POLLIN | POLLHUP | POLLERR))) {
        n = recv(fd, to_user, ROOM, MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN)
            return fail("recv");
        *end = n == 0;
        if (n > 0 && write_all(to_user, (size_t)n) < 0)
            return -1;
    }
    if (out->len) {
        n = send(fd, to_net + out->at, out->len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return fail("send");
        out->at += n > 0 ? (size_t)n : 0;
        out->len -= n > 0 ? (size_t)n : 0;
    }
    if ((out->mute ? *end : out->end && !out->len) && !out->shut) {
        out->shut = 1;
        shutdown(fd, SHUT_WR);
    }
    return *end && out->shut;
}

int main(int argc, char **argv)
{
    struct flow out = {0, 0, 0, 0, 0};
    int fd, end = 0, done, protocol = PROTOCOL_MPTCP;

    for (; argc > 1 && argv[1][0] == '-' && argv[1][1] != 'l'; argv++, argc--) {
        if (strchr(argv[1], 't'))
            protocol = IPPROTO_TCP;
        if (strchr(argv[1], 'd'))
            out.mute = 1;
    }
    if (argc != 3) {
        fprintf(stderr, "usage: kernel_pipe [-td] -l PORT | [-td] ADDRESS PORT\n");
        return 2;
    }
    if (strcmp(argv[1], "-l") == 0)
        fd = serve(protocol, (uint16_t)atoi(argv[2]));
    else
        fd = call(protocol, argv[1], (uint16_t)atoi(argv[2]));
    if (fd < 0)
        return 1;
    while ((done = step(fd, &out, &end)) == 0)
        ;
    close(fd);
    return done < 0;
}
