/* SPDX-License-Identifier: MIT */
/* conn/fastclose.c - ending a connection at once (RFC 8684 3.5): MP_FASTCLOSE with the peer's key, on RSTs (option R, as
 * Linux does) or on an ACK that is repeated until the peer's RST comes (option A). api/ sends, hooks.c and api/loop.c
 * bring the peer's. */
#include "conn/conn.h"

#include "secure/secure.h"

enum { TRIES = 3 }; /* repetitions before a RST must do */

static void set_timer(struct mpt_conn *c, const struct mpt_subflow *sf, uint64_t now)
{
    c->fastclose_at = now + (sf->flow.rto << c->fastclose_tries);
    mpt_conn_rearm(c);
}

/* Option A: the ACK goes on one subflow, the one that is likeliest to work; RSTs without it on the others (3.5). */
static struct mpt_subflow *choose_carrier(const struct mpt_conn *c)
{
    struct mpt_subflow *sf, *best = NULL;

    MPT_EACH_SUBFLOW(c, sf)
        if (sf->member == MPT_MEMBER_FULL && mpt_subflow_usable(sf) &&
            (!best || sf->stale < best->stale || (sf->stale == best->stale && sf->flow.srtt < best->flow.srtt)))
            best = sf;
    return best;
}

static void send_ack(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t now)
{
    sf->signals |= MPT_SIG_FASTCLOSE;
    sf->flow.hold_data = 1; /* nothing else is worth repeating */
    mpt_flow_push_ack(&sf->flow);
    set_timer(c, sf, now);
}

/* Both keys are known behind the handshake. A RST may carry the option before the peer has shown that it keeps options
 * (3.1): to a peer that fell back it is a RST like any other, and one that did not takes a bare one for the end of a
 * subflow, not of the connection. */
void mpt_fastclose_send(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf, *carrier = NULL;
    int speaks = c->multipath && c->state != MPT_CONN_CONNECTING && c->state != MPT_CONN_CLOSED;

    if (mpt_secure_bound(c)) {
        mpt_secure_fastclose(c, now);
        return;
    }
    if (speaks && c->confirmed && c->stack->config.fastclose == MPT_FASTCLOSE_ACK)
        carrier = choose_carrier(c);
    if (speaks && !carrier)
        MPT_EACH_SUBFLOW(c, sf)
            if (!sf->dead)
                sf->rst_fastclose = 1;
    if (carrier)
        carrier->waits_rst = 1;
    mpt_conn_over(c, MPT_EABORTED, now);
    if (carrier)
        send_ack(c, carrier, now);
    mpt_conn_kick(c);
}

/* No RST in answer for one RTO: again, and in the end by a RST with the option (3.5). */
void mpt_fastclose_expire(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf;

    c->fastclose_at = MPT_NEVER;
    if (mpt_secure_bound(c)) {
        mpt_secure_fastclose_expire(c, now);
        return;
    }
    MPT_EACH_SUBFLOW(c, sf) {
        if (!sf->waits_rst || sf->dead)
            continue;
        if (++c->fastclose_tries <= TRIES) {
            send_ack(c, sf, now);
            continue;
        }
        sf->rst_fastclose = 1;
        mpt_flow_reset(&sf->flow, MPT_EABORTED, now);
    }
}

/* Only the right key counts: anybody can send the option (3.5). On an ACK every subflow is reset in answer; what came by
 * a RST needs no RST back. */
void mpt_fastclose_in(struct mpt_subflow *sf, const struct mpt_mp_fastclose *o, int rst, uint64_t now)
{
    struct mpt_conn *c = sf->conn;
    uint8_t ours[8], theirs[8];

    mpt_bytes_put64(ours, c->key_local);
    mpt_bytes_put64(theirs, o->key);
    if (mpt_secure_bound(c)) { /* in the clear it says nothing: sec/SPEC.md 3.2 */
        MPT_COUNT(c->stack, SEC_CLEAR_CONTROL);
        return;
    }
    if (!c->multipath || mpt_crypto_compare(ours, theirs, sizeof ours)) {
        MPT_COUNT(c->stack, FASTCLOSE_KEY);
        return;
    }
    MPT_COUNT(c->stack, FASTCLOSE_RX);
    if (c->state == MPT_CONN_CLOSED) { /* both at once */
        if (!sf->dead && !rst)
            mpt_flow_reset(&sf->flow, MPT_ECONNRESET, now);
        return;
    }
    sf->waits_rst = (uint8_t)rst; /* no RST answers a RST (RFC 9293 3.10.7.1) */
    mpt_conn_over(c, MPT_ECONNRESET, now);
    if (rst && !sf->dead)
        mpt_flow_kill(&sf->flow, MPT_ECONNRESET, now);
}
