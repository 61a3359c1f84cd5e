/* SPDX-License-Identifier: MIT */
/* ns3/host.cc - see host.h. Sending: RFC 791, RFC 8200 headers to ns-3's header objects. */
#include "host.h"

#include "edge.h"
#include "world.h"

#include <ns3/ipv4-header.h>
#include <ns3/packet.h>
#include <ns3/socket.h>

#include <cstring>

namespace mpt_ns3
{

using namespace ns3;

/* Up to eight octets, big-endian as on the wire. */
static uint64_t load_be(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

/* RFC 791 3.1 and RFC 8200 3 for the places of the addresses. */
addr_key key_of_packet(const uint8_t *ip, size_t len, bool source)
{
    if (len >= 20 && ip[0] >> 4 == 4)
        return {0, load_be(ip + (source ? 12 : 16), 4)};
    if (len >= 40 && ip[0] >> 4 == 6)
        return {load_be(ip + (source ? 8 : 24), 8), load_be(ip + (source ? 16 : 32), 8)};
    return {0, 0};
}

addr_key key_of(Ipv4Address a)
{
    return {0, a.Get()};
}

addr_key key_of(Ipv6Address a)
{
    uint8_t b[16];
    a.GetBytes(b);
    return {load_be(b, 8), load_be(b + 8, 8)};
}

/* The source is filled in by add_face, which knows the address. */
way make_way(Ptr<NetDevice> device, Ipv4Address gateway4, Ipv6Address gateway6)
{
    way w;
    w.v4 = Create<Ipv4Route>();
    w.v4->SetOutputDevice(device);
    w.v4->SetGateway(gateway4);
    w.v6 = Create<Ipv6Route>();
    w.v6->SetOutputDevice(device);
    w.v6->SetGateway(gateway6);
    return w;
}

/* The protocols are found by take_tcp, after IP was installed. */
host::host(uint32_t number_, Ptr<Node> node_) : number(number_), node(node_)
{
}

/* ns-3's own TCP would answer our segments with RST: it has no such connection. */
void host::take_tcp()
{
    Ptr<edge> ours = CreateObject<edge>(this);

    ip4_ = node->GetObject<Ipv4L3Protocol>();
    ip4_->Remove(ip4_->GetProtocol(6));
    ip4_->Insert(ours);
    ip6_ = node->GetObject<Ipv6L3Protocol>();
    if (ip6_) {
        ip6_->Remove(ip6_->GetProtocol(6));
        ip6_->Insert(ours);
    }
}

/* Both directions go through one lane, since the radio that is woken is one. */
void host::hold(face &f, const struct path_config &p, uint64_t seed)
{
    auto out = [this, &f](enum lane_dir dir, uint8_t *ip, size_t len) {
        if (dir == LANE_UP)
            transmit(f, ip, len);
        else
            deliver(f, ip, len);
    };
    f.promo = std::make_unique<lane>(lane_for_promotion(p), seed, number, out);
}

/* By number, nullptr outside of it. */
face *host::find(uint32_t ifid)
{
    return ifid >= 1 && ifid <= faces.size() ? faces[ifid - 1].get() : nullptr;
}

/* A host has a handful of interfaces, so no map is needed. */
face *host::by_address(const addr_key &key)
{
    for (auto &f : faces)
        if (key == (key.hi ? key_of(f->v6) : key_of(f->v4)))
            return f.get();
    return nullptr;
}

/* The tap sees the packet as it left the stack, before it waits for the radio. */
void host::send(uint32_t ifid, const uint8_t *ip, size_t len)
{
    face *f = ifid ? find(ifid) : by_address(key_of_packet(ip, len, true));

    if (f == nullptr || !f->up) {
        refused++;
        return;
    }
    world *w = the_world();
    if (w->up.tap)
        w->up.tap(w->up.ctx, number, f->ifid, 0, ip, len, w->now());
    if (f->promo)
        f->promo->push(LANE_UP, ip, len);
    else
        transmit(*f, ip, len);
}

/* Only a server on direct wires has `towards`: there each phone is behind another device. */
void host::transmit(face &f, const uint8_t *ip, size_t len)
{
    const way *out = &f.out;
    bool ok = false;

    if (!towards.empty()) {
        auto it = towards.find(key_of_packet(ip, len, false));
        if (it != towards.end())
            out = &it->second;
    }
    if (len >= 20 && ip[0] >> 4 == 4)
        ok = transmit4(*out, ip, len);
    else if (len >= 40 && ip[0] >> 4 == 6)
        ok = transmit6(f, *out, ip, len);
    if (!ok)
        refused++;
}

/* ns-3 wants a header object and the payload apart; every field that the stack set is carried
 * over. */
bool host::transmit4(const way &out, const uint8_t *ip, size_t len)
{
    size_t head = (ip[0] & 15u) * 4u;
    size_t total = load_be(ip + 2, 2);

    if (head != 20 || total < head || total > len) /* ns-3 has no IPv4 options */
        return false;
    Ipv4Header h;
    h.SetTos(ip[1]); /* DSCP and ECN, RFC 3168 */
    h.SetIdentification(static_cast<uint16_t>(load_be(ip + 4, 2)));
    if (ip[6] & 0x40)
        h.SetDontFragment();
    h.SetTtl(ip[8]);
    h.SetProtocol(ip[9]);
    h.SetSource(Ipv4Address(static_cast<uint32_t>(load_be(ip + 12, 4))));
    h.SetDestination(Ipv4Address(static_cast<uint32_t>(load_be(ip + 16, 4))));
    h.SetPayloadSize(static_cast<uint16_t>(total - head));
    ip4_->SendWithHeader(Create<Packet>(ip + head, total - head), h, out.v4);
    return true;
}

/* ns-3's IPv6 has no way to give it a whole header, so what it leaves out is lost. */
bool host::transmit6(face &f, const way &out, const uint8_t *ip, size_t len)
{
    size_t payload = load_be(ip + 4, 2);
    uint8_t tclass = static_cast<uint8_t>(load_be(ip, 2) >> 4);

    if (!ip6_ || payload + 40 > len)
        return false;
    Ptr<Packet> p = Create<Packet>(ip + 40, payload);
    if (tclass) {
        SocketIpv6TclassTag tag;
        tag.SetTclass(tclass);
        p->AddPacketTag(tag);
    }
    /* ns-3 builds the header itself; the flow label is lost (README). */
    ip6_->Send(p, f.v6, Ipv6Address::Deserialize(ip + 24), ip[6], out.v6);
    return true;
}

/* An address of an interface that is down belongs to nobody: the packet is lost without a word. */
void host::arrived(uint8_t *ip, size_t len)
{
    face *f = by_address(key_of_packet(ip, len, false));

    if (f == nullptr || !f->up)
        return;
    if (f->promo)
        f->promo->push(LANE_DOWN, ip, len);
    else
        deliver(*f, ip, len);
}

/* The end of the way down: the tap sees what the stack is about to see. */
void host::deliver(face &f, uint8_t *ip, size_t len)
{
    world *w = the_world();
    uint64_t now = w->now();

    if (!f.up) /* went down while the packet waited for the radio */
        return;
    if (w->up.tap)
        w->up.tap(w->up.ctx, number, f.ifid, 1, ip, len, now);
    w->up.receive(w->up.ctx, number, f.ifid, ip, len, now);
}

} // namespace mpt_ns3
