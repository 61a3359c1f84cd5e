/* SPDX-License-Identifier: MIT */
/* pm/private.h - shared by the path managers (pm.c). */
#ifndef PM_PRIVATE_H
#define PM_PRIVATE_H

#include "conn/conn.h"
#include "pm/pm.h"

int mpt_pm_join_from(struct mpt_conn *c, const struct mpt_address *a, uint32_t flags, uint64_t now);
void mpt_pm_offer(struct mpt_conn *c, uint32_t slot, uint32_t flags, uint64_t now);
void mpt_pm_offer_all(struct mpt_conn *c, uint32_t flags, uint64_t now);
void mpt_pm_revive(struct mpt_conn *c, uint32_t flags, uint64_t now); /* no subflow lives: all are tried again */

extern const struct mpt_pm_ops mpt_pm_manual, mpt_pm_fullmesh, mpt_pm_backup, mpt_pm_breakbeforemake;

#endif
