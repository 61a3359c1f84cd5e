/* SPDX-License-Identifier: MIT */
/* cc/lia.c - the linked increases of RFC 6356 (section 3; 4 on computing alpha). Only congestion
 * avoidance is coupled; slow start and decrease are Reno's. Called by flow/ through cc.h. */
#include "cc/private.h"

/* at 0: alpha is computed at the first ACK that needs it. */
static void lia_init(struct mpt_cc_state *c, uint64_t now)
{
    (void)now;
    c->u.lia.alpha = 1.0;
    c->u.lia.at = 0;
}

/* alpha * MSS / cwnd_total as "octets per octet acknowledged" (RFC 6356 3 equation 2):
 * max(cwnd_i / rtt_i^2) / sum(cwnd_i / rtt_i)^2, the total cancels out. Kept for a round trip
 * (RFC 6356 4.1). */
static double coupled_rate(struct mpt_cc_state *c)
{
    const struct mpt_list *head = &c->group->flows;
    double best = 0.0, sum = 0.0;

    for (const struct mpt_list *l = head->next; l != head; l = l->next) {
        const struct mpt_cc_state *s = MPT_LIST_OWNER(l, struct mpt_cc_state, sibling);
        double rtt = mpt_cc_rtt(s), cwnd = (double)s->cwnd;

        if (!s->established)
            continue;
        sum += cwnd / rtt;
        if (cwnd / (rtt * rtt) > best)
            best = cwnd / (rtt * rtt);
    }
    return sum > 0.0 ? best / (sum * sum) : 1.0 / (double)c->cwnd;
}

/* RFC 6356 3 equation 1: min(coupled, Reno's), written as octets to be acknowledged for one MSS
 * of growth. */
static void lia_ack(struct mpt_cc_state *c, uint64_t acked, uint64_t now)
{
    double rate, window;

    if (!c->limited)
        return;
    acked = mpt_cc_slow_start(c, acked);
    if (!acked)
        return;
    if (!c->group) {
        mpt_cc_congestion_avoidance(c, acked, c->cwnd);
        return;
    }
    if (now >= c->u.lia.at) {
        c->u.lia.alpha = coupled_rate(c);
        c->u.lia.at = now + c->srtt_ns;
    }
    rate = c->u.lia.alpha;
    window = rate > 0.0 ? 1.0 / rate : (double)c->cwnd; /* octets acknowledged per MSS of growth */
    if (window < (double)c->cwnd)                       /* never more than Reno would */
        window = (double)c->cwnd;
    mpt_cc_congestion_avoidance(c, acked, (uint64_t)window);
}

/* RFC 6356 3: the decrease is not coupled. alpha is computed anew at the next ACK: windows have
 * changed. */
static void lia_timeout(struct mpt_cc_state *c, uint64_t in_flight, uint64_t now)
{
    (void)in_flight;
    (void)now;
    c->u.lia.at = 0;
    mpt_cc_reduce(c, c->cwnd / 2);
}

/* RFC 5681 3.2: as Reno, on this subflow alone. */
static void lia_loss(struct mpt_cc_state *c, uint64_t in_flight, uint64_t now)
{
    lia_timeout(c, in_flight, now);
    c->cwnd = c->ssthresh;
}

const struct mpt_cc_ops mpt_cc_lia = {"lia", lia_init, lia_ack, lia_loss, lia_timeout, NULL};
