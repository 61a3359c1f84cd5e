/* SPDX-License-Identifier: MIT */
/* run/main.c - the entry of mpsim and of mpsim-ns3; what differs is in engines_*.c. */
#include "run/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
