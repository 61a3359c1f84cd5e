/* SPDX-License-Identifier: MIT */
/* pm/oracle.c - MultiMob's sender oracle (De Coninck and Bonaventure, Networking 2018): LTE gets no SYN until it is needed,
 * and is joined before the path that is there has broken (RFC 8684 3.4: make before break).
 *
 * Each pm.oracle_period it looks at every regular path: segments lost of those sent and octets sent again of those sent,
 * both sums averaged over the periods with weight 1/2, so that a period counts by its volume. It joins while the share
 * lost rises and is pm.oracle_loss percent, when pm.oracle_retransmissions percent are sent again, or when an RTO
 * is pm.oracle_rto; the last is looked at on each time-out too. When no path lives it joins at once, as
 * break-before-make does. All of it is what a phone can know: its own segments, timers and interfaces.
 *
 * Called by conn/ through pm.h. The timer runs while the connection lives, so an idle one wakes each period. */
#include "pm/private.h"

enum { SEGS, LOST, OCTETS, AGAIN };

/* A share of 1000; 0 of nothing. */
static uint32_t share(uint64_t part, uint64_t whole)
{
    return whole ? (uint32_t)(part * 1000 / whole) : 0;
}

/* Totals wrap as counters do: only differences are used. */
static void look(struct mpt_subflow *sf)
{
    const struct mpt_flow *f = &sf->flow;
    struct mpt_path_watch *w = &sf->watch;
    const uint32_t now[4] = { (uint32_t)f->data_segs, (uint32_t)f->segs_lost, (uint32_t)f->bytes_sent,
                              (uint32_t)f->bytes_retx };
    uint32_t *const had[4] = { &w->segs, &w->lost, &w->octets, &w->again };

    for (int i = 0; i < 4; i++) {
        w->mean[i] = w->mean[i] / 2 + 256 * (uint64_t)(uint32_t)(now[i] - *had[i]);
        *had[i] = now[i];
    }
}

/* What is wrong with a path; 0: nothing. `period`: a period is over, its numbers are complete. */
static int verdict(struct mpt_subflow *sf, int period)
{
    const struct mpt_config *k = &sf->conn->stack->config;
    struct mpt_path_watch *w = &sf->watch;
    uint32_t before = w->rate;

    if (sf->flow.rto_count && sf->flow.rto >= k->pm_oracle_rto)
        return MPT_TRIGGER_RTO;
    if (!period)
        return 0;
    look(sf);
    w->rate = share(w->mean[LOST], w->mean[SEGS]);
    if (w->rate > before && w->rate >= 10 * k->pm_oracle_loss)
        return MPT_TRIGGER_LOSS;
    if (share(w->mean[AGAIN], w->mean[OCTETS]) >= 10 * k->pm_oracle_retransmissions)
        return MPT_TRIGGER_RETRANSMISSIONS;
    return 0;
}

/* The worst that is said of any regular path, each of which is looked at; where none lives, that. */
static int consult(struct mpt_conn *c, int period)
{
    struct mpt_subflow *sf;
    int worst = 0, regular = 0, said;

    MPT_EACH_SUBFLOW(c, sf) {
        if (!mpt_subflow_alive(sf) || sf->backup)
            continue;
        regular++;
        said = sf->member == MPT_MEMBER_FULL ? verdict(sf, period) : 0;
        worst = said > worst ? said : worst;
    }
    return regular ? worst : MPT_TRIGGER_ADDRESS;
}

static void check(struct mpt_conn *c, int period, uint64_t now)
{
    int cause;

    if (!mpt_pm_may_join(c))
        return;
    if (period)
        c->pm_at = now + c->stack->config.pm_oracle_period;
    cause = consult(c, period);
    if (cause && !(period && mpt_pm_refused(c, now)) && mpt_pm_join_fresh(c, now))
        MPT_TRACE(&c->stack->tracer, pm_trigger, c->number, 0, now, (uint64_t)cause, 0, 0, 0);
}

static void confirmed(struct mpt_conn *c, uint64_t now)
{
    if (!mpt_pm_may_join(c))
        return;
    c->pm_at = now + c->stack->config.pm_oracle_period;
    mpt_conn_rearm(c);
}

/* sf NULL: the timer, a period is over (or a join failed some time ago, which is looked at in the same way). */
static void timeout(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t now)
{
    check(c, sf == NULL, now);
}

static void address_up(struct mpt_conn *c, uint32_t slot, uint64_t now)
{
    (void)slot;
    check(c, 0, now);
}

static void address_down(struct mpt_conn *c, uint64_t now)
{
    check(c, 0, now);
}

const struct mpt_pm_ops mpt_pm_oracle = { .name = "oracle", .confirmed = confirmed, .address_up = address_up,
                                          .address_down = address_down, .timeout = timeout,
                                          .silent = mpt_pm_silent };
