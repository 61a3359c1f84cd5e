/* SPDX-License-Identifier: MIT */
/* packet.h - packets on their way: a pool of fixed-size blocks and the lists that boxes keep.
 *
 * A packet has one owner: the box that holds it, or the caller that took it off a path. Blocks go
 * back to the free list of their pool, last in first out, so that hot memory is used again; nothing is
 * allocated per packet once the pool has grown to the number of packets in flight. */
#ifndef BOX_PACKET_H
#define BOX_PACKET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct box_packet {
    struct box_packet *next; /* in a list or the free list */
    uint64_t depart_at;      /* link: leaves the queue, begins to propagate */
    uint64_t due_at;         /* leaves the box that holds it */
    uint32_t len;            /* octets of the IP packet */
    uint32_t zero;           /* 0 */
    uint8_t *data;           /* the IP packet, in this block */
};

/* A first-in first-out list. */
struct box_list {
    struct box_packet *head, *tail; /* both NULL when empty */
};

struct box_pool {
    struct box_packet *free_list; /* blocks not in use */
    void *slabs;                  /* all memory, a list */
    size_t cap;                   /* octets a packet may have */
    size_t in_use;                /* blocks out */
    size_t blocks;                /* blocks in all */
};

/* cap: octets of the largest packet. */
void box_pool_init(struct box_pool *pool, size_t cap);
/* Frees all memory, blocks in use included. */
void box_pool_clear(struct box_pool *pool);
/* A packet with room for cap octets and len set, or NULL when len > cap or memory is out. */
struct box_packet *box_packet_get(struct box_pool *pool, size_t len);
/* Gives a block back. */
void box_packet_put(struct box_pool *pool, struct box_packet *packet);
/* NULL: out of memory. */
struct box_packet *box_packet_copy(struct box_pool *pool, const struct box_packet *packet);

/* Behind all others, whatever its time. */
void box_list_append(struct box_list *list, struct box_packet *packet);
/* Keeps due_at ascending; equal times stay in order of insertion. */
void box_list_insert(struct box_list *list, struct box_packet *packet);
/* The first, or NULL. */
struct box_packet *box_list_take(struct box_list *list);
/* Gives every packet back. */
void box_list_clear(struct box_list *list, struct box_pool *pool);

#ifdef __cplusplus
}
#endif
#endif
