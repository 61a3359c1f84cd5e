/* SPDX-License-Identifier: MIT */
/* pm/energyaware.c - the other interface is used when that takes less energy for each bit, after eMPTCP (Lim, Chen, Nahum,
 * Towsley and Gibbens, CoNEXT 2015): joined late, and suspended by MP_PRIO (RFC 8684 3.3.8) while it does not pay.
 *
 * Each pm.energy_period it looks at the rates of every subflow, averaged with weight 1/4. The energy of a bit is the
 * power of what is used, base + (energy of a bit up) x rate up + the same down, divided by the rate. When both together
 * take a tenth less than the best interface alone (least ifid, as wififirst.c), the other is joined, or made regular again;
 * when alone it takes a tenth less, the other becomes a backup. It is not joined before pm.energy_delay has passed or pm.energy_octets, so that
 * short transfers end without it. When the best one fails it joins at once, as breakbeforemake.c.
 *
 * Ours, not eMPTCP's: no Holt-Winters; the best interface is never suspended; a period in which the sender ran out of data
 * (idle bit, or nothing written) can only raise the expected rate, and is no first sample: a slow source is not a slow path.
 * The promotion and the tail of a radio are not in the rule, which is why it waits. The timer runs while the connection lives. */
#include "pm/private.h"

/* Rates in kbit/s, energies in pJ, powers in uW: uW / (kbit/s) = 1000 pJ a bit. */
struct use {
    uint64_t up, down;   /* kbit/s */
    uint64_t power;      /* uW */
};

static void add(struct use *u, uint64_t up, uint64_t down, const uint32_t model[3])
{
    u->up += up;
    u->down += down;
    u->power += model[0] + (model[1] * up + model[2] * down) / 1000;
}

/* pJ a bit */
static uint64_t bit_of(const struct use *u)
{
    return u->power * 1000 / (u->up + u->down);
}

/* At least a tenth less */
static int is_cheaper(const struct use *a, const struct use *b)
{
    return bit_of(a) * 10 <= bit_of(b) * 9;
}

/* Had the sender of most octets of this period nothing left at its end? */
static int ran_out(const struct mpt_conn *c, uint64_t up, uint64_t down)
{
    return down > up ? !c->heard_more : c->snd_nxt >= c->stream.end;
}

/* expected: kbit/s before anything was measured, 0: the first sample. */
static void measure(struct mpt_subflow *sf, uint64_t expected, uint64_t now)
{
    struct mpt_path_rates *r = &sf->rates;
    uint64_t ms = sf->conn->stack->config.pm_energy_period / 1000000;
    uint64_t up = (sf->flow.snd_una - r->sent) * 8 / ms, down = (sf->flow.rcv_nxt - r->received) * 8 / ms;
    uint64_t known = r->up + r->down;

    r->sent = sf->flow.snd_una;
    r->received = sf->flow.rcv_nxt;
    if (!r->since) {
        r->since = now;
        return;
    }
    if (!(up + down) || ((!known || up + down <= known) && ran_out(sf->conn, up, down)))
        return;
    if (!known) { /* the other interface begins with what it is taken for: its first periods are slow start */
        r->up = expected ? expected * up / (up + down) : up;
        r->down = expected ? expected * down / (up + down) : down;
    }
    r->up = (3 * r->up + up) / 4;
    r->down = (3 * r->down + down) / 4;
}

/* The subflow over the best interface that works, and that over another one, alive or under way. */
static struct mpt_subflow *find(struct mpt_conn *c, uint32_t best, int other)
{
    struct mpt_subflow *sf;

    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_subflow_alive(sf) && (sf->flow.ifid == best) != other)
            return sf;
    return NULL;
}

/* 1: both, 0: the best alone, -1: as it is; measured or not, what an unknown interface would do goes the same way. */
static int judge(const struct mpt_subflow *best, const struct mpt_subflow *other)
{
    const struct mpt_config *k = &best->conn->stack->config;
    const uint32_t of_best[3] = { k->pm_energy_best_base, k->pm_energy_best_up, k->pm_energy_best_down };
    const uint32_t of_other[3] = { k->pm_energy_other_base, k->pm_energy_other_up, k->pm_energy_other_down };
    uint64_t up = best->rates.up, down = best->rates.down;
    struct use alone = { 0 }, both = { 0 };

    if (!(up + down))
        return -1;
    add(&alone, up, down, of_best);
    both = alone;
    if (other && other->rates.up + other->rates.down)
        add(&both, other->rates.up, other->rates.down, of_other);
    else
        add(&both, k->pm_energy_rate * up / (up + down), k->pm_energy_rate * down / (up + down), of_other);
    return is_cheaper(&both, &alone) ? 1 : is_cheaper(&alone, &both) ? 0 : -1;
}

static int is_late_enough(const struct mpt_subflow *best, uint64_t now)
{
    const struct mpt_config *k = &best->conn->stack->config;

    return now - best->rates.since >= k->pm_energy_delay || best->rates.sent + best->rates.received >= k->pm_energy_octets;
}

static void decide(struct mpt_conn *c, uint64_t now)
{
    uint32_t ifid = mpt_pm_best(c);
    struct mpt_subflow *best = find(c, ifid, 0), *other = find(c, ifid, 1);
    int both = best && mpt_pm_works(best) ? judge(best, other) : -1;

    if (both < 0)
        return;
    if (!other && both && is_late_enough(best, now) && !mpt_pm_refused(c, now) && mpt_pm_join_fresh(c, now))
        MPT_TRACE(&c->stack->tracer, pm_trigger, c->number, 0, now, MPT_TRIGGER_ENERGY, 0, 0, 0);
    if (other && other->member == MPT_MEMBER_FULL && other->backup == both)
        mpt_prio_set(other, !both, now);
}

static void arm(struct mpt_conn *c, uint64_t now)
{
    if (!mpt_pm_may_join(c))
        return;
    c->pm_at = now + c->stack->config.pm_energy_period;
    mpt_conn_rearm(c);
}

/* sf NULL: a look is due. */
static void timeout(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t now)
{
    struct mpt_subflow *each;
    uint32_t best = mpt_pm_best(c);

    if (!mpt_pm_may_join(c))
        return;
    mpt_pm_recall(c, now);
    if (sf || !mpt_pm_refused(c, now))
        mpt_pm_breakbeforemake.timeout(c, sf, now);
    if (sf)
        return;
    MPT_EACH_SUBFLOW(c, each)
        if (each->member == MPT_MEMBER_FULL)
            measure(each, each->flow.ifid == best ? 0 : c->stack->config.pm_energy_rate, now);
    decide(c, now);
    arm(c, now);
}

static void address_up(struct mpt_conn *c, uint32_t slot, uint64_t now)
{
    mpt_pm_breakbeforemake.address_up(c, slot, now);
}

static void address_down(struct mpt_conn *c, uint64_t now)
{
    mpt_pm_breakbeforemake.address_down(c, now);
}

const struct mpt_pm_ops mpt_pm_energyaware = { .name = "energy-aware", .confirmed = arm, .address_up = address_up,
                                               .address_down = address_down, .timeout = timeout, .silent = mpt_pm_silent };
