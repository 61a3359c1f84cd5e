/* SPDX-License-Identifier: MIT */
/* ns3/lane.cc - see lane.h. */
#include "lane.h"

#include "world.h"

#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include <new>

/* After all of ns-3: see lane.h. */
#include "box/attacker.h"
#include "box/path.h"

namespace mpt_ns3
{

using namespace ns3;

/* The same two directions under C's names. */
static enum path_dir c_dir(enum lane_dir dir)
{
    return dir == LANE_UP ? PATH_UP : PATH_DOWN;
}

/* Rate and delay are ns-3's; a box takes loss, silence, reordering and what is like it. */
struct path_config lane_for_box(const struct path_config &p)
{
    struct path_config c = p;

    c.promotion = 0; /* waits at the phone's interface */
    c.radios = nullptr;
    c.changes = 0;
    for (size_t i = 0; i < p.changes; i++)
        if (p.change[i].kind == CHANGE_LOSS || p.change[i].kind == CHANGE_DOWN)
            c.change[c.changes++] = p.change[i];
    return c;
}

/* The promotion alone: every other field would act twice. */
struct path_config lane_for_promotion(const struct path_config &p)
{
    struct path_config c = p;

    c.up = c.down = link_config{};
    c.extra_delay = 0;
    c.changes = 0;
    return c;
}

/* path_ refers to config_, which therefore is declared, and so made, before it. */
lane::lane(const struct path_config &config, uint64_t seed, uint32_t phone, sink out)
    : config_(config), path_(path_new(&config_, seed, phone, PATH_BOX)), out_(out)
{
    if (path_ == nullptr)
        throw std::bad_alloc();
}

/* The event would call a lane that is gone. */
lane::~lane()
{
    wake_.Cancel();
    path_free(path_);
}

/* Inside drain() the loop there takes it along. */
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

/* Until both directions have nothing that is due; then the event for the next. */
void lane::drain()
{
    uint64_t now = the_world()->now();

    draining_ = true;
    while (drain_one(LANE_UP, now) || drain_one(LANE_DOWN, now)) {
    }
    draining_ = false;
    arm(now);
}

/* The event is moved only when the deadline did: most packets pass at once. */
void lane::arm(uint64_t now)
{
    uint64_t at = path_deadline(path_);

    if (at == wake_at_)
        return;
    /* Remove rather than Cancel: a cancelled event stays in ns-3's list until its time */
    if (wake_at_ != MPT_NEVER)
        Simulator::Remove(wake_);
    wake_at_ = at;
    if (at != MPT_NEVER)
        wake_ = Simulator::Schedule(NanoSeconds(at > now ? at - now : 0), &lane::woken, this);
}

/* The event is used up: arm() must not remove it. */
void lane::woken(lane *l)
{
    l->wake_at_ = MPT_NEVER;
    l->drain();
}

/* The attacker's clock begins to run with the next refresh. */
void lane::attack(struct attacker *a, size_t path)
{
    if (attacker_place(a, path_, static_cast<uint32_t>(path)) < 0)
        throw std::bad_alloc();
}

/* Inside drain() the loop there arms at its end. */
void lane::refresh()
{
    path_refresh(path_);
    if (!draining_)
        arm(the_world()->now());
}

/* Whatever the reason, in both directions. */
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
