/* SPDX-License-Identifier: MIT */
/* attacker.c - IP packets in and out of the attacker's model (see attacker.h). */
#include "box/attacker.h"

#include "ip.h"
#include "rng.h"

#include <stdlib.h>
#include <string.h>

struct attack_box {
    struct box box;
    struct attacker *owner;
    uint32_t path, dir;
};

struct attacker {
    struct mpt_attack *model;
    struct rng rng;
    uint32_t paths;                    /* bit per path where boxes stand */
    uint32_t home;                     /* path of its own hosts, see set_hosts */
    struct attack_box *box[SHIM_PATHS_MAX * PATH_DIRS];
    size_t boxes;                      /* owned by their paths */
    void (*change)(void *arg);         /* see attacker_on_change */
    void *change_arg;
    uint16_t id;                       /* next IPv4 identification */
    uint8_t scratch[SHIM_HEADROOM + MPT_ATTACK_SEGMENT]; /* where packets are built */
};

/* The clock is the first box's business: one of them is enough. */
static uint64_t due_of(const struct attack_box *b)
{
    uint64_t due = mpt_attack_due(b->owner->model, b->path, b->dir);
    uint64_t tick = b == b->owner->box[0] ? mpt_attack_deadline(b->owner->model) : MPT_NEVER;

    return tick < due ? tick : due;
}

/* One box's packet may have made another's. The engine hears of it only then. */
static void settle(struct attack_box *self)
{
    struct attacker *a = self->owner;
    int moved = 0;

    for (size_t i = 0; i < a->boxes; i++) {
        uint64_t due = due_of(a->box[i]);

        moved |= a->box[i] != self && due != a->box[i]->box.due;
        a->box[i]->box.due = due;
    }
    if (moved && a->change)
        a->change(a->change_arg);
}

/* Behind a header of its own; the octets are the model's. NULL: no block or no room. */
static struct box_packet *build(struct attack_box *b, const struct mpt_attack_view *v)
{
    struct attacker *a = b->owner;
    struct mpt_packet p = {.local = v->src, .remote = v->dst, .ecn = v->ecn, .ttl = 64, .len = v->len};
    struct box_packet *packet;
    const uint8_t *ip;
    size_t len;

    p.data = a->scratch + SHIM_HEADROOM;
    memcpy(p.data, v->tcp, v->len);
    ip = ip_build(&p, a->id++, &len);
    packet = ip ? box_packet_get(b->box.pool, len) : NULL;
    if (packet)
        memcpy(packet->data, ip, len);
    return packet;
}

/* Of an edit with the same length only the octets change: identification and TTL stay the sender's. */
static struct box_packet *replace(struct attack_box *b, struct box_packet *packet, const struct ip_view *ip,
                                  const struct mpt_attack_view *v)
{
    struct box_packet *other;

    if (v->len == ip->payload_len) {
        memcpy(packet->data + ip->header_len, v->tcp, v->len);
        return packet;
    }
    other = build(b, v);
    box_packet_put(b->box.pool, packet);
    return other;
}

static struct box_packet *push_attack(struct box *box, struct box_packet *packet, uint64_t now)
{
    struct attack_box *b = (struct attack_box *)box;
    struct mpt_attack_view v = {.path = b->path, .dir = b->dir};
    struct mpt_packet p;
    struct ip_view ip;

    if (ip_parse(packet->data, packet->len, &ip) < 0 || ip_to_packet(&ip, 1, &p) < 0 || p.len < 20)
        return packet; /* ICMP and what nobody can read: not its trade */
    v.src = p.remote; /* as for a receiver: remote is who sent it */
    v.dst = p.local;
    v.ecn = p.ecn;
    v.tcp = p.data;
    v.len = p.len;
    switch (mpt_attack_packet(b->owner->model, &v, now)) {
    case MPT_ATTACK_EDITED:
        packet = replace(b, packet, &ip, &v);
        break;
    case MPT_ATTACK_TAKEN:
        box_packet_put(box->pool, packet);
        packet = NULL;
        break;
    case MPT_ATTACK_PASS:
        break;
    }
    settle(b);
    return packet;
}

