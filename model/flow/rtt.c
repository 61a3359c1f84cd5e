/* SPDX-License-Identifier: MIT */
/* flow/rtt.c - round-trip time and retransmission time-out (RFC 6298; RFC 7323 4 for
 * timestamps). Called by ack.c and syn.c. Segments carry their time of transmission in ns, so
 * timestamps (ms) serve only where Karn's algorithm forbids that: after a retransmission. */
#include "flow/private.h"

enum { MIN_RTT_WINDOW_S = 300 /* as Linux: an older minimum gives way to any sample */ };

/* RFC 6298 2.4 wants RTO >= rto_min. Like Linux the floor is put under the variance, so that a
 * steady path whose RTT is near rto_min does not time out by one delayed ACK. */
uint64_t mpt_flow_first_rto(const struct mpt_flow *f)
{
    const struct mpt_config *c = f->env->config;
    uint64_t spread = 4 * f->rttvar, rto = f->srtt + (spread > c->tcp_rto_min ? spread : c->tcp_rto_min);

    if (!f->srtt)
        return 0;
    return rto < c->tcp_rto_max ? rto : c->tcp_rto_max;
}

/* One sample. Also what schedulers and coupled congestion control see: min and latest RTT. */
void mpt_rtt_sample(struct mpt_flow *f, uint64_t rtt, uint64_t now)
{
    uint64_t diff = rtt > f->srtt ? rtt - f->srtt : f->srtt - rtt;

    if (!f->srtt) { /* RFC 6298 2.2 */
        f->srtt = rtt ? rtt : 1;
        f->rttvar = rtt / 2;
    } else { /* RFC 6298 2.3: beta 1/4, alpha 1/8 */
        f->rttvar = f->rttvar - f->rttvar / 4 + diff / 4;
        f->srtt = f->srtt - f->srtt / 8 + rtt / 8;
    }
    if (!f->min_rtt || rtt < f->min_rtt || now - f->min_rtt_at > MIN_RTT_WINDOW_S * 1000 * MPT_MS) {
        f->min_rtt = rtt ? rtt : 1;
        f->min_rtt_at = now;
    }
    f->cc.srtt_ns = f->srtt;
    f->cc.min_rtt_ns = f->min_rtt;
    f->cc.last_rtt_ns = rtt;
    f->rto = mpt_flow_first_rto(f);
}

/* What a timestamp echo says after several time-outs in a row. The path was dead for some of that time: an echo
 * that a
 * lucky segment brings after seconds measures the outage, and an RTO of tens of seconds would make the next loss
 * last as
 * long. So it counts as one un-backed-off RTO at most; a path that did become slower raises that bound each time.
 * (The note that ends RFC 6298 5 calls estimates bogus after several back-offs and leaves the remedy open.) */
static uint64_t after_outage(const struct mpt_flow *f, uint64_t rtt)
{
    uint64_t most = mpt_flow_first_rto(f);

    return f->rto_count >= 2 && most && rtt > most ? most : rtt;
}

/* RFC 6298 3 (Karn): a segment that was sent again gives no sample of its own. */
void mpt_rtt_update(struct mpt_flow *f, const struct mpt_ack *a, uint64_t now)
{
    /* Beside a retransmission the others may have waited for it: only the echo says how long
     * (RFC 6298 3). */
    if (a->samples && !a->retx) {
        mpt_rtt_sample(f, now - a->first_sent, now);
    } else if (a->retx && a->advanced && a->has_ts && f->ts_ok && a->ts_ecr) {
        uint32_t ms = mpt_emit_clock(f, now) - a->ts_ecr; /* RFC 7323 4.1 */

        if (ms < 600000)
            mpt_rtt_sample(f, after_outage(f, ms * MPT_MS), now);
    }
}

/* RFC 6298 5.5 */
void mpt_rtt_back_off(struct mpt_flow *f)
{
    f->rto *= 2;
    if (f->rto > f->env->config->tcp_rto_max)
        f->rto = f->env->config->tcp_rto_max;
}
