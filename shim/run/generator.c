/* SPDX-License-Identifier: MIT */
/* run/generator.c - the table of generators and the distributions they draw from; see generator.h. */
#include "run/generator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/pool.h"

/* In the order of the words in schema.def. */
const struct generator *generator_of(uint32_t kind)
{
    static const struct generator *const table[] = {
        [TRAFFIC_MSG] = &gen_msg,       [TRAFFIC_BULK] = &gen_bulk, [TRAFFIC_SIRI] = &gen_siri,
        [TRAFFIC_SIRIMSG] = &gen_sirimsg, [TRAFFIC_WEB] = &gen_web, [TRAFFIC_STREAM] = &gen_stream,
        [TRAFFIC_ONOFF] = &gen_onoff,   [TRAFFIC_PHONE] = &gen_phone,
    };

    return table[kind];
}

void generator_clear(struct plan_of *p)
{
    for (size_t i = 0; i < p->lanes; i++)
        free(p->lane[i].item);
    memset(p, 0, sizeof *p);
}

void generator_add(struct lane_plan *l, const struct item *item)
{
    if (l->items == l->room) {
        l->room = l->room != 0 ? 2 * l->room : 16;
        l->item = pool_grow(l->item, l->room * sizeof *l->item);
    }
    l->item[l->items++] = *item;
}

void generator_stream(struct rng *rng, uint64_t seed, const char *what, uint32_t connection)
{
    char purpose[64];

    snprintf(purpose, sizeof purpose, "traffic.%s/%u", what, connection);
    rng_init(rng, seed, purpose);
}

/* By the inverse of the distribution function; 1 - u is never 0. */
double generator_exponential(struct rng *rng, double mean)
{
    return -mean * log(1 - rng_uniform(rng));
}

double generator_pareto(struct rng *rng, double mean, double shape)
{
    double least = mean * (shape - 1) / shape;

    return least / pow(1 - rng_uniform(rng), 1 / shape);
}

/* Box and Muller (1958), one of the two: a fixed number of draws for each try. */
static double draw_normal(struct rng *rng)
{
    double r = sqrt(-2 * log(1 - rng_uniform(rng)));

    return r * cos(6.283185307179586 * rng_uniform(rng));
}

/* Bounds far out in a tail would never be met: after enough tries the nearest one is taken. */
double generator_lognormal(struct rng *rng, double median, double sigma, double low, double high)
{
    double x = median;

    for (int i = 0; i < 1000; i++) {
        x = median * exp(sigma * draw_normal(rng));
        if (x >= low && x <= high)
            return x;
    }
    return x < low ? low : high;
}

uint64_t generator_ns(double seconds)
{
    double ns = seconds * 1e9;

    return ns < 1 ? 1 : ns > 1e17 ? (uint64_t)1e17 : (uint64_t)ns;
}
