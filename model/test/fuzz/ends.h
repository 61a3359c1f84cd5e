/* SPDX-License-Identifier: MIT */
/* ends.h - two stacks with a wire between them, and applications that know each octet: what fuzz_endpoints.c plays
 * with. One stack is the victim, which is attacked; the other one is honest, and the wire is too, unless told to lose
 * or to swap. After every step both must be at rest: output, events and deadlines end within bounds. */
#ifndef FUZZ_ENDS_H
#define FUZZ_ENDS_H

#include "conn/conn.h"
#include "fuzz.h"
#include "mpt.h"

#define MS UINT64_C(1000000)
#define S UINT64_C(1000000000)

enum { ENDS_WIRE = 64, ENDS_SEEN = 16, ENDS_PACKET = 1600, ENDS_TUPLES = 16, ENDS_OCTETS = 32768 };

struct ends_packet {
    struct mpt_addr from, to;
    uint32_t ifid;          /* of the sender */
    uint32_t len;
    uint8_t ecn;
    uint8_t data[ENDS_PACKET];
};

/* What an observer of the victim's output knows of a 4-tuple. */
struct ends_tuple {
    struct mpt_addr local, remote; /* local is the side's */
    uint32_t seq_end;       /* behind the last octet it sent */
    uint32_t ack;           /* what it acknowledged last, if it did */
    uint8_t acked;          /* it did */
    uint8_t wild;           /* the remote end is the attacker's own */
    uint32_t random;        /* of its MP_JOIN */
    uint32_t ts;            /* its last timestamp */
};

struct ends_side {
    struct mpt_stack *stack;
    struct mpt_conn *conn;  /* the connection between the two; NULL: not yet, or over */
    struct fuzz_memory memory;
    uint64_t random;        /* state of env.random */
    uint32_t head, count;   /* of the ring `wire` */
    uint32_t seens;         /* packets that ever left */
    struct ends_tuple tuple[ENDS_TUPLES];
    uint32_t tuples;
    uint64_t written, got;  /* octets of the application */
    int32_t error;          /* what the connection ended with */
    uint8_t shut, eof, over, slow; /* slow: reads only when told */
    struct ends_packet wire[ENDS_WIRE]; /* left, not arrived; from here on nothing is cleared for a new input */
    struct ends_packet seen[ENDS_SEEN]; /* the last ones that left */
};

struct ends {
    struct ends_side side[2]; /* 0 client, 1 server */
    uint64_t now;
    uint8_t excused;        /* something happened that may end a connection */
    uint8_t off_path;       /* octets must be right, whatever happens */
};

/* Both stacks, configured from the input; the client has called mpt_connect. */
void ends_begin(struct ends *e, struct fuzz_input *in);
/* Side i may speak: output to its wire, events to its application, deadlines that are due. */
void ends_rest(struct ends *e, int i);
/* The packet at the head of side i's wire arrives at the other, if it is for it. */
void ends_deliver(struct ends *e, int i);
void ends_drop(struct ends *e, int i);
void ends_swap(struct ends *e, int i);    /* head to tail */
void ends_repeat(struct ends *e, int i);  /* the head once more, at the tail */
void ends_wait(struct ends *e, uint64_t ns);
void ends_write(struct ends *e, int i, size_t n);
void ends_read(struct ends *e, int i);
void ends_inject(struct ends *e, int victim, const struct ends_packet *p); /* arrives there, checksum mended */
/* No more attacks: all that was written must arrive, unless excused. */
void ends_settle(struct ends *e);
/* Frees both; all memory must be back. */
void ends_end(struct ends *e);

/* What an attacker needs. */
struct mpt_addr ends_addr(int host, int net, uint16_t port); /* 10.net.0.host */

#endif
