/* SPDX-License-Identifier: MIT */
/* ns3/core.cc - hosts, router, wires: all of the network that is no radio. Called by world.cc.
 *
 *     phone --(radio)-- AP or PGW --[box]-- router --(server link)-- server
 *     phone --(wire)--[box]-- router --(server link)-- server        a path without radio
 *     phone --(wire)--[box]-- server                             direct: no server link to model
 *
 * On wires the box is left out when it has nothing to do, so that a benchmark pays for no extra
 * hop. */
#include "box_node.h"
#include "world.h"

#include <ns3/data-rate.h>
#include <ns3/point-to-point-net-device.h>

namespace mpt_ns3
{

using namespace ns3;

constexpr uint32_t MTU_CORE = 1500; /* of every link behind the radios */

/* The bench topology replaces every radio by its link. */
bool path_is_wire(const struct topology &t, size_t path)
{
    return t.point_to_point || t.path[path].radio == RADIO_NONE;
}

/* The server link costs a hop, so it is left out when it would do nothing. */
bool topology_is_direct(const struct topology &t)
{
    for (size_t i = 0; i < t.paths; i++)
        if (!path_is_wire(t, i))
            return false;
    if (t.server_multihomed > 1) /* more addresses than wires to put them on */
        return false;
    return t.server_link.rate == 0 && t.server_link.delay == 0 && t.server_link.jitter == 0;
}

/* Rate, delay, jitter and queue are the wire's own; the rest needs the C path. */
static bool impaired(const struct link_config &c)
{
    return c.loss_model != LOSS_NONE || c.reorder > 0 || c.duplicate > 0 || c.corrupt > 0;
}

/* Any change of loss or silence, ever, makes a box from the start: none can be put in later. */
bool path_needs_box(const struct path_config &p)
{
    for (size_t i = 0; i < p.changes; i++)
        if (p.change[i].kind == CHANGE_LOSS || p.change[i].kind == CHANGE_DOWN)
            return true;
    return impaired(p.up) || impaired(p.down) || p.extra_delay > 0;
}

/* The number is the position, so paths are built in their order. */
void add_face(world &w, host &h, const net_addr &addr, const way &out,
              const struct path_config *promo)
{
    auto f = std::make_unique<face>();

    f->ifid = static_cast<uint32_t>(h.faces.size() + 1);
    f->v4 = addr.v4;
    f->v6 = w.topo.ipv6 ? addr.v6 : Ipv6Address::GetAny();
    f->out = out;
    out.v4->SetSource(addr.v4);
    out.v6->SetSource(addr.v6);
    if (promo && (promo->promotion > 0 || promo->radios))
        h.hold(*f, *promo, w.topo.seed);
    h.faces.push_back(std::move(f));
}

/* One per interface of the server, all to the one router. */
static void build_server_link(world &w, size_t i)
{
    host &server = *w.hosts[0];
    const struct link_config &c = w.topo.server_link;
    wire_ends ends = wire_join(server.node, w.router, c, c, MTU_CORE, w.wire_streams);

    net_attach(ends.a, net_server(i), 24, 64);
    net_attach(ends.b, net_server_gateway(i), 24, 64);
    net_route(ends.a, {net_any(), 0, 0}, net_any());
    add_face(w, server, net_server(i), make_way(ends.a, net_any().v4, net_any().v6), nullptr);
}

/* The hosts first: wires and radios hang on them. */
void build_core(world &w)
{
    NodeContainer hosts, routers;

    hosts.Create(w.topo.phones + 1);
    net_install(hosts, w.topo.ipv6);
    for (uint32_t i = 0; i <= w.topo.phones; i++) {
        w.hosts.push_back(std::make_unique<host>(i, hosts.Get(i)));
        w.hosts.back()->take_tcp();
    }
    if (topology_is_direct(w.topo))
        return;
    routers.Create(1);
    net_install(routers, w.topo.ipv6);
    w.router = routers.Get(0);
    for (size_t i = 0; i < topology_server_interfaces(&w.topo); i++)
        build_server_link(w, i);
}

/* The box between two nodes' wires: `phones` towards the phones, `server` the other way. */
static void add_box(world &w, size_t path, uint32_t only_phone, Ptr<NetDevice> phones,
                    Ptr<NetDevice> server)
{
    w.boxes.push_back(std::make_unique<box_node>(w.topo, path, only_phone, phones, server));
}

/* Both wires around the box are ideal: delay, rate and queue of the path are the radio's. */
void join_gateway(world &w, size_t path, Ptr<Node> gateway, const net_prefix &phones)
{
    struct link_config ideal = {};
    Ptr<Node> box = CreateObject<Node>();
    wire_ends in = wire_join(gateway, box, ideal, ideal, MTU_CORE, w.wire_streams);
    wire_ends out = wire_join(box, w.router, ideal, ideal, MTU_CORE, w.wire_streams);

    add_box(w, path, 0, in.b, out.a);
    net_attach(in.a, net_uplink(path), 24, 64);
    net_attach(out.b, net_uplink_router(path), 24, 64);
    net_route(in.a, {net_any(), 0, 0}, net_any());
    net_route(out.b, phones, net_any());
    /* the gateway must not look for the attacker's hosts among the phones */
    net_route(in.a, {net_attacker(path), 32, 128}, net_any());
}

/* The wire of a phone to `peer`; returns the device on the peer. */
static Ptr<NetDevice> wire_phone(world &w, size_t path, host &phone, Ptr<Node> peer)
{
    const struct path_config &p = w.topo.path[path];
    struct link_config ideal = {};
    bool boxed = path_needs_box(p) || path_is_attacked(w.topo, path);
    Ptr<Node> next = boxed ? CreateObject<Node>() : peer;
    wire_ends ends = wire_join(phone.node, next, p.up, p.down, p.mtu, w.wire_streams);
    Ptr<NetDevice> far = ends.b;

    w.wires.push_back({path, ends});
    /* the box sits behind the wire, so the queue and rate of the path come first */
    if (boxed) {
        wire_ends rest = wire_join(next, peer, ideal, ideal, p.mtu, w.wire_streams);
        add_box(w, path, phone.number, ends.b, rest.a);
        far = rest.b;
    }
    net_attach(ends.a, net_phone(path, phone.number), 32, 128);
    net_route(ends.a, {net_any(), 0, 0}, net_any());
    add_face(w, phone, net_phone(path, phone.number), make_way(ends.a, net_any().v4, net_any().v6),
             &p);
    return far;
}

/* On direct wires the server's address lives on phone 1's wire; ns-3 takes packets for it on any
 * (weak end system model, RFC 1122 3.3.4.2). */
static void wire_server(world &w, size_t path, uint32_t phone, Ptr<NetDevice> device)
{
    host &server = *w.hosts[0];
    bool owns = phone == 1 && (path == 0 || w.topo.server_multihomed);
    net_addr peer = net_phone(path, phone);
    way out = make_way(device, net_any().v4, net_any().v6);

    net_attach(device, owns ? net_server(path) : net_gateway(path), 32, 128);
    net_route(device, {peer, 32, 128}, net_any());
    if (owns)
        add_face(w, server, net_server(path), out, nullptr);
    server.towards[key_of(peer.v4)] = out;
    server.towards[key_of(peer.v6)] = out;
}

/* Without a router the peer of a phone's wire is the server itself. */
void build_wire_path(world &w, size_t path)
{
    for (uint32_t h = 1; h <= w.topo.phones; h++) {
        Ptr<Node> peer = w.router ? w.router : w.hosts[0]->node;
        Ptr<NetDevice> device = wire_phone(w, path, *w.hosts[h], peer);

        if (!w.router) {
            wire_server(w, path, h, device);
            continue;
        }
        net_attach(device, net_gateway(path), 32, 128);
        net_route(device, {net_phone(path, h), 32, 128}, net_any());
    }
}

/* Packets under way keep the arrival they were given; the new values count for those sent from
 * now on. */
static void change_lane(wire::lane &l, const struct path_change &c)
{
    if (c.kind == CHANGE_DELAY)
        l.delay_ns = static_cast<int64_t>(c.value);
    else
        l.from->SetDataRate(DataRate(static_cast<uint64_t>(c.value)));
    /* A shorter delay must not let packets overtake those under way: order is kept from here on. */
}

/* dir 0 changes both directions, 1 up, 2 down, as in struct path_change. */
void change_wires(world &w, size_t path, const struct path_change &change)
{
    for (path_wire &wired : w.wires) {
        if (wired.path != path)
            continue;
        if (change.dir != 2)
            change_lane(wired.ends.channel->lanes[0], change);
        if (change.dir != 1)
            change_lane(wired.ends.channel->lanes[1], change);
    }
}

} // namespace mpt_ns3
