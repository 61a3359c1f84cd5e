/* SPDX-License-Identifier: MIT */
/* link.c - the link box (see link.h). Pushed and pulled by chain.c; changed by path.c. */
#include "box/link.h"

#include "ip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS 1000000000u

/* Time that octets take at a rate. 65,535 octets times 8e9 fit 64 bits. */
static uint64_t octets_ns(uint64_t octets, uint64_t rate)
{
    return rate ? octets * 8 * NS / rate : 0;
}

/* Whichever comes first, of those in order and those held back. */
static void update_due(struct link *link)
{
    uint64_t fifo = link->fifo.head ? link->fifo.head->due_at : MPT_NEVER;
    uint64_t held = link->held.head ? link->held.head->due_at : MPT_NEVER;

    link->box.due = fifo < held ? fifo : held;
}

/* A queue limit of 0 means the loader set none: the larger of 10 full packets and one BDP, taking the
 * round trip as twice the delay. Limits beyond 2^40 octets are as good as none. */
static void set_queue(struct link *link)
{
    uint64_t octets = link->config.queue_bytes;
    uint64_t bdp = (uint64_t)((double)link->config.rate * (double)link->config.delay * 2 / 8e9);

    if (octets == 0)
        octets = bdp > 15000 ? bdp : 15000;
    if (octets > UINT64_C(2000000000))
        octets = UINT64_C(2000000000);
    link->queue_ns = octets_ns(octets, link->config.rate);
    link->mark_ns = octets_ns(link->config.ecn_threshold, link->config.rate);
    link->ser_len = 0;
    link->ser_ns = 0;
}

/* A link without luck takes a shorter way (push_link). */
static void set_random(struct link *link)
{
    const struct link_config *c = &link->config;

    link->random = link->loss.model != LOSS_NONE || c->jitter || c->reorder > 0 ||
                   c->duplicate > 0 || c->corrupt > 0;
}

/* Remembers one length, which spares most packets the division. */
static uint64_t serialise(struct link *link, uint32_t len)
{
    if (len != link->ser_len) { /* most packets of a direction have one of two lengths */
        link->ser_len = len;
        link->ser_ns = octets_ns(len + link->config.overhead, link->config.rate);
    }
    return link->ser_ns;
}

/* Drop tail. Backlog, with the rest of the packet in service, is measured as time; an idle link takes a
 * packet of any size, or a tiny queue would pass nothing. */
static int queue_full(const struct link *link, uint64_t ser, uint64_t now)
{
    return link->busy_until > now && link->busy_until - now + ser > link->queue_ns;
}

/* RFC 3168 5 leaves to the router when: here a step at a fixed backlog, measured as a packet enters, as
 * simple switches do. */
static void mark_packet(struct link *link, struct box_packet *packet, uint64_t now)
{
    if (link->busy_until > now && link->busy_until - now > link->mark_ns)
        link->stats->marked += (uint64_t)ip_mark_ce(packet->data, packet->len);
}

/* One bit of the IP payload: TCP's checksum finds every single-bit error, so what follows is a loss
 * that the receiver sees (RFC 9293 3.1). Headers are spared: a router would drop those. */
static void flip_bit(struct link *link, struct box_packet *packet)
{
    uint32_t header = packet->data[0] >> 4 == 6 ? 40 : (packet->data[0] & 15u) * 4;
    uint64_t bit;

    if (packet->len <= header)
        return;
    bit = rng_below(&link->corrupt_bit, (uint64_t)(packet->len - header) * 8);
    packet->data[header + bit / 8] ^= (uint8_t)(1u << (bit % 8));
    link->stats->corrupted++;
}

/* Uniform in [0, jitter). */
static uint64_t draw_jitter(struct link *link)
{
    uint64_t jitter = link->config.jitter;

    return jitter ? (uint64_t)(rng_uniform(&link->jitter) * (double)jitter) : 0;
}

/* Right behind the original and due with it, as a duplicating link layer would. */
static void duplicate_packet(struct link *link, const struct box_packet *packet)
{
    struct box_packet *copy = box_packet_copy(link->box.pool, packet);

    if (!copy) {
        link->stats->dropped_memory++;
        return;
    }
    box_list_append(&link->fifo, copy);
    link->stats->duplicated++;
}

