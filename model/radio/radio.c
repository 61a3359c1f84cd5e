/* SPDX-License-Identifier: MIT */
/* radio/radio.c - the state machine (see radio.h): which state at which time. Powers are in energy.c. */
#include "radio/radio.h"

#include <string.h>

#include "mpt.h"

/* From the last packet to the end of a state. A state that is not longer than the one before it is skipped. */
static void set_borders(struct mpt_radio *r)
{
    const struct mpt_radio_profile *p = r->profile;
    uint64_t *b = r->border, fach = p->fach < p->tail ? p->tail - p->fach : 0;

    b[MPT_RADIO_ACTIVE] = p->inactivity;
    b[MPT_RADIO_TAIL_1] = b[MPT_RADIO_TAIL_2] = b[MPT_RADIO_TAIL_3] = p->tail;
    if (p->kind == MPT_RADIO_LTE) {
        b[MPT_RADIO_TAIL_1] = p->inactivity + p->short_drx;
        b[MPT_RADIO_TAIL_2] = b[MPT_RADIO_TAIL_1] + p->long_drx;
    } else if (p->kind == MPT_RADIO_3G) {
        b[MPT_RADIO_TAIL_1] = fach;
    }
    /* the connection is released at `tail` whatever the DRX timers say */
    for (int s = MPT_RADIO_ACTIVE; s < MPT_RADIO_STATES; s++)
        if (b[s] > p->tail)
            b[s] = p->tail;
    for (int s = MPT_RADIO_STATES - 1; !p->sleep && s >= MPT_RADIO_ACTIVE; s--) {
        b[s] = MPT_NEVER; /* the last state with a length of its own never ends */
        if (s == MPT_RADIO_ACTIVE || b[s - 1] < p->tail)
            break;
    }
}

/* Begins as if a packet had passed just now, or as if none ever had. */
void mpt_radio_init(struct mpt_radio *r, const struct mpt_radio_profile *profile, uint64_t now)
{
    memset(r, 0, sizeof *r);
    r->profile = profile;
    set_borders(r);
    r->at = r->since = r->last_at = now;
    r->state = profile->start == MPT_RADIO_START_ACTIVE ? MPT_RADIO_ACTIVE : MPT_RADIO_IDLE;
    r->until = MPT_NEVER;
    if (r->state == MPT_RADIO_ACTIVE && r->border[MPT_RADIO_ACTIVE] != MPT_NEVER)
        r->until = now + r->border[MPT_RADIO_ACTIVE];
}

static void add_part(struct mpt_radio_part *sum, const struct mpt_radio_part *part)
{
    sum->ns += part->ns;
    for (int dir = 0; dir < MPT_RADIO_DIRS; dir++) {
        sum->packets[dir] += part->packets[dir];
        sum->octets[dir] += part->octets[dir];
    }
}

/* The stay in the present state is over at `to`. */
static void close_interval(struct mpt_radio *r, uint32_t next, uint64_t to)
{
    struct mpt_radio_interval i = {r->state, next, r->since, to, r->part};

    i.part.ns = to - r->since;
    add_part(&r->total[r->state], &i.part);
    if (r->sink)
        r->sink(r->ctx, &i);
    memset(&r->part, 0, sizeof r->part);
    r->since = to;
}

static void enter_state(struct mpt_radio *r, uint32_t state, uint64_t now)
{
    uint64_t border = r->border[state];

    close_interval(r, state, now);
    r->state = state;
    r->called = 0;
    r->until = state == MPT_RADIO_IDLE || border == MPT_NEVER ? MPT_NEVER : r->last_at + border;
    if (state == MPT_RADIO_ACTIVE) { /* what waited passes now */
        add_part(&r->part, &r->waiting);
        memset(&r->waiting, 0, sizeof r->waiting);
    }
}

/* Towards active: from idle, or from FACH. */
static void promote(struct mpt_radio *r, uint64_t length, uint64_t now)
{
    r->promotions++;
    r->sent = 0;
    r->last_at = now + length;
    enter_state(r, MPT_RADIO_PROMOTION, now); /* its border is 0: it ends at last_at */
}

/* It listens, and somebody has called. */
static void answer_call(struct mpt_radio *r, uint64_t now)
{
    if (r->state == MPT_RADIO_IDLE) {
        promote(r, r->profile->promotion, now);
    } else {
        r->last_at = now;
        enter_state(r, MPT_RADIO_ACTIVE, now);
    }
}

