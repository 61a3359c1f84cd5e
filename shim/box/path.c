/* SPDX-License-Identifier: MIT */
/* path.c - both directions of one path (see path.h). Called by loop/, ns3/ and tun/. */
#include "box/path.h"

#include "box/chain.h"
#include "box/hold.h"
#include "box/link.h"
#include "box/mtu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct direction {
    struct chain chain;
    struct link *link; /* in the chain */
    struct box_stats stats;
};

struct path {
    const struct path_config *config;
    struct direction dir[PATH_DIRS];
    struct hold_radio radio;
    struct box_pool *pool; /* own_pool or the caller's */
    struct box_pool own_pool;
    struct box_packet *borrowed; /* what path_pull returned last */
    uint64_t next_change;        /* at of config->change[changes_done]; MPT_NEVER: none left */
    size_t changes_done;
    uint32_t address_down; /* CHANGE_ADDRESS 0 came due */
    enum path_mode mode;
};

/* ---- changes -------------------------------------------------------------------------------------- */

/* Changes come in the order of the list: the next one is known by its number. */
static void set_next_change(struct path *path)
{
    const struct path_config *c = path->config;

    path->next_change =
        path->changes_done < c->changes ? c->change[path->changes_done].at : MPT_NEVER;
}

/* In PATH_BOX mode rate and delay are the surrounding simulator's. */
static void change_direction(struct path *path, struct direction *d,
                             const struct path_change *change)
{
    int full = path->mode == PATH_FULL;

    switch ((enum change_kind)change->kind) {
    case CHANGE_RATE:
        if (full)
            link_set_rate(d->link, (uint64_t)change->value, change->at);
        break;
    case CHANGE_DELAY:
        if (full)
            link_set_delay(d->link, (uint64_t)change->value + path->config->extra_delay,
                           change->at);
        break;
    case CHANGE_LOSS:
        link_set_loss(d->link, change->value);
        break;
    case CHANGE_DOWN:
        link_set_down(d->link, change->value != 0, change->at);
        break;
    case CHANGE_ADDRESS:
        path->address_down = change->value == 0; /* of the interface: no direction */
        break;
    }
}

/* Changes act at their own time even when the caller comes later: between two packets nobody looks. */
static void apply_changes(struct path *path, uint64_t now)
{
    while (path->next_change <= now) {
        const struct path_change *change = &path->config->change[path->changes_done++];
        int dir;

        for (dir = 0; dir < PATH_DIRS; dir++)
            if (change->dir == 0 || change->dir == (uint32_t)dir + 1)
                change_direction(path, &path->dir[dir], change);
        set_next_change(path);
        path_refresh(path);
    }
}

/* ---- life ----------------------------------------------------------------------------------------- */

/* What acts in PATH_BOX mode: the simulator around has the rest. */
static struct link_config link_of(const struct path *path, enum path_dir dir)
{
    struct link_config c = dir == PATH_UP ? path->config->up : path->config->down;

    if (path->mode == PATH_BOX)
        c.rate = c.delay = c.jitter = c.queue_bytes = c.ecn_threshold = 0;
    c.delay += path->config->extra_delay;
    return c;
}

/* Of the interface, or of a hop behind it, which is the loop's only. */
static uint32_t mtu_of(const struct path *path)
{
    const struct path_config *c = path->config;
    int hop = path->mode == PATH_FULL && c->link_mtu && (c->link_mtu < c->mtu || !c->mtu);

    return hop ? c->link_mtu : c->mtu;
}

/* With constants both directions meet the radio before the link. A model of the radio is at the phone's end of
 * the path, so that it sees packets when they are in the air and none that were lost before: first on the way
 * up, last on the way down. */
static int add_hold(struct path *path, enum path_dir dir, uint64_t queue_bytes)
{
    struct direction *d = &path->dir[dir];
    size_t at = path->radio.model && dir == PATH_DOWN ? CHAIN_MAX : 0;
    struct hold *hold = hold_new(path->pool, &path->radio, dir, queue_bytes, &d->stats);

    return chain_insert(&d->chain, at, hold ? &hold->box : NULL);
}

/* Packets to the phone wait at the base station, which pages it. */
static int build_direction(struct path *path, enum path_dir dir, uint64_t seed, uint32_t phone)
{
    const struct path_config *config = path->config;
    struct direction *d = &path->dir[dir];
    struct link_config c = link_of(path, dir);
    char name[48];

    snprintf(name, sizeof name, "%.15s/%s/%u", config->name, dir == PATH_UP ? "up" : "down", phone);
    d->link = link_new(path->pool, &c, &d->stats, seed, name);
    if (chain_insert(&d->chain, 0, d->link ? &d->link->box : NULL) < 0)
        return -1;
    /* inserted at 0, so it comes before the link; the MTU, inserted last, before both */
    if ((config->promotion || path->radio.model) && add_hold(path, dir, c.queue_bytes) < 0)
        return -1;
    if (mtu_of(path)) {
        struct chain *back = config->mtu_icmp ? &path->dir[!dir].chain : NULL;
        struct mtu *mtu = mtu_new(path->pool, mtu_of(path), back, &d->stats);

        if (chain_insert(&d->chain, 0, mtu ? &mtu->box : NULL) < 0)
            return -1;
    }
    return 0;
}

