/* SPDX-License-Identifier: MIT */
/* ns3/world.cc - ns3_new() and struct sim_ops over ns-3. Read ../shim.h first.
 *
 * ns-3 keeps its state in globals and gives a second simulation of the same process other random
 * numbers: one simulation per process. Its clock starts world.warm_up before the harness's, so
 * that radios are associated and attached at the harness's time 0. */
#include "world.h"

#include "box_node.h"

#include <ns3/boolean.h>
#include <ns3/config.h>
#include <ns3/global-value.h>
#include <ns3/internet-stack-helper.h>
#include <ns3/nstime.h>
#include <ns3/rng-seed-manager.h>
#include <ns3/simulator.h>

#include <cstdio>
#include <exception>

namespace mpt_ns3
{

using namespace ns3;

static world *the_world_; /* null before ns3_new and after free */
static bool used_;        /* this process had its simulation */

/* ns-3 calls back plain functions with no place for a pointer, and is a singleton itself. */
world *the_world()
{
    return the_world_;
}

/* The harness's clock. During the warm-up, when only radios talk, it stands at 0. */
uint64_t world::now() const
{
    uint64_t t = static_cast<uint64_t>(Simulator::Now().GetNanoSeconds());
    return t > warm_up ? t - warm_up : 0;
}

/* struct sim is the first field of the world. */
static world *self(struct sim *sim)
{
    return reinterpret_cast<world *>(sim);
}

/* The rows of struct sim_ops, in its order; what each promises stands in shim.h. */
static uint64_t op_now(struct sim *sim)
{
    return self(sim)->now();
}

static void op_timer_set(struct sim *sim, struct sim_timer *timer, uint64_t at)
{
    self(sim)->timers.set(timer, at, self(sim)->now());
}

static void op_timer_cancel(struct sim *sim, struct sim_timer *timer)
{
    self(sim)->timers.cancel(timer);
}

/* A host that does not exist is the caller's mistake; its packet goes nowhere. */
static void op_send(struct sim *sim, uint32_t number, uint32_t ifid, const uint8_t *ip, size_t len)
{
    if (number < self(sim)->hosts.size())
        self(sim)->hosts[number]->send(ifid, ip, len);
}

/* Asked of the interface itself: LTE's addresses come from the EPC, not from the plan in net.h. */
static int op_address(struct sim *sim, uint32_t number, uint32_t ifid, struct mpt_addr *addr)
{
    world *w = self(sim);
    face *f = number < w->hosts.size() ? w->hosts[number]->find(ifid) : nullptr;

    if (f == nullptr)
        return -1;
    *addr = mpt_addr{};
    addr->family = w->topo.ipv6 ? 6 : 4;
    if (w->topo.ipv6)
        f->v6.GetBytes(addr->ip);
    else
        f->v4.Serialize(addr->ip);
    return 0;
}

/* ns-3's own Stop(time) leaves its event behind when something else stopped the run earlier. */
static void op_run(struct sim *sim, uint64_t until)
{
    EventId end;
    uint64_t now = self(sim)->now();

    if (until < now)
        return;
    if (until != MPT_NEVER)
        end = Simulator::Schedule(NanoSeconds(until - now),
                                  static_cast<void (*)()>(&Simulator::Stop));
    Simulator::Run();
    if (end.IsRunning())
        Simulator::Remove(end);
}

/* ns-3 ends its loop after the event that is running. */
static void op_stop(struct sim *)
{
    Simulator::Stop();
}

/* All of ns-3's, those of radios and of the warm-up included. */
static uint64_t op_events(struct sim *)
{
    return Simulator::GetEventCount();
}

/* Order: our objects hold ns-3's; ns-3's helper must go before the simulator does. */
static void op_free(struct sim *sim)
{
    delete self(sim);
    Simulator::Destroy();
    the_world_ = nullptr;
}

static const struct sim_ops ops = {"ns3",      op_now, op_timer_set, op_timer_cancel, op_send,
                                   op_address, op_run, op_stop,      op_events,       op_free};

/* Before any node exists. */
static void set_globals(const struct topology &t)
{
    GlobalValue::Bind("ChecksumEnabled", BooleanValue(true));
    RngSeedManager::SetSeed(1);
    RngSeedManager::SetRun(t.seed);
    /* Duplicate address detection would leave an address unusable for a second (RFC 4862 5.4). */
    Config::SetDefault("ns3::Icmpv6L4Protocol::DAD", BooleanValue(false));
}

/* In the order of the file: interface numbers follow from it. */
static void build_paths(world &w)
{
    for (size_t i = 0; i < w.topo.paths; i++) {
        if (path_is_wire(w.topo, i))
            build_wire_path(w, i);
        else if (w.topo.path[i].radio == RADIO_WIFI)
            build_wifi_path(w, i);
        else
            build_lte_path(w, i);
    }
}

/* The boxes learn whose address is whose, on all paths: a packet on the wrong one is counted. */
static void introduce_phones(world &w)
{
    for (auto &box : w.boxes)
        for (uint32_t h = 1; h <= w.topo.phones; h++)
            for (size_t i = 0; i < w.topo.paths; i++) {
                const face &f = *w.hosts[h]->faces[i];
                box->know(h, i, key_of(f.v4));
                if (w.topo.ipv6)
                    box->know(h, i, key_of(f.v6));
            }
}

/* At the phones only; first the interface, then the notice, so that a stack that answers at once
 * finds it as it is told. */
static void change_address(world *w, size_t path, bool up)
{
    uint32_t ifid = static_cast<uint32_t>(path + 1);

    for (uint32_t h = 1; h <= w->topo.phones; h++) {
        w->hosts[h]->find(ifid)->up = up;
        if (w->up.address)
            w->up.address(w->up.ctx, h, ifid, up, w->now());
    }
}

/* ns-3 schedules plain functions with plain arguments. */
static void change_wires_now(world *w, size_t path, size_t i)
{
    change_wires(*w, path, w->topo.path[path].change[i]);
}

/* Loss and silence are the box's. After the warm-up: a change at time 0 must not reach the
 * harness before it has its struct sim. */
static void schedule_changes(world &w, size_t path)
{
    const struct path_config &p = w.topo.path[path];

    for (size_t i = 0; i < p.changes; i++) {
        Time at = NanoSeconds(p.change[i].at);
        if (p.change[i].kind == CHANGE_ADDRESS)
            Simulator::Schedule(at, &change_address, &w, path, p.change[i].value != 0);
        else if (p.change[i].kind == CHANGE_RATE || p.change[i].kind == CHANGE_DELAY)
            Simulator::Schedule(at, &change_wires_now, &w, path, i);
    }
}

/* ARP jitter and the like draw from a block of their own. Box nodes have no IP and no draws. */
static void assign_stack_streams(const world &w)
{
    InternetStackHelper stack;
    NodeContainer all = NodeContainer::GetGlobal();
    NodeContainer with_ip;

    for (auto it = all.Begin(); it != all.End(); ++it)
        if ((*it)->GetObject<Ipv4L3Protocol>())
            with_ip.Add(*it);
    stack.SetIpv6StackInstall(w.topo.ipv6);
    stack.AssignStreams(with_ip, STREAM_STACK);
}

/* Many stations associate one after the other, so it takes longer. */
static uint64_t warm_up_of(const struct topology &t)
{
    uint64_t stations = t.phones + t.cross_phones;
    return WARM_UP_NS + (stations > STATIONS_FEW ? stations * WARM_UP_EACH_NS : 0);
}

/* The run to the end of the warm-up is part of building: the harness gets a network that works. */
static void build(world &w)
{
    w.warm_up = warm_up_of(w.topo);
    set_globals(w.topo);
    build_core(w);
    build_places(w);
    build_paths(w);
    introduce_phones(w);
    assign_stack_streams(w);
    Simulator::Schedule(NanoSeconds(w.warm_up), static_cast<void (*)()>(&Simulator::Stop));
    Simulator::Run();
    for (size_t i = 0; i < w.topo.paths; i++)
        schedule_changes(w, i);
    place_attackers(w);
}

} // namespace mpt_ns3

