/* SPDX-License-Identifier: MIT */
/* run/mptcpsec.h - MPTCPsec on the hosts of a run: keys of their stacks, and TLS as its handshake where
 * `stack.sec_kx: tls` (model/sec/SPEC.md 3.3). Called by harness.c when a host is made and by traffic.c at its event. */
#ifndef RUN_MPTCPSEC_H
#define RUN_MPTCPSEC_H

#include <stdint.h>

struct mpt_stack;
struct run;
struct session;

/* Keys of a stack of that side; 0 or an error of mpt.h. */
int mptcpsec_identity(const struct run *r, struct mpt_stack *stack, int side);
/* The next step of the handshake by TLS: at MPT_EV_HANDSHAKE. */
void mptcpsec_handshake(struct session *s, int side, uint64_t now);

#endif
