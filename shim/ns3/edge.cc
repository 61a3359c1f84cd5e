/* SPDX-License-Identifier: MIT */
/* ns3/edge.cc - see edge.h. Headers: RFC 791 3.1, RFC 8200 3. */
#include "edge.h"

#include "host.h"

#include <ns3/ipv4-header.h>
#include <ns3/ipv6-header.h>
#include <ns3/packet.h>

#include <cstring>

namespace mpt_ns3
{

using namespace ns3;

/* The low n octets of v, big-endian. */
static void store_be(uint8_t *p, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = static_cast<uint8_t>(v >> 8 * (n - 1 - i));
}

/* RFC 1071, over a header whose checksum field is 0. */
static uint16_t header_checksum(const uint8_t *p, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i += 2)
        sum += static_cast<uint32_t>(p[i] << 8 | p[i + 1]);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(~sum);
}

/* ns-3 asks it of every object. */
TypeId edge::GetTypeId()
{
    static TypeId tid = TypeId("mpt_ns3::edge").SetParent<IpL4Protocol>();
    return tid;
}

/* The buffer holds the largest IP packet; ns-3 hands over one at a time. */
edge::edge(host *owner) : owner_(owner), buf_(65536)
{
}

/* TCP's (RFC 9293 3.1; RFC 791 3.1): ns-3 looks protocols up by it. */
int edge::GetProtocolNumber() const
{
    return 6;
}

/* The header is as long as one without options: ns-3 knows none. The checksum is computed anew,
 * since the stack's side verifies it. */
IpL4Protocol::RxStatus edge::Receive(Ptr<Packet> p, const Ipv4Header &h, Ptr<Ipv4Interface>)
{
    uint8_t *ip = buf_.data();
    size_t size = p->GetSize();

    if (size + 20 > 65535)
        return RX_OK;
    ip[0] = 0x45;
    ip[1] = h.GetTos();
    store_be(ip + 2, size + 20, 2);
    store_be(ip + 4, h.GetIdentification(), 2);
    store_be(ip + 6, h.IsDontFragment() ? 0x4000 : 0, 2); /* whole packets: ns-3 has reassembled */
    ip[8] = h.GetTtl();
    ip[9] = h.GetProtocol();
    store_be(ip + 10, 0, 2);
    store_be(ip + 12, h.GetSource().Get(), 4);
    store_be(ip + 16, h.GetDestination().Get(), 4);
    store_be(ip + 10, header_checksum(ip, 20), 2);
    p->CopyData(ip + 20, static_cast<uint32_t>(size));
    owner_->arrived(ip, size + 20);
    return RX_OK;
}

/* RFC 8200 3: version, traffic class and flow label share the first word; there is no checksum. */
IpL4Protocol::RxStatus edge::Receive(Ptr<Packet> p, const Ipv6Header &h, Ptr<Ipv6Interface>)
{
    uint8_t *ip = buf_.data();
    size_t size = p->GetSize();

    if (size + 40 > 65535)
        return RX_OK;
    store_be(ip, 6u << 28 | static_cast<uint32_t>(h.GetTrafficClass()) << 20 | h.GetFlowLabel(), 4);
    store_be(ip + 4, size, 2);
    ip[6] = GetProtocolNumber(); /* extension headers are ns-3's business */
    ip[7] = h.GetHopLimit();
    h.GetSource().GetBytes(ip + 8);
    h.GetDestination().GetBytes(ip + 24);
    p->CopyData(ip + 40, static_cast<uint32_t>(size));
    owner_->arrived(ip, size + 40);
    return RX_OK;
}

/* ns-3 insists on these four; nothing here calls them. */
void edge::SetDownTarget(DownTargetCallback cb)
{
    down4_ = cb;
}

void edge::SetDownTarget6(DownTargetCallback6 cb)
{
    down6_ = cb;
}

IpL4Protocol::DownTargetCallback edge::GetDownTarget() const
{
    return down4_;
}

IpL4Protocol::DownTargetCallback6 edge::GetDownTarget6() const
{
    return down6_;
}

} // namespace mpt_ns3
