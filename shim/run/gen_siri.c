/* SPDX-License-Identifier: MIT */
/* run/gen_siri.c - siri and sirimsg, the traffic of MultiMob's experiments (De Coninck and Bonaventure, Networking 2018).
 *
 * siri: a query of 2500 octets every 333 ms, written in chunks of 85 to 500, an answer of 750, at most 9 queries without
 * an answer, for 30 s. sirimsg: bursts of 9 such queries and 5 s of pause, beside messages every 0.1 s on the same
 * connection. These numbers are the paper's; ours is: chunk sizes are uniform and written at one moment, a query that
 * the window keeps back leaves with the next answer and its delay counts from there, the pause counts from the last
 * query of a burst, and messages have the sizes of msg. */
#include "run/generator.h"
#include "run/tables.h"

#include "run/player.h"

enum { LANE_SIRI, LANE_MSG };

/* Times of queries: `burst` 0 is without end. */
static void queries(struct plan_of *p, const struct run_config *c, uint64_t first, uint64_t burst)
{
    const struct siri_config *k = &c->siri;
    struct item item = {.up = k->query, .down = k->answer, .chunks = 1,
                        .chunk_low = (uint32_t)k->chunk_least, .chunk_high = (uint32_t)k->chunk_most};
    struct lane_plan *l = &p->lane[LANE_SIRI];
    uint64_t n = 0;

    l->name = "siri";
    l->window = k->window;
    p->lanes = 1;
    for (item.at = first; item.at < first + c->traffic_for; item.group += burst != 0 && n % burst == 0) {
        generator_add(l, &item);
        item.at += burst != 0 && ++n % burst == 0 ? k->pause : k->interval;
    }
}

static void plan_siri(struct plan_of *p, const struct run_config *c, uint64_t seed, uint32_t connection)
{
    queries(p, c, network_first_request(c, seed, connection - 1), 0);
}

/* Messages have a phase of their own. */
static void plan_sirimsg(struct plan_of *p, const struct run_config *c, uint64_t seed, uint32_t connection)
{
    struct item item = {.up = c->request, .down = c->response};
    uint64_t first;
    struct rng rng;

    queries(p, c, network_first_request(c, seed, connection - 1), c->siri.burst);
    generator_stream(&rng, seed, "sirimsg.msg", connection);
    first = (uint64_t)(rng_uniform(&rng) * (double)c->siri.msg_interval);
    p->lane[LANE_MSG].name = "msg";
    p->lanes = 2;
    for (item.at = first; item.at < first + c->traffic_for; item.at += c->siri.msg_interval)
        generator_add(&p->lane[LANE_MSG], &item);
}

static void head_siri(FILE *f)
{
    fputs(",held", f);
}

static void columns_siri(FILE *f, const struct session *s)
{
    fprintf(f, ",%llu", (unsigned long long)s->player->lane[LANE_SIRI].held);
}

static void head_sirimsg(FILE *f)
{
    fputs(",held,siri_max_delay_s,siri_median_delay_s,msg_max_delay_s,msg_median_delay_s", f);
}

static void columns_sirimsg(FILE *f, const struct session *s)
{
    columns_siri(f, s);
    tables_delays(f, s, LANE_SIRI);
    tables_delays(f, s, LANE_MSG);
}

const struct generator gen_siri = {plan_siri, head_siri, columns_siri};
const struct generator gen_sirimsg = {plan_sirimsg, head_sirimsg, columns_sirimsg};
