/* SPDX-License-Identifier: MIT */
/* analysis/setup.h - what of a run's configuration decides which table it belongs to and how fast it could be. Read from
 * run.json by runs.c; used by transfers.c. */
#ifndef ANALYSIS_SETUP_H
#define ANALYSIS_SETUP_H

#include "analysis/ceiling.h"

enum setup_kind { SETUP_MESSAGES, SETUP_BULK, SETUP_WAIT /* one request at a time */ };

struct setup {
    enum setup_kind kind;
    double start;             /* s, when clients come up */
    double size;              /* bulk: octets each way */
    int up, down;             /* bulk: which ways */
    struct ceiling_case link; /* stack, and what its paths carry together */
};

/* Reads the text of a run.json; what it does not say keeps the default of `mpsim help keys`. */
void setup_read(struct setup *setup, const char *json);
/* "1500B", "16KiB", "100Mbit/s", "3": the number in octets or bit/s; 0 where it is none. */
double setup_number(const char *text);

#endif
