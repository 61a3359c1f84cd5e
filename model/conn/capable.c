/* SPDX-License-Identifier: MIT */
/* conn/capable.c - opening a connection with MP_CAPABLE (RFC 8684 3.1; 3.7 for what happens when it is missing).
 * api/ brings SYNs for listeners, hooks.c the SYN/ACK and the third ACK, options.c asks for the option. */
#include "conn/conn.h"

#include "pm/pm.h"
#include "secure/secure.h"

/* Version 1 with HMAC-SHA256 and nothing we do not know: B unknown means ignore the option, D to G are other
 * crypto algorithms (3.1). */
static int acceptable(const struct mpt_segment *s, uint8_t len)
{
    const struct mpt_mp_capable *o = &s->mp.capable;

    return MPT_HAS(&s->mp, MP_CAPABLE) && o->len == len && o->version == 1 && !(o->flags & MP_CAPABLE_B) &&
           (o->flags & 0x1f) == MP_CAPABLE_H;
}

/* Version negotiation (3.1): an offer of a later version is answered with ours, an older one not at all. A SYN that asks
 * for a connection and for a join at once is neither (as Linux). */
static int offered(const struct mpt_segment *s)
{
    struct mpt_segment ours = *s;

    if (MPT_HAS(&s->mp, MP_JOIN))
        return 0;
    ours.mp.capable.version = ours.mp.capable.version > 1 ? 1 : ours.mp.capable.version;
    return acceptable(&ours, 4);
}

/* Checksums are used when either side asks (RFC 8684 3.1); join-with-data when both do (jwd 2.1). */
static void offer_taken(struct mpt_conn *c, const struct mpt_segment *s)
{
    c->multipath = 1;
    c->checksum = c->stack->config.checksum || (s->mp.capable.flags & MP_CAPABLE_A);
    c->peer_no_join_initial = !!(s->mp.capable.flags & MP_CAPABLE_C);
    c->jwd = MPT_HAS(&s->mp, MP_EXT) && (s->mp.ext & EXT_JWD) && c->stack->config.jwd_accept != MPT_JWD_OFF;
}

/* Octets of the SYN first: a SYN/ACK that acknowledges them says that we have them (RFC 7413 4.2.2). */
static int accept_syn(struct mpt_subflow *sf, const struct mpt_packet *p, const struct mpt_segment *seg, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    uint32_t take = mpt_fastopen_take(c->stack, sf, p, seg);
    int r;

    if (take && mpt_recv_data(c, sf, 0, seg->data, take, now) < 0)
        take = 0;
    r = mpt_flow_accept(&sf->flow, seg, take, now);
    if (r == 0 && take)
        mpt_fastopen_accepted(c, take, now);
    return r;
}

static struct mpt_conn *new_passive(struct mpt_stack *s, struct mpt_listener *l, const struct mpt_packet *p,
                                    const struct mpt_segment *seg, int *refused, uint64_t now)
{
    struct mpt_conn *c = mpt_conn_new(s, 1);
    struct mpt_subflow *sf;
    int r;

    if (!c)
        return NULL;
    c->user = l->user;
    c->local = p->local;
    c->remote = p->remote;
    sf = mpt_subflow_new(c, &p->local, &p->remote, now);
    if (sf)
        mpt_subflow_arrived(sf, p);
    if (sf && s->config.mptcp && offered(seg) && mpt_keys_local(c) == 0)
        offer_taken(c, seg);
    r = sf ? mpt_secure_syn(c, seg, now) : MPT_ENOMEM;
    *refused = r == MPT_ESECURE;
    if (sf)
        sf->flow.window_shared = c->multipath; /* plain TCP must not shrink its window */
    c->snd_edge = seg->window; /* never scaled in a SYN (RFC 7323 2.2) */
    if (r == 0 && accept_syn(sf, p, seg, now) == 0)
        return c;
    mpt_conn_free(c);
    return NULL;
}

void mpt_capable_syn(struct mpt_stack *s, struct mpt_listener *l, const struct mpt_packet *p,
                     const struct mpt_segment *seg, uint64_t now)
{
    struct mpt_conn *c;
    int refused = 0;

    if (MPT_HAS(&seg->mp, MP_CAPABLE))
        MPT_COUNT(s, MP_CAPABLE_SYN_RX);
    if (s->half_open >= s->config.max_half_open) { /* a flood of SYNs costs no more than this */
        MPT_COUNT(s, LISTEN_OVERFLOWS);
        return;
    }
    c = new_passive(s, l, p, seg, &refused, now);
    if (refused) { /* MPTCPsec is required (sec/SPEC.md 3.2) */
        MPT_COUNT(s, SEC_ABORTED);
        mpt_stack_refuse(s, p, seg, MPT_RST_PROHIBITED);
        return;
    }
    if (!c) {
        MPT_COUNT(s, NO_MEMORY); /* as if the SYN were lost: the peer repeats it */
        return;
    }
    MPT_TRACE(&s->tracer, subflow_new, c->number, 1, now, 0, 0, p->ifid, 1);
    mpt_conn_kick(c);
}

/* Without an acceptable MP_CAPABLE the connection goes on as plain TCP (3.7). */
static void synack_mptcp(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (!c->announced)
        return;
    if (!acceptable(s, 12)) {
        MPT_COUNT(c->stack, FALLBACK_SYNACK);
        mpt_fallback(c, MPT_FALLBACK_SYNACK, now);
        return;
    }
    MPT_COUNT(c->stack, MP_CAPABLE_SYNACK_RX);
    offer_taken(c, s);
    mpt_keys_remote(c, s->mp.capable.key_sender);
}

