/* SPDX-License-Identifier: MIT */
/* cc/reno.c - Reno (RFC 5681 3.1, 3.2; RFC 3465 byte counting). Called by flow/ through cc.h. */
#include "cc/private.h"

/* Reno remembers nothing but cwnd and ssthresh. */
static void reno_init(struct mpt_cc_state *c, uint64_t now)
{
    (void)c;
    (void)now;
}

/* RFC 5681 3.1: slow start, then one segment per window. A window that was not in use does not
 * grow (RFC 7661). */
static void reno_ack(struct mpt_cc_state *c, uint64_t acked, uint64_t now)
{
    (void)now;
    if (!c->limited)
        return;
    acked = mpt_cc_slow_start(c, acked);
    if (acked)
        mpt_cc_congestion_avoidance(c, acked, c->cwnd);
}

/* Half of cwnd, as Linux; RFC 5681's FlightSize is the same when the window is in use, and we do
 * not let it grow when it is not. */
static void reno_timeout(struct mpt_cc_state *c, uint64_t in_flight, uint64_t now)
{
    (void)in_flight;
    (void)now;
    mpt_cc_reduce(c, c->cwnd / 2);
}

/* RFC 5681 3.2: reduced as after a time-out; recovery then runs at ssthresh, not inflated (RFC 6675 5). */
static void reno_loss(struct mpt_cc_state *c, uint64_t in_flight, uint64_t now)
{
    reno_timeout(c, in_flight, now);
    c->cwnd = c->ssthresh;
}

const struct mpt_cc_ops mpt_cc_reno = {"reno", reno_init, reno_ack, reno_loss, reno_timeout, NULL};
