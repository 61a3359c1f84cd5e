/* SPDX-License-Identifier: MIT */
/* check/flow.c - the table of TCP connections by 4-tuple, and when an old one ends and a new one begins
 * (RFC 9293 3.6.1). Called by trace.c. */
#include <stdlib.h>
#include <string.h>

#include "check/secure.h"
#include "run/pool.h"

enum { BUCKETS = 4096 };
#define KEEP_STORES (UINT64_C(30) * 1000000000)

static int same(const struct address *a, uint16_t port, const struct address *b, uint16_t other)
{
    return port == other && memcmp(a, b, sizeof *a) == 0;
}

/* The same for both directions. */
static unsigned bucket_of(const struct frame *p)
{
    uint32_t h = (uint32_t)p->port[0] * p->port[1] + p->port[0] + p->port[1];

    for (int i = 0; i < 16; i++)
        h += (uint32_t)(p->addr[0].ip[i] + p->addr[1].ip[i]) << (i % 12);
    return (h ^ h >> 12) % BUCKETS;
}

struct flow *flow_known(struct check *c, const struct frame *p, int *d)
{
    struct flow *f = c->bucket[bucket_of(p)];

    for (; f != NULL; f = f->hash_next) {
        if (f->replaced)
            continue;
        for (*d = 0; *d < 2; ++*d)
            if (same(&f->addr[*d], f->port[*d], &p->addr[0], p->port[0]) &&
                same(&f->addr[!*d], f->port[!*d], &p->addr[1], p->port[1]))
                return f;
    }
    return NULL;
}

/* Stores of what ended long ago go, so that memory follows what is open (README.md, limits). */
static void free_stores(struct flow *f)
{
    for (int d = 0; d < 2; d++) {
        octets_clear(&f->half[d].octets);
        mapping_clear(&f->half[d].maps);
    }
    secure_free_flow(f);
    f->freed = 1;
}

static int has_ended(const struct flow *f)
{
    return f->replaced || f->half[0].rst_sent || f->half[1].rst_sent ||
           (f->half[0].fin_sent && f->half[1].fin_sent && f->half[0].ack > f->half[1].fin &&
            f->half[1].ack > f->half[0].fin);
}

static void free_old(struct check *c)
{
    for (struct flow *f = c->flows; f != NULL; f = f->next)
        if (!f->freed && f->conn == NULL && has_ended(f) && f->time + KEEP_STORES < c->time)
            free_stores(f);
}

static struct flow *new_flow(struct check *c, const struct frame *p)
{
    struct flow *f = pool_grow(NULL, sizeof *f);
    struct flow **bucket = &c->bucket[bucket_of(p)];

    free_old(c);
    memset(f, 0, sizeof *f);
    f->at = p->at;
    for (int d = 0; d < 2; d++) {
        f->addr[d] = p->addr[d];
        f->port[d] = p->port[d];
        f->half[d].end = 1;
        octets_init(&f->half[d].octets, OCTETS_FLOW);
    }
    f->hash_next = *bucket;
    *bucket = f;
    *c->flows_end = f;
    c->flows_end = &f->next;
    return f;
}

/* Turns a flow whose first packet seen was the SYN/ACK, or came from the passive side. */
static void turn(struct flow *f)
{
    struct address a = f->addr[0];
    uint16_t port = f->port[0];

    f->addr[0] = f->addr[1];
    f->port[0] = f->port[1];
    f->addr[1] = a;
    f->port[1] = port;
}

/* A SYN with another ISN begins a new connection; an old SYN that comes late does not. */
static int begins_anew(const struct flow *f, int d, const struct frame *p)
{
    if ((p->flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
        return 0;
    if (f->blind)
        return 1;
    return !(f->half[d].syn && f->half[d].isn == p->seq) && !(d == 1 && !f->half[1].syn);
}

struct flow *flow_find(struct check *c, const struct frame *p, int *d)
{
    struct flow *f = flow_known(c, p, d);

    if (f != NULL && begins_anew(f, *d, p)) {
        f->replaced = 1;
        f = NULL;
    }
    if (f == NULL) {
        f = new_flow(c, p);
        *d = 0;
        f->blind = (p->flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN;
        if (f->blind && (p->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK)) {
            turn(f);
            *d = 1;
        }
    }
    f->time = p->time;
    return f;
}

void flow_free_all(struct check *c)
{
    struct flow *f, *next;
    struct conn *k, *after;

    for (f = c->flows; f != NULL; f = next) {
        next = f->next;
        free_stores(f);
        span_clear(&f->half[0].seen);
        span_clear(&f->half[1].seen);
        free(f);
    }
    for (k = c->conns; k != NULL; k = after) {
        after = k->next;
        for (int e = 0; e < 2; e++) {
            octets_clear(&k->end[e].octets);
            span_clear(&k->end[e].seen);
        }
        secure_free(k);
        free(k);
    }
}
