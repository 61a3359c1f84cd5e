/* SPDX-License-Identifier: MIT */
/* jwd/private.h - state of join-with-data on one subflow, for the files of this room. */
#ifndef JWD_PRIVATE_H
#define JWD_PRIVATE_H

#include "jwd/jwd.h"

/* We sent SYN+MP_JOIN with D=1. */
struct mpt_jwd_initiator {
    uint8_t mpj[12];     /* the option of the SYN exactly as sent */
    uint8_t *record;     /* byte-identical for ever; NULL once TCP has it */
    uint32_t n;          /* octets of it */
    uint64_t from, to;   /* stream offsets it carries */
    uint8_t both;        /* D=1 came back */
    uint8_t eaten;       /* MP_JOIN did not come back: the path eats options */
};

/* We answered a SYN+MP_JOIN with D=1. */
struct mpt_jwd_responder {
    uint8_t mpj[12];
    uint8_t expect;      /* the record is still to come in the stream, at SSN 1 */
    uint8_t early;       /* early data is allowed (2.6) */
    uint8_t verified;    /* the SYN's record was */
    uint8_t embryo;      /* counted in the limits */
    uint8_t head[JWD_HEAD];
    uint32_t got;        /* octets of the record that came in the stream */
    uint32_t total;      /* its length, 0 = not known yet */
    uint8_t *buffer;     /* the record: being collected, or held until validation */
    uint64_t rx_ip, tx_ip; /* IP octets of the amplification limit (2.6) */
    uint64_t dies_at;    /* an embryo lives 10 s */
};

#endif
