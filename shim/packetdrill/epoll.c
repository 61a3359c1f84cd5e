/* SPDX-License-Identifier: MIT */
/* epoll.c - epoll(7): level- and edge-triggered, one-shot. An edge is anything that happened to the file since it was
 * told of last (pd_file.activity), or a mask that it did not have then. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

enum { WATCHES = 64 };

struct watch {
    struct pd_file *file;     /* NULL: free */
    struct epoll_event event; /* as asked for; events 0 after EPOLLONESHOT */
    uint32_t activity;        /* of the file when told last */
    short told;               /* mask when told last */
};

struct epoll {
    struct pd_file file;
    struct watch watch[WATCHES];
};

/* Another kind of file is EINVAL, not EBADF (epoll_ctl(2)). */
static struct epoll *epoll_of(struct pd_host *host, int fd)
{
    struct pd_file *file = pd_fd_get(host, fd);

    if (file && file->kind != PD_EPOLL) {
        errno = EINVAL;
        return NULL;
    }
    return (struct epoll *)(void *)file;
}

/* size is a relic, but must be positive. */
int pd_epoll_create(void *userdata, int size)
{
    struct pd_host *host = userdata;
    struct epoll *ep;
    int fd = -1;

    if (size <= 0) {
        errno = EINVAL;
        return -1;
    }
    ep = calloc(1, sizeof *ep);
    if (!ep)
        return -1;
    ep->file.kind = PD_EPOLL;
    PD_LOCK(host);
    fd = pd_fd_add(host, &ep->file);
    PD_UNLOCK(host);
    if (fd < 0)
        free(ep);
    return fd;
}

/* file NULL finds a free place. */
static struct watch *find(struct epoll *ep, const struct pd_file *file)
{
    for (int i = 0; i < WATCHES; i++)
        if (ep->watch[i].file == file)
            return &ep->watch[i];
    return NULL;
}

/* The errors of epoll_ctl(2), in its order. */
static int change(struct epoll *ep, int op, struct pd_file *file, const struct epoll_event *event)
{
    struct watch *w = find(ep, file);

    if (op != EPOLL_CTL_ADD && op != EPOLL_CTL_MOD && op != EPOLL_CTL_DEL)
        return EINVAL;
    if (file == &ep->file)
        return EINVAL;
    if (op == EPOLL_CTL_ADD && w)
        return EEXIST;
    if (op != EPOLL_CTL_ADD && !w)
        return ENOENT;
    if (op == EPOLL_CTL_DEL) {
        w->file = NULL;
        return 0;
    }
    if (!event)
        return EFAULT;
    if (!w)
        w = find(ep, NULL);
    if (!w)
        return ENOSPC;
    w->file = file;
    w->event = *event;
    w->told = 0;
    w->activity = file->activity - 1; /* what is there already is told */
    return 0;
}

/* A new watch may find something ready that a sleeper waits for. */
int pd_epoll_ctl(void *userdata, int epfd, int op, int fd, struct epoll_event *event)
{
    struct pd_host *host = userdata;
    struct epoll *ep;
    struct pd_file *file;
    int error;

    PD_LOCK(host);
    file = pd_fd_get(host, fd);
    ep = file ? epoll_of(host, epfd) : NULL;
    error = ep ? change(ep, op, file, event) : errno;
    if (!error)
        pd_clock_wake(host);
    PD_UNLOCK(host);
    if (!error)
        return 0;
    errno = error;
    return -1;
}

/* The mask to tell now, 0: nothing. A file that was closed leaves by itself. */
static short mask_of(struct pd_host *host, struct watch *w)
{
    short mask;

    if (w->file && w->file->fd < 0)
        w->file = NULL;
    if (!w->file || !(w->event.events & ~(uint32_t)(EPOLLET | EPOLLONESHOT)))
        return 0;
    mask = (short)(pd_fd_ready(host, w->file) & (short)((w->event.events & 0xffff) | POLLERR | POLLHUP));
    if (w->event.events & EPOLLET && w->activity == w->file->activity && !(mask & ~w->told)) {
        w->told &= mask;
        return 0;
    }
    return mask;
}

/* Told once is told: edge and one-shot are settled here. */
static int collect(struct pd_host *host, struct epoll *ep, struct epoll_event *events, int room)
{
    int n = 0;

    for (int i = 0; i < WATCHES && n < room; i++) {
        struct watch *w = &ep->watch[i];
        short mask = mask_of(host, w);

        if (!mask)
            continue;
        events[n].events = (uint32_t)(unsigned short)mask;
        events[n++].data = w->event.data;
        w->told = mask;
        w->activity = w->file->activity;
        if (w->event.events & EPOLLONESHOT)
            w->event.events = 0;
    }
    return n;
}

/* The time-out is virtual. */
int pd_epoll_wait(void *userdata, int epfd, struct epoll_event *events, int room, int timeout)
{
    struct pd_host *host = userdata;
    struct pd_wait wait = { host, MPT_NEVER, 0 };
    struct epoll *ep;
    int n = -1;

    PD_LOCK(host);
    ep = epoll_of(host, epfd);
    if (ep && room <= 0) {
        errno = EINVAL;
        ep = NULL;
    }
    if (ep) {
        pd_fd_hold(&ep->file);
        if (timeout >= 0)
            wait.until = host->now + (uint64_t)timeout * PD_MS;
        while ((n = collect(host, ep, events, room)) == 0 && pd_clock_sleep(&wait) == 0)
            ;
        pd_clock_done(&wait);
        pd_fd_drop(host, &ep->file);
    }
    PD_UNLOCK(host);
    return n;
}

void pd_epoll_free(struct pd_file *file)
{
    free((struct epoll *)(void *)file);
}

/* An epoll descriptor can be polled itself. */
short pd_epoll_ready(struct pd_host *host, struct pd_file *file)
{
    struct epoll *ep = (struct epoll *)(void *)file;

    for (int i = 0; i < WATCHES; i++)
        if (mask_of(host, &ep->watch[i]))
            return POLLIN | POLLRDNORM;
    return 0;
}

/* No epoll may keep what is about to be freed. */
void pd_epoll_forget(struct pd_host *host, const struct pd_file *file)
{
    for (int i = 0; i < PD_FDS; i++)
        if (host->file[i] && host->file[i]->kind == PD_EPOLL) {
            struct watch *w = find((struct epoll *)(void *)host->file[i], file);

            if (w)
                w->file = NULL;
        }
}
