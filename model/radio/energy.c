/* SPDX-License-Identifier: MIT */
/* radio/energy.c - power of a state, energy of a stay, a state, a radio; see radio.h. Sums are of integers
 * (time in each state, octets), so a long run rounds no more than a short one. */
#include "radio/radio.h"

#include "mpt.h"

/* uW to W; pJ a bit to J an octet; ns to s. */
#define WATT   1e-6
#define OCTET  (8 * 1e-12)
#define SECOND 1e-9

/* Mean over a cycle in which `on` of `cycle` is spent at on_power, the rest at base. */
static double duty(uint64_t base, uint64_t on_power, uint64_t on, uint64_t cycle)
{
    double b = (double)base;

    if (cycle == 0)
        return b * WATT;
    return (b + ((double)on_power - b) * (double)on / (double)cycle) * WATT;
}

/* LTE's tail: the measured mean, or, with drx_extra, that as the base between the on times of a cycle. */
static double tail_power(const struct mpt_radio_profile *p, uint64_t cycle)
{
    return duty(p->tail_power, p->drx_on_power, p->drx_on, p->drx_extra ? cycle : 0);
}

double mpt_radio_power(const struct mpt_radio_profile *p, uint32_t state)
{
    switch ((enum mpt_radio_state)state) {
    case MPT_RADIO_PROMOTION:
        return (double)p->promotion_power * WATT;
    case MPT_RADIO_ACTIVE:
        return (double)p->active_power * WATT;
    case MPT_RADIO_TAIL_1:
        return tail_power(p, p->short_cycle);
    case MPT_RADIO_TAIL_2:
        return p->kind == MPT_RADIO_3G ? (double)p->fach_power * WATT : tail_power(p, p->long_cycle);
    case MPT_RADIO_TAIL_3:
        return tail_power(p, p->long_cycle);
    default:
        return duty(p->idle_power, p->idle_on_power, p->idle_on, p->idle_cycle);
    }
}

/* Power rises linearly with throughput, so its integral needs the octets only: P = up_energy x bits/s up +
 * down_energy x bits/s down + base. */
double mpt_radio_part_energy(const struct mpt_radio_profile *p, uint32_t state, const struct mpt_radio_part *part)
{
    double up = (double)p->up_energy * (double)part->octets[MPT_RADIO_UP];
    double down = (double)p->down_energy * (double)part->octets[MPT_RADIO_DOWN];

    return mpt_radio_power(p, state) * ((double)part->ns * SECOND) + (up + down) * OCTET;
}

/* With the open interval, and what waits for the promotion. */
double mpt_radio_state_energy(const struct mpt_radio *r, uint32_t state)
{
    struct mpt_radio_part open = r->part;
    double e = mpt_radio_part_energy(r->profile, state, &r->total[state]);

    if (r->state != state)
        return e;
    open.ns = r->at - r->since;
    return e + mpt_radio_part_energy(r->profile, state, &open);
}

double mpt_radio_energy(const struct mpt_radio *r)
{
    double sum = 0;

    for (uint32_t s = 0; s < MPT_RADIO_STATES; s++)
        sum += mpt_radio_state_energy(r, s);
    return sum;
}

/* On a copy, which nobody hears of. */
double mpt_radio_rest(const struct mpt_radio *r)
{
    struct mpt_radio copy = *r;

    copy.sink = NULL;
    while (copy.state != MPT_RADIO_IDLE && copy.until != MPT_NEVER)
        mpt_radio_advance(&copy, copy.until);
    return copy.state == MPT_RADIO_IDLE ? mpt_radio_energy(&copy) - mpt_radio_energy(r) : 0;
}
