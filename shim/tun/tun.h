/* SPDX-License-Identifier: MIT */
/* tun.h - Linux TUN devices and the real clock as an engine of shim.h, with one host (number 0).
 *
 * Packets that the kernel routes into a device arrive at the host, and what the host sends comes out of
 * the device for the kernel. Devices, addresses and routes are the business of a shell (`ip tuntap add`,
 * `ip addr`, `ip route`): see test/kernel_smoke.sh for a working set. Read the kernel's
 * Documentation/networking/tuntap.rst. */
#ifndef TUN_H
#define TUN_H

#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TUN_DEVICES_MAX = SHIM_PATHS_MAX };

struct tun_device {
    const char *name;     /* "tun0" */
    struct mpt_addr addr; /* the host's address on it; not the kernel's */
};

/* Device i is interface i+1. Times count from the start of the engine. NULL with a reason in err: no
 * such device, no privilege. run() waits in real time and returns at `until`, at stop(), or when a
 * device fails (see tun_failed). */
struct sim *tun_new(const struct tun_device *device, size_t n, const struct sim_upcalls *up,
                    char *err, size_t cap);
/* Packets that a device did not take (its queue was full): lost, as on any link. */
uint64_t tun_lost(struct sim *sim);
/* errno of a device that failed for good, or 0. */
int tun_failed(struct sim *sim);

#ifdef __cplusplus
}
#endif
#endif
