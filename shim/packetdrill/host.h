/* SPDX-License-Identifier: MIT */
/* host.h - one libmpt stack under virtual time, seen through sockets: what the files of this folder share.
 *
 * Two threads may be inside: packetdrill's main thread, which owns the time, and the one that sits in a blocking call
 * (packetdrill sees it sleep in /proc). A third serves the stand-ins for ip, sysctl and nstat. One lock around all. */
#ifndef PACKETDRILL_HOST_H
#define PACKETDRILL_HOST_H

#include "interface.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>

#include "../ip.h"
#include "../rng.h"

enum { PD_FDS = 1024, PD_OPTIONS = 40, PD_ENDPOINTS = 16, PD_SYSCTLS = 64 };
enum { PD_HEADROOM = 40, PD_PACKET_MAX = 65575 };
#define PD_MS UINT64_C(1000000)
#define PD_SECOND UINT64_C(1000000000)
#define PD_IPPROTO_MPTCP 262

/* ---- descriptors ---- */

enum pd_kind { PD_SOCKET, PD_PIPE, PD_EPOLL };

/* What a descriptor stands for; first member of the three. The number itself is a real one, of /dev/null. */
struct pd_file {
    enum pd_kind kind;
    int fd;            /* -1: not in the table (yet, or any more) */
    int nonblock;      /* O_NONBLOCK */
    int close_on_exec; /* FD_CLOEXEC, kept for F_GETFD only */
    int closed;        /* freed when nobody is inside any more */
    unsigned users;    /* calls that are inside */
    uint32_t activity; /* counts what happened: edge-triggered epoll */
};

enum pd_state { PD_NEW, PD_LISTEN, PD_CONNECTING, PD_CONNECTED, PD_DEAD };

struct pd_socket {
    struct pd_file file;
    struct pd_socket *next;        /* all sockets of the host */
    enum pd_state state;
    int family;                    /* AF_INET, AF_INET6: of the socket, not of its packets */
    int protocol;                  /* IPPROTO_TCP or PD_IPPROTO_MPTCP */
    int bound;                     /* local.port is ours */
    int error;                     /* errno of SO_ERROR, told once */
    int announced;                 /* the success of connect was told */
    int shut_read, shut_write;     /* shutdown() */
    int backlog;                   /* of listen() */
    int waiting;                   /* children in the queue */
    int quiet;                     /* connect waits for the first data: TCP_FASTOPEN_CONNECT */
    int fast;                      /* its SYN asks for a cookie, or has one (RFC 7413) */
    struct mpt_addr local, remote; /* family 0: not known, or every address */
    struct mpt_conn *conn;         /* NULL: none */
    struct pd_socket *child;       /* listener: established, not accepted; oldest first */
    struct pd_socket *sibling;     /* the next in that queue */
    int option[PD_OPTIONS];        /* values by place in options.c */
    uint32_t option_set;           /* bit n: the host has set option n */
    struct linger linger;          /* SO_LINGER */
    uint64_t recv_timeout, send_timeout; /* SO_RCVTIMEO, SO_SNDTIMEO, ns; 0 = none */
    char congestion[16];           /* TCP_CONGESTION */
};

/* ---- host ---- */

/* A packet that has left the stack and that packetdrill has not taken. */
struct pd_packet {
    struct pd_packet *next;
    uint64_t at; /* when it left */
    size_t len;
    uint8_t ip[];
};

/* `ip mptcp endpoint`: what was asked for; the core has the address with flags. */
struct pd_endpoint {
    struct mpt_addr addr; /* family 0: free */
    unsigned id;
    uint32_t flags; /* enum pd_endpoint_flags */
    char dev[16];
};
enum pd_endpoint_flags { PD_SIGNAL = 1, PD_SUBFLOW = 2, PD_BACKUP = 4, PD_FULLMESH = 8 };

struct pd_host {
    pthread_mutex_t lock;
    pthread_cond_t changed;    /* something that a blocked call may wait for */
    pthread_cond_t idle;       /* no woken call is still to look */
    uint32_t generation;       /* of `changed` */
    unsigned sleeping, awake;  /* blocked calls: asleep; woken and not yet asleep again or done */
    uint64_t now;              /* virtual, ns */
    struct mpt_stack *stack;
    struct mpt_config config;  /* the stack's, as it stands */
    struct rng rng;
    struct mpt_addr local[8];  /* addresses by flag or `ip addr`; the rest come with packets */
    unsigned locals;
    int adopt;                 /* no address was given: any is ours */
    uint32_t mtu;
    uint16_t port;             /* next ephemeral port */
    uint16_t ip_id;            /* next IPv4 identification */
    struct pd_file *file[PD_FDS];
    struct pd_socket *sockets;
    struct pd_packet *first, *last; /* out, oldest first */
    struct mpt_addr cookie[8]; /* peers that gave a Fast Open cookie, oldest overwritten */
    unsigned cookies;
    uint8_t *buffer;           /* headroom and room for a segment */
    struct pd_endpoint endpoint[PD_ENDPOINTS];
    uint64_t *baseline;        /* counters at the last nstat */
    size_t baselines;
    int enabled;               /* net.mptcp.enabled */
    char sysctl[PD_SYSCTLS][32]; /* values as text, by place in sysctl.c; empty: the default */
    pthread_t server;          /* of the stand-ins */
    int server_fd;             /* -1: none */
    char server_path[108];
};

