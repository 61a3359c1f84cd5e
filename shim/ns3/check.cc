/* SPDX-License-Identifier: MIT */
/* ns3/check.cc - refuses what ns-3 would abort on or silently ignore, before ns-3 sees it: an abort
 * inside ns-3 ends the process with nothing but a status. Called by world.cc. */
#include "world.h"

#include <cstdarg>
#include <cstdio>

namespace mpt_ns3
{

constexpr uint32_t PHONES_MAX = 250, STATIONS_MAX = 50;
constexpr double FAR = 10000.0; /* m */

/* Always false, so that a check can return it. */
__attribute__((format(printf, 3, 4))) static bool fail(char *err, size_t cap, const char *format,
                                                       ...)
{
    va_list args;
    va_start(args, format);
    if (cap > 0)
        vsnprintf(err, cap, format, args);
    va_end(args);
    return false;
}

/* What the builders would leave out without a word is refused with one. */
static bool check_changes(const struct topology &t, size_t path, char *err, size_t cap)
{
    const struct path_config &p = t.path[path];

    if (p.changes > SHIM_CHANGES_MAX)
        return fail(err, cap, "ns3: path %s: more than %d changes", p.name, SHIM_CHANGES_MAX);
    for (size_t i = 0; i < p.changes; i++) {
        const struct path_change &c = p.change[i];
        if (c.kind > CHANGE_ADDRESS)
            return fail(err, cap, "ns3: path %s: change %zu is of no known kind", p.name, i + 1);
        if (!path_is_wire(t, path) && (c.kind == CHANGE_RATE || c.kind == CHANGE_DELAY))
            return fail(err, cap,
                        "ns3: path %s: a radio decides its own rate and delay: no change of %s",
                        p.name, c.kind == CHANGE_RATE ? "rate" : "delay");
        if (c.kind == CHANGE_RATE && c.value < 1)
            return fail(err, cap, "ns3: path %s: a wire cannot change to rate 0; use down", p.name);
    }
    return true;
}

/* 1500 is the most that the links behind the radios carry. */
static bool check_path(const struct topology &t, size_t path, char *err, size_t cap)
{
    const struct path_config &p = t.path[path];
    uint32_t least = t.ipv6 ? 1280 : MPT_MTU_MIN; /* RFC 8200 5 */

    if (p.radio > RADIO_LTE)
        return fail(err, cap, "ns3: path %s: no such radio", p.name);
    if (p.mtu < least || p.mtu > 1500)
        return fail(err, cap, "ns3: path %s: mtu %u is not within %u to 1500", p.name, p.mtu,
                    least);
    return check_changes(t, path, err, cap);
}

/* Parts that exist once, and what needs them. */
static bool check_radios(const struct topology &t, char *err, size_t cap)
{
    size_t lte = 0, wifi = 0;

    for (size_t i = 0; i < t.paths && !t.point_to_point; i++) {
        lte += t.path[i].radio == RADIO_LTE;
        wifi += t.path[i].radio == RADIO_WIFI;
    }
    if (lte > 1)
        return fail(err, cap, "ns3: one LTE path at most, not %zu", lte);
    if (t.cross_phones > 0 && wifi == 0)
        return fail(err, cap, "ns3: cross traffic needs a WiFi path");
    if (t.cross_phones > STATIONS_MAX)
        return fail(err, cap, "ns3: %u cross stations, at most %u", t.cross_phones, STATIONS_MAX);
    return true;
}

/* Written so that NaN fails as well. */
static bool check_places(const struct topology &t, char *err, size_t cap)
{
    const struct mobility_config &m = t.mobility;

    if (!(m.distance >= 0 && m.distance <= FAR))
        return fail(err, cap, "ns3: distance %g m is not within 0 to %g", m.distance, FAR);
    if (m.walk && !(m.speed > 0 && m.speed <= 100))
        return fail(err, cap, "ns3: speed %g m/s is not within 0 to 100", m.speed);
    return true;
}

/* The first mistake counts: the harness has checked the scenario before, these are the last
 * limits. */
bool check_topology(const struct topology &t, char *err, size_t cap)
{
    const struct link_config &s = t.server_link;

    if (t.phones < 1 || t.phones > PHONES_MAX)
        return fail(err, cap, "ns3: %u phones; 1 to %u are possible", t.phones, PHONES_MAX);
    if (t.paths < 1 || t.paths > SHIM_PATHS_MAX)
        return fail(err, cap, "ns3: %zu paths; 1 to %d are possible", t.paths, SHIM_PATHS_MAX);
    if (s.loss_model != LOSS_NONE || s.reorder > 0 || s.duplicate > 0 || s.corrupt > 0)
        return fail(err, cap, "ns3: the server link has rate, delay, jitter and queue only");
    for (size_t i = 0; i < t.paths; i++)
        if (!check_path(t, i, err, cap))
            return false;
    return check_radios(t, err, cap) && check_places(t, err, cap);
}

} // namespace mpt_ns3
