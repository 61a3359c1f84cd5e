/* SPDX-License-Identifier: MIT */
/* ns3/wifi.cc - a path over 802.11n: stations, one access point, its way to the router.
 *
 * Minstrel-HT picks rates; loss is log-distance, then Nakagami fading where asked for. Without
 * fading range is a cliff at about 52 m and all seeds agree. Called by world.cc. */
#include "world.h"

#include <ns3/arp-cache.h>
#include <ns3/boolean.h>
#include <ns3/double.h>
#include <ns3/ipv4-interface.h>
#include <ns3/ipv6-interface.h>
#include <ns3/mobility-model.h>
#include <ns3/ndisc-cache.h>
#include <ns3/ssid.h>
#include <ns3/string.h>
#include <ns3/uinteger.h>
#include <ns3/wifi-net-device.h>
#include <ns3/yans-wifi-channel.h>
#include <ns3/yans-wifi-helper.h>

namespace mpt_ns3
{

using namespace ns3;

constexpr double AP_HEIGHT = 3.0; /* m */
/* Beacons missed until a station leaves its access point: never. The interface stays up, and
 * ns-3.37 aborts ("No BSSID set") when a station flaps under fading. */
constexpr uint64_t BEACONS_MISSED = 4000000000u;
/* A-MPDUs need a block ack agreement, and ns-3.37 gets stuck with one when a station fades away:
 * 4 of 12 walks never resumed one direction, one crashed. A-MSDUs need only a plain ACK: all
 * resumed. The price is throughput (README). */
constexpr uint64_t AMPDU_SIZE = 0, AMSDU_SIZE = 7935;

/* Nakagami with one m at all distances; fading 0 leaves the loss by distance alone. */
static Ptr<YansWifiChannel> make_channel(const struct topology &t, int64_t streams)
{
    YansWifiChannelHelper helper;

    helper.SetPropagationDelay("ns3::ConstantSpeedPropagationDelayModel");
    helper.AddPropagationLoss("ns3::LogDistancePropagationLossModel");
    if (t.fading > 0) {
        DoubleValue m(t.fading);
        helper.AddPropagationLoss("ns3::NakagamiPropagationLossModel", "m0", m, "m1", m, "m2", m);
    }
    Ptr<YansWifiChannel> channel = helper.Create();
    helper.AssignStreams(channel, streams);
    return channel;
}

/* The first WiFi path carries the cross traffic. */
static bool is_first_wifi(const struct topology &t, size_t path)
{
    for (size_t i = 0; i < path; i++)
        if (t.path[i].radio == RADIO_WIFI)
            return false;
    return true;
}

/* About six metres from the access point, half a metre apart. */
static NodeContainer make_stations(world &w, size_t path)
{
    NodeContainer stations;

    if (!is_first_wifi(w.topo, path) || w.topo.cross_phones == 0)
        return stations;
    stations.Create(w.topo.cross_phones);
    net_install(stations, w.topo.ipv6);
    for (uint32_t i = 0; i < stations.GetN(); i++)
        place_node(stations.Get(i), 5.0, -3.0 - 0.5 * i, AP_HEIGHT / 2);
    return stations;
}

/* Devices of all nodes; the access point's is the last. */
static NetDeviceContainer make_devices(world &w, size_t path, NodeContainer clients, Ptr<Node> ap)
{
    int64_t streams = STREAM_WIFI * static_cast<int64_t>(1 + path);
    WifiHelper wifi;
    YansWifiPhyHelper phy;
    WifiMacHelper mac;
    Ssid ssid("mpt-" + std::to_string(path));
    NetDeviceContainer devices;
    uint64_t probe_us = clients.GetN() > STATIONS_FEW ? clients.GetN() * PROBE_EACH_NS / 1000 : 250;
    std::string probe = "ns3::UniformRandomVariable[Min=50|Max=" + std::to_string(probe_us) + "]";

    wifi.SetStandard(WIFI_STANDARD_80211n);
    wifi.SetRemoteStationManager("ns3::MinstrelHtWifiManager");
    phy.SetChannel(make_channel(w.topo, streams));
    mac.SetType("ns3::StaWifiMac", "Ssid", SsidValue(ssid), "ActiveProbing", BooleanValue(true),
                "MaxMissedBeacons", UintegerValue(BEACONS_MISSED), "BE_MaxAmpduSize",
                UintegerValue(AMPDU_SIZE), "BE_MaxAmsduSize", UintegerValue(AMSDU_SIZE),
                "ProbeDelay", StringValue(probe));
    devices = wifi.Install(phy, mac, clients);
    mac.SetType("ns3::ApWifiMac", "Ssid", SsidValue(ssid), "BE_MaxAmpduSize",
                UintegerValue(AMPDU_SIZE), "BE_MaxAmsduSize", UintegerValue(AMSDU_SIZE));
    devices.Add(wifi.Install(phy, mac, ap));
    wifi.AssignStreams(devices, streams + 100);
    for (uint32_t i = 0; i < devices.GetN(); i++)
        devices.Get(i)->SetMtu(static_cast<uint16_t>(w.topo.path[path].mtu));
    return devices;
}

/* `from` needs no ARP or neighbour discovery for an address of `to`: ARP holds 3 packets and
 * drops the rest. ns-3's own helper for this crashes on nodes without IPv6. */
static void introduce(Ptr<NetDevice> from, const net_addr &addr, Ptr<NetDevice> to)
{
    Ptr<Ipv4L3Protocol> ip4 = from->GetNode()->GetObject<Ipv4L3Protocol>();
    Ptr<Ipv6L3Protocol> ip6 = from->GetNode()->GetObject<Ipv6L3Protocol>();
    uint32_t i = static_cast<uint32_t>(ip4->GetInterfaceForDevice(from));
    ArpCache::Entry *arp = ip4->GetInterface(i)->GetArpCache()->Add(addr.v4);

    arp->SetMacAddress(to->GetAddress());
    arp->MarkPermanent();
    if (!ip6)
        return;
    i = static_cast<uint32_t>(ip6->GetInterfaceForDevice(from));
    NdiscCache::Entry *nd = ip6->GetInterface(i)->GetNdiscCache()->Add(addr.v6);
    nd->SetMacAddress(to->GetAddress());
    nd->MarkPermanent();
}

/* Address of the i-th device: phones, then stations, then the access point. */
static net_addr device_addr(const world &w, size_t path, uint32_t i, uint32_t devices)
{
    if (i + 1 == devices)
        return net_gateway(path);
    return i < w.topo.phones ? net_phone(path, i + 1) : net_station(path, i - w.topo.phones);
}

/* Neighbours are introduced both ways, phones and stations alike. */
static void address_devices(world &w, size_t path, const NetDeviceContainer &devices)
{
    net_addr gateway = net_gateway(path);
    Ptr<NetDevice> ap = devices.Get(devices.GetN() - 1);

    for (uint32_t i = 0; i < devices.GetN(); i++)
        net_attach(devices.Get(i), device_addr(w, path, i, devices.GetN()), 16, 64);
    for (uint32_t i = 0; i + 1 < devices.GetN(); i++) {
        Ptr<NetDevice> device = devices.Get(i);
        net_addr addr = device_addr(w, path, i, devices.GetN());

        net_route(device, {net_any(), 0, 0}, gateway);
        introduce(device, gateway, ap);
        introduce(ap, addr, device);
        if (i < w.topo.phones)
            add_face(w, *w.hosts[i + 1], addr, make_way(device, gateway.v4, gateway.v6),
                     &w.topo.path[path]);
    }
}

/* Order of devices: phones, stations, access point; the others rely on it. */
void build_wifi_path(world &w, size_t path)
{
    NodeContainer clients, ap, stations = make_stations(w, path);

    for (uint32_t h = 1; h <= w.topo.phones; h++)
        clients.Add(w.hosts[h]->node);
    clients.Add(stations);
    ap.Create(1);
    net_install(ap, w.topo.ipv6);
    place_node(ap.Get(0), 0, 0, AP_HEIGHT);
    address_devices(w, path, make_devices(w, path, clients, ap.Get(0)));
    join_gateway(w, path, ap.Get(0), {net_gateway(path), 16, 64});
    if (stations.GetN() > 0)
        build_cross(w, stations);
}

} // namespace mpt_ns3
