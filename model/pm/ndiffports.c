/* SPDX-License-Identifier: MIT */
/* pm/ndiffports.c - pm.ndiffports subflows between the same two addresses, with different source ports (RFC 8684 2.2:
 * a subflow is a 4-tuple; Raiciu et al., "Improving Datacenter Performance and Robustness with Multipath TCP", SIGCOMM
 * 2011): routers that hash ports spread them over their paths. */
#include "pm/private.h"

/* Counts what lives; a join that fails is made good when the path manager is asked again. */
static void fill(struct mpt_conn *c, uint64_t now)
{
    struct mpt_address *a = mpt_stack_address(c->stack, &c->local);

    if (c->passive || !a || !a->up || c->state == MPT_CONN_CLOSED)
        return;
    for (uint32_t n = mpt_subflow_count(c); n < c->stack->config.pm_ndiffports; n++)
        if (!mpt_pm_join_again(c, a, 0, 0, now))
            return;
}

static void address_up(struct mpt_conn *c, uint32_t slot, uint64_t now)
{
    (void)slot;
    fill(c, now);
}

/* Time-outs of a subflow that lives change nothing; one that ended is replaced. */
static void timeout(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t now)
{
    if (!sf || !mpt_subflow_alive(sf))
        fill(c, now);
}

const struct mpt_pm_ops mpt_pm_ndiffports = { .name = "ndiffports", .confirmed = fill, .address_up = address_up,
                                              .timeout = timeout };
