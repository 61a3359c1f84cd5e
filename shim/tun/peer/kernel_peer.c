/* SPDX-License-Identifier: MIT */
/* kernel_peer.c - the kernel's side of the kernel smoke test: a socket of protocol 262 (IPPROTO_MPTCP).
 *
 *     kernel_peer server PORT SEND RECEIVE
 *     kernel_peer client ADDRESS PORT SEND RECEIVE
 *     kernel_peer tcp-server ..., tcp-client ...     the same over plain TCP
 *
 * Sends SEND octets of the pattern while it receives and checks RECEIVE octets and the end of the
 * stream. After the first 1000 octets it pauses, so that joins happen before the bulk. Exit 0: all
 * right. Started by test/kernel_smoke.sh. */
#include "tun/peer/pattern.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PROTOCOL_TCP = 6, PROTOCOL_MPTCP = 262, FIRST = 1000, LIMIT_MS = 20000 };

struct transfer {
    int fd;
    int client; /* 1: this end is the client */
    uint64_t sent, to_send;
    uint64_t got, to_get;
    int shut; /* our FIN was sent */
};

/* Always -1, so that callers can return it. */
static int fail(const char *what)
{
    fprintf(stderr, "kernel_peer: %s: %s\n", what, strerror(errno));
    return -1;
}

static int listen_and_accept(int protocol, uint16_t port)
{
    struct sockaddr_in any;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, protocol), accepted;

    if (fd < 0)
        return fail("socket");
    memset(&any, 0, sizeof any); /* 0.0.0.0, or a join to a second address meets a RST */
    any.sin_family = AF_INET;
    any.sin_port = htons(port);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0 || listen(fd, 8) < 0)
        return fail("listen");
    puts("listening");
    fflush(stdout);
    accepted = accept(fd, NULL, NULL); /* the listener stays open: it is what takes joins */
    return accepted < 0 ? fail("accept") : accepted;
}

/* By the address given; the kernel's own path manager adds subflows. */
static int connect_to(int protocol, const char *address, uint16_t port)
{
    struct sockaddr_in to;
    int fd = socket(AF_INET, SOCK_STREAM, protocol);

    if (fd < 0)
        return fail("socket");
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
        return fail(address);
    return connect(fd, (struct sockaddr *)&to, sizeof to) < 0 ? fail("connect") : fd;
}

/* The pause lets the join finish, so that the bulk has two subflows from its first octet. */
static int send_some(struct transfer *t)
{
    uint8_t data[16384];
    struct timespec pause = {0, 700000000};
    uint64_t n = t->to_send - t->sent;
    ssize_t put;

    if (n > sizeof data)
        n = sizeof data;
    if (t->sent < FIRST && n > FIRST - t->sent)
        n = FIRST - t->sent;
    pattern_fill(!t->client, t->sent, data, n);
    put = send(t->fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0)
        return errno == EAGAIN ? 0 : fail("send");
    t->sent += (uint64_t)put;
    if (t->sent == FIRST)
        nanosleep(&pause, NULL);
    return 0;
}

/* 1 at the end of the stream. */
static int receive_some(struct transfer *t)
{
    uint8_t data[16384];
    ssize_t got = recv(t->fd, data, sizeof data, MSG_DONTWAIT);
    size_t good;

    if (got < 0)
        return errno == EAGAIN ? 0 : fail("recv");
    if (got == 0)
        return 1;
    good = pattern_check(t->client, t->got, data, (size_t)got);
    t->got += good;
    if (good < (size_t)got) {
        fprintf(stderr, "kernel_peer: octet %llu is wrong\n", (unsigned long long)t->got);
        return -1;
    }
    return 0;
}

/* Both directions at once, as a real application would, until both ends have ended theirs. */
static int run(struct transfer *t)
{
    int end = 0;

    while (!end || !t->shut) {
        struct pollfd p = {t->fd,
                           (short)((end ? 0 : POLLIN) | (t->sent < t->to_send ? POLLOUT : 0)), 0};
        int n;

        if (t->sent == t->to_send && !t->shut) {
            shutdown(t->fd, SHUT_WR);
            t->shut = 1;
            continue;
        }
        n = poll(&p, 1, LIMIT_MS);
        if (n <= 0)
            return fail(n ? "poll" : "nothing happened for 20 s");
        if (!end && (p.revents & (POLLIN | POLLHUP | POLLERR)) && (end = receive_some(t)) < 0)
            return -1;
        if ((p.revents & POLLOUT) && send_some(t) < 0)
            return -1;
    }
    if (t->got == t->to_get)
        return 0;
    fprintf(stderr, "kernel_peer: %llu octets came, not %llu\n", (unsigned long long)t->got,
            (unsigned long long)t->to_get);
    return -1;
}

static uint64_t number(const char *text)
{
    return strtoull(text, NULL, 10);
}

int main(int argc, char **argv)
{
    struct transfer t;
    const char *role = argc > 1 ? argv[1] : "";
    int bad, protocol = PROTOCOL_MPTCP;

    memset(&t, 0, sizeof t);
    if (strncmp(role, "tcp-", 4) == 0) {
        protocol = PROTOCOL_TCP;
        role += 4;
    }
    if (argc == 5 && strcmp(role, "server") == 0) {
        t.fd = listen_and_accept(protocol, (uint16_t)number(argv[2]));
    } else if (argc == 6 && strcmp(role, "client") == 0) {
        t.fd = connect_to(protocol, argv[2], (uint16_t)number(argv[3]));
        t.client = 1;
    } else {
        fprintf(stderr,
                "usage: kernel_peer server PORT SEND RECEIVE | client ADDRESS PORT SEND RECEIVE\n");
        return 2;
    }
    if (t.fd < 0)
        return 1;
    t.to_send = number(argv[argc - 2]);
    t.to_get = number(argv[argc - 1]);
    bad = run(&t);
    close(t.fd);
    if (!bad)
        printf("kernel_peer: %llu octets out, %llu in\n", (unsigned long long)t.sent,
               (unsigned long long)t.got);
    return bad ? 1 : 0;
}
