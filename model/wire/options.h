/* SPDX-License-Identifier: MIT */
/* wire/options.h - the option part of a TCP header (RFC 9293 3.1), used inside wire/ only: tcp.c
 * reads it, dump.c walks it. */
#ifndef WIRE_OPTIONS_H
#define WIRE_OPTIONS_H

#include "wire/tcp.h"

enum {
    MPT_OPT_EOL = 0,
    MPT_OPT_NOP = 1,
    MPT_OPT_MSS = 2,
    MPT_OPT_WSCALE = 3,
    MPT_OPT_SACK_OK = 4,
    MPT_OPT_SACK = 5,
    MPT_OPT_TS = 8,
    MPT_OPT_FASTOPEN = 34
};

/* Reads seg->opt into seg->tcp and seg->mp: MPT_PARSE_OK or MPT_PARSE_OPTION. seg->flags is set. */
int mpt_options_parse(struct mpt_segment *seg);
/* Size of the option at o, of which `left` octets remain: 1 for EOL and NOP, 0 when impossible. */
size_t mpt_options_size(const uint8_t *o, size_t left);

#endif
