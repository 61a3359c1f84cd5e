/* SPDX-License-Identifier: MIT */
/* ns3/world.h - the simulation as one object, and what the builders of its parts offer each
 * other.
 *
 * world.cc makes and runs it; host.cc is the IP edge of phones and server; wire.cc, wifi.cc,
 * lte.cc, cross.cc build parts of the network; box_node.cc hosts the C path of shim/box. C++17,
 * ns-3.37. Never include an *-module.h here: each costs 8 s of compile time. */
#ifndef SHIM_NS3_WORLD_H
#define SHIM_NS3_WORLD_H

#include "host.h"
#include "net.h"
#include "ns3c.h"
#include "timers.h"
#include "wire.h"

#include <ns3/energy-source.h>
#include <ns3/lte-helper.h>
#include <ns3/mobility-model.h>
#include <ns3/node-container.h>
#include <ns3/packet-sink.h>

#include <memory>
#include <vector>

namespace mpt_ns3
{

class box_node;
class lane;

/* Random streams, a block for each purpose: adding a model to one never shifts the draws of
 * another. */
enum stream_base {
    STREAM_STACK = 1000,
    STREAM_WIFI = 10000, /* + 10000 * path */
    STREAM_LTE = 200000,
    STREAM_WIRE = 400000
};

/* Radios need time to associate and attach; the harness's time 0 is after it. Stations that all
 * probe at once collide, so many of them spread their probes over part of a longer warm-up. */
constexpr uint64_t WARM_UP_NS = 500000000, WARM_UP_EACH_NS = 25000000, PROBE_EACH_NS = 15000000;
constexpr uint32_t STATIONS_FEW = 4; /* need no more than WARM_UP_NS */

/* The wire of one phone on a path without radio: rate and delay can change while it runs. */
struct path_wire {
    size_t path;    /* of the topology */
    wire_ends ends; /* a: the phone's */
};

/* ns-3's energy model on one radio (energy.cc). */
struct meter {
    uint32_t phone; /* from 1 */
    size_t path;    /* of the topology */
    ns3::Ptr<ns3::EnergySource> source;
};

/* All of one simulation. `sim` is first: the harness's pointer is ours. */
struct world {
    struct sim sim;                           /* ops; must stay the first field */
    struct topology topo;                     /* as given, copied */
    struct sim_upcalls up;                    /* the harness */
    timer_pool timers;                        /* of the harness */
    std::vector<std::unique_ptr<host>> hosts; /* 0 is the server */
    /* One per radio path, one per phone of a wire path. */
    std::vector<std::unique_ptr<box_node>> boxes;
    /* Lanes where an attacker sits, by phone - 1: what one box sees another may act on. */
    std::vector<std::vector<lane *>> attacked;
    std::vector<path_wire> wires; /* of paths without radio */
    ns3::Ptr<ns3::Node> router;   /* null where phones hang directly on the server */
    ns3::Ptr<ns3::LteHelper> lte; /* owns the EPC; null without an LTE path */
    std::vector<ns3::Ptr<ns3::PacketSink>> sinks; /* of the cross traffic */
    std::vector<meter> meters;                    /* that somebody asked for */
    uint64_t warm_up;                             /* ns-3's clock at the harness's time 0 */
    int64_t wire_streams = STREAM_WIRE;           /* next stream of a jittered wire */

    uint64_t now() const;
};

/* The one world of this process (README: one simulation per process). */
world *the_world();

/* True when the path is a plain wire: the bench topology, or a path without radio. */
bool path_is_wire(const struct topology &t, size_t path);
/* True when phones are wired straight to the server: wires only, and no server link to model. */
bool topology_is_direct(const struct topology &t);
/* True when the path has anything for its box to do. */
bool path_needs_box(const struct path_config &p);

/* attackers.cc: true where an attacker acts or listens. */
bool path_is_attacked(const struct topology &t, size_t path);

/* check.cc: refuses in C what ns-3 would abort on: false with a line in err. */
bool check_topology(const struct topology &t, char *err, size_t cap);

/* Builders, in the order in which world.cc calls them; each path adds a face to every phone. */
void build_core(world &w);                   /* core.cc: hosts, router, server links */
void build_places(world &w);                 /* place.cc: before the radios */
void build_wire_path(world &w, size_t path); /* core.cc */
void build_wifi_path(world &w, size_t path); /* wifi.cc; with the stations of the cross traffic */
void build_lte_path(world &w, size_t path);  /* lte.cc */
void build_cross(world &w, ns3::NodeContainer stations); /* cross.cc */

/* core.cc: one more interface of a host. */
void add_face(world &w, host &h, const net_addr &addr, const way &out,
              const struct path_config *promo);
/* core.cc: joins an AP or PGW to the router, the box of the path between, default route out, and
 * `phones` routed back. */
void join_gateway(world &w, size_t path, ns3::Ptr<ns3::Node> gateway, const net_prefix &phones);
/* core.cc: CHANGE_RATE and CHANGE_DELAY of wires. */
void change_wires(world &w, size_t path, const struct path_change &change);
/* attackers.cc: the topology's attackers into the boxes, behind the warm-up. */
void place_attackers(world &w);
/* place.cc: a node that stands still. */
void place_node(ns3::Ptr<ns3::Node> node, double x, double y, double z);

} // namespace mpt_ns3
#endif
