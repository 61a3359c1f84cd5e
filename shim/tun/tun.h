/* SPDX-License-Identifier: MIT */
/* tun.h - Linux TUN devices and the real clock as an engine of shim.h, with one host (number 0).
 *
 * Packets that the kernel routes into a device arrive at the host, and what the host sends comes out of
 * the device for the kernel. Devices, addresses and routes are set up by device.c where it is asked to, or
 * by a shell (`ip tuntap add`, `ip addr`, `ip route`): see test/kernel/one.sh for a working set. Other
 * descriptors (standard input, signals) can be watched beside the devices. */
#ifndef TUN_H
#define TUN_H

#include "shim.h"
#include "tun/device.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TUN_DEVICES_MAX = 2 * SHIM_PATHS_MAX /* a shaper has two a path */, TUN_WATCHES_MAX = 4 };

/* Device i is interface i+1. Times count from the start of the engine. NULL with a reason in err: no
 * such device, no privilege. run() waits in real time and returns at `until`, at stop(), or when a
 * device fails (see tun_failed). What device_open finds out is written into the array. */
struct sim *tun_new(struct tun_device *device, size_t n, const struct sim_upcalls *up, char *err,
                    size_t cap);
/* Calls fire when the descriptor can be read (events POLLIN) or written (POLLOUT), as poll(2) says; it
 * is passed what is possible. Events 0: not now. The same descriptor again: changes its events. */
typedef void tun_watch_fn(void *ctx, int revents, uint64_t now);
void tun_watch(struct sim *sim, int fd, int events, tun_watch_fn *fire, void *ctx);
/* Packets that a device did not take (its queue was full): lost, as on any link. */
uint64_t tun_lost(struct sim *sim);
/* errno of a device that failed for good, or 0. */
int tun_failed(struct sim *sim);

#ifdef __cplusplus
}
#endif
#endif
