/* SPDX-License-Identifier: MIT */
/* tracebuild.h - writes captures segment by segment, for the tests of the trace checker: a clean conversation with
 * named segments, and one edit planted into one of them. Addresses, numbers and checksums are filled in. */
#ifndef TEST_TRACEBUILD_H
#define TEST_TRACEBUILD_H

#include <stdint.h>
#include <stdio.h>

#include "pcap.h"
#include "wire/tcp.h"

enum { TB_FLOWS = 5, TB_WINDOW = 4000, TB_MSS = 1460 };
enum { C = 0, S = 1 }; /* from the client, from the server (of the flow) */

struct tb;

/* A segment on its way to the file. */
struct tb_seg {
    int flow, dir;
    uint8_t flags;
    uint32_t seq, ack; /* as on the wire */
    uint16_t window;
    uint8_t opt[64];     /* options; the first 0 where one would begin ends them */
    uint8_t data[2000];
    uint32_t len;
    int bad_sum, bad_ip; /* checksums go out wrong */
    uint32_t extra;      /* octets behind the end of options that are sent too */
    int alone;           /* an inserted segment: the conversation goes on as if it were not there */
};

/* The edit of one planted error: changes the segment of that name, or sends another before it. */
typedef void tb_edit(struct tb *t, struct tb_seg *s);

struct tb_flow {
    uint8_t ip[2][4];
    uint16_t port[2];
    uint32_t isn[2], next[2]; /* next offset to send: 0 is the SYN */
    uint32_t nonce[2];
    uint32_t ts[2]; /* last timestamp that each side sent */
};

struct tb {
    struct pcap pcap;
    struct tb_flow flow[TB_FLOWS];
    uint64_t key[2], idsn[2];
    uint32_t token[2];
    uint32_t ts;         /* a tick for each segment */
    uint32_t acked[2];   /* data offset + 1 that the DATA_ACKs of a side name */
    int checksum;        /* of DSS */
    const char *label;   /* where the edit goes */
    tb_edit *edit;
    uint32_t expect;     /* frame in which the error is to be found; 0: the edited one */
    struct tb_seg kept;  /* the SYN/ACK of flow 0 */
};

void tb_start(struct tb *t, FILE *file, const char *label, tb_edit *edit);
/* A segment with numbers, and timestamps (and MSS, SACK-permitted, window scale 0 in a SYN). */
struct tb_seg tb_new(struct tb *t, int flow, int dir, unsigned flags);
/* Octets of the stream of `dir`, from data offset `from` on (1 is the first). */
void tb_data(struct tb_seg *s, uint32_t from, uint32_t len);
void tb_send(struct tb *t, const char *label, struct tb_seg *s);

/* Options. dir of DSS: whose numbers, which is not the flow's direction for joins the other way round. */
void tb_capable(struct tb *t, struct tb_seg *s, unsigned len, unsigned flags, unsigned dll);
void tb_join(struct tb *t, struct tb_seg *s, unsigned bits, unsigned id);
/* DATA_ACK alone, with 32 bits. */
void tb_ack(struct tb *t, struct tb_seg *s);
/* DATA_ACK with 32 bits and a mapping with a 32-bit DSN: data offset from, of len octets (the segment's own data
 * when it has as many), SSN ssn; fin: and the DATA_FIN. */
void tb_map(struct tb *t, struct tb_seg *s, uint32_t from, uint32_t ssn, uint32_t len, int fin);
/* The checksum of the DSS in s, anew from its fields. len: octets of the mapping. */
void tb_sum(struct tb *t, struct tb_seg *s, uint32_t len);
void tb_add_addr(struct tb *t, struct tb_seg *s, unsigned id, const uint8_t ip[4], int echo);
/* The option of kind 30 with this subtype; or of another kind (sub < 0). NULL: not there. */
uint8_t *tb_option(struct tb_seg *s, int kind, int sub);
/* Puts NOPs over an option. */
void tb_blank(uint8_t *option);

#endif
