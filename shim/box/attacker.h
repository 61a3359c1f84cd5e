/* SPDX-License-Identifier: MIT */
/* attacker.h - the attacker of model/attack as boxes: one in each direction of each path of a phone, at the router's end
 * (path_insert). They share what was learned, and what one box sees another may act on.
 *
 *     attacker_new(&a, &config, seed, phone)        once per phone
 *     attacker_place(a, path, index)                by the engine, for each of its paths
 *
 * What it sends up arrives at the router as if the path had carried it, whatever its source address; so the same box is
 * an attacker off the path, who knows nothing and spoofs. Called by run/attacks.c and the engines. */
#ifndef BOX_ATTACKER_H
#define BOX_ATTACKER_H

#include "attack/attack.h"
#include "box/path.h"

#ifdef __cplusplus
extern "C" {
#endif

struct attacker;

/* config: plays and log; env, hosts are filled in here. hears: bit per path that it listens to without acting (those of
 * its plays are heard in any case). 0 or a negative enum mpt_error. The paths must be freed before the attacker. */
int attacker_new(struct attacker **a, const struct mpt_attack_config *config, uint32_t hears, uint64_t seed,
                 uint32_t phone);
void attacker_free(struct attacker *a);
/* Puts its boxes into a path, unless it has no business there. 0, or -1: no room or memory. */
int attacker_place(struct attacker *a, struct path *path, uint32_t index);
/* 1: it has business on that path, so attacker_place will put boxes there. */
int attacker_stands(const struct attacker *a, uint32_t index);
/* The path whose network its own hosts belong to: 10.(1 + path).250.66, fd00:(1 + path)::fa42. */
uint32_t attacker_home(const struct attacker *a);
/* fn is called when a packet waits in a box beside the one that was pushed or pulled. */
void attacker_on_change(struct attacker *a, void (*fn)(void *arg), void *arg);
void attacker_stats(const struct attacker *a, struct mpt_attack_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
