/* SPDX-License-Identifier: MIT */
/* ns3/box_node.h - a node without IP between gateway and router, where C sees whole IP packets.
 *
 * Each phone has a lane: loss, silence, reordering, duplication, corruption, extra delay, no
 * rate. Everything else on the link (cross traffic, neighbour discovery) passes untouched. Built
 * by core.cc. */
#ifndef SHIM_NS3_BOX_NODE_H
#define SHIM_NS3_BOX_NODE_H

#include "host.h"
#include "lane.h"
#include "ns3c.h"

#include <ns3/net-device.h>

#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mpt_ns3
{

class box_node
{
  public:
    /* `phones` and `server`: the devices towards them. only_phone: the wire of one; 0: all
     * phones. */
    box_node(const struct topology &t, size_t path, uint32_t only_phone,
             ns3::Ptr<ns3::NetDevice> phones, ns3::Ptr<ns3::NetDevice> server);
    /* An address of a phone, on any path: `path` says on which. Adds the lane when it is
     * missing. */
    void know(uint32_t phone, size_t path, const addr_key &key);
    /* An address of an attacker on this path: what the server sends there goes nowhere. */
    void know_attacker(const addr_key &key);
    /* Of a phone on this path; null: not here. */
    lane *find(size_t path, uint32_t phone) const;
    bool counts(size_t path, uint32_t phone, struct ns3_counts *out) const;

  private:
    struct traffic {
        std::unique_ptr<lane> through; /* the C path */
        struct ns3_counts seen;        /* `dropped` is asked of the lane */
    };
    struct owner {
        uint32_t phone; /* whose address */
        size_t path;    /* and of which path */
    };
    bool from_phones(ns3::Ptr<ns3::NetDevice> d, ns3::Ptr<const ns3::Packet> p, uint16_t proto,
                     const ns3::Address &from);
    bool from_server(ns3::Ptr<ns3::NetDevice> d, ns3::Ptr<const ns3::Packet> p, uint16_t proto,
                     const ns3::Address &from);
    void take(enum lane_dir dir, ns3::Ptr<const ns3::Packet> p, uint16_t proto);
    void emit(enum lane_dir dir, ns3::Ptr<ns3::Packet> p, uint16_t proto);

    const struct topology &topo_;
    size_t path_;                            /* of the topology */
    uint32_t only_phone_;                    /* see the constructor */
    ns3::Ptr<ns3::NetDevice> to_[LANE_DIRS]; /* where a packet of that direction leaves */
    std::map<uint32_t, traffic> phones_;
    std::unordered_map<addr_key, owner, addr_hash> owners_;
    std::unordered_set<addr_key, addr_hash> nobodys_; /* of attackers */
    std::vector<uint8_t> buf_; /* the packet being looked at */
};

} // namespace mpt_ns3
#endif
