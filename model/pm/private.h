/* SPDX-License-Identifier: MIT */
/* pm/private.h - shared by the path managers (pm.c). */
#ifndef PM_PRIVATE_H
#define PM_PRIVATE_H

#include "conn/conn.h"
#include "pm/pm.h"

/* One join, unless these two addresses share a subflow, the families differ or the C flag forbids it: 1 started. */
int mpt_pm_join(struct mpt_conn *c, const struct mpt_address *a, uint8_t remote_id, uint32_t flags, uint64_t now);
/* The same without a look at what is there already. */
int mpt_pm_join_again(struct mpt_conn *c, const struct mpt_address *a, uint8_t remote_id, uint32_t flags,
                      uint64_t now);
int mpt_pm_join_from(struct mpt_conn *c, const struct mpt_address *a, uint32_t flags, uint64_t now);
void mpt_pm_offer(struct mpt_conn *c, uint32_t slot, uint32_t flags, uint64_t now);
void mpt_pm_offer_all(struct mpt_conn *c, uint32_t flags, uint64_t now);
int mpt_pm_join_fresh(struct mpt_conn *c, uint64_t now); /* from all addresses that no living subflow uses: how many */
int mpt_pm_may_join(const struct mpt_conn *c); /* the active opener, and joins are allowed: servers cannot reach through a NAT */
void mpt_pm_silent(struct mpt_conn *c, uint64_t now); /* receiver.c: joins, of mpt_pm_ops.silent */
/* Policies that prefer an interface: the least ifid is the best. */
int mpt_pm_works(const struct mpt_subflow *sf);      /* complete, and nothing timed out since something was acknowledged */
uint32_t mpt_pm_best(const struct mpt_conn *c);      /* ifid of the best one that works; UINT32_MAX: none */
void mpt_pm_recall(struct mpt_conn *c, uint64_t now); /* nothing regular works: what was made a backup is needed after all */
int mpt_pm_refused(const struct mpt_conn *c, uint64_t now); /* a join was, not long ago: who looks at times waits */
int mpt_pm_alone(const struct mpt_conn *c); /* an active opener without any living subflow */

extern const struct mpt_pm_ops mpt_pm_manual, mpt_pm_fullmesh, mpt_pm_backup, mpt_pm_breakbeforemake,
    mpt_pm_ndiffports, mpt_pm_endpoints, mpt_pm_oracle, mpt_pm_wififirst,
    mpt_pm_energyaware;

#endif
