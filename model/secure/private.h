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

/* The host's TLS: whole octets of its frames, in and out (kx 2). */
struct mpt_secure_tls {
    uint8_t *in, *out;           /* octets for the host; frames to be sent */
    uint32_t in_len, in_at, in_room;
    uint32_t out_len, out_at, out_room;
    uint8_t head[MPT_SEC_FRAME_HEAD + MPT_SEC_MAGIC_LEN];
    uint8_t head_len;            /* octets of the frame's head that have come */
    uint8_t first_in, first_out; /* a frame has come, has been built */
    uint32_t left;               /* of the frame under way */
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
