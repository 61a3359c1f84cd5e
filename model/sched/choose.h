/* SPDX-License-Identifier: MIT */
/* sched/choose.h - what the schedulers share: which subflows count, and which has room. */
#ifndef SCHED_CHOOSE_H
#define SCHED_CHOOSE_H

#include "conn/conn.h"
#include "sched/sched.h"

/* Class of a subflow: 0 regular, 1 backup (RFC 8684 3.3.8), 2 timed out and silent since, 3 not usable. Only the
 * best class that has a member is used, whether or not it has room. */
int mpt_choose_class(const struct mpt_subflow *sf);
int mpt_choose_best(const struct mpt_conn *c);
/* Lowest smoothed RTT with room in that class; skip: not this one. */
struct mpt_subflow *mpt_choose_fastest(struct mpt_conn *c, int class, const struct mpt_subflow *skip, uint64_t now);
/* The same, unless a faster one is only busy and octets on the slow one would hold up what the fast one could send. */
struct mpt_subflow *mpt_choose_unless(struct mpt_conn *c,
                                      int (*would_block)(struct mpt_conn *, const struct mpt_subflow *fast,
                                                         const struct mpt_subflow *slow, uint64_t now),
                                      uint64_t now);
struct mpt_subflow *mpt_choose_again(struct mpt_conn *c, uint64_t at, uint64_t now);
/* The subflow that holds the left edge of a full window, when a faster one has room: *faster. Else NULL. */
struct mpt_subflow *mpt_choose_holdup(struct mpt_conn *c, struct mpt_subflow **faster, uint64_t *to, uint64_t now);

extern const struct mpt_sched_ops mpt_sched_minrtt, mpt_sched_server, mpt_sched_roundrobin, mpt_sched_redundant,
    mpt_sched_blest;

#endif
