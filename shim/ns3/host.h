/* SPDX-License-Identifier: MIT */
/* ns3/host.h - the IP edge of a phone or the server: whole IP packets from C to ns-3 and back.
 *
 * ns-3's TCP is taken off the node and protocol number 6 (RFC 9293) is ours. A packet leaves by the
 * interface that owns its source address: ns-3 itself routes by destination, and would send LTE's
 * packets by WiFi. Built by the path builders (world.h), called by world.cc. */
#ifndef SHIM_NS3_HOST_H
#define SHIM_NS3_HOST_H

#include "lane.h"
#include "shim.h"

#include <ns3/ipv4-l3-protocol.h>
#include <ns3/ipv4-route.h>
#include <ns3/ipv6-l3-protocol.h>
#include <ns3/ipv6-route.h>
#include <ns3/node.h>

#include <memory>
#include <unordered_map>
#include <vector>

namespace mpt_ns3
{

/* An address of either family as a map key. */
struct addr_key {
    uint64_t hi, lo; /* IPv4: hi 0 */
    bool operator==(const addr_key &o) const
    {
        return hi == o.hi && lo == o.lo;
    }
};
struct addr_hash {
    size_t operator()(const addr_key &k) const
    {
        return k.hi * 0x9e3779b97f4a7c15u ^ k.lo;
    }
};
/* The source (or destination) of a whole IP packet; {0, 0} when it is none. */
addr_key key_of_packet(const uint8_t *ip, size_t len, bool source);
/* The same key for an address as ns-3 holds it. */
addr_key key_of(ns3::Ipv4Address a);
addr_key key_of(ns3::Ipv6Address a);

/* How to leave: made once, so that no packet pays for a routing lookup. */
struct way {
    ns3::Ptr<ns3::Ipv4Route> v4;
    ns3::Ptr<ns3::Ipv6Route> v6; /* null without IPv6 */
};
/* v4 or v6 "any" as gateway: the peer is on the link. */
way make_way(ns3::Ptr<ns3::NetDevice> device, ns3::Ipv4Address gateway4, ns3::Ipv6Address gateway6);

/* One interface of a host as the harness numbers them. */
struct face {
    uint32_t ifid;       /* from 1 */
    ns3::Ipv4Address v4; /* always set */
    ns3::Ipv6Address v6; /* any() without IPv6 */
    way out;             /* default way; a server on direct wires looks in `towards` first */
    bool up = true;      /* false after CHANGE_ADDRESS 0: nothing passes */
    std::unique_ptr<lane> promo; /* radio promotion; null when the path has none */
};

class host
{
  public:
    host(uint32_t number, ns3::Ptr<ns3::Node> node);
    /* Takes protocol 6 over, on IPv4 and, where installed, IPv6. */
    void take_tcp();
    face *find(uint32_t ifid);
    /* Gives the interface the hold queue of its radio. */
    void hold(face &f, const struct path_config &p, uint64_t seed);
    /* From the harness. ifid 0: by source address. */
    void send(uint32_t ifid, const uint8_t *ip, size_t len);
    /* From ns-3: a packet for one of our addresses. */
    void arrived(uint8_t *ip, size_t len);
    /* Past the promotion: to the device, or to the harness. */
    void transmit(face &f, const uint8_t *ip, size_t len);
    void deliver(face &f, uint8_t *ip, size_t len);

    uint32_t number; /* of the harness: 0 server */
    ns3::Ptr<ns3::Node> node;
    std::vector<std::unique_ptr<face>> faces;             /* face i is ifid i + 1 */
    std::unordered_map<addr_key, way, addr_hash> towards; /* per peer; direct wires only */
    uint64_t refused = 0;                                 /* packets that could not leave */

  private:
    face *by_address(const addr_key &key);
    bool transmit4(const way &out, const uint8_t *ip, size_t len);
    bool transmit6(face &f, const way &out, const uint8_t *ip, size_t len);

    ns3::Ptr<ns3::Ipv4L3Protocol> ip4_;
    ns3::Ptr<ns3::Ipv6L3Protocol> ip6_; /* null without IPv6 */
};

} // namespace mpt_ns3
#endif
