/* SPDX-License-Identifier: MIT */
/* shape.h - `mpsim shape`: the paths of box/ between pairs of TUN devices, in real time. cli.c calls shape_main(). */
#ifndef TUN_SHAPE_H
#define TUN_SHAPE_H

#include "run/config.h"
#include "run/network.h"
#include "tun/tun.h"

/* What the command line said: path i lies between device 2i (end A) and device 2i+1 (end B). */
struct shape_options {
    struct run_config config; /* of which the paths count */
    struct tun_device device[TUN_DEVICES_MAX];
    uint64_t seed;            /* --seed */
    uint64_t length;          /* --for: ns; 0: until a signal */
    const char *pcap;         /* --pcap: beginning of two names; NULL: none */
    int realtime;             /* --realtime */
};

/* 0, or -1 with messages on stderr. Names of devices point into argv, whose words are taken apart. */
int shape_parse(struct shape_options *o, int argc, char **argv);
/* The whole command: exit status 0, 1 no devices or no files, 2 a mistake in the command line. A signal is its regular
 * end. */
int shape_main(int argc, char **argv);

#endif
