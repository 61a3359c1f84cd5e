/* SPDX-License-Identifier: MIT */
/* conn/perror.h - what a peer can do wrong, and the one place that says what it costs (perror.c).
 * A SYN that is refused before there is a subflow is the business of join.c and jwd/responder.c. */
#ifndef CONN_PERROR_H
#define CONN_PERROR_H

#include <stdint.h>

struct mpt_subflow;

enum mpt_perror {
    MPT_PERR_MAP_CHANGED,    /* a mapping contradicts an earlier one (RFC 8684 3.3.1) */
    MPT_PERR_NO_MAP,         /* octets without mapping after the first window (3.7) */
    MPT_PERR_BEYOND_WINDOW,  /* octets beyond the window we offered (3.3.5) */
    MPT_PERR_BEYOND_FIN,     /* octets beyond DATA_FIN (3.3.3) */
    MPT_PERR_FIN_MOVED,      /* a second DATA_FIN elsewhere (3.3.3) */
    MPT_PERR_ACK_UNSENT,     /* DATA_ACK of octets never sent (3.3.2) */
    MPT_PERR_CHECKSUM,       /* DSS checksum (3.7) */
    MPT_PERR_JOIN_HMAC,      /* third ACK of a join (3.2) */
    MPT_PERR_JWD_RECORD,     /* a join record that does not verify behind the third ACK (jwd 2.5.4) */
    MPT_PERR_JWD_OVERLAP,    /* a DSS overlaps the join record (jwd 2.3) */
    MPT_PERR_CAPABLE_KEY,    /* third ACK with a key that is not ours (3.1) */
    MPT_PERR_SYNACK_HMAC,    /* SYN/ACK of a join (3.2) */
    MPT_PERR_SYNACK_NO_JOIN, /* SYN/ACK of a join without MP_JOIN (3.2, 3.7) */
    MPT_PERR_SUM_PRESENCE,   /* a mapping with a checksum that was not agreed, or without one that was (3.3.1) */
    MPT_PERR_SEC_TAG,        /* a record does not verify (sec/SPEC.md 3.9) */
    MPT_PERR_SEC_MAP,        /* a record does not begin where the last ended, or before the first (3.5) */
    MPT_PERR_COUNT
};

enum mpt_fallback_cause {
    MPT_FALLBACK_SYNACK = 2,   /* no MP_CAPABLE on the SYN/ACK (3.7) */
    MPT_FALLBACK_THIRD = 3,    /* no MP_CAPABLE on the third ACK (3.7) */
    MPT_FALLBACK_NO_DSS = 4,   /* no DSS in the first window (3.7) */
    MPT_FALLBACK_INFINITE = 5, /* the peer sent an infinite mapping (3.7) */
    MPT_FALLBACK_FAIL = 6,     /* MP_FAIL on the only subflow, sent or received (3.7) */
    MPT_FALLBACK_SYN = 7,      /* SYNs with MP_CAPABLE vanish (3.9) */
    MPT_FALLBACK_LOST_DSS = 9, /* no DSS any more, or no DATA_ACK, on the only subflow (3.7) */
    MPT_FALLBACK_SIMULTANEOUS = 8, /* both ends sent a SYN (3.1 knows one initiator) */
};

/* Decides and acts. What the caller must do: 0 = drop the octets and go on, 1 = the subflow is gone. */
int mpt_perror(struct mpt_subflow *sf, enum mpt_perror what, uint64_t now);

#endif
