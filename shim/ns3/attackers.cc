/* SPDX-License-Identifier: MIT */
/* ns3/attackers.cc - the attackers of the topology (box/attacker.h) in the boxes behind AP, PGW and wires. Read
 * RFC 6181 first. Called by world.cc.
 *
 * They sit where the loop engine has them, at the router's end of the path. What an attacker sends up meets the
 * router next, whatever its source address, so the same box is one who is off the path. */
#include "box_node.h"
#include "world.h"

/* After all of ns-3: see lane.h. */
#include "box/attacker.h"

namespace mpt_ns3
{

/* All phones have the same plays, so the first one's attacker speaks for all. */
bool path_is_attacked(const struct topology &t, size_t path)
{
    return t.attacker && attacker_stands(t.attacker[0], static_cast<uint32_t>(path));
}

/* A packet on one path may have made one wait on another. */
static void refresh_lanes(void *arg)
{
    for (lane *l : *static_cast<std::vector<lane *> *>(arg))
        l->refresh();
}

/* Paths in their order: the first box of an attacker has its clock. */
static void place_one(world &w, uint32_t phone)
{
    struct attacker *a = w.topo.attacker[phone - 1];
    std::vector<lane *> &lanes = w.attacked[phone - 1];

    for (size_t path = 0; path < w.topo.paths; path++)
        for (auto &box : w.boxes) {
            lane *l = box->find(path, phone);
            if (l == nullptr || !path_is_attacked(w.topo, path))
                continue;
            l->attack(a, path);
            lanes.push_back(l);
            if (path == attacker_home(a)) {
                net_addr host = net_attacker(path);
                box->know_attacker(key_of(host.v4));
                box->know_attacker(key_of(host.v6));
            }
        }
    attacker_on_change(a, refresh_lanes, &lanes);
    refresh_lanes(&lanes);
}

/* The vector has its size before anybody keeps a pointer into it. */
void place_attackers(world &w)
{
    if (!w.topo.attacker)
        return;
    w.attacked.resize(w.topo.phones);
    for (uint32_t h = 1; h <= w.topo.phones; h++)
        place_one(w, h);
}

} // namespace mpt_ns3
