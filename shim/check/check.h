/* SPDX-License-Identifier: MIT */
/* check/check.h - the strict trace checker: follows every TCP and MPTCP connection of pcap files and says where
 * a sender broke a clause. Read README.md first. Called by run/command_check.c and by tests. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct check_options {
    int no_checksum; /* TCP checksums are not looked at (captured before an off-load) */
    int damage;      /* wrong checksums are the path's doing: such frames are passed over, no error */
    int partial;     /* packets or subflows are missing: what needs all of them is not judged */
    int verbose;     /* list connections and subflows, and every error of a kind */
    const char *keys; /* key log of MPTCPsec, or NULL */
    FILE *out;       /* errors and summary */
};

enum check_status { CHECK_CLEAN = 0, CHECK_ERRORS = 1, CHECK_UNREADABLE = 2 };

/* Reads the files ("-" is standard input) as one trace, merged by time: an enum check_status. */
int check_files(const struct check_options *options, char *const *file, size_t files);

#endif
