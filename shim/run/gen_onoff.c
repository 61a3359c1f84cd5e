/* SPDX-License-Identifier: MIT */
/* run/gen_onoff.c - onoff: constant rate while on, silence while off, both times exponential or Pareto.
 *
 * Pareto times with a shape between 1 and 2 on many connections add up to self-similar traffic (Willinger, Taqqu,
 * Sherman, Wilson, IEEE/ACM ToN 5(1), 1997). Means, rate and the pieces of a burst are ours. Direction up or down. */
#include "run/generator.h"
#include "run/player.h"
#include "run/tables.h"

static uint64_t draw(struct rng *rng, const struct onoff_config *k, uint64_t mean)
{
    double seconds = (double)mean / 1e9;

    return generator_ns(k->distribution == ONOFF_PARETO ? generator_pareto(rng, seconds, k->shape)
                                                        : generator_exponential(rng, seconds));
}

/* The last piece of a burst may be short, and a burst that is shorter than a piece is one. */
static void plan_burst(struct lane_plan *l, const struct run_config *c, struct item *item, uint64_t until)
{
    const struct onoff_config *k = &c->onoff;

    for (uint64_t part; item->at < until; item->at += part) {
        uint64_t n;

        part = until - item->at < k->piece ? until - item->at : k->piece;
        n = (uint64_t)((double)k->rate / 8 * (double)part / 1e9);
        n = n > 0 ? n : 1;
        item->up = c->direction == DIRECTION_UP ? n : 0;
        item->down = c->direction == DIRECTION_UP ? 0 : n;
        generator_add(l, item);
    }
}

static void plan(struct plan_of *p, const struct run_config *c, uint64_t seed, uint32_t connection)
{
    struct item item = {.at = network_first_request(c, seed, connection - 1)};
    uint64_t end = item.at + c->traffic_for;
    struct rng rng;

    generator_stream(&rng, seed, "onoff", connection);
    p->lanes = 1;
    p->lane[0].name = "piece";
    for (; item.at < end; item.group++) {
        uint64_t until = item.at + draw(&rng, &c->onoff, c->onoff.on);

        plan_burst(&p->lane[0], c, &item, until < end ? until : end);
        item.at += draw(&rng, &c->onoff, c->onoff.off);
    }
}

static void head(FILE *f)
{
    fputs(",bursts", f);
}

static void columns(FILE *f, const struct session *s)
{
    const struct request *last = s->asked > 0 ? &s->request[s->asked - 1] : NULL;

    fprintf(f, ",%u", last != NULL ? s->player->plan.lane[0].item[last->item].group + 1 : 0);
}

const struct generator gen_onoff = {plan, head, columns};
