/* SPDX-License-Identifier: MIT */
/* cc/cubic.c - CUBIC (RFC 9438; read 4.2-4.7 and keep its names). Called by flow/ through cc.h.
 * Windows in segments and times in seconds as in the RFC; the cube root is Newton's, so that no
 * libm decides what a run does. */
#include "cc/private.h"

static const double C = 0.4, BETA = 0.7;                     /* RFC 9438 5, 4.6 */
static const double ALPHA = 3.0 * (1.0 - 0.7) / (1.0 + 0.7); /* RFC 9438 4.3 */

/* x >= 0. From above, the iteration falls monotonically; 60 steps halve any start down to the
 * root. */
static double cube_root(double x)
{
    double r = x > 1.0 ? x : 1.0;

    if (x <= 0.0)
        return 0.0;
    for (int i = 0; i < 100; i++) {
        double next = (2.0 * r + x / (r * r)) / 3.0;

        if (r - next < 1e-9 * r)
            return next;
        r = next;
    }
    return r;
}

/* No loss yet: the curve begins with the first congestion avoidance. */
static void cubic_init(struct mpt_cc_state *c, uint64_t now)
{
    (void)now;
    c->u.cubic.w_max = c->u.cubic.k = c->u.cubic.w_est = c->u.cubic.prior_cwnd = c->u.cubic.origin =
        0.0;
    c->u.cubic.epoch_at = 0;
}

/* RFC 9438 4.2: a congestion avoidance stage begins. */
static void begin_epoch(struct mpt_cc_state *c, double cwnd, uint64_t now)
{
    c->u.cubic.epoch_at = now ? now : 1;
    c->u.cubic.w_est = cwnd;
    if (c->u.cubic.w_max > cwnd) {
        c->u.cubic.k = cube_root((c->u.cubic.w_max - cwnd) / C);
        c->u.cubic.origin = c->u.cubic.w_max;
    } else { /* 4.8: nothing to return to */
        c->u.cubic.k = 0.0;
        c->u.cubic.origin = cwnd;
    }
}

/* RFC 9438 4.2, figure 1: concave up to the origin at t = K, convex behind it. */
static double w_cubic(const struct mpt_cc_state *c, double t)
{
    double d = t - c->u.cubic.k;

    return C * d * d * d + c->u.cubic.origin;
}

/* RFC 9438 4.3: what Reno would have; alpha is 1 once it is back where the loss was. */
static double reno_friendly(struct mpt_cc_state *c, double segments, double cwnd)
{
    double alpha = c->u.cubic.w_est < c->u.cubic.prior_cwnd ? ALPHA : 1.0;

    c->u.cubic.w_est += alpha * segments / cwnd;
    return c->u.cubic.w_est;
}

/* RFC 9438 4.3 to 4.5. The target is where the curve will be a round trip from now; per segment
 * acknowledged a cwnd-th of the way is gone. Fractions of octets are cut off: below a thousandth
 * of a segment. */
static void avoid(struct mpt_cc_state *c, uint64_t acked, uint64_t now)
{
    double mss = (double)c->mss, cwnd = (double)c->cwnd / mss, segments = (double)acked / mss;
    double t, target, friendly;

    if (!c->u.cubic.epoch_at)
        begin_epoch(c, cwnd, now);
    t = (double)(now - c->u.cubic.epoch_at) / 1e9;
    friendly = reno_friendly(c, segments, cwnd);
    if (w_cubic(c, t) < friendly) {
        target = friendly;
    } else { /* 4.4, 4.5 */
        target = w_cubic(c, t + mpt_cc_rtt(c));
        target = target < cwnd ? cwnd : target > 1.5 * cwnd ? 1.5 * cwnd : target;
        target = cwnd + (target - cwnd) / cwnd * segments;
    }
    if (target > cwnd)
        c->cwnd = (uint64_t)(target * mss);
}

/* RFC 9438 4.10: slow start is Reno's. */
static void cubic_ack(struct mpt_cc_state *c, uint64_t acked, uint64_t now)
{
    if (!c->limited)
        return;
    acked = mpt_cc_slow_start(c, acked);
    if (acked)
        avoid(c, acked, now);
}

/* RFC 9438 4.6, 4.7 (fast convergence) */
static void cubic_timeout(struct mpt_cc_state *c, uint64_t in_flight, uint64_t now)
{
    double cwnd = (double)c->cwnd / (double)c->mss;

    (void)in_flight;
    (void)now;
    c->u.cubic.prior_cwnd = cwnd;
    c->u.cubic.w_max = cwnd < c->u.cubic.w_max ? cwnd * (1.0 + BETA) / 2.0 : cwnd;
    c->u.cubic.epoch_at = 0;
    mpt_cc_reduce(c, (uint64_t)((double)c->cwnd * BETA));
}

/* RFC 9438 4.6: cwnd goes to ssthresh at once; after a time-out flow/ sets it to one segment
 * instead. */
static void cubic_loss(struct mpt_cc_state *c, uint64_t in_flight, uint64_t now)
{
    cubic_timeout(c, in_flight, now);
    c->cwnd = c->ssthresh;
}

/* RFC 9438 5.8: time without sending does not let the window grow. */
static void cubic_idle(struct mpt_cc_state *c, uint64_t idle_ns, uint64_t now)
{
    if (c->u.cubic.epoch_at)
        c->u.cubic.epoch_at =
            c->u.cubic.epoch_at + idle_ns < now ? c->u.cubic.epoch_at + idle_ns : now;
}

const struct mpt_cc_ops mpt_cc_cubic = {"cubic",    cubic_init,    cubic_ack,
                                        cubic_loss, cubic_timeout, cubic_idle};
