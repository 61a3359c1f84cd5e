/* SPDX-License-Identifier: MIT */
/* socket.c - sockets from socket() to close(), over the connections of libmpt (RFC 9293 3.9.1); MPTCP is protocol
 * 262 of SOCK_STREAM, as in Linux. Called by packetdrill's table and by net.c for events. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

/* ---- made and freed ---- */

/* Also for what a listener accepts: it has no number before accept() asks. */
struct pd_socket *pd_socket_new(struct pd_host *host, int family, int protocol)
{
    struct pd_socket *so = calloc(1, sizeof *so);

    if (!so)
        return NULL;
    so->file.kind = PD_SOCKET;
    so->file.fd = -1;
    so->family = family;
    so->protocol = protocol;
    so->state = PD_NEW;
    pd_options_default(host, so);
    so->next = host->sockets;
    host->sockets = so;
    return so;
}

/* The connection has been given back before. */
void pd_socket_free(struct pd_host *host, struct pd_socket *so)
{
    struct pd_socket **at = &host->sockets;

    while (*at && *at != so)
        at = &(*at)->next;
    if (*at)
        *at = so->next;
    free(so);
}

/* One octet is enough to make close() a reset. */
static int has_unread(const struct pd_socket *so)
{
    uint8_t octet;

    return mpt_peek(so->conn, &octet, 1) > 0;
}

/* Octets that nobody will read, or linger time 0: the peer is told by a RST, of all subflows in MPTCP
 * (RFC 9293 3.9.1.4, RFC 8684 3.5; Linux does both). */
static void end_connection(struct pd_host *host, struct pd_socket *so)
{
    if (so->state == PD_CONNECTED && (has_unread(so) || (so->linger.l_onoff && !so->linger.l_linger)))
        mpt_abort(so->conn, host->now);
    mpt_close(so->conn, host->now);
    so->conn = NULL;
}

/* Connections that wait for accept go with their listener. */
static void end_listener(struct pd_host *host, struct pd_socket *so)
{
    while (so->child) {
        struct pd_socket *child = so->child;

        so->child = child->sibling;
        mpt_abort(child->conn, host->now);
        mpt_close(child->conn, host->now);
        pd_socket_free(host, child);
    }
    mpt_unlisten(host->stack, &so->local);
}

/* close(), once no call is inside. What was written is still delivered in the background. */
void pd_socket_release(struct pd_host *host, struct pd_socket *so)
{
    if (so->state == PD_LISTEN)
        end_listener(host, so);
    if (so->conn)
        end_connection(host, so);
    pd_socket_free(host, so);
}

/* The order of the checks is Linux's: family, type, protocol. */
int pd_socket_socket(void *userdata, int domain, int type, int protocol)
{
    struct pd_host *host = userdata;
    int base = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), fd = -1;
    struct pd_socket *so;

    errno = 0;
    if (domain != AF_INET && domain != AF_INET6)
        errno = EAFNOSUPPORT;
    else if (base != SOCK_STREAM)
        errno = base > SOCK_PACKET ? EINVAL : EPROTONOSUPPORT;
    else if (protocol && protocol != IPPROTO_TCP && protocol != PD_IPPROTO_MPTCP)
        errno = EPROTONOSUPPORT;
    if (errno)
        return -1;
    PD_LOCK(host);
    so = protocol == PD_IPPROTO_MPTCP && !host->enabled
             ? (errno = ENOPROTOOPT, NULL)
             : pd_socket_new(host, domain, protocol ? protocol : IPPROTO_TCP);
    if (so) {
        so->file.nonblock = (type & SOCK_NONBLOCK) != 0;
        so->file.close_on_exec = (type & SOCK_CLOEXEC) != 0;
        fd = pd_fd_add(host, &so->file);
        if (fd < 0)
            pd_socket_free(host, so);
    }
    PD_UNLOCK(host);
    return fd;
}

/* ---- names ---- */

/* "Every address" meets any address of the port. */
static int overlaps(const struct mpt_addr *a, const struct mpt_addr *b)
{
    return a->port == b->port && (!a->family || !b->family || (a->family == b->family && !memcmp(a->ip, b->ip, 16)));
}

