/* SPDX-License-Identifier: MIT */
/* loop.c - the built-in discrete-event world (see loop.h and the contract of struct sim_ops in shim.h).
 *
 * One timer per path direction stands for all packets on it: it is set to the time of the next arrival.
 * A packet is copied once into a pooled block when it leaves a host, moves by pointer from box to box,
 * and is handed to the receiver in place. */
#include "loop/loop.h"

#include "box/attacker.h"
#include "box/chain.h"
#include "box/link.h"
#include "loop/queue.h"
#include "loop/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct loop;

/* One direction of one path, or of the server link: something packets come out of at known times. */
struct channel {
    struct sim_timer timer; /* at the next arrival */
    struct loop *loop;
    struct loop_path *path; /* NULL: the server link */
    enum path_dir dir;
};

struct loop_path {
    struct path *path;
    struct channel channel[PATH_DIRS];
    struct sim_timer notice; /* next CHANGE_ADDRESS, for the upcall */
    size_t next_notice;      /* its index in config->change */
    const struct path_config *config;
    struct loop *loop;
    uint32_t phone, ifid; /* both from 1 */
};

struct server_link {
    struct chain chain; /* one link box, or none at all */
    struct channel channel;
    struct box_stats stats;
};

struct loop {
    struct sim sim;           /* first: see struct sim */
    struct topology topology; /* own copy: paths point into it */
    struct sim_upcalls up;
    struct queue queue;
    struct box_pool pool;
    struct loop_path *path; /* phones x paths */
    struct server_link server[PATH_DIRS];
    uint64_t now;
    uint64_t events; /* executed */
    uint64_t unroutable;
    int stopped;
};

/* struct sim is the first field. */
static struct loop *loop_of(struct sim *sim)
{
    return (struct loop *)sim;
}

/* phone counts from 1, path from 0; NULL outside. */
static struct loop_path *find_path(struct loop *loop, uint32_t phone, size_t path)
{
    if (phone < 1 || phone > loop->topology.phones || path >= loop->topology.paths)
        return NULL;
    return &loop->path[(phone - 1) * loop->topology.paths + path];
}

/* ---- channels ------------------------------------------------------------------------------------- */

/* When the next packet comes out of it. */
static uint64_t channel_due(const struct channel *channel)
{
    if (channel->path)
        return path_due(channel->path->path, channel->dir);
    return channel->loop->server[channel->dir].chain.due;
}

/* Sets the timer to the next arrival. Arrivals only ever come nearer by a push, which is the common
 * case: then nothing moves. */
static void arm_channel(struct channel *channel)
{
    struct loop *loop = channel->loop;
    uint64_t due = channel_due(channel);

    if (due == MPT_NEVER) {
        queue_cancel(&loop->queue, &channel->timer);
        return;
    }
    /* a box may be due in the past: nobody has looked at it since */
    if (due < loop->now)
        due = loop->now;
    if (!channel->timer.slot || channel->timer.at != due)
        queue_set(&loop->queue, &channel->timer, due);
}

/* What a path counts itself is counted here for the server link, which is a bare chain. */
static struct box_packet *channel_take(struct channel *channel, uint64_t now)
{
    struct server_link *server = &channel->loop->server[channel->dir];
    struct box_packet *packet;

    if (channel->path)
        return path_take(channel->path->path, channel->dir, now);
    packet = chain_pull(&server->chain, now);
    if (packet) {
        server->stats.out++;
        server->stats.octets_out += packet->len;
    }
    return packet;
}

/* ---- moving packets ------------------------------------------------------------------------------- */

/* The end of a packet's way: the receiver sees the octets in place, then the block is free. */
static void deliver(struct loop *loop, uint32_t host, uint32_t ifid, struct box_packet *packet)
{
    const struct sim_upcalls *up = &loop->up;

    if (up->tap)
        up->tap(up->ctx, host, ifid, 1, packet->data, packet->len, loop->now);
    up->receive(up->ctx, host, ifid, packet->data, packet->len, loop->now);
    box_packet_put(&loop->pool, packet);
}

/* A host sent to an address that nobody has; no ICMP comes back. */
static void drop_unroutable(struct loop *loop, struct box_packet *packet)
{
    loop->unroutable++;
    box_packet_put(&loop->pool, packet);
}

/* At the server's end of the server link. */
static void reach_server(struct loop *loop, struct box_packet *packet)
{
    uint32_t ifid = route_server_ifid(&loop->topology, packet->data, packet->len);

    if (ifid)
        deliver(loop, 0, ifid, packet);
    else
        drop_unroutable(loop, packet);
}

