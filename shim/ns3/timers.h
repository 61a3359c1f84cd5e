/* SPDX-License-Identifier: MIT */
/* ns3/timers.h - timers of the C harness on ns-3's event list. Called by world.cc.
 *
 * A TCP timer is moved later far more often than it fires, so a timer set later keeps its event:
 * when that comes too early it is scheduled again. Only a timer set earlier costs an event. */
#ifndef SHIM_NS3_TIMERS_H
#define SHIM_NS3_TIMERS_H

#include "shim.h"

#include <ns3/event-id.h>

#include <cstddef>
#include <deque>
#include <vector>

namespace mpt_ns3
{

class timer_pool
{
  public:
    void set(struct sim_timer *timer, uint64_t at, uint64_t now);
    void cancel(struct sim_timer *timer);

  private:
    struct slot {
        ns3::EventId event;      /* pending, at `due` */
        uint64_t due;            /* time of the event, never later than timer->at */
        struct sim_timer *timer; /* null = free */
    };
    static void fired(timer_pool *pool, size_t index);
    void arm(size_t index, uint64_t at, uint64_t now);
    void release(size_t index);

    std::deque<slot> slots_;   /* timer->slot is an index here plus 1 */
    std::vector<size_t> free_; /* indices to use again */
};

} // namespace mpt_ns3
#endif
