/* SPDX-License-Identifier: MIT */
/* io.c - reading and writing: the nine calls of the interface over two, pd_io_take and pd_io_give. SIGPIPE is never
 * raised: packetdrill ignores it, and a test could not tell. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

enum { GATHER_MAX = 1 << 26 };

/* An error that waits is told once, by whichever call comes first (socket(7), SO_ERROR). */
static int take_error(struct pd_socket *so)
{
    int error = so->error;

    so->error = 0;
    return error;
}

/* ---- in ---- */

/* Octets now, or -1 with an errno; EAGAIN: none yet. */
static ssize_t take_now(struct pd_host *host, struct pd_socket *so, void *buf, size_t n, int peek)
{
    int64_t r = MPT_EAGAIN;
    int error;

    if (so->state == PD_NEW || so->state == PD_LISTEN) {
        errno = ENOTCONN;
        return -1;
    }
    if (so->conn && so->state != PD_CONNECTING)
        r = peek ? mpt_peek(so->conn, buf, n) : mpt_read(so->conn, buf, n, host->now);
    if (r > 0)
        return r;
    error = take_error(so);
    if (error) {
        errno = error;
        return -1;
    }
    if (so->shut_read || so->state == PD_DEAD || r == 0)
        return 0;
    errno = EAGAIN;
    return -1;
}

/* MSG_WAITALL and blocking: the loop looks again whenever something happened. */
static ssize_t take_all(struct pd_host *host, struct pd_socket *so, uint8_t *buf, size_t n, int flags, int nonblock)
{
    struct pd_wait wait = { host, so->recv_timeout ? host->now + so->recv_timeout : MPT_NEVER, 0 };
    size_t want = flags & MSG_WAITALL ? n : 1, got = 0;
    ssize_t r;

    for (;;) {
        r = so->file.closed ? (errno = EBADF, -1) : take_now(host, so, buf + got, n - got, flags & MSG_PEEK);
        if (r > 0) {
            if (!(flags & MSG_PEEK))
                got += (size_t)r;
            pd_net_pump(host); /* a window update may leave */
            if (got >= want || (flags & MSG_PEEK && (size_t)r >= want))
                break;
        } else if (r == 0 || errno != EAGAIN) {
            break;
        }
        if (nonblock || pd_clock_sleep(&wait) < 0) {
            errno = EAGAIN;
            break;
        }
    }
    pd_clock_done(&wait);
    return got ? (ssize_t)got : r;
}

/* Flags that mean something to other sockets only are refused rather than forgotten. */
ssize_t pd_io_take(struct pd_host *host, struct pd_socket *so, void *buf, size_t n, int flags, int nonblock)
{
    const int known = MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT | MSG_TRUNC | MSG_NOSIGNAL | MSG_CMSG_CLOEXEC;
    ssize_t r;

    if (flags & ~known) {
        errno = flags & MSG_OOB ? EINVAL : EOPNOTSUPP; /* no urgent octet was ever sent */
        return -1;
    }
    if (!n && so->state == PD_CONNECTED)
        return 0;
    pd_fd_hold(&so->file);
    r = take_all(host, so, buf, n, flags, nonblock || flags & MSG_DONTWAIT);
    pd_fd_drop(host, &so->file);
    return r;
}

/* ---- out ---- */

/* The core's buffer is larger than any socket's: SO_SNDBUF is kept here, per socket. */
uint64_t pd_io_room(const struct pd_socket *so)
{
    struct mpt_conn_info info = { .size = sizeof info };
    uint64_t limit = (uint64_t)so->option[PD_OPT_SNDBUF], held;

    if (!so->conn || mpt_conn_info(so->conn, &info) < 0)
        return limit;
    held = info.written - info.acked;
    return held < limit ? limit - held : 0;
}

/* An error that waits comes before everything else, and EPIPE after it. */
static ssize_t give_now(struct pd_host *host, struct pd_socket *so, const void *buf, size_t n)
{
    uint64_t room = pd_io_room(so);
    int error = take_error(so);
    int64_t r;

    if (error) {
        errno = error;
        return -1;
    }
    if (so->state == PD_CONNECTING) {
        errno = EAGAIN;
        return -1;
    }
    if (so->state != PD_CONNECTED || so->shut_write || !so->conn) {
        errno = EPIPE;
        return -1;
    }
    r = room ? mpt_write(so->conn, buf, n < room ? n : (size_t)room, host->now) : MPT_EAGAIN;
    if (r >= 0)
        return r;
    errno = r == MPT_ENOTCONN ? EPIPE : pd_host_errno((int)r);
    return -1;
}

