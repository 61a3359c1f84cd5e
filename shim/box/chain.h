/* SPDX-License-Identifier: MIT */
/* chain.h - boxes in a row: what enters the first leaves the last. Used by path.c and loop/. */
#ifndef BOX_CHAIN_H
#define BOX_CHAIN_H

#include "box/box.h"

enum { CHAIN_MAX = 6 };

struct chain {
    struct box *box[CHAIN_MAX]; /* owned, in the order that packets meet them */
    size_t n;
    uint64_t due;        /* when chain_pull has something or some box wants to move a packet on */
    struct box_list out; /* came out of the last box, not yet pulled */
};

/* Empty: what is pushed comes out at once. */
void chain_init(struct chain *chain);
/* Frees the boxes with what waits in them. */
void chain_clear(struct chain *chain, struct box_pool *pool);
/* Puts a box at place `at` (0 first; beyond the end: last). box may be NULL (an allocation that
 * failed). 0, or -1: no box or no room. The chain owns the box when it returns 0. */
int chain_insert(struct chain *chain, size_t at, struct box *box);
/* Takes the packet. */
void chain_push(struct chain *chain, struct box_packet *packet, uint64_t now);
/* Lays a packet at the end, as if it had passed all boxes: it is pulled next. Takes it. */
void chain_return(struct chain *chain, struct box_packet *packet);
/* The next packet that is due, or NULL. The caller owns it. */
struct box_packet *chain_pull(struct chain *chain, uint64_t now);
/* Recomputes due after somebody changed a box behind the chain's back. */
void chain_refresh(struct chain *chain);

#endif
