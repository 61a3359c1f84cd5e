/* SPDX-License-Identifier: MIT */
/* attack/a_strip.c - options taken out, as middleboxes do and as one does who wants less security (RFC 8684 3.7, RFC 8547 8,
 * RFC 8684 3.7 and 6). NOPs stand where the option was. */
#include "attack/private.h"

enum { ALL_MPTCP = 100, STRIP_ENO, STRIP_EXT, STRIP_D };

/* D and the rest of MP_JOIN's nibble: the option stays (jwd/README.md). */
static int clear_d(struct mpt_attack_seg *p)
{
    uint8_t *o = mpt_edit_find(p, MPT_OPT_MPTCP, MP_JOIN);

    if (!o || !(p->s.flags & MPT_TCP_SYN) || !(o[2] & MP_JOIN_D))
        return 0;
    o[2] &= (uint8_t)~MP_JOIN_D;
    return p->edited = 1;
}

static int has(struct mpt_attack_seg *p, uint32_t arg)
{
    if (arg == STRIP_ENO)
        return mpt_edit_find(p, ATTACK_OPT_ENO, -1) != NULL;
    if (arg == STRIP_EXT)
        return mpt_edit_find(p, MPT_OPT_EXP, -1) != NULL;
    if (arg == STRIP_D || arg == ALL_MPTCP)
        return mpt_edit_find(p, MPT_OPT_MPTCP, -1) != NULL;
    return mpt_edit_find(p, MPT_OPT_MPTCP, (int)arg) != NULL;
}

static int strip(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    uint32_t arg = m->row->arg;

    (void)a;
    (void)now;
    if (!has(p, arg) || !mpt_attack_turn(m, p->v.dir))
        return MPT_ATTACK_PASS;
    if (arg == STRIP_D)
        clear_d(p);
    else if (arg == STRIP_ENO)
        mpt_edit_strip(p, ATTACK_OPT_ENO, -1);
    else if (arg == STRIP_EXT)
        mpt_edit_strip(p, MPT_OPT_EXP, -1);
    else
        mpt_edit_strip(p, MPT_OPT_MPTCP, arg == ALL_MPTCP ? -1 : (int)arg);
    return MPT_ATTACK_PASS;
}

#define STRIP(NAME, ARG, LINE, AIMS, RFC, EARLY)                                                                        \
    { .name = NAME, .line = LINE, .needs = "the path", .aims = AIMS, .rfc = RFC, .arg = ARG, .early = EARLY,            \
      .packet = strip }

const struct mpt_attack_row mpt_attack_strip[] = {
    STRIP("strip-mptcp", ALL_MPTCP, "takes every MPTCP option out", "plain TCP, or a dead subflow",
          "RFC 8684 3.7", 0),
    STRIP("strip-capable", MP_CAPABLE, "takes MP_CAPABLE out", "plain TCP instead of Multipath TCP",
          "RFC 8684 3.1, 3.7", 1),
    STRIP("strip-join", MP_JOIN, "takes MP_JOIN out", "no further subflows", "RFC 8684 3.2", 1),
    STRIP("strip-dss", DSS, "takes DSS out", "octets without mapping: the subflow, or a fall back", "RFC 8684 3.7", 0),
    STRIP("strip-add-addr", ADD_ADDR, "takes ADD_ADDR out", "addresses that nobody learns", "RFC 8684 3.4.1", 0),
    STRIP("strip-remove-addr", REMOVE_ADDR, "takes REMOVE_ADDR out", "dead subflows that are kept", "RFC 8684 3.4.2", 0),
    STRIP("strip-prio", MP_PRIO, "takes MP_PRIO out", "traffic on a path that was to rest", "RFC 8684 3.3.8", 0),
    STRIP("strip-fail", MP_FAIL, "takes MP_FAIL out", "a fall back that one side does not notice", "RFC 8684 3.7", 0),
    STRIP("strip-fastclose", MP_FASTCLOSE, "takes MP_FASTCLOSE out", "connections that never end", "RFC 8684 3.5", 0),
    STRIP("strip-tcprst", MP_TCPRST, "takes the reason out of RST", "a sender that joins again too soon",
          "RFC 8684 3.6", 0),
    STRIP("strip-aack", MP_EXPERIMENTAL, "takes authenticated acknowledgements out (subtype 15)",
          "a sender that waits for one", "none: this project's", 0),
    STRIP("strip-eno", STRIP_ENO, "takes TCP-ENO out", "no encryption", "RFC 8547 8", 1),
    STRIP("strip-ext", STRIP_EXT, "takes EXT out", "joins without data", "none: this project's", 1),
    STRIP("strip-d", STRIP_D, "clears D in MP_JOIN", "a join record that is not understood", "none: this project's", 1),
    { .name = NULL },
};
