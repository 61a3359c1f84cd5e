/* SPDX-License-Identifier: MIT */
/* icmp.h - ICMP errors about TCP segments: read for mpt_icmp, and made by a box that has a small MTU.
 *
 * Read RFC 792, RFC 4443 3, RFC 1191 4 (the next hop's MTU) and RFC 5927 (what a reader should check). pump.c reads,
 * box/mtu.c makes. */
#ifndef ICMP_H
#define ICMP_H

#include "ip.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IP_ICMP = 1, IP_ICMP6 = 58, ICMP_MAX = 1280 /* octets of a message we make, IP header included */ };

/* What a message says of a segment that this host sent. */
struct icmp_error {
    struct mpt_addr local, remote; /* of the segment quoted, with ports */
    uint32_t seq;                  /* its sequence number */
    uint32_t mtu;                  /* too big: of the next hop, 0 = not said */
    enum mpt_icmp_kind kind;
};

/* Reads a parsed IP packet (view->proto is IP_ICMP or IP_ICMP6). 0, or MPT_EINVAL: damaged, no error of a kind that
 * matters to TCP, or about a packet that is no TCP segment from the address the message came to. */
int icmp_read(const struct ip_view *view, struct icmp_error *error);

/* Writes the answer to an IP packet that does not fit mtu into out (ICMP_MAX octets): octets, or 0 when none is due
 * (IPv4 without DF, not an IP packet, an ICMP error itself). It comes from the packet's destination: routers have no
 * address here. */
size_t icmp_too_big(const uint8_t *ip, size_t len, uint32_t mtu, uint8_t *out);

#ifdef __cplusplus
}
#endif
#endif