/* At the router, towards the phones. */
static void enter_path(struct loop *loop, struct box_packet *packet)
{
    uint32_t phone;
    size_t index;
    struct loop_path *path = NULL;

    if (route_phone(packet->data, packet->len, &phone, &index))
        path = find_path(loop, phone, index);
    if (!path) {
        drop_unroutable(loop, packet);
        return;
    }
    path_push_packet(path->path, PATH_DOWN, packet, loop->now);
    arm_channel(&path->channel[PATH_DOWN]);
    if (path->config->mtu_icmp) /* an answer may lie there */
        arm_channel(&path->channel[PATH_UP]);
}

/* Up: from the router to the server; down: from the server to the router. */
static void enter_server_link(struct loop *loop, enum path_dir dir, struct box_packet *packet)
{
    struct server_link *server = &loop->server[dir];

    if (server->chain.n == 0) { /* not configured: no event, no time */
        if (dir == PATH_UP)
            reach_server(loop, packet);
        else
            enter_path(loop, packet);
        return;
    }
    server->stats.in++;
    server->stats.octets_in += packet->len;
    chain_push(&server->chain, packet, loop->now);
    arm_channel(&server->channel);
}

/* A channel's timer: everything that arrives now, then the next arrival. The receiver may send on this
 * very channel; what it sends is taken in the same pass when it is due at once. */
static void fire_channel(void *arg, uint64_t now)
{
    struct channel *channel = arg;
    struct loop *loop = channel->loop;
    struct box_packet *packet;

    /* the four ends of a channel: router, phone, server, router */
    while (!loop->stopped && (packet = channel_take(channel, now))) {
        if (channel->path && channel->dir == PATH_UP)
            enter_server_link(loop, PATH_UP, packet);
        else if (channel->path)
            deliver(loop, channel->path->phone, channel->path->ifid, packet);
        else if (channel->dir == PATH_UP)
            reach_server(loop, packet);
        else
            enter_path(loop, packet);
    }
    arm_channel(channel);
}

/* ---- addresses that come and go ------------------------------------------------------------------- */

/* One at a time, in the order of the list. */
static void arm_notice(struct loop_path *path)
{
    const struct path_config *c = path->config;

    while (path->next_notice < c->changes && c->change[path->next_notice].kind != CHANGE_ADDRESS)
        path->next_notice++;
    if (path->next_notice < c->changes)
        queue_set(&path->loop->queue, &path->notice, c->change[path->next_notice].at);
}

/* The host may act on the news at once, so everything is in its new state before it is told. */
static void fire_notice(void *arg, uint64_t now)
{
    struct loop_path *path = arg;
    const struct sim_upcalls *up = &path->loop->up;
    int is_up = path->config->change[path->next_notice++].value != 0;

    (void)path_address_up(path->path,
                          now); /* the path takes the change before the phone reacts to it */
    arm_notice(path);
    if (up->address)
        up->address(up->ctx, path->phone, path->ifid, is_up, now);
}

/* ---- struct sim_ops ------------------------------------------------------------------------------- */

/* The rows of struct sim_ops; their contract stands in shim.h. */
static uint64_t sim_now(struct sim *sim)
{
    return loop_of(sim)->now;
}

/* A time in the past means now: virtual time never goes back. */
static void sim_timer_set(struct sim *sim, struct sim_timer *timer, uint64_t at)
{
    struct loop *loop = loop_of(sim);

    queue_set(&loop->queue, timer, at < loop->now ? loop->now : at);
}

/* A timer that is not set is left alone. */
static void sim_timer_cancel(struct sim *sim, struct sim_timer *timer)
{
    queue_cancel(&loop_of(sim)->queue, timer);
}

/* The tap sees packets in the order in which hosts send them, before anything is lost. */
static void send_from_phone(struct loop *loop, struct loop_path *path, const uint8_t *ip,
                            size_t len)
{
    const struct sim_upcalls *up = &loop->up;

    if (up->tap)
        up->tap(up->ctx, path->phone, path->ifid, 0, ip, len, loop->now);
    path_push(path->path, PATH_UP, ip, len, loop->now);
    arm_channel(&path->channel[PATH_UP]);
    if (path->config->mtu_icmp)
        arm_channel(&path->channel[PATH_DOWN]);
}

/* With all blocks in use and no memory the packet is lost, as in a full device queue. */
static void send_from_server(struct loop *loop, uint32_t ifid, const uint8_t *ip, size_t len)
{
    const struct sim_upcalls *up = &loop->up;
    struct box_packet *packet = box_packet_get(&loop->pool, len);

    if (up->tap)
        up->tap(up->ctx, 0, ifid ? ifid : 1, 0, ip, len, loop->now);
    if (!packet) {
        loop->unroutable++;
        return;
    }
    memcpy(packet->data, ip, len);
    enter_server_link(loop, PATH_DOWN, packet);
}