/* Linux: SO_REUSEADDR on both, and nobody listening. */
static int is_taken(const struct pd_host *host, const struct pd_socket *so, const struct mpt_addr *addr)
{
    for (const struct pd_socket *x = host->sockets; x; x = x->next)
        if (x != so && x->bound && overlaps(&x->local, addr) &&
            (x->state == PD_LISTEN || !x->option[PD_OPT_REUSEADDR] || !so->option[PD_OPT_REUSEADDR]))
            return 1;
    return 0;
}

/* bind(2), and listen or connect without it. */
static int name(struct pd_host *host, struct pd_socket *so, struct mpt_addr *addr)
{
    if (addr->family && !pd_host_has(host, addr) && !(host->adopt && pd_host_address(host, addr) == 0))
        return EADDRNOTAVAIL;
    if (!addr->port)
        do
            addr->port = host->port = host->port < 49152 || host->port == 65535 ? 49152 : (uint16_t)(host->port + 1);
        while (is_taken(host, so, addr));
    else if (is_taken(host, so, addr))
        return EADDRINUSE;
    so->local = *addr;
    so->bound = 1;
    return 0;
}

/* errno of a call: 0 becomes success. */
static int answer(int error)
{
    if (!error)
        return 0;
    errno = error;
    return -1;
}

/* A name is given once (EINVAL), and only to what is neither listening nor connected. */
int pd_socket_bind(void *userdata, int fd, const struct sockaddr *sa, socklen_t len)
{
    struct pd_host *host = userdata;
    struct pd_socket *so;
    struct mpt_addr addr;
    int error;

    PD_LOCK(host);
    so = pd_fd_socket(host, fd);
    error = so ? pd_addr_in(so, sa, len, &addr) : errno;
    if (!error && (so->bound || so->state != PD_NEW))
        error = EINVAL;
    if (!error)
        error = name(host, so, &addr);
    PD_UNLOCK(host);
    return answer(error);
}

/* ---- passive ---- */

/* Linux gives a port to a listener that has none. */
static int listen_on(struct pd_host *host, struct pd_socket *so)
{
    struct mpt_addr any = { 0 };
    int error = so->bound ? 0 : name(host, so, &any), r;

    if (error)
        return error;
    if (is_taken(host, so, &so->local))
        return EADDRINUSE;
    r = mpt_listen(host->stack, &so->local, so);
    if (r < 0)
        return pd_host_errno(r);
    so->state = PD_LISTEN;
    return 0;
}

/* Again on a listener: only the backlog changes. */
int pd_socket_listen(void *userdata, int fd, int backlog)
{
    struct pd_host *host = userdata;
    struct pd_socket *so;
    int error = 0;

    PD_LOCK(host);
    so = pd_fd_socket(host, fd);
    if (!so)
        error = errno;
    else if (so->state == PD_NEW)
        error = listen_on(host, so);
    else if (so->state != PD_LISTEN)
        error = EINVAL;
    if (!error)
        so->backlog = backlog;
    PD_UNLOCK(host);
    return answer(error);
}

/* Who will answer a SYN to this address. */
struct pd_socket *pd_socket_listener(const struct pd_host *host, const struct mpt_addr *local)
{
    struct pd_socket *so;

    for (so = host->sockets; so; so = so->next)
        if (so->state == PD_LISTEN && overlaps(&so->local, local))
            break;
    return so;
}

/* Options go from the listener to what it accepts, O_NONBLOCK does not (accept(2)). */
static void inherit(struct pd_socket *child, const struct pd_socket *so)
{
    memcpy(child->option, so->option, sizeof child->option);
    memcpy(child->congestion, so->congestion, sizeof child->congestion);
    child->option_set = so->option_set;
    child->linger = so->linger;
    child->recv_timeout = so->recv_timeout;
    child->send_timeout = so->send_timeout;
}