/* host.c */
struct pd_host *pd_host_new(const char *flags, char *err, size_t cap);
void pd_host_free(struct pd_host *host);
int pd_host_address(struct pd_host *host, const struct mpt_addr *addr); /* is up then; 0 or an errno */
int pd_host_has(const struct pd_host *host, const struct mpt_addr *addr);
int pd_host_errno(int error); /* of an enum mpt_error */
/* Between the two the stack makes connections as the socket wants them: MPTCP or not, congestion control, Fast Open. */
void pd_host_begin(struct pd_host *host, const struct pd_socket *so);
void pd_host_end(struct pd_host *host);
int pd_host_set(struct pd_host *host, const char *key, const char *value); /* of the stack: 0 or an enum mpt_error */
#define PD_LOCK(host) pthread_mutex_lock(&(host)->lock)
#define PD_UNLOCK(host) pthread_mutex_unlock(&(host)->lock)

/* clock.c: virtual time, and sleeping in it. The lock is held. */
struct pd_wait {
    struct pd_host *host;
    uint64_t until; /* MPT_NEVER: for ever */
    int awake;      /* woken, and counted in host->awake */
};
void pd_clock_to(struct pd_host *host, uint64_t at); /* runs every timer on the way */
void pd_clock_step(struct pd_host *host, uint64_t at); /* to the first timer that is not later */
void pd_clock_wake(struct pd_host *host);            /* something changed */
int pd_clock_sleep(struct pd_wait *wait);            /* 0: look again, -1: it is `until` */
void pd_clock_done(struct pd_wait *wait);            /* after the last look */
int pd_clock_usleep(void *userdata, useconds_t usecs);
int pd_clock_gettimeofday(void *userdata, struct timeval *tv, struct timezone *tz);

/* net.c: packets and events. The lock is held by the caller of pump. */
void pd_net_pump(struct pd_host *host);
int pd_net_has_cookie(const struct pd_host *host, const struct mpt_addr *peer);
void pd_net_forget(struct pd_host *host); /* packets that nobody has taken */
int pd_net_send(void *userdata, const void *buf, size_t count);
int pd_net_receive(void *userdata, void *buf, size_t *count, long long *time_usecs);

/* fd.c */
int pd_fd_add(struct pd_host *host, struct pd_file *file); /* the number, or -1 and errno */
struct pd_file *pd_fd_get(struct pd_host *host, int fd);   /* NULL and EBADF */
struct pd_socket *pd_fd_socket(struct pd_host *host, int fd); /* NULL and EBADF or ENOTSOCK */
void pd_fd_hold(struct pd_file *file);
void pd_fd_drop(struct pd_host *host, struct pd_file *file); /* frees what is closed */
short pd_fd_ready(struct pd_host *host, struct pd_file *file); /* POLLIN, POLLOUT, ... as poll(2) */
int pd_fd_fcntl(void *userdata, int fd, int command, ...);
int pd_fd_ioctl(void *userdata, int fd, unsigned long request, ...);
int pd_fd_close(void *userdata, int fd);

/* addr.c: sockaddr and struct mpt_addr */
int pd_addr_in(const struct pd_socket *so, const struct sockaddr *sa, socklen_t len, struct mpt_addr *addr);
void pd_addr_out(const struct pd_socket *so, const struct mpt_addr *addr, struct sockaddr *sa, socklen_t *len);
int pd_addr_parse(const char *text, struct mpt_addr *addr); /* "10.0.0.1", "::1", "10.0.0.1/24": 0 or -1 */

/* socket.c */
struct pd_socket *pd_socket_new(struct pd_host *host, int family, int protocol);
void pd_socket_release(struct pd_host *host, struct pd_socket *so); /* close() */
void pd_socket_free(struct pd_host *host, struct pd_socket *so);
void pd_socket_event(struct pd_host *host, const struct mpt_event *event);
short pd_socket_ready(const struct pd_socket *so);
struct pd_socket *pd_socket_listener(const struct pd_host *host, const struct mpt_addr *local); /* or NULL */
int pd_socket_start(struct pd_host *host, struct pd_socket *so, const struct mpt_addr *to); /* 0 or errno */
/* MSG_FASTOPEN and TCP_FASTOPEN_CONNECT: octets taken, or -1 and errno. */
ssize_t pd_socket_fastopen(struct pd_host *host, struct pd_socket *so, const struct mpt_addr *to, const void *buf,
                           size_t n, int nonblock);
int pd_socket_established(struct pd_host *host, struct pd_socket *so, int nonblock); /* waits: 0 or errno */
int pd_socket_socket(void *userdata, int domain, int type, int protocol);
int pd_socket_bind(void *userdata, int fd, const struct sockaddr *addr, socklen_t len);
int pd_socket_listen(void *userdata, int fd, int backlog);
int pd_socket_accept(void *userdata, int fd, struct sockaddr *addr, socklen_t *len);
int pd_socket_connect(void *userdata, int fd, const struct sockaddr *addr, socklen_t len);
int pd_socket_shutdown(void *userdata, int fd, int how);

