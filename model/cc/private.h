/* SPDX-License-Identifier: MIT */
/* cc/private.h - pieces that the algorithms share (cc.c), and their tables. */
#ifndef CC_PRIVATE_H
#define CC_PRIVATE_H

#include "cc/cc.h"

extern const struct mpt_cc_ops mpt_cc_reno, mpt_cc_cubic, mpt_cc_lia, mpt_cc_olia, mpt_cc_balia;

/* RFC 5681 3.1 with RFC 3465: grows by what was acknowledged up to ssthresh; returns the octets left over. */
uint64_t mpt_cc_slow_start(struct mpt_cc_state *c, uint64_t acked);
/* One MSS for every `window` octets acknowledged. */
void mpt_cc_congestion_avoidance(struct mpt_cc_state *c, uint64_t acked, uint64_t window);
/* Adds octets, which may be negative, to cwnd; the fraction is kept in *rest. cwnd never falls below one segment. */
void mpt_cc_add(struct mpt_cc_state *c, double octets, double *rest);
/* ssthresh = to, at least two segments (RFC 5681 equation 4). cwnd is left alone. */
void mpt_cc_reduce(struct mpt_cc_state *c, uint64_t to);
double mpt_cc_rtt(const struct mpt_cc_state *c); /* smoothed, seconds, never 0 */

#endif
