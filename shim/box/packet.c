/* SPDX-License-Identifier: MIT */
/* packet.c - the packet pool and packet lists of the boxes (see packet.h). */
#include "box/packet.h"

#include <stdlib.h>
#include <string.h>

enum { SLAB_OCTETS = 1 << 18, ALIGN = 64 };

/* Slabs begin with the pointer to the next slab; blocks follow at cache-line distance. */
struct slab {
    struct slab *next;
};

/* To the next cache line. */
static uintptr_t align_up(uintptr_t n)
{
    return (n + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1);
}

void box_pool_init(struct box_pool *pool, size_t cap)
{
    memset(pool, 0, sizeof *pool);
    pool->cap = cap;
}

/* Every block goes with its slab, also those that somebody still has. */
void box_pool_clear(struct box_pool *pool)
{
    struct slab *slab = pool->slabs, *next;

    for (; slab; slab = next) {
        next = slab->next;
        free(slab);
    }
    box_pool_init(pool, pool->cap);
}

/* A quarter of a megabyte at a time: a bulk run asks the host a few times only. */
static int grow_pool(struct box_pool *pool)
{
    size_t header = align_up(sizeof(struct box_packet));
    size_t block = header + align_up(pool->cap);
    size_t n = SLAB_OCTETS / block > 0 ? SLAB_OCTETS / block : 1;
    struct slab *slab = malloc(2 * ALIGN + n * block);
    uint8_t *at;

    if (!slab)
        return -1;
    slab->next = pool->slabs;
    pool->slabs = slab;
    at = (uint8_t *)align_up((uintptr_t)(slab + 1));
    for (pool->blocks += n; n > 0; n--, at += block) {
        struct box_packet *packet = (struct box_packet *)(void *)at;

        packet->zero = 0;
        packet->data = at + header;
        packet->next = pool->free_list;
        pool->free_list = packet;
    }
    return 0;
}

/* Octets are not cleared: the caller writes all of them. */
struct box_packet *box_packet_get(struct box_pool *pool, size_t len)
{
    struct box_packet *packet;

    if (len > pool->cap)
        return NULL;
    if (!pool->free_list && grow_pool(pool) < 0)
        return NULL;
    packet = pool->free_list;
    pool->free_list = packet->next;
    pool->in_use++;
    packet->next = NULL;
    packet->len = (uint32_t)len;
    return packet;
}

/* Last in, first out: that block is in the cache. */
void box_packet_put(struct box_pool *pool, struct box_packet *packet)
{
    packet->next = pool->free_list;
    pool->free_list = packet;
    pool->in_use--;
}

/* With its times. */
struct box_packet *box_packet_copy(struct box_pool *pool, const struct box_packet *packet)
{
    struct box_packet *copy = box_packet_get(pool, packet->len);

    if (copy) {
        copy->depart_at = packet->depart_at;
        copy->due_at = packet->due_at;
        memcpy(copy->data, packet->data, packet->len);
    }
    return copy;
}

void box_list_append(struct box_list *list, struct box_packet *packet)
{
    packet->next = NULL;
    if (list->tail)
        list->tail->next = packet;
    else
        list->head = packet;
    list->tail = packet;
}

/* By time, behind equal ones. Mostly it is the last anyway. */
void box_list_insert(struct box_list *list, struct box_packet *packet)
{
    struct box_packet **at = &list->head;

    if (!list->tail || list->tail->due_at <= packet->due_at) {
        box_list_append(list, packet);
        return;
    }
    while ((*at)->due_at <= packet->due_at)
        at = &(*at)->next;
    packet->next = *at;
    *at = packet;
}

struct box_packet *box_list_take(struct box_list *list)
{
    struct box_packet *packet = list->head;

    if (packet) {
        list->head = packet->next;
        if (!list->head)
            list->tail = NULL;
        else if (list->head
                     ->next) /* its time is asked for after the next take: hide the cache miss */
            __builtin_prefetch(list->head->next);
    }
    return packet;
}

void box_list_clear(struct box_list *list, struct box_pool *pool)
{
    struct box_packet *packet;

    while ((packet = box_list_take(list)))
        box_packet_put(pool, packet);
}
