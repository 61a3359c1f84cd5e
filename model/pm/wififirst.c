/* SPDX-License-Identifier: MIT */
/* pm/wififirst.c - one interface is preferred, another is opened when it fails, and closed again when it is back (as
 * phones do: break before make, RFC 8684 3.4, and MP_PRIO, 3.3.8). The order of preference is that of the interface
 * numbers (ifid of mpt_address_up): the least that is up should carry the connection.
 *
 * It joins by breakbeforemake.c's rule, of which a notification (the address goes) is a part. When a better interface comes up
 * it is joined. While a worse one than the best that is up is open, it looks each pm.return_after: does a better one
 * work (nothing timed out since something was acknowledged), the worse one becomes a backup, and at the next look it is
 * closed by FIN, drained by then. A time-out of the better one in between makes it regular again at once: who flaps
 * faster than that keeps both. A better path that was silent shows that it is back by its own repetitions, which back off. */
#include "pm/private.h"

#include "pm/pm.h"

/* Is there a subflow over a worse interface than the best that is up and can reach the peer? */
static int misplaced(const struct mpt_conn *c)
{
    struct mpt_subflow *sf;
    uint32_t best = UINT32_MAX;

    for (int i = 0; i < MPT_ADDRESSES; i++) {
        const struct mpt_address *a = &c->stack->address[i];

        if (a->up && a->addr.family == c->remote.family && a->ifid < best)
            best = a->ifid;
    }
    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_subflow_alive(sf) && sf->flow.ifid > best)
            return 1;
    return 0;
}

static void arm(struct mpt_conn *c, uint64_t now)
{
    if (c->pm_at != MPT_NEVER || !mpt_pm_may_join(c) || !misplaced(c))
        return;
    c->pm_at = now + c->stack->config.pm_return_after;
    mpt_conn_rearm(c);
}

/* From every interface that is better than what works. */
static void join_better(struct mpt_conn *c, uint64_t now)
{
    uint32_t best = mpt_pm_best(c);
    int n = 0;

    for (int i = 0; best != UINT32_MAX && i < MPT_ADDRESSES; i++)
        if (c->stack->address[i].ifid < best)
            n += mpt_pm_join_from(c, &c->stack->address[i], 0, now);
    if (n)
        MPT_TRACE(&c->stack->tracer, pm_trigger, c->number, 0, now, MPT_TRIGGER_RETURN, 0, 0, 0);
}

static void leave_worse(struct mpt_conn *c, uint64_t now)
{
    uint32_t best = mpt_pm_best(c);
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf) {
        if (sf->member != MPT_MEMBER_FULL || !mpt_subflow_alive(sf) || sf->flow.ifid <= best)
            continue;
        if (sf->backup)
            mpt_fin_leave(sf, now);
        else
            mpt_prio_set(sf, 1, now);
    }
}

/* sf NULL: a look is due. */
static void timeout(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t now)
{
    if (!mpt_pm_may_join(c))
        return;
    mpt_pm_recall(c, now);
    if (sf || !mpt_pm_refused(c, now))
        mpt_pm_breakbeforemake.timeout(c, sf, now);
    if (!sf)
        leave_worse(c, now);
    if (!sf && !mpt_pm_refused(c, now))
        join_better(c, now);
    arm(c, now);
}

static void address_up(struct mpt_conn *c, uint32_t slot, uint64_t now)
{
    if (!mpt_pm_may_join(c))
        return;
    mpt_pm_breakbeforemake.address_up(c, slot, now);
    join_better(c, now);
    arm(c, now);
}

/* timeout was told of each subflow that ended by it. */
static void address_down(struct mpt_conn *c, uint64_t now)
{
    mpt_pm_breakbeforemake.address_down(c, now);
    arm(c, now);
}

/* A join is complete, or a subflow has ended without an error. */
static void progress(struct mpt_conn *c, uint64_t now)
{
    if (!mpt_pm_may_join(c))
        return;
    mpt_pm_recall(c, now);
    arm(c, now);
}

const struct mpt_pm_ops mpt_pm_wififirst = { .name = "wifi-first", .confirmed = progress, .address_up = address_up,
                                             .address_down = address_down, .timeout = timeout, .progress = progress,
                                             .silent = mpt_pm_silent };
