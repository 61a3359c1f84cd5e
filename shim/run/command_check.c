/* SPDX-License-Identifier: MIT */
/* run/command_check.c - `mpsim check-pcap FILE...`: the command line of check/. */
#include <string.h>

#include "check/check.h"
#include "run/cli.h"

/* Words that are flags; anything else with a dash is a mistake, "-" alone is standard input. */
static int take_word(struct check_options *o, const char *word)
{
    if (strcmp(word, "--no-checksum") == 0)
        o->no_checksum = 1;
    else if (strcmp(word, "--damage") == 0)
        o->damage = 1;
    else if (strcmp(word, "--partial") == 0)
        o->partial = 1;
    else if (strcmp(word, "-v") == 0 || strcmp(word, "--verbose") == 0)
        o->verbose = 1;
    else
        return -1;
    return 0;
}

int cli_check(int argc, char **argv)
{
    struct check_options o = {.out = stdout};
    int files = 0;

    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--keys") == 0 && i + 1 < argc) {
            o.keys = argv[++i];
        } else if (argv[i][0] != '-' || argv[i][1] == '\0') {
            argv[files++] = argv[i];
        } else if (take_word(&o, argv[i]) < 0) {
            fprintf(stderr, "mpsim: unknown option '%s'; check-pcap has --keys FILE, --no-checksum, --damage, --partial, -v\n",
                    argv[i]);
            return CLI_MISTAKE;
        }
    }
    if (files == 0) {
        fprintf(stderr, "mpsim: which capture? mpsim check-pcap FILE... (- is standard input)\n");
        return CLI_MISTAKE;
    }
    return check_files(&o, argv, (size_t)files);
}
