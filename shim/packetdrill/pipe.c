/* SPDX-License-Identifier: MIT */
/* pipe.c - pipe(2) in memory, and splice(2) between a pipe and a socket. Octets are copied: what splice saves in a
 * kernel is nothing here, what it promises is kept. */
#include "host.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 65536 }; /* pipe(7) */

struct pipe {
    size_t head, count; /* ring */
    int ends[2];        /* readers, writers that are open */
    uint8_t data[ROOM];
};

struct end {
    struct pd_file file;
    struct pipe *pipe;
    int writes;         /* 1: the writing end */
};

static struct end *end_of(struct pd_file *file)
{
    return (struct end *)(void *)file;
}

/* fd[0] reads, fd[1] writes. */
static int make_ends(struct pd_host *host, int fd[2], struct pipe *pipe, struct end *end[2])
{
    for (int i = 0; i < 2; i++) {
        end[i]->file.kind = PD_PIPE;
        end[i]->file.fd = -1;
        end[i]->pipe = pipe;
        end[i]->writes = i;
    }
    pipe->ends[0] = pipe->ends[1] = 1;
    fd[0] = pd_fd_add(host, &end[0]->file);
    if (fd[0] < 0)
        return -1;
    fd[1] = pd_fd_add(host, &end[1]->file);
    if (fd[1] >= 0)
        return 0;
    host->file[fd[0]] = NULL; /* the number is lost, the memory is not */
    return -1;
}

int pd_pipe_pipe(void *userdata, int fd[2])
{
    struct pd_host *host = userdata;
    struct end *end[2] = { calloc(1, sizeof *end[0]), calloc(1, sizeof *end[1]) };
    struct pipe *pipe = calloc(1, sizeof *pipe);
    int r = -1;

    if (end[0] && end[1] && pipe) {
        PD_LOCK(host);
        r = make_ends(host, fd, pipe, end);
        PD_UNLOCK(host);
    }
    if (r < 0) {
        free(end[0]);
        free(end[1]);
        free(pipe);
    }
    return r;
}

/* The memory lives as long as one end. */
void pd_pipe_close(struct pd_host *host, struct pd_file *file)
{
    struct end *end = end_of(file);
    struct pipe *pipe = end->pipe;

    (void)host;
    pipe->ends[end->writes] = 0;
    if (!pipe->ends[0] && !pipe->ends[1])
        free(pipe);
    free(end);
}

size_t pd_pipe_held(const struct pd_file *file)
{
    return ((const struct end *)(const void *)file)->pipe->count;
}

/* POLLERR of a writer without reader, POLLHUP of a reader without writer (poll(2)). */
short pd_pipe_ready(const struct pd_file *file)
{
    const struct end *end = (const struct end *)(const void *)file;
    const struct pipe *pipe = end->pipe;
    short mask = 0;

    if (end->writes) {
        mask |= pipe->count < ROOM ? POLLOUT | POLLWRNORM : 0;
        return (short)(mask | (pipe->ends[0] ? 0 : POLLERR));
    }
    mask |= pipe->count ? POLLIN | POLLRDNORM : 0;
    return (short)(mask | (pipe->ends[1] ? 0 : POLLHUP));
}

/* Octets leave in order; the ring never moves them. */
static size_t copy_out(struct pipe *pipe, uint8_t *to, size_t n)
{
    n = n < pipe->count ? n : pipe->count;
    for (size_t i = 0; i < n; i++)
        to[i] = pipe->data[(pipe->head + i) % ROOM];
    pipe->head = (pipe->head + n) % ROOM;
    pipe->count -= n;
    return n;
}

static size_t copy_in(struct pipe *pipe, const uint8_t *from, size_t n)
{
    n = n < ROOM - pipe->count ? n : ROOM - pipe->count;
    for (size_t i = 0; i < n; i++)
        pipe->data[(pipe->head + pipe->count + i) % ROOM] = from[i];
    pipe->count += n;
    return n;
}

/* 0 is the end: empty, and nobody can write any more. */
ssize_t pd_pipe_take(struct pd_host *host, struct pd_file *file, void *buf, size_t n, int nonblock)
{
    struct pd_wait wait = { host, MPT_NEVER, 0 };
    struct end *end = end_of(file);
    ssize_t r = 0;

    if (end->writes) {
        errno = EBADF;
        return -1;
    }
    pd_fd_hold(file);
    while (n && !(r = (ssize_t)copy_out(end->pipe, buf, n)) && end->pipe->ends[1]) {
        if (!nonblock && pd_clock_sleep(&wait) == 0)
            continue;
        errno = EAGAIN;
        r = -1;
        break;
    }
    pd_clock_done(&wait);
    file->activity++;
    pd_clock_wake(host);
    pd_fd_drop(host, file);
    return r;
}

