/* SPDX-License-Identifier: MIT */
/* netlink.h - the few requests of rtnetlink that a TUN device needs, without a shell or a library.
 *
 * Read rtnetlink(7) and RFC 3549 2.2, 3.1 first. Each call makes one request and waits for the kernel's answer: 0, or a
 * negative errno. The socket acts in the namespace where it was opened. Called by device.c. */
#ifndef TUN_NETLINK_H
#define TUN_NETLINK_H

#include "mpt.h"

/* A socket of NETLINK_ROUTE, or a negative errno. */
int netlink_open(void);
/* Brings a device up (up 1) and sets its MTU (0: as it is). */
int netlink_link(int fd, unsigned device, int up, uint32_t mtu);
/* Gives the kernel's side an address; one that is there already is fine. */
int netlink_address(int fd, unsigned device, const struct mpt_addr *addr, unsigned prefix);
/* Routes a prefix into a device; one that is there already is fine. */
int netlink_route(int fd, unsigned device, const struct mpt_addr *to, unsigned prefix);
/* Packets that come in by `from` leave by `device`, whatever their destination: a rule and a routing table of its own,
 * numbered by the device that they come from. */
int netlink_forward(int fd, const char *from, unsigned from_device, unsigned device, unsigned family);

#endif
