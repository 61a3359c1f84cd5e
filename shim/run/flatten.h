/* SPDX-License-Identifier: MIT */
/* run/flatten.h - from YAML nodes to settings with dotted keys, each checked against the schema.
 * Called by scenario.c for the file, each variant and each axis point. */
#ifndef RUN_FLATTEN_H
#define RUN_FLATTEN_H

#include "run/scenario.h"

/* Adds every leaf below a map to the layer; unknown keys are reported with what was probably meant. */
void flatten_map(struct scenario *s, struct layer *l, const struct node *map, const char *origin,
                 struct diag *d);
/* Adds one setting. */
void flatten_add(struct layer *l, struct setting setting);
/* Reports an unknown key. */
void flatten_unknown(const char *dotted, struct place at, struct diag *d);

#endif
