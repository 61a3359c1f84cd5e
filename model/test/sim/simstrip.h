/* SPDX-License-Identifier: MIT */
/* simstrip.h - a middlebox that eats Multipath TCP's options (RFC 8684 3.7, 6): of SYNs, of SYN/ACKs, of everything
 * but these, or of all from some time on. The checksum is repaired. Put into a path by simworld.c. */
#ifndef SIM_SIMSTRIP_H
#define SIM_SIMSTRIP_H

#include "box/path.h"

struct ip_view;

enum { STRIP_SYN = 1, STRIP_SYNACK = 2, STRIP_REST = 4, STRIP_ENO = 8 /* TCP-ENO in place of Multipath TCP (RFC 8547) */ };

/* what: a set of STRIP_... from `from` on. NULL: memory. The path owns it. */
struct box *simstrip_new(struct box_pool *pool, uint32_t what, uint64_t from);
/* Is the TCP checksum right? And made so, after an edit. */
int simstrip_is_whole(const struct ip_view *v, const uint8_t *tcp);
void simstrip_repair(const struct ip_view *v, uint8_t *tcp);

#endif