/* Interface 0 means that the host did not choose: the source address does. */
static void sim_send(struct sim *sim, uint32_t host, uint32_t ifid, const uint8_t *ip, size_t len)
{
    struct loop *loop = loop_of(sim);
    struct loop_path *path;
    uint32_t phone;
    size_t index = (size_t)ifid - 1;

    if (host == 0) {
        send_from_server(loop, ifid, ip, len);
        return;
    }
    if (ifid == 0 && !route_phone_source(ip, len, &phone, &index))
        index = SHIM_PATHS_MAX;
    path = find_path(loop, host, index);
    if (path)
        send_from_phone(loop, path, ip, len);
    else
        loop->unroutable++;
}

/* Addresses follow from numbers; nothing is stored. */
static int sim_address(struct sim *sim, uint32_t host, uint32_t ifid, struct mpt_addr *addr)
{
    return route_address(&loop_of(sim)->topology, host, ifid, addr);
}

/* One timer at a time, in the order of (time, set earlier): two runs of a seed take the same
 * steps. */
static void sim_run(struct sim *sim, uint64_t until)
{
    struct loop *loop = loop_of(sim);
    uint64_t due;

    loop->stopped = 0;
    while (!loop->stopped && (due = queue_due(&loop->queue)) <= until && due != MPT_NEVER) {
        struct sim_timer *timer = queue_take(&loop->queue);

        loop->now = due;
        loop->events++;
        timer->fire(timer->arg, due);
    }
    /* The clock goes on to `until` only when something is still to come: at the end it stays at the
     * last event, which is when the run was over. */
    if (!loop->stopped && queue_due(&loop->queue) != MPT_NEVER && until > loop->now)
        loop->now = until;
}

/* Takes effect behind the callback that is running. */
static void sim_stop(struct sim *sim)
{
    loop_of(sim)->stopped = 1;
}

/* Timers fired: one stands for all packets that arrive at the same time on a channel. */
static uint64_t sim_events(struct sim *sim)
{
    return loop_of(sim)->events;
}

/* Also of a loop that is only half built. Packets go back to the pool before the pool goes. */
static void sim_free(struct sim *sim)
{
    struct loop *loop = loop_of(sim);
    size_t i, n = (size_t)loop->topology.phones * loop->topology.paths;
    int dir;

    for (i = 0; loop->path && i < n; i++)
        path_free(loop->path[i].path);
    free(loop->path);
    for (dir = 0; dir < PATH_DIRS; dir++)
        chain_clear(&loop->server[dir].chain, &loop->pool);
    queue_clear(&loop->queue);
    box_pool_clear(&loop->pool);
    free(loop);
}

static const struct sim_ops loop_ops = {
    "loop",      sim_now, sim_timer_set, sim_timer_cancel, sim_send,
    sim_address, sim_run, sim_stop,      sim_events,       sim_free,
};

/* ---- building ------------------------------------------------------------------------------------- */

/* path NULL: a direction of the server link. */
static void init_channel(struct channel *channel, struct loop *loop, struct loop_path *path,
                         enum path_dir dir)
{
    channel->timer.fire = fire_channel;
    channel->timer.arg = channel;
    channel->loop = loop;
    channel->path = path;
    channel->dir = dir;
}

/* The path's random streams are named after the phone, so another phone does not shift them. */
static int build_path(struct loop *loop, struct loop_path *path, uint32_t phone, uint32_t index)
{
    path->config = &loop->topology.path[index];
    path->loop = loop;
    path->phone = phone;
    path->ifid = index + 1;
    path->path = path_new_in(&loop->pool, path->config, loop->topology.seed, phone, PATH_FULL);
    init_channel(&path->channel[PATH_UP], loop, path, PATH_UP);
    init_channel(&path->channel[PATH_DOWN], loop, path, PATH_DOWN);
    path->notice.fire = fire_notice;
    path->notice.arg = path;
    arm_notice(path);
    return path->path ? 0 : -1;
}

/* Phone by phone: find_path counts on this order. */
static int build_paths(struct loop *loop)
{
    size_t paths = loop->topology.paths;
    uint32_t phone, index;

    loop->path = calloc(loop->topology.phones * paths, sizeof *loop->path);
    if (!loop->path)
        return -1;
    for (phone = 1; phone <= loop->topology.phones; phone++)
        for (index = 0; index < paths; index++)
            if (build_path(loop, find_path(loop, phone, index), phone, index) < 0)
                return -1;
    return 0;
}

