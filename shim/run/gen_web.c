/* SPDX-License-Identifier: MIT */
/* run/gen_web.c - web: pages of a main object and what is embedded in it, on one persistent connection.
 *
 * The shape and its numbers are the HTTP model of IEEE 802.16m-08/004r5 (Evaluation Methodology, section 10), also in
 * 3GPP TR 25.892 annex A: sizes of main and embedded objects lognormal (mu 8.37, sigma 1.37; mu 6.17, sigma 2.36; drawn
 * again outside 100 B and 50 B to 2 MB), objects per page a Pareto number (shape 1.1, least 2, at most 55) less 2,
 * requests of 350 octets, parsing exponential with 0.13 s, reading exponential with 30 s. Quoted from memory.
 * Ours: embedded objects are all asked for at once; reading begins with the last octet of the page. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/generator.h"
#include "run/player.h"
#include "run/pool.h"
#include "run/tables.h"

enum { PARETO_LEAST = 2, MAIN_LEAST = 100, OBJECT_LEAST = 50, OBJECT_MOST = 2000000 };

/* Objects embedded in a page. */
static uint64_t draw_objects(struct rng *rng, uint64_t most)
{
    double x = PARETO_LEAST / pow(1 - rng_uniform(rng), 1 / 1.1);
    double least = (double)most + PARETO_LEAST;

    return (uint64_t)((x < least ? x : least) - PARETO_LEAST);
}

/* GATE_TOGETHER items leave with the first embedded object. */
static void plan_page(struct lane_plan *l, const struct web_config *k, struct rng *rng, uint32_t page, uint64_t first)
{
    struct item item = {.up = k->request, .group = page};
    uint64_t objects;

    item.gate = page == 0 ? GATE_CLOCK : GATE_ANSWERED;
    item.at = page == 0 ? first : 0;
    item.think = page == 0 ? 0 : generator_ns(generator_exponential(rng, (double)k->think / 1e9));
    item.down = (uint64_t)generator_lognormal(rng, (double)k->main, k->main_sigma, MAIN_LEAST, OBJECT_MOST);
    generator_add(l, &item);
    objects = draw_objects(rng, k->objects);
    item.at = 0;
    item.think = generator_ns(generator_exponential(rng, (double)k->parse / 1e9));
    for (uint64_t i = 0; i < objects; i++) {
        item.gate = i == 0 ? GATE_ANSWERED : GATE_TOGETHER;
        item.down = (uint64_t)generator_lognormal(rng, (double)k->object, k->object_sigma, OBJECT_LEAST, OBJECT_MOST);
        generator_add(l, &item);
    }
}

static void plan(struct plan_of *p, const struct run_config *c, uint64_t seed, uint32_t connection)
{
    uint64_t first = network_first_request(c, seed, connection - 1);
    struct rng rng;

    generator_stream(&rng, seed, "web", connection);
    p->lanes = 1;
    p->lane[0].name = "web";
    for (uint32_t page = 0; page < c->web.pages; page++)
        plan_page(&p->lane[0], &c->web, &rng, page, first);
}

static void head(FILE *f)
{
    fputs(",pages,pages_done,page_max_s,page_median_s", f);
}

/* A page is done with its last object; one that was begun and not done counts with the time it has waited. */
static void columns(FILE *f, const struct session *s)
{
    uint64_t pages = 0, done = 0, *t = pool_grow(NULL, (size_t)(s->asked + 1) * sizeof *t);
    const struct item *item = s->asked > 0 ? s->player->plan.lane[0].item : NULL;

    for (uint64_t i = 0, j; i < s->asked; i = j) {
        uint64_t end = 0;
        int whole = 1;

        for (j = i; j < s->player->items && item[j].group == item[i].group; j++) {
            whole &= s->request[j].answered_at != 0;
            end = s->request[j].answered_at;
        }
        done += whole != 0;
        t[pages++] = (whole ? end : s->run->ended_at) - s->request[i].sent_at;
    }
    fprintf(f, ",%llu,%llu", (unsigned long long)pages, (unsigned long long)done);
    tables_spread(f, t, (size_t)pages);
    free(t);
}

const struct generator gen_web = {plan, head, columns};
