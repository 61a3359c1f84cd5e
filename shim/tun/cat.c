/* SPDX-License-Identifier: MIT */
/* cat.c - standard input and output of a connection (see cat.h). Called by host.c. */
#include "tun/cat.h"

#include "tun/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CAT_BUFFER = 1 << 18 };

/* The first mistake counts. */
static void fail(struct cat *cat, int error, const char *where)
{
    if (cat->error)
        return;
    cat->error = error;
    cat->where = where;
}

/* ---- output --------------------------------------------------------------------------------------- */

/* A write must not stop the clock of the stack. O_NONBLOCK belongs to the open file, which others may share (a shell's
 * terminal, the next command's pipe): a pipe is opened again for ourselves, a file never waits for long, and anything else
 * gets no more at a time than poll(2) promises to be free. */
static void open_output(struct cat *cat)
{
    struct stat st;
    int fd;

    cat->out_fd = STDOUT_FILENO;
    cat->kind = CAT_SLOW;
    if (fstat(STDOUT_FILENO, &st) < 0)
        return;
    if (S_ISREG(st.st_mode)) {
        cat->kind = CAT_FILE;
    } else if (S_ISFIFO(st.st_mode)) {
        fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0) {
            cat->out_fd = fd;
            cat->kind = CAT_PIPE;
        }
    }
}

/* The next command of a pipeline sees its end. Descriptor 1 stays taken, so that nothing else gets that number. */
static void close_output(struct cat *cat)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    tun_watch(cat->sim, cat->out_fd, 0, NULL, NULL);
    if (cat->out_fd != STDOUT_FILENO)
        close(cat->out_fd);
    cat->out_fd = STDOUT_FILENO;
    if (null >= 0) {
        dup2(null, STDOUT_FILENO);
        close(null);
    }
}

static void on_output(void *ctx, int revents, uint64_t now);

/* Only what waits is watched. */
static void watch_output(struct cat *cat)
{
    tun_watch(cat->sim, cat->out_fd, cat->out.len ? POLLOUT : 0, on_output, cat);
}

/* One write: 1 when it may go on, 0 when the output is full. */
static int write_once(struct cat *cat)
{
    size_t n = cat->kind == CAT_SLOW && cat->out.len > PIPE_BUF ? PIPE_BUF : cat->out.len;
    ssize_t put = write(cat->out_fd, cat->out.data + cat->out.at, n);

    if (put < 0 && errno != EAGAIN && errno != EINTR)
        fail(cat, errno, "standard output");
    if (put <= 0)
        return 0;
    cat->out.at += (size_t)put;
    cat->out.len -= (size_t)put;
    return cat->kind != CAT_SLOW;
}

/* There is room: at least for one write. */
static void on_output(void *ctx, int revents, uint64_t now)
{
    struct cat *cat = ctx;

    (void)revents;
    write_once(cat);
    watch_output(cat);
    cat->moved(cat->ctx, now);
}

/* The connection is read when the buffer is empty: its window follows the reader of our output. */
static void take_received(struct cat *cat, uint64_t now)
{
    while (!cat->error) {
        int64_t got;

        while (cat->out.len && cat->kind != CAT_SLOW && write_once(cat))
            ;
        if (cat->out.len || cat->out.end)
            break;
        got = mpt_read(cat->conn, cat->out.data, CAT_BUFFER, now);
        if (got < 0) {
            if (got != MPT_EAGAIN && got != MPT_ENOTCONN)
                fail(cat, (int)got, "connection");
            break;
        }
        cat->out.at = 0;
        cat->out.len = (size_t)got;
        cat->out.octets += (uint64_t)got;
        cat->out.end = got == 0;
        if (cat->out.end && !cat->keep)
            close_output(cat);
    }
    watch_output(cat);
}

/* ---- input ---------------------------------------------------------------------------------------- */

static void on_input(void *ctx, int revents, uint64_t now);

/* Read on when the last octet has gone to the connection. */
static void watch_input(struct cat *cat)
{
    int wanted = cat->conn && !cat->in.len && !cat->in.end && !cat->mute;

    tun_watch(cat->sim, STDIN_FILENO, wanted ? POLLIN : 0, on_input, cat);
}

/* poll(2) said so: this does not wait. */
static void on_input(void *ctx, int revents, uint64_t now)
{
    struct cat *cat = ctx;
    ssize_t got = read(STDIN_FILENO, cat->in.data, CAT_BUFFER);

    (void)revents;
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got < 0)
        fail(cat, errno, "standard input");
    cat->in.at = 0;
    cat->in.len = got > 0 ? (size_t)got : 0;
    cat->in.end = got <= 0;
    cat->moved(cat->ctx, now);
}

/* The end of the input is a half-close: the other direction goes on (RFC 9293 3.6). */
static void give_input(struct cat *cat, uint64_t now)
{
    while (cat->in.len) {
        int64_t put = mpt_write(cat->conn, cat->in.data + cat->in.at, cat->in.len, now);

        if (put < 0) {
            if (put != MPT_EAGAIN)
                fail(cat, (int)put, "connection");
            break;
        }
        cat->in.at += (size_t)put;
        cat->in.len -= (size_t)put;
        cat->in.octets += (uint64_t)put;
    }
    if ((cat->mute ? cat->out.end : cat->in.end && !cat->in.len) && !cat->shut) {
        cat->shut = 1;
        mpt_shutdown(cat->conn, now);
    }
    watch_input(cat);
}

/* ---- both ----------------------------------------------------------------------------------------- */

int cat_init(struct cat *cat, struct sim *sim, void (*moved)(void *ctx, uint64_t now), void *ctx)
{
    memset(cat, 0, sizeof *cat);
    cat->sim = sim;
    cat->moved = moved;
    cat->ctx = ctx;
    cat->in.data = malloc(CAT_BUFFER);
    cat->out.data = malloc(CAT_BUFFER);
    open_output(cat);
    return cat->in.data && cat->out.data ? 0 : -1;
}

void cat_clear(struct cat *cat)
{
    free(cat->in.data);
    free(cat->out.data);
    memset(cat, 0, sizeof *cat);
}

/* The end of the input holds for all connections that follow. */
void cat_attach(struct cat *cat, struct mpt_conn *conn)
{
    cat->conn = conn;
    cat->shut = 0;
    cat->in.at = cat->in.len = cat->out.at = cat->out.len = 0;
    cat->in.octets = cat->out.octets = 0;
    cat->out.end = 0;
    watch_input(cat);
}

void cat_run(struct cat *cat, uint64_t now)
{
    if (!cat->conn)
        return;
    take_received(cat, now);
    if (!cat->shut && !cat->error)
        give_input(cat, now);
}

int cat_received(const struct cat *cat)
{
    return cat->out.end && !cat->out.len;
}