/* The core tells of a connection when its third ACK is there (or its SYN, with Fast Open): it waits in the queue. */
static void arrive(struct pd_host *host, struct pd_socket *so, struct mpt_conn *conn)
{
    struct mpt_conn_info info = { .size = sizeof info };
    struct pd_socket *child = pd_socket_new(host, so->family, so->protocol), **at = &so->child;

    if (!child) {
        mpt_conn_set_user(conn, NULL);
        mpt_abort(conn, host->now);
        mpt_close(conn, host->now);
        return;
    }
    inherit(child, so);
    mpt_conn_info(conn, &info);
    child->state = PD_CONNECTED;
    child->announced = 1;
    child->conn = conn;
    child->local = info.local;
    child->remote = info.remote;
    mpt_conn_set_user(conn, child);
    pd_options_apply(host, child);
    while (*at)
        at = &(*at)->sibling;
    *at = child;
    so->waiting++;
    so->file.activity++;
}

/* The oldest that waits; blocks for one. */
static struct pd_socket *next_child(struct pd_host *host, struct pd_socket *so, int *error)
{
    struct pd_wait wait = { host, so->recv_timeout ? host->now + so->recv_timeout : MPT_NEVER, 0 };
    struct pd_socket *child;

    while (!so->child) {
        *error = so->file.closed ? EBADF : so->state != PD_LISTEN ? EINVAL : so->file.nonblock ? EAGAIN : 0;
        if (!*error && pd_clock_sleep(&wait) < 0)
            *error = EAGAIN;
        if (*error)
            break;
    }
    pd_clock_done(&wait);
    child = so->child;
    if (child) {
        *error = 0;
        so->child = child->sibling;
        child->sibling = NULL;
        so->waiting--;
    }
    return child;
}

/* The address is the peer's own: packetdrill takes the port of later packets from it. */
int pd_socket_accept(void *userdata, int fd, struct sockaddr *addr, socklen_t *len)
{
    struct pd_host *host = userdata;
    struct pd_socket *so, *child;
    int error = 0, r = -1;

    PD_LOCK(host);
    so = pd_fd_socket(host, fd);
    if (!so) {
        PD_UNLOCK(host);
        return -1;
    }
    pd_fd_hold(&so->file);
    child = next_child(host, so, &error);
    if (child) {
        r = pd_fd_add(host, &child->file);
        error = r < 0 ? errno : 0;
        if (r < 0) {
            child->file.closed = 1;
            pd_fd_drop(host, &child->file);
        } else {
            pd_addr_out(child, &child->remote, addr, len);
        }
    }
    pd_fd_drop(host, &so->file);
    PD_UNLOCK(host);
    if (error)
        errno = error;
    return r;
}

/* ---- active ---- */

/* 0 or an errno; the SYN is ready to leave. */
int pd_socket_start(struct pd_host *host, struct pd_socket *so, const struct mpt_addr *to)
{
    struct mpt_addr from = so->local;
    struct mpt_conn_info info = { .size = sizeof info };
    int r;

    if (!to->port || !to->family)
        return to->family ? EADDRNOTAVAIL : ECONNREFUSED; /* nobody is at "any address" */
    if (from.family && from.family != to->family)
        return EAFNOSUPPORT;
    pd_host_begin(host, so);
    r = mpt_connect(host->stack, &so->conn, &from, to, host->now);
    pd_host_end(host);
    if (r < 0)
        return r == MPT_EADDRNOTAVAIL ? ENETUNREACH : pd_host_errno(r);
    mpt_conn_info(so->conn, &info);
    so->local = info.local;
    so->remote = info.remote;
    so->bound = 1;
    so->state = PD_CONNECTING;
    mpt_conn_set_user(so->conn, so);
    pd_options_apply(host, so);
    return 0;
}

/* The error of a connect that failed is told once; the socket is as new then. */
static int outcome(struct pd_host *host, struct pd_socket *so)
{
    int error = so->error ? so->error : ECONNABORTED;

    if (so->conn)
        mpt_close(so->conn, host->now);
    so->conn = NULL;
    so->state = PD_NEW;
    so->error = 0;
    return error;
}

