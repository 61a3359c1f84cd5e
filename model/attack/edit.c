/* SPDX-License-Identifier: MIT */
/* attack/edit.c - changing a segment and repairing what covers it: TCP's checksum (RFC 9293 3.1) and, where all of the
 * mapping is at hand, that of DSS (RFC 8684 3.3.1). Used by the attacks (a_*.c). */
#include "attack/private.h"

int mpt_edit_parse(struct mpt_attack_seg *p)
{
    if (mpt_tcp_read(&p->s, p->v.tcp, p->v.len) != MPT_PARSE_OK)
        return -1;
    p->opt = p->v.tcp + MPT_TCP_HEADER;
    p->data = p->v.tcp + MPT_TCP_HEADER + p->s.opt_len;
    return 0;
}

void mpt_edit_checksum(struct mpt_attack_view *v)
{
    struct mpt_packet k = { .local = v->src, .remote = v->dst, .data = v->tcp, .len = v->len };
    uint64_t sum;

    mpt_bytes_put16(v->tcp, v->src.port);
    mpt_bytes_put16(v->tcp + 2, v->dst.port);
    mpt_bytes_put16(v->tcp + 16, 0);
    sum = mpt_checksum_add(mpt_checksum_pseudo(&k), v->tcp, v->len);
    mpt_bytes_put16(v->tcp + 16, (uint16_t)~mpt_checksum_fold(sum));
}

/* The segment was parsed: lengths are possible. */
uint8_t *mpt_edit_find(struct mpt_attack_seg *p, uint8_t kind, int sub)
{
    uint32_t i = 0;

    while (i < p->s.opt_len && p->opt[i] != 0) {
        uint8_t *o = p->opt + i;

        if (o[0] == 1) {
            i++;
            continue;
        }
        if (o[0] == kind && (sub < 0 || (o[1] > 2 && o[2] >> 4 == sub)))
            return o;
        i += o[1];
    }
    return NULL;
}

/* As middleboxes do: the header keeps its length. */
int mpt_edit_strip(struct mpt_attack_seg *p, uint8_t kind, int sub)
{
    uint8_t *o;
    int found = 0;

    while ((o = mpt_edit_find(p, kind, sub)) != NULL) {
        memset(o, 1, o[1]);
        found = p->edited = 1;
    }
    return found;
}

/* By the flags, as RFC 8684 3.3 lays it out. */
int mpt_edit_dss(struct mpt_attack_seg *p, struct attack_dss *d)
{
    uint8_t *o = mpt_edit_find(p, MPT_OPT_MPTCP, DSS), *q;

    memset(d, 0, sizeof *d);
    if (!o || !MPT_HAS(&p->s.mp, DSS))
        return 0;
    q = o + 4;
    if (p->s.mp.dss.flags & DSS_ACK) {
        d->ack = q;
        q += p->s.mp.dss.flags & DSS_ACK64 ? 8 : 4;
    }
    if (p->s.mp.dss.flags & DSS_MAP) {
        d->dsn = q;
        d->ssn = q + (p->s.mp.dss.flags & DSS_DSN64 ? 8 : 4);
        d->dll = d->ssn + 4;
        d->checksum = p->s.mp.dss.has_checksum ? d->dll + 2 : NULL;
    }
    return 1;
}

/* The checksum has the DSN in 64 bits: its upper half is known from keys or from before. */
int mpt_edit_dss_checksum(struct mpt_attack_seg *p)
{
    struct attack_dss d;
    struct mpt_dss *m = &p->s.mp.dss;
    uint64_t dsn, near;
    uint32_t data, ssn;

    if (!mpt_edit_dss(p, &d) || !d.checksum || !p->flow)
        return 0;
    data = mpt_bytes_get16(d.dll);
    ssn = mpt_bytes_get32(d.ssn);
    if (p->s.mp.dss.flags & DSS_FIN)
        data = data ? data - 1 : 0;
    if (data != p->s.len)
        return 0;
    near = p->flow->side[p->v.dir].dsn;
    dsn = m->flags & DSS_DSN64 ? mpt_bytes_get64(d.dsn)
                               : near + (uint64_t)(int64_t)(int32_t)(mpt_bytes_get32(d.dsn) - (uint32_t)near);
    mpt_bytes_put16(d.checksum, mpt_checksum_dss(dsn, ssn, mpt_bytes_get16(d.dll),
                                                 mpt_checksum_add(0, p->data, p->s.len)));
    p->edited = 1;
    return 1;
}

void mpt_edit_add(uint8_t *p, int n, uint64_t by)
{
    for (int i = n - 1; i >= 0; i--) {
        by += p[i];
        p[i] = (uint8_t)by;
        by >>= 8;
    }
}
