/* SPDX-License-Identifier: MIT */
/* sec/pair.h - two stacks that speak MPTCPsec, wired back to back in virtual time, with a hand on every packet and, as
 * nothing else gets into records, on the sender's queue of control messages. Addresses are 10.0.SIDE.HOST; the path of a
 * packet is its client's host number. Used by test_sec_*.c. */
#ifndef SEC_PAIR_H
#define SEC_PAIR_H

#include "mpt.h"
#include "secure/secure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)
#define S UINT64_C(1000000000)

enum { CLIENT, SERVER, PAIR_QUEUE = 4096, PAIR_SEGMENT = 1600 };

struct pair_packet {
    uint64_t at, order;
    int to;
    uint32_t len;
    struct mpt_addr local, remote; /* of the receiver */
    uint8_t data[PAIR_SEGMENT];
};

struct pair;
struct pair_end {
    struct pair *pair;
    struct mpt_stack *stack;
    struct mpt_conn *conn;
    uint32_t events;        /* all flags ever raised */
    uint64_t read, written; /* octets of the streams, which count up modulo 251 */
    int eof;
    int closed;             /* MPT_EV_CLOSED was seen */
    int32_t error;
    size_t memory;          /* octets allocated now */
    uint32_t calls;         /* allocations so far */
    uint32_t fail_from, fail_count; /* these calls get nothing */
    uint32_t refused;
};

struct pair {
    struct pair_end end[2];
    struct pair_packet queue[PAIR_QUEUE];
    size_t count;
    uint64_t now, order, rng;
    uint64_t clear_control;  /* segments with control options in the clear, seen on the wire */
    uint64_t packets;
    /* 0: goes on, 1: dropped, >1: delayed by so many ns. */
    uint64_t (*filter)(struct pair *p, struct pair_packet *packet);
    uint64_t filtered;
    uint32_t dead_paths;     /* bit: client's host number; nothing passes */
    void *ctx;
};

/* Both with these settings ("key=value", "client.key=value", "server.key=value"), NULL at the end. */
struct pair *pair_new(const char *const *settings);
void pair_connect(struct pair *p);               /* handshake done on both sides, PARAMS acknowledged */
void pair_end(struct pair *p);                   /* frees; nothing may be left allocated */
void pair_run(struct pair *p, uint64_t ns);
void pair_up(struct pair *p, int side, uint8_t host, uint32_t flags, uint16_t port, int family);
void pair_down(struct pair *p, int side, uint8_t host);
void pair_addr(struct mpt_addr *a, int side, uint8_t host, int family);
void pair_write(struct pair *p, int side, uint64_t n);
uint64_t pair_counter(const struct pair *p, int side, const char *name);
int pair_path(const struct pair_packet *packet); /* client's host number */
int pair_flags(const struct pair_packet *packet); /* TCP's */
uint32_t pair_payload(const struct pair_packet *packet);
struct mpt_subflow *pair_subflow(struct pair *p, int side, size_t i); /* i-th alive, NULL */
/* A control message with exactly these octets behind its head goes out, under that CSN (0: the next). */
void pair_say(struct pair *p, int side, uint32_t csn, const void *tlvs, uint16_t n);
void pair_checksum(struct pair_packet *packet); /* of the changed segment */
/* Puts a packet in as if it had come. */
void pair_inject(struct pair *p, const struct pair_packet *packet);

/* Settings of pair_two and others. */
extern const char *const pair_manual[], *const pair_mesh[];
/* A connection with a second subflow from the client's 10.0.0.2; joined by hand with pair_manual. */
struct pair *pair_two(const char *const *settings);
uint32_t pair_unacknowledged(struct pair *p, int side); /* control messages */
const struct mpt_known_addr *pair_known(struct pair *p, int side, uint8_t host); /* an address of the peer, NULL */

#endif
