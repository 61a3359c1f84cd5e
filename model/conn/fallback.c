/* SPDX-License-Identifier: MIT */
/* conn/fallback.c - plain TCP from now on (RFC 8684 3.7). Only one subflow is left then; its sequence numbers and
 * the stream's offsets run in step from where it happened. */
#include "conn/conn.h"

/* Fallback is possible with one subflow only (3.7): others are reset. */
static void only_first(struct mpt_conn *c, uint64_t now)
{
    struct mpt_subflow *sf, *kept = NULL;

    MPT_EACH_SUBFLOW(c, sf) {
        if (!kept && !sf->dead && sf->member == MPT_MEMBER_FULL)
            kept = sf;
        else if (!sf->dead && kept)
            mpt_reset_subflow(sf, MPT_RST_PROTOCOL, MPT_EPROTO, now);
    }
}

/* From here on sequence numbers and stream offsets differ by a constant, and the window is the flow's own. */
void mpt_fallback(struct mpt_conn *c, enum mpt_fallback_cause cause, uint64_t now)
{
    struct mpt_subflow *sf;

    if (!c->multipath && !c->announced)
        return;
    MPT_TRACE(&c->stack->tracer, fallback, c->number, 0, now, cause, 0, 0, 0);
    c->multipath = 0;
    c->jwd = 0;
    /* The peer may have seen our DSS while its own are eaten: it must hear that no more will come (3.7). */
    c->say_infinite = cause == MPT_FALLBACK_NO_DSS;
    mpt_ranges_trim(&c->reinject, UINT64_MAX);
    c->fin_at = c->add_addr_at = MPT_NEVER;
    if (c->announced)
        mpt_map_remove(&c->stack->tokens, &c->token_node);
    c->announced = 0;
    only_first(c, now);
    MPT_EACH_SUBFLOW(c, sf)
        if (!sf->dead) {
            sf->delta_rx = c->rob.tail - sf->flow.rob.head;
            sf->signals = 0;
            sf->flow.window_shared = 0;
        }
    if (c->fin_sent && !c->fin_acked)
        c->fin_sent = 0; /* the flow's FIN says it now */
    mpt_conn_rearm(c);
    if (c->state != MPT_CONN_CONNECTING)
        mpt_conn_raise(c, MPT_EV_FALLBACK);
    mpt_conn_kick(c);
}
