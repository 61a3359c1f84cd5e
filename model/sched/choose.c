/* SPDX-License-Identifier: MIT */
/* sched/choose.c - classes of subflows, and the pieces that more than one scheduler uses (RFC 8684 3.3.6, 3.3.8). */
#include "sched/choose.h"

enum { UNUSABLE = 3, NOBODY = 4 };

int mpt_choose_class(const struct mpt_subflow *sf)
{
    if (!mpt_subflow_usable(sf))
        return UNUSABLE;
    /* A stray segment proves that the path lives, not that it carries our octets: while they time out and none is
     * acknowledged, the others come first. */
    if (sf->stale || sf->flow.rto_count)
        return 2;
    return sf->backup || sf->peer_backup;
}

/* Nobody is of the class NOBODY: a join that waits for its fourth ACK gets no octets (RFC 8684 3.2) just because all
 * the others are gone. */
int mpt_choose_best(const struct mpt_conn *c)
{
    struct mpt_subflow *sf;
    int best = NOBODY;

    MPT_EACH_SUBFLOW(c, sf) {
        int class = mpt_choose_class(sf);

        best = class < UNUSABLE && class < best ? class : best;
    }
    return best;
}

static uint64_t rtt_of(const struct mpt_subflow *sf)
{
    return sf->flow.srtt ? sf->flow.srtt : UINT64_MAX; /* no sample: after all the others */
}

struct mpt_subflow *mpt_choose_fastest(struct mpt_conn *c, int class, const struct mpt_subflow *skip, uint64_t now)
{
    struct mpt_subflow *sf, *best = NULL;

    MPT_EACH_SUBFLOW(c, sf) {
        if (sf == skip || mpt_choose_class(sf) != class || !mpt_flow_room(&sf->flow, now))
            continue;
        if (!best || rtt_of(sf) < rtt_of(best))
            best = sf;
    }
    return best;
}

/* The fastest of the class, room or not. Nobody waits for one whose closed window two probes have not opened (RFC 9293 3.8.6.1):
 * it may stay so for ever. */
static struct mpt_subflow *leader(struct mpt_conn *c, int class)
{
    struct mpt_subflow *sf, *best = NULL;

    MPT_EACH_SUBFLOW(c, sf)
        if (mpt_choose_class(sf) == class && sf->flow.srtt && sf->flow.persist_count < 2 && (!best || sf->flow.srtt < best->flow.srtt))
            best = sf;
    return best;
}

struct mpt_subflow *mpt_choose_unless(struct mpt_conn *c,
                                      int (*would_block)(struct mpt_conn *, const struct mpt_subflow *fast,
                                                         const struct mpt_subflow *slow, uint64_t now),
                                      uint64_t now)
{
    int class = mpt_choose_best(c);
    struct mpt_subflow *sf = mpt_choose_fastest(c, class, NULL, now), *fast;

    if (!sf || c->subflow_count < 2)
        return sf;
    fast = leader(c, class);
    return fast && fast != sf && would_block(c, fast, sf, now) ? NULL : sf;
}

struct mpt_subflow *mpt_choose_holdup(struct mpt_conn *c, struct mpt_subflow **faster, uint64_t *to, uint64_t now)
{
    struct mpt_subflow *slow = mpt_reinject_holder(c, c->stream.acked, to);

    if (!slow)
        return NULL;
    *faster = mpt_choose_fastest(c, mpt_choose_best(c), slow, now);
    return *faster && (*faster)->flow.srtt < slow->flow.srtt ? slow : NULL;
}

/* Octets to be sent again go to any class that can take them but not to who holds them: TCP repeats there anyway. What
 * nobody holds and nobody acknowledges by DATA_ACK went into a hole there: every second time another one gets it. */
struct mpt_subflow *mpt_choose_again(struct mpt_conn *c, uint64_t at, uint64_t now)
{
    uint64_t end;
    struct mpt_subflow *holder = mpt_reinject_holder(c, at, &end), *other;
    int class = mpt_choose_best(c);

    if (class == 3 || (class == 2 && holder))
        return NULL;
    if (!holder && mpt_dack_elsewhere(c, at)) {
        other = mpt_choose_fastest(c, class, leader(c, class), now);
        if (other)
            return other;
    }
    return mpt_choose_fastest(c, class, holder, now);
}

const struct mpt_sched_ops *mpt_sched_find(uint32_t sched)
{
    switch (sched) {
    case MPT_SCHED_SERVER:
        return &mpt_sched_server;
    case MPT_SCHED_ROUNDROBIN:
        return &mpt_sched_roundrobin;
    case MPT_SCHED_REDUNDANT:
        return &mpt_sched_redundant;
    case MPT_SCHED_BLEST:
        return &mpt_sched_blest;
    default:
        return &mpt_sched_minrtt;
    }
}
