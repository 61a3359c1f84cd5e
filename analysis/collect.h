/* SPDX-License-Identifier: MIT */
/* analysis/collect.h - `mpsim-stat --collect DIR`: summary.csv of all runs of a campaign as one table. Called by main.c. */
#ifndef ANALYSIS_COLLECT_H
#define ANALYSIS_COLLECT_H

/* Prints the table of DIR (results/<scenario>/<engine>); returns the program's status: 2 for a mistake in the words. A broken run ends
 * the program with status 1 and no table. */
int collect_main(int argc, char **argv);

#endif
