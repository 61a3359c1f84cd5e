/* SPDX-License-Identifier: MIT */
/* analysis/ceiling.h - the most goodput that headers leave of a link: the one place where it is computed.
 *
 * Octets of a full packet, by the options that its segments need (RFC 9293 3.1, RFC 7323 3.2, RFC 8684 3.3, RFC 8446 5.2;
 * records of MPTCPsec: model/sec/SPEC.md 3.5). Slow start, handshakes and losses only ever lower it. Called by
 * transfers.c. */
#ifndef ANALYSIS_CEILING_H
#define ANALYSIS_CEILING_H

enum ceiling_stack { CEILING_TCP, CEILING_MPTCP, CEILING_SEC };

struct ceiling_case {
    enum ceiling_stack stack;
    int tls;             /* TLS 1.3 over it */
    int ipv6;
    double rate;         /* bit/s of the link, or of all that are used; 0: not known, and so are the ceilings */
    unsigned mtu;        /* octets */
    unsigned overhead;   /* octets that a packet takes on the wire besides its own */
    unsigned tls_record; /* plaintext octets of a TLS record */
    unsigned sec_record; /* data octets of a record of MPTCPsec */
};

/* TCP payload of a full segment. */
unsigned ceiling_payload(const struct ceiling_case *c);
/* bit/s of application octets when every packet is full, as if records could end anywhere. */
double ceiling_full(const struct ceiling_case *c);
/* The same with MPTCPsec's rule that a segment holds octets of one record only: the best is then a record that fills
 * whole segments, and is shorter than sec_record where that does not. Equal to ceiling_full for every other stack. */
double ceiling_whole(const struct ceiling_case *c);

#endif
