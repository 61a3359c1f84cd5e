/* SPDX-License-Identifier: MIT */
/* path.h - one path of one phone, both directions: a chain of boxes each way.
 *
 * Sans-IO. The same path stands in the loop's world, in a box node of ns-3 and between a pair of TUN
 * devices:
 *
 *     path_push(path, dir, ip, len, now);                     a packet enters (copied)
 *     at = path_deadline(path);                               then:
 *     while ((ip = path_pull(path, dir, &len, now))) send;    both directions
 *
 * Chain: MTU, hold queue of the radio, link. Called by loop/, ns3/ and tun/. */
#ifndef BOX_PATH_H
#define BOX_PATH_H

#include "box/box.h"
#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

enum path_dir { PATH_UP, PATH_DOWN, PATH_DIRS }; /* phone to server, server to phone */
enum path_mode {
    PATH_FULL, /* everything of path_config */
    PATH_BOX /* without rate, queue, delay and jitter, which the simulator around it models: MTU, radio
                  promotion, extra_delay, loss, corruption, duplication, reordering, and the changes of
                  loss and down (those of rate and delay are refused by the scenario loader) */
};

struct path;

/* config must stay unchanged as long as the path lives. phone numbers the random streams (and makes
 * phones differ). NULL: memory. path_new has a pool of its own; path_new_in shares the caller's. */
struct path *path_new(const struct path_config *config, uint64_t seed, uint32_t phone,
                      enum path_mode mode);
struct path *path_new_in(struct box_pool *pool, const struct path_config *config, uint64_t seed,
                         uint32_t phone, enum path_mode mode);
/* With all packets that are under way. */
void path_free(struct path *path);

/* A packet enters; it is copied. */
void path_push(struct path *path, enum path_dir dir, const uint8_t *ip, size_t len, uint64_t now);
/* The next packet that leaves by now, valid until the next call with this path; or NULL. Call until
 * NULL for both directions whenever path_deadline has come. */
uint8_t *path_pull(struct path *path, enum path_dir dir, size_t *len, uint64_t now);
/* The same without a copy or a borrow: the caller owns the packet, which is of the path's pool. */
void path_push_packet(struct path *path, enum path_dir dir, struct box_packet *packet,
                      uint64_t now);
/* The next packet that has arrived, or NULL; the caller gives it back to path_pool. */
struct box_packet *path_take(struct path *path, enum path_dir dir, uint64_t now);

/* When path_pull has something to do, or MPT_NEVER: of one direction, of both. */
uint64_t path_due(const struct path *path, enum path_dir dir);
/* The earlier path_due of both directions. */
uint64_t path_deadline(const struct path *path);
/* 1 while no CHANGE_ADDRESS took the phone's address away (as far as the path was told the time). */
int path_address_up(struct path *path, uint64_t now);
/* Counts of one direction since the path was made. */
const struct box_stats *path_stats(const struct path *path, enum path_dir dir);
/* Where packets of path_take go back to. */
struct box_pool *path_pool(struct path *path);
/* Puts a box of the caller's making (an attacker) into one direction at the router's end: up packets
 * meet it last, down packets first. 0, or -1: no room. The path owns the box then. */
int path_insert(struct path *path, enum path_dir dir, struct box *box);
/* Packets sent by a box outside of push and pull (an attacker's own) need this. */
void path_refresh(struct path *path);

#ifdef __cplusplus
}
#endif
#endif
