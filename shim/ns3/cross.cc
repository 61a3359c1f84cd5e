/* SPDX-License-Identifier: MIT */
/* ns3/cross.cc - cross traffic: WiFi stations uploading with ns3's own TCP to a node beside the
 * server. It shares the air and the access point with the phones, not their box. Called by
 * wifi.cc. */
#include "world.h"

#include <ns3/application-container.h>
#include <ns3/bulk-send-helper.h>
#include <ns3/config.h>
#include <ns3/data-rate.h>
#include <ns3/inet-socket-address.h>
#include <ns3/nstime.h>
#include <ns3/on-off-helper.h>
#include <ns3/packet-sink-helper.h>
#include <ns3/string.h>
#include <ns3/uinteger.h>

namespace mpt_ns3
{

using namespace ns3;

constexpr uint16_t PORT = 5001;
constexpr uint64_t SEGMENT = 1448;          /* octets: 1500 less IPv4, TCP and timestamps */
constexpr uint64_t STAGGER_NS = 37000000;   /* between the starts of two stations */
constexpr uint64_t CROSS_RATE = 1000000000; /* bit/s of the sink's own link: never the bottleneck */

/* As far from the router as the server is, so that both kinds of traffic see a similar round
 * trip. */
static Ptr<Node> make_sink_node(world &w)
{
    struct link_config link = {};
    NodeContainer node;

    node.Create(1);
    net_install(node, w.topo.ipv6);
    link.rate = CROSS_RATE;
    link.delay = w.topo.server_link.delay;
    wire_ends ends = wire_join(node.Get(0), w.router, link, link, 1500, w.wire_streams);
    net_attach(ends.a, net_cross_server(), 24, 64);
    net_attach(ends.b, net_cross_gateway(), 24, 64);
    net_route(ends.a, {net_any(), 0, 0}, net_any());
    return node.Get(0);
}

/* Rate 0: as much as TCP gets. */
static ApplicationContainer make_source(const struct topology &t, Ptr<Node> station)
{
    InetSocketAddress to(net_cross_server().v4, PORT);

    if (t.cross_rate == 0) {
        BulkSendHelper bulk("ns3::TcpSocketFactory", to);
        return bulk.Install(station);
    }
    OnOffHelper steady("ns3::TcpSocketFactory", to);
    steady.SetConstantRate(DataRate(t.cross_rate), static_cast<uint32_t>(SEGMENT));
    return steady.Install(station);
}

/* Starts are staggered: stations that begin together would stay in step. */
void build_cross(world &w, NodeContainer stations)
{
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(SEGMENT));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(1u << 20));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(1u << 20));
    Ptr<Node> node = make_sink_node(w);
    PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), PORT));
    ApplicationContainer sinks = sink.Install(node);

    sinks.Start(Seconds(0));
    w.sinks.push_back(DynamicCast<PacketSink>(sinks.Get(0)));
    for (uint32_t i = 0; i < stations.GetN(); i++)
        make_source(w.topo, stations.Get(i)).Start(NanoSeconds(w.warm_up + i * STAGGER_NS));
}

} // namespace mpt_ns3

/* All stations together. */
extern "C" uint64_t ns3_cross_received(struct sim *sim)
{
    uint64_t sum = 0;
    for (auto &sink : reinterpret_cast<mpt_ns3::world *>(sim)->sinks)
        sum += sink->GetTotalRx();
    return sum;
}
