/* SPDX-License-Identifier: MIT */
/* sched/sched.h - packet schedulers as plug-ins: which subflow takes the next octets. conn/send.c calls. */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <stdint.h>

struct mpt_conn;
struct mpt_subflow;

struct mpt_sched_ops {
    const char *name;
    /* A subflow with room for new data now, or NULL: wait. */
    struct mpt_subflow *(*pick)(struct mpt_conn *c, uint64_t now);
    /* A subflow with room for octets to be sent again at offset `at`, other than the one that holds them. */
    struct mpt_subflow *(*pick_again)(struct mpt_conn *c, uint64_t at, uint64_t now);
    /* New data waits only for the peer's window: octets [*from, *to) to send again on the result, or NULL. */
    struct mpt_subflow *(*rescue)(struct mpt_conn *c, uint64_t *from, uint64_t *to, uint64_t now);
    /* Octets [*from, *to) that others were given, to be sent on the result too, or NULL. May be NULL. */
    struct mpt_subflow *(*copy)(struct mpt_conn *c, uint64_t *from, uint64_t *to, uint64_t now);
};

const struct mpt_sched_ops *mpt_sched_find(uint32_t sched); /* enum mpt_sched */

#endif
