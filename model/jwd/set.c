/* SPDX-License-Identifier: MIT */
/* jwd/set.c - the set of verified R_I: only randoms whose record had a good tag enter, so a stranger cannot fill it;
 * none leaves, so nothing is replayed; full means no early acceptance, not risk (jwd/README.md 2.5.2). */
#include "jwd/set.h"

#include "jwd/private.h"

/* At most 1,024 numbers, looked at once a join: a list will do. */
int mpt_jwd_set_find(const struct mpt_conn *c, uint32_t r)
{
    for (uint32_t i = 0; i < c->jwd_count; i++)
        if (c->jwd_set[i].r == r)
            return c->jwd_set[i].closed ? 2 : 1;
    return 0;
}

int mpt_jwd_set_full(const struct mpt_conn *c)
{
    return c->jwd_count >= JWD_SET_MAX;
}

int mpt_jwd_set_add(struct mpt_conn *c, uint32_t r)
{
    if (mpt_mem_grow(&c->stack->mem, &c->jwd_set, &c->jwd_room, c->jwd_count + 1, sizeof *c->jwd_set) < 0)
        return MPT_ENOMEM;
    c->jwd_set[c->jwd_count].r = r;
    c->jwd_set[c->jwd_count++].closed = 0;
    return 0;
}

/* Plain joins enter here too: their random is spent (2.5.4). A full set takes no more and loses nothing. */
int mpt_jwd_set_close(struct mpt_conn *c, uint32_t r)
{
    int known = mpt_jwd_set_find(c, r);

    if (!known && mpt_jwd_set_full(c))
        return 0;
    if (!known && mpt_jwd_set_add(c, r) < 0)
        return MPT_ENOMEM;
    for (uint32_t i = 0; i < c->jwd_count; i++)
        if (c->jwd_set[i].r == r)
            c->jwd_set[i].closed = 1;
    return 0;
}

void mpt_jwd_set_free(struct mpt_conn *c)
{
    mpt_mem_free(&c->stack->mem, c->jwd_set, c->jwd_room * sizeof *c->jwd_set);
    c->jwd_set = NULL;
    c->jwd_count = c->jwd_room = 0;
}
