/* SPDX-License-Identifier: MIT */
/* ns3/wire.cc - see wire.h. */
#include "wire.h"

#include <ns3/data-rate.h>
#include <ns3/double.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/mac48-address.h>
#include <ns3/packet.h>
#include <ns3/point-to-point-net-device.h>
#include <ns3/queue-size.h>
#include <ns3/simulator.h>
#include <ns3/string.h>

#include <algorithm>

namespace mpt_ns3
{

using namespace ns3;

constexpr uint64_t RATE_INFINITE = 1000000000000; /* 12 ns for 1500 octets */
constexpr uint32_t PPP = 2;                       /* octets that PointToPointNetDevice puts in front */
constexpr uint64_t QUEUE_LARGE = 4u << 20; /* octets, where the link is never the bottleneck */

/* ns-3 asks it of every object. */
TypeId wire::GetTypeId()
{
    static TypeId tid = TypeId("mpt_ns3::wire").SetParent<PointToPointChannel>();
    return tid;
}

/* In place of the channel's own: the base class has one delay for both directions and no jitter. */
bool wire::TransmitStart(Ptr<const Packet> p, Ptr<PointToPointNetDevice> src, Time tx_time)
{
    lane &l = lanes[src == lanes[0].from ? 0 : 1];
    int64_t now = Simulator::Now().GetNanoSeconds();
    int64_t at = now + tx_time.GetNanoSeconds() + l.delay_ns;

    if (l.draw) /* jitter never reorders: a late packet holds up those behind it */
        at = std::max(
            at + static_cast<int64_t>(l.draw->GetValue() * static_cast<double>(l.jitter_ns)),
            l.last_ns);
    l.last_ns = at;
    /* in the receiver's context, as ns-3's own channel does; a copy, since the sender may keep
     * the packet */
    Simulator::ScheduleWithContext(l.to->GetNode()->GetId(), NanoSeconds(at - now),
                                   &PointToPointNetDevice::Receive, l.to, p->Copy());
    return true;
}

/* `out` is the direction that leaves this device: its rate and its queue are here. */
static Ptr<PointToPointNetDevice> add_device(Ptr<Node> node, const struct link_config &out,
                                             uint32_t mtu)
{
    Ptr<PointToPointNetDevice> device = CreateObject<PointToPointNetDevice>();
    Ptr<DropTailQueue<Packet>> queue = CreateObject<DropTailQueue<Packet>>();
    uint64_t bytes = out.queue_bytes ? out.queue_bytes : QUEUE_LARGE;

    queue->SetMaxSize(QueueSize(QueueSizeUnit::BYTES,
                                static_cast<uint32_t>(std::min<uint64_t>(bytes, UINT32_MAX))));
    device->SetQueue(queue);
    device->SetDataRate(DataRate(out.rate ? out.rate : RATE_INFINITE));
    /* PPP's 2 octets are ns-3's own; what a wire takes besides is the gap behind the packet */
    if (out.overhead > PPP)
        device->SetInterframeGap(DataRate(out.rate ? out.rate : RATE_INFINITE).CalculateBytesTxTime(static_cast<uint32_t>(out.overhead) - PPP));
    device->SetAddress(Mac48Address::Allocate());
    device->SetMtu(static_cast<uint16_t>(mtu));
    node->AddDevice(device);
    return device;
}

/* A stream is taken only where there is jitter. */
static wire::lane make_lane(Ptr<PointToPointNetDevice> from, Ptr<PointToPointNetDevice> to,
                            const struct link_config &c, int64_t &streams)
{
    wire::lane l{from, to,     static_cast<int64_t>(c.delay), static_cast<int64_t>(c.jitter),
                 0,    nullptr};

    if (c.jitter) {
        l.draw = CreateObject<UniformRandomVariable>(); /* U(0, 1) */
        l.draw->SetStream(streams++);
    }
    return l;
}

/* Devices first, since the lanes refer to both. */
wire_ends wire_join(Ptr<Node> a, Ptr<Node> b, const struct link_config &a_to_b,
                    const struct link_config &b_to_a, uint32_t mtu, int64_t &streams)
{
    wire_ends w;

    w.a = add_device(a, a_to_b, mtu);
    w.b = add_device(b, b_to_a, mtu);
    w.channel = CreateObject<wire>();
    w.a->Attach(w.channel);
    w.b->Attach(w.channel);
    w.channel->lanes[0] = make_lane(w.a, w.b, a_to_b, streams);
    w.channel->lanes[1] = make_lane(w.b, w.a, b_to_a, streams);
    return w;
}

} // namespace mpt_ns3
