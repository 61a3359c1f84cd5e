/* SPDX-License-Identifier: MIT */
/* chain.c - boxes in a row (see chain.h). */
#include "box/chain.h"

#include "mpt.h"

#include <string.h>

void chain_init(struct chain *chain)
{
    memset(chain, 0, sizeof *chain);
    chain->due = MPT_NEVER;
}

/* Boxes own what waits in them; the chain owns the boxes and what has come out. */
void chain_clear(struct chain *chain, struct box_pool *pool)
{
    size_t i;

    for (i = 0; i < chain->n; i++)
        chain->box[i]->ops->free(chain->box[i]);
    box_list_clear(&chain->out, pool);
    chain_init(chain);
}

/* NULL is passed on as failure, so that callers need not look at what link_new gave. */
int chain_insert(struct chain *chain, size_t at, struct box *box)
{
    if (!box || chain->n == CHAIN_MAX)
        return -1;
    if (at > chain->n)
        at = chain->n;
    memmove(&chain->box[at + 1], &chain->box[at], (chain->n - at) * sizeof chain->box[0]);
    chain->box[at] = box;
    chain->n++;
    chain_refresh(chain);
    return 0;
}

/* due 0: something lies at the end already. */
void chain_refresh(struct chain *chain)
{
    uint64_t due = chain->out.head ? 0 : MPT_NEVER;
    size_t i;

    for (i = 0; i < chain->n; i++)
        if (chain->box[i]->due < due)
            due = chain->box[i]->due;
    chain->due = due;
}

/* From box i on, as far as the packet goes at once. */
static void pass_on(struct chain *chain, size_t i, struct box_packet *packet, uint64_t now)
{
    for (; packet && i < chain->n; i++)
        packet = chain->box[i]->ops->push(chain->box[i], packet, now);
    if (packet)
        box_list_append(&chain->out, packet);
}

/* A packet that no box keeps lies at the end at once and is pulled from there. */
void chain_push(struct chain *chain, struct box_packet *packet, uint64_t now)
{
    pass_on(chain, 0, packet, now);
    chain_refresh(chain);
}

/* Of a box that answers a packet of the other direction. */
void chain_return(struct chain *chain, struct box_packet *packet)
{
    box_list_append(&chain->out, packet);
    chain_refresh(chain);
}

/* One packet at a time, in the order in which they leave the last box. A late call moves each
 * packet at its own time, so the result does not depend on when the caller looks. */
struct box_packet *chain_pull(struct chain *chain, uint64_t now)
{
    struct box_packet *packet;
    uint64_t at; /* a packet moves on when it is due, even when the caller comes late */
    size_t i;

    if (chain->due > now)
        return NULL;
    for (i = 0; i < chain->n && !chain->out.head; i++) {
        struct box *box = chain->box[i];

        /* pulled at its own time: what the next box draws or schedules is the same as if we had
         * come in time */
        while ((at = box->due) <= now && (packet = box->ops->pull(box, at))) {
            pass_on(chain, i + 1, packet, at);
            if (i + 1 == chain->n)
                break; /* one is enough: the rest stays until the next pull */
        }
    }
    packet = box_list_take(&chain->out);
    chain_refresh(chain);
    return packet;
}
