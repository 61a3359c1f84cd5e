/* SPDX-License-Identifier: MIT */
/* fd.c - descriptors: numbers that are real (of /dev/null, because packetdrill's clean-up calls libc's close on them)
 * and what they stand for here; fcntl, ioctl, close. */
#include "host.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A number that libc has given again was closed behind our back: what it stood for is over. */
int pd_fd_add(struct pd_host *host, struct pd_file *file)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return -1;
    if (fd >= PD_FDS) {
        close(fd);
        errno = EMFILE;
        return -1;
    }
    if (host->file[fd]) {
        host->file[fd]->closed = 1;
        host->file[fd]->fd = -1;
        pd_fd_drop(host, host->file[fd]);
    }
    host->file[fd] = file;
    file->fd = fd;
    return fd;
}

/* Every call begins here: a number that nobody opened is EBADF. */
struct pd_file *pd_fd_get(struct pd_host *host, int fd)
{
    if (fd >= 0 && fd < PD_FDS && host->file[fd])
        return host->file[fd];
    errno = EBADF;
    return NULL;
}

/* For calls that only sockets have (socket(7)): the others are ENOTSOCK. */
struct pd_socket *pd_fd_socket(struct pd_host *host, int fd)
{
    struct pd_file *file = pd_fd_get(host, fd);

    if (file && file->kind != PD_SOCKET) {
        errno = ENOTSOCK;
        return NULL;
    }
    return (struct pd_socket *)(void *)file;
}

/* A call that may sleep keeps what it works on: another thread may close it meanwhile, as in Linux. */
void pd_fd_hold(struct pd_file *file)
{
    file->users++;
}

/* Also called for a file that nobody holds. */
void pd_fd_drop(struct pd_host *host, struct pd_file *file)
{
    if (file->users)
        file->users--;
    if (!file->closed || file->users)
        return;
    pd_epoll_forget(host, file);
    switch (file->kind) {
    case PD_SOCKET:
        pd_socket_release(host, (struct pd_socket *)(void *)file);
        break;
    case PD_PIPE:
        pd_pipe_close(host, file);
        break;
    case PD_EPOLL:
        pd_epoll_free(file);
        break;
    }
    pd_net_pump(host);
    pd_clock_wake(host);
}

/* One question for poll and epoll, whatever the kind. */
short pd_fd_ready(struct pd_host *host, struct pd_file *file)
{
    switch (file->kind) {
    case PD_SOCKET:
        return pd_socket_ready((struct pd_socket *)(void *)file);
    case PD_PIPE:
        return pd_pipe_ready(file);
    default:
        return pd_epoll_ready(host, file);
    }
}

/* The number goes back to libc at once, the object when the last call has left it. */
int pd_fd_close(void *userdata, int fd)
{
    struct pd_host *host = userdata;
    struct pd_file *file;

    PD_LOCK(host);
    file = pd_fd_get(host, fd);
    if (file) {
        host->file[fd] = NULL;
        file->fd = -1;
        file->closed = 1;
        close(fd);
        pd_fd_drop(host, file);
    }
    PD_UNLOCK(host);
    return file ? 0 : -1;
}

/* O_NONBLOCK is the only status flag that can change; access mode is that of /dev/null. */
static int control(struct pd_file *file, int command, int arg)
{
    switch (command) {
    case F_GETFL:
        return O_RDWR | (file->nonblock ? O_NONBLOCK : 0);
    case F_SETFL:
        file->nonblock = (arg & O_NONBLOCK) != 0;
        return 0;
    case F_GETFD:
        return file->close_on_exec;
    case F_SETFD:
        file->close_on_exec = arg & FD_CLOEXEC;
        return 0;
    default:
        errno = EINVAL;
        return -1;
    }
}

/* The third argument is read only for commands that have one (fcntl(2)). */
int pd_fd_fcntl(void *userdata, int fd, int command, ...)
{
    struct pd_host *host = userdata;
    struct pd_file *file;
    va_list ap;
    int arg = 0, r = -1;

    va_start(ap, command);
    if (command == F_SETFL || command == F_SETFD)
        arg = va_arg(ap, int);
    va_end(ap);
    PD_LOCK(host);
    file = pd_fd_get(host, fd);
    if (file)
        r = control(file, command, arg);
    PD_UNLOCK(host);
    return r;
}

/* SIOCINQ: in order and not read; what waits behind a hole does not count (tcp(7)). */
static int readable_octets(const struct pd_socket *so)
{
    struct mpt_conn_info info = { .size = sizeof info };

    if (!so->conn || mpt_conn_info(so->conn, &info) < 0)
        return 0;
    return (int)(info.received - info.read);
}

/* not_sent: only what has never been on the wire (SIOCOUTQNSD). */
static int unsent_octets(const struct pd_socket *so, int not_sent)
{
    struct mpt_conn_info info = { .size = sizeof info };

    if (!so->conn || mpt_conn_info(so->conn, &info) < 0)
        return 0;
    return (int)(info.written - (not_sent ? info.sent : info.acked));
}

/* The three of tcp(7). */
static int socket_ioctl(const struct pd_socket *so, unsigned long request, int *arg)
{
    if (so->state == PD_LISTEN && request != FIONBIO) {
        errno = EINVAL; /* as Linux: a listener has no queue of octets */
        return -1;
    }
    switch (request) {
    case SIOCINQ: /* FIONREAD */
        *arg = readable_octets(so);
        return 0;
    case SIOCOUTQ: /* TIOCOUTQ */
        *arg = unsent_octets(so, 0);
        return 0;
    case SIOCOUTQNSD:
        *arg = unsent_octets(so, 1);
        return 0;
    default:
        errno = ENOTTY;
        return -1;
    }
}

/* FIONBIO is of every kind, the rest is not. */
static int request_of(struct pd_file *file, unsigned long request, int *arg)
{
    if (!arg) {
        errno = EFAULT;
        return -1;
    }
    if (request == FIONBIO) {
        file->nonblock = *arg != 0;
        return 0;
    }
    if (file->kind == PD_SOCKET)
        return socket_ioctl((struct pd_socket *)(void *)file, request, arg);
    if (file->kind == PD_PIPE && request == FIONREAD) {
        *arg = (int)pd_pipe_held(file);
        return 0;
    }
    errno = ENOTTY;
    return -1;
}

int pd_fd_ioctl(void *userdata, int fd, unsigned long request, ...)
{
    struct pd_host *host = userdata;
    struct pd_file *file;
    va_list ap;
    int *arg, r = -1;

    va_start(ap, request);
    arg = va_arg(ap, int *);
    va_end(ap);
    PD_LOCK(host);
    file = pd_fd_get(host, fd);
    if (file)
        r = request_of(file, request, arg);
    PD_UNLOCK(host);
    return r;
}
