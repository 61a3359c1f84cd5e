/* SPDX-License-Identifier: MIT */
/* attack/a_tcp.c - what plain TCP suffers as well: forged RST, FIN, acknowledgements and windows (RFC 5961 1.1,
 * RFC 8684 5). A Multipath TCP connection should lose the subflow and no more. */
#include "attack/private.h"

static int flags_only(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_flow *f, uint32_t dir,
                      uint64_t now)
{
    struct attack_forge g = { .flags = (uint8_t)m->row->arg };

    return mpt_forge_send(a, f, dir, &g, now);
}

/* The segment is gone, and its sender believes that it arrived. */
static int optimistic(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    struct attack_forge g = { .has_ack = 1, .ack = p->s.seq + p->s.len };

    if (!p->s.len || !p->flow || !mpt_learn_open(p->flow) || !mpt_attack_turn(m, p->v.dir))
        return MPT_ATTACK_PASS;
    mpt_forge_send(a, p->flow, !p->v.dir, &g, now);
    return mpt_attack_drop(a, p, now);
}

static int close_window(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    (void)a;
    (void)now;
    if ((p->s.flags & (MPT_TCP_SYN | MPT_TCP_RST)) || !(p->s.flags & MPT_TCP_ACK) || !mpt_attack_turn(m, p->v.dir))
        return MPT_ATTACK_PASS;
    mpt_bytes_put16(p->v.tcp + 14, 0);
    p->edited = 1;
    return MPT_ATTACK_PASS;
}

const struct mpt_attack_row mpt_attack_tcp[] = {
    { .name = "rst", .line = "forges RST at the sequence number that is expected", .needs = "sequence numbers",
      .aims = "the subflow", .rfc = "RFC 5961 3, RFC 8684 5", .every = 5, .count = 3, .arg = MPT_TCP_RST,
      .forge = flags_only },
    { .name = "fin", .line = "forges a TCP FIN", .needs = "sequence numbers",
      .aims = "the subflow; of a single one, the end of the stream", .rfc = "RFC 8684 3.3.3", .every = 5,
      .count = 3, .arg = MPT_TCP_FIN, .forge = flags_only },
    { .name = "optimistic-ack", .line = "swallows every 40th data segment and acknowledges it at TCP's level",
      .needs = "the path", .aims = "a hole that the subflow never fills", .rfc = "RFC 8684 3.3.2",
      .every = 40, .packet = optimistic },
    { .name = "window-0", .line = "closes the window in every segment", .needs = "the path", .aims = "a stalled sender",
      .rfc = "RFC 9293 3.8.6, RFC 8684 3.3.4", .packet = close_window },
    { .name = NULL },
};
