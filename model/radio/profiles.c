/* SPDX-License-Identifier: MIT */
/* radio/profiles.c - the catalogue of radios: constants and where each of them comes from; see radio.h.
 *
 * Huang et al., MobiSys 2012 (tables of LTE, WiFi and 3G power; one phone, one network, 2011). A decision of
 * ours (mark D) is not theirs: do not cite it as such. */
#include "radio/radio.h"

#include <string.h>

#define US  UINT64_C(1000)
#define MS  (1000 * US)
#define MW(x) ((uint64_t)((x) * 1000 + 0.5)) /* mW to uW, and mW per Mbit/s, which is nJ a bit, to pJ */

static const struct mpt_radio_row rows[] = {
    {"lte-huang2012", "LTE: RRC and DRX, Huang et al., MobiSys 2012",
     {.kind = MPT_RADIO_LTE, .hold = MPT_RADIO_HOLD_BOTH, .sleep = 1,
      .promotion = 260 * MS, .promotion_power = MW(1210.7),
      .up_energy = MW(438.39), .down_energy = MW(51.97), .active_power = MW(1288.04),
      .inactivity = 100 * MS, .tail = 11576 * MS, .tail_power = MW(1060),
      .short_drx = 20 * MS, .short_cycle = 20 * MS, .long_drx = 10000 * MS, .long_cycle = 40 * MS,
      .drx_on = 1 * MS, .drx_on_power = MW(1680),
      .idle_on = 43200 * US, .idle_on_power = MW(594), .idle_cycle = 1280 * MS}},
    {"wifi-huang2012", "WiFi: adaptive power save, Huang et al., MobiSys 2012",
     {.kind = MPT_RADIO_WIFI, .hold = MPT_RADIO_HOLD_DOWN, .sleep = 1,
      .promotion = 79100 * US, .promotion_power = MW(124.4),
      .up_energy = MW(283.17), .down_energy = MW(137.01), .active_power = MW(132.86),
      .inactivity = 10 * MS, .tail = 238100 * US, .tail_power = MW(119.3),
      .idle_on = 7600 * US, .idle_on_power = MW(77.2), .idle_cycle = 308200 * US}},
    {"wifi-cam", "WiFi that never sleeps (continuously active mode), powers of wifi-huang2012",
     {.kind = MPT_RADIO_WIFI, .hold = MPT_RADIO_HOLD_NONE, .start = MPT_RADIO_START_ACTIVE, .sleep = 0,
      .up_energy = MW(283.17), .down_energy = MW(137.01), .active_power = MW(132.86),
      .inactivity = 10 * MS, .tail = 238100 * US, .tail_power = MW(119.3)}},
    {"3g-huang2012", "3G: IDLE, DCH, FACH, Huang et al., MobiSys 2012",
     {.kind = MPT_RADIO_3G, .hold = MPT_RADIO_HOLD_BOTH, .sleep = 1,
      .promotion = 582100 * US, .promotion_power = MW(659.4),
      .up_energy = MW(868.98), .down_energy = MW(122.12), .active_power = MW(817.88),
      .inactivity = 100 * MS, .tail = 8912 * MS, .tail_power = MW(803.9),
      .fach = 824 * MS, .fach_power = MW(601.3)}},
};

#define LTE  "lte-huang2012"
#define WIFI "wifi-huang2012"
#define CAM  "wifi-cam"
#define UMTS "3g-huang2012"
#define HUANG "Huang et al., MobiSys 2012"
#define ARO   "Huang et al., MobiSys 2012; the same in AT&T's Application Resource Optimizer"

