/* SPDX-License-Identifier: MIT */
/* analysis/report.h - `mpsim report DIR`: one self-contained HTML page of a campaign (results/<scenario>/<engine>) or of one
 * run (.../run-<seed>). Called by main.c. */
#ifndef ANALYSIS_REPORT_H
#define ANALYSIS_REPORT_H

/* Writes DIR/report.html and prints its name; ends the program with a line when DIR is neither. */
void report_write(const char *dir);

#endif
