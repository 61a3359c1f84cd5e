/* SPDX-License-Identifier: MIT */
/* sched/blest.c - BLEST (Ferlin, Alay, Mehani, Boreli, "BLEST: Blocking Estimation-based MPTCP Scheduler for
 * Heterogeneous Networks", IFIP Networking 2016, section IV): the lowest RTT first; a slower subflow only while the
 * send window, which all of them share (RFC 8684 3.3.5), has room for what the fast one can send until the slow one's
 * octets are acknowledged. The names are the paper's: X = MSS_F (CWND_F + (rtt_s - 1) / 2) rtt_s, and S is skipped
 * when X lambda > |M| - MSS_S (inflight_S + 1).
 *
 * lambda corrects X: it rises when a slow subflow did hold up a full window in the last round trip, and falls when
 * not. Start, bounds and steps are those of Linux's out-of-tree scheduler. Nothing is sent twice and no window is cut
 * (minrtt's rescue): blocking is to be foreseen, not mended. */
#include "sched/choose.h"

enum { LAMBDA_FIRST = 1200, LAMBDA_LEAST = 1000, LAMBDA_MOST = 1300, UP = 40, DOWN = 10 /* thousandths */ };

/* Once in a round trip of the slow one: so long it takes until what was decided shows. */
static void correct_lambda(struct mpt_conn *c, const struct mpt_subflow *slow, uint64_t now)
{
    int lambda = c->blest_lambda ? c->blest_lambda : LAMBDA_FIRST;

    if (c->blest_lambda && now < c->blest_at)
        return;
    if (c->blest_lambda)
        lambda += c->blest_held_up ? UP : -DOWN;
    lambda = lambda > LAMBDA_MOST ? LAMBDA_MOST : lambda < LAMBDA_LEAST ? LAMBDA_LEAST : lambda;
    c->blest_lambda = (uint16_t)lambda;
    c->blest_held_up = 0;
    c->blest_at = now + slow->flow.srtt;
}

/* |M|: octets that may be unacknowledged, by the peer's window or by our buffer. */
static double send_window(const struct mpt_conn *c)
{
    uint64_t window = c->snd_edge > c->stream.acked ? c->snd_edge - c->stream.acked : 0;
    uint64_t buffer = c->stack->config.sndbuf;

    return (double)(window < buffer ? window : buffer);
}

static int would_block(struct mpt_conn *c, const struct mpt_subflow *fast, const struct mpt_subflow *slow, uint64_t now)
{
    double rtts, x;

    if (!fast->flow.srtt || slow->flow.srtt <= fast->flow.srtt)
        return 0;
    correct_lambda(c, slow, now);
    rtts = (double)slow->flow.srtt / (double)fast->flow.srtt;
    x = ((double)fast->flow.cc.cwnd + (double)fast->flow.mss * (rtts - 1.0) / 2.0) * rtts;
    return x * (double)c->blest_lambda / 1000.0 > send_window(c) - (double)(slow->flow.in_flight + slow->flow.mss);
}

static struct mpt_subflow *pick(struct mpt_conn *c, uint64_t now)
{
    return mpt_choose_unless(c, would_block, now);
}

/* The window is full. Whose fault it was corrects lambda. */
static struct mpt_subflow *window_full(struct mpt_conn *c, uint64_t *from, uint64_t *to, uint64_t now)
{
    struct mpt_subflow *fast, *slow = mpt_choose_holdup(c, &fast, to, now);

    (void)from;
    if (slow)
        c->blest_held_up = 1;
    return NULL;
}

const struct mpt_sched_ops mpt_sched_blest = { "blest", pick, mpt_choose_again, window_full, NULL };