/* EPIPE as soon as nobody can read; all or what fits, as pipe(7) has it for large writes. */
ssize_t pd_pipe_give(struct pd_host *host, struct pd_file *file, const void *buf, size_t n, int nonblock)
{
    struct pd_wait wait = { host, MPT_NEVER, 0 };
    struct end *end = end_of(file);
    size_t put = 0;
    int error = end->writes ? 0 : EBADF;

    pd_fd_hold(file);
    while (!error && put < n) {
        size_t m = end->pipe->ends[0] ? copy_in(end->pipe, (const uint8_t *)buf + put, n - put) : 0;

        put += m;
        if (m)
            pd_clock_wake(host);
        if (!end->pipe->ends[0])
            error = EPIPE;
        else if (put < n && (nonblock || pd_clock_sleep(&wait) < 0))
            error = EAGAIN;
    }
    pd_clock_done(&wait);
    file->activity++;
    pd_fd_drop(host, file);
    if (put || !error)
        return (ssize_t)put;
    errno = error;
    return -1;
}

/* Octets move once: from the pipe only as many as the socket takes, from the socket only as many as the pipe holds. */
static ssize_t to_socket(struct pd_host *host, struct end *from, struct pd_socket *so, size_t n, int nonblock)
{
    uint8_t *flat;
    ssize_t got, put;

    n = n < ROOM ? n : ROOM;
    flat = malloc(n + 1);
    if (!flat)
        return -1;
    got = pd_pipe_take(host, &from->file, flat, n, nonblock || from->file.nonblock);
    put = got > 0 ? pd_io_give(host, so, flat, (size_t)got, nonblock || so->file.nonblock) : got;
    if (got > 0 && put < got) { /* what was not taken goes back to the front */
        size_t back = (size_t)(got - (put > 0 ? put : 0));

        from->pipe->head = (from->pipe->head + ROOM - back) % ROOM;
        from->pipe->count += back;
    }
    free(flat);
    return put;
}

/* Never more than the pipe has room for: nothing may be lost between the two. */
static ssize_t from_socket(struct pd_host *host, struct pd_socket *so, struct end *to, size_t n, int nonblock)
{
    size_t room = ROOM - to->pipe->count;
    uint8_t *flat;
    ssize_t got;

    n = n < room ? n : room;
    if (!n) {
        errno = EAGAIN;
        return -1;
    }
    flat = malloc(n);
    if (!flat)
        return -1;
    got = pd_io_take(host, so, flat, n, 0, nonblock || so->file.nonblock);
    if (got > 0)
        copy_in(to->pipe, flat, (size_t)got);
    to->file.activity++;
    pd_clock_wake(host);
    free(flat);
    return got;
}

/* Either end must be a pipe, and a pipe has no offset (splice(2)). */
static ssize_t splice_files(struct pd_host *host, struct pd_file *in, struct pd_file *out, size_t n, int nonblock)
{
    if (in->kind == PD_PIPE && out->kind == PD_SOCKET && !end_of(in)->writes)
        return to_socket(host, end_of(in), (struct pd_socket *)(void *)out, n, nonblock);
    if (in->kind == PD_SOCKET && out->kind == PD_PIPE && end_of(out)->writes)
        return from_socket(host, (struct pd_socket *)(void *)in, end_of(out), n, nonblock);
    errno = in->kind == PD_PIPE || out->kind == PD_PIPE ? EBADF : EINVAL;
    return -1;
}

int pd_pipe_splice(void *userdata, int in, loff_t *in_at, int out, loff_t *out_at, size_t n, unsigned flags)
{
    struct pd_host *host = userdata;
    struct pd_file *from, *to;
    ssize_t r = -1;

    PD_LOCK(host);
    from = pd_fd_get(host, in);
    to = from ? pd_fd_get(host, out) : NULL;
    if (to && (in_at || out_at)) {
        errno = ESPIPE;
    } else if (to) {
        pd_fd_hold(from);
        pd_fd_hold(to);
        r = splice_files(host, from, to, n, (flags & SPLICE_F_NONBLOCK) != 0);
        pd_fd_drop(host, from);
        pd_fd_drop(host, to);
    }
    PD_UNLOCK(host);
    return (int)r;
}