static struct box_packet *pull_attack(struct box *box, uint64_t now)
{
    struct attack_box *b = (struct attack_box *)box;
    struct mpt_attack_view v;
    struct box_packet *packet = NULL;

    if (b == b->owner->box[0] && mpt_attack_deadline(b->owner->model) <= now)
        mpt_attack_tick(b->owner->model, now);
    /* one that cannot be built is lost; the next may be */
    while (!packet && mpt_attack_output(b->owner->model, b->path, b->dir, &v, now))
        packet = build(b, &v);
    settle(b);
    return packet;
}

/* Paths go before the attacker: it must not look at a box that is gone. */
static void free_attack(struct box *box)
{
    struct attacker *a = ((struct attack_box *)box)->owner;

    a->boxes = 0;
    free(box);
}

static const struct box_ops attack_ops = {"attacker", push_attack, pull_attack, free_attack};

/* An address of the path's own network that no phone has: what is sent there goes by the path, and comes to the
 * attacker. */
static void set_hosts(struct mpt_attack_config *c, uint32_t path)
{
    memset(&c->host4, 0, sizeof c->host4);
    memset(&c->host6, 0, sizeof c->host6);
    c->host4.family = 4;
    c->host4.ip[0] = 10;
    c->host4.ip[1] = (uint8_t)(path + 1);
    c->host4.ip[2] = 250;
    c->host4.ip[3] = 66;
    c->host6.family = 6;
    c->host6.ip[0] = 0xfd;
    c->host6.ip[3] = (uint8_t)(path + 1);
    c->host6.ip[14] = 250;
    c->host6.ip[15] = 66;
}

int attacker_new(struct attacker **out, const struct mpt_attack_config *config, uint32_t hears, uint64_t seed,
                 uint32_t phone)
{
    struct attacker *a = calloc(1, sizeof *a);
    struct mpt_attack_config c = *config;
    struct mpt_env env = {.size = sizeof env, .random = rng_random};
    char purpose[32] = "attacker/";
    uint32_t path = 0;
    int e;

    if (!a)
        return MPT_ENOMEM;
    purpose[9] = (char)('0' + phone % 10);
    purpose[10] = (char)('0' + phone / 10 % 10);
    rng_init(&a->rng, seed, purpose);
    env.random_ctx = &a->rng;
    c.env = &env;
    a->paths = hears;
    for (size_t i = 0; i < c.plays; i++)
        a->paths |= c.play[i].paths;
    while (c.plays && path < 31 && !(c.play[0].paths >> path & 1))
        path++;
    a->home = path;
    set_hosts(&c, path);
    e = mpt_attack_new(&a->model, &c);
    if (e < 0) {
        free(a);
        return e;
    }
    *out = a;
    return 0;
}

void attacker_free(struct attacker *a)
{
    if (!a)
        return;
    mpt_attack_free(a->model);
    free(a);
}

int attacker_stands(const struct attacker *a, uint32_t index)
{
    return index < SHIM_PATHS_MAX && (a->paths >> index & 1);
}

uint32_t attacker_home(const struct attacker *a)
{
    return a->home;
}

int attacker_place(struct attacker *a, struct path *path, uint32_t index)
{
    if (!attacker_stands(a, index))
        return 0;
    for (int dir = 0; dir < PATH_DIRS; dir++) {
        struct attack_box *b = calloc(1, sizeof *b);

        if (!b)
            return -1;
        b->box.ops = &attack_ops;
        b->box.pool = path_pool(path);
        b->owner = a;
        b->path = index;
        b->dir = (uint32_t)dir;
        a->box[a->boxes++] = b;
        b->box.due = due_of(b);
        if (path_insert(path, (enum path_dir)dir, &b->box) < 0) {
            a->boxes--;
            free(b);
            return -1;
        }
    }
    return 0;
}

void attacker_on_change(struct attacker *a, void (*fn)(void *arg), void *arg)
{
    a->change = fn;
    a->change_arg = arg;
}

void attacker_stats(const struct attacker *a, struct mpt_attack_stats *stats)
{
    mpt_attack_stats(a->model, stats);
}
