/* SPDX-License-Identifier: MIT */
/* api/tune.c - what one connection may have otherwise than its stack: mpt_conn_set (mpt.h; RFC 9293 3.9.1 and 3.8.4
 * want Nagle and keep-alive switched per connection). All subflows, present and future, follow, as in Linux. */
#include <string.h>

#include "conn/conn.h"

static const char *const tunable[] = { "tcp.nagle", "tcp.keepalive", "tcp.keepalive_interval",
                                       "tcp.keepalive_probes" };

static int is_tunable(const char *key)
{
    for (size_t i = 0; i < sizeof tunable / sizeof tunable[0]; i++)
        if (!strcmp(tunable[i], key))
            return 1;
    return 0;
}

/* The same parser as for the stack, so units and ranges are the same. */
static void fill_config(struct mpt_config *config, const struct mpt_flow_tuning *t)
{
    config->tcp_nagle = t->nagle;
    config->tcp_keepalive = t->keepalive;
    config->tcp_keepalive_interval = t->keepalive_interval;
    config->tcp_keepalive_probes = t->keepalive_probes;
}

static void take_config(struct mpt_flow_tuning *t, const struct mpt_config *config)
{
    t->nagle = config->tcp_nagle;
    t->keepalive = config->tcp_keepalive;
    t->keepalive_interval = config->tcp_keepalive_interval;
    t->keepalive_probes = config->tcp_keepalive_probes;
}

/* Made at the first call only: most connections never differ. */
int mpt_conn_set(struct mpt_conn *c, const char *key, const char *value, uint64_t now)
{
    struct mpt_config config = c->stack->config;
    struct mpt_subflow *sf;
    int r;

    if (!is_tunable(key))
        return MPT_ENOENT;
    if (c->tuning)
        fill_config(&config, c->tuning);
    r = mpt_config_set(&config, key, value);
    if (r < 0)
        return r;
    if (!c->tuning)
        c->tuning = mpt_mem_zalloc(&c->stack->mem, sizeof *c->tuning);
    if (!c->tuning)
        return MPT_ENOMEM;
    take_config(c->tuning, &config);
    MPT_EACH_SUBFLOW(c, sf) {
        sf->flow.tuning = c->tuning;
        mpt_flow_tuned(&sf->flow, now);
    }
    mpt_conn_kick(c); /* octets that Nagle held back may leave now */
    return 0;
}