/* Every loss has a reason that is counted. */
static void drop_packet(struct link *link, struct box_packet *packet, uint64_t *counter)
{
    (*counter)++;
    box_packet_put(link->box.pool, packet);
}

/* Arrival in order: never before the packet ahead. */
static uint64_t arrive_at(struct link *link, uint64_t at)
{
    if (at < link->last_due)
        at = link->last_due;
    link->last_due = at;
    return at;
}

/* The packet was sent at depart_at; now luck decides. Every purpose has its own stream and one draw per
 * packet, so that switching one impairment on leaves the others' draws as they were. */
static void impair_packet(struct link *link, struct box_packet *packet)
{
    const struct link_config *c = &link->config;
    int lost = link->loss.model != LOSS_NONE && loss_next(&link->loss);
    int corrupt = c->corrupt > 0 && rng_uniform(&link->corrupt) < c->corrupt;
    int duplicate = c->duplicate > 0 && rng_uniform(&link->duplicate) < c->duplicate;
    int reorder = c->reorder > 0 && rng_uniform(&link->reorder) < c->reorder;
    uint64_t at = packet->depart_at + c->delay + draw_jitter(link);

    /* the draws above are made in any case, so that a lost packet uses up as many as one that
     * arrives */
    if (lost) {
        drop_packet(link, packet, &link->stats->dropped_loss);
        return;
    }
    if (corrupt)
        flip_bit(link, packet);
    if (reorder) {
        packet->due_at = at + c->reorder_delay;
        box_list_insert(&link->held, packet);
        link->stats->reordered++;
        return;
    }
    packet->due_at = arrive_at(link, at);
    box_list_append(&link->fifo, packet);
    if (duplicate)
        duplicate_packet(link, packet);
}

/* Serialised behind what is ahead, then luck and the way. All times are known at
 * once: nothing happens to a packet between its entry and its arrival. */
static struct box_packet *push_link(struct box *box, struct box_packet *packet, uint64_t now)
{
    struct link *link = (struct link *)box;
    uint64_t ser = serialise(link, packet->len);

    if (link->down) {
        drop_packet(link, packet, &link->stats->dropped_down);
        return NULL;
    }
    if (queue_full(link, ser, now)) {
        drop_packet(link, packet, &link->stats->dropped_queue);
        return NULL;
    }
    if (link->mark_ns)
        mark_packet(link, packet, now);
    packet->depart_at = (link->busy_until > now ? link->busy_until : now) + ser;
    link->busy_until = packet->depart_at;
    if (link->random) {
        impair_packet(link, packet);
    } else {
        packet->due_at = arrive_at(link, packet->depart_at + link->config.delay);
        if (packet->due_at <= now && !link->fifo.head)
            return packet; /* a wire without length: no cost */
        box_list_append(&link->fifo, packet);
    }
    update_due(link);
    return NULL;
}

/* At equal times one that was held back goes first: it has waited longer. */
static struct box_packet *pull_link(struct box *box, uint64_t now)
{
    struct link *link = (struct link *)box;
    struct box_packet *packet;

    if (box->due > now)
        return NULL;
    if (link->held.head && link->held.head->due_at == box->due)
        packet = box_list_take(&link->held);
    else
        packet = box_list_take(&link->fifo);
    update_due(link);
    return packet;
}

/* Configuration and statistics are the path's. */
static void free_link(struct box *box)
{
    struct link *link = (struct link *)box;

    box_list_clear(&link->fifo, box->pool);
    box_list_clear(&link->held, box->pool);
    free(link);
}

static const struct box_ops link_ops = {"link", push_link, pull_link, free_link};

/* "wifi/up/1/loss": path, direction, phone, purpose. */
static void init_stream(struct rng *rng, uint64_t seed, const char *name, const char *purpose)
{
    char text[64];

    snprintf(text, sizeof text, "%s/%s", name, purpose);
    rng_init(rng, seed, text);
}

/* Streams are made for every purpose, used or not: switching one on later changes no other. */
struct link *link_new(struct box_pool *pool, const struct link_config *config,
                      struct box_stats *stats, uint64_t seed, const char *name)
{
    struct link *link = calloc(1, sizeof *link);
    struct rng loss;

