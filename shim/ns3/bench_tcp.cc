/* SPDX-License-Identifier: MIT */
/* ns3/bench_tcp.cc - ns-3's own TCP as the yardstick: bulk transfers over point-to-point links
 * between two nodes, one link per flow, traffic control off, like the direct wires of core.cc. A
 * program of its own that links ns-3 only; `make bench` runs it interleaved with ours.
 *
 *     bench-ns3-tcp [--flows=2] [--seconds=10] [--rate=100000000] [--delay_ms=20] [--queue=...]
 *
 * prints one line: simulated_s= wall_s= segments= segments_per_wall_s= goodput_bit_s= */
#include <ns3/application-container.h>
#include <ns3/boolean.h>
#include <ns3/bulk-send-helper.h>
#include <ns3/command-line.h>
#include <ns3/config.h>
#include <ns3/data-rate.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/global-value.h>
#include <ns3/inet-socket-address.h>
#include <ns3/internet-stack-helper.h>
#include <ns3/ipv4-static-routing-helper.h>
#include <ns3/ipv4.h>
#include <ns3/mac48-address.h>
#include <ns3/node-container.h>
#include <ns3/packet-sink-helper.h>
#include <ns3/packet-sink.h>
#include <ns3/packet.h>
#include <ns3/point-to-point-channel.h>
#include <ns3/point-to-point-net-device.h>
#include <ns3/queue-size.h>
#include <ns3/simulator.h>
#include <ns3/string.h>
#include <ns3/uinteger.h>

#include <chrono>
#include <cstdio>
#include <vector>

using namespace ns3;

namespace
{

constexpr uint32_t SEGMENT = 1448; /* octets: 1500 less IPv4, TCP and timestamps */
constexpr uint16_t PORT = 5001;

struct options {
    uint32_t flows = 2;         /* each on its own link */
    double seconds = 10;        /* simulated */
    uint64_t rate = 100000000;  /* bit/s of a link */
    double delay_ms = 20;       /* one way */
    uint64_t queue = 0;         /* octets; 0: one BDP */
    uint64_t buffer = 4u << 20; /* of a socket, each way */
    bool checksum = false;      /* ns-3 leaves TCP checksums out unless asked */
};

/* A queue of one BDP is what network.c gives our own runs by default. */
options parse(int argc, char **argv)
{
    options o;
    CommandLine cmd(__FILE__);

    cmd.AddValue("flows", "TCP flows, each on its own link", o.flows);
    cmd.AddValue("seconds", "simulated seconds", o.seconds);
    cmd.AddValue("rate", "bit/s of a link", o.rate);
    cmd.AddValue("delay_ms", "one-way delay", o.delay_ms);
    cmd.AddValue("queue", "octets of queue, 0: one BDP", o.queue);
    cmd.AddValue("buffer", "octets of socket buffer", o.buffer);
    cmd.AddValue("checksum", "compute checksums", o.checksum);
    cmd.Parse(argc, argv);
    if (o.queue == 0)
        o.queue = static_cast<uint64_t>(static_cast<double>(o.rate) / 8 * o.delay_ms * 2 / 1000);
    return o;
}

/* As our stack: the same payload per segment, buffers that do not limit, an initial window of
 * ten. */
void set_defaults(const options &o)
{
    GlobalValue::Bind("ChecksumEnabled", BooleanValue(o.checksum));
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(SEGMENT));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(o.buffer));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(o.buffer));
    Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10)); /* RFC 6928 */
}

/* Drop-tail, counted in octets, as in wire.cc. */
Ptr<PointToPointNetDevice> add_device(Ptr<Node> node, Ptr<PointToPointChannel> channel,
                                      const options &o)
{
    Ptr<PointToPointNetDevice> device = CreateObject<PointToPointNetDevice>();
    Ptr<DropTailQueue<Packet>> queue = CreateObject<DropTailQueue<Packet>>();

    queue->SetMaxSize(QueueSize(QueueSizeUnit::BYTES, static_cast<uint32_t>(o.queue)));
    device->SetQueue(queue);
    device->SetDataRate(DataRate(o.rate));
    device->SetAddress(Mac48Address::Allocate());
    device->Attach(channel);
    node->AddDevice(device);
    return device;
}

/* By hand: ns-3's address helper would add an FqCoDel queue disc to the device. */
void address(Ptr<NetDevice> device, uint32_t flow, uint32_t host)
{
    Ptr<Ipv4> ip = device->GetNode()->GetObject<Ipv4>();
    uint32_t i = ip->AddInterface(device);

    ip->AddAddress(i, Ipv4InterfaceAddress(Ipv4Address(10u << 24 | (flow + 1) << 8 | host),
                                           Ipv4Mask("255.255.255.0")));
    ip->SetUp(i);
}

/* A bulk sender on a link of its own: flows share nothing but the processor. */
void add_flow(Ptr<Node> from, Ptr<Node> to, uint32_t flow, const options &o)
{
    Ptr<PointToPointChannel> channel = CreateObject<PointToPointChannel>();
    InetSocketAddress peer(Ipv4Address(10u << 24 | (flow + 1) << 8 | 2), PORT);
    BulkSendHelper bulk("ns3::TcpSocketFactory", peer);

    channel->SetAttribute("Delay",
                          TimeValue(MicroSeconds(static_cast<uint64_t>(o.delay_ms * 1000))));
    address(add_device(from, channel, o), flow, 1);
    address(add_device(to, channel, o), flow, 2);
    bulk.SetAttribute("SendSize", UintegerValue(SEGMENT));
    bulk.Install(from).Start(Seconds(0));
}

/* key=value pairs on one line, which bench.sh cuts apart. */
void report(const options &o, uint64_t octets, double wall)
{
    double segments = static_cast<double>(octets) / SEGMENT;

    printf("simulated_s=%g wall_s=%.4f segments=%.0f segments_per_wall_s=%.0f goodput_bit_s=%.0f\n",
           o.seconds, wall, segments, segments / wall, static_cast<double>(octets) * 8 / o.seconds);
}

} // namespace

/* Only Simulator::Run is timed, not the building of the network. */
int main(int argc, char **argv)
{
    options o = parse(argc, argv);
    InternetStackHelper stack;
    NodeContainer nodes;

    set_defaults(o);
    nodes.Create(2);
    stack.SetRoutingHelper(Ipv4StaticRoutingHelper());
    stack.SetIpv6StackInstall(false);
    stack.Install(nodes);
    for (uint32_t i = 0; i < o.flows; i++)
        add_flow(nodes.Get(0), nodes.Get(1), i, o);
    PacketSinkHelper sinks("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), PORT));
    ApplicationContainer app = sinks.Install(nodes.Get(1));
    app.Start(Seconds(0));
    Simulator::Stop(Seconds(o.seconds));

    auto start = std::chrono::steady_clock::now();
    Simulator::Run();
    std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    report(o, DynamicCast<PacketSink>(app.Get(0))->GetTotalRx(), wall.count());
    Simulator::Destroy();
    return 0;
}
