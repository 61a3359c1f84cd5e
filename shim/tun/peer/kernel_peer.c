/* SPDX-License-Identifier: MIT */
/* kernel_peer.c - the kernel's side of the kernel cases: a socket of protocol 262 (IPPROTO_MPTCP).
 *
 *     kernel_peer role=server|client [KEY=VALUE...]
 *
 *     family=4|6 address=A port=N protocol=mptcp|tcp   where (address: what a client connects to)
 *     send=N receive=N                                 octets of the pattern out and in
 *     script="..."                                     see script.h; actions: shutdown, close, linger-close,
 *                                                      deaf, hear, sh COMMAND
 *     end=eof|reset|any                                how it must end; reset and any leave `receive` open
 *     dual=1                                           an IPv6 socket for an IPv4 connection: takes both families
 *     wrong=N                                          so many octets may come altered
 *     fastopen=1                                       the first octets go in the SYN, or are taken from it
 *     prelude=1                                        a short connection before, which gets the cookie of Fast Open
 *     keepalive=SECONDS                                SO_KEEPALIVE with this idle time and interval
 *     limit=MS                                         a peer to which nothing happens so long has failed
 *
 * Started by test/kernel/cases.sh. Exit 0: all as it should be. */
#include "tun/peer/pattern.h"
#include "tun/peer/script.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif
enum { PROTOCOL_TCP = 6, PROTOCOL_MPTCP = 262, SOL_MPTCP_LEVEL = 284, MPTCP_TCPINFO_OPTION = 2, SYN_SENT = 2, SYN_RECV = 3 };

struct peer {
    int fd;     /* -1: closed */
    int client; /* 1: this end is the client */
    int family, protocol, fastopen, keepalive, dual, prelude;
    const char *address, *end;
    uint16_t port;
    uint64_t sent, to_send;
    uint64_t got, to_get;
    uint64_t start_ms, limit_ms;
    int shut;  /* our FIN was sent */
    int eof;   /* the peer's was read */
    int deaf;  /* the script wants nothing to be read */
    int error; /* errno that ended it */
    int wrong; /* so many octets may be wrong yet */
    struct script script;
};

static uint64_t clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Always -1, so that callers can return it. */
static int fail(const char *what)
{
    fprintf(stderr, "kernel_peer: %s: %s\n", what, strerror(errno));
    return -1;
}

/* address NULL: any; length of the address, or 0. */
static socklen_t make_address(const struct peer *peer, const char *address,
                              struct sockaddr_storage *out)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

    memset(out, 0, sizeof *out);
    if (peer->dual || peer->family == 6) {
        char mapped[80];

        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(peer->port);
        snprintf(mapped, sizeof mapped, "%s%s", peer->dual ? "::ffff:" : "", address ? address : "");
        address = address ? mapped : NULL;
        return address && inet_pton(AF_INET6, address, &v6->sin6_addr) != 1 ? 0 : sizeof *v6;
    }
    v4->sin_family = AF_INET;
    v4->sin_port = htons(peer->port);
    return address && inet_pton(AF_INET, address, &v4->sin_addr) != 1 ? 0 : sizeof *v4;
}

/* A connection is ended in both directions, its octets are forgotten. */
static void end_prelude(int fd)
{
    uint8_t data[4096];

    shutdown(fd, SHUT_WR);
    while (recv(fd, data, sizeof data, 0) > 0)
        ;
    close(fd);
}

/* Bound to any address, or a join to a second address meets a RST. A failed accept is tried again: a
 * connection may be gone before it is taken. */
static int listen_and_accept(struct peer *peer, int fd)
{
    struct sockaddr_storage any;
    socklen_t len = make_address(peer, NULL, &any);
    int on = 1, queue = 8;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&any, len) < 0)
        return fail("bind");
    if (peer->fastopen && setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof queue) < 0)
        return fail("TCP_FASTOPEN");
    if (listen(fd, 8) < 0)
        return fail("listen");
    puts("ready");
    fflush(stdout);
    if (peer->prelude)
        end_prelude(accept(fd, NULL, NULL));
    peer->fd = accept(fd, NULL, NULL); /* the listener stays open: it is what takes joins */
    return peer->fd < 0 ? fail("accept") : 0;
}

/* By the address given; the kernel's own path manager adds subflows. */
static int connect_to(struct peer *peer, int fd)
{
    struct sockaddr_storage to;
    socklen_t len = make_address(peer, peer->address, &to);
    uint8_t data[500];

    if (!len)
        return fail(peer->address);
    peer->fd = fd;
    if (!peer->fastopen)
        return connect(fd, (struct sockaddr *)&to, len) < 0 ? fail("connect") : 0;
    pattern_fill(0, 0, data, sizeof data);
    peer->sent = sizeof data;
    return sendto(fd, data, sizeof data, MSG_FASTOPEN, (struct sockaddr *)&to, len) ==
                   (ssize_t)sizeof data
               ? 0
               : fail("sendto MSG_FASTOPEN");
}

