/* SPDX-License-Identifier: MIT */
/* device.c - opens TUN devices, in any network namespace, and sets them up (see device.h).
 *
 * IFF_NO_PI and no offloads: the kernel then gives whole packets with valid checksums, none above the MTU. */
#define _GNU_SOURCE /* setns */
#include "tun/device.h"

#include "tun/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- text ----------------------------------------------------------------------------------------- */

int device_parse_address(const char *text, struct mpt_addr *addr)
{
    memset(addr, 0, sizeof *addr);
    addr->family = strchr(text, ':') ? 6 : 4;
    return inet_pton(addr->family == 6 ? AF_INET6 : AF_INET, text, addr->ip) == 1 ? 0 : -1;
}

/* A whole decimal number within bounds. */
static int parse_number(const char *text, unsigned long least, unsigned long most, uint32_t *out)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n < least || n > most)
        return -1;
    *out = (uint32_t)n;
    return 0;
}

/* Flags of mpt_address_up by their names in `ip mptcp endpoint`. */
static const struct {
    const char *name;
    uint32_t flag;
} flag_names[] = {
    {"backup", MPT_ADDRESS_BACKUP},
    {"signal", MPT_ADDRESS_SIGNAL},
    {"subflow", MPT_ADDRESS_SUBFLOW},
    {"fullmesh", MPT_ADDRESS_FULLMESH},
};
enum { FLAGS = sizeof flag_names / sizeof flag_names[0] };

/* One "key=value" or "flag" behind the address. */
static int parse_extra(struct tun_device *d, char *text, char *err, size_t cap)
{
    char *value = strchr(text, '=');
    const char *bad = NULL;
    size_t i;

    for (i = 0; i < FLAGS && !value; i++)
        if (strcmp(text, flag_names[i].name) == 0) {
            d->flags |= flag_names[i].flag;
            return 0;
        }
    if (value)
        *value++ = '\0';
    if (value && strcmp(text, "peer") == 0) {
        if (device_parse_address(value, &d->peer) < 0 || d->peer.family != d->addr.family)
            bad = "address of the same family";
    } else if (value && strcmp(text, "mtu") == 0) {
        bad = parse_number(value, MPT_MTU_MIN, 65535, &d->mtu) < 0 ? "MTU (576 to 65535)" : NULL;
    } else if (value && strcmp(text, "id") == 0) {
        bad = parse_number(value, 1, 255, &d->id) < 0 ? "address id (1 to 255)" : NULL;
    } else if (value && strcmp(text, "port") == 0) {
        bad = parse_number(value, 1, 65535, &d->port) < 0 ? "port (1 to 65535)" : NULL;
    } else if (value && strcmp(text, "via") == 0) {
        d->via = value;
    } else {
        snprintf(err, cap,
                 "device %s: '%s' is none of peer=, mtu=, via=, id=, port=, backup, signal, subflow and fullmesh",
                 d->name, text);
        return -1;
    }
    if (bad)
        snprintf(err, cap, "device %s: '%s' is no %s", d->name, value, bad);
    return bad ? -1 : 0;
}

/* What goes together, by the rules of mpt_address_up. */
static int check_flags(const struct tun_device *d, char *err, size_t cap)
{
    const char *why = NULL;

    if (d->port && !(d->flags & MPT_ADDRESS_SIGNAL))
        why = "a port is announced with signal only";
    if ((d->flags & MPT_ADDRESS_SIGNAL) && (d->flags & MPT_ADDRESS_FULLMESH))
        why = "signal and fullmesh exclude each other";
    if (why)
        snprintf(err, cap, "device %s: %s", d->name, why);
    return why ? -1 : 0;
}

/* "ADDRESS/PREFIX". */
static int parse_own(struct tun_device *d, char *text, char *err, size_t cap)
{
    char *slash = strchr(text, '/');
    uint32_t prefix = 0;

    if (slash)
        *slash++ = '\0';
    if (device_parse_address(text, &d->addr) < 0) {
        snprintf(err, cap, "device %s: '%s' is no IPv4 or IPv6 address", d->name, text);
        return -1;
    }
    if (slash && parse_number(slash, 1, d->addr.family == 6 ? 128 : 32, &prefix) < 0) {
        snprintf(err, cap, "device %s: '/%s' is no prefix length", d->name, slash);
        return -1;
    }
    d->prefix = prefix;
    return 0;
}

