/* SPDX-License-Identifier: MIT */
/* ns3/lte.cc - a path over LTE: UEs, one eNB, the EPC, its way to the router. Called by world.cc.
 *
 * ns-3's RRC connects within 28 ms and is never idle again: promotion is the phone's lane's. */
#include "world.h"

#include <ns3/boolean.h>
#include <ns3/config.h>
#include <ns3/mobility-model.h>
#include <ns3/point-to-point-epc-helper.h>
#include <ns3/uinteger.h>

namespace mpt_ns3
{

using namespace ns3;

constexpr uint64_t RESOURCE_BLOCKS = 100;    /* 20 MHz: 64 Mbit/s up, 68 down */
constexpr uint64_t RLC_BUFFER = 1024 * 1024; /* octets; ns-3's 10 KiB drop an answer of 16 KiB */

/* Sounding slots must suffice for all phones: n ms serve about n of them. */
static uint64_t srs_period(uint32_t phones)
{
    return phones < 35 ? 40 : phones < 70 ? 80 : phones < 150 ? 160 : 320;
}

/* Before any device exists: ns-3 reads them as it makes one. */
static void set_defaults(const struct topology &t)
{
    Config::SetDefault("ns3::LteRlcUm::MaxTxBufferSize", UintegerValue(RLC_BUFFER));
    Config::SetDefault("ns3::LteEnbRrc::SrsPeriodicity", UintegerValue(srs_period(t.phones)));
}

/* 40 m beside the origin, 30 m up; with all resource blocks of a 20 MHz carrier. */
static Ptr<NetDevice> make_enb(world &w)
{
    NodeContainer enb;

    enb.Create(1);
    place_node(enb.Get(0), 0, 40, 30);
    w.lte->SetEnbDeviceAttribute("DlBandwidth", UintegerValue(RESOURCE_BLOCKS));
    w.lte->SetEnbDeviceAttribute("UlBandwidth", UintegerValue(RESOURCE_BLOCKS));
    return w.lte->InstallEnbDevice(enb).Get(0);
}

/* Addresses come from the EPC: it maps them to bearers. */
static net_addr give_address(Ptr<PointToPointEpcHelper> epc, Ptr<NetDevice> device, bool ipv6)
{
    NetDeviceContainer one(device);
    net_addr addr = {epc->AssignUeIpv4Address(one).GetAddress(0), Ipv6Address::GetAny()};

    if (ipv6)
        addr.v6 = epc->AssignUeIpv6Address(one).GetAddress(0, 1); /* 0 is link-local */
    return addr;
}

/* The order is ns-3's: EPC, base station, phones, addresses, and only then attaching. */
void build_lte_path(world &w, size_t path)
{
    Ptr<PointToPointEpcHelper> epc;
    NodeContainer phones;

    set_defaults(w.topo);
    epc = CreateObject<PointToPointEpcHelper>();
    w.lte = CreateObject<LteHelper>();
    w.lte->SetEpcHelper(epc);
    Ptr<NetDevice> enb = make_enb(w);
    for (uint32_t h = 1; h <= w.topo.phones; h++)
        phones.Add(w.hosts[h]->node);
    NetDeviceContainer devices = w.lte->InstallUeDevice(phones);
    NetDeviceContainer all(devices);
    all.Add(enb);
    w.lte->AssignStreams(all, STREAM_LTE);
    for (uint32_t h = 1; h <= w.topo.phones; h++) {
        Ptr<NetDevice> device = devices.Get(h - 1);
        device->SetMtu(static_cast<uint16_t>(w.topo.path[path].mtu)); /* 30,000 by default */
        net_addr addr = give_address(epc, device, w.topo.ipv6);
        Ipv6Address gateway6 =
            w.topo.ipv6 ? epc->GetUeDefaultGatewayAddress6() : Ipv6Address::GetAny();
        add_face(w, *w.hosts[h], addr,
                 make_way(device, epc->GetUeDefaultGatewayAddress(), gateway6), &w.topo.path[path]);
    }
    w.lte->Attach(devices, enb);
    Ptr<Node> pgw = epc->GetPgwNode();
    if (Ptr<Ipv6> ip6 = pgw->GetObject<Ipv6>())
        ip6->SetAttribute("IpForward", BooleanValue(true));
    join_gateway(w, path, pgw, {{Ipv4Address("7.0.0.0"), Ipv6Address("7777:f00d::")}, 8, 64});
}

} // namespace mpt_ns3
