/* SPDX-License-Identifier: MIT */
/* sim_transfers.c - short transfers over bad networks: every octet arrives once and in order or an error is reported,
 * both ends end, nothing leaks.
 *
 *     sim_transfers [--count N] [--first SEED]     N seeds (SIM_COUNT; 10,000, or more with LONG set)
 *     sim_transfers --seed SEED [--trace] [--pcap FILE]
 *
 * A failing seed prints the command that replays it. */
#include "simrun.h"

int main(int argc, char **argv)
{
    struct simrun_total total;

    return simrun_main(argc, argv, simcase_draw, &total);
}
