/* SPDX-License-Identifier: MIT */
/* api/config.h - for stack.c: bounds of a configuration that was filled by hand. */
#ifndef API_CONFIG_H
#define API_CONFIG_H

#include <string.h>

#include "mpt.h"

int mpt_config_check(const struct mpt_config *config); /* 0 or MPT_EINVAL */

#endif