int device_parse(struct tun_device *d, char *text, int need_address, char *err, size_t cap)
{
    char *rest = strchr(text, '='), *at, *next;

    memset(d, 0, sizeof *d);
    d->manage = 1;
    d->name = text;
    if (rest)
        *rest++ = '\0';
    if ((at = strchr(text, '@')) != NULL) {
        *at++ = '\0';
        d->netns = at;
    }
    if (text[0] == '\0' || strlen(text) >= IFNAMSIZ) {
        snprintf(err, cap, "device '%s': a name has 1 to %d letters", text, IFNAMSIZ - 1);
        return -1;
    }
    if (!rest && need_address) {
        snprintf(err, cap, "device %s: an address is needed, like %s=10.1.0.1/24,peer=10.1.0.2", text, text);
        return -1;
    }
    for (size_t i = 0; rest; i++, rest = next) {
        if ((next = strchr(rest, ',')) != NULL)
            *next++ = '\0';
        if ((i == 0 && need_address ? parse_own(d, rest, err, cap) : parse_extra(d, rest, err, cap)) < 0)
            return -1;
    }
    return check_flags(d, err, cap);
}

/* ---- namespaces ----------------------------------------------------------------------------------- */

/* Changes to the namespace of the device: the descriptor of our own, -1 with a reason, or -2: none to change. */
static int enter(const char *netns, char *err, size_t cap)
{
    char path[256];
    int ours, theirs;

    if (!netns)
        return -2;
    snprintf(path, sizeof path, "%s%s", strchr(netns, '/') ? "" : "/run/netns/", netns);
    ours = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    theirs = open(path, O_RDONLY | O_CLOEXEC);
    if (ours < 0 || theirs < 0 || setns(theirs, CLONE_NEWNET) < 0) {
        snprintf(err, cap, "network namespace %s: %s", path, strerror(errno));
        if (ours >= 0)
            close(ours);
        ours = -1;
    }
    if (theirs >= 0)
        close(theirs);
    return ours;
}

/* Staying in a foreign namespace would make everything after this wrong. */
static void leave(int ours)
{
    if (ours < 0)
        return;
    if (setns(ours, CLONE_NEWNET) < 0) {
        perror("mpsim: back to our own network namespace");
        abort();
    }
    close(ours);
}

/* ---- opening -------------------------------------------------------------------------------------- */

/* Attaches to a device by name, or makes it where the process may. Non-blocking: a batch is read until EAGAIN. */
static int attach(const char *name, char *err, size_t cap)
{
    struct ifreq request;
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        snprintf(err, cap, "/dev/net/tun: %s", strerror(errno));
        return -1;
    }
    memset(&request, 0, sizeof request);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (strlen(name) >= sizeof request.ifr_name) {
        snprintf(err, cap, "%s: name too long for a device", name);
        close(fd);
        return -1;
    }
    strcpy(request.ifr_name, name);
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        snprintf(err, cap, "TUN device %s: %s", name,
                 errno == EPERM    ? "no privilege to make it (CAP_NET_ADMIN), and no such device is ours"
                 : errno == EBUSY  ? "another program has it"
                 : errno == EINVAL ? "there is a device of this name that is no TUN device"
                                   : strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

/* One of the SIOCG... requests on a device: 0, or -1. */
static int query(const char *name, unsigned long what, struct ifreq *request)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), bad;

    memset(request, 0, sizeof *request);
    strcpy(request->ifr_name, name);
    bad = fd < 0 || ioctl(fd, what, request) < 0;
    if (fd >= 0)
        close(fd);
    return bad ? -1 : 0;
}

static unsigned index_of(const char *name)
{
    struct ifreq request;

    return query(name, SIOCGIFINDEX, &request) < 0 ? 0 : (unsigned)request.ifr_ifindex;
}

static int is_up(const char *name)
{
    struct ifreq request;

    return query(name, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP);
}

