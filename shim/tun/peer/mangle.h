/* SPDX-License-Identifier: MIT */
/* mangle.h - a middlebox between a pump and its TUN devices: drops, strips and flips by rule, and writes
 * a trace on each side of itself. The core stays as it is.
 *
 *     DIR:PATH:KIND:NTH ACTION                 e.g. "out:2:synack:1 xor MP_JOIN 4 1"
 *
 *     DIR   out, in (seen from the core) or both     PATH  1, 2, ... or *
 *     KIND  any, syn, syndata, synack, data (has payload), pure (an ACK without), rst, fin, ece, cwr, or a segment
 *           that has an option: MP_CAPABLE MP_JOIN DSS ADD_ADDR REMOVE_ADDR MP_PRIO MP_FAIL MP_FASTCLOSE MP_TCPRST
 *     NTH   which of them: 3, 2-5, 2-, or *
 *     ACTION  drop | strip OPTION (by NOPs; `all`: every MPTCP option) | xor OPTION OFFSET VALUE | flip (the
 *           last bit of the payload) | flags VALUE (of TCP) | reset FLAGS REASON (into RST with MP_TCPRST) | ce
 *             | count NAME [OPTION OFFSET VALUE]  (only looks: `NAME n` stands among the counters of tun_peer)
 *
 * The TCP checksum is made right behind every change (RFC 9293 3.1). Read RFC 8684 3 for the option layouts.
 * Used by tun_peer.c. */
#ifndef MANGLE_H
#define MANGLE_H

#include "pcap.h"
#include "shim.h"

enum { MANGLE_RULES = 16 };
enum mangle_action {
    MANGLE_DROP,
    MANGLE_STRIP,
    MANGLE_XOR,
    MANGLE_FLIP,
    MANGLE_FLAGS,
    MANGLE_RESET,
    MANGLE_COUNT,
    MANGLE_CE
};

struct mangle_rule {
    int dir;      /* bit 0: out, bit 1: in */
    uint32_t path; /* ifid; 0: any */
    int kind;     /* index in the list of kinds; see mangle.c */
    uint64_t from, to; /* which of the segments that match, from 1 */
    uint64_t seen;     /* matched so far */
    enum mangle_action action;
    int option;   /* subtype; 99: all */
    unsigned a, b; /* offset and value, flags, flags and reason */
    char name[24]; /* of what is counted */
    uint64_t met;  /* segments counted */
};

struct mangle {
    struct sim sim;    /* first: the engine that the pump sees */
    struct sim *inner; /* the devices */
    struct mangle_rule rule[MANGLE_RULES];
    size_t rules;
    uint32_t cut;          /* bit i: path i + 1 carries nothing */
    uint64_t changed;      /* segments that a rule changed */
    struct pcap core, kernel; /* what each side sent and got; file NULL: no trace */
    uint8_t buffer[SHIM_IP_MAX + 1];
};

/* inner stays the caller's. */
void mangle_init(struct mangle *mangle, struct sim *inner);
/* 0, or -1 when the text is no rule or there are too many. */
int mangle_add(struct mangle *mangle, const char *text);
/* A packet from a device: 1, or 0 when it is to be forgotten. Changed in place. */
int mangle_in(struct mangle *mangle, uint32_t ifid, uint8_t *ip, size_t *len, uint64_t now);

#endif
