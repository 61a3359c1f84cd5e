/* SPDX-License-Identifier: MIT */
/* simrun.h - runs many seeds of random transfers: the body of sim_transfers.c and sim_secure.c.
 *
 *     PROGRAM [--count N] [--first SEED]     N seeds (SIM_COUNT; 10,000, or more with LONG set)
 *     PROGRAM --seed SEED [--trace] [--pcap FILE] [--keys FILE] */
#ifndef SIM_SIMRUN_H
#define SIM_SIMRUN_H

#include "simworld.h"

struct simrun_total {
    uint64_t count, failed, must, octets, packets, joins, records;
    uint64_t secured, declined, forged, excused; /* struct sim_world */
};

/* draw: simcase_draw or another. The program's exit status; 2: the command line is wrong. */
int simrun_main(int argc, char **argv, void (*draw)(struct sim_case *, uint64_t), struct simrun_total *total);

#endif
