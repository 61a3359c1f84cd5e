/* SPDX-License-Identifier: MIT */
/* run/network.c - configuration and seed to topology; see network.h. */
#include "run/network.h"

#include <stdio.h>
#include <string.h>

#include "rng.h"

/* A stream of its own for each purpose: adding a random value to a scenario leaves the others as
 * they were. */
static uint64_t draw_time(struct span span, uint64_t seed, const char *purpose)
{
    struct rng rng;

    if (span.low == span.high)
        return span.low;
    rng_init(&rng, seed, purpose);
    return span.low + (uint64_t)((double)(span.high - span.low) * rng_uniform(&rng));
}

/* For run.json: what was drawn, so that a reader need not draw again. A full list only loses the
 * note. */
static void note(struct network *n, const char *key, double value)
{
    struct draw *d = &n->draw[n->draws];

    if (n->draws == DRAWS_MAX)
        return;
    snprintf(d->key, sizeof d->key, "%s", key);
    d->value = value;
    n->draws++;
}

/* The drop-tail limit of experiments with real queues: one BDP, and never less than 10 packets. */
static uint64_t default_queue(uint64_t rate, uint64_t one_way, uint64_t mtu)
{
    double bdp = (double)rate / 8 * (2 * (double)one_way / 1e9);

    return bdp > (double)(10 * mtu) ? (uint64_t)bdp : 10 * mtu;
}

/* Both directions of a path alike; changes may tell them apart later. */
static void build_link(struct link_config *l, const struct run_config *c, const struct run_path *p)
{
    uint64_t one_way = p->delay + p->extra_delay + c->server_delay;

    l->rate = p->rate;
    l->delay = p->delay;
    l->jitter = p->jitter;
    l->ecn_threshold = p->ecn_threshold;
    l->overhead = p->overhead;
    l->queue_bytes = p->queue != 0 ? p->queue : default_queue(p->rate, one_way, p->mtu);
    l->loss_model = p->loss == 0 ? LOSS_NONE : p->burst >= 1 ? LOSS_BURST : LOSS_UNIFORM;
    l->loss = p->loss;
    l->burst = p->burst;
    l->reorder = p->reorder;
    l->reorder_delay = p->reorder_delay;
    l->duplicate = p->duplicate;
    l->corrupt = p->corrupt;
}

/* One number for any kind; struct path_change says what it means. */
static double change_value(const struct run_change *ch, uint32_t kind)
{
    switch (kind) {
    case CHANGE_RATE:
        return (double)ch->rate;
    case CHANGE_DELAY:
        return (double)ch->delay;
    case CHANGE_LOSS:
        return ch->loss;
    case CHANGE_DOWN:
        return (double)ch->down;
    default:
        return (double)ch->address;
    }
}

/* One written change may change several properties at its moment. */
static void build_change(struct network *n, struct path_config *t, const struct run_config *c,
                         const struct run_path *p, size_t i, uint64_t seed)
{
    const struct run_change *ch = &p->change[i];
    char purpose[64];
    uint64_t at;

    snprintf(purpose, sizeof purpose, "paths.%s.changes.%zu.at", p->name, i);
    /* scenario times count from the start of the clients, the engine's from 0 */
    at = draw_time(ch->at, seed, purpose) + c->start;
    note(n, purpose, (double)at / 1e9);
    for (uint32_t kind = CHANGE_RATE; kind <= CHANGE_ADDRESS; kind++)
        if ((ch->kinds >> kind & 1) && t->changes < SHIM_CHANGES_MAX)
            t->change[t->changes++] =
                (struct path_change){at, kind, ch->direction, change_value(ch, kind)};
}

/* What of a radio is left where nobody has its model (radios.c): the same promotions, without states. */
static void build_radio(struct path_config *t, const struct mpt_radio_profile *radio)
{
    t->promotion = radio->hold == MPT_RADIO_HOLD_NONE ? 0 : radio->promotion;
    t->idle_after = radio->sleep ? radio->tail : 0; /* 0: never */
    t->idle_at_start = radio->start == MPT_RADIO_START_IDLE;
}

/* Drawn like the time of a change; attacks.c asks for it again. */
static void note_attacks(struct network *n, const struct run_config *c, const struct run_path *p, uint64_t seed)
{
    char purpose[64];

    for (size_t i = 0; i < p->attacks; i++) {
        snprintf(purpose, sizeof purpose, "paths.%s.attacks.%zu.at", p->name, i);
        note(n, purpose, (double)network_attack_at(c, p, i, seed) / 1e9);
    }
}

