/* SPDX-License-Identifier: MIT */
/* ns3/wire.h - point-to-point links with a delay of each direction and jitter that keeps order.
 * Called by core.cc, cross.cc and bench_tcp.cc. */
#ifndef SHIM_NS3_WIRE_H
#define SHIM_NS3_WIRE_H

#include "shim.h"

#include <ns3/net-device.h>
#include <ns3/node.h>
#include <ns3/point-to-point-channel.h>
#include <ns3/point-to-point-net-device.h>
#include <ns3/random-variable-stream.h>

namespace mpt_ns3
{

/* ns-3's channel has one fixed delay for both directions. */
class wire : public ns3::PointToPointChannel
{
  public:
    static ns3::TypeId GetTypeId();
    bool TransmitStart(ns3::Ptr<const ns3::Packet> p, ns3::Ptr<ns3::PointToPointNetDevice> src,
                       ns3::Time tx_time) override;

    /* One direction. */
    struct lane {
        ns3::Ptr<ns3::PointToPointNetDevice> from, to;
        int64_t delay_ns;  /* propagation */
        int64_t jitter_ns; /* U(0, jitter) is added */
        int64_t last_ns;   /* last arrival: no later packet may come before it */
        ns3::Ptr<ns3::UniformRandomVariable> draw; /* null without jitter */
    };
    lane lanes[2]; /* a to b, b to a */
};

/* A wire as its users see it. */
struct wire_ends {
    ns3::Ptr<ns3::PointToPointNetDevice> a, b;
    ns3::Ptr<wire> channel;
};
/* Joins two nodes. rate 0 is "infinite", queue_bytes 0 a large drop-tail queue. `streams` is
 * advanced by the random streams taken. */
wire_ends wire_join(ns3::Ptr<ns3::Node> a, ns3::Ptr<ns3::Node> b, const struct link_config &a_to_b,
                    const struct link_config &b_to_a, uint32_t mtu, int64_t &streams);

} // namespace mpt_ns3
#endif
