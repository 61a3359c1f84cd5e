/* SPDX-License-Identifier: MIT */
/* ns3/timers.cc - see timers.h. */
#include "timers.h"

#include "world.h"

#include <ns3/nstime.h>
#include <ns3/simulator.h>

namespace mpt_ns3
{

/* Never in the past: callers pass at >= now. */
void timer_pool::arm(size_t index, uint64_t at, uint64_t now)
{
    slots_[index].due = at;
    slots_[index].event =
        ns3::Simulator::Schedule(ns3::NanoSeconds(at - now), &timer_pool::fired, this, index);
}

/* The slot may be another timer's at once. */
void timer_pool::release(size_t index)
{
    slots_[index].timer->slot = 0;
    slots_[index].timer = nullptr;
    free_.push_back(index);
}

/* ns-3's event is due; the timer may not be. */
void timer_pool::fired(timer_pool *pool, size_t index)
{
    struct sim_timer *timer = pool->slots_[index].timer;
    uint64_t now = the_world()->now();

    if (timer->at > now) { /* moved later since */
        pool->arm(index, timer->at, now);
        return;
    }
    /* Free first: the callback may set the timer again, or free its memory. */
    pool->release(index);
    timer->fire(timer->arg, now);
}

/* MPT_NEVER cancels, as in struct sim_ops. */
void timer_pool::set(struct sim_timer *timer, uint64_t at, uint64_t now)
{
    timer->at = at < now ? now : at;
    if (timer->at == MPT_NEVER) {
        cancel(timer);
        return;
    }
    if (timer->slot != 0) {
        slot &s = slots_[timer->slot - 1];
        /* set later: the event comes early and is scheduled again then */
        if (s.due <= timer->at)
            return;
        ns3::Simulator::Remove(s.event);
        arm(timer->slot - 1, timer->at, now);
        return;
    }
    if (free_.empty()) {
        slots_.push_back(slot{});
        free_.push_back(slots_.size() - 1);
    }
    size_t index = free_.back();
    free_.pop_back();
    slots_[index].timer = timer;
    timer->slot = index + 1;
    arm(index, timer->at, now);
}

/* A timer that is not set has slot 0. */
void timer_pool::cancel(struct sim_timer *timer)
{
    if (timer->slot == 0)
        return;
    size_t index = timer->slot - 1;
    ns3::Simulator::Remove(slots_[index].event);
    release(index);
}

} // namespace mpt_ns3