/* One octet by MSG_FASTOPEN: without a cookie the SYN asks for one. */
static int get_cookie(struct peer *peer)
{
    struct sockaddr_storage to;
    socklen_t len = make_address(peer, peer->address, &to);
    int fd = socket(peer->family == 6 ? AF_INET6 : AF_INET, SOCK_STREAM, peer->protocol);

    if (fd < 0 || sendto(fd, "", 1, MSG_FASTOPEN, (struct sockaddr *)&to, len) != 1)
        return fail("prelude");
    end_prelude(fd);
    return 0;
}

static int open_connection(struct peer *peer)
{
    int on = 1, fd = socket(peer->dual || peer->family == 6 ? AF_INET6 : AF_INET, SOCK_STREAM, peer->protocol);

    if (fd < 0)
        return fail("socket");
    if (peer->client && peer->prelude && get_cookie(peer) < 0)
        return -1;
    if ((peer->client ? connect_to(peer, fd) : listen_and_accept(peer, fd)) < 0)
        return -1;
    if (peer->keepalive &&
        (setsockopt(peer->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) < 0 ||
         setsockopt(peer->fd, IPPROTO_TCP, TCP_KEEPIDLE, &peer->keepalive, sizeof on) < 0 ||
         setsockopt(peer->fd, IPPROTO_TCP, TCP_KEEPINTVL, &peer->keepalive, sizeof on) < 0))
        return fail("keepalive");
    return 0;
}

/* Subflows whose handshake is over: struct mptcp_info would count joins under way, too, and who ends the connection on
 * that word takes it from under them. The first octet of each struct tcp_info is the state. */
static uint64_t subflows(const struct peer *peer)
{
    struct {
        uint32_t head, count, of_kernel, of_user; /* struct mptcp_subflow_data */
        uint8_t state[32][4];
    } info = { .head = 16, .of_user = 4 };
    socklen_t len = sizeof info;
    uint64_t n = 0;

    if (peer->fd < 0 || getsockopt(peer->fd, SOL_MPTCP_LEVEL, MPTCP_TCPINFO_OPTION, &info, &len) < 0)
        return 1;
    for (uint32_t i = 0; i < info.count && i < 32; i++)
        n += info.state[i][0] != SYN_SENT && info.state[i][0] != SYN_RECV;
    return n;
}

/* A call that fails because the connection is over is no mistake by itself: verdict() judges. */
static int ended(struct peer *peer)
{
    if (errno == EAGAIN || errno == EINTR)
        return 0;
    peer->error = errno;
    return 1;
}

static int send_some(struct peer *peer)
{
    uint8_t data[16384];
    uint64_t n = script_limit(&peer->script, peer->sent, peer->to_send) - peer->sent;
    ssize_t put;

    if (n > sizeof data)
        n = sizeof data;
    pattern_fill(!peer->client, peer->sent, data, n);
    put = send(peer->fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0)
        return ended(peer);
    peer->sent += (uint64_t)put;
    return 0;
}

/* -1: an octet is wrong; 1: nothing more will come. */
static int receive_some(struct peer *peer)
{
    uint8_t data[16384];
    ssize_t got = recv(peer->fd, data, sizeof data, MSG_DONTWAIT);
    size_t good;

    if (got < 0)
        return ended(peer);
    if (got == 0) {
        peer->eof = 1;
        return 1;
    }
    good = pattern_check(peer->client, peer->got, data, (size_t)got);
    if (good < (size_t)got && peer->wrong > 0) { /* altered on the way, and passed on (RFC 8684 3.7) */
        peer->wrong -= (int)pattern_wrong(peer->client, peer->got, data, (size_t)got);
        good = peer->wrong < 0 ? good : (size_t)got;
    }
    peer->got += good;
    if (good < (size_t)got) {
        fprintf(stderr, "kernel_peer: octet %llu is wrong\n", (unsigned long long)peer->got);
        return -1;
    }
    return 0;
}

/* SO_LINGER 0: what is unsent is thrown away, the peer gets MP_FASTCLOSE. */
static void close_now(struct peer *peer, int linger)
{
    struct linger off = {1, 0};

    if (linger)
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &off, sizeof off);
    close(peer->fd);
    peer->fd = -1;
}

static int do_action(struct peer *peer, const char *action)
{
    if (strncmp(action, "sh ", 3) == 0)
        return system(action + 3) == 0 ? 0 : -1;
    if (strcmp(action, "close") == 0)
        close_now(peer, 0);
    else if (strcmp(action, "linger-close") == 0)
        close_now(peer, 1);
    else if (strcmp(action, "shutdown") == 0)
        peer->to_send = peer->sent;
    else if (strcmp(action, "deaf") == 0)
        peer->deaf = 1;
    else if (strcmp(action, "hear") == 0)
        peer->deaf = 0;
    else
        return -1;
    return 0;
}

static int do_steps(struct peer *peer)
{
    const char *action;
    struct script_progress p = {peer->sent, peer->got, subflows(peer), clock_ms() - peer->start_ms};

    while ((action = script_next(&peer->script, &p)) != NULL)
        if (do_action(peer, action) < 0) {
            fprintf(stderr, "kernel_peer: the step '%s' failed\n", action);
            return -1;
        }
    return 0;
}