/* A row for every constant that a profile uses (a test counts them). */
static const struct mpt_radio_source sources[] = {
    {LTE, "promotion", "S", ARO}, {LTE, "promotion_power", "S", ARO},
    {LTE, "up_energy", "S", ARO}, {LTE, "down_energy", "S", ARO},
    {LTE, "active_power", "M", "Huang et al., MobiSys 2012: beta of the power model"},
    {LTE, "inactivity", "S", ARO}, {LTE, "tail", "S", ARO}, {LTE, "tail_power", "S", ARO},
    {LTE, "short_drx", "S", ARO}, {LTE, "short_cycle", "S", ARO},
    {LTE, "long_drx", "S", ARO}, {LTE, "long_cycle", "S", ARO},
    {LTE, "drx_on", "S", ARO}, {LTE, "drx_on_power", "S", ARO},
    {LTE, "drx_extra", "D", "tail_power is taken as the mean with the on times: 12.6 J for one packet; true gives 12.8 J"},
    {LTE, "idle_on", "S", ARO}, {LTE, "idle_on_power", "S", ARO}, {LTE, "idle_cycle", "S", ARO},
    {LTE, "idle_power", "D", "nothing between paging times: the phone's own sleep is not the radio's"},
    {LTE, "hold", "S", "the first packet of an idle radio, either way, waits for the promotion"},
    {LTE, "start", "D", "a phone that has rested"}, {LTE, "listen", "D", "off: the first packet waits for the promotion only; true adds DRX and paging"},
    {LTE, "sleep", "S", ARO},

    {WIFI, "promotion", "M", HUANG}, {WIFI, "promotion_power", "M", HUANG},
    {WIFI, "up_energy", "M", HUANG}, {WIFI, "down_energy", "M", HUANG}, {WIFI, "active_power", "M", HUANG},
    {WIFI, "inactivity", "D", "awake with traffic up to 10 ms behind a packet; the powers differ by a tenth"},
    {WIFI, "tail", "M", HUANG}, {WIFI, "tail_power", "M", HUANG},
    {WIFI, "idle_on", "M", HUANG}, {WIFI, "idle_on_power", "M", HUANG}, {WIFI, "idle_cycle", "M", HUANG},
    {WIFI, "idle_power", "D", "nothing between beacons"},
    {WIFI, "hold", "D", "a station may send at any time (IEEE 802.11 power save); only the access point waits"},
    {WIFI, "start", "D", "a phone that has rested"}, {WIFI, "listen", "D", "off, as LTE"},
    {WIFI, "sleep", "M", HUANG},

    {CAM, "up_energy", "M", HUANG}, {CAM, "down_energy", "M", HUANG}, {CAM, "active_power", "M", HUANG},
    {CAM, "inactivity", "D", "as " WIFI}, {CAM, "tail", "D", "never over: sleep is false"},
    {CAM, "tail_power", "M", HUANG}, {CAM, "hold", "D", "always awake"}, {CAM, "start", "D", "always awake"},
    {CAM, "listen", "D", "always awake"},
    {CAM, "sleep", "D", "the mode's definition"},

    {UMTS, "promotion", "M", HUANG}, {UMTS, "promotion_power", "M", HUANG},
    {UMTS, "up_energy", "M", HUANG}, {UMTS, "down_energy", "M", HUANG}, {UMTS, "active_power", "M", HUANG},
    {UMTS, "inactivity", "D", "with traffic up to 100 ms behind a packet; DCH and its tail differ by 2 %"},
    {UMTS, "tail", "M", "Huang et al., MobiSys 2012: 8088 ms of DCH and 824 ms of FACH"},
    {UMTS, "tail_power", "M", HUANG}, {UMTS, "fach", "M", HUANG}, {UMTS, "fach_power", "M", HUANG},
    {UMTS, "fach_promotion", "D", "0: no constant at hand; 1.5 s has been reported of other networks"},
    {UMTS, "idle_power", "D", "0: no constant at hand"}, {UMTS, "idle_on", "D", "0: no constant at hand"},
    {UMTS, "idle_on_power", "D", "0: no constant at hand"}, {UMTS, "idle_cycle", "D", "0: no constant at hand"},
    {UMTS, "hold", "M", "as LTE"}, {UMTS, "start", "D", "a phone that has rested"}, {UMTS, "listen", "D", "off, as LTE"},
    {UMTS, "sleep", "M", HUANG},
};

const struct mpt_radio_row *mpt_radio_catalogue(size_t i)
{
    return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

const struct mpt_radio_row *mpt_radio_find(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

const struct mpt_radio_source *mpt_radio_source(size_t i)
{
    return i < sizeof sources / sizeof *sources ? &sources[i] : NULL;
}

/* What the machine could not run. Any power and any promotion are fine. */
const char *mpt_radio_fault(const struct mpt_radio_profile *p)
{
    if (p->kind >= MPT_RADIO_KINDS)
        return "kind: no such radio";
    if (p->inactivity > p->tail)
        return "inactivity is longer than tail, which counts from the same packet";
    if (p->idle_cycle < p->idle_on)
        return "idle_on is longer than idle_cycle";
    if (p->kind == MPT_RADIO_3G && p->fach > p->tail - p->inactivity)
        return "fach is the last part of tail: it and inactivity together are longer";
    if (p->kind != MPT_RADIO_LTE)
        return NULL;
    if (p->inactivity + p->short_drx > p->tail)
        return "inactivity and short_drx together are longer than tail";
    if (p->drx_extra && (p->short_cycle < p->drx_on || p->long_cycle < p->drx_on))
        return "drx_on is longer than short_cycle or long_cycle";
    return NULL;
}

const char *mpt_radio_state_name(uint32_t kind, uint32_t state)
{
    static const char *const names[MPT_RADIO_KINDS][MPT_RADIO_STATES] = {
        [MPT_RADIO_LTE] = {"idle", "promotion", "continuous", "short_drx", "long_drx", "tail"},
        [MPT_RADIO_WIFI] = {"psm", "wake", "cam", "cam_tail", NULL, NULL},
        [MPT_RADIO_3G] = {"idle", "promotion", "dch", "dch_tail", "fach", NULL},
    };

    return kind < MPT_RADIO_KINDS && state < MPT_RADIO_STATES ? names[kind][state] : NULL;
}