/* EINPROGRESS is also the answer when SO_SNDTIMEO has passed (connect(2)). */
int pd_socket_established(struct pd_host *host, struct pd_socket *so, int nonblock)
{
    struct pd_wait wait = { host, so->send_timeout ? host->now + so->send_timeout : MPT_NEVER, 0 };
    int error = 0;

    while (so->state == PD_CONNECTING && !error) {
        if (so->file.closed)
            error = EBADF;
        else if (nonblock || pd_clock_sleep(&wait) < 0)
            error = EINPROGRESS;
    }
    pd_clock_done(&wait);
    return error ? error : so->state == PD_CONNECTED ? 0 : outcome(host, so);
}

/* With a cookie the octets go with the SYN, which is all that a non-blocking caller waits for. Without, the SYN asks for
 * one, and the octets follow the handshake (RFC 7413 2; what Linux answers was tried). */
ssize_t pd_socket_fastopen(struct pd_host *host, struct pd_socket *so, const struct mpt_addr *to, const void *buf,
                           size_t n, int nonblock)
{
    int64_t r = 0;
    int error;

    so->fast = pd_sysctl_fastopen(host) & 1;
    error = pd_socket_start(host, so, to);
    if (!error && so->fast && n && pd_net_has_cookie(host, to)) {
        r = mpt_write(so->conn, buf, n < pd_io_room(so) ? n : (size_t)pd_io_room(so), host->now);
        error = r < 0 ? pd_host_errno((int)r) : 0;
    }
    pd_net_pump(host);
    pd_clock_wake(host);
    if (!error && r && nonblock)
        return (ssize_t)r;
    error = error ? error : pd_socket_established(host, so, nonblock);
    so->announced = !error;
    if (!error)
        return r ? (ssize_t)r : pd_io_give(host, so, buf, n, nonblock);
    errno = error;
    return -1;
}

/* connect(2)'s answers by state, as Linux gives them. */
static int connect_to(struct pd_host *host, struct pd_socket *so, const struct mpt_addr *to)
{
    int error;

    switch (so->state) {
    case PD_LISTEN:
        return EISCONN;
    case PD_CONNECTED:
        error = so->announced ? EISCONN : 0;
        so->announced = 1;
        return error;
    case PD_CONNECTING:
        if (so->file.nonblock)
            return EALREADY;
        break;
    case PD_DEAD:
        if (so->error)
            return outcome(host, so);
        /* fall through */
    default:
        if (so->conn) { /* what is left of the attempt that failed */
            mpt_close(so->conn, host->now);
            so->conn = NULL;
        }
        so->shut_read = so->shut_write = so->announced = 0;
        so->fast = so->option[PD_OPT_FASTOPEN_CONNECT] && pd_sysctl_fastopen(host) & 1;
        if (so->fast && pd_net_has_cookie(host, to)) { /* the first write sends the SYN */
            so->remote = *to;
            so->quiet = 1;
            so->state = PD_CONNECTED;
            so->announced = 1;
            return 0;
        }
        error = pd_socket_start(host, so, to);
        if (error)
            return error;
        pd_net_pump(host);
        pd_clock_wake(host);
    }
    error = pd_socket_established(host, so, so->file.nonblock);
    so->announced = !error;
    return error;
}

/* AF_UNSPEC: back to the beginning, by a RST (connect(2)). */
static int disconnect(struct pd_host *host, struct pd_socket *so)
{
    if (so->state == PD_LISTEN)
        end_listener(host, so);
    if (so->conn) {
        mpt_abort(so->conn, host->now);
        mpt_close(so->conn, host->now);
    }
    so->conn = NULL;
    so->state = PD_NEW;
    so->error = so->shut_read = so->shut_write = so->announced = so->quiet = 0;
    pd_net_pump(host);
    return 0;
}

/* AF_UNSPEC is no address but a wish (connect(2)). */
int pd_socket_connect(void *userdata, int fd, const struct sockaddr *sa, socklen_t len)
{
    struct pd_host *host = userdata;
    struct pd_socket *so;
    struct mpt_addr to;
    int error;

    PD_LOCK(host);
    so = pd_fd_socket(host, fd);
    if (!so) {
        PD_UNLOCK(host);
        return -1;
    }
    pd_fd_hold(&so->file);
    if (sa && len >= sizeof sa->sa_family && sa->sa_family == AF_UNSPEC)
        error = disconnect(host, so);
    else
        error = pd_addr_in(so, sa, len, &to);
    if (!error && !(sa->sa_family == AF_UNSPEC))
        error = connect_to(host, so, &to);
    pd_fd_drop(host, &so->file);
    PD_UNLOCK(host);
    return answer(error);
}