/* A link of all zeroes is no link: packets pass it in no time and without an event. */
static int is_configured(const struct link_config *c)
{
    return c->rate || c->delay || c->jitter || c->loss_model != LOSS_NONE || c->reorder > 0 ||
           c->duplicate > 0 || c->corrupt > 0;
}

/* An attacker sends on any path of its phone at any time: the timers of all of them follow. */
static void on_attack(void *arg)
{
    struct loop_path *first = arg;

    for (size_t i = 0; i < first->loop->topology.paths; i++)
        loop_path_changed(&first->loop->sim, first->phone, i);
}

static int place_attackers(struct loop *loop)
{
    const struct topology *t = &loop->topology;
    uint32_t phone, index;

    for (phone = 1; t->attacker && phone <= t->phones; phone++) {
        for (index = 0; index < t->paths; index++)
            if (attacker_place(t->attacker[phone - 1], find_path(loop, phone, index)->path, index) < 0)
                return -1;
        attacker_on_change(t->attacker[phone - 1], on_attack, find_path(loop, phone, 0));
        on_attack(find_path(loop, phone, 0));
    }
    return 0;
}

/* Shared by all paths: what is lost here is lost to all. */
static int build_server_link(struct loop *loop)
{
    const struct link_config *c = &loop->topology.server_link;
    int dir;

    for (dir = 0; dir < PATH_DIRS; dir++) {
        struct server_link *server = &loop->server[dir];
        struct link *link;

        init_channel(&server->channel, loop, NULL, (enum path_dir)dir);
        chain_init(&server->chain);
        if (!is_configured(c))
            continue;
        link = link_new(&loop->pool, c, &server->stats, loop->topology.seed,
                        dir == PATH_UP ? "server_link/up" : "server_link/down");
        if (chain_insert(&server->chain, 0, link ? &link->box : NULL) < 0)
            return -1;
    }
    return 0;
}

/* NULL: fine. The limits of fixed arrays and of the address plan. */
static const char *check_topology(const struct topology *t)
{
    size_t i;

    if (t->paths < 1 || t->paths > SHIM_PATHS_MAX)
        return "topology: a phone needs 1 to 8 paths";
    if (t->phones < 1 || t->phones > 65534)
        return "topology: the address plan has room for 1 to 65534 phones";
    for (i = 0; i < t->paths; i++) {
        if (t->path[i].mtu && t->path[i].mtu < MPT_MTU_MIN)
            return "topology: a path has an MTU below 576";
        if (t->path[i].changes > SHIM_CHANGES_MAX)
            return "topology: a path has more than 64 changes";
    }
    return NULL;
}

/* Blocks hold the largest packet that passes some path; larger ones are dropped at the first MTU. */
static size_t block_size(const struct topology *t)
{
    size_t i, cap = 1600;

    for (i = 0; i < t->paths; i++)
        if (t->path[i].mtu == 0 || t->path[i].mtu > cap)
            cap = t->path[i].mtu ? t->path[i].mtu : SHIM_IP_MAX;
    return cap;
}

/* The topology is copied: the caller's may go. */
struct sim *loop_new(const struct topology *t, const struct sim_upcalls *up, char *err, size_t cap)
{
    const char *why = check_topology(t);
    struct loop *loop = why ? NULL : calloc(1, sizeof *loop);

    if (!loop) {
        snprintf(err, cap, "%s", why ? why : "loop: out of memory");
        return NULL;
    }
    loop->sim.ops = &loop_ops;
    loop->topology = *t;
    loop->up = *up;
    queue_init(&loop->queue);
    box_pool_init(&loop->pool, block_size(t));
    if (build_server_link(loop) < 0 || build_paths(loop) < 0 || place_attackers(loop) < 0) {
        sim_free(&loop->sim);
        snprintf(err, cap, "loop: out of memory");
        return NULL;
    }
    return &loop->sim;
}

/* ---- looking -------------------------------------------------------------------------------------- */

/* For tests, and for boxes that are put in from outside. */
struct path *loop_path(struct sim *sim, uint32_t phone, size_t path)
{
    struct loop_path *found = find_path(loop_of(sim), phone, path);

    return found ? found->path : NULL;
}

/* A push from outside may have moved the next arrival of either direction. */
void loop_path_changed(struct sim *sim, uint32_t phone, size_t path)
{
    struct loop_path *found = find_path(loop_of(sim), phone, path);

    if (!found)
        return;
    path_refresh(found->path);
    arm_channel(&found->channel[PATH_UP]);
    arm_channel(&found->channel[PATH_DOWN]);
}

uint64_t loop_unroutable(struct sim *sim)
{
    return loop_of(sim)->unroutable;
}

const struct box_stats *loop_server_stats(struct sim *sim, enum path_dir dir)
{
    return &loop_of(sim)->server[dir].stats;
}
