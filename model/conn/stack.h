/* SPDX-License-Identifier: MIT */
/* conn/stack.h - what the connections of one host share: memory, timers, maps, addresses, listeners, queues.
 * api/ creates it and feeds it packets; conn/ works in it. */
#ifndef CONN_STACK_H
#define CONN_STACK_H

#include "flow/flow.h"
#include "trace/trace.h"

enum { MPT_TIMER_CONN = 1, MPT_TIMER_FLOW = 2, MPT_TIMER_TRIM = 3 }; /* mpt_heap_node.kind */
enum { MPT_ADDRESSES = 16, MPT_PATHS = 16, MPT_REFUSALS = 16 };

/* A local address. Its id is unique in the stack, and so in every connection (RFC 8684 3.4.1; the first subflow's is
 * told as 0): its place + 1 unless the host wants another. */
struct mpt_address {
    struct mpt_addr addr; /* port 0; family 0 = slot never used */
    uint16_t port;        /* announced with it, and takes joins; 0 = none */
    uint8_t id;
    uint32_t ifid;
    uint32_t mtu;
    uint32_t flags;       /* enum mpt_address_flags */
    uint32_t up;
};

struct mpt_listener {
    struct mpt_list link;
    struct mpt_addr addr; /* family 0: every address */
    void *user;
};

/* What a path did to joins with data: remembered for an hour (jwd/README.md 2.4.5). */
struct mpt_path_memory {
    struct mpt_addr local, remote; /* ports 0 */
    uint64_t until;
};

/* A RST (or ACK) for a segment without connection, waiting for mpt_output. */
struct mpt_refusal {
    struct mpt_addr local, remote;
    uint32_t ifid;
    uint32_t seq, ack, len; /* of the segment refused */
    uint8_t flags;
    uint8_t reason;         /* MP_TCPRST reason, or 255: no option */
};

/* A server that gave us a Fast Open cookie (RFC 7413 4.1.3). */
struct mpt_fastopen_peer {
    struct mpt_addr addr;         /* family 0: free */
    struct mpt_tcp_cookie cookie; /* the last one it gave */
    uint16_t mss;                 /* of its SYN/ACK */
    uint8_t fails;                /* SYNs with data that it did not take, in a row */
};
enum { MPT_FASTOPEN_PEERS = 8 };

struct mpt_stack {
    struct mpt_env env;
    struct mpt_config config;
    struct mpt_mem mem;
    struct mpt_heap heap;         /* conn and flow timers */
    struct mpt_map flows;         /* subflows by 4-tuple */
    struct mpt_map tokens;        /* connections by local token */
    struct mpt_flow_env flow_env;
    struct mpt_tracer tracer;
    struct mpt_list conns;        /* all connections, oldest first */
    struct mpt_list output;       /* connections that may have something to send */
    struct mpt_list ready;        /* connections with events */
    struct mpt_list listeners;
    struct mpt_subflow *last[4];  /* most recent look-ups, by a hash of the ports */
    struct mpt_address address[MPT_ADDRESSES];
    struct mpt_path_memory path[MPT_PATHS];
    struct mpt_refusal refusal[MPT_REFUSALS];
    uint32_t refusals;
    uint32_t embryos;             /* unvalidated joins with data, of all connections */
    uint32_t next_number;         /* of connections */
    uint32_t half_open;           /* connections of listeners whose third ACK has not come */
    uint32_t segment_max;         /* octets of the largest segment that any interface takes */
    uint32_t heap_nodes;          /* timers that must fit the heap */
    struct mpt_heap_node trim;    /* spare memory is given back then */
    uint32_t blackholes;          /* times in a row that SYNs with MP_CAPABLE vanished (heuristics.c) */
    uint64_t blackhole_at;        /* the last time */
    struct mpt_fastopen_peer fastopen_peer[MPT_FASTOPEN_PEERS];
    uint32_t fastopen_next;       /* slot to use next */
    uint32_t fastopen_pending;    /* connections whose SYN brought octets, before their third ACK */
    uint8_t fastopen_key[16];     /* of the cookies we give */
    uint8_t fastopen_keyed;       /* the key is drawn */
    uint16_t next_port;
    uint16_t next_path;           /* slot of path[] to use next */
    uint8_t *scratch;             /* records are sealed and opened here; NULL until the first */
    struct mpt_secure_identity *identity; /* secure/private.h; NULL: none */
    uint64_t counters[MPT_CNT_COUNT];
};

#define MPT_COUNT(stack, id) ((stack)->counters[MPT_CNT_##id]++)

static inline uint32_t mpt_stack_random32(struct mpt_stack *s)
{
    uint32_t v;

    s->env.random(s->env.random_ctx, &v, sizeof v);
    return v;
}

int mpt_addr_same_ip(const struct mpt_addr *a, const struct mpt_addr *b);
int mpt_addr_same(const struct mpt_addr *a, const struct mpt_addr *b); /* port too */
struct mpt_address *mpt_stack_address(struct mpt_stack *s, const struct mpt_addr *addr); /* NULL: unknown */
struct mpt_address *mpt_stack_address_id(struct mpt_stack *s, uint8_t id);               /* NULL: unknown */
uint64_t mpt_stack_hash(const struct mpt_stack *s, const struct mpt_addr *local, const struct mpt_addr *remote);
struct mpt_subflow *mpt_stack_subflow(struct mpt_stack *s, const struct mpt_addr *local,
                                      const struct mpt_addr *remote);
struct mpt_listener *mpt_stack_listener(struct mpt_stack *s, const struct mpt_addr *local);
/* A free local port towards remote, in 49152..65535 (RFC 6335 6), or 0. */
uint16_t mpt_stack_port(struct mpt_stack *s, const struct mpt_addr *local, const struct mpt_addr *remote);
/* Queues a RST for a segment; a full queue forgets it (the peer will ask again). reason 255: no MP_TCPRST. */
void mpt_stack_refuse(struct mpt_stack *s, const struct mpt_packet *p, const struct mpt_segment *seg, uint8_t reason);

#endif
