/* SPDX-License-Identifier: MIT */
/* ns3/lane.h - a C path of shim/box (read box/path.h) on ns-3's clock: packets in, packets out
 * later.
 *
 * Used twice: in the box node behind AP or PGW with what impairs the path, and at the phone's
 * interface with the promotion of its radio. */
#ifndef SHIM_NS3_LANE_H
#define SHIM_NS3_LANE_H

#include "shim.h"

#include <ns3/event-id.h>

#include <functional>

struct path; /* box/path.h; not included here: its BOX_H guard is also that of an ns-3 header */

namespace mpt_ns3
{

enum lane_dir { LANE_UP, LANE_DOWN, LANE_DIRS }; /* as enum path_dir */

/* What a path config keeps of itself for each use; the rest is switched off. */
struct path_config lane_for_box(const struct path_config &p);
struct path_config lane_for_promotion(const struct path_config &p);

class lane
{
  public:
    /* A packet that came through; the memory lives for the call. Pushing from inside is fine. */
    typedef std::function<void(enum lane_dir dir, uint8_t *ip, size_t len)> sink;

    lane(const struct path_config &config, uint64_t seed, uint32_t phone, sink out);
    ~lane();
    lane(const lane &) = delete;
    void push(enum lane_dir dir, const uint8_t *ip, size_t len);
    /* Puts the boxes of an attacker at the router's end, as `path` of its phone; none where it has
     * no business. */
    void attack(struct attacker *a, size_t path);
    /* A box was changed from outside: the next deadline is asked for anew. */
    void refresh();
    uint64_t dropped() const; /* packets lost, for whatever reason, in both directions */

  private:
    bool drain_one(enum lane_dir dir, uint64_t now);
    void drain();
    void arm(uint64_t now);
    static void woken(lane *l);

    struct path_config config_; /* the path refers to it */
    struct path *path_;
    sink out_;
    ns3::EventId wake_;
    uint64_t wake_at_ = MPT_NEVER; /* of wake_; MPT_NEVER: no event */
    bool draining_ = false;        /* a sink pushed: the loop outside goes on with it */
};

} // namespace mpt_ns3
#endif
