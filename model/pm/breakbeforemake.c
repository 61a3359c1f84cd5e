/* SPDX-License-Identifier: MIT */
/* pm/breakbeforemake.c - one path until it breaks, then another (RFC 8684 3.4: break before make).
 *
 * The trigger is defined and traced: n consecutive retransmission time-outs (pm.trigger_rtos) on every regular
 * subflow, or the last regular subflow's end. It sees what a phone can know: its own timers and interfaces. */
#include "pm/private.h"

/* Fewest consecutive time-outs among the regular subflows that live; UINT32_MAX when none lives. */
static uint32_t least_rtos(const struct mpt_conn *c)
{
    struct mpt_subflow *sf;
    uint32_t least = UINT32_MAX;

    MPT_EACH_SUBFLOW(c, sf) {
        if (!mpt_subflow_alive(sf) || sf->backup)
            continue;
        if (sf->member != MPT_MEMBER_FULL)
            return 0; /* a join is under way */
        least = sf->flow.rto_count < least ? sf->flow.rto_count : least;
    }
    return least;
}

static void check(struct mpt_conn *c, enum mpt_pm_trigger cause, uint64_t now)
{
    uint32_t rtos = least_rtos(c);

    if (!mpt_pm_may_join(c) || rtos < c->stack->config.pm_trigger_rtos)
        return;
    if (!mpt_pm_join_fresh(c, now))
        return;
    if (rtos == UINT32_MAX) { /* its end is told like a time-out */
        cause = MPT_TRIGGER_ADDRESS;
        rtos = 0;
    }
    MPT_TRACE(&c->stack->tracer, pm_trigger, c->number, 0, now, cause, rtos, 0, 0);
}

static void timeout(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t now)
{
    (void)sf;
    check(c, MPT_TRIGGER_RTOS, now);
}

static void address_up(struct mpt_conn *c, uint32_t slot, uint64_t now)
{
    (void)slot;
    check(c, MPT_TRIGGER_ADDRESS, now); /* only when nothing lives or all have timed out */
}

static void address_down(struct mpt_conn *c, uint64_t now)
{
    check(c, MPT_TRIGGER_ADDRESS, now);
}

const struct mpt_pm_ops mpt_pm_breakbeforemake = { .name = "break-before-make", .address_up = address_up,
                                                   .address_down = address_down, .timeout = timeout,
                                                   .silent = mpt_pm_silent };
