/* SPDX-License-Identifier: MIT */
/* attack/a_deny.c - packets that do not come, or come late (RFC 6181 2: an on-path attacker can always do that; what
 * counts is what it costs the connection). */
#include "attack/private.h"

enum { DENY_ALL, DENY_ACKS, DENY_DATA, DENY_SYN, DENY_JOIN };

static int suits(const struct mpt_attack_seg *p, uint32_t what)
{
    int syn = (p->s.flags & MPT_TCP_SYN) != 0;

    switch (what) {
    case DENY_ACKS:
        return !p->s.len && !(p->s.flags & (MPT_TCP_SYN | MPT_TCP_FIN | MPT_TCP_RST));
    case DENY_DATA:
        return p->s.len > 0;
    case DENY_SYN:
        return syn;
    case DENY_JOIN:
        return MPT_HAS(&p->s.mp, MP_JOIN);
    default:
        return 1;
    }
}

static int drop(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    return suits(p, m->row->arg) && mpt_attack_turn(m, p->v.dir) ? mpt_attack_drop(a, p, now) : MPT_ATTACK_PASS;
}

static int delay(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    return mpt_attack_turn(m, p->v.dir) ? mpt_attack_hold(a, p, now + m->play.delay, now) : MPT_ATTACK_PASS;
}

const struct mpt_attack_row mpt_attack_deny[] = {
    { .name = "drop-all", .line = "drops everything", .needs = "the path", .aims = "the path", .rfc = "RFC 6181 2",
      .arg = DENY_ALL, .packet = drop },
    { .name = "drop-acks", .line = "drops segments without data", .needs = "the path", .aims = "a sender without answer",
      .rfc = "RFC 6181 2", .arg = DENY_ACKS, .packet = drop },
    { .name = "drop-data", .line = "drops segments with data", .needs = "the path",
      .aims = "a subflow that looks alive and carries nothing", .rfc = "RFC 6181 2", .arg = DENY_DATA, .packet = drop },
    { .name = "drop-nth", .line = "drops every 10th packet", .needs = "the path", .aims = "a slow subflow",
      .rfc = "RFC 6181 2", .every = 10, .arg = DENY_ALL, .packet = drop },
    { .name = "drop-syn", .line = "drops SYNs", .needs = "the path", .aims = "no connection, no joins",
      .rfc = "RFC 6181 2", .early = 1, .arg = DENY_SYN, .packet = drop },
    { .name = "drop-join", .line = "drops what has MP_JOIN", .needs = "the path", .aims = "no further subflows",
      .rfc = "RFC 8684 3.2", .early = 1, .arg = DENY_JOIN, .packet = drop },
    { .name = "delay", .line = "holds every packet back by 300 ms", .needs = "the path",
      .aims = "spurious time-outs and head-of-line blocking", .rfc = "RFC 6181 2", .delay = 300000000, .packet = delay },
    { .name = "delay-some", .line = "holds every 10th packet back by 300 ms", .needs = "the path",
      .aims = "reordering beyond what recovery forgives", .rfc = "RFC 6181 2", .every = 10, .delay = 300000000,
      .packet = delay },
    { .name = NULL },
};
