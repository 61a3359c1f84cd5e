/* SPDX-License-Identifier: MIT */
/* run/gen_phone.c - phone: a day of a phone, squeezed into `traffic.for`: each connection is a flow of its own.
 *
 * After "A First Analysis of Multipath TCP on Smartphones" (De Coninck, Baerts, Hesmans, Bonaventure, PAM 2016): most
 * connections are short and carry little, some stay open long and are nearly always idle, few carry most of the octets.
 * That much is the paper's. Every number here is our shape and a key: the shares of the three classes, lognormal sizes,
 * exponential gaps of the idle ones, and openings spread evenly over the day. */
#include "run/generator.h"
#include "run/player.h"
#include "run/tables.h"

enum { SIZE_MOST = 1000000000 };

static void add(struct plan_of *p, const struct run_config *c, uint64_t at, uint64_t down)
{
    struct item item = {.at = at, .up = c->phone.request, .down = down};

    generator_add(&p->lane[0], &item);
}

/* Something small now and then for as long as the flow lives: notifications, keepalives. */
static void plan_idle(struct plan_of *p, const struct run_config *c, struct rng *rng)
{
    double gap = (double)c->phone.gap / 1e9;
    uint64_t at = 0;

    p->flow = "idle";
    do
        add(p, c, at, (uint64_t)generator_lognormal(rng, (double)c->phone.little, 1, 1, SIZE_MOST));
    while (p->open_at + (at += generator_ns(generator_exponential(rng, gap))) < c->traffic_for);
}

static void plan(struct plan_of *p, const struct run_config *c, uint64_t seed, uint32_t connection)
{
    const struct phone_config *k = &c->phone;
    struct rng rng;
    double class;

    generator_stream(&rng, seed, "phone", connection);
    p->lanes = 1;
    p->lane[0].name = "flow";
    p->open_at = (uint64_t)(rng_uniform(&rng) * (double)c->traffic_for);
    class = rng_uniform(&rng);
    if (class < k->idle) {
        plan_idle(p, c, &rng);
    } else if (class < k->idle + k->elephants) {
        p->flow = "elephant";
        add(p, c, 0, (uint64_t)generator_lognormal(&rng, (double)k->large, 1, 1, SIZE_MOST));
    } else {
        p->flow = "short";
        add(p, c, 0, (uint64_t)generator_lognormal(&rng, (double)k->small, k->sigma, 1, SIZE_MOST));
    }
}

static void head(FILE *f)
{
    fputs(",flow,opened_s", f);
}

static void columns(FILE *f, const struct session *s)
{
    fprintf(f, ",%s", s->player->plan.flow);
    tables_time(f, s->player->opened_at);
}

const struct generator gen_phone = {plan, head, columns};
