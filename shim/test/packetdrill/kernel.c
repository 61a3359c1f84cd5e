/* SPDX-License-Identifier: MIT */
/* kernel.c - the same interface over this machine's kernel and a TUN device, as packetdrill itself has it: scripts can be held
 * against Linux (shim/test/packetdrill_kernel.sh). Needs root; time is real. */
#define _GNU_SOURCE /* unshare */
#include "packetdrill/script.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int tun = -1;

/* Windows, congestion control and timers as packetdrill's own tests set them; ids of endpoints begin anew. */
static const char SETUP[] =
    "set -e; ip link set lo up; ip link set tun0 up; ip addr add 192.168.0.1/24 dev tun0; ip route add default dev tun0;"
    "ip addr add fd3d:a0b:17d6::1/64 dev tun0 nodad; ip -6 route add default dev tun0;"
    "sysctl -q net.ipv4.tcp_rmem='4096 540000 15728640' net.ipv4.tcp_wmem='4096 16384 4194304';"
    "sysctl -q net.ipv4.tcp_congestion_control=reno net.ipv4.tcp_ecn=0 net.ipv4.tcp_no_metrics_save=1;"
    "for f in all default tun0; do sysctl -q net.ipv4.conf.$f.rp_filter=0; done";

static void open_tun(void)
{
    struct ifreq r = { .ifr_flags = IFF_TUN | IFF_NO_PI };

    /* Sysctls of SETUP and of the scripts' shell lines must not reach the machine, however this program was started. */
    if (unshare(CLONE_NEWNET) < 0) {
        perror("network namespace");
        exit(77);
    }
    strcpy(r.ifr_name, "tun0");
    tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (tun < 0 || ioctl(tun, TUNSETIFF, &r) < 0 || system(SETUP) != 0) {
        perror("tun0");
        exit(77);
    }
}

static void k_free(void *u) { (void)u; close(tun); tun = -1; }
static int k_socket(void *u, int d, int t, int p) { (void)u; return socket(d, t, p); }
static int k_bind(void *u, int fd, const struct sockaddr *a, socklen_t n)
{
    (void)u;
    return bind(fd, a, n);
}
static int k_listen(void *u, int fd, int n) { (void)u; return listen(fd, n); }
static int k_accept(void *u, int fd, struct sockaddr *a, socklen_t *n) { (void)u; return accept(fd, a, n); }
static int k_connect(void *u, int fd, const struct sockaddr *a, socklen_t n) { (void)u; return connect(fd, a, n); }
static ssize_t k_read(void *u, int fd, void *b, size_t n) { (void)u; return read(fd, b, n); }
static ssize_t k_recv(void *u, int fd, void *b, size_t n, int f) { (void)u; return recv(fd, b, n, f); }
static ssize_t k_write(void *u, int fd, const void *b, size_t n) { (void)u; return write(fd, b, n); }
static ssize_t k_send(void *u, int fd, const void *b, size_t n, int f) { (void)u; return send(fd, b, n, f); }
static ssize_t k_sendto(void *u, int fd, const void *b, size_t n, int f, const struct sockaddr *a, socklen_t l)
{
    (void)u;
    return sendto(fd, b, n, f, a, l);
}
static int k_close(void *u, int fd) { (void)u; return close(fd); }
static int k_shutdown(void *u, int fd, int how) { (void)u; return shutdown(fd, how); }
static int k_getsockopt(void *u, int fd, int l, int n, void *v, socklen_t *s) { (void)u; return getsockopt(fd, l, n, v, s); }
static int k_setsockopt(void *u, int fd, int l, int n, const void *v, socklen_t s)
{
    (void)u;
    return setsockopt(fd, l, n, v, s);
}
static int k_poll(void *u, struct pollfd *p, nfds_t n, int t) { (void)u; return poll(p, n, t); }
static int k_usleep(void *u, useconds_t t) { (void)u; return usleep(t); }
static int k_gettimeofday(void *u, struct timeval *tv, struct timezone *tz) { (void)u; (void)tz; return gettimeofday(tv, NULL); }

static int k_fcntl(void *u, int fd, int command, ...)
{
    va_list ap;
    int arg;

    (void)u;
    va_start(ap, command);
    arg = va_arg(ap, int);
    va_end(ap);
    return fcntl(fd, command, arg);
}

static int k_ioctl(void *u, int fd, unsigned long request, ...)
{
    va_list ap;
    int *arg;

    (void)u;
    va_start(ap, request);
    arg = va_arg(ap, int *);
    va_end(ap);
    return ioctl(fd, request, arg);
}

static int k_netdev_send(void *u, const void *b, size_t n)
{
    (void)u;
    return write(tun, b, n) == (ssize_t)n ? 0 : -1;
}

/* TCP only: the kernel also looks for routers. */
static int k_netdev_receive(void *u, void *b, size_t *n, long long *at)
{
    struct pollfd p = { .fd = tun, .events = POLLIN };
    const uint8_t *ip = b;
    struct timeval tv;
    size_t room = *n;
    ssize_t r;

    (void)u;
    *n = 0;
    while (!*n && poll(&p, 1, 1500) == 1) {
        r = read(tun, b, room);
        if (r > 20 && (ip[0] >> 4 == 4 ? ip[9] : ip[6]) == 6)
            *n = (size_t)r;
    }
    gettimeofday(&tv, NULL);
    *at = (long long)tv.tv_sec * 1000000 + tv.tv_usec;
    return 0;
}

void script_kernel_init(const char *flags, struct packetdrill_interface *io)
{
    (void)flags;
    open_tun();
    *io = (struct packetdrill_interface){
        .free = k_free, .socket = k_socket, .bind = k_bind, .listen = k_listen, .accept = k_accept,
        .connect = k_connect, .read = k_read, .recv = k_recv, .write = k_write, .send = k_send, .sendto = k_sendto,
        .fcntl = k_fcntl, .ioctl = k_ioctl, .close = k_close, .shutdown = k_shutdown, .getsockopt = k_getsockopt,
        .setsockopt = k_setsockopt, .poll = k_poll, .netdev_send = k_netdev_send, .netdev_receive = k_netdev_receive,
        .usleep = k_usleep, .gettimeofday = k_gettimeofday,
    };
}
