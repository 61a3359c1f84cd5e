/* SPDX-License-Identifier: MIT */
/* ns3/place.cc - where things stand and how phones walk. Called by world.cc, wifi.cc and lte.cc.
 *
 * Access points stand at the origin; phones start at `distance` on the x axis, side by side, walk
 * straight away from walk_at for walk_for, turn, and stop where they began. */
#include "world.h"

#include <ns3/constant-position-mobility-model.h>
#include <ns3/constant-velocity-mobility-model.h>
#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include <cmath>

namespace mpt_ns3
{

using namespace ns3;

constexpr double PHONE_HEIGHT = 1.5; /* m */
constexpr double PHONE_GAP = 0.05;   /* m: 250 phones are still at about the same distance */

/* AggregateObject makes the model findable from the node, which is how radios ask for the
 * position. */
void place_node(Ptr<Node> node, double x, double y, double z)
{
    Ptr<ConstantPositionMobilityModel> m = CreateObject<ConstantPositionMobilityModel>();
    m->SetPosition(Vector(x, y, z));
    node->AggregateObject(m);
}

/* Away, back, stop: three changes of velocity, in ns-3's time. */
static void walk(const world &w, Ptr<ConstantVelocityMobilityModel> m)
{
    const struct mobility_config &c = w.topo.mobility;
    uint64_t legs[3] = {w.warm_up + c.walk_at, w.warm_up + c.walk_at + c.walk_for,
                        w.warm_up + c.walk_at + 2 * c.walk_for};
    double speed[3] = {c.speed, -c.speed, 0};

    for (int i = 0; i < 3; i++)
        Simulator::Schedule(NanoSeconds(legs[i]), &ConstantVelocityMobilityModel::SetVelocity, m,
                            Vector(speed[i], 0, 0));
}

/* Side by side, at rest until the walk begins. */
void build_places(world &w)
{
    const struct mobility_config &c = w.topo.mobility;

    for (uint32_t h = 1; h <= w.topo.phones; h++) {
        Ptr<ConstantVelocityMobilityModel> m = CreateObject<ConstantVelocityMobilityModel>();
        m->SetPosition(Vector(c.distance, PHONE_GAP * (h - 1), PHONE_HEIGHT));
        m->SetVelocity(Vector(0, 0, 0));
        w.hosts[h]->node->AggregateObject(m);
        if (c.walk)
            walk(w, m);
    }
}

} // namespace mpt_ns3

/* On the ground: the difference in height is left out. -1: no such phone. */
extern "C" double ns3_distance(struct sim *sim, uint32_t phone)
{
    mpt_ns3::world *w = reinterpret_cast<mpt_ns3::world *>(sim);
    if (phone == 0 || phone >= w->hosts.size())
        return -1;
    ns3::Vector v = w->hosts[phone]->node->GetObject<ns3::MobilityModel>()->GetPosition();
    return std::sqrt(v.x * v.x + v.y * v.y);
}