    if (!link)
        return NULL;
    link->box.ops = &link_ops;
    link->box.due = MPT_NEVER;
    link->box.pool = pool;
    link->config = *config;
    link->stats = stats;
    init_stream(&loss, seed, name, "loss");
    loss_init(&link->loss, config->loss_model, config->loss, config->burst, &loss);
    init_stream(&link->jitter, seed, name, "jitter");
    init_stream(&link->reorder, seed, name, "reorder");
    init_stream(&link->duplicate, seed, name, "duplicate");
    init_stream(&link->corrupt, seed, name, "corrupt");
    init_stream(&link->corrupt_bit, seed, name, "corrupt_bit");
    set_queue(link);
    set_random(link);
    return link;
}

/* ---- changes over time ---------------------------------------------------------------------------- */

/* Work that took `left` at rate `from` takes this long at rate `to` (0 = infinitely fast). */
static uint64_t scale_time(uint64_t left, uint64_t from, uint64_t to)
{
    return to ? (uint64_t)((double)left * ((double)from / (double)to)) : 0;
}

/* Moves what has not departed by `now`; returns it to the list in the order of the new arrivals. */
static void move_waiting(struct link *link, struct box_list *list, uint64_t from, int64_t delay,
                         uint64_t now)
{
    struct box_list old = *list;
    struct box_packet *packet;

    list->head = list->tail = NULL;
    while ((packet = box_list_take(&old))) {
        if (packet->depart_at > now) {
            uint64_t after = (uint64_t)((int64_t)(packet->due_at - packet->depart_at) + delay);

            packet->depart_at = now + scale_time(packet->depart_at - now, from, link->config.rate);
            packet->due_at = packet->depart_at + after;
        }
        if (list == &link->fifo)
            packet->due_at = arrive_at(link, packet->due_at);
        box_list_insert(list, packet);
    }
}

/* Packets that have left the sender's queue fly on; those that wait are timed anew. */
static void reschedule(struct link *link, uint64_t from, int64_t delay, uint64_t now)
{
    if (link->busy_until > now)
        link->busy_until = now + scale_time(link->busy_until - now, from, link->config.rate);
    link->last_due = 0; /* rebuilt from the packets that are still under way */
    move_waiting(link, &link->fifo, from, delay, now);
    move_waiting(link, &link->held, from, delay, now);
    set_queue(link);
    update_due(link);
}

/* A change of rate keeps what waits: it only leaves sooner or later. */
void link_set_rate(struct link *link, uint64_t rate, uint64_t now)
{
    uint64_t from = link->config.rate;

    link->config.rate = rate;
    /* Without a rate nothing waits, so there is nothing to rescale. */
    reschedule(link, from ? from : rate, 0, now);
}

void link_set_delay(struct link *link, uint64_t delay, uint64_t now)
{
    int64_t more = (int64_t)(delay - link->config.delay);
    uint64_t queue_ns = link->queue_ns, mark_ns = link->mark_ns;

    link->config.delay = delay;
    reschedule(link, link->config.rate, more, now);
    link->mark_ns = mark_ns;
    link->queue_ns = queue_ns; /* buffers do not grow when a phone walks away */
}

/* May switch loss on where there was none. */
void link_set_loss(struct link *link, double loss)
{
    link->config.loss = loss;
    loss_set_rate(&link->loss, loss);
    set_random(link);
}

/* What has departed is in the air and still arrives. */
static void drop_waiting(struct link *link, struct box_list *list, uint64_t now)
{
    struct box_list old = *list;
    struct box_packet *packet;

    list->head = list->tail = NULL;
    while ((packet = box_list_take(&old))) {
        if (packet->depart_at > now)
            drop_packet(link, packet, &link->stats->dropped_down);
        else
            box_list_append(list, packet);
    }
}

/* Silent: the sender is told nothing. The queue is lost with the link. */
void link_set_down(struct link *link, int down, uint64_t now)
{
    link->down = down != 0;
    if (!down)
        return;
    drop_waiting(link, &link->fifo, now);
    drop_waiting(link, &link->held, now);
    if (link->busy_until > now)
        link->busy_until = now;
    update_due(link);
}
