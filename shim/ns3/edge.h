/* SPDX-License-Identifier: MIT */
/* ns3/edge.h - protocol number 6 on a node: what ns-3 believes to be TCP. Made by host.cc.
 *
 * ns-3 hands over header and payload apart; C wants the packet as it was on the wire, so the
 * header is written again from the fields. Answering from inside Receive is fine: ns-3 schedules
 * the sending. */
#ifndef SHIM_NS3_EDGE_H
#define SHIM_NS3_EDGE_H

#include <ns3/ip-l4-protocol.h>

#include <cstdint>
#include <vector>

namespace mpt_ns3
{

class host;

class edge : public ns3::IpL4Protocol
{
  public:
    static ns3::TypeId GetTypeId();
    explicit edge(host *owner = nullptr);

    int GetProtocolNumber() const override;
    RxStatus Receive(ns3::Ptr<ns3::Packet> p, const ns3::Ipv4Header &h,
                     ns3::Ptr<ns3::Ipv4Interface> in) override;
    RxStatus Receive(ns3::Ptr<ns3::Packet> p, const ns3::Ipv6Header &h,
                     ns3::Ptr<ns3::Ipv6Interface> in) override;
    /* ns-3 gives its sending functions here; we send by cached route instead. */
    void SetDownTarget(DownTargetCallback cb) override;
    void SetDownTarget6(DownTargetCallback6 cb) override;
    DownTargetCallback GetDownTarget() const override;
    DownTargetCallback6 GetDownTarget6() const override;

  private:
    host *owner_;              /* outlives us */
    std::vector<uint8_t> buf_; /* the packet being handed over */
    DownTargetCallback down4_; /* kept only because ns-3 may ask */
    DownTargetCallback6 down6_;
};

} // namespace mpt_ns3
#endif