using namespace mpt_ns3;

/* C++ exceptions must not cross into C. What ns-3 aborts on was refused by check_topology. */
extern "C" struct sim *ns3_new(const struct topology *t, const struct sim_upcalls *up, char *err,
                               size_t cap)
{
    if (used_) {
        snprintf(err, cap, "ns3: one simulation per process");
        return nullptr;
    }
    if (!check_topology(*t, err, cap))
        return nullptr;
    used_ = true;
    try {
        the_world_ = new world();
        the_world_->sim.ops = &ops;
        the_world_->topo = *t;
        the_world_->up = *up;
        build(*the_world_);
    } catch (const std::exception &e) {
        snprintf(err, cap, "ns3: %s", e.what());
        return nullptr;
    }
    return &the_world_->sim;
}

/* On a wire path each phone has a box of its own, on a radio path one box has a lane for each. */
extern "C" int ns3_path_counts(struct sim *sim, uint32_t phone, size_t path,
                               struct ns3_counts *counts)
{
    for (auto &box : self(sim)->boxes)
        if (box->counts(path, phone, counts))
            return 0;
    return -1;
}

extern "C" uint64_t ns3_refused(struct sim *sim)
{
    uint64_t sum = 0;
    for (auto &h : self(sim)->hosts)
        sum += h->refused;
    return sum;
}
