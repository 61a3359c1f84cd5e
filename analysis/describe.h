/* SPDX-License-Identifier: MIT */
/* analysis/describe.h - `mpsim-stat --describe FILE.csv --value COLUMN ...`: statistics of a column of any CSV table, by groups, and
 * paired differences. Called by main.c. */
#ifndef ANALYSIS_DESCRIBE_H
#define ANALYSIS_DESCRIBE_H

/* Prints a CSV table, a row a group; returns the program's status: 2 for a mistake in the words. A table that cannot be described ends
 * the program with status 1 and file, line and column. */
int describe_main(int argc, char **argv);

#endif
