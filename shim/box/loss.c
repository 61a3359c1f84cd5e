/* SPDX-License-Identifier: MIT */
/* loss.c - Bernoulli and Gilbert-Elliott losses (see loss.h). Called by link.c once per packet. */
#include "box/loss.h"

/* A burst shorter than a packet is none. The stream is copied: it is this direction's own. */
void loss_init(struct loss *loss, uint32_t model, double rate, double burst, const struct rng *rng)
{
    loss->model = model;
    loss->bad = 0;
    loss->burst = burst >= 1 ? burst : 1;
    loss->rng = *rng;
    loss_set_rate(loss, model == LOSS_NONE ? 0 : rate);
}

/* Gilbert-Elliott with everything lost in the bad state: its mean stay is `burst` packets, and
 * the share of time in it is `rate`. */
void loss_set_rate(struct loss *loss, double rate)
{
    if (rate > 0 && loss->model == LOSS_NONE)
        loss->model = LOSS_UNIFORM;
    loss->rate = rate;
    loss->leave = rate < 1 ? 1 / loss->burst : 0;
    /* A rate so high that the good state would have to be shorter than one packet is cut: enter <= 1. */
    loss->enter = rate < 1 ? rate / (loss->burst * (1 - rate)) : 1;
    if (rate <= 0)
        loss->bad = 0;
}

/* The draw is made even when the answer is known: the n-th packet meets the n-th draw in every variant. */
int loss_next(struct loss *loss)
{
    double u = rng_uniform(&loss->rng);

    if (loss->model == LOSS_UNIFORM)
        return u < loss->rate;
    if (loss->model != LOSS_BURST)
        return 0;
    loss->bad = loss->bad ? u >= loss->leave : u < loss->enter;
    return (int)loss->bad;
}
