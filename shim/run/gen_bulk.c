/* SPDX-License-Identifier: MIT */
/* run/gen_bulk.c - bulk: `size` octets up, down or both ways, as fast as the connection takes them. */
#include "run/generator.h"
#include "run/tables.h"

static void plan(struct plan_of *p, const struct run_config *c, uint64_t seed, uint32_t connection)
{
    (void)seed;
    (void)connection;
    p->bulk[0] = c->direction != DIRECTION_DOWN ? c->bulk_size : 0;
    p->bulk[1] = c->direction != DIRECTION_UP ? c->bulk_size : 0;
}

static void head(FILE *f)
{
    fputs(",last_up_s,last_down_s", f);
}

static void columns(FILE *f, const struct session *s)
{
    tables_time(f, s->read_at[0]);
    tables_time(f, s->read_at[1]);
}

const struct generator gen_bulk = {plan, head, columns};
