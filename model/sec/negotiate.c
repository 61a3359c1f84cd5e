/* SPDX-License-Identifier: MIT */
/* sec/negotiate.c - is this connection secure, regular or refused: the table of sec/SPEC.md 3.2, one function per kind of
 * row. test/promela/negotiate.pml checks the same rules; who changes one changes both. Called by conn/capable.c and,
 * for a's first octets, conn/recv.c. */
#include <string.h>

#include "base/bytes.h"
#include "sec/sec.h"

enum { MAGIC_AT = MPT_SEC_FRAME_HEAD, LOOK = MPT_SEC_FRAME_HEAD + MPT_SEC_MAGIC_LEN };

void mpt_sec_neg_init(struct mpt_sec_neg *n, enum mpt_sec_policy policy)
{
    memset(n, 0, sizeof *n);
    n->policy = (uint8_t)policy;
}

static enum mpt_sec_mode enter(struct mpt_sec_neg *n, enum mpt_sec_mode mode)
{
    n->mode = (uint8_t)mode;
    return mode;
}

/* Regular for good; only `prefer` has something to tell its application. */
static enum mpt_sec_mode regular(struct mpt_sec_neg *n)
{
    n->suite = 0;
    n->confirms = 0;
    n->declined = n->policy == MPT_SEC_PREFER;
    return enter(n, MPT_SEC_REGULAR);
}

/* Exactly one of the suites that a offered, beside MP_CAPABLE, confirms: from here on handshake or abort. */
enum mpt_sec_mode mpt_sec_neg_synack(struct mpt_sec_neg *n, int mptcp, const struct mpt_sec_eno *eno,
                                     const struct mpt_sec_eno *offer)
{
    if (n->mode != MPT_SEC_UNDECIDED)
        return n->mode;
    if (n->policy == MPT_SEC_OFF || !mptcp || !eno || !offer || eno->form != MPT_SEC_ENO_SYNACK || eno->count != 1 ||
        !mpt_sec_eno_choose(offer, eno->suite, 1))
        return n->policy == MPT_SEC_REQUIRE ? enter(n, MPT_SEC_REFUSED) : regular(n);
    n->suite = eno->suite[0];
    n->confirms = 1;
    return enter(n, MPT_SEC_CONFIRMED);
}

enum mpt_sec_mode mpt_sec_neg_syn(struct mpt_sec_neg *n, int mptcp, const struct mpt_sec_eno *eno,
                                  const uint8_t *mine, size_t suites)
{
    if (n->policy != MPT_SEC_OFF && mptcp && eno && eno->form == MPT_SEC_ENO_SYN)
        n->suite = mpt_sec_eno_choose(eno, mine, suites);
    if (!n->suite && n->policy == MPT_SEC_REQUIRE)
        return enter(n, MPT_SEC_REFUSED);
    n->confirms = n->suite != 0;
    return enter(n, MPT_SEC_UNDECIDED);
}

/* ENO up to a's first data confirms, unless MPTCP has fallen back or b's application has spoken in the clear. Without
 * it the first data decides, and is looked at under every policy: an attacker may have put ENO into a SYN/ACK. */
enum mpt_sec_mode mpt_sec_neg_segment(struct mpt_sec_neg *n, int mptcp, int has_eno, int data, int spoke)
{
    if (n->mode != MPT_SEC_UNDECIDED && n->mode != MPT_SEC_HOLD)
        return n->mode;
    if (n->suite && has_eno)
        return enter(n, mptcp && !spoke ? MPT_SEC_CONFIRMED : MPT_SEC_REFUSED);
    if (data && n->mode == MPT_SEC_UNDECIDED)
        return enter(n, n->policy == MPT_SEC_REQUIRE ? MPT_SEC_REFUSED : MPT_SEC_HOLD);
    return n->mode;
}

/* Could p[0..len) begin a HELLO or a first TLS frame? A frame is one mapping, so its length is dll - 3. */
static int may_be_frame(const uint8_t *p, size_t len, uint32_t dll)
{
    uint8_t want[LOOK] = { MPT_SEC_HELLO };

    if (len && p[0] == MPT_SEC_TLS)
        want[0] = MPT_SEC_TLS;
    mpt_bytes_put16(want + 1, (uint16_t)(dll - MPT_SEC_FRAME_HEAD));
    memcpy(want + MAGIC_AT, MPT_SEC_MAGIC, MPT_SEC_MAGIC_LEN);
    if (dll && dll < LOOK)
        return 0;
    for (size_t i = 0; i < len && i < LOOK; i++)
        if (p[i] != want[i] && (dll || i == 0 || i >= MAGIC_AT)) /* plain TCP: no mapping, any length */
            return 0;
    return 1;
}

/* Held only while in doubt. Plain TCP has no mapping that would tell a short request: there the caller's clock ends
 * the doubt (`last`). */
enum mpt_sec_mode mpt_sec_neg_look(struct mpt_sec_neg *n, const uint8_t *p, size_t len, uint32_t dll, int last)
{
    if (n->mode != MPT_SEC_HOLD)
        return n->mode;
    if (!may_be_frame(p, len, dll))
        return regular(n);
    if (len >= LOOK)
        return enter(n, MPT_SEC_REFUSED);
    return last ? regular(n) : MPT_SEC_HOLD;
}

void mpt_sec_neg_heard(struct mpt_sec_neg *n)
{
    n->confirms = 0;
}
