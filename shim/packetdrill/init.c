/* SPDX-License-Identifier: MIT */
/* init.c - the one symbol that the shared object exports: packetdrill calls it and gets the table. */
#include "host.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static void release(void *userdata)
{
    pd_host_free(userdata);
}

/* The stand-ins lie beside the object: scripts that call `ip` or `sysctl` find them before the real ones. */
static void find_standins(void)
{
    const char *path = getenv("PATH");
    char text[8192];
    Dl_info info;
    char *slash;

    if (!dladdr((void *)(uintptr_t)find_standins, &info) || !info.dli_fname)
        return;
    if (snprintf(text, 4096, "%s", info.dli_fname) >= 4096)
        return;
    slash = strrchr(text, '/');
    if (!slash || !strstr(slash, ".so"))
        return; /* linked into a program: it knows where they are */
    snprintf(slash, sizeof text - (size_t)(slash - text), "/packetdrill:%s", path ? path : "");
    setenv("PATH", text, 1);
}

__attribute__((visibility("default"))) void packetdrill_interface_init(const char *flags,
                                                                      struct packetdrill_interface *interface)
{
    const struct packetdrill_interface table = {
        .free = release, .socket = pd_socket_socket, .bind = pd_socket_bind, .listen = pd_socket_listen,
        .accept = pd_socket_accept, .connect = pd_socket_connect, .read = pd_io_read, .readv = pd_io_readv,
        .recv = pd_io_recv, .recvfrom = pd_io_recvfrom, .recvmsg = pd_io_recvmsg, .write = pd_io_write,
        .writev = pd_io_writev, .send = pd_io_send, .sendto = pd_io_sendto, .sendmsg = pd_io_sendmsg,
        .fcntl = pd_fd_fcntl, .ioctl = pd_fd_ioctl, .close = pd_fd_close, .shutdown = pd_socket_shutdown,
        .getsockopt = pd_options_get, .setsockopt = pd_options_set, .poll = pd_poll_poll,
        .netdev_send = pd_net_send, .netdev_receive = pd_net_receive, .usleep = pd_clock_usleep,
        .gettimeofday = pd_clock_gettimeofday, .epoll_create = pd_epoll_create, .epoll_ctl = pd_epoll_ctl,
        .epoll_wait = pd_epoll_wait, .pipe = pd_pipe_pipe, .splice = pd_pipe_splice,
    };
    char err[256];
    struct pd_host *host = pd_host_new(flags, err, sizeof err);

    if (!host || pd_server_start(host, err, sizeof err) < 0) {
        fprintf(stderr, "libmpt-packetdrill: %s\n", err);
        exit(1);
    }
    find_standins();
    *interface = table;
    interface->userdata = host;
}
