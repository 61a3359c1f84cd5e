/* SPDX-License-Identifier: MIT */
/* ns3/energy.cc - ns-3's own energy model on the WiFi radio of a phone: joules by the time its PHY spends in each
 * state. A check of the awake states of model/radio/, which ns-3.37 has no sleeping ones for. See ns3c.h. */
#include "world.h"

#include <ns3/basic-energy-source.h>
#include <ns3/device-energy-model-container.h>
#include <ns3/nstime.h>
#include <ns3/wifi-net-device.h>
#include <ns3/wifi-radio-energy-model-helper.h>

namespace mpt_ns3
{

using namespace ns3;

constexpr double SUPPLY_J = 1e6; /* never used up */
constexpr double UPDATE_S = 1e6; /* the source is asked, it need not look by itself */

/* The device behind an interface of a phone; null where it is no WiFi. */
static Ptr<WifiNetDevice> wifi_of(world &w, uint32_t phone, size_t path)
{
    if (phone < 1 || phone >= w.hosts.size() || path >= w.hosts[phone]->faces.size())
        return nullptr;
    return DynamicCast<WifiNetDevice>(w.hosts[phone]->faces[path]->out.v4->GetOutputDevice());
}

/* At one volt a current is a power. Of each PHY state we are told a power but of channel switches. */
static Ptr<EnergySource> install(Ptr<WifiNetDevice> device, const struct ns3_wifi_power &power)
{
    Ptr<BasicEnergySource> source = CreateObject<BasicEnergySource>();
    WifiRadioEnergyModelHelper helper;

    source->SetNode(device->GetNode());
    source->SetSupplyVoltage(1);
    source->SetInitialEnergy(SUPPLY_J);
    source->SetEnergyUpdateInterval(Seconds(UPDATE_S));
    helper.Set("IdleCurrentA", DoubleValue(power.idle));
    helper.Set("CcaBusyCurrentA", DoubleValue(power.idle));
    helper.Set("TxCurrentA", DoubleValue(power.tx));
    helper.Set("RxCurrentA", DoubleValue(power.rx));
    helper.Install(device, source);
    return source;
}

} // namespace mpt_ns3

using namespace mpt_ns3;

extern "C" int ns3_meter_start(struct sim *sim, uint32_t phone, size_t path,
                               const struct ns3_wifi_power *power)
{
    world &w = *reinterpret_cast<world *>(sim);
    ns3::Ptr<ns3::WifiNetDevice> device = wifi_of(w, phone, path);

    if (device == nullptr)
        return -1;
    w.meters.push_back({phone, path, install(device, *power)});
    return 0;
}

/* The source keeps its own time: asking brings it up to date. */
extern "C" double ns3_meter_joules(struct sim *sim, uint32_t phone, size_t path)
{
    for (auto &m : reinterpret_cast<world *>(sim)->meters)
        if (m.phone == phone && m.path == path)
            return SUPPLY_J - m.source->GetRemainingEnergy();
    return -1;
}