/* The state behind the present one, at its end. */
static void leave_state(struct mpt_radio *r)
{
    uint64_t end = r->until;
    uint32_t s = r->state;

    if (r->called || s == MPT_RADIO_PROMOTION) {
        if (r->called)
            answer_call(r, end);
        else
            enter_state(r, MPT_RADIO_ACTIVE, end);
        return;
    }
    do
        s++;
    while (s < MPT_RADIO_STATES && r->border[s] <= r->border[r->state]);
    enter_state(r, s < MPT_RADIO_STATES ? s : MPT_RADIO_IDLE, end);
}

/* At most one round through the states: idle does not end by itself. A state ends at its border, so at that
 * very moment the next one holds. */
void mpt_radio_advance(struct mpt_radio *r, uint64_t now)
{
    while (r->until <= now)
        leave_state(r);
    if (now > r->at)
        r->at = now;
}

/* Does a packet of this direction wait for the promotion? */
static int holds(struct mpt_radio *r, uint32_t dir)
{
    if (r->profile->hold != MPT_RADIO_HOLD_DOWN)
        return r->profile->hold == MPT_RADIO_HOLD_BOTH;
    r->sent |= dir == MPT_RADIO_UP;
    return !r->sent;
}

/* The next time at which it listens, not before now. Cycles begin with the state, by listening. */
static uint64_t listens_at(const struct mpt_radio *r, uint64_t now)
{
    const struct mpt_radio_profile *p = r->profile;
    uint64_t on = r->state == MPT_RADIO_IDLE ? p->idle_on : p->drx_on, cycle, at;

    if (r->state == MPT_RADIO_IDLE)
        cycle = p->idle_cycle;
    else if (p->kind == MPT_RADIO_LTE && r->state >= MPT_RADIO_TAIL_1)
        cycle = r->state == MPT_RADIO_TAIL_1 ? p->short_cycle : p->long_cycle;
    else
        return now; /* awake */
    if (cycle == 0 || (now - r->since) % cycle < on)
        return now;
    at = now + cycle - (now - r->since) % cycle;
    return at < r->until ? at : r->until; /* the next state begins by listening */
}

/* A packet down that has to wait until somebody listens: 1, with the time at which it can pass. */
static int call(struct mpt_radio *r, uint64_t now, uint64_t *at)
{
    if (!r->profile->listen)
        return 0;
    if (!r->called) {
        uint64_t then = listens_at(r, now);

        if (then <= now)
            return 0;
        r->until = then;
        r->called = 1;
    }
    *at = r->until;
    if (r->state == MPT_RADIO_IDLE && r->profile->hold != MPT_RADIO_HOLD_NONE)
        *at += r->profile->promotion;
    return 1;
}

/* A caller that looks at one direction late may bring an earlier time: the machine does not go back. */
uint64_t mpt_radio_wake(struct mpt_radio *r, uint32_t dir, uint64_t now)
{
    const struct mpt_radio_profile *p = r->profile;
    uint64_t t = now > r->at ? now : r->at, at;

    mpt_radio_advance(r, t);
    if (dir == MPT_RADIO_DOWN && call(r, t, &at))
        return at;
    if (r->state == MPT_RADIO_IDLE)
        promote(r, p->promotion, t);
    else if (p->kind == MPT_RADIO_3G && r->state == MPT_RADIO_TAIL_2 && p->fach_promotion)
        promote(r, p->fach_promotion, t);
    mpt_radio_advance(r, t); /* a promotion of no length is over at once */
    if (r->state == MPT_RADIO_PROMOTION)
        return holds(r, dir) ? r->until : now;
    r->last_at = t;
    if (r->state != MPT_RADIO_ACTIVE)
        enter_state(r, MPT_RADIO_ACTIVE, t);
    else if (r->border[MPT_RADIO_ACTIVE] != MPT_NEVER)
        r->until = t + r->border[MPT_RADIO_ACTIVE];
    mpt_radio_advance(r, t); /* inactivity 0: over at once */
    return now;
}

/* What waits counts to the active state behind: bits cost nothing before they are sent. */
void mpt_radio_carry(struct mpt_radio *r, uint32_t dir, size_t octets)
{
    int waits = r->state == MPT_RADIO_PROMOTION || r->called;
    struct mpt_radio_part *part = waits ? &r->waiting : &r->part;

    part->packets[dir]++;
    part->octets[dir] += octets;
}

void mpt_radio_finish(struct mpt_radio *r, uint64_t now)
{
    mpt_radio_advance(r, now);
    close_interval(r, r->state, now);
}
