/* SPDX-License-Identifier: MIT */
/* ns3/box_node.cc - see box_node.h. */
#include "box_node.h"

#include "world.h"

#include <ns3/packet.h>

namespace mpt_ns3
{

using namespace ns3;

constexpr uint16_t ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd;

/* to_ is indexed by direction: up leaves towards the server, down towards the phones. */
box_node::box_node(const struct topology &t, size_t path, uint32_t only_phone,
                   Ptr<NetDevice> phones, Ptr<NetDevice> server)
    : topo_(t), path_(path), only_phone_(only_phone), to_{server, phones}, buf_(65536)
{
    phones->SetReceiveCallback(MakeCallback(&box_node::from_phones, this));
    server->SetReceiveCallback(MakeCallback(&box_node::from_server, this));
}

/* Addresses of other paths are known too, so that a packet that strays shows. */
void box_node::know(uint32_t phone, size_t path, const addr_key &key)
{
    if (only_phone_ != 0 && only_phone_ != phone)
        return;
    owners_[key] = owner{phone, path};
    traffic &t = phones_[phone];
    if (t.through)
        return;
    auto out = [this](enum lane_dir dir, uint8_t *ip, size_t len) {
        emit(dir, Create<Packet>(ip, static_cast<uint32_t>(len)),
             ip[0] >> 4 == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
    };
    t.through = std::make_unique<lane>(lane_for_box(topo_.path[path_]), topo_.seed, phone, out);
}

/* It sits on the phone's path and hears what the phone sends there. An answer of the server to the
 * same address is of no phone: on the loop the router drops it, and so does the box. */
void box_node::know_attacker(const addr_key &key)
{
    nobodys_.insert(key);
}

/* What ns-3's device calls; true: taken. */
bool box_node::from_phones(Ptr<NetDevice>, Ptr<const Packet> p, uint16_t proto, const Address &)
{
    take(LANE_UP, p, proto);
    return true;
}

/* The same from the other side. */
bool box_node::from_server(Ptr<NetDevice>, Ptr<const Packet> p, uint16_t proto, const Address &)
{
    take(LANE_DOWN, p, proto);
    return true;
}

/* The packet is copied out of ns-3 and made anew behind the lane: the C path keeps octets only. */
void box_node::take(enum lane_dir dir, Ptr<const Packet> p, uint16_t proto)
{
    uint32_t len = p->GetSize();

    if (len > buf_.size())
        return;
    p->CopyData(buf_.data(), len);
    addr_key key = key_of_packet(buf_.data(), len, dir == LANE_UP);
    auto who = owners_.find(key);
    if (dir == LANE_DOWN && nobodys_.count(key))
        return;
    /* cross traffic, neighbour discovery, anything that is no phone's: passes as it is */
    if (who == owners_.end()) {
        emit(dir, p->Copy(), proto);
        return;
    }
    traffic &t = phones_[who->second.phone];
    if (who->second.path != path_)
        t.seen.stray++;
    else
        (dir == LANE_UP ? t.seen.up : t.seen.down)++;
    t.through->push(dir, buf_.data(), len);
}

/* Both neighbours are at the ends of wires: any link-layer address reaches them. */
void box_node::emit(enum lane_dir dir, Ptr<Packet> p, uint16_t proto)
{
    to_[dir]->Send(p, to_[dir]->GetBroadcast(), proto);
}

/* Of another path, or of a phone that has its own box: not here. */
lane *box_node::find(size_t path, uint32_t phone) const
{
    auto it = phones_.find(phone);
    return path != path_ || it == phones_.end() ? nullptr : it->second.through.get();
}

/* false: the phone or the path is not here. */
bool box_node::counts(size_t path, uint32_t phone, struct ns3_counts *out) const
{
    lane *l = find(path, phone);

    if (l == nullptr)
        return false;
    *out = phones_.at(phone).seen;
    out->dropped = l->dropped();
    return true;
}

} // namespace mpt_ns3