/* A blocking write takes all of it; otherwise what fits (send(2)). */
static ssize_t give_all(struct pd_host *host, struct pd_socket *so, const uint8_t *buf, size_t n, int nonblock)
{
    struct pd_wait wait = { host, so->send_timeout ? host->now + so->send_timeout : MPT_NEVER, 0 };
    size_t put = 0;
    ssize_t r;

    for (;;) {
        r = so->file.closed ? (errno = EBADF, -1) : give_now(host, so, buf + put, n - put);
        if (r > 0) {
            put += (size_t)r;
            pd_net_pump(host);
            pd_clock_wake(host);
        }
        if (put == n || (r < 0 && errno != EAGAIN))
            break;
        if (nonblock || pd_clock_sleep(&wait) < 0) {
            errno = EAGAIN;
            break;
        }
    }
    pd_clock_done(&wait);
    return put || !n ? (ssize_t)put : -1;
}

/* The one way out, for write and its relatives and for splice. */
ssize_t pd_io_give(struct pd_host *host, struct pd_socket *so, const void *buf, size_t n, int nonblock)
{
    struct mpt_addr to = so->remote;
    ssize_t r;

    if (so->quiet) { /* TCP_FASTOPEN_CONNECT: connect() has only remembered where to */
        so->quiet = 0;
        so->state = PD_NEW;
        return pd_socket_fastopen(host, so, &to, buf, n, nonblock);
    }
    pd_fd_hold(&so->file);
    r = give_all(host, so, buf, n, nonblock);
    pd_fd_drop(host, &so->file);
    return r;
}

/* ---- scattered ---- */

/* Octets of an iovec, or -1 and EINVAL. */
static ssize_t total(const struct iovec *iov, size_t count)
{
    size_t n = 0;

    if (count > 1024)
        n = SIZE_MAX;
    for (size_t i = 0; i < count && n <= GATHER_MAX; i++)
        n += iov[i].iov_len > GATHER_MAX ? GATHER_MAX + 1 : iov[i].iov_len;
    if (n <= GATHER_MAX)
        return (ssize_t)n;
    errno = EINVAL;
    return -1;
}

/* One end of a copy: to or from the pieces. */
static void spread(const struct iovec *iov, uint8_t *flat, size_t n, int out)
{
    for (size_t at = 0; at < n; iov++) {
        size_t m = iov->iov_len < n - at ? iov->iov_len : n - at;

        if (m && out)
            memcpy(iov->iov_base, flat + at, m);
        else if (m)
            memcpy(flat + at, iov->iov_base, m);
        at += m;
    }
}

/* read and readv go to pipes, too. */
static ssize_t take_file(struct pd_host *host, struct pd_file *file, void *buf, size_t n, int flags)
{
    if (file->kind == PD_SOCKET)
        return pd_io_take(host, (struct pd_socket *)(void *)file, buf, n, flags, file->nonblock);
    if (file->kind == PD_PIPE)
        return pd_pipe_take(host, file, buf, n, file->nonblock);
    errno = EINVAL;
    return -1;
}

/* MSG_MORE is a hint; MSG_ZEROCOPY promises nothing that a copy would break. */
static ssize_t give_file(struct pd_host *host, struct pd_file *file, const void *buf, size_t n, int flags)
{
    const int known = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE | MSG_FASTOPEN | MSG_EOR | MSG_ZEROCOPY;

    if (flags & ~known) {
        errno = EOPNOTSUPP;
        return -1;
    }
    if (file->kind == PD_SOCKET)
        return pd_io_give(host, (struct pd_socket *)(void *)file, buf, n, file->nonblock || flags & MSG_DONTWAIT);
    if (file->kind == PD_PIPE)
        return pd_pipe_give(host, file, buf, n, file->nonblock);
    errno = EINVAL;
    return -1;
}

/* socket: 1 for the calls that only sockets have. */
static ssize_t take_iov(struct pd_host *host, int fd, const struct iovec *iov, size_t count, int flags, int socket)
{
    ssize_t n = total(iov, count), r = -1;
    struct pd_file *file;
    uint8_t *flat = n >= 0 ? malloc((size_t)n + 1) : NULL;

    if (!flat)
        return -1;
    PD_LOCK(host);
    file = socket ? (struct pd_file *)(void *)pd_fd_socket(host, fd) : pd_fd_get(host, fd);
    if (file)
        r = take_file(host, file, flat, (size_t)n, flags);
    PD_UNLOCK(host);
    if (r > 0)
        spread(iov, flat, (size_t)r, 1);
    free(flat);
    return r;
}

