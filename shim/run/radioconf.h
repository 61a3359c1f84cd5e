/* SPDX-License-Identifier: MIT */
/* run/radioconf.h - radios of a scenario: profiles of the catalogue, radios.NAME that change one, and what
 * paths.NAME.radio changes again. Called by scenario.c and config.c; `mpsim list radios` prints the catalogue. */
#ifndef RUN_RADIOCONF_H
#define RUN_RADIOCONF_H

#include "run/config.h"
#include "run/schema.h"

/* Fills in what was not written, for every path: behind it path.model.value is whole, or model.base is NULL. */
void radioconf_resolve(struct run_config *c, const struct config_places *places, struct diag *d);
/* The radio of radios.NAME, made when it is first written; NULL: too many. */
struct run_radio *radioconf_named(struct run_config *c, const char *name);
/* Notes that a key was written. */
void radioconf_mark(struct run_radio *radio, const struct schema_key *key);
/* Does the key mean anything for this enum mpt_radio_kind? */
int radioconf_suits(const struct schema_key *key, uint32_t kind);
/* The catalogue with every constant and its source, to standard output. */
void radioconf_list(void);

#endif