/* Does the kernel's route to its own prefix lead to our address already? */
static int is_covered(const struct tun_device *d)
{
    unsigned i;

    for (i = 0; i < d->prefix; i++)
        if ((d->addr.ip[i / 8] ^ d->peer.ip[i / 8]) & (0x80u >> (i % 8)))
            return 0;
    return d->peer.family && d->prefix;
}

/* Addresses and routes as far as they were written: the first error, and which step it was. */
static int set_up_routes(int nl, const struct tun_device *d, unsigned index, const char **step)
{
    unsigned whole = (d->peer.family ? d->peer : d->addr).family == 6 ? 128 : 32, via;
    int error = 0;

    *step = "address";
    if (d->peer.family)
        error = netlink_address(nl, index, &d->peer, d->prefix ? d->prefix : whole);
    *step = "route";
    if (!error && d->addr.family && (d->prefix || d->peer.family) && !is_covered(d))
        error = netlink_route(nl, index, &d->addr, d->peer.family ? whole : d->prefix);
    *step = d->via;
    if (!error && d->via) {
        via = index_of(d->via);
        error = via ? netlink_forward(nl, d->name, index, via, d->addr.family ? d->addr.family : 4) : -ENODEV;
    }
    return error;
}

/* Up first: routes need it. A device that is up already needs no privilege when nothing else was asked for. */
static int set_up(struct tun_device *d, char *err, size_t cap)
{
    int nl = netlink_open(), error = nl < 0 ? nl : 0;
    unsigned index = index_of(d->name);
    const char *step = "up";

    if (!error && (!is_up(d->name) || d->mtu))
        error = netlink_link(nl, index, 1, d->mtu);
    if (!error)
        error = set_up_routes(nl, d, index, &step);
    if (nl >= 0)
        close(nl);
    if (error < 0)
        snprintf(err, cap, "TUN device %s: %s: %s", d->name, step, strerror(-error));
    return error < 0 ? -1 : 0;
}

/* What the device is now, whoever set it. */
static void read_mtu(struct tun_device *d)
{
    struct ifreq request;

    if (query(d->name, SIOCGIFMTU, &request) == 0)
        d->mtu = (uint32_t)request.ifr_mtu;
}

int device_add(struct tun_device *d, char *err, size_t cap)
{
    int ours = enter(d->netns, err, cap), bad;

    if (ours == -1)
        return -1;
    bad = set_up(d, err, cap);
    read_mtu(d);
    leave(ours);
    return bad;
}

int device_open(struct tun_device *d, char *err, size_t cap)
{
    int ours = enter(d->netns, err, cap), fd;

    if (ours == -1)
        return -1;
    fd = attach(d->name, err, cap);
    if (fd >= 0 && d->manage && set_up(d, err, cap) < 0) {
        close(fd);
        fd = -1;
    }
    if (fd >= 0)
        read_mtu(d);
    leave(ours);
    return fd;
}

/* IFF_RUNNING is set when the kernel has acted on the carrier (RFC 2863 3.1.13, operational state). An IPv6 address is
 * taken into use by a kernel thread, behind the answer to our request: it cannot be bound before. */
static int is_ready(const struct tun_device *d)
{
    struct sockaddr_in6 local = {.sin6_family = AF_INET6};
    struct ifreq request;
    int fd, ready;

    if (query(d->name, SIOCGIFFLAGS, &request) == 0 && !(request.ifr_flags & IFF_RUNNING))
        return 0;
    if (d->peer.family != 6)
        return 1;
    memcpy(&local.sin6_addr, d->peer.ip, 16);
    fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ready = fd < 0 || bind(fd, (struct sockaddr *)&local, sizeof local) == 0;
    if (fd >= 0)
        close(fd);
    return ready;
}

void device_settle(const struct tun_device *d)
{
    struct timespec pause = {0, 5000000};
    char ignored[64];
    int ours = enter(d->netns, ignored, sizeof ignored), i;

    if (ours == -1)
        return;
    for (i = 0; i < 400 && !is_ready(d); i++)
        nanosleep(&pause, NULL);
    if (d->peer.family == 6)
        nanosleep(&pause, NULL); /* the route to the address comes a moment behind it */
    leave(ours);
}
