/* SPDX-License-Identifier: MIT */
/* route.h - the address plan of loop.h: addresses of hosts, and hosts of addresses. Pure functions on
 * the first octets of packets, called by loop.c for every packet. */
#ifndef LOOP_ROUTE_H
#define LOOP_ROUTE_H

#include "shim.h"

/* The address of an interface, port 0: 0, or -1 when there is none. */
int route_address(const struct topology *t, uint32_t host, uint32_t ifid, struct mpt_addr *addr);
/* Phone (from 1) and path (from 0) of a packet's destination or source: 1, or 0 when it is no phone's.
 * The phone may be beyond the topology. */
int route_phone(const uint8_t *ip, size_t len, uint32_t *phone, size_t *path);
/* The same by source address. */
int route_phone_source(const uint8_t *ip, size_t len, uint32_t *phone, size_t *path);
/* The server's interface that a packet is addressed to, or 0. */
uint32_t route_server_ifid(const struct topology *t, const uint8_t *ip, size_t len);

#endif
