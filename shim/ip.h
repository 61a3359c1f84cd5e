/* SPDX-License-Identifier: MIT */
/* ip.h - the one IPv4 and IPv6 header parser and builder, and the bridge to struct mpt_packet.
 *
 * Read RFC 791 3.1, RFC 8200 3, RFC 6864 (identification of atomic datagrams), RFC 3168 5 (ECN) and
 * RFC 2474 3 (DSCP). Used by pump.c, loop/, tun/, the ns-3 bindings and the recorder. */
#ifndef IP_H
#define IP_H

#include "mpt.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IP_TCP = 6, IP_V4_HEADER = 20, IP_V6_HEADER = 40 };

enum ip_error {
    IP_ETRUNC = -1,    /* shorter than its header or its length field says */
    IP_EVERSION = -2,  /* neither 4 nor 6 */
    IP_EHEADER = -3,   /* impossible header length */
    IP_ECHECKSUM = -4, /* IPv4 header checksum */
    IP_EFRAGMENT = -5, /* a fragment: nobody here reassembles (MSS and DF prevent them) */
    IP_EEXTENSION = -6 /* IPv6 extension header: none is needed here, so none is taken */
};

/* What a header says. Pointers go into the packet parsed. */
struct ip_view {
    uint8_t version; /* 4 or 6 */
    uint8_t proto;   /* protocol or next header */
    uint8_t ttl;     /* or hop limit */
    uint8_t dscp;
    uint8_t ecn;        /* RFC 3168 code point */
    uint8_t df;         /* 1: don't fragment; always 1 for IPv6 */
    uint16_t id;        /* IPv4 identification */
    uint32_t flow;      /* IPv6 flow label */
    const uint8_t *src; /* 4 or 16 octets */
    const uint8_t *dst;
    const uint8_t *payload; /* after the header */
    size_t header_len;
    size_t payload_len; /* by the length field: link-layer padding is not counted */
};

/* 0, or a negative enum ip_error; the view is then undefined. */
int ip_parse(const uint8_t *ip, size_t len, struct ip_view *view);
/* Words for an IP_E... of ip_parse. */
const char *ip_strerror(int error);

/* Octets of header before the payload for a family (4 or 6). */
size_t ip_header_len(unsigned family);

/* Fills packet for mpt_input from a parsed packet that arrived at interface ifid: this host is the
 * destination. data points into the packet. MPT_EINVAL: not TCP. */
int ip_to_packet(const struct ip_view *view, uint32_t ifid, struct mpt_packet *packet);

/* Writes the header of a packet of mpt_output directly before packet->data, where the caller left at
 * least SHIM_HEADROOM octets, from packet->local to packet->remote. id is IPv4's identification.
 * Returns the start of the IP packet and its length in *len; NULL: families impossible or too long. */
uint8_t *ip_build(const struct mpt_packet *packet, uint16_t id, size_t *len);

/* Sets the code point CE in the header of an IP packet that has ECT(0) or ECT(1) (RFC 3168 5): 1, or 0 when it has
 * neither (or CE already) and was left alone. */
int ip_mark_ce(uint8_t *ip, size_t len);

/* Addresses as text, "10.1.0.1" and "fd00:1::1": octets written without the final 0; cap >= 46. */
size_t ip_format(const struct mpt_addr *addr, char *out, size_t cap);

#ifdef __cplusplus
}
#endif
#endif
