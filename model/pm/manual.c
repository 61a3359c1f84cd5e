/* SPDX-License-Identifier: MIT */
/* pm/manual.c - the host decides: mpt_subflow_join. Nothing happens by itself, nothing is announced. */
#include "pm/private.h"

const struct mpt_pm_ops mpt_pm_manual = { .name = "manual" };
