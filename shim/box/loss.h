/* SPDX-License-Identifier: MIT */
/* loss.h - loss processes: independent (Bernoulli) and in bursts (Gilbert-Elliott).
 *
 * Gilbert, "Capacity of a burst-noise channel" (1960), in its simple form: a good state that loses
 * nothing and a bad state that loses all, one step per packet. Mean loss rate p and mean burst length
 * b (packets) give P(bad to good) = 1/b and P(good to bad) = p / (b (1 - p)). Used by link.c. */
#ifndef BOX_LOSS_H
#define BOX_LOSS_H

#include "rng.h"
#include "shim.h"

struct loss {
    uint32_t model;      /* enum loss_model */
    uint32_t bad;        /* LOSS_BURST: in the bad state */
    double rate;         /* mean loss rate */
    double burst;        /* LOSS_BURST: mean burst length, >= 1 */
    double enter, leave; /* LOSS_BURST: step probabilities into and out of the bad state */
    struct rng rng;      /* one draw per packet, whatever the model */
};

/* model: enum loss_model of shim.h; rate: mean loss; burst: mean length in packets. */
void loss_init(struct loss *loss, uint32_t model, double rate, double burst, const struct rng *rng);
/* A new mean rate; a loss-free link becomes one with independent losses. */
void loss_set_rate(struct loss *loss, double rate);
/* 1: this packet is lost. */
int loss_next(struct loss *loss);

#endif
