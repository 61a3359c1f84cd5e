/* SPDX-License-Identifier: MIT */
/* ns3/lane.cc - see lane.h. */
#include "lane.h"

#include "world.h"

#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include <new>

/* After all of ns-3: see lane.h. */
#include "box/path.h"

namespace mpt_ns3
{

using namespace ns3;

static enum path_dir c_dir(enum lane_dir dir)
{
    return dir == LANE_UP ? PATH_UP : PATH_DOWN;
}

struct path_config lane_for_box(const struct path_config &p)
{
    struct path_config c = p;

    c.promotion = 0; /* waits at the phone's interface */
    c.changes = 0;
    for (size_t i = 0; i < p.changes; i++)
        if (p.change[i].kind == CHANGE_LOSS || p.change[i].kind == CHANGE_DOWN)
            c.change[c.changes++] = p.change[i];
    return c;
}

struct path_config lane_for_promotion(const struct path_config &p)
{
    struct path_config c = p;

    c.up = c.down = link_config{};
    c.extra_delay = 0;
    c.changes = 0;
    return c;
}

lane::lane(const struct path_config &config, uint64_t seed, uint32_t phone, sink out)
    : config_(config), path_(path_new(&config_, seed, phone, PATH_BOX)), out_(out)
{
    if (path_ == nullptr)
        throw std::bad_alloc();
}

lane::~lane()
{
    wake_.Cancel();
    path_free(path_);
}

void lane::push(enum lane_dir dir, const uint8_t *ip, size_t len)
{
    path_push(path_, c_dir(dir), ip, len, the_world()->now());
    if (!draining_)
        drain();
}

/* Takes the packet out for good: the sink may push into this path. */
bool lane::drain_one(enum lane_dir dir, uint64_t now)
{
    struct box_packet *p = path_take(path_, c_dir(dir), now);

    if (p == nullptr)
        return false;
    out_(dir, p->data, p->len);
    box_packet_put(path_pool(path_), p);
    return true;
}

void lane::drain()
{
    uint64_t now = the_world()->now();

    draining_ = true;
    while (drain_one(LANE_UP, now) || drain_one(LANE_DOWN, now)) {
    }
    draining_ = false;
    arm(now);
}

void lane::arm(uint64_t now)
{
    uint64_t at = path_deadline(path_);

    if (at == wake_at_)
        return;
    if (wake_at_ != MPT_NEVER)
        Simulator::Remove(wake_);
    wake_at_ = at;
    if (at != MPT_NEVER)
        wake_ = Simulator::Schedule(NanoSeconds(at > now ? at - now : 0), &lane::woken, this);
}

void lane::woken(lane *l)
{
    l->wake_at_ = MPT_NEVER;
    l->drain();
}

uint64_t lane::dropped() const
{
    uint64_t sum = 0;
    for (enum path_dir dir : {PATH_UP, PATH_DOWN}) {
        const struct box_stats *s = path_stats(path_, dir);
        sum += s->dropped_queue + s->dropped_loss + s->dropped_down + s->dropped_mtu +
               s->dropped_memory;
    }
    return sum;
}

} // namespace mpt_ns3
