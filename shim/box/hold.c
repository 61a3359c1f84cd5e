/* SPDX-License-Identifier: MIT */
/* hold.c - the hold queue of a radio that is promoted (see hold.h). Pushed and pulled by chain.c. */
#include "box/hold.h"

#include "mpt.h"

#include <stdlib.h>

/* idle_at 0 is "asleep since before the start"; idle_after counts from the start otherwise. */
void hold_radio_init(struct hold_radio *radio, uint64_t promotion, uint64_t idle_after,
                     int idle_at_start)
{
    radio->model = NULL;
    radio->promotion = promotion;
    radio->idle_after = idle_after;
    radio->ready_at = 0;
    if (idle_at_start)
        radio->idle_at = 0;
    else
        radio->idle_at = idle_after ? idle_after : MPT_NEVER;
}

/* Wakes the model of the radio. Returns when the packet can pass. */
static uint64_t use_model(struct hold *hold, struct mpt_radio *model, uint64_t now)
{
    uint64_t promotions = model->promotions, at = mpt_radio_wake(model, hold->dir, now);

    hold->stats->promotions += model->promotions - promotions;
    return at;
}

/* A packet passes at now: wakes the radio if it sleeps. Returns when the packet can be sent. */
static uint64_t use_radio(struct hold *hold, uint64_t now)
{
    struct hold_radio *radio = hold->radio;
    uint64_t at;

    if (radio->model)
        return use_model(hold, radio->model, now);
    if (now >= radio->idle_at) {
        radio->ready_at = now + radio->promotion;
        hold->stats->promotions++;
    }
    at = now > radio->ready_at ? now : radio->ready_at;
    radio->idle_at = radio->idle_after ? at + radio->idle_after : MPT_NEVER;
    return at;
}

/* Only what is not dropped costs energy. */
static void carry(const struct hold *hold, const struct box_packet *packet)
{
    if (hold->radio->model)
        mpt_radio_carry(hold->radio->model, hold->dir, packet->len);
}

/* A packet behind waiting ones waits too: the radio never reorders. The first is taken whatever
 * its size, or a tiny queue would never wake it. */
static struct box_packet *push_hold(struct box *box, struct box_packet *packet, uint64_t now)
{
    struct hold *hold = (struct hold *)box;
    uint64_t at = use_radio(hold, now);

    if (at <= now && !hold->queue.head) {
        carry(hold, packet);
        return packet;
    }
    if (hold->queue_bytes && hold->waiting && hold->waiting + packet->len > hold->queue_bytes) {
        hold->stats->dropped_queue++;
        box_packet_put(box->pool, packet);
        return NULL;
    }
    carry(hold, packet);
    packet->due_at = at;
    hold->waiting += packet->len;
    box_list_append(&hold->queue, packet);
    box->due = hold->queue.head->due_at;
    return NULL;
}

/* In order: due times in the queue never fall. */
static struct box_packet *pull_hold(struct box *box, uint64_t now)
{
    struct hold *hold = (struct hold *)box;
    struct box_packet *packet;

    if (box->due > now)
        return NULL;
    packet = box_list_take(&hold->queue);
    hold->waiting -= packet->len;
    box->due = hold->queue.head ? hold->queue.head->due_at : MPT_NEVER;
    return packet;
}

/* The radio is the path's. */
static void free_hold(struct box *box)
{
    struct hold *hold = (struct hold *)box;

    box_list_clear(&hold->queue, box->pool);
    free(hold);
}

static const struct box_ops hold_ops = {"hold", push_hold, pull_hold, free_hold};

struct hold *hold_new(struct box_pool *pool, struct hold_radio *radio, uint32_t dir, uint64_t queue_bytes,
                      struct box_stats *stats)
{
    struct hold *hold = calloc(1, sizeof *hold);

    if (!hold)
        return NULL;
    hold->box.ops = &hold_ops;
    hold->box.due = MPT_NEVER;
    hold->box.pool = pool;
    hold->radio = radio;
    hold->dir = dir;
    hold->queue_bytes = queue_bytes;
    hold->stats = stats;
    return hold;
}
