/* SPDX-License-Identifier: MIT */
/* check/frame.h - one TCP segment of a capture, taken apart. frame.c reads link, IP and TCP header, option.c the
 * options; neither judges more than its own header. */
#ifndef CHECK_FRAME_H
#define CHECK_FRAME_H

#include <stdint.h>

#include "check/capture.h"

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 };
/* Subtypes of kind 30 (RFC 8684 7). */
enum { SUB_CAPABLE, SUB_JOIN, SUB_DSS, SUB_ADD_ADDR, SUB_REMOVE_ADDR, SUB_PRIO, SUB_FAIL, SUB_FASTCLOSE,
       SUB_TCPRST, SUB_COUNT };
/* Flags of DSS (RFC 8684 3.3) and of join-with-data. */
enum { F_ACK = 1, F_ACK64 = 2, F_MAP = 4, F_DSN64 = 8, F_FIN = 16, F_IDLE = 0x20, F_U = 0x80 };
enum { CAPABLE_A = 0x80, CAPABLE_B = 0x40, CAPABLE_C = 0x20, CAPABLE_H = 1 };

/* Where something stands. */
struct place {
    uint32_t file, frame;
};

struct address {
    uint8_t family; /* 4 or 6 */
    uint8_t ip[16];
};

struct frame {
    struct place at;
    uint64_t time;
    struct address addr[2]; /* from, to */
    uint16_t port[2];
    uint32_t ip_len;        /* of the whole packet */
    uint32_t seq, ack;
    uint16_t window;
    uint8_t flags;
    uint32_t len, have;     /* octets of data: on the wire, captured */
    const uint8_t *data;
    const uint8_t *tcp;     /* the header */
    uint32_t tcp_len, tcp_have; /* segment with header: on the wire, captured */
    const uint8_t *opts;
    uint32_t opts_len;
    uint64_t pseudo;        /* sum of the pseudo header */
    uint8_t bad_ip;         /* checksum of the IP header */
    uint8_t partial;        /* its checksum was left to off-load */
    /* TCP options */
    uint8_t has_mss, has_wscale, has_sack_ok, has_ts, has_tfo, sacks, wscale;
    uint16_t mss;
    uint32_t ts, ts_echo, sack[4][2];
    /* MPTCP options: bits 1 << SUB_...; bad: one was unreadable, so nothing is known to be missing */
    uint32_t mp;
    uint8_t bad;
    struct { uint8_t len, version, flags; uint64_t sender, receiver; uint16_t dll, checksum; } capable;
    struct { uint8_t len, bits, id, hmac[20], raw[12]; uint32_t token, nonce; } join;
    struct { uint8_t flags, reserved, has_checksum; uint64_t ack, dsn; uint32_t ssn; uint16_t dll, checksum; } dss;
    struct { uint8_t echo, id, has_port, hmac[8]; struct address addr; uint16_t port; } add;
    struct { uint8_t count, id[40]; } remove;
    struct { uint8_t flags; } prio;
    struct { uint64_t dsn; } fail;
    struct { uint64_t key; } fastclose;
    struct { uint8_t flags, reason; } rst;
    uint8_t has_ext, ext;
    const uint8_t *eno, *aack; /* TCP-ENO, kind 30 subtype 15: the option */
    uint8_t eno_len, aack_len;
};

enum frame_kind {
    FRAME_TCP = 0,
    FRAME_OTHER,     /* not TCP over IP */
    FRAME_FRAGMENT,
    FRAME_CUT,       /* headers not captured */
    FRAME_IP_SUM,    /* IPv4 header checksum wrong */
    FRAME_SHORT,     /* TCP header does not fit */
    FRAME_LINK       /* link type not known */
};

/* Fills all but the options: an enum frame_kind. */
int frame_read(struct frame *p, const struct capture_frame *f);
/* 0 right, 1 partial (only the pseudo header is in it), -1 wrong, 2 not captured whole. */
int frame_checksum(const struct frame *p);
/* The same packet seen elsewhere gives the same number (hop count and IP checksum left out). */
uint64_t frame_hash(const struct capture_frame *f);

#endif
