/* SPDX-License-Identifier: MIT */
/* wire/tcp.h - the TCP header (RFC 9293 3.1) and a parsed segment. Pure functions.
 * wire/options.h fills the option part; checksum.c sums. */
#ifndef WIRE_TCP_H
#define WIRE_TCP_H

#include "base/bytes.h"
#include "mpt.h"
#include "wire/mptcp.h"

enum {
    MPT_TCP_FIN = 0x01,
    MPT_TCP_SYN = 0x02,
    MPT_TCP_RST = 0x04,
    MPT_TCP_PSH = 0x08,
    MPT_TCP_ACK = 0x10,
    MPT_TCP_URG = 0x20,
    MPT_TCP_ECE = 0x40,
    MPT_TCP_CWR = 0x80
};
enum { MPT_TCP_HEADER = 20, MPT_TCP_OPTIONS_MAX = 40, MPT_TCP_SACKS_MAX = 4 };

/* Fast Open (RFC 7413 4.1.1): a cookie, or without octets the request for one. */
struct mpt_tcp_cookie {
    uint8_t has;        /* the option is there */
    uint8_t len;        /* 0, or 4 to 16 */
    uint8_t octets[16]; /* the cookie */
};

/* TCP's own options of a segment; the has_ fields say which were there. */
struct mpt_tcp_options {
    uint8_t has_mss, has_wscale, has_sack_ok, has_ts; /* the first three: of a SYN only */
    uint8_t wscale;                                   /* shift, at most 14 (RFC 7323 2.3) */
    uint8_t sacks;                                    /* number of SACK blocks (RFC 2018) */
    uint16_t mss;                                     /* RFC 9293 3.7.1 */
    uint32_t ts_val, ts_ecr;                          /* RFC 7323 3.2 */
    struct mpt_tcp_cookie cookie;                     /* of a SYN only */
    uint8_t cookie_pad;                               /* to build: the cookie's option fills words, as Linux's */
    uint32_t sack[MPT_TCP_SACKS_MAX][2]; /* left edge, right edge, in the order of the wire */
};

/* A parsed segment; pointers go into the packet. */
struct mpt_segment {
    uint16_t sport, dport;      /* ports: the sender's, ours */
    uint32_t seq, ack;          /* as on the wire */
    uint16_t window;            /* unscaled */
    uint8_t flags;              /* MPT_TCP_... */
    uint8_t ecn;                /* of the IP header */
    uint32_t len;               /* octets of data */
    const uint8_t *data;        /* behind the options */
    const uint8_t *opt;         /* raw options */
    uint32_t opt_len;           /* octets of them, at most 40 */
    struct mpt_tcp_options tcp; /* TCP's own options */
    struct mpt_mptcp mp;        /* MPTCP options and EXT */
};

/* The first option of that kind, and of that subtype of kind 30 (sub -1: any), of a parsed segment: NULL when there is
 * none. Its length is o[1]. count, if not NULL, says how many there are. For options that no parser of ours fills in. */
const uint8_t *mpt_tcp_option(const struct mpt_segment *s, uint8_t kind, int sub, uint32_t *count);

enum mpt_parse_error {
    MPT_PARSE_OK = 0,
    MPT_PARSE_SHORT = -1 /* shorter than a header, or bad data offset */,
    MPT_PARSE_CHECKSUM = -2,
    MPT_PARSE_OPTION = -3 /* a TCP option's length is impossible */
};

/* Parses packet->data and verifies the checksum. A malformed MPTCP option is left out, its bit set
 * in mp.malformed, the rest stands (RFC 8684 3.7: unexpected options are ignored). */
int mpt_tcp_parse(struct mpt_segment *seg, const struct mpt_packet *packet);
/* The same without packet and checksum, for dumps and the attacker: p[0..len) is a segment. ecn is
 * 0. */
int mpt_tcp_read(struct mpt_segment *seg, const uint8_t *p, size_t len);

/* Header to build. Options were already written behind the 20 octets by mpt_options_*. */
struct mpt_tcp_out {
    /* as on the wire */
    uint32_t seq, ack;
    /* already scaled down, or unscaled in a SYN */
    uint16_t window;
    /* MPT_TCP_... */
    uint8_t flags;
    uint8_t zero;
    uint32_t opt_len; /* multiple of 4, at most 40 */
    uint32_t len;     /* octets of data behind the options */
};
/* Writes ports (of packet->local and ->remote), header and checksum; sets packet->len. */
void mpt_tcp_build(struct mpt_packet *packet, const struct mpt_tcp_out *out);

/* One's complement sum (RFC 1071) of data added to `sum`; odd lengths only in the last piece. The
 * result is an unfolded 64-bit accumulator in network order arithmetic: finish with
 * mpt_checksum_fold. */
uint64_t mpt_checksum_add(uint64_t sum, const void *data, size_t n);
uint16_t mpt_checksum_fold(uint64_t sum); /* folded, not inverted, host order */
uint64_t mpt_checksum_pseudo(
    const struct mpt_packet *packet); /* pseudo header of a TCP segment of packet->len */
/* Checksum of a DSS mapping (RFC 8684 3.3.1): {DSN 64, SSN 32, DLL 16, 0} and the payload's sum.
 * The value to put in the option; over a whole mapping with its checksum the fold is 0xffff. */
uint16_t mpt_checksum_dss(uint64_t dsn, uint32_t ssn, uint16_t dll, uint64_t payload_sum);

/* Ready pieces to build TCP's options. Each writes at p and returns the new end. */
uint8_t *mpt_options_syn(
    uint8_t *p,
    const struct mpt_tcp_options *o); /* MSS, SACK-permitted, TS, NOP, WS as Linux orders them */
uint8_t *mpt_options_ts(uint8_t *p, uint32_t val, uint32_t ecr); /* NOP NOP TS: 12 octets */
uint8_t *mpt_options_sack(uint8_t *p, const uint32_t block[][2],
                          uint32_t n);                /* NOP NOP SACK: 4 + 8n */
uint8_t *mpt_options_pad(uint8_t *start, uint8_t *p); /* NOPs up to a multiple of 4 */

#endif
