/* SPDX-License-Identifier: MIT */
/* options.h - the command line of `mpsim tun-serve` and `mpsim tun-connect`. Called by host.c. */
#ifndef TUN_OPTIONS_H
#define TUN_OPTIONS_H

#include "tun/secret.h"
#include "tun/tun.h"

struct tun_options {
    struct mpt_config config; /* of the stack: defaults, scenario file, then what was written */
    struct tun_device device[TUN_DEVICES_MAX];
    size_t devices;           /* --dev */
    int serve;                /* tun-serve, not tun-connect */
    struct mpt_addr remote;   /* tun-connect: where to */
    struct mpt_addr local;    /* --from: address and port to connect from; family 0: the first that fits */
    uint16_t port;            /* of the listener, or of the remote */
    int pm_written;           /* the path manager was chosen by the user */
    const char *pcap;         /* --pcap, NULL */
    const char *trace;        /* --trace, NULL */
    const char *scenario;     /* --scenario, NULL */
    const char *variant;      /* --variant, NULL */
    uint64_t timeout;         /* --timeout: ns until a connection is there; 0: as the stack says */
    uint64_t idle;            /* --idle: ns without an octet either way; 0: for ever */
    struct tun_secret secret; /* keys of MPTCPsec */
    int keep, counters, mute; /* flags that were given */
    int verbose;              /* number of -v */
};

/* 0, or -1 with one line on stderr. Texts point into argv, whose words are taken apart. */
int options_parse(struct tun_options *o, int serve, int argc, char **argv);

#endif