/* io.c */
ssize_t pd_io_take(struct pd_host *host, struct pd_socket *so, void *buf, size_t n, int flags, int nonblock);
ssize_t pd_io_give(struct pd_host *host, struct pd_socket *so, const void *buf, size_t n, int nonblock);
uint64_t pd_io_room(const struct pd_socket *so); /* octets of the send buffer that are free */
ssize_t pd_io_read(void *userdata, int fd, void *buf, size_t n);
ssize_t pd_io_readv(void *userdata, int fd, const struct iovec *iov, int count);
ssize_t pd_io_recv(void *userdata, int fd, void *buf, size_t n, int flags);
ssize_t pd_io_recvfrom(void *userdata, int fd, void *buf, size_t n, int flags, struct sockaddr *from, socklen_t *len);
ssize_t pd_io_recvmsg(void *userdata, int fd, struct msghdr *msg, int flags);
ssize_t pd_io_write(void *userdata, int fd, const void *buf, size_t n);
ssize_t pd_io_writev(void *userdata, int fd, const struct iovec *iov, int count);
ssize_t pd_io_send(void *userdata, int fd, const void *buf, size_t n, int flags);
ssize_t pd_io_sendto(void *userdata, int fd, const void *buf, size_t n, int flags, const struct sockaddr *to,
                     socklen_t len);
ssize_t pd_io_sendmsg(void *userdata, int fd, const struct msghdr *msg, int flags);

/* options.c, info.c */
enum pd_option { PD_OPT_REUSEADDR, PD_OPT_KEEPALIVE, PD_OPT_SNDBUF, PD_OPT_RCVBUF, PD_OPT_NODELAY, PD_OPT_KEEPIDLE,
                 PD_OPT_KEEPINTVL, PD_OPT_KEEPCNT, PD_OPT_FASTOPEN, PD_OPT_FASTOPEN_CONNECT };
void pd_options_default(const struct pd_host *host, struct pd_socket *so);
void pd_options_apply(struct pd_host *host, struct pd_socket *so); /* to a connection that was just made */
int pd_options_set(void *userdata, int fd, int level, int name, const void *value, socklen_t len);
int pd_options_get(void *userdata, int fd, int level, int name, void *value, socklen_t *len);
int pd_info_tcp(const struct pd_socket *so, void *value, socklen_t *len);
int pd_info_mptcp(const struct pd_host *host, const struct pd_socket *so, int name, void *value, socklen_t *len);

/* sysctl.c: names of /proc/sys with what they do here */
unsigned pd_sysctl_fastopen(const struct pd_host *host); /* Linux's bits: 1 client, 2 server */
void pd_sysctl_congestion(const struct pd_host *host, char *out, size_t cap);
int pd_sysctl_set(struct pd_host *host, const char *name, const char *value); /* 0 or errno */
const char *pd_sysctl_get(const struct pd_host *host, const char *name);      /* NULL: no such name */
const char *pd_sysctl_name(size_t i);                                         /* NULL past the end */

/* server.c and cmd_*.c: what the stand-ins for ip, sysctl and nstat ask for. The lock is held; words NULL at the end;
 * the exit status. */
int pd_server_start(struct pd_host *host, char *err, size_t cap);
void pd_server_stop(struct pd_host *host);
int pd_server_run(struct pd_host *host, char **words, FILE *out, FILE *err);
int pd_cmd_ip(struct pd_host *host, char **words, FILE *out, FILE *err);
int pd_cmd_sysctl(struct pd_host *host, char **words, FILE *out, FILE *err);
int pd_cmd_nstat(struct pd_host *host, char **words, FILE *out, FILE *err);

/* poll.c, epoll.c */
int pd_poll_poll(void *userdata, struct pollfd *fds, nfds_t n, int timeout);
int pd_epoll_create(void *userdata, int size);
int pd_epoll_ctl(void *userdata, int epfd, int op, int fd, struct epoll_event *event);
int pd_epoll_wait(void *userdata, int epfd, struct epoll_event *events, int room, int timeout);
void pd_epoll_free(struct pd_file *file);
short pd_epoll_ready(struct pd_host *host, struct pd_file *file);
void pd_epoll_forget(struct pd_host *host, const struct pd_file *file); /* before it is freed */

/* pipe.c */
int pd_pipe_pipe(void *userdata, int fd[2]);
int pd_pipe_splice(void *userdata, int in, loff_t *in_at, int out, loff_t *out_at, size_t n, unsigned flags);
ssize_t pd_pipe_take(struct pd_host *host, struct pd_file *file, void *buf, size_t n, int nonblock);
ssize_t pd_pipe_give(struct pd_host *host, struct pd_file *file, const void *buf, size_t n, int nonblock);
size_t pd_pipe_held(const struct pd_file *file);
void pd_pipe_close(struct pd_host *host, struct pd_file *file);
short pd_pipe_ready(const struct pd_file *file);

#endif
