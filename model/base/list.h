/* SPDX-License-Identifier: MIT */
/* base/list.h - intrusive doubly linked ring; a node that points to itself is in no list. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stddef.h>

/* A node or a head: both look alike, so that removing needs neither the list nor a case for its
 * ends. */
struct mpt_list {
    struct mpt_list *next, *prev;
};

/* The struct that embeds a node. */
#define MPT_LIST_OWNER(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

static inline void mpt_list_init(struct mpt_list *l)
{
    l->next = l->prev = l;
}

static inline int mpt_list_empty(const struct mpt_list *l)
{
    return l->next == l;
}

/* Last in the list, which is before its head in the ring. */
static inline void mpt_list_append(struct mpt_list *head, struct mpt_list *node)
{
    node->prev = head->prev;
    node->next = head;
    head->prev->next = node;
    head->prev = node;
}

/* Leaves the node in no list, so that a second remove does nothing. */
static inline void mpt_list_remove(struct mpt_list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    mpt_list_init(node);
}

#endif
