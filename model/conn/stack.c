/* SPDX-License-Identifier: MIT */
/* conn/stack.c - look-ups in what the connections of a host share. api/ and conn/ call. */
#include "conn/conn.h"

int mpt_addr_same_ip(const struct mpt_addr *a, const struct mpt_addr *b)
{
    return a->family == b->family && !memcmp(a->ip, b->ip, sizeof a->ip);
}

int mpt_addr_same(const struct mpt_addr *a, const struct mpt_addr *b)
{
    return a->port == b->port && mpt_addr_same_ip(a, b);
}

struct mpt_address *mpt_stack_address(struct mpt_stack *s, const struct mpt_addr *addr)
{
    for (int i = 0; i < MPT_ADDRESSES; i++)
        if (s->address[i].addr.family && mpt_addr_same_ip(&s->address[i].addr, addr))
            return &s->address[i];
    return NULL;
}

struct mpt_address *mpt_stack_address_id(struct mpt_stack *s, uint8_t id)
{
    for (int i = 0; i < MPT_ADDRESSES; i++)
        if (s->address[i].addr.family && s->address[i].id == id)
            return &s->address[i];
    return NULL;
}

uint64_t mpt_stack_hash(const struct mpt_stack *s, const struct mpt_addr *local, const struct mpt_addr *remote)
{
    struct mpt_addr both[2] = { *local, *remote };

    return mpt_map_hash(&s->flows, both, sizeof both);
}

/* Packets come in trains, so the last few look-ups are tried first. */
struct mpt_subflow *mpt_stack_subflow(struct mpt_stack *s, const struct mpt_addr *local, const struct mpt_addr *remote)
{
    struct mpt_subflow **cache = &s->last[(local->port ^ remote->port) & 3];
    struct mpt_subflow *sf = *cache;

    if (sf && mpt_addr_same(&sf->flow.remote, remote) && mpt_addr_same(&sf->flow.local, local))
        return sf;
    for (struct mpt_map_node *n = mpt_map_first(&s->flows, mpt_stack_hash(s, local, remote)); n; n = mpt_map_next(n)) {
        sf = MPT_LIST_OWNER(n, struct mpt_subflow, node);
        if (mpt_addr_same(&sf->flow.remote, remote) && mpt_addr_same(&sf->flow.local, local))
            return *cache = sf;
    }
    return NULL;
}

/* A listener on one address and one on every address may share a port: the first that was made wins. */
struct mpt_listener *mpt_stack_listener(struct mpt_stack *s, const struct mpt_addr *local)
{
    for (struct mpt_list *l = s->listeners.next; l != &s->listeners; l = l->next) {
        struct mpt_listener *x = MPT_LIST_OWNER(l, struct mpt_listener, link);

        if (x->addr.port == local->port && (!x->addr.family || mpt_addr_same_ip(&x->addr, local)))
            return x;
    }
    return NULL;
}

uint16_t mpt_stack_port(struct mpt_stack *s, const struct mpt_addr *local, const struct mpt_addr *remote)
{
    struct mpt_addr a = *local;

    for (int tries = 0; tries < 16384; tries++) {
        a.port = (uint16_t)(49152 + s->next_port++ % 16384);
        if (!mpt_stack_subflow(s, &a, remote) && !mpt_stack_listener(s, &a))
            return a.port;
    }
    return 0;
}

/* A RST never answers a RST (RFC 9293 3.10.7.1). */
void mpt_stack_refuse(struct mpt_stack *s, const struct mpt_packet *p, const struct mpt_segment *seg, uint8_t reason)
{
    struct mpt_refusal *r = &s->refusal[s->refusals];

    if ((seg->flags & MPT_TCP_RST) || s->refusals == MPT_REFUSALS)
        return;
    s->refusals++;
    r->local = p->local;
    r->remote = p->remote;
    r->ifid = p->ifid;
    r->seq = seg->seq;
    r->ack = seg->ack;
    r->len = seg->len;
    r->flags = seg->flags;
    r->reason = reason;
}