/* config is kept by pointer: it must outlive the path. */
struct path *path_new_in(struct box_pool *pool, const struct path_config *config, uint64_t seed,
                         uint32_t phone, enum path_mode mode)
{
    struct path *path = calloc(1, sizeof *path);
    int dir, bad = 0;

    if (!path)
        return NULL;
    path->config = config;
    path->mode = mode;
    box_pool_init(&path->own_pool, config->mtu > 2048 || !config->mtu ? SHIM_IP_MAX : 2048);
    path->pool = pool ? pool : &path->own_pool;
    hold_radio_init(&path->radio, config->promotion, config->idle_after,
                    config->idle_at_start != 0);
    path->radio.model = config->radios && phone > 0 ? &config->radios[phone - 1] : NULL;
    set_next_change(path);
    for (dir = 0; dir < PATH_DIRS; dir++)
        chain_init(&path->dir[dir].chain);
    for (dir = 0; dir < PATH_DIRS; dir++)
        bad |= build_direction(path, (enum path_dir)dir, seed, phone);
    if (bad) {
        path_free(path);
        return NULL;
    }
    return path;
}

struct path *path_new(const struct path_config *config, uint64_t seed, uint32_t phone,
                      enum path_mode mode)
{
    return path_new_in(NULL, config, seed, phone, mode);
}

/* NULL is fine; so is a path whose building failed half-way. */
void path_free(struct path *path)
{
    int dir;

    if (!path)
        return;
    if (path->borrowed)
        box_packet_put(path->pool, path->borrowed);
    for (dir = 0; dir < PATH_DIRS; dir++)
        chain_clear(&path->dir[dir].chain, path->pool);
    box_pool_clear(&path->own_pool);
    free(path);
}

/* ---- packets -------------------------------------------------------------------------------------- */

/* A down packet to a link that is down is lost behind the radio and must not wake it. */
static int lost_at_entry(const struct path *path, enum path_dir dir)
{
    return path->address_down || (dir == PATH_DOWN && path->dir[dir].link->down);
}

/* Counted as having come in even if it is lost at once. */
void path_push_packet(struct path *path, enum path_dir dir, struct box_packet *packet, uint64_t now)
{
    struct direction *d = &path->dir[dir];

    if (path->next_change <= now)
        apply_changes(path, now);
    d->stats.in++;
    d->stats.octets_in += packet->len;
    if (lost_at_entry(path, dir)) {
        d->stats.dropped_down++;
        box_packet_put(path->pool, packet);
        return;
    }
    chain_push(&d->chain, packet, now);
}

/* A packet from outside is copied into a block once; from then on it moves by pointer. */
void path_push(struct path *path, enum path_dir dir, const uint8_t *ip, size_t len, uint64_t now)
{
    struct box_packet *packet;
    struct box_stats *stats = &path->dir[dir].stats;

    if (len == 0 || len > path->pool->cap) { /* the pool holds every packet that passes the MTU */
        stats->in++;
        stats->octets_in += len;
        stats->dropped_mtu++;
        return;
    }
    packet = box_packet_get(path->pool, len);
    if (!packet) {
        stats->in++;
        stats->octets_in += len;
        stats->dropped_memory++;
        return;
    }
    memcpy(packet->data, ip, len);
    path_push_packet(path, dir, packet, now);
}

/* The caller gives the block back to path_pool. */
struct box_packet *path_take(struct path *path, enum path_dir dir, uint64_t now)
{
    struct direction *d = &path->dir[dir];
    struct box_packet *packet;

    if (path->next_change <= now)
        apply_changes(path, now);
    while ((packet = chain_pull(&d->chain, now)) && path->address_down && dir == PATH_DOWN) {
        d->stats.dropped_down++; /* it reaches a phone whose interface is gone */
        box_packet_put(path->pool, packet);
    }
    if (packet) {
        d->stats.out++;
        d->stats.octets_out += packet->len;
    }
    return packet;
}

/* The octets are good until the next call. */
uint8_t *path_pull(struct path *path, enum path_dir dir, size_t *len, uint64_t now)
{
    if (path->borrowed)
        box_packet_put(path->pool, path->borrowed);
    path->borrowed = path_take(path, dir, now);
    if (!path->borrowed)
        return NULL;
    *len = path->borrowed->len;
    return path->borrowed->data;
}

uint64_t path_due(const struct path *path, enum path_dir dir)
{
    uint64_t due = path->dir[dir].chain.due;

    /* A change may move what waits; without packets there is no hurry. */
    return due != MPT_NEVER && path->next_change < due ? path->next_change : due;
}

/* Of both directions. */
uint64_t path_deadline(const struct path *path)
{
    uint64_t up = path_due(path, PATH_UP), down = path_due(path, PATH_DOWN);

    return up < down ? up : down;
}

/* Also brings the changes up to date. */
int path_address_up(struct path *path, uint64_t now)
{
    apply_changes(path, now);
    return !path->address_down;
}

/* Every box of a direction counts into the same struct. */
const struct box_stats *path_stats(const struct path *path, enum path_dir dir)
{
    return &path->dir[dir].stats;
}

struct box_pool *path_pool(struct path *path)
{
    return path->pool;
}

/* At the network's end: behind everything on the way up, before everything on the way down. */
int path_insert(struct path *path, enum path_dir dir, struct box *box)
{
    return chain_insert(&path->dir[dir].chain, dir == PATH_UP ? CHAIN_MAX : 0, box);
}

/* Somebody has changed boxes behind the chains' back: their deadlines are asked for anew. */
void path_refresh(struct path *path)
{
    int dir;

    for (dir = 0; dir < PATH_DIRS; dir++)
        chain_refresh(&path->dir[dir].chain);
}
