/* SPDX-License-Identifier: MIT */
/* secure/private.h - what the files of secure/ share and conn/ does not see. */
#ifndef SECURE_PRIVATE_H
#define SECURE_PRIVATE_H

#include "secure/secure.h"

/* Who this stack is, and whom it believes (mpt_secure_identity and its like). */
struct mpt_secure_identity {
    uint8_t seed[32], expect[32]; /* own Ed25519 seed; the server's key */
    uint8_t has_seed, has_expect;
    uint8_t psk_len, psk_id_len;
    uint8_t psk[64], psk_id[64];  /* pre-shared key and its public name */
};

/* The host's TLS (kx 2): the frame under way, or whole and being read; octets to be sent. */
struct mpt_secure_tls {
    uint8_t *in, *out;
    uint32_t in_len, in_at, in_room;    /* octets there; next one for the host; allocated */
    uint32_t out_len, out_at, out_room; /* likewise, next one for a frame */
    uint8_t first_in, first_out;        /* a frame has come, has been built */
};

/* Until KEYED. */
struct mpt_secure_hand {
    struct mpt_sec_names names; /* N: what the SYNs said */
    struct mpt_sec_hs hs;       /* kx 1 and 3 */
    struct mpt_secure_tls tls;  /* kx 2 */
    uint8_t done;               /* the host's TLS is done; frames may still have to leave */
    uint8_t master[32];
};

#endif
