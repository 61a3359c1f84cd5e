/* SPDX-License-Identifier: MIT */
/* attack/a_negotiation.c - the two ends are made to believe different things about the handshake (RFC 8684 3.1, RFC 8547 4
 * and 8): what a transcript of it must notice. */
#include "attack/private.h"

enum { CAPABLE_VERSION, CAPABLE_CHECKSUM, CAPABLE_KEY, ENO_SUITES };

/* The receiver of the SYN/ACK gets another key; its own third ACK is put right, so that only the keys differ. */
static int other_key(uint8_t *o)
{
    if (o[1] == 12)
        o[11] ^= 1;
    else if (o[1] >= 20)
        o[19] ^= 1;
    else
        return 0;
    return 1;
}

/* The version only in SYNs; key and checksum flag from the SYN/ACK on and back in the third ACK, so that each end sees
 * of itself what it said, and of the other what nobody said. */
static int is_turn(const struct mpt_attack_seg *p, uint32_t arg)
{
    int syn = (p->s.flags & MPT_TCP_SYN) != 0, first = syn && !(p->s.flags & MPT_TCP_ACK);

    return arg == CAPABLE_VERSION ? syn : arg == CAPABLE_CHECKSUM ? !first : 1;
}

static int capable(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    uint8_t *o = mpt_edit_find(p, MPT_OPT_MPTCP, MP_CAPABLE);

    (void)a;
    (void)now;
    if (!o || o[1] < 4 || !is_turn(p, m->row->arg) || !mpt_attack_turn(m, p->v.dir))
        return MPT_ATTACK_PASS;
    if (m->row->arg == CAPABLE_VERSION)
        o[2] ^= 1;
    else if (m->row->arg == CAPABLE_CHECKSUM)
        o[3] ^= MP_CAPABLE_A;
    else if (!other_key(o))
        return MPT_ATTACK_PASS;
    p->edited = 1;
    return MPT_ATTACK_PASS;
}

/* The last octet is a suite: the one that was wanted least, or none that anybody knows. */
static int eno(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    uint8_t *o = mpt_edit_find(p, ATTACK_OPT_ENO, -1);

    (void)a;
    (void)now;
    if (!o || o[1] < 5 || !(p->s.flags & MPT_TCP_SYN) || !mpt_attack_turn(m, p->v.dir))
        return MPT_ATTACK_PASS;
    o[o[1] - 1] ^= 3;
    p->edited = 1;
    return MPT_ATTACK_PASS;
}

const struct mpt_attack_row mpt_attack_negotiation[] = {
    { .name = "edit-version", .line = "changes the version in MP_CAPABLE", .needs = "the path",
      .aims = "plain TCP instead of Multipath TCP", .rfc = "RFC 8684 3.1", .early = 1, .arg = CAPABLE_VERSION,
      .packet = capable },
    { .name = "edit-checksum-flag", .line = "turns the checksum flag round in what the server says and what the client answers", .needs = "the path",
      .aims = "two ends that disagree about checksums", .rfc = "RFC 8684 3.1", .early = 1, .arg = CAPABLE_CHECKSUM,
      .packet = capable },
    { .name = "edit-key", .line = "changes the server's key on its way to the client and back", .needs = "the path",
      .aims = "another IDSN and token at the client: stall, no joins", .rfc = "RFC 8684 3.1", .early = 1,
      .arg = CAPABLE_KEY, .packet = capable },
    { .name = "edit-eno", .line = "changes the suites in TCP-ENO", .needs = "the path", .aims = "a weaker suite, or none",
      .rfc = "RFC 8547 4.8", .early = 1, .arg = ENO_SUITES, .packet = eno },
    { .name = NULL },
};
