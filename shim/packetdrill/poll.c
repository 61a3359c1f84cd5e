/* SPDX-License-Identifier: MIT */
/* poll.c - poll(2) in virtual time. */
#include "host.h"

/* Errors and hang-ups are told whether asked for or not. */
static int look(struct pd_host *host, struct pollfd *fds, nfds_t n)
{
    int ready = 0;

    for (nfds_t i = 0; i < n; i++) {
        struct pd_file *file = fds[i].fd >= 0 && fds[i].fd < PD_FDS ? host->file[fds[i].fd] : NULL;

        fds[i].revents = 0;
        if (fds[i].fd < 0)
            continue;
        fds[i].revents = file ? pd_fd_ready(host, file) & (fds[i].events | POLLERR | POLLHUP) : POLLNVAL;
        ready += fds[i].revents != 0;
    }
    return ready;
}

int pd_poll_poll(void *userdata, struct pollfd *fds, nfds_t n, int timeout)
{
    struct pd_host *host = userdata;
    struct pd_wait wait = { host, MPT_NEVER, 0 };
    int ready;

    if (n > PD_FDS) {
        errno = EINVAL;
        return -1;
    }
    PD_LOCK(host);
    if (timeout >= 0)
        wait.until = host->now + (uint64_t)timeout * PD_MS;
    while ((ready = look(host, fds, n)) == 0 && pd_clock_sleep(&wait) == 0)
        ;
    pd_clock_done(&wait);
    PD_UNLOCK(host);
    return ready;
}