/* What poll says is done; 10 ms where a step may come due by time alone. */
static int turn(struct peer *peer, uint64_t *quiet_since)
{
    int may_send = script_limit(&peer->script, peer->sent, peer->to_send) > peer->sent, n, got = 0;
    struct pollfd p = {peer->fd, 0, 0};

    p.events = (short)((peer->eof || peer->deaf ? 0 : POLLIN) | (may_send ? POLLOUT : 0));
    n = poll(&p, 1, 10);
    if (n < 0)
        return fail("poll");
    if (n > 0 || script_pending(&peer->script))
        *quiet_since = clock_ms();
    if (!peer->eof && !peer->deaf && (p.revents & (POLLIN | POLLHUP | POLLERR)))
        got = receive_some(peer);
    if (got < 0)
        return -1;
    if (!peer->error && may_send && (p.revents & POLLOUT))
        send_some(peer);
    return 0;
}

/* Both directions at once, as a real application would, until both ends have ended theirs. */
static int run(struct peer *peer)
{
    uint64_t quiet_since = clock_ms();

    peer->start_ms = quiet_since;
    while (!peer->error) {
        if (do_steps(peer) < 0)
            return -1;
        if (peer->fd < 0)
            return 0;
        if (peer->sent >= peer->to_send && !peer->shut && !script_pending(&peer->script)) {
            shutdown(peer->fd, SHUT_WR);
            peer->shut = 1;
        }
        if (peer->eof && peer->shut)
            return 0;
        if (turn(peer, &quiet_since) < 0)
            return -1;
        if (clock_ms() - quiet_since > peer->limit_ms ||
            clock_ms() - peer->start_ms > 2 * peer->limit_ms) {
            fprintf(stderr, "kernel_peer: nothing happens; waiting for the step '%s'\n",
                    script_waiting(&peer->script));
            return -1;
        }
    }
    return 0;
}

static int verdict(const struct peer *peer)
{
    int exact = strcmp(peer->end, "eof") == 0;

    printf("kernel_peer: %llu octets out, %llu in, %s\n", (unsigned long long)peer->sent,
           (unsigned long long)peer->got, peer->error ? strerror(peer->error) : "no error");
    if (strcmp(peer->end, "any") == 0)
        return 0;
    if (exact && !peer->error && peer->sent >= peer->to_send && peer->got == peer->to_get && !peer->wrong)
        return 0;
    if (!exact && (peer->error == ECONNRESET || peer->error == EPIPE))
        return 0;
    fprintf(stderr, "kernel_peer: this is not the end '%s' with %llu octets out, %llu in\n",
            peer->end, (unsigned long long)peer->to_send, (unsigned long long)peer->to_get);
    return 1;
}

static int parse_pair(struct peer *peer, const char *text)
{
    const char *value = strchr(text, '='), *bad;
    size_t n = value ? (size_t)(value - text) : 0;
#define KEY(name) (n == sizeof name - 1 && memcmp(text, name, n) == 0)

    if (!n)
        return -1;
    value++;
    if (KEY("role"))
        peer->client = strcmp(value, "client") == 0;
    else if (KEY("family"))
        peer->family = atoi(value);
    else if (KEY("address"))
        peer->address = value;
    else if (KEY("port"))
        peer->port = (uint16_t)atoi(value);
    else if (KEY("protocol"))
        peer->protocol = strcmp(value, "tcp") == 0 ? PROTOCOL_TCP : PROTOCOL_MPTCP;
    else if (KEY("send"))
        peer->to_send = strtoull(value, NULL, 10);
    else if (KEY("receive"))
        peer->to_get = strtoull(value, NULL, 10);
    else if (KEY("end"))
        peer->end = value;
    else if (KEY("dual"))
        peer->dual = atoi(value);
    else if (KEY("prelude"))
        peer->prelude = atoi(value);
    else if (KEY("wrong"))
        peer->wrong = atoi(value);
    else if (KEY("fastopen"))
        peer->fastopen = atoi(value);
    else if (KEY("keepalive"))
        peer->keepalive = atoi(value);
    else if (KEY("limit"))
        peer->limit_ms = strtoull(value, NULL, 10);
    else if (KEY("script"))
        return script_parse(&peer->script, value, &bad);
    else
        return -1;
    return 0;
#undef KEY
}

int main(int argc, char **argv)
{
    static struct peer peer;
    int i, bad;

    peer.fd = -1;
    peer.family = 4;
    peer.protocol = PROTOCOL_MPTCP;
    peer.port = 5000;
    peer.end = "eof";
    peer.address = "";
    peer.limit_ms = 8000;
    for (i = 1; i < argc; i++)
        if (parse_pair(&peer, argv[i]) < 0) {
            fprintf(stderr, "kernel_peer: cannot take %s\n", argv[i]);
            return 2;
        }
    if (open_connection(&peer) < 0)
        bad = strcmp(peer.end, "eof") == 0;
    else
        bad = run(&peer) < 0 || verdict(&peer);
    if (peer.fd >= 0)
        close(peer.fd);
    return bad ? 1 : 0;
}
