/* SPDX-License-Identifier: MIT */
/* loop.h - the built-in discrete-event world, an engine of shim.h without dependencies.
 *
 *     phone 1 --path 0--\                        Phones route by the interface a packet leaves by; the
 *             --path 1---\                       router sends packets of the server by their destination.
 *     phone 2 --path 0----router--server link--server
 *             --path 1---/
 *
 * Addresses: phone i (from 1) on path p (from 0) is 10.<p+1>.<i / 256>.<i % 256> or fd00:<p+1>::<i>;
 * the server is 10.100.0.1 or fd00:100::1, and with server_multihomed 10.100.<p>.1 or fd00:100:<p>::1.
 * loop_new() is declared in shim.h. */
#ifndef LOOP_H
#define LOOP_H

#include "box/path.h"
#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The path of a phone (from 1), for its counters and to insert boxes; NULL: no such path. After
 * changing a box from outside call loop_path_changed. */
struct path *loop_path(struct sim *sim, uint32_t phone, size_t path);
/* Call after packets or boxes were put into a path from outside. */
void loop_path_changed(struct sim *sim, uint32_t phone, size_t path);
/* Packets that no host or path was the destination of. */
uint64_t loop_unroutable(struct sim *sim);
/* Counters of the shared link between router and server, which is absent (all 0) unless configured. */
const struct box_stats *loop_server_stats(struct sim *sim, enum path_dir dir);

#ifdef __cplusplus
}
#endif
#endif
