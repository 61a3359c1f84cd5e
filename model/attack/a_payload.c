/* SPDX-License-Identifier: MIT */
/* attack/a_payload.c - attacks on the octets of the stream (RFC 8684 5, and 3.3 for the checksum,
 * which is no protection against anybody who can compute it). */
#include "attack/private.h"

/* One bit, so that the octet is certainly another. */
static int flip(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    (void)a;
    (void)now;
    if (!p->s.len || (p->s.flags & MPT_TCP_SYN) || !mpt_attack_turn(m, p->v.dir))
        return MPT_ATTACK_PASS;
    p->data[m->play.offset % p->s.len] ^= 1;
    p->edited = 1;
    if (m->row->arg)
        mpt_edit_dss_checksum(p);
    return MPT_ATTACK_PASS;
}

/* In front of the true octets of the same sequence numbers, which the receiver then takes for a repetition. */
static int inject(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_flow *f, uint32_t dir, uint64_t now)
{
    uint8_t data[MPT_ATTACK_SEGMENT / 2];
    struct attack_side *s = &f->side[dir];
    struct attack_forge g = { .flags = MPT_TCP_PSH, .data = data };
    struct mpt_dss d = { .flags = DSS_MAP, .dsn = s->dsn, .ssn = s->nxt - s->isn };

    if (!s->has_map)
        return 0;
    g.len = (uint16_t)(m->play.offset < sizeof data ? m->play.offset : sizeof data);
    memset(data, 'X', g.len);
    d.dll = g.len;
    mpt_forge_dss(&g, f, dir, &d);
    return mpt_forge_send(a, f, dir, &g, now);
}

const struct mpt_attack_row mpt_attack_payload[] = {
    { .name = "flip-payload", .line = "flips a bit of every 20th data segment", .needs = "the path",
      .aims = "wrong octets at the application, or a broken connection", .rfc = "RFC 8684 5",
      .every = 20, .offset = 10, .packet = flip },
    { .name = "flip-payload-sum", .line = "the same, with the DSS checksum made right again",
      .needs = "the path; keys where DSNs are short", .aims = "wrong octets despite checksums", .rfc = "RFC 8684 3.3",
      .every = 20, .offset = 10, .arg = 1, .packet = flip },
    { .name = "inject-data", .line = "puts a mapped segment of its own before the next true one",
      .needs = "sequence numbers of subflow and data", .aims = "octets that nobody sent in the stream",
      .rfc = "RFC 8684 5, RFC 7430 5", .every = 40, .offset = 100, .forge = inject },
    { .name = NULL },
};
