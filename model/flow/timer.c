/* SPDX-License-Identifier: MIT */
/* flow/timer.c - deadlines. All of a flow's timers share one node of the stack's heap. Deadlines
 * move with nearly every ACK, mostly to later, so the node is moved only when a deadline gets
 * earlier than it; when it fires too early, it finds nothing due and is set again. An early
 * firing is also the moment to give memory back. Called by whoever changes a deadline, and by
 * the owner when the node is due. */
#include "flow/private.h"

/* Comparisons are cheaper than as many nodes in the heap. */
static uint64_t earliest(const struct mpt_flow *f)
{
    uint64_t at = f->rto_at;

    at = f->tlp_at < at ? f->tlp_at : at;
    at = f->rack_at < at ? f->rack_at : at;
    at = f->delack_at < at ? f->delack_at : at;
    at = f->persist_at < at ? f->persist_at : at;
    at = f->keep_at < at ? f->keep_at : at;
    at = f->pmtu_at < at ? f->pmtu_at : at;
    return f->wait_at < at ? f->wait_at : at;
}

/* Only ever to an earlier time; a node that is too early costs one firing per RTO, not a heap
 * operation per ACK. */
void mpt_timer_arm(struct mpt_flow *f)
{
    uint64_t at = earliest(f);

    if (at != MPT_NEVER && (!f->timer.index || at < f->timer.at))
        mpt_heap_set(f->env->heap, &f->timer, at);
}

/* Every deadline, so that nothing sets the node again. */
void mpt_timer_stop(struct mpt_flow *f)
{
    f->rto_at = f->persist_at = f->delack_at = f->tlp_at = f->rack_at = f->wait_at = f->keep_at =
        f->pmtu_at = MPT_NEVER;
    mpt_heap_remove(f->env->heap, &f->timer);
}

/* A deadline is used up as it fires: whoever wants another sets it. */
static int is_due(uint64_t *at, uint64_t now)
{
    if (*at > now)
        return 0;
    *at = MPT_NEVER;
    return 1;
}

/* Nothing is in flight and nothing is held: arrays that a burst had made large are not needed
 * now. */
static void give_memory_back(struct mpt_flow *f)
{
    mpt_ring_idle(&f->ring, f->env->mem);
    if (mpt_rob_readable(&f->rob) == 0 && f->rob.ofo.count == 0)
        mpt_rob_clear(&f->rob, f->env->mem);
}

/* The order matters at equal times: what was lost is found before a probe, and a probe puts off
 * the RTO. */
static void fire(struct mpt_flow *f, uint64_t now)
{
    if (is_due(&f->delack_at, now))
        f->pending |= MPT_PEND_ACK;
    if (is_due(&f->rack_at, now) && mpt_rack_detect(f, now))
        mpt_recovery_enter(f, now);
    if (is_due(&f->tlp_at, now))
        mpt_tlp_timeout(f, now);
    if (is_due(&f->pmtu_at, now))
        mpt_icmp_raise(f, now);
    if (is_due(&f->rto_at, now))
        mpt_recovery_timeout(f, now);
    if (mpt_flow_is_open(f) && is_due(&f->persist_at, now))
        mpt_window_probe(f, now);
    if (mpt_flow_is_open(f) && is_due(&f->keep_at, now))
        mpt_keepalive_timeout(f, now);
    if (mpt_flow_is_open(f) && is_due(&f->wait_at, now))
        mpt_close_waited(f, now);
}

/* The node is set exactly here, even to "never": only so an idle flow leaves the heap. */
void mpt_flow_expire(struct mpt_flow *f, uint64_t now)
{
    if (mpt_flow_is_open(f))
        fire(f, now);
    if (!mpt_flow_is_open(f))
        return;
    mpt_heap_set(f->env->heap, &f->timer, earliest(f));
    if (f->ring.count == 0)
        give_memory_back(f);
}
