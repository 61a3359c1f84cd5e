/* SPDX-License-Identifier: MIT */
/* ns3/ns3c.h - the C face of the ns-3 engine beyond struct sim_ops: counters for tests and reports.
 *
 * The engine itself is ns3_new() of shim.h. Read ../shim.h first; ns-3's own types never leave this
 * folder. Called by the tests and the recorder. */
#ifndef SHIM_NS3_NS3C_H
#define SHIM_NS3_NS3C_H

#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the box node of one path saw of one phone. */
struct ns3_counts {
    uint64_t up;   /* packets from the phone's address of this path */
    uint64_t down; /* packets to the phone's address of this path */
    uint64_t
        stray; /* packets with an address of this phone that belongs to another path: must be 0 */
    uint64_t dropped; /* taken in but not passed on yet or ever: loss, silence, held back */
};

/* Counts of path `path` (from 0) of phone `phone` (from 1): 0, or -1 when the path has no box node
 * (point-to-point paths without impairments). */
int ns3_path_counts(struct sim *sim, uint32_t phone, size_t path, struct ns3_counts *counts);
/* Octets that the sinks of the cross traffic received so far. */
uint64_t ns3_cross_received(struct sim *sim);
/* Distance of a phone from the access point, in m. */
double ns3_distance(struct sim *sim, uint32_t phone);
/* Powers of the PHY states of ns-3's WiFi radio energy model, in W. */
struct ns3_wifi_power {
    double idle; /* also while the channel is busy with others */
    double tx, rx;
};

/* From now on ns-3's own model meters the WiFi radio of a phone: 0, or -1 when there is none. */
int ns3_meter_start(struct sim *sim, uint32_t phone, size_t path,
                    const struct ns3_wifi_power *power);
/* J since then; -1: no meter there. */
double ns3_meter_joules(struct sim *sim, uint32_t phone, size_t path);
/* Packets that a host could not hand to its interface: bad header, wrong family, interface down. */
uint64_t ns3_refused(struct sim *sim);

#ifdef __cplusplus
}
#endif
#endif