/* The bench topology has wires only: a radio is then just its link. */
static void build_path(struct network *n, const struct run_config *c, const struct run_path *p,
                       uint64_t seed)
{
    struct path_config *t = &n->topology.path[n->topology.paths++];

    memcpy(t->name, p->name, sizeof t->name);
    t->radio = c->point_to_point ? RADIO_NONE : p->radio;
    t->mtu = (uint32_t)p->mtu;
    t->link_mtu = (uint32_t)p->link_mtu;
    t->mtu_icmp = p->mtu_icmp;
    t->backup = p->backup;
    build_link(&t->up, c, p);
    t->down = t->up;
    t->extra_delay = p->extra_delay;
    t->promotion = p->promotion;
    t->idle_after = p->idle_after;
    t->idle_at_start = p->idle_at_start;
    if (p->model.base != NULL)
        build_radio(t, &p->model.value);
    for (size_t i = 0; i < p->changes; i++)
        build_change(n, t, c, p, i, seed);
    note_attacks(n, c, p, seed);
    if (p->radio == RADIO_WIFI) {
        n->topology.fading = (uint32_t)p->fading;
        n->topology.mobility.distance = p->distance;
    }
}

/* The speed is drawn even when nobody walks: the draw has its own stream, so nothing else depends
 * on it. */
static void build_walk(struct network *n, const struct run_config *c, uint64_t seed)
{
    struct mobility_config *m = &n->topology.mobility;
    struct rng rng;

    rng_init(&rng, seed, "mobility.speed");
    m->walk = c->walk;
    m->walk_at = c->walk_at + c->start;
    m->walk_for = c->walk_for;
    m->speed = c->speed.low + (c->speed.high - c->speed.low) * rng_uniform(&rng);
    if (c->walk)
        note(n, "mobility.speed", m->speed);
}

/* The link that all paths share holds a BDP of the longest: bursts of the server are not lost before the
 * paths that the experiment is about. */
static uint64_t longest_way(const struct run_config *c)
{
    uint64_t longest = 0;

    for (size_t i = 0; i < c->paths; i++)
        if (c->path[i].delay + c->path[i].extra_delay > longest)
            longest = c->path[i].delay + c->path[i].extra_delay;
    return longest + c->server_delay;
}

/* Everything random about the network is decided here, before the engine starts. */
void network_build(struct network *n, const struct run_config *c, uint64_t seed)
{
    struct topology *t = &n->topology;

    memset(n, 0, sizeof *n);
    t->phones = (uint32_t)c->phones;
    t->ipv6 = c->ipv6;
    t->point_to_point = c->point_to_point;
    t->seed = seed;
    t->server_multihomed = c->server_addresses > 1 ? (uint32_t)c->server_addresses : 0;
    t->cross_phones = (uint32_t)c->cross_phones;
    t->cross_rate = c->cross_rate;
    t->server_link.rate = c->server_rate;
    t->server_link.delay = c->server_delay;
    t->server_link.jitter = c->server_jitter;
    t->server_link.queue_bytes =
        c->server_queue != 0 ? c->server_queue : default_queue(c->server_rate, longest_way(c), 1500);
    for (size_t i = 0; i < c->paths; i++)
        build_path(n, c, &c->path[i], seed);
    build_walk(n, c, seed);
    if (c->traffic_kind != TRAFFIC_BULK && c->traffic_kind != TRAFFIC_PHONE)
        note(n, "traffic.first", (double)(network_first_request(c, seed, 0) + c->start) / 1e9);
}

/* From the start of the simulation. */
uint64_t network_attack_at(const struct run_config *c, const struct run_path *p, size_t i, uint64_t seed)
{
    char purpose[64];

    snprintf(purpose, sizeof purpose, "paths.%s.attacks.%zu.at", p->name, i);
    return draw_time(p->attack[i].at, seed, purpose) + c->start;
}

/* Also asked by traffic.c: the same purpose gives the same draw. */
uint64_t network_first_request(const struct run_config *c, uint64_t seed, uint64_t connection)
{
    char purpose[64];

    snprintf(purpose, sizeof purpose, "traffic.first/%llu", (unsigned long long)connection);
    return draw_time(c->first, seed, purpose);
}
