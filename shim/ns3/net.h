/* SPDX-License-Identifier: MIT */
/* ns3/net.h - addresses and routes of the network. Called by the builders.
 *
 * Interfaces are set up by hand: ns-3's address helper would put an FqCoDel queue disc on every
 * device, and queues here are drop-tail unless a model says otherwise.
 *
 *     server        10.100.i.1     fd00:100:i::1     i = its interface from 0
 *     cross server  10.150.0.1     fd00:150::1
 *     path i        10.1+i.h.h     fd00:1+i::h       h = phone; gateway 10.1+i.255.1
 *     LTE           7.0.0.0/8      7777:f00d::/64    given by ns-3's EPC
 *     attacker      10.1+i.250.66  fd00:1+i::fa42
 *     AP, PGW       10.200.i.1     fd00:200:i::1     towards the router, which is .2
 * ns-3 forwards no addresses of 2001:db8::/32 (RFC 3849), so IPv6 is of RFC 4193. */
#ifndef SHIM_NS3_NET_H
#define SHIM_NS3_NET_H

#include <ns3/ipv4-address.h>
#include <ns3/ipv6-address.h>
#include <ns3/net-device.h>
#include <ns3/node-container.h>

namespace mpt_ns3
{

/* An address in both families, or a gateway ("any": the peer is on the link). */
struct net_addr {
    ns3::Ipv4Address v4;
    ns3::Ipv6Address v6;
};
/* A route's destination, with its length in each family. */
struct net_prefix {
    net_addr addr;
    unsigned len4, len6;
};

/* Addresses by what they belong to; paths, interfaces and stations count from 0, phones from 1. */
net_addr net_server(size_t ifindex);
net_addr net_server_gateway(size_t ifindex);
net_addr net_phone(size_t path, uint32_t phone);
net_addr net_gateway(size_t path); /* on the phones' side */
net_addr net_uplink(size_t path);  /* AP or PGW, towards the router */
net_addr net_uplink_router(size_t path);
net_addr net_station(size_t path, uint32_t k); /* cross traffic */
net_addr net_attacker(size_t path); /* hosts of an attacker: box/attacker.h */
net_addr net_cross_server();
net_addr net_cross_gateway();
net_addr net_any(); /* no gateway, or the default prefix with length 0 */

/* IP on the nodes, static routing only (a list lookup less per packet); ipv6 0: no IPv6 at all. */
void net_install(ns3::NodeContainer nodes, bool ipv6);
/* Adds the device with an address of len4 and len6 bits, up and forwarding; v6 where installed. */
void net_attach(ns3::Ptr<ns3::NetDevice> device, const net_addr &addr, unsigned len4,
                unsigned len6);
/* On the device's node: packets for the prefix leave by the device to the gateway. */
void net_route(ns3::Ptr<ns3::NetDevice> device, const net_prefix &to, const net_addr &gateway);

} // namespace mpt_ns3
#endif