/* ---- half a close ---- */

/* A listener that may not read any more is no listener (Linux); the two halves are RFC 9293 3.6's. */
static int shut(struct pd_host *host, struct pd_socket *so, int how)
{
    if (so->state == PD_LISTEN && how != SHUT_WR) {
        end_listener(host, so);
        so->state = PD_NEW;
        return 0;
    }
    if (so->state != PD_CONNECTED || !so->conn)
        return ENOTCONN;
    if (how != SHUT_WR)
        so->shut_read = 1;
    if (how != SHUT_RD) {
        so->shut_write = 1;
        mpt_shutdown(so->conn, host->now);
    }
    return 0;
}

/* Wakes whoever sleeps in read or poll: there is an end now. */
int pd_socket_shutdown(void *userdata, int fd, int how)
{
    struct pd_host *host = userdata;
    struct pd_socket *so;
    int error;

    PD_LOCK(host);
    so = pd_fd_socket(host, fd);
    if (!so)
        error = errno;
    else if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
        error = EINVAL;
    else
        error = shut(host, so, how);
    pd_net_pump(host);
    pd_clock_wake(host);
    PD_UNLOCK(host);
    return answer(error);
}

/* ---- what happened ---- */

/* A clean end leaves the socket as it was: reads give 0, writes EPIPE. An error is told once. */
static void closed(struct pd_socket *so)
{
    struct mpt_conn_info info = { .size = sizeof info };

    mpt_conn_info(so->conn, &info);
    if (info.error)
        so->error = pd_host_errno(info.error);
    if (so->state == PD_CONNECTING || info.error)
        so->state = PD_DEAD;
}

/* Flags of one connection, raised since the last look; a connection may be over before it was ever told of. */
void pd_socket_event(struct pd_host *host, const struct mpt_event *event)
{
    struct pd_socket *so = event->user;

    if (!so) /* closed by close(): what was written is still delivered */
        return;
    if (event->flags & MPT_EV_ACCEPTED) {
        arrive(host, so, event->conn);
        if (!(event->flags & MPT_EV_CLOSED))
            return;
        for (so = so->child; so->sibling; so = so->sibling)
            ;
    }
    if (event->flags & MPT_EV_CONNECTED && so->state == PD_CONNECTING)
        so->state = PD_CONNECTED;
    if (event->flags & MPT_EV_CLOSED)
        closed(so);
    so->file.activity++;
}

/* Linux counts a third of the send buffer as room worth telling. */
static short ready_connected(const struct pd_socket *so)
{
    short mask = 0;
    uint8_t octet;
    int64_t got = so->conn ? mpt_peek(so->conn, &octet, 1) : MPT_EAGAIN;
    int over = so->shut_read || got == 0 || (got < 0 && got != MPT_EAGAIN);

    if (got > 0 || over)
        mask |= POLLIN | POLLRDNORM;
    if (over)
        mask |= POLLRDHUP;
    if (over && so->shut_write)
        mask |= POLLHUP;
    if (so->shut_write || pd_io_room(so) * 3 >= (uint64_t)so->option[PD_OPT_SNDBUF]) /* a third is free */
        mask |= POLLOUT | POLLWRNORM;
    return mask;
}

/* Linux's tcp_poll, from outside: every state has its mask. */
short pd_socket_ready(const struct pd_socket *so)
{
    short mask = so->error ? POLLERR : 0;

    switch (so->state) {
    case PD_LISTEN:
        return so->child ? POLLIN | POLLRDNORM : 0;
    case PD_CONNECTING:
        return mask;
    case PD_NEW:
        return (short)(mask | POLLOUT | POLLWRNORM | POLLHUP);
    case PD_DEAD:
        return (short)(mask | POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLRDHUP | POLLHUP);
    default:
        return (short)(mask | ready_connected(so));
    }
}