/* acked: octets of our SYN that it acknowledges (appendix B). */
enum mpt_flow_verdict mpt_capable_synack(struct mpt_subflow *sf, const struct mpt_segment *s, uint32_t acked,
                                         uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    synack_mptcp(sf, s, now);
    if (sf->dead || c->state == MPT_CONN_CLOSED || mpt_secure_synack(sf, s, now))
        return MPT_FLOW_GONE;
    mpt_fastopen_synack(c, s, acked);
    c->snd_edge = c->tfo_tx + s->window; /* behind the DATA_ACK, which the SYN's octets do not count for */
    return MPT_FLOW_TAKE;
}

/* Third ACK or first data: both keys (3.1). A DSS without MP_CAPABLE means that one was lost: it will come again. */
enum mpt_flow_verdict mpt_capable_third(struct mpt_subflow *sf, const struct mpt_segment *s, uint64_t now)
{
    struct mpt_conn *c = sf->conn;

    if (!c->passive) { /* our SYN crossed the peer's: nobody is the initiator, plain TCP (as Linux); ENO is off as well */
        mpt_fallback(c, MPT_FALLBACK_SIMULTANEOUS, now);
        if (sf->dead || c->state == MPT_CONN_CLOSED || mpt_secure_synack(sf, s, now)) /* sec/SPEC.md 3.2 */
            return MPT_FLOW_GONE;
    }
    if (!c->multipath)
        return MPT_FLOW_TAKE;
    if (!MPT_HAS(&s->mp, MP_CAPABLE)) {
        if (MPT_HAS(&s->mp, DSS))
            return MPT_FLOW_GONE; /* nothing of it counts, its ACK neither: our SYN/ACK is repeated */
        MPT_COUNT(c->stack, FALLBACK_ACK);
        mpt_fallback(c, MPT_FALLBACK_THIRD, now);
        return sf->dead || c->state == MPT_CONN_CLOSED ? MPT_FLOW_GONE : MPT_FLOW_TAKE;
    }
    if (s->mp.capable.len < 20 || s->mp.capable.key_receiver != c->key_local)
        return mpt_perror(sf, MPT_PERR_CAPABLE_KEY, now) ? MPT_FLOW_GONE : MPT_FLOW_DROP;
    MPT_COUNT(c->stack, MP_CAPABLE_ACK_RX);
    mpt_keys_remote(c, s->mp.capable.key_sender);
    c->idsn_remote -= c->tfo_rx; /* the SYN's octets have no numbers (appendix B.2) */
    c->confirmed = 1;
    if (c->secure && mpt_secure_segment(sf, s, now))
        return MPT_FLOW_GONE;
    return MPT_FLOW_TAKE;
}

static uint8_t capable_flags(const struct mpt_conn *c)
{
    return (uint8_t)(MP_CAPABLE_H | (c->stack->config.checksum || c->checksum ? MP_CAPABLE_A : 0) |
                     (c->stack->config.allow_join_initial ? 0 : MP_CAPABLE_C));
}

/* We said C: no joins to the address and port that the first subflow has here (3.1). */
int mpt_capable_no_join(const struct mpt_conn *c, const struct mpt_addr *local)
{
    return !c->stack->config.allow_join_initial && mpt_addr_same(&c->local, local);
}

static uint8_t *write_syn(struct mpt_subflow *sf, struct mpt_mp_capable *o, uint8_t *p, uint32_t room)
{
    const struct mpt_config *cfg = &sf->conn->stack->config;

    o->len = 4;
    p = mpt_mp_capable_build(p, o);
    return cfg->jwd_accept != MPT_JWD_OFF && room >= 9 ? mpt_ext_build(p, EXT_JWD) : p;
}

/* The option of the first subflow's handshake; 0 octets when a DSS belongs there instead. */
uint32_t mpt_capable_write(struct mpt_subflow *sf, enum mpt_flow_out what, const struct mpt_seg *seg, uint8_t *p,
                           uint32_t room)
{
    struct mpt_conn *c = sf->conn;
    struct mpt_mp_capable o = { .version = 1, .flags = capable_flags(c), .key_sender = c->key_local,
                                .key_receiver = c->key_remote };
    uint8_t *at = p;

    if (what == MPT_OUT_SYN) {
        at = write_syn(sf, &o, at, room);
    } else if (what == MPT_OUT_SYNACK) {
        o.len = 12;
        at = mpt_mp_capable_build(at, &o);
        at = c->jwd && room >= 17 && !mpt_secure_answers(c) ? mpt_ext_build(at, EXT_JWD) : at;
    } else if (what == MPT_OUT_DATA && seg && seg->seq == 1u + c->tfo_tx) {
        o.len = c->checksum ? 24 : 22;
        o.dll = (uint16_t)seg->len;
        at = mpt_mp_capable_build(at, &o); /* checksum 0: options.c fills it with the payload's */
    } else if (what != MPT_OUT_DATA && sf->flow.snd_nxt == 1u + c->tfo_tx) {
        o.len = 20;
        at = mpt_mp_capable_build(at, &o);
    }
    mpt_secure_note_capable(c, what, p, (uint32_t)(at - p));
    return (uint32_t)(at - p);
}
