/* SPDX-License-Identifier: MIT */
/* ns3/net.cc - see net.h. */
#include "net.h"

#include <ns3/boolean.h>
#include <ns3/internet-stack-helper.h>
#include <ns3/ipv4-static-routing-helper.h>
#include <ns3/ipv4.h>
#include <ns3/ipv6-static-routing-helper.h>
#include <ns3/ipv6.h>
#include <ns3/node.h>

namespace mpt_ns3
{

using namespace ns3;

/* 10.net.hi.lo and fd00:net:hi::lo, net counted in hexadecimal digits that read like the
 * decimal. */
static net_addr make(unsigned net, unsigned hex, size_t subnet, unsigned host)
{
    uint8_t b[16] = {0xfd, 0};
    unsigned s = static_cast<unsigned>(subnet);

    b[2] = static_cast<uint8_t>(hex >> 8);
    b[3] = static_cast<uint8_t>(hex);
    b[5] = static_cast<uint8_t>(s);
    b[14] = static_cast<uint8_t>(host >> 8);
    b[15] = static_cast<uint8_t>(host);
    return {Ipv4Address(10u << 24 | net << 16 | s << 8 | (host & 0xffff)), Ipv6Address(b)};
}

/* A host of the phones' network of a path. */
static net_addr member(size_t path, unsigned host)
{
    unsigned net = static_cast<unsigned>(path + 1);
    return make(net, net, 0, host);
}

/* The plan is drawn in net.h; these functions are its only copy in code. */
net_addr net_server(size_t i)
{
    return make(100, 0x100, i, 1);
}

net_addr net_server_gateway(size_t i)
{
    return make(100, 0x100, i, 2);
}

net_addr net_phone(size_t path, uint32_t phone)
{
    return member(path, phone);
}

/* High enough to be no phone's. */
net_addr net_gateway(size_t path)
{
    return member(path, 255u << 8 | 1);
}

net_addr net_uplink(size_t path)
{
    return make(200, 0x200, path, 1);
}

net_addr net_uplink_router(size_t path)
{
    return make(200, 0x200, path, 2);
}

/* Between phones and gateway. */
net_addr net_station(size_t path, uint32_t k)
{
    return member(path, 254u << 8 | (k + 1));
}

net_addr net_attacker(size_t path)
{
    return member(path, 250u << 8 | 66);
}

net_addr net_cross_server()
{
    return make(150, 0x150, 0, 1);
}

net_addr net_cross_gateway()
{
    return make(150, 0x150, 0, 2);
}

net_addr net_any()
{
    return {Ipv4Address::GetAny(), Ipv6Address::GetAny()};
}

/* Forwarding everywhere: on a host it does no harm, since nothing is routed through one. */
void net_install(NodeContainer nodes, bool ipv6)
{
    InternetStackHelper stack;
    Ipv4StaticRoutingHelper static4;
    Ipv6StaticRoutingHelper static6;

    stack.SetRoutingHelper(static4);
    stack.SetRoutingHelper(static6);
    stack.SetIpv6StackInstall(ipv6);
    stack.Install(nodes);
    for (auto it = nodes.Begin(); it != nodes.End(); ++it)
        if (Ptr<Ipv6> ip6 = (*it)->GetObject<Ipv6>())
            ip6->SetAttribute("IpForward", BooleanValue(true));
}

/* The device may have an IPv6 interface already: net_attach serves nodes with and without IPv6. */
static void attach6(Ptr<NetDevice> device, const Ipv6Address &addr, unsigned len)
{
    Ptr<Ipv6> ip = device->GetNode()->GetObject<Ipv6>();

    if (!ip)
        return;
    int32_t i = ip->GetInterfaceForDevice(device);
    uint32_t index = i >= 0 ? static_cast<uint32_t>(i) : ip->AddInterface(device);
    ip->SetMetric(index, 1);
    ip->SetUp(index);
    ip->AddAddress(index, Ipv6InterfaceAddress(addr, Ipv6Prefix(static_cast<uint8_t>(len))));
    ip->SetForwarding(index, true);
}

/* A shift by 32 is undefined in C++, so length 0 has its own case. */
void net_attach(Ptr<NetDevice> device, const net_addr &addr, unsigned len4, unsigned len6)
{
    Ptr<Ipv4> ip = device->GetNode()->GetObject<Ipv4>();
    uint32_t index = ip->AddInterface(device);

    ip->AddAddress(index, Ipv4InterfaceAddress(addr.v4, Ipv4Mask(len4 ? ~0u << (32 - len4) : 0u)));
    ip->SetMetric(index, 1);
    ip->SetUp(index);
    attach6(device, addr.v6, len6);
}

/* To a prefix by a device; "any" as gateway means that the other end of the wire is it. */
void net_route(Ptr<NetDevice> device, const net_prefix &to, const net_addr &gateway)
{
    Ptr<Node> node = device->GetNode();
    Ptr<Ipv4> ip4 = node->GetObject<Ipv4>();
    Ptr<Ipv6> ip6 = node->GetObject<Ipv6>();
    Ipv4Mask mask(to.len4 ? ~0u << (32 - to.len4) : 0u);

    Ipv4StaticRoutingHelper().GetStaticRouting(ip4)->AddNetworkRouteTo(
        to.addr.v4.CombineMask(mask), mask, gateway.v4,
        static_cast<uint32_t>(ip4->GetInterfaceForDevice(device)));
    if (!ip6)
        return;
    Ipv6Prefix prefix(static_cast<uint8_t>(to.len6));
    Ipv6StaticRoutingHelper().GetStaticRouting(ip6)->AddNetworkRouteTo(
        to.addr.v6.CombinePrefix(prefix), prefix, gateway.v6,
        static_cast<uint32_t>(ip6->GetInterfaceForDevice(device)));
}

} // namespace mpt_ns3
