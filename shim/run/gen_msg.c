/* SPDX-License-Identifier: MIT */
/* run/gen_msg.c - msg: a request each `interval`, each answered; with `wait` one at a time. */
#include "run/generator.h"

static void plan(struct plan_of *p, const struct run_config *c, uint64_t seed, uint32_t connection)
{
    struct item item = {.up = c->request, .down = c->response};
    uint64_t first = network_first_request(c, seed, connection - 1);

    p->lane[0].name = "msg";
    p->lanes = 1;
    for (uint64_t i = 0; i < c->count; i++) {
        item.gate = c->wait && i > 0 ? GATE_ANSWERED : GATE_CLOCK;
        item.at = item.gate == GATE_ANSWERED ? c->interval : first + i * c->interval;
        generator_add(&p->lane[0], &item);
    }
}

const struct generator gen_msg = {plan, NULL, NULL};