/* A socket that is not connected may be by the same call. 0: go on as usual, an errno, or -1: done, *r is the answer. */
static int begin(struct pd_host *host, struct pd_socket *so, const uint8_t *buf, size_t n, int flags,
                 const struct sockaddr *to, socklen_t len, ssize_t *r)
{
    struct mpt_addr addr;
    int error;

    if (!(flags & MSG_FASTOPEN))
        return to && so->state == PD_CONNECTED ? EISCONN : 0;
    if (so->state == PD_CONNECTED || so->state == PD_LISTEN)
        return EISCONN;
    if (so->state == PD_CONNECTING)
        return EALREADY;
    if (!to)
        return EDESTADDRREQ;
    error = pd_addr_in(so, to, len, &addr);
    if (error)
        return error;
    pd_fd_hold(&so->file);
    *r = pd_socket_fastopen(host, so, &addr, buf, n, so->file.nonblock || flags & MSG_DONTWAIT);
    pd_fd_drop(host, &so->file);
    return -1;
}

/* Flat first: the pieces are the caller's, and the lock is held as short as possible. */
static ssize_t give_iov(struct pd_host *host, int fd, const struct iovec *iov, size_t count, int flags, int socket,
                        const struct sockaddr *to, socklen_t len)
{
    ssize_t n = total(iov, count), r = -1;
    struct pd_file *file;
    uint8_t *flat = n >= 0 ? malloc((size_t)n + 1) : NULL;
    int error = 0;

    if (!flat)
        return -1;
    spread(iov, flat, (size_t)n, 0);
    PD_LOCK(host);
    file = socket ? (struct pd_file *)(void *)pd_fd_socket(host, fd) : pd_fd_get(host, fd);
    if (file && file->kind == PD_SOCKET)
        error = begin(host, (struct pd_socket *)(void *)file, flat, (size_t)n, flags, to, len, &r);
    if (file && !error)
        r = give_file(host, file, flat, (size_t)n, flags);
    if (error > 0)
        errno = error;
    PD_UNLOCK(host);
    free(flat);
    return r;
}

/* ---- the calls ---- */

ssize_t pd_io_read(void *userdata, int fd, void *buf, size_t n)
{
    struct iovec iov = { buf, n };

    return take_iov(userdata, fd, &iov, 1, 0, 0);
}

ssize_t pd_io_readv(void *userdata, int fd, const struct iovec *iov, int count)
{
    return take_iov(userdata, fd, iov, count < 0 ? SIZE_MAX : (size_t)count, 0, 0);
}

ssize_t pd_io_recv(void *userdata, int fd, void *buf, size_t n, int flags)
{
    struct iovec iov = { buf, n };

    return take_iov(userdata, fd, &iov, 1, flags, 1);
}

/* A stream has no sender's address: the length says so (recv(2)). */
ssize_t pd_io_recvfrom(void *userdata, int fd, void *buf, size_t n, int flags, struct sockaddr *from, socklen_t *len)
{
    if (from && len)
        *len = 0;
    return pd_io_recv(userdata, fd, buf, n, flags);
}

ssize_t pd_io_recvmsg(void *userdata, int fd, struct msghdr *msg, int flags)
{
    ssize_t r = take_iov(userdata, fd, msg->msg_iov, msg->msg_iovlen, flags, 1);

    if (r >= 0) {
        msg->msg_namelen = 0;
        msg->msg_controllen = 0;
        msg->msg_flags = 0;
    }
    return r;
}

ssize_t pd_io_write(void *userdata, int fd, const void *buf, size_t n)
{
    struct iovec iov = { (void *)(uintptr_t)buf, n };

    return give_iov(userdata, fd, &iov, 1, 0, 0, NULL, 0);
}

ssize_t pd_io_writev(void *userdata, int fd, const struct iovec *iov, int count)
{
    return give_iov(userdata, fd, iov, count < 0 ? SIZE_MAX : (size_t)count, 0, 0, NULL, 0);
}

ssize_t pd_io_send(void *userdata, int fd, const void *buf, size_t n, int flags)
{
    return pd_io_sendto(userdata, fd, buf, n, flags, NULL, 0);
}

ssize_t pd_io_sendto(void *userdata, int fd, const void *buf, size_t n, int flags, const struct sockaddr *to,
                     socklen_t len)
{
    struct iovec iov = { (void *)(uintptr_t)buf, n };

    return give_iov(userdata, fd, &iov, 1, flags, 1, to, len);
}

ssize_t pd_io_sendmsg(void *userdata, int fd, const struct msghdr *msg, int flags)
{
    return give_iov(userdata, fd, msg->msg_iov, msg->msg_iovlen, flags, 1, msg->msg_name, msg->msg_namelen);
}
