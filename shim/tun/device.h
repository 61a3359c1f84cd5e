/* SPDX-License-Identifier: MIT */
/* device.h - one TUN device: its text on a command line, its opening, and what the kernel's side needs.
 *
 *     NAME[@NETNS][=ADDRESS[/PREFIX][,peer=ADDRESS][,mtu=N][,via=DEVICE][,id=N][,port=N][,FLAG]...]
 *
 * ADDRESS is libmpt's own, on this side of the device; peer is the address of the kernel, on the other side. A device
 * that does not exist is made, and goes away with the program. Read the kernel's Documentation/networking/tuntap.rst
 * and network_namespaces(7). Called by tun.c, and by the commands for their options. */
#ifndef TUN_DEVICE_H
#define TUN_DEVICE_H

#include "mpt.h"

struct tun_device {
    const char *name;     /* "tun0" */
    struct mpt_addr addr; /* the host's address on it; not the kernel's */
    const char *netns;    /* name below /run/netns, or a path with a slash; NULL: where the program is */
    const char *via;      /* the kernel forwards what comes from us by this device of the namespace; NULL: it routes */
    struct mpt_addr peer; /* the kernel's address; family 0: none is set */
    unsigned prefix;      /* of both addresses, and routed into the device; 0: not written */
    uint32_t mtu;         /* 0: as it is; what it is, once open */
    uint32_t flags;       /* enum mpt_address_flags of mpt_address_up */
    uint32_t id;          /* address identifier; 0: chosen */
    uint32_t port;        /* of the announcement; 0: none */
    size_t same;          /* another address on device same-1 of the list; 0: a device of its own */
    int manage;           /* 1: bring it up and set addresses and routes as far as written */
};

/* Takes the text apart in place; 0, or -1 with a reason. need_address: one must be written. */
int device_parse(struct tun_device *device, char *text, int need_address, char *err, size_t cap);
/* A non-blocking descriptor, or -1 with a reason. Fills device->mtu. The caller's own namespace stays. */
int device_open(struct tun_device *device, char *err, size_t cap);
/* Sets up another address on a device that is open: 0, or -1 with a reason. */
int device_add(struct tun_device *device, char *err, size_t cap);
/* "10.1.0.1", "fd00::1": 0, or -1. The port becomes 0. */
int device_parse_address(const char *text, struct mpt_addr *addr);
/* Carrier comes a moment after the opening, and what the kernel sends before is lost: waits until the device is ready,
 * at most two seconds. */
void device_settle(const struct tun_device *device);

#endif
