/* SPDX-License-Identifier: MIT */
/* interface.h - what packetdrill asks of a shared object (`--so_filename`): one function that fills a table.
 *
 * The order of the members and their signatures are packetdrill's binary interface; nothing may be moved. Each
 * function takes `userdata` first and is otherwise the libc call of its name: -1 and errno on failure. */
#ifndef PACKETDRILL_INTERFACE_H
#define PACKETDRILL_INTERFACE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* loff_t, splice flags */
#endif
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>

struct packetdrill_interface {
    void *userdata; /* struct pd_host */
    void (*free)(void *userdata);
    int (*socket)(void *userdata, int domain, int type, int protocol);
    int (*bind)(void *userdata, int fd, const struct sockaddr *addr, socklen_t len);
    int (*listen)(void *userdata, int fd, int backlog);
    int (*accept)(void *userdata, int fd, struct sockaddr *addr, socklen_t *len);
    int (*connect)(void *userdata, int fd, const struct sockaddr *addr, socklen_t len);
    ssize_t (*read)(void *userdata, int fd, void *buf, size_t n);
    ssize_t (*readv)(void *userdata, int fd, const struct iovec *iov, int count);
    ssize_t (*recv)(void *userdata, int fd, void *buf, size_t n, int flags);
    ssize_t (*recvfrom)(void *userdata, int fd, void *buf, size_t n, int flags, struct sockaddr *from,
                        socklen_t *len);
    ssize_t (*recvmsg)(void *userdata, int fd, struct msghdr *msg, int flags);
    ssize_t (*write)(void *userdata, int fd, const void *buf, size_t n);
    ssize_t (*writev)(void *userdata, int fd, const struct iovec *iov, int count);
    ssize_t (*send)(void *userdata, int fd, const void *buf, size_t n, int flags);
    ssize_t (*sendto)(void *userdata, int fd, const void *buf, size_t n, int flags, const struct sockaddr *to,
                      socklen_t len);
    ssize_t (*sendmsg)(void *userdata, int fd, const struct msghdr *msg, int flags);
    int (*fcntl)(void *userdata, int fd, int command, ...);
    int (*ioctl)(void *userdata, int fd, unsigned long request, ...);
    int (*close)(void *userdata, int fd);
    int (*shutdown)(void *userdata, int fd, int how);
    int (*getsockopt)(void *userdata, int fd, int level, int name, void *value, socklen_t *len);
    int (*setsockopt)(void *userdata, int fd, int level, int name, const void *value, socklen_t len);
    int (*poll)(void *userdata, struct pollfd *fds, nfds_t n, int timeout);
    /* an IP packet into the stack; 0 or -1 */
    int (*netdev_send)(void *userdata, const void *buf, size_t count);
    /* the next one out of it, and when it left; *count in: room, out: octets, 0 = there is none */
    int (*netdev_receive)(void *userdata, void *buf, size_t *count, long long *time_usecs);
    int (*usleep)(void *userdata, useconds_t usecs);
    int (*gettimeofday)(void *userdata, struct timeval *tv, struct timezone *tz);
    int (*epoll_create)(void *userdata, int size);
    int (*epoll_ctl)(void *userdata, int epfd, int op, int fd, struct epoll_event *event);
    int (*epoll_wait)(void *userdata, int epfd, struct epoll_event *events, int room, int timeout);
    int (*pipe)(void *userdata, int fd[2]);
    int (*splice)(void *userdata, int in, loff_t *in_at, int out, loff_t *out_at, size_t n, unsigned flags);
};

/* flags: `--so_flags`, "key=value,key=value": see README.md. A mistake in them is told on stderr and ends the
 * process: packetdrill gives no way to report it. */
void packetdrill_interface_init(const char *flags, struct packetdrill_interface *interface);

#endif
